"""Periods that end before they begin."""

from __future__ import annotations

import pytest
from detected import NASTY, found
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("11月23日〜21日", "21日"),
        ("１１月２３日（月）から１１月２１日（土）まで", "１１月２１日"),
        ("2026年12月1日〜2026年3月31日", "2026年3月31日"),
        ("令和8年4月1日から令和7年3月31日まで", "令和7年3月31日"),
        ("11/23(月)10:00〜11/21(土)", "11/21"),
        ("令和元年4月の開館", "令和元年4月"),
    ],
)
def test_a_last_day_before_the_first_is_found(text: str, place: str) -> None:
    assert found("time", text) == [place]


@pytest.mark.parametrize(
    "text",
    [
        "11月21日(土)〜23日(月)",
        "11月30日(月)〜1日(火)",
        "12月1日〜3月31日",
        "4月1日から3月31日まで",
        "令和8年12月1日〜令和9年3月31日",
        "2026年12月28日から2027年1月4日まで",
        "11月23日から3日間",
        "11月23日から14日間",
        "11/23〜11/25 10:00〜9:00",
        "令和元年5月1日、令和元年12月",
        "11月23日〜",
        "",
    ],
)
def test_a_period_that_runs_forward_is_left_alone(text: str) -> None:
    assert found("time", text) == []


def test_no_municipal_announcement_runs_backwards(municipal: list[str]) -> None:
    assert [text for text in municipal if found("time", text)] == []


@given(st.lists(st.sampled_from(NASTY) | st.sampled_from("0123456789年月日〜(/月)から令和元"), max_size=30).map("".join))
def test_whatever_the_text_its_periods_are_read(text: str) -> None:
    assert all(found("time", text))
