"""The approver tables: who may approve an item, who may lift one of its holds, and whose word is still missing.

A title (職名) stands in a rule as the policy writes it; `@unit-chief` is the manager of the unit that owns the account (港区 7条1項),
`@approver` whoever the policy's own table names for the item.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal, NamedTuple

from daemon.judge.deputies import Capacity, capacities, capacity_under, in_force
from daemon.judge.plan import plan_of
from daemon.judge.situation import Approval, Situation
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.deputies import lent, stood_for
from daemon.rulebook.item import Item
from daemon.rulebook.model import Account, Approvers, Deputy, Operator, Policy, Rulebook
from daemon.rulebook.titles import APPROVER, label, unit_of
from daemon.rulebook.verdict import Finding
from daemon.screening.hit import Facts
from daemon.screening.screen import said
from daemon.screening.when import applies


class No(NamedTuple):
    """Why a person may not: a code of the wire's refusals, the sentence in both languages, and the clause behind it."""

    code: Literal["not_approver", "own_draft", "missing"]
    message: str
    message_en: str
    clause: str


class Asked(NamedTuple):
    """Whom a line waits for: ready to be shown, and the logins of those people."""

    who: str
    logins: tuple[str, ...] = ()


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
    if account is None:
        return Facts(item, topic, platforms, today, public=policy.public)
    return Facts(item, topic, platforms, today, account.id, account.unit, account.final, policy.public)


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
        title in who.titles if (unit := unit_of(title, account.unit)) is None else who.role == "manager" and who.unit == unit
        for title in titles
    )


def own_titles(item: Item, situation: Situation, policy: Policy) -> tuple[str, ...]:
    """The titles of the policy's own lines for this item, without those that the office has added."""
    own = (title for rule in approvers(item, situation, policy) if APPROVER not in rule.titles for title in rule.titles)
    return tuple(dict.fromkeys(own))


def lines_of(capacity: Capacity, item: Item, situation: Situation, rulebook: Rulebook) -> tuple[Approvers, ...]:
    """The lines of the table under which somebody in this capacity approves this item now: those of the step that it has reached; of all
    steps where every one is satisfied. None for anybody else."""
    account = situation.account
    assert account is not None
    table = approvers(item, situation, rulebook.policies[account.policy])
    step = _reached(table, item, situation, rulebook)[0]
    own = (rule for rule in table if step in (0, step_of(rule, table)))
    return tuple(rule for rule in own if holds(capacity.holder, titles_of(rule, table), account))


def step_of(rule: Approvers, table: Iterable[Approvers]) -> int:
    """The step with which a line is asked for: its own; the last one for a line that stands beside the steps."""
    if APPROVER not in rule.titles:
        return rule.step
    return max((own.step for own in table if APPROVER not in own.titles), default=1)


def step_now(capacity: Capacity, item: Item, situation: Situation, rulebook: Rulebook) -> int:
    """The step for which an approval in this capacity would be given now."""
    account = situation.account
    assert account is not None
    table = approvers(item, situation, rulebook.policies[account.policy])
    return min((step_of(rule, table) for rule in lines_of(capacity, item, situation, rulebook)), default=1)


def lapsed(approval: Approval, situation: Situation, rulebook: Rulebook) -> bool:
    """Whether an approval is so old that it counts no more (`[office] approval_days`)."""
    days = rulebook.office.approval_days
    return bool(days) and situation.now is not None and situation.now - approval.at > timedelta(days=days)


def approvers_asked(item: Item, situation: Situation, rulebook: Rulebook) -> Asked:
    """Everybody whose approval counts for this item, by title and name."""
    account = situation.account
    assert account is not None
    table = approvers(item, situation, rulebook.policies[account.policy])
    titles = dict.fromkeys(title for rule in table for title in titles_of(rule, table))
    wrote = frozenset() if any(rule.alone for rule in table) else writers(situation)
    return asked(titles, account, rulebook, entries=in_force(item, situation, rulebook), wrote=wrote)


def writers(situation: Situation) -> frozenset[str]:
    """Whose own draft it is, or may be: those whom nobody asks to approve it, unless the clause allows 単独."""
    return frozenset(situation.hands) | ({situation.author.login} if situation.author is not None else frozenset())


def may_approve(who: Operator, item: Item, situation: Situation, rulebook: Rulebook) -> No | None:
    """None where this person's approval counts for this item; else why not."""
    answer = approving(who, item, situation, rulebook)
    return answer if isinstance(answer, No) else None


