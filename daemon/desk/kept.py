"""保存年限: what the record still holds of people's own words, by the office's classes, and what of it is past its period.

Years are those of the office: they begin on the first of April after the entry. Nothing is erased here or by itself: a manager does that,
entry by entry, through 消去, and the chain stays whole.
"""

from __future__ import annotations

from datetime import date

from daemon.desk.case import Setting
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.office import Retention
from daemon.store import Store, to_db
from daemon.wire.papers import KeptClass, KeptList

LISTED = 200
"""Texts of a class that are named one by one."""
_APRIL = 4


async def kept(store: Store, setting: Setting, *, due: bool) -> KeptList:
    """The classes, with how many texts of each are past their period; with `due`, which."""
    named = {act for each in setting.book.retention for act in each.acts}
    classes = [await _class(store, each, setting, named, due=due) for each in setting.book.retention]
    return KeptList(made=setting.now, classes=tuple(classes))


def before(today: date, years: int) -> date:
    """What was written before this day is past a period of so many years."""
    year = today.year if today.month >= _APRIL else today.year - 1
    return date(year - years, _APRIL, 1)


async def _class(store: Store, each: Retention, setting: Setting, named: set[str], *, due: bool) -> KeptClass:
    day = before(setting.now.astimezone(TOKYO).date(), each.years)
    cut = to_db(setting.now.astimezone(TOKYO).replace(day.year, day.month, day.day, 0, 0, 0, 0))
    last = await store.fetch("SELECT seq FROM audit WHERE at < ? ORDER BY at DESC, seq DESC LIMIT 1", (cut,))
    seq = last[0]["seq"] if last else 0
    acts = each.acts or tuple(named)
    where = f"FROM audit_private p JOIN audit a ON a.seq = p.seq WHERE p.seq <= ? AND a.act {'IN' if each.acts else 'NOT IN'} "
    where += f"({','.join('?' * len(acts))})"
    past = (await store.fetch(f"SELECT count(*) AS n {where}", (seq, *acts)))[0]["n"]
    rows = await store.fetch(f"SELECT p.seq, p.field {where} ORDER BY p.seq LIMIT ?", (seq, *acts, LISTED)) if due else []
    return KeptClass(
        id=each.id,
        title=each.title,
        title_en=each.title_en,
        years=each.years,
        basis=each.basis,
        then=each.then,
        past=past,
        before=day,
        due=tuple(f"{row['seq']}:{row['field']}" for row in rows),
    )
