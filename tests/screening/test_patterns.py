"""Patterns of many rules at once: one by one for the first texts, as one set for those that follow, with the same answers."""

from __future__ import annotations

import pytest
from hand_made import hand_made

from daemon.rulebook.item import Item
from daemon.rulebook.model import Pattern
from daemon.screening import Facts, screen
from daemon.screening.patterns import ONE_BY_ONE, Patterns

OWNERS = {3: ("懸賞", r"\d+円"), 7: (r"応募.{0,4}当選",), 9: ("がある",)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("懸賞に応募すると当選100円", [(3, 0, 2), (3, 10, 14), (7, 3, 10)]),
        ("5円と６円", [(3, 0, 2), (3, 3, 5)]),
        ("何もない", []),
        ("", []),
    ],
)
def test_the_set_finds_what_the_patterns_find_one_by_one(text: str, found: list[tuple[int, int, int]]) -> None:
    patterns = Patterns(OWNERS)
    for _ in range(ONE_BY_ONE + 3):
        assert list(patterns.find(text)) == found
        assert patterns.owners(text) == {owner for owner, _, _ in found}


def test_without_any_pattern_nothing_is_found_however_often_it_is_asked() -> None:
    patterns = Patterns({1: ()})
    assert [list(patterns.find("懸賞")) for _ in range(ONE_BY_ONE + 2)] == [[]] * (ONE_BY_ONE + 2)


def test_what_is_excused_thousands_of_times_hides_nothing_behind_it() -> None:
    rule = Pattern(id="p", clause="north/1", level="hold", any=("危険",), unless=("危険物倉庫",))
    text = "危険物倉庫、" * 3_000 + "危険です"
    assert [(f.start, f.end) for f in screen(hand_made(rule), Facts(Item(text=text), "", ("x",)))] == [(18_000, 18_002)]
