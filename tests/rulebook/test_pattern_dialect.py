"""The dialect of patterns: what they mean in Japanese, and what is refused with advice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.rulebook.patterns import LONGEST, PatternError, compile_pattern, rewrite


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"\d+", "あと１２日", "１２"),
        (r"\D+", "12あ３", "あ"),
        (r"\w+", "、町会_A、", "町会_A"),
        (r"\W+", "町、 会", "、 "),
        (r"\s", "町\u3000会", "\u3000"),
        (r"\S+", "\u3000町会\u3000", "町会"),
        (r"[\d年]+", "令和８年", "８年"),
        (r"[^\d]+", "12年３", "年"),
        (r"[^\w]+", "町！？会", "！？"),
        (r"[\w-]+", "（町-会）", "町-会"),
        (r"[-\w]+", "（町-会）", "町-会"),
        (r"[]\d]+", "a]９b", "]９"),
        (r"[^]\d]+", "]９b]", "b"),
        (r"[[:alpha:]\d]+", "（aB９）", "aB９"),
        (r"\u3042+", "いああ", "ああ"),
        (r"[\u3041-\u3096]+", "町かいか", "かいか"),
        (r"\U0001F6A8", "警報🚨", "🚨"),
        (r"\\d", r"字面\d", r"\d"),
        (r"\Q\d\E\d", r"\d９", r"\d９"),
        (r"\(\?=", "顔文字(?=)", "(?="),
        (r"候補.{0,9}投票", "候補者に投票を", "候補者に投票"),
    ],
)
def test_a_pattern_means_in_japanese_what_a_person_expects(pattern: str, text: str, found: str) -> None:
    match = compile_pattern(pattern).search(text)
    assert match is not None
    assert match[0] == found


@pytest.mark.parametrize(
    ("pattern", "advice"),
    [
        ("(?=候補)", "unless"),
        ("(?!候補)", "unless"),
        ("(?<=候補)者", "unless"),
        ("(?<!候補)者", "unless"),
        (r"\b候補\b", "boundary"),
        (r"\B", "boundary"),
        (r"[\W]", r"[^…]"),
        (r"[^\S]", r"[^…]"),
        (r"\u30", "3042"),
        (r"(候補)\1", "RE2"),
        ("(", "RE2"),
        ("\\", "RE2"),
        (r"[\w]{900}", "大きすぎ"),
        (r"((a{100}){100}){100}", "RE2"),
        ("あ" * (LONGEST + 1), "長すぎ"),
        ("\ud800", "サロゲート"),
    ],
)
def test_what_re2_cannot_do_is_refused_with_advice_in_both_languages(pattern: str, advice: str) -> None:
    with pytest.raises(PatternError) as refused:
        compile_pattern(pattern)
    assert advice in refused.value.message
    assert refused.value.message_en.isascii() or pattern in refused.value.message_en or "[^…]" in refused.value.message_en


def test_a_pattern_that_needs_no_rewriting_stays_as_it_is() -> None:
    assert rewrite(r"候補[者ぁ-ん]{1,3}\.\p{Han}(?:a|b)") == r"候補[者ぁ-ん]{1,3}\.\p{Han}(?:a|b)"


@given(st.text(alphabet=st.sampled_from("あa9\\[]^-dwsDWSbQE:(){}?*+|.u3x "), max_size=20))
def test_any_pattern_is_compiled_or_refused_and_nothing_else_happens(pattern: str) -> None:
    try:
        compile_pattern(pattern)
    except PatternError as error:
        assert error.message and error.message_en
