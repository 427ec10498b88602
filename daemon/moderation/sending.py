"""措置 by a channel: journaled before the releaser gets it, sent once, ended by what became of it.

A measure that the machine has in hand is `taken` by it; `sent` says whether it is under way or 不明, which a look at the platform settles, or
a person. What the platform refuses becomes a person's, with the reason; so does, at a resume, whatever a stop has kept in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from daemon.moderation import blocks
from daemon.moderation.comment import forget_measure
from daemon.moderation.judges import capacity_to_judge
from daemon.moderation.machine import MACHINE, post_of, taker, target
from daemon.moderation.measures import row_of
from daemon.moderation.platforms import WORDS
from daemon.moderation.setting import Setting
from daemon.refused import Refused, serves
from daemon.rulebook.model import Account, Operator
from daemon.rulebook.powers import powers_of
from daemon.store import Tx, from_db, to_db
from daemon.wire.answers import Done
from daemon.wire.moderation import SendMeasure

AT_ONCE = 20
"""Measures of one account that are looked at in one round."""
TRIES = 3
"""How often a measure is tried that certainly was not taken, for reasons of ours; then it is a person's."""
_ACTS = {
    "released": "measure_done",
    "prevented": "measure_later",
    "failed": "measure_to_person",
    "unknown": "measure_unknown",
}
_FOR_EVER = to_db(datetime(9999, 1, 1, tzinfo=UTC))
STOPPED = (
    "停止の間は自動で行いませんでした。今からでも行うなら、人が着手するか、自動に戻してください。",
    "Kept in by a stop. If it is to be done now, take it, or give it back to the channel.",
)


RESTORED = (
    "控えから戻したため、自動では行いません。媒体で、もう行われていないか見てから、着手するか自動に戻してください。",
    "The office was restored: see on the platform whether it was done since, then take it or give it back to the channel.",
)


class Ticket(NamedTuple):
    """A try that has been journaled: what the hand needs to know."""

    number: int
    measure: int
    account: Account
    kind: str
    target: str
    epoch: int

    @property
    def job(self) -> str:
        """What the hand calls it."""
        return job_of(self.number)


class Open(NamedTuple):
    """A try that has no known end."""

    number: int
    measure: int
    account: str
    channel: str
    state: str
    kind: str
    target: str
    begun_at: datetime


def job_of(number: int) -> str:
    """How the hand calls a try."""
    return f"m{number}"


def ready(db: sqlite3.Connection, now: datetime) -> dict[str, list[int]]:
    """The measures whose time for taking back (取消) is over, by account, the oldest first. What reverses one that has no known end waits
    for that."""
    rows = db.execute(
        "SELECT id, account FROM measures m WHERE state = 'due' AND channel <> '' AND send_at <= ? AND NOT EXISTS "
        "(SELECT 1 FROM measures r WHERE r.id = m.reverses AND r.sent <> '') ORDER BY id LIMIT 500",
        (to_db(now),),
    ).fetchall()
    found: dict[str, list[int]] = {}
    for row in rows:
        of = found.setdefault(row["account"], [])
        if len(of) < AT_ONCE:
            of.append(row["id"])
    return found


def begin(measure: int, epoch: int, setting: Setting) -> Callable[[Tx], Ticket | None]:
    """Journal that a measure goes out. None where it is no longer to: somebody has taken it, or taken it back, or the channel no longer
    takes such. Raises Refused while a stop covers it."""

    def op(tx: Tx) -> Ticket | None:
        row = row_of(tx, measure)
        account = setting.book.accounts.get(row["account"])
        if account is None or row["state"] != "due" or not row["channel"] or from_db(row["send_at"]) > setting.now:
            return None
        if setting.stopped(account):
            raise Refused("stopped", "停止中です。", "Stopped.")
        post, author = _numbers(tx, row)
        if taker(account, row["really"], post, author) != row["channel"]:
            _to_person(tx, measure, "この媒体への道では、この措置はできません。", "The channel does not take this measure.")
            return None
        number = tx.db.execute(
            "INSERT INTO measure_tries (measure, account, channel, epoch, state, begun_at) VALUES (?, ?, ?, ?, 'begun', ?)",
            (measure, account.id, row["channel"], epoch, tx.now),
        ).lastrowid
        tx.db.execute(
            "UPDATE measures SET state = 'taken', holder = ?, until = ?, sent = 'sending' WHERE id = ?",
            (MACHINE, _FOR_EVER, measure),
        )
        tx.record(MACHINE, "begin_measure", None, **_facts(row), attempt=number, epoch=epoch)
        return Ticket(number or 0, measure, account, row["really"], target(row["really"], post, author), epoch)

    return op


