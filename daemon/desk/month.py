"""The month (暦): what is open, what is planned, what is missing and what gets in each other's way."""

from __future__ import annotations

import calendar
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from daemon.desk.case import Setting
from daemon.refused import Refused
from daemon.rulebook.calendar import LAST_YEAR, TOKYO, DayHours, Opening, hours_of_day, opening
from daemon.rulebook.model import Account
from daemon.store import Store, from_db, to_db
from daemon.wire.calendar import AccountDay, ClashSeen, DaySeen, GapSeen, Month, MonthOf, PlannedSeen

NEAR = timedelta(minutes=15)
"""Two posts of one account within this time get in each other's way."""

BEFORE_CLOSING = timedelta(minutes=10)
"""What is set for the last minutes before closing goes out a day later when anything keeps it up."""

PLANNED_MOST = 2_000

_DAY = timedelta(days=1)
_ASKED_FOR = ("received", "to_fix", "waiting", "approved", "held", "returned")


async def month(store: Store, query: MonthOf, setting: Setting) -> Month:
    """The month of the calendar that is asked for. Raises Refused for what is no month, or no account."""
    first = _first(query.month, setting.now)
    accounts = _accounts(query.account, setting)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    planned = await _planned(store, first, last, [account.id for account in accounts])
    sent = await _sent(store, first, last, [account.id for account in accounts])
    every = sorted((*planned, *sent), key=lambda each: each.at)
    by_day: defaultdict[date, list[PlannedSeen]] = defaultdict(list)
    for each in every:
        by_day[each.at.date()].append(each)
    days = [first + n * _DAY for n in range((last - first).days + 1)]
    hours = {(account.id, day): _hours(account, day, setting) for account in accounts for day in days}
    seen = tuple(
        DaySeen(
            day=day,
            accounts=tuple(_account_day(account, day, hours[account.id, day]) for account in accounts),
            planned=tuple(by_day[day]),
        )
        for day in days
    )
    today = setting.now.astimezone(TOKYO).date()
    coming = [each for each in planned if each.state in ("scheduled", "approved") and each.at >= setting.now]
    return Month(
        month=f"{first:%Y-%m}",
        today=today,
        days=seen,
        gaps=tuple(_gaps(accounts, [day for day in days if day >= today], every, hours, setting.book.office.gap_days)),
        clashes=tuple(sorted(_clashes(coming, setting), key=lambda each: each.at)),
        last_year=LAST_YEAR,
    )


def _first(wanted: str, now: datetime) -> date:
    try:
        first = date.fromisoformat(f"{wanted}-01") if wanted else now.astimezone(TOKYO).date().replace(day=1)
    except ValueError:
        first = None
    if first is None or not 2000 <= first.year <= 2100:
        raise Refused(
            "time",
            f"「{wanted}」は月ではありません。2026-11 の形で指定してください。",
            f"“{wanted}” is no month: write it as 2026-11.",
        )
    return first


def _accounts(wanted: str, setting: Setting) -> Sequence[Account]:
    if not wanted:
        return tuple(setting.book.accounts.values())
    if wanted not in setting.book.accounts:
        known = "、".join(setting.book.accounts)
        raise Refused(
            "no_such",
            f"アカウント {wanted} はありません。あるのは: {known}",
            f"There is no account {wanted}. There are: {known}",
        )
    return (setting.book.accounts[wanted],)


async def _planned(store: Store, first: date, last: date, accounts: Sequence[str]) -> list[PlannedSeen]:
    """What is scheduled in these days, and what its author wants to go out then though it still waits."""
    start, end = _moment(first), _moment(last + _DAY)
    marks, states = ",".join("?" * len(accounts)), ",".join("?" * len(_ASKED_FOR))
    rows = await store.fetch(
        "SELECT id, account, title, name, state, release_at, NULL AS wanted FROM drafts WHERE live = 1 AND release_at >= ? AND "
        f"release_at < ? AND account IN ({marks}) UNION "
        "SELECT id, account, title, name, state, release_at, json_extract(item, '$.release_at') AS wanted FROM drafts WHERE "
        f"live = 1 AND release_at IS NULL AND state IN ({states}) AND account IN ({marks}) AND wanted IS NOT NULL LIMIT ?",
        (to_db(start), to_db(end), *accounts, *_ASKED_FOR, *accounts, PLANNED_MOST),
    )
    found = []
    for row in rows:
        at = from_db(row["release_at"]) if row["wanted"] is None else datetime.fromisoformat(row["wanted"])
        if start <= at < end:
            found.append(_seen(row["id"], row["account"], _title(row), row["state"], at))
    return found


async def _sent(store: Store, first: date, last: date, accounts: Sequence[str]) -> list[PlannedSeen]:
    marks = ",".join("?" * len(accounts))
    rows = await store.fetch(
        "SELECT r.draft, r.account, d.title, d.name, r.begun_at FROM releases r JOIN drafts d ON d.id = r.draft WHERE r.state = 'released' "
        f"AND r.account IN ({marks}) AND r.begun_at >= ? AND r.begun_at < ? ORDER BY r.begun_at DESC LIMIT ?",
        (*accounts, to_db(_moment(first)), to_db(_moment(last + _DAY)), PLANNED_MOST),
    )
    return [_seen(row["draft"], row["account"], _title(row), "released", from_db(row["begun_at"])) for row in rows]


