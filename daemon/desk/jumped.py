"""What a jump of the machine's clock does to the drafts: nothing goes out for it, and no release card runs out or lasts for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from daemon.desk.case import Case, Setting, load, save
from daemon.desk.releasing import MACHINE
from daemon.store import Tx, to_db

_MICROSECOND = timedelta(microseconds=1)


def jumped(by: timedelta, setting: Setting) -> Callable[[Tx], list[Case]]:
    """The operation of a jump by so much, `setting` being the world after it.

    保留, until a person has looked at a clock of their own: what was scheduled and is due by the new time, and what would go out by
    itself, for by the new time its account may be open. Cards keep the time that was left to their holders.
    """

    def op(tx: Tx) -> list[Case]:
        outboxes = [account.id for account in setting.book.accounts.values() if account.channel != "manual"]
        accounts = tuple(setting.book.accounts)
        rows = tx.db.execute(
            "SELECT id FROM drafts WHERE live = 1 AND ("
            f"state = 'scheduled' AND release_at <= ? AND account IN ({_marks(accounts)}) "
            f"OR state = 'approved' AND account IN ({_marks(outboxes)})) ORDER BY id",
            (to_db(setting.now), *accounts, *outboxes),
        ).fetchall()
        held = []
        for row in rows:
            case = load(tx.db, row["id"], setting.book).step("hold")
            save(tx.db, case, tx.now)
            tx.record(MACHINE, "hold", case.id, account=case.account.id, hash=case.hash, state=case.state, why="the clock jumped")
            held.append(case)
        leased = tx.db.execute("UPDATE releases SET lease_until = lease_until + ? WHERE state = 'leased'", (by // _MICROSECOND,))
        tx.record(
            MACHINE,
            "clock",
            None,
            seconds=round(by.total_seconds()),
            now=setting.now.isoformat(timespec="seconds"),
            held=[case.id for case in held],
            cards=leased.rowcount,
        )
        tx.anchor()
        return held

    return op


def _marks(values: tuple[str, ...] | list[str]) -> str:
    return ",".join("?" * len(values))