def end(
    number: int, outcome: str, why: tuple[str, str], setting: Setting, *, again_at: datetime | None = None, place: str = ""
) -> Callable[[Tx], bool]:
    """Write what became of a try: `released` (done), `prevented` (later, by itself), `failed`, `unknown`. False where it was settled
    already."""

    def op(tx: Tx) -> bool:
        found = tx.db.execute("SELECT measure, state FROM measure_tries WHERE id = ?", (number,)).fetchone()
        if found is None or found["state"] not in ("begun", "unknown"):
            return False
        tx.db.execute(
            "UPDATE measure_tries SET state = ?, ended_at = ?, detail = ? WHERE id = ?", (outcome, tx.now, why[1], number)
        )
        row = row_of(tx, found["measure"])
        match outcome:
            case "released":
                _done(tx, row, place, setting)
            case "unknown":
                tx.db.execute("UPDATE measures SET sent = 'unknown', why = ?, why_en = ? WHERE id = ?", (*why, row["id"]))
            case "prevented":
                _again(tx, row["id"], again_at or setting.now, why)
            case _:
                _to_person(tx, row["id"], *why)
        tx.record(MACHINE, _ACTS[outcome], None, **_facts(row), attempt=number, why=why[1])
        return True

    return op


def not_begun(number: int, why: tuple[str, str], setting: Setting) -> Callable[[Tx], bool]:
    """A look has found that a try certainly was not taken: once more by itself, and after some tries by a person."""

    def op(tx: Tx) -> bool:
        found = tx.db.execute("SELECT measure FROM measure_tries WHERE id = ?", (number,)).fetchone()
        (tried,) = tx.db.execute("SELECT count(*) FROM measure_tries WHERE measure = ?", (found["measure"],)).fetchone()
        return end(number, "prevented" if tried < TRIES else "failed", why, setting)(tx)

    return op


def to_person(measure: int, why: tuple[str, str]) -> Callable[[Tx], None]:
    """It does not go out by machine: a person does it, or gives it back."""

    def op(tx: Tx) -> None:
        row = row_of(tx, measure)
        if row["state"] == "due" and row["channel"]:
            _to_person(tx, measure, *why)
            tx.record(MACHINE, "measure_to_person", None, **_facts(row), why=why[1])

    return op


def keep_in(scope: str, setting: Setting) -> Callable[[Tx], int]:
    """At a resume of this scope: nothing that was to go out by machine goes out behind people's backs. Returns how many are people's now."""

    def op(tx: Tx) -> int:
        kept = 0
        rows = tx.db.execute("SELECT id, account FROM measures WHERE state = 'due' AND channel <> '' AND send_at IS NOT NULL")
        for row in rows.fetchall():
            account = setting.book.accounts.get(row["account"])
            covered = {"all", "actions"} | ({account.id, account.platform} if account else set())
            if scope in covered:
                _to_person(tx, row["id"], *STOPPED)
                kept += 1
        return kept

    return op


def restored(tx: Tx) -> None:
    """In an office that comes from a backup: what was to go out may have gone since, and what had begun is 不明. A person looks."""
    tx.db.execute("UPDATE measure_tries SET state = 'unknown' WHERE state = 'begun'")
    tx.db.execute("UPDATE measures SET sent = 'unknown' WHERE sent = 'sending'")
    for row in tx.db.execute("SELECT id FROM measures WHERE state = 'due' AND channel <> ''").fetchall():
        _to_person(tx, row["id"], *RESTORED)


