"""Whom the rules of an account need, and who of the register fills that on a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import Struct

from daemon.judge.approvers import holds, titles_of
from daemon.judge.plan import plan_of
from daemon.rulebook.deputies import lent, on
from daemon.rulebook.item import KIND_NAMES, KINDS, Kind
from daemon.rulebook.model import Account, Approvers, Deputy, Operator, Policy, Rule, Rulebook, When
from daemon.rulebook.titles import APPROVER, label


class Need(Struct, frozen=True, kw_only=True):
    """What one rule needs of people: how many different ones, of which titles, each of them (`every`) or any."""

    rule: Rule
    titles: tuple[str, ...]
    persons: int = 1
    every: bool = False
    approves: bool = True
    alone: bool = False

    def people(self, register: Iterable[Operator], account: Account) -> list[Operator]:
        """Those who may."""
        return [who for who in register if holds(who, self.titles, account)]

    def lacking(self, register: Iterable[Operator], account: Account) -> str:
        """Whom there is nobody for, in words; empty where the need can be met."""
        people = list(register)
        if self.every:
            missing = [title for title in self.titles if not any(holds(who, (title,), account) for who in people)]
            return f"{_named(missing, account)}がいません" if missing else ""
        able = len(self.people(people, account))
        if able >= self.persons:
            return ""
        more = f" {self.persons}人要るところ {able}人です" if able else "がいません"
        return f"{_named(self.titles, account)}{more}"

    @property
    def words(self) -> tuple[str, str]:
        """Which drafts the rule speaks of."""
        return _of(self.rule.when)


def appointed(book: Rulebook, account: Account, day: date) -> tuple[Operator, ...]:
    """Who on the register is in office on that day, and whom a deputy (代決) in office stands in for: for all drafts of the account, not
    only for some."""
    there = {who.login: who for who in book.operators.values() if who.in_office(day)}
    for entry in (entry for entry in book.deputies if on(entry, day) and _stands_in_for_all(entry, account)):
        deputy, holder = there.get(entry.login), lent(entry, book.operators, book.policies[account.policy])
        if deputy is not None and deputy.role != "viewer" and holder is not None:
            there.setdefault(holder.login or f"@{entry.title}", holder)
    return tuple(there.values())


def _stands_in_for_all(entry: Deputy, account: Account) -> bool:
    narrowed = entry.kinds or entry.topics or entry.emergencies == "only"
    return not narrowed and (not entry.accounts or account.id in entry.accounts)


def needs(policy: Policy, account: Account) -> Iterator[Need]:
    """The lines of the approver table and the holds to be lifted that concern this account."""
    table = tuple(rule for rule in plan_of(policy).approvers if _concerns(rule.when, account))
    for rule in table or (plan_of(policy).nobody_named,):
        yield Need(
            rule=rule,
            titles=titles_of(rule, table),
            persons=rule.persons,
            every=rule.require == "all",
            alone=rule.alone,
        )
    own = tuple(dict.fromkeys(title for line in table if APPROVER not in line.titles for title in line.titles))
    for hold in (rule for rule in policy.rules if rule.on == "draft" and rule.level == "hold" and not rule.shadow):
        if hold.lift and not isinstance(hold, Approvers) and _concerns(hold.when, account):
            titles = tuple(dict.fromkeys(t for each in hold.lift for t in (own if each == APPROVER else (each,))))
            yield Need(rule=hold, titles=titles, approves=False)


def _concerns(when: When, account: Account) -> bool:
    """May this rule speak of a draft for the account?"""
    return (
        (not when.platforms or account.platform in when.platforms)
        and (not when.topics or not account.topic or account.topic in when.topics)
        and (not when.accounts or account.id in when.accounts)
        and (not when.units or account.unit in when.units)
        and when.irreversible in (None, account.final)
    )


def _of(when: When) -> tuple[str, str]:
    topics = "・".join(when.topics)
    kinds, kinds_en = _kinds(when.kinds)
    ja = (
        f"の分野「{topics}」" if topics else "",
        f"の{kinds}" if kinds else "",
        "の緊急情報" if when.emergency else "",
        "のうち、決まった言い回しのあるもの" if when.text or when.phrases else "",
    )
    en = (
        f", topic {topics}" if topics else "",
        f", {kinds_en}" if kinds_en else "",
        ", emergencies" if when.emergency else "",
        ", where the text says so" if when.text or when.phrases else "",
    )
    return "".join(ja) or "の下書き", "".join(en)


def _kinds(kinds: tuple[Kind, ...]) -> tuple[str, str]:
    """Kinds of act in words; where they are most, what they are not."""
    others = [kind for kind in KINDS if kind not in kinds]
    if kinds and len(others) < len(kinds) / 2:
        return f"{'・'.join(KIND_NAMES[kind] for kind in others)}以外", f"all but {', '.join(others)}"
    return "・".join(KIND_NAMES[kind] for kind in kinds), ", ".join(kinds)


def _named(titles: Iterable[str], account: Account) -> str:
    return "、".join(label(title, account.unit) for title in titles)
