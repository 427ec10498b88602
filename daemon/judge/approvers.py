"""The approver tables: who may approve an item, who may lift one of its holds, and whose word is still missing.

A title (職名) stands in a rule as the policy writes it; `@unit-chief` is the manager of the unit that owns the account (港区 7条1項),
`@approver` whoever the policy's own table names for the item.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from daemon.judge.plan import APPROVER, UNIT_CHIEF, plan_of
from daemon.judge.situation import Approval, Situation
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.item import Item
from daemon.rulebook.model import Account, Approvers, Operator, Policy, Rulebook
from daemon.rulebook.verdict import Finding
from daemon.screening.hit import Facts
from daemon.screening.screen import said
from daemon.screening.when import applies


class No(NamedTuple):
    """Why a person may not: a code of the wire's refusals, the sentence in both languages, and the clause behind it."""

    code: Literal["not_approver", "own_draft"]
    message: str
    message_en: str
    clause: str


def approvers(item: Item, situation: Situation, policy: Policy) -> tuple[Approvers, ...]:
    """The lines of the approver table that concern this item, the policy's own before the office's; never none: where the policy
    names nobody, its managers."""
    if situation.account is None:
        return ()
    facts = facts_of(item, situation, policy)
    plan = plan_of(policy)
    found = said(policy, item.text) if plan.asks_the_text else frozenset()
    table = tuple(rule for rule in plan.approvers if applies(rule.when, facts, rule.id in found))
    return table if any(APPROVER not in rule.titles for rule in table) else (plan.nobody_named, *table)


def facts_of(item: Item, situation: Situation, policy: Policy) -> Facts:
    """What the rules' conditions are asked about: the declared topic, else the account's own; its platform, else all of them."""
    account = situation.account
    topic = item.topic or (account.topic if account else "")
    platforms = (account.platform,) if account else policy.platforms
    today = situation.now.astimezone(TOKYO).date() if situation.now is not None else None
    return Facts(item, topic, platforms, today)


def titles_of(rule: Approvers, table: Iterable[Approvers]) -> tuple[str, ...]:
    """The titles of one line of the table, with `@approver` written out: the titles of the policy's own lines."""
    named: dict[str, None] = {}
    for title in rule.titles:
        if title == APPROVER:
            named.update(dict.fromkeys(t for own in table if APPROVER not in own.titles for t in own.titles))
        else:
            named[title] = None
    return tuple(named)


def holds(who: Operator, titles: Iterable[str], account: Account) -> bool:
    """True where this person serves the account's policy and has one of the titles. A viewer decides nothing, whatever the title."""
    if account.policy not in who.policies or who.role == "viewer":
        return False
    return any(
        (who.role == "manager" and who.unit == account.unit) if title == UNIT_CHIEF else title in who.titles for title in titles
    )


def lines_of(who: Operator, item: Item, situation: Situation, rulebook: Rulebook) -> tuple[Approvers, ...]:
    """The lines of the table under which this person approves this item; none for anybody else."""
    account = situation.account
    assert account is not None
    table = approvers(item, situation, rulebook.policies[account.policy])
    return tuple(rule for rule in table if holds(who, titles_of(rule, table), account))


def approver_names(item: Item, situation: Situation, rulebook: Rulebook) -> str:
    """Everybody whose approval counts for this item, by title and name."""
    account = situation.account
    assert account is not None
    table = approvers(item, situation, rulebook.policies[account.policy])
    return people(dict.fromkeys(title for rule in table for title in titles_of(rule, table)), account, rulebook)


def may_approve(who: Operator, item: Item, situation: Situation, rulebook: Rulebook) -> No | None:
    """None where this person's approval counts for this item; else why not."""
    account = situation.account
    assert account is not None
    fitting = lines_of(who, item, situation, rulebook)
    if not fitting:
        whom = approver_names(item, situation, rulebook)
        return No(
            "not_approver",
            f"{who.name}さんは、この下書きの承認者ではありません。承認できるのは {whom} です。",
            f"{who.login} does not approve this draft; {whom} does.",
            approvers(item, situation, rulebook.policies[account.policy])[0].clause,
        )
    if situation.author is not None and situation.author.login == who.login and not any(rule.alone for rule in fitting):
        return No(
            "own_draft",
            "自分の下書きは承認できません。ほかの承認者に頼んでください。",
            "Nobody approves their own draft: ask another approver.",
            fitting[0].clause,
        )
    return None