def give(act: SendMeasure, who: Operator, setting: Setting) -> Callable[[Tx], Done]:
    """自動に戻す, by whoever may judge: the channel takes it after the time for taking back."""

    def op(tx: Tx) -> Done:
        row = row_of(tx, act.measure)
        account = setting.account(row["account"])
        serves(who, account)
        capacity_to_judge(who, account, powers_of(account, setting.book), setting)
        if setting.stopped(account):
            raise Refused("stopped", "停止中です。再開を待ってください。", "Stopped: wait for the resume.")
        if row["state"] != "due" or row["channel"]:
            raise Refused("state", f"措置 {act.measure} は、今は渡せません。", f"Measure {act.measure} cannot be given now.")
        post, author = _numbers(tx, row)
        channel = taker(account, row["really"], post, author)
        if not channel:
            raise Refused(
                "way",
                f"{WORDS[row['really']][0]}は、この媒体への道では自動にできません（または、相手の番号が分かりません）。人が行います。",
                "The channel does not take this measure (or the number that it is about is not known): a person does it.",
            )
        tx.db.execute(
            "UPDATE measures SET channel = ?, send_at = ?, why = '', why_en = '' WHERE id = ?",
            (channel, to_db(setting.undo_until), act.measure),
        )
        head = tx.record(who.login, "send_measure", None, **_facts(row), channel=channel)
        return Done(
            message=f"措置 {act.measure} を自動に戻しました。",
            message_en=f"Measure {act.measure} goes by machine.",
            audit_head=head,
        )

    return op


def not_out(tx: Tx, row: sqlite3.Row, who: Operator, saw: str) -> Done:
    """Somebody has looked: a measure that was 不明 was not taken. It is a person's, or is given back."""
    settled(tx, row["id"])
    _to_person(tx, row["id"], "不明でしたが、されていませんでした", "It was unknown, and had not been taken")
    head = tx.record(who.login, "measure_not_done", None, **_facts(row), proof=saw)
    return Done(
        message=f"措置 {row['id']} はされていなかったと記録しました。人が着手するか、自動に戻してください。",
        message_en=f"Recorded: measure {row['id']} had not been taken. Take it, or give it back to the channel.",
        audit_head=head,
    )


def settled(tx: Tx, measure: int) -> None:
    """A person has said what became of a measure: no look needs to."""
    tx.db.execute(
        "UPDATE measure_tries SET state = 'settled', ended_at = ? WHERE measure = ? AND state = 'unknown'", (tx.now, measure)
    )


def still_open(db: sqlite3.Connection) -> list[Open]:
    """The tries that have no known end, the oldest first."""
    rows = db.execute(
        "SELECT t.id, t.measure, t.account, t.channel, t.state, t.begun_at, m.really, m.url, m.author, coalesce(c.source, '') AS source "
        "FROM measure_tries t JOIN measures m ON m.id = t.measure LEFT JOIN comments c ON c.id = m.comment "
        "WHERE t.state IN ('begun', 'unknown') ORDER BY t.id"
    )
    return [
        Open(
            row["id"],
            row["measure"],
            row["account"],
            row["channel"],
            row["state"],
            row["really"],
            target(row["really"], post_of(row["source"], row["url"]), row["author"]),
            from_db(row["begun_at"]),
        )
        for row in rows
    ]


def _done(tx: Tx, row: sqlite3.Row, place: str, setting: Setting) -> None:
    proof = "媒体が行ったと答えました（自動）" + (f" {place}" if place else "")
    tx.db.execute(
        "UPDATE measures SET state = 'done', done_by = ?, done_at = ?, proof = ?, until = NULL, sent = '', why = '', why_en = '' "
        "WHERE id = ?",
        (MACHINE, tx.now, proof, row["id"]),
    )
    blocks.confirmed(tx, row, True, MACHINE, setting)
    forget_measure(tx, row["id"])


def _again(tx: Tx, measure: int, at: datetime, why: tuple[str, str]) -> None:
    tx.db.execute(
        "UPDATE measures SET state = 'due', holder = '', until = NULL, sent = '', send_at = ?, why = ?, why_en = ? WHERE id = ?",
        (to_db(at), *why, measure),
    )


def _to_person(tx: Tx, measure: int, why: str, why_en: str) -> None:
    tx.db.execute(
        "UPDATE measures SET state = 'due', holder = '', until = NULL, sent = '', channel = '', send_at = NULL, why = ?, why_en = ? "
        "WHERE id = ?",
        (why, why_en, measure),
    )


def _numbers(tx: Tx, row: sqlite3.Row) -> tuple[str, str]:
    """The comment's number or address, and its author's number, as far as they are still kept."""
    source = tx.db.execute("SELECT source FROM comments WHERE id = ?", (row["comment"],)).fetchone()
    return post_of(source["source"] if source else "", row["url"]), row["author"]


def _facts(row: sqlite3.Row) -> dict[str, str | int | None]:
    keys: Iterable[str] = ("id", "comment", "account", "asked", "really")
    return {"measure" if key == "id" else key: row[key] for key in keys}
