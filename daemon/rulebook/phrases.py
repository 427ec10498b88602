"""`[[phrases]]`: a named set of patterns, written once for all the rules of a file that ask the same thing of a text.

A source and a second person are asked for by the same words. Written out in both rules, the two lists would drift apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct

from daemon.rulebook.model import RuleBase
from daemon.rulebook.patterns import PatternError, compile_pattern
from daemon.rulebook.shape import Shaper, suggest
from daemon.rulebook.source import tables


class Phrases(Struct, frozen=True, forbid_unknown_fields=True):
    """RE2 patterns under one name; a rule of the same file names it in `when = { phrases = [...] }`."""

    id: str
    any: tuple[str, ...]


Sets = Mapping[str, tuple[str, ...]]
"""The usable patterns of every named set of one file."""


def sets_of(shaper: Shaper) -> Sets:
    """The sets of this file. What is wrong with one is reported where it stands, once, and left out of every rule that names it."""
    sets: dict[str, tuple[str, ...]] = {}
    for index, raw in tables(shaper.source, "phrases"):
        phrases = shaper.table("phrases", index, raw, Phrases)
        if phrases is None:
            continue
        if phrases.id in sets:
            _report(shaper, "phrases", index, "id", phrases.id, "同じ id の組が前にもあります。", "another set has this id.")
        if not phrases.any:
            _report(shaper, "phrases", index, "any", phrases.id, "パターンがありません。", "it has no pattern.")
        sets[phrases.id] = tuple(_usable(shaper, index, phrases))
    return sets


def _usable(shaper: Shaper, index: int, phrases: Phrases) -> Iterator[str]:
    for pattern in phrases.any:
        if not shaper.source.vouched and (trouble := trouble_with(pattern)):
            message, message_en = f"「{pattern[:60]}」{trouble[0]}", f"'{pattern[:60]}'{trouble[1]}"
            _report(shaper, "phrases", index, "any", phrases.id, message, message_en)
        else:
            yield pattern


def with_phrases(shaper: Shaper, index: int, rule: RuleBase, sets: Sets) -> RuleBase:
    """The rule with the patterns of the sets that its `when` names after its own. A name that no set has is reported."""
    text = list(rule.when.text)
    for name in rule.when.phrases:
        if name not in sets:
            what, what_en = suggest(name, tuple(sets))
            message = f"phrases の組「{name}」はこのファイルにありません。{what}"
            _report(shaper, "rule", index, "when", rule.id, message, f"no [[phrases]] of this file is called '{name}'. {what_en}")
        text += sets.get(name, ())
    when = msgspec.structs.replace(rule.when, text=tuple(dict.fromkeys(text)))
    return msgspec.structs.replace(rule, when=when)


def trouble_with(pattern: str) -> tuple[str, str] | None:
    """Why a pattern cannot be used, in both languages; None where it can. One that the empty text matches would match every text."""
    try:
        everywhere = compile_pattern(pattern).search("") is not None
    except PatternError as error:
        return f": {error.message}", f": {error.message_en}"
    return ("は空の文にも当たります。", " matches the empty text.") if everywhere else None


def _report(shaper: Shaper, table: str, index: int, key: str, name: str, message: str, message_en: str) -> None:
    line = shaper.source.line(table, index, key)
    kind, kind_en = ("規則", "Rule") if table == "rule" else ("組", "Set")
    shaper.problems.append(shaper.source.problem(line, f"{kind} {name}: {message}", f"{kind_en} {name}: {message_en}"))
