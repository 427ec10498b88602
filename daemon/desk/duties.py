"""Duties (務め): what has to be done every so often, or before an account's first release; when it was last done, and what is due.

The clause names the duty, `rules.toml` the interval, a person attests. What the program does itself (a drill of the stop) is counted from
its own journal. All of this is plain values; what is written stands in `desk/attesting.py`.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import msgspec
from msgspec import Struct

from daemon.rulebook.calendar import LAST_YEAR, TOKYO, ruled_day
from daemon.rulebook.channels import capabilities
from daemon.rulebook.duty import OFFICE, REMIND_DAYS, ROTATION, SECRETS, Duty, Every, full_id, one_unit
from daemon.rulebook.hours import hours_rule
from daemon.rulebook.model import Account, Hours, Operator, Policy, Rulebook
from daemon.rulebook.verdict import Missing
from daemon.wire.duties import DutySeen
from daemon.wire.duties import Standing as Word

_RANK = {"viewer": 0, "clerk": 1, "manager": 2}
_NO_BASIS = "根拠規定なし"
_END_OF_DAY = time(23, 59, 59)
_LONGEST_CLOSURE = 60
"""Days for which the next working day is looked for; after so long a closure the day itself counts."""

WORKING = Hours(
    id="office.working", clause="office/working", level="info", open=time(8, 30), close=time(17, 15), holidays="closed"
)
"""The working days of an office whose policy has no hours: weekdays without holidays and the turn of the year. Duties and notices go by
it; a release never does."""


class Attested(Struct, frozen=True):
    """A tick that stands: who attested a duty, when, and for which day."""

    by: str
    at: datetime
    on: date
    note: str
    proof: str


Key = tuple[str, str]
"""A duty's full id and the account that bears it; "" where no account does."""


class Done(NamedTuple):
    """What is known of what was done: the last tick of each duty that stands, when the program last did its own, and since when this office
    keeps a record."""

    ticks: Mapping[Key, Attested]
    machine: Mapping[str, datetime]
    since: datetime


class Charge(NamedTuple):
    """A duty and who bears it: an account, a policy, or the office."""

    duty: Duty
    id: str
    policy: Policy | None
    account: Account | None

    @property
    def key(self) -> Key:
        """By what its ticks are known."""
        return self.id, self.account.id if self.account else ""


class Interval(NamedTuple):
    """How often, why so, and how many days before it is reminded of."""

    every: Every
    basis: str
    basis_en: str
    remind_days: int


def charges(book: Rulebook) -> Iterator[Charge]:
    """Every duty of this office. Those of a policy that no account follows are not asked for."""
    for policy_id in dict.fromkeys(account.policy for account in book.accounts.values()):
        policy = book.policies[policy_id]
        accounts = [account for account in book.accounts.values() if account.policy == policy_id]
        for duty in policy.duties:
            bearers: list[Account | None] = [*accounts] if duty.per == "account" else [None]
            yield from (Charge(duty, full_id(policy_id, duty), policy, account) for account in bearers)
        letting_in = next((clause.id for clause in policy.clauses.values() if SECRETS in clause.held_by), ROTATION.clause)
        rotation = msgspec.structs.replace(ROTATION, clause=letting_in)
        for account in accounts:
            if capabilities(account.channel).secret:
                yield Charge(rotation, full_id(policy_id, rotation), policy, account)
    yield from (Charge(duty, duty.id, None, None) for duty in book.duties.own)


def interval_of(charge: Charge, book: Rulebook) -> Interval:
    """How often this office does it. Where no clause names the interval it is the office's own, and is shown as that."""
    named = "条文に間隔の定めはありません", "no clause names an interval"
    if charge.duty.by == "drill":
        months = book.office.drill_months
        return Interval(
            Every(months=months),
            f"rules.toml の drill_months = {months}（{named[0]}）",
            f"drill_months = {months} in rules.toml ({named[1]})",
            REMIND_DAYS,
        )
    if charge.duty.by == "canaries":
        return Interval(
            charge.duty.usual, f"広報番が毎朝行います（{named[0]}）", f"by the program, every morning ({named[1]})", 0
        )
    if charge.duty.by == "credentials":
        return _rotation(charge, book)
    own = next((each for each in book.duties.intervals if each.duty == charge.id), None)
    if own is not None:
        ja, en = own.every.words
        return Interval(own.every, f"rules.toml の {ja}（{named[0]}）", f"{en}, by rules.toml ({named[1]})", own.remind_days)
    if charge.duty.every:
        ja, en = charge.duty.every.words
        return Interval(charge.duty.every, f"条文の定める {ja}", f"{en}, by the clause", REMIND_DAYS)
    ja, en = charge.duty.usual.words
    return Interval(
        charge.duty.usual,
        f"広報番の目安 {ja}（{named[0]}。rules.toml で変えられます）",
        f"{en}, as suggested ({named[1]})",
        REMIND_DAYS,
    )


