"""`kohoban audit`: the record of who decided what, and whether anybody has touched it."""

from __future__ import annotations

from collections.abc import Iterator

import click
import msgspec

from console.cli.command import Group, Session, command, common, option, text
from console.cli.drafts import find
from console.cli.link import SLOW, Link, NoDaemon
from console.cli.outcome import FINDINGS, FINE
from console.cli.place import TOKYO
from console.cli.terminal import SCHEMA, clean, out, out_json, room, table, visible_json, write_bytes
from console.record import act_word, detail_words
from daemon.wire import AuditHead, AuditShow, AuditVerify, HistoryLine, Listing

PAGE = 500
"""Entries asked for at once."""

audit = Group(name="audit", params=common(), help=text("help.audit"), context_settings={"help_option_names": ["-h", "--help"]})


@command("audit verify")
def verify(session: Session) -> int:
    """Recompute the whole chain: exit code 0 and the head's hash, or 1 and the first bad entry."""
    with session.link() as link:
        head = link.ask(AuditVerify(), AuditHead, timeout=SLOW)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(head)})
    elif head.ok:
        out(text("audit.good", entries=head.entries, head=head.head))
    else:
        out(text("audit.bad", entry=head.first_bad if head.first_bad is not None else "-", why=clean(head.why)))
    return FINE if head.ok else FINDINGS


@command("audit show", option("--draft", metavar="DRAFT"), option("--limit", type=click.IntRange(min=1), default=50, metavar="N"))
def show(session: Session, draft: str | None, limit: int) -> int:
    """The last entries of the record, or those of one draft."""
    with session.link() as link:
        number = find(link, draft) if draft else None
        history = link.ask(AuditShow(draft=number, limit=limit), Listing).history
    if session.json:
        out_json({"schema": SCHEMA, "entries": history})
        return FINE
    rows = [
        (str(e.seq), f"{e.at.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}", clean(e.actor), clean(act_word(e.act)),
         str(e.draft) if e.draft is not None else "-", clean(detail_words(e)) or "-")
        for e in history
    ]  # fmt: skip
    head = [text(f"audit.{name}") for name in ("seq", "at", "actor", "act", "draft", "detail")]
    for line in table(rows, head, room=room()):
        out(line)
    return FINE


@command("audit export")
def export(session: Session) -> int:
    """The whole record, one JSON object a line, oldest first."""
    with session.link() as link:
        for entry in reversed(list(_backwards(link))):
            write_bytes(visible_json(msgspec.json.encode(entry)) + b"\n")
    return FINE


def _backwards(link: Link) -> Iterator[HistoryLine]:
    """Every entry, the newest first. Raises Failure where the daemon does not go further back."""
    before: int | None = None
    while True:
        page = sorted(link.ask(AuditShow(limit=PAGE, before=before), Listing).history, key=lambda entry: -entry.seq)
        if not page:
            return
        if before is not None and page[0].seq >= before:
            raise NoDaemon("odd", state="")
        yield from page
        before = page[-1].seq


for _command in (verify, show, export):
    audit.add_command(_command)
