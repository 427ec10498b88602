"""What a closure does to what is planned: a moment that somebody chose is asked about again; what only waited for the opening waits on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from daemon.desk.acts import hours_lifted
from daemon.desk.case import Case, Setting, load, opening_of, save
from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO, hours_of_day
from daemon.store import Tx

MACHINE = "daemon"


def closed_over(setting: Setting) -> Callable[[Tx], list[Case]]:
    """The operation after days were closed or opened: every scheduled draft whose time is closed now goes back to a person (保留), or, where
    it only waited for an opening, on to the next one. Returns those that have moved."""

    def op(tx: Tx) -> list[Case]:
        rows = tx.db.execute("SELECT id FROM drafts WHERE live = 1 AND state = 'scheduled' ORDER BY id").fetchall()
        moved = []
        for row in rows:
            try:
                case = load(tx.db, row["id"], setting.book)
            except Refused:  # its account has left the office
                continue
            if (after := closed_at_its_time(case, setting)) is not None:
                save(tx.db, after, tx.now)
                record_closed(tx, case, after, setting)
                moved.append(after)
        return moved

    return op


def closed_at_its_time(case: Case, setting: Setting) -> Case | None:
    """A scheduled draft whose time is closed, as it goes on: 保留, or set for the next opening; None where it is open then."""
    at = case.release_at
    if at is None or hours_lifted(case, case.policy(setting.book), at):
        return None
    then = opening_of(case, setting, at)
    if then.open:
        return None
    if chosen(case, setting) or then.next_open is None:
        return case.step("hold")  # it keeps its time: whoever is asked has to see which
    return replace(case, release_at=then.next_open)


def chosen(case: Case, setting: Setting) -> bool:
    """True where somebody chose the draft's time; false where it is the beginning of the account's ordinary hours, at which it was put
    because it was closed before."""
    if case.release_at is None:
        return False
    at = case.release_at.astimezone(TOKYO)
    if case.item.release_at is not None and case.item.release_at == at:
        return True
    usual = hours_of_day(case.policy(setting.book), at.date(), account=case.account, topic=case.item.topic, kind=case.item.kind)
    return usual is None or all(each.start != at for each in usual.stretches)


def closed_words(case: Case, setting: Setting) -> tuple[str, str] | None:
    """Of a draft that waits for a person and whose time lies ahead, that it is closed then, and what approving it does; None otherwise."""
    wanted = case.release_at or case.item.release_at
    if wanted is None or wanted <= setting.now or hours_lifted(case, case.policy(setting.book), wanted):
        return None
    then = opening_of(case, setting, wanted)
    if then.open:
        return None
    at = wanted.astimezone(TOKYO)
    again, again_en = ("承認し直す", "approved again") if case.state == "held" else ("承認する", "approved")
    following = f"次の開庁（{then.next_open:%m/%d %H:%M}）に" if then.next_open else "そのまま"
    following_en = f"at the next opening ({then.next_open:%m/%d %H:%M})" if then.next_open else "then all the same"
    return (
        f"予定の {at:%m/%d %H:%M} は閉じています（{then.reason}）。{again}と{following}出ます。別の日時にするなら下書きの release_at を直して"
        "ください",
        f"it is set for {at:%m/%d %H:%M}, which is closed ({then.reason_en}): {again_en}, it goes out {following_en}; for another time, "
        "mend the draft's release_at",
    )


def record_closed(tx: Tx, before: Case, after: Case, setting: Setting) -> None:
    """Write down that a closed time has held a draft, or moved it on."""
    at = before.release_at
    then = opening_of(before, setting, at) if at is not None else None
    tx.record(
        MACHINE,
        "hold" if after.state == "held" else "move",
        after.id,
        account=after.account.id,
        hash=after.hash,
        state=after.state,
        why="closed",
        clause=then.clause if then else "",
        old_time=_iso(before.release_at),
        until=_iso(after.release_at),
        policy=after.policy(setting.book).hash,
    )


def _iso(at: datetime | None) -> str:
    return at.astimezone(TOKYO).isoformat(timespec="minutes") if at else ""
