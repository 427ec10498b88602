"""What can be wrong with the examples beside a rule (`daemon/rulebook/example.py`)."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.rulebook.example import example_of
from daemon.rulebook.model import Author, Detector, FanOut, Handle, Powers, Problem, Terminals, Unwatched
from daemon.rulebook.parse import Written

_MORE_THAN_A_TEXT = (Author, Handle, Terminals, Powers, Unwatched, FanOut)
"""Rules about people, accounts, terminals and sets: no text shows them at work (a canary does)."""
_NEIGHBOURS = ("duplicate", "burst", "unrecorded", "reading")
"""Detectors that look at other releases, or at the file."""


def check_examples(written: Written) -> Iterator[Problem]:
    """Examples that say nothing, or that contradict each other."""
    rule = written.rule
    key = "must_fire" if rule.must_fire else "must_pass"
    if not rule.must_fire and not rule.must_pass:
        return
    if isinstance(rule, _MORE_THAN_A_TEXT) or (isinstance(rule, Detector) and rule.name in _NEIGHBOURS):
        yield written.problem(
            key,
            "文の例では試せない規則です。番人（canaries）に書いてください。",
            "no example of a text shows it at work: write a canary.",
        )
        return
    fire, passing = ([example_of(each) for each in examples] for examples in (rule.must_fire, rule.must_pass))
    for both in (each for each in fire if each in passing):
        yield written.problem(
            "must_pass",
            f"「{both.text[:40]}」が must_fire と must_pass の両方にあります。",
            f"'{both.text[:40]}' is among both must_fire and must_pass.",
        )
    every = [*fire, *passing]
    for twice in dict.fromkeys(
        each.text for each in every if every.count(each) > 1 and (each not in fire or each not in passing)
    ):
        yield written.problem(key, f"例「{twice[:40]}」が2回あります。", f"the example '{twice[:40]}' is there twice.")
