"""From a TOML table to a type of the rulebook: every misfit of a table at once, in words that a section chief can follow.

msgspec converts fast and stops at the first misfit; so it is asked for the whole first, and key by key only where that failed.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from daemon.rulebook.model import Problem, Rule, RuleBase
from daemon.rulebook.source import Source

T = TypeVar("T", bound=Struct)

RULES: Mapping[str, type[RuleBase]] = {str(kind.__struct_config__.tag): kind for kind in get_args(Rule)}
"""The kinds of rule by their `check` key."""

LOST = "\ufdd0"
"""Stands in for a name that did not fit or is not there, so that the rest of its table is checked all the same. What a check says of it
is about nothing that anybody wrote, and is left out."""

_STAND_INS = {"level": "hold", "class": "INFO", "role": "manager"}
"""Values for keys that did not fit, chosen so that the checks that follow say nothing because of them."""

_KINDS_OF_VALUE = {
    "str": ("文字列", "a string"),
    "int": ("整数", "a whole number"),
    "float": ("数", "a number"),
    "bool": ("true か false", "true or false"),
    "array": ("[ ] の並び", "an array [ ]"),
    "object": ("表", "a table"),
    "date": ("日付（2026-11-24）", "a date (2026-11-24)"),
    "time": ("時刻（09:00:00）", "a time (09:00:00)"),
    "datetime": ("日時", "a date with a time"),
    "null": ("なし", "nothing"),
}


class Shaper:
    """Turns the tables of one file into structs and collects what did not fit."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def table(self, name: str, index: int | None, raw: object, kind: type[T]) -> T | None:
        """The table as `kind`. Where it does not fit, every reason is among the problems, and what remains of it (so that the rest can be
        checked too) or None comes back."""
        try:
            return msgspec.convert(raw, kind)
        except msgspec.ValidationError:
            if isinstance(raw, dict):
                misfits = dict(self._misfits(name, index, raw, kind))
                self.problems += misfits.values()
                return _rescued(raw, kind, frozenset(misfits))
            line = self.source.line(name, index)
            self._say(
                line,
                f"{name} は [[{name}]] または [{name}] の表で書いてください。",
                f"Write {name} as a table, [[{name}]] or [{name}].",
            )
            return None

    def rule(self, index: int, raw: object) -> RuleBase | None:
        """A `[[rule]]` as the kind that its `check` names; see `table`."""
        if not isinstance(raw, dict):
            return self.table("rule", index, raw, RuleBase)
        name = raw.get("check")
        kind = RULES.get(name) if isinstance(name, str) else None
        if kind is None:
            line = self.source.line("rule", index, "check")
            what, what_en = suggest(str(name or ""), RULES)
            self._say(
                line,
                f"check は {'、'.join(RULES)} のいずれかです（今の値: {name}）。{what}",
                f"check is one of {', '.join(RULES)} (now: {name}). {what_en}",
            )
            return None
        return self.table("rule", index, raw, kind)

    def unknown_tables(self, known: tuple[str, ...]) -> None:
        """Report every top-level key that this kind of file does not have."""
        for key in self.source.data:
            if key not in known:
                self._say(self.source.line(key), *_unknown(key, known))

    def _misfits(self, name: str, index: int | None, raw: dict[str, Any], kind: type[Struct]) -> Iterator[tuple[str, Problem]]:
        """The keys that do not fit, each with its problem."""
        tag = kind.__struct_config__.tag_field
        known = {f.encode_name: f for f in fields(kind)}
        for key, value in raw.items():
            line = self.source.line(name, index, key)
            if key == tag:
                continue
            if key not in known:
                yield key, self.source.problem(line, *_unknown(key, tuple(known)))
                continue
            try:
                msgspec.convert(value, known[key].type)
            except msgspec.ValidationError as error:
                yield key, self.source.problem(line, *_misfit(key, value, known[key].type, str(error)))
        for key, one in known.items():
            if one.required and key not in raw:
                line = self.source.line(name, index)
                yield key, self.source.problem(line, f"{key} がありません。", f"{key} is missing.")

    def _say(self, line: int, message: str, message_en: str) -> None:
        self.problems.append(self.source.problem(line, message, message_en))


