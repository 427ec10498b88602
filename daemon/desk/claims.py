"""着手 and giving it back: the two acts. What a claim keeps others from is in `claiming`."""

from __future__ import annotations

from daemon.desk.acts import Op
from daemon.desk.case import Setting, load
from daemon.desk.claiming import BRIEFLY, HOLDS, let_go, standing, taken
from daemon.desk.states import IN_HAND
from daemon.refused import Refused, serves
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Operator
from daemon.store import Tx, to_db
from daemon.wire.answers import Done
from daemon.wire.approving import Claim, Unclaim


def claim(act: Claim, who: Operator, setting: Setting) -> Op:
    """The operation. Refused where somebody else works at it, unless it is taken over from them."""

    def op(tx: Tx) -> Done:
        row = tx.db.execute("SELECT account, state FROM drafts WHERE id = ?", (act.draft,)).fetchone()
        account = None if row is None else setting.book.accounts.get(row["account"])
        if account is not None:
            serves(who, account)
        if account is None or row["state"] not in IN_HAND:
            load(tx.db, act.draft, setting.book).step("withdraw")  # says what is wrong with it and refuses
        before = standing(tx, act.draft, setting)
        mine = before is not None and before.who.login == who.login
        if act.brief and mine:
            raise Refused("state", "もう着手しています。", "It is yours already.")
        if act.brief and before is not None and load(tx.db, act.draft, setting.book).item.emergency:
            raise Refused("state", "緊急情報は着手を待ちません。", "An emergency waits for no claim.")
        if before is not None and not mine and not act.over:
            raise taken(before)
        until = setting.now + (BRIEFLY if act.brief else HOLDS)
        tx.db.execute(
            "INSERT OR REPLACE INTO claims (draft, login, at, until) VALUES (?, ?, ?, ?)",
            (act.draft, who.login, tx.now, to_db(until)),
        )
        ends = f"{until.astimezone(TOKYO):%H:%M}"
        return Done(
            message=f"着手しました（{ends} まで）。",
            message_en=f"Yours until {ends}.",
            draft=act.draft,
            state=row["state"],
        )

    return op


def unclaim(act: Unclaim, who: Operator, setting: Setting) -> Op:
    """The operation: one's own claim is given back; nothing where there is none."""

    def op(tx: Tx) -> Done:
        let_go(tx, act.draft, who)
        return Done(message="着手をやめました。", message_en="No longer yours.", draft=act.draft)

    return op