def approving(who: Operator, item: Item, situation: Situation, rulebook: Rulebook) -> Capacity | No:
    """In what capacity this person's approval counts for this item: the one that meets most of what is still open, their own before any
    other's. Else why not."""
    account = situation.account
    assert account is not None
    fitting = [(each, lines_of(each, item, situation, rulebook)) for each in capacities(who, item, situation, rulebook)]
    fitting = [(each, lines) for each, lines in fitting if lines]
    if not fitting and _in_another_step(who, item, situation, rulebook):
        return _another_step(who, item, situation, rulebook)
    if not fitting:
        whom = approvers_asked(item, situation, rulebook).who
        return No(
            "not_approver",
            f"{who.name}さんは、この下書きの承認者ではありません。承認できるのは {whom} です。",
            f"{who.login} does not approve this draft; {whom} does.",
            approvers(item, situation, rulebook.policies[account.policy])[0].clause,
        )
    free = [(each, lines) for each, lines in fitting if any(not _own_draft(each, rule, situation) for rule in lines)]
    if not free:
        return No(
            "own_draft",
            "自分の下書きは承認できません。ほかの承認者に頼んでください。"
            if fitting[0][0].entry is None or _wrote(who, situation)
            else "代決する相手が作成した下書きは、その人に代わって承認できません。ほかの承認者に頼んでください。",
            "Nobody approves their own draft, nor in its author's place: ask another approver.",
            fitting[0][1][0].clause,
        )
    if len(free) == 1:
        return free[0][0]
    wanted = {each.rule.id for each in unmet(item, situation, rulebook)}
    return max(free, key=lambda one: sum(rule.id in wanted for rule in one[1]))[0]


def _in_another_step(who: Operator, item: Item, situation: Situation, rulebook: Rulebook) -> bool:
    account = situation.account
    assert account is not None
    table = approvers(item, situation, rulebook.policies[account.policy])
    every = capacities(who, item, situation, rulebook)
    return any(holds(each.holder, titles_of(rule, table), account) for each in every for rule in table)


def _another_step(who: Operator, item: Item, situation: Situation, rulebook: Rulebook) -> No:
    """Why somebody who approves such items cannot approve this one now: an earlier step comes first, or theirs is over."""
    account = situation.account
    assert account is not None
    wanted = unmet(item, situation, rulebook)
    whom = "、".join(asked(line.titles, account, rulebook).who for line in wanted)
    return No(
        "missing",
        f"今は {whom} の承認を待っています。{who.name}さんの承認は、別の段階のものです。",
        f"It waits for {whom} now: the approval of {who.login} belongs to another step.",
        wanted[0].rule.clause,
    )


def _wrote(who: Operator, situation: Situation) -> bool:
    """Whether this person wrote the draft, or may have."""
    return who.login in writers(situation)


def _own_draft(capacity: Capacity, rule: Approvers, situation: Situation) -> bool:
    """True where an approval in this capacity would be its author's own. 単独 is for whom the clause names, never for a deputy."""
    if _wrote(capacity.who, situation):
        return capacity.entry is not None or not rule.alone
    return _wrote(capacity.holder, situation) and not rule.alone


def may_lift(who: Operator, finding: Finding, item: Item, situation: Situation, rulebook: Rulebook) -> No | None:
    """None where this person may lift this hold for this item; else why not."""
    answer = lifting(who, finding, item, situation, rulebook)
    return answer if isinstance(answer, No) else None


def lifting(who: Operator, finding: Finding, item: Item, situation: Situation, rulebook: Rulebook) -> Capacity | No:
    """In what capacity this person may lift this hold for this item; else why not. A hold without `lift` is lifted by nobody."""
    account = situation.account
    assert account is not None
    policy = rulebook.policies[account.policy]
    titles = lifters(finding, item, situation, policy)
    rule = plan_of(policy).rules.get(finding.rule)
    in_person = rule is not None and rule.in_person
    for capacity in capacities(who, item, situation, rulebook):
        if holds(capacity.holder, titles, account) and not (in_person and capacity.entry is not None):
            return capacity
    entries = () if in_person else in_force(item, situation, rulebook)
    whom = asked(titles, account, rulebook, entries=entries).who if titles else "誰も"
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
    named = (title for title in finding.lift if title != APPROVER)
    return tuple(dict.fromkeys((*named, *own_titles(item, situation, policy))))


class Wanted(NamedTuple):
    """What one line of the table still waits for: how many more people, of which titles; `given` have done their part."""

    rule: Approvers
    more: int
    titles: tuple[str, ...]
    given: frozenset[str] = frozenset()


def unmet(item: Item, situation: Situation, rulebook: Rulebook) -> list[Wanted]:
    """The lines of the approver table that the approvals given so far do not satisfy, of the step that the item has reached."""
    account = situation.account
    if account is None:
        return []
    return _reached(approvers(item, situation, rulebook.policies[account.policy]), item, situation, rulebook)[1]


def _reached(table: tuple[Approvers, ...], item: Item, situation: Situation, rulebook: Rulebook) -> tuple[int, list[Wanted]]:
    """The step that the item has reached, and the lines of it that are not satisfied; 0 and none where every step is."""
    for step in sorted({step_of(rule, table) for rule in table}):
        lines = (_lacking(rule, table, item, situation, rulebook) for rule in table if step_of(rule, table) == step)
        if wanted := [line for line in lines if line is not None]:
            return step, wanted
    return 0, []


