"""What can be wrong with the canaries of a policy (`daemon/rulebook/canary.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from daemon.rulebook.canary import Canary
from daemon.rulebook.model import Problem
from daemon.rulebook.parse import AddedRules, PolicyFile
from daemon.rulebook.shape import Shaper, suggest
from daemon.rulebook.source import Reader, Unreadable, tables

FOLDER = "canaries"


def read_canaries(reader: Reader, path: Path, problems: list[Problem]) -> tuple[Canary, ...]:
    """The canaries of a file; none where there is no such file. Adds to `problems`."""
    if not reader.exists(path):
        return ()
    try:
        source = reader.toml_of(path)
    except Unreadable as unreadable:
        problems.append(unreadable.problem)
        return ()
    shaper = Shaper(source)
    shaper.unknown_tables(("canary",))
    found = [canary for n, raw in tables(source, "canary") if (canary := shaper.table("canary", n, raw, Canary)) is not None]
    problems += shaper.problems
    return tuple(found)


def canary_file(reader: Reader, file: PolicyFile, folders: Sequence[Path]) -> Path | None:
    """Where the canaries of this edition lie: those of its own name before those of the policy's id, the office's before the program's."""
    names = dict.fromkeys((f"{file.source.path.stem}.toml", f"{file.id}.toml"))
    paths = (folder / FOLDER / name for name in names for folder in folders)
    return next((path for path in paths if reader.exists(path)), None)


def check_canaries(path: Path, canaries: Sequence[Canary], file: PolicyFile, added: tuple[AddedRules, ...]) -> Iterator[Problem]:
    """Canaries of a clause or a rule that the policy does not have: they could never answer."""
    known = {written.rule.id: written.rule for written in file.with_added(added)}
    for number, canary in enumerate(canaries, 1):
        rule = known.get(canary.rule)
        if rule is None:
            what, what_en = suggest(canary.rule, tuple(known))
            yield Problem(
                str(path),
                1,
                f"番人 {number}: 規則「{canary.rule}」は要綱 {file.id} にありません。{what}",
                f"Canary {number}: policy {file.id} has no rule '{canary.rule}'. {what_en}",
                "warning",
            )
        elif canary.clause not in (rule.clause, *rule.also):
            yield Problem(
                str(path),
                1,
                f"番人 {number}: 規則 {canary.rule} は条文「{canary.clause}」を担っていません（{rule.clause}）。",
                f"Canary {number}: rule {canary.rule} does not carry out '{canary.clause}' but {rule.clause}.",
                "warning",
            )
