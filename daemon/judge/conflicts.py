"""Contradictions and dead ends of an office (矛盾と空白): what nobody can approve or lift, rules that cannot fire or cancel each other.

Looked for on a day, and on every coming day on which anything of it changes: an appointment begins or ends, an amendment begins, a rule's
dates run out, the holiday table ends. So 「4月1日に誰も承認できない分野」 is known before that day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from msgspec.structs import replace

from daemon.judge.holders import Need, appointed, needs
from daemon.judge.opposed import Conflict, opposed
from daemon.rulebook.calendar import LAST_YEAR, TOKYO, opening
from daemon.rulebook.coverage import coverage
from daemon.rulebook.model import Account, Hours, Operator, Policy, Rulebook
from daemon.rulebook.versions import as_of, editions_of, in_force

AHEAD = timedelta(days=400)
"""So far ahead it is looked."""


def conflicts(book: Rulebook, day: date, ahead: timedelta = AHEAD) -> tuple[Conflict, ...]:
    """Everything of the kind that holds on `day`, and what will on a coming day, each with the first day on which it does."""
    found: dict[tuple[str, ...], Conflict] = {}
    standing: set[tuple[str, ...]] = set()
    for at in (day, *sorted(at for at in set(_turns(book)) if day < at <= day + ahead)):
        now = {conflict.key: conflict for conflict in _on(as_of(book, at), at)}
        for key in now.keys() - standing:
            found.setdefault(key, replace(now[key], since=at))
        standing = set(now)
    return tuple(sorted(found.values(), key=lambda one: (one.since or day, _ORDER[one.weight], one.policy, one.clause)))


_ORDER = {"dead_end": 0, "contradiction": 1, "notice": 2}


def _turns(book: Rulebook) -> Iterator[date]:
    """The days from which anything is otherwise than the day before."""
    after = timedelta(days=1)
    for who in book.operators.values():
        yield from (each for each in (who.appointed, who.until and who.until + after) if each)
    for entry in book.deputies:
        yield from (entry.from_, entry.until + after)
    for policy_id in book.policies:
        for edition in editions_of(book, policy_id):
            yield from (version.from_ for version in edition.versions if version.from_)
            for rule in edition.rules:
                yield from (each for each in (rule.when.since, rule.when.until and rule.when.until + after) if each)
    yield date(LAST_YEAR + 1, 1, 1)


def _on(book: Rulebook, day: date) -> Iterator[Conflict]:
    """What holds on this day. The policies that no account follows bind nobody, and are left out."""
    for policy_id in dict.fromkeys(account.policy for account in book.accounts.values()):
        policy = book.policies[policy_id]
        accounts = [account for account in book.accounts.values() if account.policy == policy_id]
        yield from _without_wording(book, policy, day)
        for account in accounts:
            yield from _nobody(book, policy, account, day)
            yield from _closed(book, policy, account, day)
        yield from opposed(policy, accounts, day)
        yield from _holidays(policy, day)
        yield from _unheld(policy)


def _without_wording(book: Rulebook, policy: Policy, day: date) -> Iterator[Conflict]:
    found = in_force(editions_of(book, policy.id), day)
    if found.policy is None:
        cite = found.version.cite if found.version else "-"
        yield Conflict(
            kind="no_wording",
            weight="dead_end",
            policy=policy.id,
            subject=cite,
            message=f"効力のある版（{cite}）の条文が手元にないため、どの下書きも判定できません。policies/ にその版を置いてください。",
            message_en=f"The wording in force ({cite}) is not in hand: no draft can be judged. Put that version into policies/.",
        )


def _nobody(book: Rulebook, policy: Policy, account: Account, day: date) -> Iterator[Conflict]:
    """Lines of the table that too few people meet, holds that nobody may lift, and authors whom nobody else can approve. That whoever
    is missing as an approver lifts no hold either is not said once more."""
    people = appointed(book, account, day)
    missed: set[str] = set()
    for need in needs(policy, account):
        able = need.people(people, account)
        if lacking := need.lacking(people, account):
            if not able and need.approves:
                missed |= set(need.titles)
            elif not need.approves and missed.issuperset(need.titles):
                continue
            yield _too_few(policy, account, need, lacking)
        elif need.approves and not need.alone and not need.rule.clause.startswith("office/") and len(able) == need.persons:
            yield from (_only_one(policy, account, need, who) for who in able)


def _too_few(policy: Policy, account: Account, need: Need, lacking: str) -> Conflict:
    here, here_en = need.words
    ja = "を誰も承認できません" if need.approves else "の保留を解ける人がいません"
    en = "approve" if need.approves else "lift the hold of"
    return Conflict(
        kind="nobody_approves" if need.approves else "nobody_lifts",
        weight="dead_end" if need.approves else "contradiction",
        policy=policy.id,
        account=account.id,
        clause=need.rule.clause,
        rule=need.rule.id,
        subject=lacking,
        message=f"{account.id}{here}{ja}（{lacking}）。担当者（[[operators]]）の職名と任期を確かめてください。",
        message_en=f"Nobody can {en} {account.id}{here_en} ({lacking}). Look at the titles and terms of [[operators]].",
    )


def _only_one(policy: Policy, account: Account, need: Need, who: Operator) -> Conflict:
    here, here_en = need.words
    return Conflict(
        kind="own_only_approver",
        weight="notice",
        policy=policy.id,
        account=account.id,
        clause=need.rule.clause,
        subject=who.login,
        message=f"{account.id}{here}: {who.name}さんが自分で書いたものは、ほかに承認できる人がいません。",
        message_en=f"{account.id}{here_en}: nobody else can approve what {who.login} writes.",
    )


def _closed(book: Rulebook, policy: Policy, account: Account, day: date) -> Iterator[Conflict]:
    """An account whose hours never open in the year ahead."""
    rules = [rule for rule in policy.rules if isinstance(rule, Hours) and rule.on == "draft"]
    if not rules:
        return
    state = opening(policy, datetime.combine(day, time(0), TOKYO), days=book.days, account=account)
    if not state.open and state.next_open is None and day.year <= LAST_YEAR:
        yield Conflict(
            kind="always_closed",
            weight="dead_end",
            policy=policy.id,
            account=account.id,
            clause=state.clause,
            rule=state.rule,
            message=f"{account.id} は、この先一度も開きません（{state.reason}）。運用時間と閉庁日を確かめてください。",
            message_en=f"{account.id} never opens from here on ({state.reason_en}). Look at its hours and closures.",
        )


def _holidays(policy: Policy, day: date) -> Iterator[Conflict]:
    rule = next((rule for rule in policy.rules if isinstance(rule, Hours) and rule.days != "every day"), None)
    if rule is not None and day.year > LAST_YEAR:
        yield Conflict(
            kind="no_holidays",
            weight="dead_end",
            policy=policy.id,
            clause=rule.clause,
            rule=rule.id,
            subject=str(day.year),
            message=f"{day.year}年の祝日が分からないため、終日閉庁として扱います。祝日表のある版の広報番に替えてください。",
            message_en=f"The holidays of {day.year} are not known: closed all day. Install a release whose table has them.",
        )


def _unheld(policy: Policy) -> Iterator[Conflict]:
    for line in coverage(policy):
        if line.status == "unmapped":
            yield Conflict(
                kind="unheld",
                weight="notice",
                policy=policy.id,
                clause=line.id,
                message=f"{policy.id} の {line.cite} を担う規則も仕組みもありません。",
                message_en=f"Nothing holds {line.id}: neither a rule nor a mechanism.",
            )
