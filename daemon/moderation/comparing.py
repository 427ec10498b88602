"""突き合わせ: the block list against the platform's own. Nothing is changed by itself; a block that stands there can be confirmed by it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from daemon.moderation import blocks
from daemon.moderation.comment import forget_measure
from daemon.moderation.setting import Setting
from daemon.rulebook.model import Account, Operator
from daemon.store import Tx
from daemon.wire.answers import Done
from daemon.wire.blocks import BlockedThere, BlocksCompared, BlockSeen

Listed = Sequence[tuple[str, str]]
"""Whom a platform says that an account blocks: number and handle."""
PROOF = "媒体のブロックの一覧にあることを、突き合わせで確認"


def compared(
    db: sqlite3.Connection, account: Account, listed: Listed, whole: bool, setting: Setting, who: Operator
) -> BlocksCompared:
    """The list here against the one there: by the platform's number, or by the name where the entry has none."""
    entries = blocks.listed(db, account.id, False, setting, who)
    met = {each.id: each for each in entries if _there(each, listed)}
    by_number = {each.author for each in met.values() if each.author}
    by_name = {each.handle.casefold() for each in met.values() if not each.author}
    unknown = [
        BlockedThere(handle=handle, author=number)
        for number, handle in listed
        if number not in by_number and handle.casefold() not in by_name
    ]
    return BlocksCompared(
        account=account.id,
        at=setting.now,
        there=tuple(unknown),
        here=tuple(each for each in entries if each.state == "standing" and each.id not in met) if whole else (),
        confirmed=tuple(each for each in met.values() if each.state == "pending"),
        both=sum(each.state == "standing" for each in met.values()),
        whole=whole,
    )


def confirm(account: Account, listed: Listed, whole: bool, who: Operator, setting: Setting) -> Callable[[Tx], Done]:
    """確認: the blocks that people have made and that stand on the platform's list by now stand here, too, and their measures are done."""

    def op(tx: Tx) -> Done:
        waiting = compared(tx.db, account, listed, whole, setting, who).confirmed
        for each in waiting:
            tx.db.execute(
                "UPDATE block_list SET state = 'standing', review_on = ? WHERE id = ? AND state = 'pending'",
                (blocks.next_review(setting).isoformat(), each.id),
            )
            measure = tx.db.execute("SELECT measure FROM block_list WHERE id = ?", (each.id,)).fetchone()["measure"]
            tx.db.execute(
                "UPDATE measures SET state = 'done', done_by = ?, done_at = ?, proof = ?, until = NULL WHERE id = ? "
                "AND state IN ('due', 'taken')",
                (who.login, tx.now, PROOF, measure),
            )
            forget_measure(tx, measure)
        head = tx.record(who.login, "confirm_blocks", None, account=account.id, entries=[each.id for each in waiting])
        return Done(
            message=f"媒体の一覧で {len(waiting)} 件のブロックを確認しました。",
            message_en=f"{len(waiting)} blocks confirmed by the platform's list.",
            audit_head=head,
        )

    return op


def _there(entry: BlockSeen, listed: Listed) -> bool:
    if entry.author:
        return any(entry.author == number for number, _ in listed)
    return any(entry.handle.casefold() == handle.casefold() for _, handle in listed)
