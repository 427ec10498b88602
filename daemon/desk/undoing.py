"""取消: a decision that its maker takes back before anything has come of it. The record keeps both."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

import msgspec

from daemon.desk.acts import Op, done, note
from daemon.desk.case import Case, Setting, load
from daemon.desk.undoable import TABLES
from daemon.refused import Refused, serves
from daemon.rulebook.model import Operator
from daemon.store import Tx, from_db, to_db
from daemon.wire.approving import Undo

WORDS = {
    "approve": ("承認", "the approval"),
    "return": ("差戻し", "the return"),
    "withdraw": ("取下げ", "the withdrawal"),
    "except": ("例外", "the exception"),
    "schedule": ("予約", "the schedule"),
}


def undo(act: Undo, who: Operator, setting: Setting) -> Op:
    """The operation: the draft stands again as before one's own last decision. Refused once the time is over, somebody else has decided
    since, or anything has begun."""

    def op(tx: Tx) -> Any:
        case = load(tx.db, act.draft, setting.book)
        serves(who, case.account)
        last = tx.db.execute("SELECT * FROM last_decisions WHERE draft = ?", (act.draft,)).fetchone()
        may_be_undone(last, case, who, setting)
        before = msgspec.msgpack.decode(last["before"])
        _nothing_in_its_place(tx, case, before["row"])
        _restore(tx, case.id, before)
        tx.db.execute("DELETE FROM last_decisions WHERE draft = ?", (case.id,))
        case = load(tx.db, case.id, setting.book)
        head = note(tx, who, "undo", case, case.policy(setting.book), undone=last["act"], since=last["at"])
        ja, en = WORDS[last["act"]]
        return done(case, head, f"{ja}を取り消しました。", f"Took back {en}.")

    return op


def undoable_by(last: sqlite3.Row | None, case: Case, who: Operator, setting: Setting) -> bool:
    """Whether this person could take their last decision about this draft back now."""
    try:
        may_be_undone(last, case, who, setting)
    except Refused:
        return False
    return True


def may_be_undone(last: sqlite3.Row | None, case: Case, who: Operator, setting: Setting) -> None:
    """Raises Refused where this person cannot take the last decision about this draft (a row of `last_decisions`) back now."""
    if last is None:
        raise Refused(
            "no_such", "この下書きに、取り消せる決定はありません。", "There is no decision about this draft to take back."
        )
    if last["login"] != who.login:
        person = setting.book.operators.get(last["login"])
        name = person.name if person is not None else last["login"]
        raise Refused(
            "state",
            f"最後に決めたのは{name}さんです。取り消せるのは本人だけです。差戻し（r）や保留（:保留）はできます。",
            f"The last decision was made by {last['login']}, who alone can take it back. You may return or hold the draft.",
        )
    seconds = setting.book.office.undo_seconds
    if setting.now - from_db(last["at"]) > timedelta(seconds=seconds):
        raise Refused(
            "time",
            f"取り消せるのは {seconds} 秒以内です。差戻し（r）、保留（:保留）、取下げ（w）を使ってください。",
            f"A decision can be taken back within {seconds} seconds. Return, hold or withdraw the draft instead.",
        )
    if (last["state"], last["changed_at"]) != (case.state, to_db(case.changed_at)):
        raise Refused(
            "state",
            "その決定のあとに動きがあったため、取り消せません。画面を更新して状態を確かめてください。",
            "Something has happened to the draft since that decision: refresh and look at its state.",
        )


def _nothing_in_its_place(tx: Tx, case: Case, row: dict[str, Any]) -> None:
    """A withdrawn draft comes back only while its file is there and has not become another draft."""
    if case.state != "withdrawn":
        return
    place = (case.account.id, case.name)
    there = tx.db.execute("SELECT 1 FROM seen WHERE account = ? AND name = ?", place).fetchone()
    taken = tx.db.execute("SELECT 1 FROM drafts WHERE account = ? AND name = ? AND live = 1", place).fetchone()
    if there is None or taken is not None:
        raise Refused(
            "state",
            "そのファイルはもうないか、新しい下書きになっています。",
            "Its file is gone, or has become a new draft.",
        )


def _restore(tx: Tx, draft: int, before: dict[str, Any]) -> None:
    row = before["row"]
    tx.db.execute(
        f"UPDATE drafts SET {', '.join(f'{name} = ?' for name in row)}, changed_at = ?, ready_at = iif(? = 'approved', ?, NULL) WHERE id = ?",
        (*row.values(), tx.now, row["state"], tx.now, draft),
    )
    for table in TABLES:
        tx.db.execute(f"DELETE FROM {table} WHERE draft = ?", (draft,))
        for each in before[table]:
            marks = ", ".join("?" * len(each))
            tx.db.execute(f"INSERT INTO {table} ({', '.join(each)}) VALUES ({marks})", tuple(each.values()))
