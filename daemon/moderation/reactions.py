"""反応の報告 (港区 7-2(7)): hostile reactions to a post of our own. Who sees them tells the manager; a pause, a correction, or nothing is decided
by a person, and done by the acts that exist for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping

from daemon.moderation.setting import Setting
from daemon.refused import Refused, given, serves
from daemon.rulebook.model import Operator
from daemon.store import Tx, from_db
from daemon.wire.answers import Done
from daemon.wire.bench import ReactionSeen
from daemon.wire.moderation import EndReaction, ReportReaction

OUTCOMES: Mapping[str, tuple[str, str, str, str]] = {
    "pause": ("発信を止める", "pause", "kohoban stop --scope {account}", "kohoban stop --scope {account}"),
    "correct": ("訂正する", "correct", "kohoban correct（C）で訂正を用意する", "prepare a correction: kohoban correct (C)"),
    "watch": ("見守る", "watch", "様子を見て、変わったらもう一度報告する", "watch on, and report again if it changes"),
    "none": ("対応しない", "nothing", "", ""),
}


def report(act: ReportReaction, who: Operator, setting: Setting) -> Callable[[Tx], Done]:
    """The report."""

    def op(tx: Tx) -> Done:
        account = setting.account(act.account)
        serves(who, account)
        note = given(act.note)
        cursor = tx.db.execute(
            "INSERT INTO reactions (account, post, note, by, at) VALUES (?, ?, ?, ?, ?)",
            (account.id, act.post.strip(), note, who.login, tx.now),
        )
        head = tx.record(who.login, "report_reaction", None, reaction=cursor.lastrowid, account=account.id, note=note)
        return Done(
            message=f"反応の報告 {cursor.lastrowid} 番を、管理者に上げました。",
            message_en=f"Report {cursor.lastrowid} is before the manager.",
            audit_head=head,
        )

    return op


def end(act: EndReaction, who: Operator, setting: Setting) -> Callable[[Tx], Done]:
    """What was decided about it, and the act that carries it out."""

    def op(tx: Tx) -> Done:
        row = tx.db.execute("SELECT * FROM reactions WHERE id = ?", (act.reaction,)).fetchone()
        if row is None:
            raise Refused("no_such", f"反応の報告 {act.reaction} 番はありません。", f"There is no report {act.reaction}.")
        account = setting.account(row["account"])
        serves(who, account, manager=True)
        if row["ended_at"] is not None:
            raise Refused("state", "もう対応を決めています。", "That is decided already.")
        tx.db.execute(
            "UPDATE reactions SET ended_at = ?, ended_by = ?, outcome = ? WHERE id = ?",
            (tx.now, who.login, act.outcome, act.reaction),
        )
        head = tx.record(
            who.login, "end_reaction", None, reaction=act.reaction, account=account.id, outcome=act.outcome, note=act.note
        )
        ja, en, how, how_en = OUTCOMES[act.outcome]
        more, more_en = (
            (f" 次: {how.format(account=account.id)}", f" Next: {how_en.format(account=account.id)}") if how else ("", "")
        )
        return Done(message=f"「{ja}」と決めました。{more}", message_en=f"Decided: {en}.{more_en}", audit_head=head)

    return op


def listed(db: sqlite3.Connection) -> tuple[ReactionSeen, ...]:
    """The reports that nobody has dealt with."""
    rows = db.execute("SELECT * FROM reactions WHERE ended_at IS NULL ORDER BY id")
    return tuple(
        ReactionSeen(
            id=row["id"], account=row["account"], post=row["post"], note=row["note"], by=row["by"], at=from_db(row["at"])
        )
        for row in rows
    )
