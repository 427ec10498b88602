"""Overrides (上書き): what the desk itself adds to the rules for a while, in `state/overrides.toml`, the program's own file.

Each names its clause, author, reason and the day from which it no longer counts; each is part of the hash of the policies that it
speaks to, and is shown as an override wherever it decides. What is to last is an edit of `rules.toml` or of the policy.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from datetime import date, time
from pathlib import Path

import msgspec
import tomli_w
from msgspec import Struct

from daemon.rulebook.days import Closure, Extra, Special
from daemon.rulebook.model import Hours, Policy, Problem
from daemon.rulebook.shape import Shaper
from daemon.rulebook.source import Reader, Unreadable, tables

FILE = Path("state", "overrides.toml")
"""Where they stand, in an office's folder."""

SCHEMA = 1

_HEAD = (
    "# 広報番が書くファイルです。手で直さず、kohoban closure（add、open、remove）か、画面の 4 時間 を使ってください。\n"
    "# Written by Kohoban. Do not edit it: use `kohoban closure`, or the hours (4) in the console.\n"
)


class Overrides(Struct, frozen=True, kw_only=True):
    """All overrides of an office, in the order in which they were made."""

    closures: tuple[Closure, ...] = ()
    openings: tuple[Extra, ...] = ()

    @property
    def all(self) -> tuple[Special, ...]:
        """Every one of them."""
        return (*self.closures, *self.openings)

    def without(self, ids: Iterable[str]) -> Overrides:
        """Those of other ids."""
        gone = frozenset(ids)
        return Overrides(
            closures=tuple(each for each in self.closures if each.id not in gone),
            openings=tuple(each for each in self.openings if each.id not in gone),
        )

    def with_(self, new: Closure | Extra) -> Overrides:
        """These and a new one."""
        if isinstance(new, Closure):
            return msgspec.structs.replace(self, closures=(*self.closures, new))
        return msgspec.structs.replace(self, openings=(*self.openings, new))

    def expired(self, today: date) -> tuple[str, ...]:
        """The ids of those that no longer count."""
        return tuple(each.id for each in self.all if each.until is not None and each.until <= today)

    def new_id(self, first: date) -> str:
        """An id that none of them has, made of the first day that the new one is about."""
        stem = f"{first:%m%d}"
        taken = {each.id for each in self.all}
        return next(name for n in range(1, len(taken) + 2) if (name := f"{stem}-{n}") not in taken)

    def hashed_into(self, policy: Policy, accounts: frozenset[str]) -> Policy:
        """The policy with the hash that holds the overrides of its accounts too: the same as before where there are none."""
        ours = [each for each in self.all if not each.accounts or accounts & frozenset(each.accounts)]
        if not ours or not any(isinstance(rule, Hours) for rule in policy.rules):
            return policy
        total = hashlib.sha256(policy.hash.encode())
        for each in ours:
            total.update(msgspec.json.encode(each, order="deterministic"))
        return msgspec.structs.replace(policy, hash=f"sha256:{total.hexdigest()}")


NONE = Overrides()


def named(each: Special) -> str:
    """An override in a line, as the record keeps it: id, days, accounts, reason, author, and from when it counts no more."""
    if isinstance(each, Closure):
        days = f"{each.from_}" if each.last == each.from_ else f"{each.from_}〜{each.last}"
    else:
        assert isinstance(each, Extra)
        days = f"{each.day} {each.open:%H:%M}〜{each.close:%H:%M}"
    return " ".join((each.id, days, "・".join(each.accounts), each.reason, f"({each.author}、{each.until} まで)"))


def parse_overrides(reader: Reader, office_dir: Path, problems: list[Problem]) -> Overrides:
    """The overrides of an office; none where it has no such file. Adds to `problems` what cannot be read: then the last good rules stay in
    force, because a closure that is lost would let something out."""
    path = office_dir / FILE
    if not reader.exists(path):
        return NONE
    try:
        source = reader.toml_of(path)
    except Unreadable as unreadable:
        problems.append(unreadable.problem)
        return NONE
    shaper = Shaper(source)
    shaper.unknown_tables(("schema", "closures", "openings"))
    closures = [c for i, raw in tables(source, "closures") if (c := shaper.table("closures", i, raw, Closure))]
    openings = [e for i, raw in tables(source, "openings") if (e := shaper.table("openings", i, raw, Extra))]
    problems += shaper.problems
    if source.data.get("schema") != SCHEMA:
        problems.append(
            source.problem(
                source.line("schema"),
                f"schema = {SCHEMA} のファイルではありません。この版では読めません。",
                f"This is no file of schema = {SCHEMA}: this version cannot read it.",
            )
        )
    for name, rows in (("closures", closures), ("openings", openings)):
        for index, each in enumerate(rows):
            if not (each.id and each.author and each.until and each.reason.strip()):
                problems.append(
                    source.problem(
                        source.line(name, index),
                        "id、author、reason、until のない上書きは使えません。",
                        "An override without id, author, reason and until does not count.",
                    )
                )
    return Overrides(closures=tuple(closures), openings=tuple(openings))


def write_overrides(office_dir: Path, overrides: Overrides) -> None:
    """Put them in the place of the file, whole or not at all. Raises OSError."""
    path = office_dir / FILE
    new = path.with_name(f".{path.name}.new")
    data = _HEAD.encode() + tomli_w.dumps(_plain(overrides)).encode()
    new.unlink(missing_ok=True)  # what a crash left there, or a link or a pipe that somebody laid
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _plain(overrides: Overrides) -> Mapping[str, object]:
    """As TOML writes it: what is not said is left out."""
    rows = {
        name: [
            {key: value for key, value in _fields(each) if value not in (None, "", [])}
            for each in (overrides.closures if name == "closures" else overrides.openings)
        ]
        for name in ("closures", "openings")
    }
    return {"schema": SCHEMA, **{name: found for name, found in rows.items() if found}}


def _fields(each: Special) -> list[tuple[str, object]]:
    built = msgspec.to_builtins(each, builtin_types=(date, time))
    return [(key, list(value) if isinstance(value, tuple) else value) for key, value in built.items()]
