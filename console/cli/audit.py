"""`kohoban audit`: the record of who decided what, and whether anybody has touched it."""

from __future__ import annotations

from collections.abc import Iterator

import click
import msgspec

from console.cli.command import Group, Session, argument, command, common, option, text
from console.cli.drafts import find
from console.cli.link import SLOW, Link, NoDaemon
from console.cli.outcome import FINDINGS, FINE, REFUSED, Failure
from console.cli.place import TOKYO
from console.cli.sealing import checkpoint, head, key, memory_of, verified
from console.cli.terminal import SCHEMA, clean, out, out_json, room, table, visible_json, write_bytes
from console.record import act_word, actor_words, detail_words
from console.words import choose
from daemon.wire import AuditHead, AuditShow, AuditVerify, Done, Erase, HistoryLine, Listing

PAGE = 500
"""Entries asked for at once."""

audit = Group(name="audit", params=common(), help=text("help.audit"), context_settings={"help_option_names": ["-h", "--help"]})


@command(
    "audit verify",
    option("--checkpoints", metavar="FILE", multiple=True),
    option("--public", metavar="FILE"),
)
def verify(session: Session, checkpoints: tuple[str, ...], public: str | None) -> int:
    """Recompute the whole chain: exit code 0 and the head's hash, or 1 and the first bad entry. Without the daemon for whoever may
    read the office's memory; else through it."""
    store = memory_of(session)
    if store is not None:
        found = verified(store, checkpoints, public)
    elif checkpoints or public:
        raise Failure(REFUSED, text("audit.closed"))
    else:
        with session.link() as link:
            found = link.ask(AuditVerify(), AuditHead, timeout=SLOW)
    why = choose(found.why, found.why_en)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(found)})
    elif found.ok:
        out(text("audit.good", entries=found.entries, head=found.head))
        if why:
            out(clean(why))
    else:
        out(text("audit.bad", entry=found.first_bad if found.first_bad is not None else "-", why=clean(why)))
    return FINE if found.ok else FINDINGS


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
        (str(e.seq), f"{e.at.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}", clean(actor_words(e.actor)), clean(act_word(e.act)),
         str(e.draft) if e.draft is not None else "-", clean(detail_words(e)) or "-")
        for e in history
    ]  # fmt: skip
    head = [text(f"audit.{name}") for name in ("seq", "at", "actor", "act", "draft", "detail")]
    for line in table(rows, head, room=room()):
        out(line)
    return FINE


@command(
    "audit erase",
    argument("ENTRY", type=click.IntRange(min=1)),
    option("--field", metavar="F", required=True),
    option("--reason", metavar="TEXT", required=True),
)
def erase(session: Session, entry: int, field: str, reason: str) -> int:
    """Take a text out of an entry for good; its hash stays, and the erasure is recorded."""
    with session.link() as link:
        done = link.ask(Erase(entry=entry, field=field, reason=reason), Done)
    if session.json:
        out_json({"schema": SCHEMA, "entry": entry, "field": field, "head": done.audit_head})
    else:
        out(clean(choose(done.message, done.message_en)))
    return FINE


@command("audit export")
def export(session: Session) -> int:
    """The whole record, one JSON object a line, oldest first, with all that it takes to verify it (docs/verify_record.py)."""
    with session.link() as link:
        for entry in reversed(list(_backwards(link))):
            write_bytes(visible_json(msgspec.json.encode(entry)) + b"\n")
    return FINE


def _backwards(link: Link) -> Iterator[HistoryLine]:
    """Every entry, the newest first. Raises Failure where the daemon does not go further back."""
    before: int | None = None
    while True:
        page = sorted(link.ask(AuditShow(limit=PAGE, before=before, whole=True), Listing).history, key=lambda entry: -entry.seq)
        if not page:
            return
        if before is not None and page[0].seq >= before:
            raise NoDaemon("odd", state="")
        yield from page
        before = page[-1].seq


for _command in (verify, show, export, erase, head, checkpoint, key):
    audit.add_command(_command)
