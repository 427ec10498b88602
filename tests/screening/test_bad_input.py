"""Texts from outside that are no texts: whatever comes, screening ends, and every span cuts something out of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.rulebook.item import Item
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.marks import MOST, without_heaps
from daemon.rulebook.model import Policy
from daemon.screening import Facts, screen, screen_many
from daemon.screening.fold import fold
from daemon.screening.hit import Text

LONG = 63_206
"""Characters that are judged of a text; what is longer is cut before."""
BAD = {
    "lone surrogates": "\ud800あ\udfff" * 50,
    "NULs": "\x00ば\x00か" * 500,
    "one character": "あ" * LONG,
    "one digit": "1" * LONG,
    "marks": "か" + "\u3099" * LONG,
    "marks out of order": "a" + "\u0316\u0301" * (LONG // 2),
    "masks": "○" * LONG,
    "spaced out": "ば か " * (LONG // 4),
    "drawn out": "ばー" * (LONG // 2),
    "dots": "a." * (LONG // 2),
    "at signs": "a@" * (LONG // 2),
    "dashes": "090-" * (LONG // 4),
    "ligatures": "\ufdfa" * 7_000,
    "zero width": "\u200b" * LONG,
    "tags": "\U000e0041" * LONG,
    "bidi": "\u202e\u2066" * (LONG // 2),
    "Hangul": "\u1100\u1161\u11a8" * (LONG // 3),
}


@cache
def policy() -> Policy:
    return load_rulebook(Path(__file__).resolve().parents[2]).policies["saitama"]


def judged(text: str) -> None:
    for on in ("draft", "comment"):
        for finding in screen(policy(), Facts(Item(text=text), "", ("x",)), on):  # type: ignore[arg-type]
            assert 0 <= finding.start <= finding.end <= len(text)


@pytest.mark.parametrize("name", BAD)
def test_no_text_is_too_bad_to_be_judged(name: str) -> None:
    judged(BAD[name])


def test_bad_texts_in_one_batch_do_not_touch_each_other() -> None:
    texts = [text[:2_000] for text in BAD.values()]
    facts = Facts(Item(text=""), "", ("x",))
    found = screen_many(policy(), texts, facts)
    for number, text in enumerate(texts):
        assert found.get(number, ()) == screen(policy(), facts._replace(item=Item(text=text)), "comment")


def test_every_naughty_string_is_judged(shared: Path) -> None:
    for line in (shared / "data/adversarial/blns/blns.txt").read_text(encoding="utf-8").splitlines():
        judged(line)


def test_a_million_marks_fold_as_thirty_do() -> None:
    assert fold("a" + "\u0316\u0301" * 500_000) == fold("a" + "\u0316\u0301" * (MOST // 2))
    assert without_heaps("か\u3099き\u3099") == "か\u3099き\u3099"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40), st.data())
def test_a_span_cuts_out_of_the_source_what_folds_to_the_same(text: str, data: st.DataObject) -> None:
    if any("\ud800" <= char <= "\udfff" for char in text):
        return
    seen = Text(text)
    if seen.folded:
        start = data.draw(st.integers(0, len(seen.folded) - 1))
        end = data.draw(st.integers(start + 1, len(seen.folded)))
        begin, stop = seen.span(start, end)
        assert 0 <= begin < stop <= len(text)
        assert seen.folded[start:end] in fold(text[begin:stop])
