"""ブロックリスト: handle and platform id, clause, judge, dates, reason; nothing else. An entry stands when somebody has seen it on the platform.

A renamed account keeps its id, and so its entry. Names that look alike are a hint, never more.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from datetime import date

from daemon.moderation.comment import Comment
from daemon.moderation.judges import capacity_to_judge, ground_named, powers_for
from daemon.moderation.setting import Setting
from daemon.refused import Refused, given, serves
from daemon.rulebook.model import Account, Operator
from daemon.rulebook.powers import Ground
from daemon.store import Tx, from_db
from daemon.wire.answers import Done
from daemon.wire.bench import (
    Alike,
)
from daemon.wire.blocks import BlockSeen
from daemon.wire.moderation import AddBlock, ImportBlocks, RemoveBlock, ReviewBlock

Op = Callable[[Tx], Done]
IMPORT_MOST = 10_000
"""Handles in one import."""
_COLUMNS = "account, platform, handle, author, clause, cite, judge, reason, measure, at, review_on, state"


def begin(tx: Tx, comment: Comment, account: Account, measure: int, ground: Ground) -> None:
    """A judgement asks for a block: its entry waits until somebody has confirmed it on the platform."""
    said = tx.db.execute(
        "SELECT login, reason FROM comment_says WHERE comment = ? AND kind = 'judgement' ORDER BY id DESC LIMIT 1", (comment.id,)
    ).fetchone()
    if _standing(tx, account.id, comment.handle, comment.author) is not None:
        return
    _insert(
        tx,
        account,
        comment.handle,
        comment.author,
        ground.id,
        ground.cite,
        said["login"],
        said["reason"],
        measure,
        "pending",
        None,
    )


def confirmed(tx: Tx, measure: sqlite3.Row, was_done: bool, by: str, setting: Setting) -> None:
    """A person has said what they saw of a block, or of one that was lifted."""
    if measure["really"] == "block":
        state, on = ("standing", next_review(setting).isoformat()) if was_done else ("removed", "")
        tx.db.execute(
            "UPDATE block_list SET state = ?, review_on = CASE WHEN ? = '' THEN review_on ELSE ? END, "
            "ended_at = CASE WHEN ? = 'removed' THEN ? ELSE NULL END, ended_by = CASE WHEN ? = 'removed' THEN ? ELSE '' END "
            "WHERE measure = ? AND state = 'pending'",
            (state, on, on, state, tx.now, state, by, measure["id"]),
        )
    elif measure["really"] == "unblock" and was_done and measure["reverses"] is not None:
        tx.db.execute(
            "UPDATE block_list SET state = 'removed', ended_at = ?, ended_by = ? WHERE measure = ? AND state <> 'removed'",
            (tx.now, by, measure["reverses"]),
        )


def entry_of(tx: Tx, measure: int) -> sqlite3.Row | None:
    """The entry that a measure has made, while it stands or waits."""
    row: sqlite3.Row | None = tx.db.execute(
        "SELECT * FROM block_list WHERE measure = ? AND state <> 'removed'", (measure,)
    ).fetchone()
    return row


def stands(tx: Tx, account: str, handle: str, author: str) -> bool:
    """Whether there is an entry of this id, or of this name where no id tells them apart."""
    return _standing(tx, account, handle, author) is not None


def dropped(tx: Tx, measure: int, by: str) -> None:
    """A block that nobody began falls away with its measure."""
    tx.db.execute(
        "UPDATE block_list SET state = 'removed', ended_at = ?, ended_by = ? WHERE measure = ? AND state = 'pending'",
        (tx.now, by, measure),
    )


def add(act: AddBlock, who: Operator, setting: Setting) -> Op:
    """載せる: what was blocked on the platform already, under a ground, by whoever may judge."""

    def op(tx: Tx) -> Done:
        account = setting.account(act.account)
        serves(who, account)
        reason = given(act.reason)
        ground = ground_named(account, act.clause, setting)
        powers = powers_for(account, ground, ("block",), setting)
        capacity_to_judge(who, account, powers, setting)
        handle = _handle(act.handle)
        if _standing(tx, account.id, handle, act.author) is not None:
            raise Refused("state", f"@{handle} はもう載っています。", f"@{handle} is on the list already.")
        entry = _insert(
            tx, account, handle, act.author, ground.id, ground.cite, who.login, reason, None, "standing", next_review(setting)
        )
        head = tx.record(
            who.login,
            "add_block",
            None,
            entry=entry,
            account=account.id,
            clause=ground.id,
            words=ground.text,
            reason=reason,
        )
        # An answer is remembered for repeated requests: it names nobody.
        return Done(message=f"{entry} 番として載せました。", message_en=f"It is entry {entry}.", audit_head=head)

    return op


def remove(act: RemoveBlock, who: Operator, setting: Setting) -> Op:
    """解除 by the manager: the entry ends, and, where a block stands on the platform, a measure is opened that lifts it there."""

    def op(tx: Tx) -> Done:
        row = _row(tx, act.entry)
        account = setting.account(row["account"])
        serves(who, account, manager=True)
        reason = given(act.reason)
        if row["state"] == "removed":
            raise Refused("state", f"{act.entry} 番はもう解除されています。", f"Entry {act.entry} is removed already.")
        tx.db.execute(
            "UPDATE block_list SET state = 'removed', ended_at = ?, ended_by = ?, ended_why = ? WHERE id = ?",
            (tx.now, who.login, reason, act.entry),
        )
        head = tx.record(who.login, "remove_block", None, entry=act.entry, account=account.id, reason=reason)
        if row["state"] == "pending":
            tx.db.execute(
                "UPDATE measures SET state = 'dropped', done_by = ?, done_at = ? WHERE id = ? AND state = 'due'",
                (who.login, tx.now, row["measure"]),
            )
            return Done(message=f"{act.entry} 番を取りやめました。", message_en=f"Entry {act.entry} falls away.", audit_head=head)
        cursor = tx.db.execute(
            "INSERT INTO measures (comment, judgement, account, asked, really, reverses, handle, author, url, clause, state, at) "
            "VALUES (NULL, NULL, ?, 'unblock', 'unblock', ?, ?, ?, '', ?, 'due', ?)",
            (account.id, row["measure"], row["handle"], row["author"], row["clause"], tx.now),
        )
        return Done(
            message=f"{act.entry} 番を解除しました。媒体の上で解く措置 {cursor.lastrowid} を開きました。",
            message_en=f"Entry {act.entry} is removed; measure {cursor.lastrowid} lifts it on the platform.",
            audit_head=head,
        )

    return op


def review(act: ReviewBlock, who: Operator, setting: Setting) -> Op:
    """見直し: it is to stand on."""

    def op(tx: Tx) -> Done:
        row = _row(tx, act.entry)
        account = setting.account(row["account"])
        serves(who, account, manager=True)
        reason = given(act.reason)
        if row["state"] == "removed":
            raise Refused("state", f"{act.entry} 番は解除されています。", f"Entry {act.entry} is removed.")
        until = act.until or next_review(setting)
        if until <= setting.today:
            raise Refused("time", "見直しの日は、あすよりあとです。", "The next review lies after today.")
        tx.db.execute("UPDATE block_list SET review_on = ? WHERE id = ?", (until.isoformat(), act.entry))
        head = tx.record(
            who.login, "review_block", None, entry=act.entry, account=account.id, until=until.isoformat(), reason=reason
        )
        return Done(
            message=f"続けます。次の見直しは {until} です。", message_en=f"It stands on; next review on {until}.", audit_head=head
        )

    return op


def take_over(act: ImportBlocks, who: Operator, setting: Setting) -> Op:
    """取込み: of an older list (根拠未確認), or of what the platform itself lists (`read_back`), which confirms what waits and tells what
    differs."""

    def op(tx: Tx) -> Done:
        account = setting.account(act.account)
        serves(who, account, manager=not act.read_back)
        if len(act.handles) > IMPORT_MOST:
            raise Refused("busy", f"一度に {IMPORT_MOST} 件までです。", f"At most {IMPORT_MOST} at once.")
        new = renamed = seen = stands = 0
        found: set[int] = set()
        for raw, author in act.handles:
            handle = _handle(raw)
            before = _standing(tx, account.id, handle, author.strip())
            if before is None:
                found.add(_insert(tx, account, handle, author.strip(), "", "", "", "", None, "standing", next_review(setting)))
                new += 1
                continue
            found.add(before["id"])
            if before["state"] == "pending" and act.read_back:
                tx.db.execute(
                    "UPDATE block_list SET state = 'standing', review_on = ? WHERE id = ?", (_review(setting), before["id"])
                )
                tx.db.execute(
                    "UPDATE measures SET state = 'done', done_by = ?, done_at = ?, proof = '媒体のブロックの一覧で確認' "
                    "WHERE id = ? AND state IN ('due', 'taken')",
                    (who.login, tx.now, before["measure"]),
                )
                stands += 1
            if before["handle"].casefold() != handle.casefold() and author:
                tx.db.execute("UPDATE block_list SET handle = ? WHERE id = ?", (handle, before["id"]))
                renamed += 1
            elif author and not before["author"]:
                tx.db.execute("UPDATE block_list SET author = ? WHERE id = ?", (author.strip(), before["id"]))
            seen += 1
        absent = 0
        if act.read_back:
            every = tx.db.execute("SELECT id FROM block_list WHERE account = ? AND state = 'standing'", (account.id,))
            absent = sum(1 for each in every if each["id"] not in found)
        head = tx.record(
            who.login, "import_blocks", None, account=account.id, new=new, known=seen, renamed=renamed, confirmed=stands
        )
        ja = f"取り込みました: 新しいもの {new} 件（根拠未確認）、載っていたもの {seen} 件"
        ja += f"、名前が変わっていたもの {renamed} 件" if renamed else ""
        ja += f"、ブロックを確認したもの {stands} 件" if stands else ""
        ja += f"。手元にあって媒体にないものが {absent} 件あります" if absent else ""
        return Done(
            message=f"{ja}。",
            message_en=f"{new} new (without a ground), {seen} known, {renamed} renamed, {stands} confirmed, {absent} not on the platform.",
            audit_head=head,
        )

    return op


def next_review(setting: Setting) -> date:
    """The day of the next review of an entry that is looked at today."""
    today = setting.today
    years, month = divmod(today.month - 1 + setting.book.moderation.terms.review_months, 12)
    year, month = today.year + years, month + 1
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def listed(db: sqlite3.Connection, account: str, removed: bool, setting: Setting, who: Operator) -> tuple[BlockSeen, ...]:
    """The entries, of one account or of all, as far as this person serves them."""
    rows = db.execute(
        f"SELECT id, {_COLUMNS}, ended_at, ended_by, ended_why FROM block_list WHERE (? = '' OR account = ?) AND (? OR state <> 'removed') "
        "ORDER BY account, handle, id",
        (account, account, removed),
    )
    served = {each.id for each in setting.book.accounts.values() if each.policy in who.policies}
    return tuple(_seen(row, setting, who) for row in rows if row["account"] in served)


def alike(db: sqlite3.Connection, account: str, handle: str, author: str) -> tuple[Alike, ...]:
    """The entries whose name looks like this one, or that are of the same id: a hint."""
    if not handle and not author:
        return ()
    mine = _skeleton(handle)
    rows = db.execute("SELECT id, handle, author FROM block_list WHERE account = ? AND state <> 'removed'", (account,))
    return tuple(
        Alike(entry=row["id"], handle=row["handle"], same=bool(author) and row["author"] == author)
        for row in rows
        if (author and row["author"] == author) or (mine and _skeleton(row["handle"]) == mine)
    )


def overdue(db: sqlite3.Connection, setting: Setting) -> int:
    """How many entries wait for their review since before today."""
    (count,) = db.execute(
        "SELECT count(*) FROM block_list WHERE state <> 'removed' AND review_on <> '' AND review_on < ?",
        (setting.today.isoformat(),),
    ).fetchone()
    return int(count)


_LIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "5": "s", "_": "", "-": "", ".": "", "・": ""})


def _skeleton(handle: str) -> str:
    """What a hurried eye sees of a name."""
    return unicodedata.normalize("NFKC", handle).casefold().lstrip("@").translate(_LIKE)


def _review(setting: Setting) -> str:
    return next_review(setting).isoformat()


def _handle(raw: str) -> str:
    handle = raw.strip().lstrip("@")
    if not handle or len(handle) > 200 or any(unicodedata.category(each) in ("Cc", "Cs") for each in handle):
        raise Refused("protocol", "アカウント名（ハンドル）が要ります。", "A handle is needed.")
    return handle


def _standing(tx: Tx, account: str, handle: str, author: str) -> sqlite3.Row | None:
    """The entry of this id, or, where no id tells them apart, of this name."""
    if author:
        row: sqlite3.Row | None = tx.db.execute(
            "SELECT * FROM block_list WHERE account = ? AND author = ? AND state <> 'removed'", (account, author)
        ).fetchone()
        if row is not None:
            return row
    named: sqlite3.Row | None = tx.db.execute(
        "SELECT * FROM block_list WHERE account = ? AND handle = ? COLLATE NOCASE AND state <> 'removed' AND (author = '' OR ? = '')",
        (account, handle, author),
    ).fetchone()
    return named


def _insert(
    tx: Tx,
    account: Account,
    handle: str,
    author: str,
    clause: str,
    cite: str,
    judge: str,
    reason: str,
    measure: int | None,
    state: str,
    review_on: date | None,
) -> int:
    cursor = tx.db.execute(
        f"INSERT INTO block_list ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            account.id,
            account.platform,
            handle,
            author,
            clause,
            cite,
            judge,
            reason,
            measure,
            tx.now,
            review_on.isoformat() if review_on else "",
            state,
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _row(tx: Tx, entry: int) -> sqlite3.Row:
    row: sqlite3.Row | None = tx.db.execute("SELECT * FROM block_list WHERE id = ?", (entry,)).fetchone()
    if row is None:
        raise Refused("no_such", f"ブロックリストに {entry} 番はありません。", f"The block list has no entry {entry}.")
    return row


def _seen(row: sqlite3.Row, setting: Setting, who: Operator) -> BlockSeen:
    account = setting.book.accounts.get(row["account"])
    review_on = date.fromisoformat(row["review_on"]) if row["review_on"] else next_review(setting)
    standing = row["state"] != "removed"
    manages = account is not None and account.policy in who.policies and who.role == "manager"
    return BlockSeen(
        id=row["id"],
        account=row["account"],
        platform=row["platform"],
        handle=row["handle"],
        author=row["author"],
        clause=row["clause"],
        cite=row["cite"],
        judge=row["judge"],
        reason=row["reason"],
        at=from_db(row["at"]),
        review_on=review_on,
        state=row["state"],
        late=standing and bool(row["review_on"]) and review_on < setting.today,
        ended_at=None if row["ended_at"] is None else from_db(row["ended_at"]),
        ended_by=row["ended_by"],
        ended_why=row["ended_why"],
        can=("remove_block", "review_block") if standing and manages else (),
    )