def _rescued(raw: dict[str, Any], kind: type[T], misfits: frozenset[str]) -> T | None:
    """The table without what does not fit, or None where a key that it needs is lost and nothing can stand in for it. It is only
    looked at further, never put in force: its misfits have been reported."""
    values: dict[str, Any] = {}
    for one in fields(kind):
        key = one.encode_name
        if key in raw and key not in misfits:
            values[one.name] = msgspec.convert(raw[key], one.type)
        elif one.required and (one.type is str or get_origin(one.type) is Literal):
            values[one.name] = _STAND_INS.get(key, LOST)
        elif one.required:
            return None
        elif key in _STAND_INS and key in misfits:
            values[one.name] = _STAND_INS[key]
    return kind(**values)


def suggest(wrong: str, known: Mapping[str, object] | tuple[str, ...]) -> tuple[str, str]:
    """「… のことですか」 and its twin for the nearest known name; two empty strings where none is near."""
    from difflib import get_close_matches  # 7 ms, and only for those who erred

    near = get_close_matches(wrong, known, n=1, cutoff=0.6)
    return (f"「{near[0]}」のことですか。", f"Did you mean {near[0]}?") if near else ("", "")


def _unknown(key: str, known: tuple[str, ...]) -> tuple[str, str]:
    what, what_en = suggest(key, known)
    return (
        f"「{key}」という項目はありません。{what or '使える項目: ' + '、'.join(known)}",
        f"There is no key '{key}' here. {what_en or 'Known: ' + ', '.join(known)}",
    )


def _misfit(key: str, value: object, kind: Any, said: str) -> tuple[str, str]:
    """Why a value does not fit its key, from msgspec's sentence (`Expected `str`, got `int` - at `$[0]``)."""
    inner = re.search(r"at `\$\.?(.+?)`$", said)
    kind = _innermost(kind, inner[1] if inner else "")
    where = f"{key} の {inner[1]}" if inner else key
    where_en = f"{key} ({inner[1]})" if inner else key
    if unknown := re.match(r"Object contains unknown field `(.+?)`", said):
        known = tuple(f.encode_name for one in _structs(kind) for f in fields(one))
        message, message_en = _unknown(unknown[1], known)
        return f"{key}: {message}", f"{key}: {message_en}"
    if said.startswith("Invalid enum value"):
        allowed = tuple(_choices(kind))
        given = said.split("'")[1]
        return (
            f"{where} は {'、'.join(allowed)} のいずれかです（今の値: {given}）。",
            f"{where_en} is one of {', '.join(allowed)} (now: {given}).",
        )
    if types_ := re.match(r"Expected `(.+?)`, got `(.+?)`", said):
        (want, want_en), (got, got_en) = (_value_words(t) for t in types_.groups())
        return f"{where} は{want}で書いてください（今は{got}）。", f"{where_en} must be {want_en}, not {got_en}."
    return (
        f"{where} の値「{value}」を読めません。時刻は 09:00:00、日付は 2026-11-24 のように書いてください。",
        f"The value '{value}' of {where_en} cannot be read: write times as 09:00:00, dates as 2026-11-24.",
    )


def _innermost(kind: Any, path: str) -> Any:
    """The type at a path inside another (`[0].kinds[1]`): that of the last key named."""
    for name in re.findall(r"[A-Za-z_]\w*", path):
        kind = next((f.type for one in _structs(kind) for f in fields(one) if f.encode_name == name), kind)
    return kind


def _structs(kind: Any) -> Iterator[type[Struct]]:
    """The tables that a value of this type is made of."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        yield kind
    else:
        for inner in get_args(kind):
            yield from _structs(inner)


def _value_words(names: str) -> tuple[str, str]:
    words = [_KINDS_OF_VALUE.get(name.strip(), (name, name)) for name in names.split("|")]
    return "・".join(ja for ja, _ in words), " or ".join(en for _, en in words)


def _choices(kind: Any) -> Iterator[str]:
    """The literals that a type allows, wherever in it they stand."""
    if get_origin(kind) is Literal:
        yield from (str(choice) for choice in get_args(kind))
    elif isinstance(kind, type) and issubclass(kind, Struct):
        for one in fields(kind):
            yield from _choices(one.type)
    elif not isinstance(kind, types.EllipsisType):
        for inner in get_args(kind):
            yield from _choices(inner)
