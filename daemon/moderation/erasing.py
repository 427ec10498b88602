"""消去: the words of a comment go when its term is over. The hash and what was decided stay; the bytes leave the database for good."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date, datetime, timedelta

from daemon.moderation.comment import COLUMNS, IN_HAND, Comment, forget, load, of
from daemon.moderation.setting import Setting
from daemon.refused import Refused, given, serves
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Operator, Rulebook
from daemon.store import Tx, to_db
from daemon.wire.answers import Done
from daemon.wire.moderation import EraseComment

AT_ONCE = 500
MACHINE = "daemon"


_LEFT = (
    (
        "block_list",
        "state = 'removed' AND ended_at < ? AND (handle <> '' OR author <> '' OR reason <> '')",
        "handle = '', author = '', reason = '', ended_why = ''",
    ),
    (
        "measures",
        "comment IS NULL AND state NOT IN ('due', 'taken') AND done_at < ? AND (handle <> '' OR author <> '')",
        "handle = '', author = '', url = '', proof = ''",
    ),
)
"""What outlives its comment: entries that were removed, and the measures that lifted them."""


def _cut(setting: Setting) -> int:
    return to_db(setting.now - timedelta(days=setting.book.moderation.terms.keep_days))


def term(comment: Comment, book: Rulebook) -> datetime:
    """When the words of a comment are erased: so many days after the last decision, or after it came where there was none."""
    terms = book.moderation.terms
    if comment.state in IN_HAND:
        return comment.arrived_at + timedelta(days=terms.open_days)
    return comment.changed_at + timedelta(days=terms.keep_days)


def erase_on(comment: Comment, book: Rulebook) -> date | None:
    """That day (Japan); None where they are erased already."""
    return None if comment.erased_at is not None else term(comment, book).astimezone(TOKYO).date()


def due(db: sqlite3.Connection, setting: Setting) -> bool:
    """Whether there is anything to erase now. Reads one row at most of each kind."""
    return bool(_due(db, setting, 1)) or any(
        db.execute(f"SELECT 1 FROM {table} WHERE {where} LIMIT 1", (_cut(setting),)).fetchone() for table, where, _ in _LEFT
    )


def erase_due(setting: Setting) -> Callable[[Tx], int]:
    """Erase what is due, some hundreds at once; returns how many. A comment whose measure somebody has in hand waits for that."""

    def op(tx: Tx) -> int:
        found = _due(tx.db, setting, AT_ONCE)
        for comment in found:
            forget(tx, comment)
            if comment.state in IN_HAND:
                tx.db.execute("UPDATE comments SET state = 'gone', changed_at = ? WHERE id = ?", (tx.now, comment.id))
                tx.db.execute("DELETE FROM comment_claims WHERE comment = ?", (comment.id,))
        if found:
            numbers = [comment.id for comment in found]
            tx.record(MACHINE, "erase_comments", None, comments=numbers, evidence=[comment.evidence for comment in found])
        cut = _cut(setting)
        left = sum(tx.db.execute(f"UPDATE {table} SET {blank} WHERE {where}", (cut,)).rowcount for table, where, blank in _LEFT)
        tx.erased = tx.erased or left > 0
        return len(found) + left

    return op


def erase(act: EraseComment, who: Operator, setting: Setting) -> Callable[[Tx], Done]:
    """消去 before the term, by a manager, with the reason."""

    def op(tx: Tx) -> Done:
        comment = load(tx.db, act.comment)
        serves(who, setting.account(comment.account), manager=True)
        reason = given(act.reason)
        if comment.erased_at is not None:
            raise Refused("state", "もう消去されています。", "It is erased already.")
        forget(tx, comment)
        if comment.state in IN_HAND:
            tx.db.execute("UPDATE comments SET state = 'gone', changed_at = ? WHERE id = ?", (tx.now, comment.id))
        head = tx.record(who.login, "erase_comment", None, comment=comment.id, evidence=comment.evidence, reason=reason)
        return Done(
            message=f"コメント {comment.id} の本文と投稿者を消去しました。ハッシュと判断は残ります。",
            message_en=f"Words and author of comment {comment.id} are erased; hash and decision stay.",
            audit_head=head,
        )

    return op


def _due(db: sqlite3.Connection, setting: Setting, most: int) -> list[Comment]:
    terms = setting.book.moderation.terms
    judged = to_db(setting.now - timedelta(days=terms.keep_days))
    waiting = to_db(setting.now - timedelta(days=terms.open_days))
    named = ", ".join(f"'{state}'" for state in IN_HAND)  # as the indexes name them
    busy = "id NOT IN (SELECT comment FROM measures WHERE comment IS NOT NULL AND state IN ('due', 'taken'))"
    rows = db.execute(
        f"SELECT {COLUMNS} FROM comments WHERE erased_at IS NULL AND changed_at < ? AND state NOT IN ({named}) AND {busy} LIMIT ?",
        (judged, most),
    ).fetchall()
    rows += db.execute(
        f"SELECT {COLUMNS} FROM comments WHERE erased_at IS NULL AND state IN ({named}) AND arrived_at < ? AND {busy} LIMIT ?",
        (waiting, most - len(rows)),
    ).fetchall()
    return [of(row) for row in rows]