def _lacking(
    rule: Approvers, table: tuple[Approvers, ...], item: Item, situation: Situation, rulebook: Rulebook
) -> Wanted | None:
    """What this line still waits for."""
    titles = titles_of(rule, table)
    if rule.require == "all":
        lacking = tuple(title for title in titles if not _given((title,), rule, item, situation, rulebook))
        return Wanted(rule, len(lacking), lacking) if lacking else None
    given = _given(titles, rule, item, situation, rulebook)
    more = rule.persons - len(given)
    return Wanted(rule, more, titles, _approved(given, situation)) if more > 0 else None


def _approved(given: set[str], situation: Situation) -> frozenset[str]:
    """Those who need not be asked again: whoever counts, and whoever has stood for somebody."""
    return frozenset(given) | {each.login for each in situation.approvals if each.deputy and each.login not in given}


def _given(titles: tuple[str, ...], rule: Approvers, item: Item, situation: Situation, rulebook: Rulebook) -> set[str]:
    """Who has approved with one of these titles, each person once: whoever a deputy (代決) has stood for, not the deputy. One's own draft
    counts only where the line allows 単独, and an approval only in its step and while it is not too old. The register counts as it is now: the
    approval of somebody who has left, or holds the post no more, is asked for again."""
    account = situation.account
    assert account is not None
    given = set()
    for approval in situation.approvals:
        who = rulebook.operators.get(approval.login)
        if who is None or lapsed(approval, situation, rulebook):
            continue
        if APPROVER not in rule.titles and approval.step != rule.step:
            continue
        capacity = capacity_under(who, approval.deputy, approval.at, item, situation, rulebook)
        if capacity is None or not holds(capacity.holder, titles, account) or _own_draft(capacity, rule, situation):
            continue
        given.add(stood_for(capacity.entry, rulebook.operators) if capacity.entry is not None else approval.login)
    return given


_Shown = tuple[int, str, tuple[str, ...], frozenset[str], tuple[Deputy, ...], frozenset[str]]
_asked: dict[_Shown, tuple[Rulebook, Asked]] = {}
_KEPT = 512


def asked(
    titles: Iterable[str],
    account: Account,
    rulebook: Rulebook,
    but: frozenset[str] = frozenset(),
    entries: tuple[Deputy, ...] = (),
    wrote: frozenset[str] = frozenset(),
) -> Asked:
    """The people who hold these titles, as a line waits for them: 「市民協働推進課長（浦野 陽子）」; without those (`but`: logins) who have
    done their part, nor whoever would only count as one of them, and without those who `wrote` the draft, nor anybody in their place. With `entries` those who stand in for them, too:
    「（浦野 陽子、代決 与野 隆）」."""
    key = (id(rulebook), account.id, tuple(titles), but, entries, wrote)
    known = _asked.get(key)
    if known is None or known[0] is not rulebook:
        if len(_asked) >= _KEPT:
            _asked.clear()
        known = _asked[key] = (rulebook, _named(key[2], account, rulebook, but, entries, wrote))
    return known[1]


def _named(
    titles: tuple[str, ...],
    account: Account,
    rulebook: Rulebook,
    but: frozenset[str],
    entries: tuple[Deputy, ...],
    wrote: frozenset[str],
) -> Asked:
    shown: list[str] = []
    logins: dict[str, None] = {}
    only_by_writers = False
    policy = rulebook.policies[account.policy]
    lending = [(entry, holder) for entry in entries if (holder := lent(entry, rulebook.operators, policy)) is not None]
    for title in titles:
        holders = [who for who in rulebook.operators.values() if who.role != "viewer" and holds(who, (title,), account)]
        named = {who.login: who.name for who in holders}
        for entry, holder in lending:
            if holds(holder, (title,), account) and holder.login not in wrote and holder.login not in but:
                named.setdefault(entry.login, f"代決 {rulebook.operators[entry.login].name}")
        left = {login: name for login, name in named.items() if login not in but and login not in wrote}
        only_by_writers |= not left and any(login in wrote for login in named)
        if left:
            shown.append(f"{label(title, account.unit)}（{'、'.join(left.values())}）")
        elif not named:
            shown.append(f"{label(title, account.unit)}（名簿に該当者なし）")
        logins.update(dict.fromkeys(left))
    done = "作成者と、承認した人" if but else "作成者"
    nobody = f"{done}のほかに承認できる人がいません" if only_by_writers else "ほかに該当者なし"
    shown = shown or [f"{'・'.join(label(title, account.unit) for title in titles)}（{nobody}）"]
    return Asked(" または ".join(shown), tuple(logins))