def _rotation(charge: Charge, book: Rulebook) -> Interval:
    """`secret_months`, or what the article behind it, or the office under that article, asks for, where that is shorter."""
    months = book.office.secret_months
    named = "条文に間隔の定めはありません", "no clause names an interval"
    found = Interval(
        Every(months=months),
        f"rules.toml の secret_months = {months}（{named[0]}）",
        f"secret_months = {months} in rules.toml ({named[1]})",
        REMIND_DAYS,
    )
    for duty in charge.policy.duties if charge.policy is not None else ():
        beside = Charge(duty, full_id(charge.id.partition("/")[0], duty), charge.policy, charge.account)
        settled = duty.every or any(each.duty == beside.id for each in book.duties.intervals)
        if duty.clause == charge.duty.clause and duty.by == "person" and settled:
            other = interval_of(beside, book)
            if other.every and (not found.every or _days(other.every) < _days(found.every)):
                found = other
    return found


def _days(every: Every) -> int:
    return every.days or every.months * 30


def credentials_of(account: str) -> str:
    """Under which name `Done.machine` has the moment at which an account's credentials were set."""
    return f"credentials {account}"


def seen(book: Rulebook, done: Done, now: datetime, who: Operator | None = None) -> tuple[DutySeen, ...]:
    """Every duty as it stands: what keeps an account from releasing first, then by date. `who` asks."""
    found = [line for charge in charges(book) if (line := _seen(charge, book, done, now, who)) is not None]
    late = datetime.max.replace(tzinfo=TOKYO)
    return tuple(sorted(found, key=lambda line: (line.standing != "needed", line.due or late, line.id, line.account)))


def lacks(account: Account, book: Rulebook, ticks: Mapping[Key, Attested]) -> tuple[Missing, ...]:
    """What this account has to have before it may release anything, and has not: each with its clause, who can settle it, and how."""
    policy = book.policies[account.policy]
    lines = []
    for duty in policy.duties:
        charge = Charge(duty, full_id(policy.id, duty), policy, account)
        if duty.start and not _there(charge, book, ticks):
            people = charged(charge, book)
            lines.append(
                Missing(
                    what=f"アカウントを始める前に要るもの: {duty.title}。{_how_to_settle(charge)[0]}",
                    what_en=f"the account cannot begin without: {duty.title_en}. {_how_to_settle(charge)[1]}",
                    who=_names(people),
                    clause=duty.clause,
                    act="duty",
                    logins=tuple(each.login for each in people),
                )
            )
    return tuple(lines)


def charged(charge: Charge, book: Rulebook) -> list[Operator]:
    """The people who may attest it: of the account's own unit, where somebody there may; else of the policy."""
    able = [
        who
        for who in book.operators.values()
        if _RANK[who.role] >= _RANK[charge.duty.role] and (charge.policy is None or charge.policy.id in who.policies)
    ]
    own = [who for who in able if charge.account is not None and who.unit == charge.account.unit]
    return own or able


def alarms(lines: tuple[DutySeen, ...]) -> Iterator[tuple[str, str]]:
    """What everybody is told of duties that are overdue: one sentence a duty, with the accounts that bear it."""
    overdue: dict[str, list[DutySeen]] = {}
    for line in lines:
        if line.overdue:
            overdue.setdefault(line.id, []).append(line)
    for each in overdue.values():
        first = min(line.due for line in each if line.due is not None)
        accounts = "、".join(line.account for line in each if line.account)
        ja, en = (f"（{accounts}）", f" ({accounts.replace('、', ', ')})") if accounts else ("", "")
        yield (
            f"期限（{first:%Y-%m-%d}）を過ぎています: {each[0].title}{ja}",
            f"Overdue since {first:%Y-%m-%d}: {each[0].title_en}{en}",
        )


def months_after(at: datetime, months: int) -> datetime:
    """The same day so many months later; the last day of that month where it has no such day."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))


def working_hours(account: Account | None, book: Rulebook) -> Hours:
    """By which hours people work on this account: the policy's, where it has any; else those of an office."""
    rule = hours_rule(book.policies[account.policy], account=account) if account is not None else None
    return rule or WORKING