def _title(row: sqlite3.Row) -> str:
    """Its first words; of what has none (a repost, a follow) the file's name."""
    return str(row["title"]).strip() or bytes(row["name"]).decode("utf-8", "backslashreplace")


def _seen(draft: int, account: str, title: str, state: str, at: datetime) -> PlannedSeen:
    return PlannedSeen(draft=draft, account=account, title=title, state=state, at=at.astimezone(TOKYO))


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), TOKYO)


def _hours(account: Account, day: date, setting: Setting) -> DayHours | None:
    return hours_of_day(setting.book.policies[account.policy], day, days=setting.book.days, account=account)


def _account_day(account: Account, day: date, found: DayHours | None) -> AccountDay:
    if found is None:
        return AccountDay(account=account.id, open=True, free=True, reason="規定なし", reason_en="no hours in this policy")
    spans = " ".join(
        f"{each.start.hour}:{each.start.minute:02}~{last.hour}:{last.minute:02}"
        for each in found.stretches[:3]
        for last in (each.end - timedelta(minutes=1),)
    )
    more = " …" if len(found.stretches) > 3 else ""
    extra = next((each.extra for each in found.stretches if each.extra), None)
    reason, reason_en = extra or found.shut or ("", "")
    return AccountDay(
        account=account.id,
        open=bool(found.stretches),
        hours=spans + more,
        reason=reason,
        reason_en=reason_en,
        special=found.special,
    )


def _gaps(
    accounts: Iterable[Account],
    days: Sequence[date],
    every: Iterable[PlannedSeen],
    hours: dict[tuple[str, date], DayHours | None],
    least: int,
) -> Iterator[GapSeen]:
    """The runs of at least so many coming days in which nothing of an account is sent or scheduled."""
    busy = {(each.account, each.at.date()) for each in every}
    for account in accounts if least > 0 else ():
        run: list[date] = []
        for day in (*days, None):
            if day is not None and (account.id, day) not in busy:
                run.append(day)
                continue
            if len(run) >= least:
                working = sum((found := hours[account.id, each]) is None or bool(found.stretches) for each in run)
                yield GapSeen(account=account.id, first=run[0], last=run[-1], days=len(run), working=working)
            run = []


def _clashes(coming: Sequence[PlannedSeen], setting: Setting) -> Iterator[ClashSeen]:
    in_order = sorted(coming, key=lambda each: each.at)
    by_account: defaultdict[str, list[PlannedSeen]] = defaultdict(list)
    by_minute: defaultdict[datetime, list[PlannedSeen]] = defaultdict(list)
    for each in in_order:
        by_account[each.account].append(each)
        by_minute[each.at.replace(second=0, microsecond=0)].append(each)
    for account, some in by_account.items():
        for before, after in pairwise(some):
            if after.at - before.at < NEAR:
                minutes = (after.at - before.at).seconds // 60
                yield _clash(
                    "near",
                    (before, after),
                    f"{account}: {minutes}分の間に2件（{before.draft}、{after.draft}）",
                    f"{account}: two within {minutes} min ({before.draft}, {after.draft})",
                )
    for at, some in by_minute.items():
        if len({each.account for each in some}) > 1:
            names = "、".join(str(each.draft) for each in some)
            yield _clash(
                "same_moment",
                some,
                f"{at:%H:%M} に {len(some)} 件が同時（{names}）",
                f"{len(some)} at the same moment, {at:%H:%M} ({names})",
            )
    for each in in_order:
        yield from _against_the_hours(each, setting)


def _against_the_hours(each: PlannedSeen, setting: Setting) -> Iterator[ClashSeen]:
    then = _opening(each, setting)
    if not then.open:
        yield _clash(
            "closed",
            (each,),
            f"{each.account}: {each.at:%m/%d %H:%M} は閉じています（{each.draft}、{then.reason}）",
            f"{each.account}: closed at {each.at:%m/%d %H:%M} ({each.draft}; {then.reason_en})",
        )
    elif then.next_close is not None and then.since != each.at and then.next_close - each.at <= BEFORE_CLOSING:
        yield _clash(
            "closing",
            (each,),
            f"{each.account}: {each.at:%H:%M} は閉庁の直前です（{each.draft}）。遅れると次の開庁になります",
            f"{each.account}: {each.at:%H:%M} is just before closing ({each.draft}); when late, it goes out at the next opening",
        )


def _opening(each: PlannedSeen, setting: Setting) -> Opening:
    account = setting.book.accounts[each.account]
    return opening(setting.book.policies[account.policy], each.at, days=setting.book.days, account=account)


def _clash(what: str, some: Sequence[PlannedSeen], message: str, message_en: str) -> ClashSeen:
    return ClashSeen(
        what=what,  # type: ignore[arg-type]  # one of the four, from above
        at=some[0].at,
        drafts=tuple(each.draft for each in some),
        accounts=tuple(dict.fromkeys(each.account for each in some)),
        message=message,
        message_en=message_en,
    )