def may_lift(who: Operator, finding: Finding, item: Item, situation: Situation, rulebook: Rulebook) -> No | None:
    """None where this person may lift this hold for this item; else why not. A hold without `lift` is lifted by nobody."""
    account = situation.account
    assert account is not None
    policy = rulebook.policies[account.policy]
    titles = lifters(finding, item, situation, policy)
    if holds(who, titles, account):
        return None
    whom = people(titles, account, rulebook) if titles else "誰も"
    return No(
        "not_approver",
        f"この条文の例外を認められるのは {whom} です（{finding.cite}）。"
        if titles
        else f"この条文に例外の定めはありません（{finding.cite}）。下書きを直してください。",
        f"Only {whom} may make this exception ({finding.clause})."
        if titles
        else f"This clause knows no exception ({finding.clause}): change the draft.",
        finding.clause,
    )


def lifters(finding: Finding, item: Item, situation: Situation, policy: Policy) -> tuple[str, ...]:
    """The titles that may lift a hold, with `@approver` written out."""
    if APPROVER not in finding.lift:
        return finding.lift
    table = approvers(item, situation, policy)
    own = (title for rule in table if APPROVER not in rule.titles for title in rule.titles)
    return tuple(dict.fromkeys((*(title for title in finding.lift if title != APPROVER), *own)))


class Wanted(NamedTuple):
    """What one line of the table still waits for: how many more people, and of which titles."""

    rule: Approvers
    more: int
    titles: tuple[str, ...]


def unmet(item: Item, situation: Situation, rulebook: Rulebook) -> list[Wanted]:
    """The lines of the approver table that the approvals given so far do not satisfy."""
    account = situation.account
    if account is None:
        return []
    policy = rulebook.policies[account.policy]
    table = approvers(item, situation, policy)
    wanted = []
    for rule in table:
        titles = titles_of(rule, table)
        if rule.require == "all":
            lacking = tuple(title for title in titles if not _given(situation.approvals, (title,), rule, situation, rulebook))
            if lacking:
                wanted.append(Wanted(rule, len(lacking), lacking))
            continue
        more = rule.persons - len(_given(situation.approvals, titles, rule, situation, rulebook))
        if more > 0:
            wanted.append(Wanted(rule, more, titles))
    return wanted


def _given(
    approvals: Iterable[Approval], titles: tuple[str, ...], rule: Approvers, situation: Situation, rulebook: Rulebook
) -> set[str]:
    """Who has approved with one of these titles; one's own draft only where the line allows 単独."""
    account, author = situation.account, situation.author
    assert account is not None
    given = set()
    for approval in approvals:
        who = rulebook.operators.get(approval.login)
        if who is None or not holds(who, titles, account):
            continue
        if author is not None and author.login == who.login and not rule.alone:
            continue
        given.add(approval.login)
    return given


_people: dict[tuple[int, str, tuple[str, ...], frozenset[str]], tuple[Rulebook, str]] = {}
_KEPT = 512


def people(titles: Iterable[str], account: Account, rulebook: Rulebook, but: frozenset[str] = frozenset()) -> str:
    """Titles with the names of the people who hold them, as a line waits for them: 「市民協働推進課長（浦野 陽子）」; without those
    (`but`: logins) who have done their part."""
    key = (id(rulebook), account.id, tuple(titles), but)
    known = _people.get(key)
    if known is None or known[0] is not rulebook:
        if len(_people) >= _KEPT:
            _people.clear()
        known = _people[key] = (rulebook, _named(key[2], account, rulebook, but))
    return known[1]


def _named(titles: tuple[str, ...], account: Account, rulebook: Rulebook, but: frozenset[str]) -> str:
    shown = []
    for title in titles:
        holders = [who for who in rulebook.operators.values() if who.role != "viewer" and holds(who, (title,), account)]
        names = [who.name for who in holders if who.login not in but]
        label = f"{account.unit}の課長" if title == UNIT_CHIEF else title
        shown.append(f"{label}（{'、'.join(names)}）" if names else f"{label}（名簿に該当者なし）")
    return " または ".join(shown)
