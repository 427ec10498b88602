"""`kohoban privacy`: every personal datum that is held, under which clause, until when; and the backups that hold copies of them."""

from __future__ import annotations

import msgspec

from console.cli.bench_words import at
from console.cli.command import Session, command, text
from console.cli.outcome import FINDINGS, FINE
from console.cli.terminal import SCHEMA, clean, fields, out, out_json, paint, room, table
from console.words import choose
from daemon.wire.bench import BackupHeld, Datum, Privacy, PrivacyList


@command("privacy")
def privacy(session: Session) -> int:
    """個人情報の一覧; exit code 1 where a backup lies that was to be destroyed."""
    with session.link() as link:
        held = link.ask(Privacy(), PrivacyList)
    late = any(backup.late and backup.there for backup in held.backups)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(held)})
        return FINDINGS if late else FINE
    for datum in held.data:
        out(paint("bold", clean(choose(datum.what, datum.what_en))))
        for line in fields(_facts(datum)):
            out("  " + line)
    out()
    out(paint("bold", text("privacy.backups")))
    if not held.backups:
        out("  " + text("privacy.no_backups"))
        return FINE
    head = [text(f"privacy.{name}") for name in ("made", "until", "there", "name")]
    for line in table([_cells(backup) for backup in held.backups], head, room=room()):
        out("  " + line)
    return FINDINGS if late else FINE


def _facts(datum: Datum) -> dict[str, str]:
    term = clean(choose(datum.term, datum.term_en))
    if datum.erase_on is not None:
        term = text("privacy.next", term=term, day=datum.erase_on.isoformat())
    return {
        text("privacy.whose"): clean(choose(datum.whose, datum.whose_en)),
        text("privacy.why"): clean(choose(datum.why, datum.why_en)),
        text("privacy.clause"): clean(datum.clause) or "-",
        text("privacy.count"): text("privacy.since", count=f"{datum.count:,}", oldest=at(datum.oldest)[:10]),
        text("privacy.term"): term,
        text("privacy.where"): clean(datum.where),
    }


def _cells(backup: BackupHeld) -> tuple[str, ...]:
    there = {True: "there_yes", False: "there_no", None: "there_unknown"}[backup.there]
    late = text("privacy.late") if backup.late and backup.there is not False else ""
    return at(backup.at), f"{backup.until.isoformat()}{late}", text(f"privacy.{there}"), clean(backup.name) or "-"
