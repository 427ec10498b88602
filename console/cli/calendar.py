"""`kohoban calendar` and `kohoban closure`: a month with what is planned in it, and the days that are closed or open besides the rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

import msgspec

from console.cli.command import Session, argument, command, listing, option, text
from console.cli.decisions import say_done
from console.cli.drafts import state_words
from console.cli.outcome import FINE, WRONG, Failure
from console.cli.terminal import SCHEMA, clean, out, out_json, paint, room, table
from console.words import choose, say
from daemon.wire import (
    AddClosure,
    AddOpening,
    DaySeen,
    Done,
    Month,
    MonthOf,
    RemoveOverride,
    SpecialDayList,
    SpecialDays,
    SpecialDaySeen,
)
from daemon.wire.acts import AnyAct


@command(
    "calendar",
    option("--month", metavar="YYYY-MM", default=""),
    option("--account", key="calendar_account", metavar="ID", default=""),
)
def calendar(session: Session, month: str, account: str) -> int:
    """A month: every day, then what is planned, gaps and clashes."""
    with session.link() as link:
        found = link.ask(MonthOf(month=month, account=account), Month)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(found)})
        return FINE
    for line in _month_lines(found, account):
        out(line)
    return FINE


def _month_lines(found: Month, account: str) -> Iterator[str]:
    yield paint("bold", text("calendar.title", month=found.month)) + "  " + text("calendar.last_year", year=found.last_year)
    head = [text(f"calendar.{name}") for name in ("day", "open", "planned", "reason")]
    rows = [_day_cells(day, found) for day in found.days]
    yield from table(rows, head, room=room(), give=((3, 10),))
    for day in found.days:
        for each in day.planned:
            title = clean(each.title)
            yield f"  {each.at:%m/%d %H:%M}  {state_words(each.state)}  #{each.draft}  {clean(each.account)}  {title}"
    for clash in found.clashes:
        yield paint("warn", text("calendar.clash", message=clean(choose(clash.message, clash.message_en))))
    for gap in found.gaps:
        span = f"{gap.first:%m/%d}~{gap.last:%m/%d}"
        yield text("calendar.gap", account=clean(gap.account), span=span, days=gap.days, working=gap.working)


def _day_cells(day: DaySeen, found: Month) -> tuple[str, ...]:
    ruled = [each for each in day.accounts if not each.free]
    is_open = [each for each in ruled if each.open]
    if len(day.accounts) == 1:
        only = day.accounts[0]
        opening = text("calendar.free") if only.free else clean(only.hours) or text("hours.closed")
    else:
        opening = text("calendar.count", open=len(is_open), of=len(ruled)) if ruled else text("calendar.free")
    special = next((each for each in ruled if each.special), None)
    reason = special or next((each for each in ruled if not each.open), None)
    mark = "*" if day.day == found.today else " "
    return (
        f"{mark}{day.day:%m/%d}({say('tui', f'weekday.{day.day.weekday()}')})",
        opening,
        str(len(day.planned)) if day.planned else "",
        clean(choose(reason.reason, reason.reason_en)) if reason else "",
    )


@command("closure list")
def list_(session: Session) -> int:
    """What is closed or open besides the rule."""
    return _list(session)


@listing("closure")
def closure(session: Session) -> int:
    """What is closed or open besides the rule."""
    return _list(session)


def _list(session: Session) -> int:
    with session.link() as link:
        found = link.ask(SpecialDays(), SpecialDayList)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(found)})
        return FINE
    if not found.days:
        out(text("closure.none"))
    else:
        head = [text(f"closure.{name}") for name in ("id", "what", "days", "accounts", "reason", "clause", "by")]
        for line in table([_cells(each) for each in found.days], head, room=room(), give=((3, 12), (5, 8), (4, 10))):
            out(line)
    out(text("calendar.last_year", year=found.last_year))
    return FINE


def _cells(each: SpecialDaySeen) -> tuple[str, ...]:
    if each.first is None:
        days = f"{each.open}~{each.close}"
    elif each.last is not None and each.last != each.first:
        days = f"{each.first}~{each.last:%m-%d}"
    else:
        days = f"{each.first} {each.open and f'{each.open}~{each.close}'}".strip()
    by = text("closure.override", author=clean(each.author), until=each.until) if each.author else "rules.toml"
    return (
        clean(each.id) or "-",
        text(f"closure.{each.what}") + (text("closure.over") if each.over else ""),
        days,
        clean(" ".join(each.accounts)) or text("closure.all"),
        clean(each.reason) or "-",
        clean(each.clause) or "-",
        by,
    )


_ACCOUNTS = option("--account", "accounts", key="closure_account", multiple=True, metavar="ID")
_REASON = option("--reason", metavar="TEXT", required=True)
_CLAUSE = option("--clause", key="closure_clause", metavar="CLAUSE", default="")
_UNTIL = option("--until", key="closure_until", metavar="DATE", default=None)


@command("closure add", argument("DATE"), option("--to", key="closure_to", metavar="DATE"), _ACCOUNTS, _REASON, _CLAUSE, _UNTIL)
def add(
    session: Session, date: str, to: str | None, accounts: tuple[str, ...], reason: str, clause: str, until: str | None
) -> int:
    """臨時閉庁."""
    first = day(date)
    act = AddClosure(
        from_=first,
        to=day(to) if to else None,
        accounts=accounts,
        reason=reason,
        clause=clause,
        until=day(until) if until else None,
    )
    return _put(session, act)


@command(
    "closure open",
    argument("DATE"),
    option("--from", "start", key="closure_from", metavar="HH:MM", required=True),
    option("--to", "end", key="closure_end", metavar="HH:MM", required=True),
    _ACCOUNTS,
    _REASON,
    _CLAUSE,
    _UNTIL,
)
def open_(
    session: Session,
    date: str,
    start: str,
    end: str,
    accounts: tuple[str, ...],
    reason: str,
    clause: str,
    until: str | None,
) -> int:
    """臨時の開庁."""
    act = AddOpening(
        day=day(date),
        open=clock(start),
        close=clock(end),
        accounts=accounts,
        reason=reason,
        clause=clause,
        until=day(until) if until else None,
    )
    return _put(session, act)


@command("closure remove", argument("ID"), _REASON)
def remove(session: Session, id: str, reason: str) -> int:  # noqa: A002  the name of the argument
    """上書きの取消."""
    return _put(session, RemoveOverride(id=id, reason=reason))


def _put(session: Session, act: AnyAct) -> int:
    with session.link() as link:
        answer = link.ask(act, Done)
    return say_done(session, answer)


def day(typed: str) -> date:
    """A date as people type it. Raises Failure."""
    try:
        return date.fromisoformat(typed.replace("/", "-"))
    except ValueError:
        raise Failure(WRONG, text("closure.bad_day", typed=clean(typed))) from None


def clock(typed: str) -> time:
    """A time of day as people type it. Raises Failure."""
    try:
        hour, _, minute = typed.partition(":")
        return time(int(hour), int(minute))
    except ValueError:
        raise Failure(WRONG, text("closure.bad_time", typed=clean(typed))) from None


for _command in (list_, add, open_, remove):
    closure.add_command(_command)

__all__ = ["calendar", "closure"]
