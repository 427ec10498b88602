"""`kohoban policy conflicts` and `canaries`: what in the rules contradicts itself or leads nowhere, and whether the guard is awake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from console.cli.command import Session, command, option, text
from console.cli.outcome import FINDINGS, FINE
from console.cli.place import moment, now
from console.cli.promised import rulebook_of
from console.cli.terminal import SCHEMA, clean, out, out_json, paint
from console.words import choose
from daemon.intake.frontmatter import read_item
from daemon.judge.canaries import Answered, canaries, unwatched
from daemon.judge.conflicts import conflicts
from daemon.judge.opposed import Conflict

_INK = {"dead_end": "block", "contradiction": "hold", "notice": "dim"}


@command("policy conflicts", option("--at", key="conflicts_at", metavar="DATE"))
def show_conflicts(session: Session, at: str | None) -> int:
    """Contradictions and dead ends, today and on the coming days on which anything changes."""
    day = moment(at).date() if at else now().date()
    found = conflicts(rulebook_of(session.office, day), day)
    stuck = [one for one in found if one.weight != "notice"]
    if session.json:
        said = [{**msgspec.structs.asdict(one), "since": one.since} for one in found]
        out_json({"schema": SCHEMA, "at": day, "conflicts": said})
        return FINDINGS if stuck else FINE
    for line in _conflict_lines(found):
        out(line)
    out(text("conflicts.total", stuck=len(stuck), notices=len(found) - len(stuck)))
    return FINDINGS if stuck else FINE


def _conflict_lines(found: Sequence[Conflict]) -> Iterator[str]:
    """A line each; the clauses that nothing holds, which may be many, in one line a policy."""
    for one in (one for one in found if one.kind != "unheld"):
        word = paint(_INK[one.weight], text(f"conflicts.{one.weight}"))
        yield f"{one.since}  {word}  {clean(choose(one.message, one.message_en))}  [{clean(one.clause or one.policy)}]"
    for policy in dict.fromkeys(one.policy for one in found):
        if clauses := [one.clause for one in found if one.kind == "unheld" and one.policy == policy]:
            yield text("conflicts.unheld", policy=clean(policy), count=len(clauses), clauses=clean(" ".join(clauses)))


@command("policy canaries", option("--at", key="canaries_at", metavar="TIME"))
def show_canaries(session: Session, at: str | None) -> int:
    """Every canary through the judge, by the rules as the office's files have them now."""
    when = moment(at) if at else now()
    book = rulebook_of(session.office, when.date())
    answered, missing = canaries(book, when, read_item), unwatched(book)
    awake = sum(each.ok for each in answered)
    if session.json:
        said: dict[str, Any] = {"answered": awake, "of": len(answered), "canaries": answered, "unwatched": missing}
        out_json({"schema": SCHEMA, "at": when, **said})
        return FINE if awake == len(answered) else FINDINGS
    for each in answered:
        out(_canary_line(each))
    out(text("canaries.total", answered=awake, of=len(answered)))
    if missing:
        out(text("canaries.unwatched", clauses=clean(" ".join(missing))))
    return FINE if awake == len(answered) else FINDINGS


def _canary_line(each: Answered) -> str:
    word = paint("dim", text("canaries.ok")) if each.ok else paint("block", text("canaries.silent"))
    line = f"{word}  {clean(each.clause)}  {clean(each.cite)}  [{clean(each.rule)}]"
    return line if each.ok else f"{line}  " + text("canaries.instead", said=clean(each.said) or "-")