def due_after(since: datetime, every: Every, account: Account | None, book: Rulebook) -> datetime:
    """The end of the day on which it is due, counted from `since`; on a day that is closed, the next that is open."""
    local = since.astimezone(TOKYO)
    then = months_after(local, every.months) if every.months else local + timedelta(days=every.days)
    day, rule = then.date(), working_hours(account, book)
    for ahead in range(_LONGEST_CLOSURE):
        candidate = day + timedelta(days=ahead)
        if candidate.year > LAST_YEAR:
            break  # nobody knows the holidays of that year yet: the earlier day is the stricter one
        if ruled_day(rule, candidate, book.days, account).stretches:
            day = candidate
            break
    return datetime.combine(day, _END_OF_DAY, TOKYO)


def _seen(charge: Charge, book: Rulebook, done: Done, now: datetime, who: Operator | None) -> DutySeen | None:
    duty, interval = charge.duty, interval_of(charge, book)
    tick = done.ticks.get(charge.key)
    by = credentials_of(charge.key[1]) if duty.by == "credentials" else duty.by
    last = done.machine.get(by) if duty.by != "person" else _moment(tick.on) if tick else None
    if duty.by == "credentials" and last is None:
        return None  # there are none that could be replaced; that they are wanted is said elsewhere
    needed = bool(duty.start) and not _there(charge, book, done.ticks)
    if not (interval.every or duty.start):
        return None
    due = due_after(last or done.since, interval.every, charge.account, book) if interval.every else None
    standing = _standing(needed, due, now, interval)
    people = charged(charge, book)
    return DutySeen(
        id=charge.id,
        title=duty.title,
        title_en=duty.title_en,
        basis=interval.basis if interval.every else "発信を始める前に一度",
        basis_en=interval.basis_en if interval.every else "once, before the first release",
        last=last,
        due=due,
        overdue=standing == "overdue",
        account=charge.key[1],
        clause=duty.clause,
        cite=_cite(charge),
        standing=standing,
        how=duty.how,
        how_en=duty.how_en,
        who=_names(people),
        logins=tuple(each.login for each in people),
        by=tick.by if tick else "",
        note=tick.note if tick else "",
        proof=tick.proof if tick else "",
        needs_proof=duty.proof,
        can=tuple(_possible(charge, tick, who)),
    )


def _standing(needed: bool, due: datetime | None, now: datetime, interval: Interval) -> Word:
    if needed:
        return "needed"
    if due is None:
        return "done"
    if now > due:
        return "overdue"
    return "soon" if now >= due - timedelta(days=interval.remind_days) else "ok"


def _possible(charge: Charge, tick: Attested | None, who: Operator | None) -> Iterator[str]:
    """What this person could do with it; the acts check again."""
    if who is None or charge.duty.by != "person" or who.role == "viewer":
        return
    if charge.policy is not None and charge.policy.id not in who.policies:
        return
    if _RANK[who.role] >= _RANK[charge.duty.role]:
        yield "done"
    if tick is not None and who.login == tick.by or tick is not None and who.role == "manager":
        yield "undo"


def _there(charge: Charge, book: Rulebook, ticks: Mapping[Key, Attested]) -> bool:
    """Whether what the account has to begin with is there: in its `founding`, or attested. A document has to exist, and
    nobody's word stands in for it."""
    account, duty = charge.account, charge.duty
    assert account is not None
    value = account.founding.get(duty.id)
    written = value is not None
    if duty.start == "document":
        return written and value not in book.duties.absent
    if duty.start == "unit" and one_unit(account.unit) and any(who.unit == account.unit for who in book.operators.values()):
        return True
    return written or charge.key in ticks


def _how_to_settle(charge: Charge) -> tuple[str, str]:
    ja, en = charge.duty.how, charge.duty.how_en
    if charge.duty.start == "document":
        return ja, en
    words = f"kohoban duties done {charge.id} --account {charge.key[1]}"
    return f"{ja}（または務めの画面 8、{words}）", f"{en} (Or screen 8, {words}.)"


def _names(people: list[Operator]) -> str:
    return "、".join(who.name for who in people) or "（名簿に該当者なし）"


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(0), TOKYO)


def _cite(charge: Charge) -> str:
    """The article as the policy cites it, or the office's own rule with its basis."""
    policy, clause_id = charge.policy, charge.duty.clause
    if policy is not None and (clause := policy.clause(clause_id)):
        return clause.cite
    basis = policy.clause(policy.basis) if policy is not None and clause_id.startswith(f"{OFFICE}/") else None
    return f"{clause_id}（根拠 {basis.cite}）" if basis else f"{clause_id}（{_NO_BASIS}）"
