"""Word rules: what counts as a hit, and where exactly it lies."""

from __future__ import annotations

import pytest
from hand_made import hand_made

from daemon.rulebook.item import Item
from daemon.rulebook.model import Words
from daemon.screening import Facts, screen
from daemon.screening.boundary import at_script_change
from daemon.screening.hit import Text
from daemon.screening.literals import _AhoCorasick, _Daachorse
from daemon.screening.words import WordFinder

TERMS = ("ばか", "バカンス", "ボランティア", "ＮＰＯ", "懸賞", "ただ", "")


def hits(text: str, **rule: object) -> list[str]:
    words = Words(id="words", clause="north/1", level="hold", **{"terms": TERMS, **rule})  # type: ignore[arg-type]
    return [text[f.start : f.end] for f in screen(hand_made(words), Facts(Item(text=text), "", ("x",)))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("懸賞に応募", ["懸賞"]),
        ("ばかとバカ", ["ばか", "バカ"]),
        ("ﾊﾞｶと言う", ["ﾊﾞｶ"]),
        ("は\u3099か", ["は\u3099か"]),
        ("ば\u200bか", ["ば\u200bか"]),
        ("ぼらんてぃあ", ["ぼらんてぃあ"]),
        ("nPo法人とＮＰＯ法人", ["nPo", "ＮＰＯ"]),
        ("懸賞" * 3, ["懸賞", "懸賞", "懸賞"]),
        ("バカンス", ["バカンス"]),
        ("何もない", []),
        ("", []),
    ],
)
def test_a_word_is_found_as_it_is_written_and_its_span_is_exact(text: str, found: list[str]) -> None:
    assert hits(text) == found


def test_what_lies_inside_an_exception_does_not_count() -> None:
    assert hits("懸賞論文と懸賞", unless=("懸賞論文",)) == ["懸賞"]


def test_an_exception_written_in_full_width_excuses_the_same_word_in_half_width() -> None:
    assert hits("ｎｐｏ支援とnpo", unless=("(?i)npo支援",)) == ["npo"]


def test_with_a_script_boundary_a_word_inside_a_longer_one_does_not_count() -> None:
    assert hits("バカンスはただごとでない、ばか。", terms=("バカ", "ばか", "ただ"), boundary="script") == ["ばか"]


@pytest.mark.parametrize(
    ("text", "word", "stands_alone"),
    [
        ("あのバカ。", "バカ", True),
        ("あのバカー！", "バカ", False),
        ("バカ者", "バカ", True),
        ("ばかもの", "ばか", False),
        ("「ばか」", "ばか", True),
    ],
)
def test_a_boundary_is_where_the_script_changes_or_a_sign_stands(text: str, word: str, stands_alone: bool) -> None:
    start = text.index(word)
    assert at_script_change(text, start, start + len(word)) is stands_alone


def test_an_empty_term_is_nowhere_and_a_rule_without_terms_finds_nothing() -> None:
    rules = {0: Words(id="w", clause="north/1", level="hold", terms=("", " ")), 1: Words(id="v", clause="north/1", level="hold")}
    assert list(WordFinder(rules).find(Text("ばか"))) == []


def test_both_engines_find_the_same() -> None:
    terms = ["ばか", "か", "かば", "ばかば"]
    text = "かばかばかばか"
    assert sorted(_Daachorse(terms).find(text)) == sorted(_AhoCorasick(terms).find(text))
