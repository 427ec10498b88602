"""消去: a text that must not be kept any longer leaves the record, and what the desk kept of it, for good. Its hash stays in the chain.

The record is found by its entry; the desk's own copies (an approval's reason, a return's, the name of a finished draft's file) are
found by the draft that the entry is about and by the very same words.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from daemon.refused import Refused, given
from daemon.rulebook.model import Operator
from daemon.store import Tx, texts
from daemon.store.audit import ERASE
from daemon.wire.acts import Erase
from daemon.wire.answers import Done

_OF_A_DRAFT = (("approvals", "reason"), ("lifts", "reason"), ("releases", "detail"))
_OF_THE_OFFICE = (("stops", "reason"), ("follow_ups", "proof"))
_OF_MODERATION = {
    "comment": (("comment_says", "reason", "comment"),),
    "measure": (("measures", "proof", "id"),),
    "entry": (("block_list", "reason", "id"), ("block_list", "ended_why", "id")),
    "reaction": (("reactions", "note", "id"),),
}
"""By what an entry about comments names: the columns where its words stand, too, and the column that holds that number."""


def erase(act: Erase, who: Operator) -> Callable[[Tx], Done]:
    """The operation. Raises Refused where the entry has no such text, or where it is the name of a file that is still in the queue."""

    def op(tx: Tx) -> Done:
        reason = given(act.reason)
        entry = tx.db.execute("SELECT draft, actor, record FROM audit WHERE seq = ?", (act.entry,)).fetchone()
        text = tx.erase(act.entry, act.field)
        if entry is None or text is None:
            raise Refused(
                "no_such",
                f"記録 {act.entry} 番に、消去できる {act.field} はありません（すでに消去されたか、その欄がありません）。",
                f"Entry {act.entry} has no {act.field} that could be erased: it has been erased, or there never was one.",
            )
        if entry["draft"] is not None:
            _forget_of_draft(tx, entry["draft"], text)
        else:
            _forget(tx, _OF_THE_OFFICE, text, "", ())
            _forget_of_comments(tx, entry["record"], text)
        # Answers that are remembered for repeated requests may quote it.
        quoted = msgspec.json.encode(text)[1:-1]
        tx.db.execute("DELETE FROM requests WHERE instr(answer, ?) > 0", (quoted,))
        head = tx.record(who.login, ERASE, entry["draft"], entry=act.entry, field=act.field, reason=reason)
        tx.anchor()
        return Done(
            message=f"記録 {act.entry} 番の {act.field} を消去しました。鎖のハッシュは残り、消去したことも記録しました。",
            message_en=f"The {act.field} of entry {act.entry} is erased. Its hash stays in the chain, and the erasure is recorded.",
            audit_head=head,
        )

    return op


def _forget_of_draft(tx: Tx, draft: int, text: str) -> None:
    _forget(tx, _OF_A_DRAFT, text, " AND draft = ?", (draft,))
    tx.db.execute("UPDATE drafts SET returned = '' WHERE id = ? AND returned = ?", (draft, text))
    tx.db.execute("UPDATE draft_revisions SET returned = '' WHERE draft = ? AND returned = ?", (draft, text))
    tx.db.execute("DELETE FROM last_decisions WHERE draft = ?", (draft,))
    file = tx.db.execute("SELECT name, live FROM drafts WHERE id = ?", (draft,)).fetchone()
    if file is None or file["name"].decode("utf-8", "backslashreplace") != text:
        return
    if file["live"]:
        raise Refused(
            "state",
            "この名前のファイルは、まだ案件として残っています。取下げ・発信が済んでから消去してください。",
            "The file of this name is still in the queue: erase its name when it has been released or withdrawn.",
        )
    texts.rename(tx.db, draft, file["name"], b"erased-%d" % draft, traces=False)
    tx.db.execute("UPDATE drafts SET name = CAST('erased-' || id AS BLOB) WHERE id = ?", (draft,))


def _forget_of_comments(tx: Tx, record: bytes, text: str) -> None:
    detail = msgspec.json.decode(record).get("detail", {})
    for name, places in _OF_MODERATION.items():
        if isinstance(number := detail.get(name), int):
            for table, column, by in places:
                _forget(tx, ((table, column),), text, f" AND {by} = ?", (number,))


def _forget(tx: Tx, places: tuple[tuple[str, str], ...], text: str, where: str, values: tuple[int, ...]) -> None:
    for table, column in places:
        tx.db.execute(f"UPDATE {table} SET {column} = '' WHERE {column} = ?{where}", (text, *values))
