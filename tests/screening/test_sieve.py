"""What the sieve looks for before it asks anything: signs without which no guard can match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.screening.detectors import GUARDS, SIGNS
from daemon.screening.evasions import CLOSES, MASKS_A_LETTER, MAY_HIDE, signs
from daemon.screening.fold import fold, fold_all

GUARDED = {**{GUARDS[name]: found for name, found in SIGNS.items()}, CLOSES: signs(), MASKS_A_LETTER: signs(), MAY_HIDE: signs()}


@pytest.mark.parametrize("guard", GUARDED)
def test_whatever_a_guard_matches_holds_one_of_its_signs(guard: str) -> None:
    @settings(max_examples=150, deadline=None)
    @given(st.from_regex(re.compile(guard)))
    def holds(text: str) -> None:
        assert any(sign in text for sign in GUARDED[guard]), text

    holds()


def test_everything_with_signs_has_a_guard() -> None:
    assert SIGNS.keys() <= GUARDS.keys()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.text(
            st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("！？ｶﾞか\u3099\u200bＡ\n㍿髙é\u0301あ\ufe0f"))
        ),
        max_size=30,
    )
)
def test_many_texts_fold_to_what_each_of_them_folds_to(texts: list[str]) -> None:
    folded = fold_all(texts).forms
    assert list(folded) == [fold(text) for text in texts]
    assert [a is b for a, b in zip(texts, folded, strict=True)] == [fold(text) is text for text in texts]


def test_what_comes_often_in_many_texts_folds_as_what_comes_once() -> None:
    texts = [f"！{number}？" for number in range(40)] + ["Ａ", "か\u3099", "", "\n\n", "うｶﾞ\n！"]
    assert list(fold_all(texts).forms) == [fold(text) for text in texts]
