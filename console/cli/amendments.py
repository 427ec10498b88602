"""`kohoban policy versions`: a policy in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from console.cli.command import Session, argument, command, option, text
from console.cli.editions import all_ids, editions_of
from console.cli.outcome import FINE
from console.cli.place import moment, now
from console.cli.terminal import SCHEMA, clean, out, out_json, room, table
from daemon.rulebook.model import Policy
from daemon.rulebook.versions import Dated, timeline

_DIGITS = 12


@command("policy versions", argument("POLICY", required=False, nargs=-1), option("--at", key="as_of", metavar="DATE"))
def versions(session: Session, policy: Sequence[str], at: str | None) -> int:
    """Every version of the policies (施行日), which is in force, and whose wording is in hand."""
    day = moment(at).date() if at else now().date()
    found = [(editions_of(name, session.office), name) for name in policy or all_ids(session.office)]
    said = [line for editions, _ in found for line in _said(editions, day)]
    if session.json:
        out_json({"schema": SCHEMA, "at": day, "versions": said})
        return FINE
    head = [text(f"versions.{name}") for name in ("policy", "from", "until", "now", "text", "hash", "cite")]
    rows = [
        (
            clean(line["policy"]),
            line["from"] or text("policy.undated"),
            line["until"] or "-",
            text("versions.in_force") if line["in_force"] else "",
            text("versions.in_hand") if line["text"] else text("versions.no_text"),
            (line["hash"] or "-").removeprefix("sha256:")[:_DIGITS],
            clean(line["cite"]),
        )
        for line in said
    ]
    for line in table(rows, head, room=room()):
        out(line)
    return FINE


def _said(editions: tuple[Policy, ...], day: date) -> Iterator[dict[str, Any]]:
    for dated in timeline(editions):
        yield {"policy": editions[0].id, **_version_said(dated, day)}


def _version_said(dated: Dated, day: date) -> dict[str, Any]:
    edition = dated.edition
    return {
        "from": dated.version.from_.isoformat() if dated.version.from_ else None,
        "until": dated.until.isoformat() if dated.until else None,
        "cite": dated.version.cite,
        "note": dated.version.note,
        "in_force": dated.covers(day),
        "text": edition is not None,
        "hash": edition.hash if edition else None,
        "source": edition.source if edition else None,
    }
