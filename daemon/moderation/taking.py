"""措置 in somebody's hands: a person takes one, does it on the platform, and says what they saw there.

Taking one passes the gate: while a stop covers the account's actions nobody gets a check-list. What somebody has in hand at a stop is named
on every screen.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from daemon.moderation import blocks, sending
from daemon.moderation.comment import forget_measure
from daemon.moderation.machine import MACHINE, in_hands
from daemon.moderation.measures import Op, held, row_of, seen
from daemon.moderation.platforms import WORDS, means
from daemon.moderation.setting import Setting
from daemon.refused import Refused, given, serves
from daemon.rulebook.model import Operator
from daemon.store import Tx, from_db, to_db
from daemon.wire.answers import Done
from daemon.wire.bench import MeasureCard
from daemon.wire.moderation import MeasureDone, TakeMeasure

LEASE = timedelta(minutes=10)
"""How long somebody has a measure in hand."""


class InHand(NamedTuple):
    """Who had a measure in hand, and until when, at one moment."""

    state: str
    holder: str
    until: int | None
    channel: str = ""
    send_at: int | None = None


def take(act: TakeMeasure, who: Operator, setting: Setting) -> Callable[[Tx], MeasureCard]:
    """措置に着手. Whoever asks for the check-list passes the gate first (the caller has looked at it in this moment, too)."""

    def op(tx: Tx) -> MeasureCard:
        row = row_of(tx, act.measure)
        account = setting.account(row["account"])
        serves(who, account)
        if setting.stopped(account):
            raise Refused(
                "stopped",
                "停止中です。コメントへの措置も止まっています。再開（kohoban resume）を待ってください。",
                "Stopped: measures stand still, too. Wait for the resume (kohoban resume).",
            )
        if row["holder"] != who.login and in_hands(row, setting.now):
            raise held(row, setting)
        if row["sent"] == "unknown":
            raise lost(act.measure)
        if row["state"] not in ("due", "taken"):
            raise Refused("state", f"措置 {act.measure} は済んでいます。", f"Measure {act.measure} is over.")
        until = setting.now + LEASE
        tx.db.execute(  # from here on it is this person's, and no channel's
            "UPDATE measures SET state = 'taken', holder = ?, until = ?, channel = '', send_at = NULL WHERE id = ?",
            (who.login, to_db(until), act.measure),
        )
        tx.record(
            who.login,
            "take_measure",
            None,
            measure=act.measure,
            comment=row["comment"],
            account=row["account"],
            asked=row["asked"],
        )
        how = means(account.platform, row["really"])
        words = {
            "handle": f"@{account.handle.lstrip('@')}",
            "url": row["url"] or "（URL 不明）",
            "author": row["handle"] or row["author"],
        }
        return MeasureCard(
            measure=seen(row_of(tx, act.measure), setting, who),
            steps=tuple(ja.format(**words) for ja, _ in how.steps),
            steps_en=tuple(en.format(**words) for _, en in how.steps),
            confirm=how.confirm[0],
            confirm_en=how.confirm[1],
        )

    return op


def lost(measure: int) -> Refused:
    """That nobody knows whether the channel has done it: a person looks first."""
    return Refused(
        "state",
        f"措置 {measure} は不明です。媒体の画面を見て、されていれば済、されていなければできずを記録してください。",
        f"Nobody knows whether measure {measure} was taken: look at the platform, and record it as done or not done.",
    )


def hands(db: sqlite3.Connection, measure: int) -> InHand:
    """In whose hands a measure is. Raises Refused where there is none of that number."""
    row = db.execute("SELECT state, holder, until, channel, send_at FROM measures WHERE id = ?", (measure,)).fetchone()
    if row is None:
        raise Refused("no_such", f"措置 {measure} はありません。", f"There is no measure {measure}.")
    return InHand(row["state"], row["holder"], row["until"], row["channel"], row["send_at"])


def never_taken(measure: int, before: InHand) -> Callable[[Tx], None]:
    """A stop came while somebody took it, and they were shown nothing: it is in the hands in which it was."""

    def op(tx: Tx) -> None:
        tx.db.execute(
            "UPDATE measures SET state = ?, holder = ?, until = ?, channel = ?, send_at = ? WHERE id = ? AND state = 'taken'",
            (*before, measure),
        )
        tx.record(MACHINE, "prevented", None, measure=measure)

    return op


def done(act: MeasureDone, who: Operator, setting: Setting) -> Op:
    """措置の結果: what the person saw on the platform. It is recorded also while stopped: what was done was done."""

    def op(tx: Tx) -> Done:
        row = row_of(tx, act.measure)
        serves(who, setting.account(row["account"]))
        proof = given(act.proof)
        if row["state"] == "due" and act.done:
            raise Refused(
                "lease",
                f"先に措置に着手してください（kohoban comments take {act.measure}）。停止の確認を通ります。",
                f"Take the measure first (kohoban comments take {act.measure}): that passes the gate.",
            )
        if row["state"] not in ("due", "taken"):
            raise Refused("state", f"措置 {act.measure} は済んでいます。", f"Measure {act.measure} is over.")
        if row["holder"] != who.login and in_hands(row, setting.now):
            raise held(row, setting)
        if row["sent"] == "unknown" and not act.done:
            return sending.not_out(tx, row, who, proof)
        tx.db.execute(
            "UPDATE measures SET state = ?, done_by = ?, done_at = ?, proof = ?, until = NULL, sent = '' WHERE id = ?",
            ("done" if act.done else "not_done", who.login, tx.now, proof, act.measure),
        )
        sending.settled(tx, act.measure)
        blocks.confirmed(tx, row, act.done, who.login, setting)
        forget_measure(tx, act.measure)
        head = tx.record(
            who.login,
            "measure_done" if act.done else "measure_not_done",
            None,
            measure=act.measure,
            comment=row["comment"],
            account=row["account"],
            asked=row["asked"],
            really=row["really"],
            proof=proof,
        )
        word, word_en = WORDS[row["really"]]
        asked = WORDS[row["asked"]][0]
        both = word if row["really"] == row["asked"] else f"{word}（要綱上の措置は{asked}）"
        return Done(
            message=f"{both}を実施したと記録しました。" if act.done else f"{word}はできなかったと記録しました。",
            message_en=f"Recorded: {word_en} {'done' if act.done else 'not done'}.",
            audit_head=head,
        )

    return op


def in_hand(db: sqlite3.Connection, scopes: frozenset[str], setting: Setting) -> list[tuple[int, str, str]]:
    """The measures that somebody has in hand under these scopes of a stop: number, account and holder, to be called."""
    if not scopes:
        return []
    rows = db.execute(  # the first condition is the index's
        "SELECT id, holder, account, until FROM measures WHERE state IN ('due', 'taken') AND state = 'taken'"
    ).fetchall()
    out = []
    for row in rows:
        account = setting.book.accounts.get(row["account"])
        covered = {"all", "actions"} | ({account.id, account.platform} if account else set())
        if from_db(row["until"]) > setting.now and scopes & covered:
            out.append((row["id"], row["account"], row["holder"]))
    return out
