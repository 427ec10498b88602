"""Spans of a text, asked what they hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daemon.screening.hit import Spans

PLACES = st.tuples(st.integers(0, 30), st.integers(0, 30))


@given(st.lists(PLACES), PLACES)
def test_a_place_is_held_where_one_of_the_spans_reaches_round_it(spans: list[tuple[int, int]], place: tuple[int, int]) -> None:
    start, end = place
    assert Spans(spans).hold(start, end) is any(first <= start and end <= last for first, last in spans)


def test_without_spans_nothing_is_held() -> None:
    assert not Spans(()).hold(0, 0)
