"""`kohoban retention`: what the record keeps, what is past its period, and, by a manager's confirmed list, its erasure."""

from __future__ import annotations

import click
import msgspec

from console.cli.command import Session, command, option, text
from console.cli.link import Link
from console.cli.outcome import FINE, REFUSED, WRONG, Failure
from console.cli.papering import deliver, in_form, in_language, to_file
from console.cli.terminal import SCHEMA, err, out, out_json
from daemon.papers.retention import retention_paper
from daemon.wire import Done, Erase
from daemon.wire.papers import Kept, KeptList


@command(
    "retention",
    option("--due", key="retention_due", is_flag=True),
    option("--erase", "erased", key="retention_erase", metavar="CLASS"),
    option("--count", key="retention_count", type=click.IntRange(min=1), metavar="N"),
    option("--reason", metavar="TEXT", default=""),
    in_form("txt", "html", "md", "csv", "json", default="txt"),
    to_file(),
)
def retention(
    session: Session, due: bool, erased: str | None, count: int | None, reason: str, form: str, file: str | None
) -> int:
    """保存年限: the classes; with `--erase` the texts of one that are past it, one by one, each an act of its own."""
    with session.link() as link:
        seen = link.ask(Kept(due=due or erased is not None), KeptList)
        if erased is not None:
            return _erase(session, link, seen, erased, count, reason)
    data = {"schema": SCHEMA, **msgspec.to_builtins(seen)}
    return deliver(session, retention_paper(seen, in_language()), form, file, data=data)


def _erase(session: Session, link: Link, seen: KeptList, name: str, count: int | None, reason: str) -> int:
    """Erase what the list names, after the manager has said how many they are. Raises Failure, Refused."""
    found = next((each for each in seen.classes if each.id == name), None)
    if found is None or found.then != "erase":
        known = " ".join(each.id for each in seen.classes if each.then == "erase") or "-"
        raise Failure(WRONG, text("retention.no_class", name=name, known=known))
    if not reason.strip():
        raise Failure(WRONG, text("retention.reason"))
    if count != len(found.due):
        raise Failure(REFUSED, text("retention.confirm", name=name, count=len(found.due), before=found.before.isoformat()))
    head = ""
    for place in found.due:
        entry, _, field = place.partition(":")
        head = link.ask(Erase(entry=int(entry), field=field, reason=reason), Done).audit_head
        err(text("retention.one", entry=entry, field=field))
    if session.json:
        out_json({"schema": SCHEMA, "erased": list(found.due), "head": head})
    else:
        out(text("retention.erased", count=len(found.due)))
    return FINE
