"""The evaluation itself: what the text says, what the situation says, and what is still missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

import msgspec

from daemon.judge.approvers import facts_of, lifters, people, unmet
from daemon.judge.filled import lacking
from daemon.judge.plan import plan_of
from daemon.judge.situation import Judgement, Situation
from daemon.rulebook.calendar import TOKYO, Opening, opening
from daemon.rulebook.item import Item
from daemon.rulebook.model import (
    Author,
    Detector,
    Handle,
    Hours,
    Kinds,
    Policy,
    Required,
    Rule,
    Rulebook,
    Topics,
)
from daemon.rulebook.verdict import Finding, Missing, worst
from daemon.screening.cite import finding
from daemon.screening.hit import Facts, Hit, Text
from daemon.screening.over import check_over
from daemon.screening.screen import On, said, screen
from daemon.screening.similar import contained, similarity
from daemon.screening.when import applies

AUTHOR = "作成者"

GRACE_MINUTES = 60.0
"""Minutes after its release time at which a draft still goes out without being asked about again."""


def judge(
    item: Item,
    situation: Situation,
    rulebook: Rulebook,
    *,
    policy: Policy | None = None,
    screened: tuple[Finding, ...] | None = None,
    on: On = "draft",
) -> Judgement:
    """Judge one draft: all findings at once, and everything that keeps it from going out. With `on="comment"` a citizen's comment:
    what the policy's rules on comments say of its text, and nothing else, because nobody waits for a comment to go out.

    `policy` is needed where the situation has no account. `screened` are the content findings of the same revision under the same
    policy, if they are known. Never raises for a text, whatever it holds.
    """
    if policy is None:
        if situation.account is None:
            raise ValueError("a judgement needs an account or a policy")
        policy = rulebook.policies[situation.account.policy]
    facts = facts_of(item, situation, policy)
    if on == "comment":
        found = screen(policy, facts, on)
        return Judgement(findings=found, screened=found, missing=(), verdict=worst(found), text=item.text, platforms=())
    if screened is None:
        screened = tuple(_content(item, facts, policy, situation))
    findings = screened
    if not situation.content_only:
        now_found = _around(item, facts, situation, rulebook, policy)
        findings = (*screened, *now_found)
    if situation.lifts:
        cleared = {lift.rule for lift in situation.lifts}
        findings = tuple(
            msgspec.structs.replace(f, lifted=True) if f.verdict == "hold" and f.rule in cleared else f for f in findings
        )
    missing = () if situation.account is None else tuple(_missing(item, findings, situation, rulebook, policy))
    return Judgement(
        findings=findings,
        screened=screened,
        missing=missing,
        verdict=worst(findings),
        text=item.text,
        platforms=facts.platforms,
    )


def _content(item: Item, facts: Facts, policy: Policy, situation: Situation) -> Iterator[Finding]:
    """What hangs on the text and its front matter alone."""
    yield from screen(policy, facts, "draft")
    if item.troubles:
        yield from _reading(item, facts, policy)
    if situation.content_only:
        return
    plan = plan_of(policy)
    found = said(policy, item.text) if plan.asks_the_text else frozenset()
    for rule in plan.declared:
        if applies(rule.when, facts, rule.id in found):
            yield from _declared(rule, item, policy)


def _reading(item: Item, facts: Facts, policy: Policy) -> Iterator[Finding]:
    """What reading the file met: encodings, front matter, size. What no rule speaks of is blocked all the same: fail closed."""
    rules = [rule for rule in plan_of(policy).reading if applies(rule.when, facts)]
    known = {code for rule in plan_of(policy).reading for code in _codes(rule)}
    for trouble in item.troubles:
        for rule in rules:
            if trouble.code in _codes(rule):
                yield finding(
                    rule, policy, start=trouble.start, end=trouble.end, message=trouble.message, message_en=trouble.message_en
                )
        if trouble.code not in known:
            rule = Detector(id=f"office.{trouble.code}", clause=f"office/{trouble.code}", level="block", name="reading")
            yield finding(
                rule, policy, start=trouble.start, end=trouble.end, message=trouble.message, message_en=trouble.message_en
            )


def _codes(rule: Detector) -> tuple[str, ...]:
    codes = rule.options.get("codes", ())
    return tuple(codes) if isinstance(codes, tuple | list) else ()


def _declared(rule: Required | Kinds | Topics, item: Item, policy: Policy) -> Iterator[Finding]:
    """What the front matter declares, or leaves out."""
    match rule:
        case Required():
            if found := lacking(item, rule.fields):
                names = "、".join(each.field for each in found)
                yield finding(
                    rule,
                    policy,
                    message=f"{rule.message}{''.join(each.why for each in found)}（前書き: {names}）",
                    message_en=" ".join((rule.message_en, *(each.why_en for each in found if each.why_en), f"({names})")),
                )
        case Kinds():
            if item.kind in rule.kinds:
                yield finding(rule, policy)
        case Topics():
            if item.topic not in rule.topics:
                yield finding(rule, policy)


def _around(item: Item, facts: Facts, situation: Situation, rulebook: Rulebook, policy: Policy) -> tuple[Finding, ...]:
    """What the situation says: hours, author, account, moment, repetition."""
    out: list[Finding] = []
    for rule in plan_of(policy).around:
        if applies(rule.when, facts):
            out += _of_situation(rule, item, situation, rulebook, policy)
    return tuple(out)


def _of_situation(rule: Rule, item: Item, situation: Situation, rulebook: Rulebook, policy: Policy) -> Iterator[Finding]:
    account = situation.account
    match rule:
        case Hours():
            state = _opening(item, situation, rulebook, policy)
            if state is not None and not state.open and state.rule in ("", rule.id):
                yield finding(
                    rule, policy, message=f"{rule.message}（{state.reason}）", message_en=f"{rule.message_en} ({state.reason_en})"
                )
        case Author() if account is not None:
            author = situation.author
            if (
                author is None
                or author.role == "viewer"
                or account.policy not in author.policies
                or rule.units
                and author.unit not in rule.units
                or author.appointed is not None
                and situation.now is not None
                and author.appointed > situation.now.astimezone(TOKYO).date()
            ):
                yield finding(rule, policy)
        case Handle() if account is not None:
            wanted = rule.handles.get(account.platform)
            if wanted is not None and wanted.casefold() != account.handle.casefold():
                yield finding(rule, policy)
        case Topics() if account is not None and account.topic:
            if item.topic in rule.topics and item.topic != account.topic:
                yield finding(rule, policy)
        case Detector():
            yield from _detected(rule, item, situation, policy)


def _detected(rule: Detector, item: Item, situation: Situation, policy: Policy) -> Iterator[Finding]:
    now = situation.now
    if now is None:
        return
    # A scheduled release is judged once more at its own time: only what is late beyond the grace is asked again.
    grace = timedelta(minutes=_number(rule, "minutes", GRACE_MINUTES)) if rule.name == "past" else timedelta(0)
    if rule.name == "past" and item.release_at is not None and item.release_at < now - grace:
        yield finding(rule, policy)
    if rule.name == "past" and (hit := _over(item.text, now.astimezone(TOKYO).date())):
        yield finding(rule, policy, start=hit.start, end=hit.end, message=hit.message, message_en=hit.message_en)
    if rule.name == "duplicate" and situation.recent:
        since = now - timedelta(hours=_number(rule, "hours", 72))
        if any(recent.at >= since and _again(rule, item, recent.text) for recent in situation.recent):
            yield finding(rule, policy)
    if rule.name == "burst" and situation.recent:
        since = now - timedelta(minutes=_number(rule, "minutes", 30))
        if sum(recent.at >= since for recent in situation.recent) >= _number(rule, "count", 5):
            yield finding(rule, policy)


def _again(rule: Detector, item: Item, earlier: str) -> bool:
    """The same once more, or the same with a word before or after it. A correction has to say again what it corrects."""
    if similarity(item.text, earlier) >= _number(rule, "similarity", 0.85):
        return True
    return item.kind != "correction" and contained(earlier, item.text) >= _number(rule, "contained", 0.9)


@lru_cache(maxsize=64)
def _over(text: str, today: date) -> Hit | None:
    """Asked at every look at a draft that waits, and the same until midnight."""
    return check_over(Text(text), today)


def _number(rule: Detector, name: str, default: float) -> float:
    value = rule.options.get(name, default)
    return float(value) if isinstance(value, int | float) else default


def _opening(item: Item, situation: Situation, rulebook: Rulebook, policy: Policy) -> Opening | None:
    """The hours at this moment; None where they do not count: no moment given, or an emergency (which lifts the hours only)."""
    if situation.now is None or item.emergency:
        return None
    return opening(
        policy, situation.now, closed=rulebook.office.closed, account=situation.account, topic=item.topic, kind=item.kind
    )


def _missing(
    item: Item, findings: tuple[Finding, ...], situation: Situation, rulebook: Rulebook, policy: Policy
) -> Iterator[Missing]:
    """「なぜまだ出ないか」, complete: what to mend, what to lift, who has to approve, what to wait for."""
    account = situation.account
    assert account is not None
    count = 0
    edits: set[tuple[str, str]] = set()
    for each in findings:
        if each.verdict == "block" and (each.rule, each.message) not in edits:
            edits.add((each.rule, each.message))
            count += 1
            yield Missing(what=each.message, what_en=each.message_en, who=AUTHOR, clause=each.clause, act="edit", rule=each.rule)
    asked: set[str] = set()
    for each in findings:
        if each.verdict == "hold" and not each.lifted and each.rule not in asked:
            asked.add(each.rule)
            count += 1
            yield _held(each, item, situation, rulebook, policy)
    for wanted in unmet(item, situation, rulebook):
        count += 1
        more = f"あと{wanted.more}人の承認" if wanted.rule.persons > 1 else "承認"
        yield Missing(
            what=f"{more}（{wanted.rule.message}）" if wanted.rule.message else more,
            what_en=f"{wanted.more} more approval(s): {wanted.rule.message_en}",
            who=people(wanted.titles, account, rulebook, frozenset(each.login for each in situation.approvals)),
            clause=wanted.rule.clause,
            act="approve",
        )
    if situation.stopped:
        count += 1
        who = "、".join(policy.manager) or "管理者"
        yield Missing(
            what="停止中です。再開を待っています", what_en="stopped: waits for a resume", who=who, clause="", act="resume"
        )
    if not count:
        yield _last(account.channel)


def _held(each: Finding, item: Item, situation: Situation, rulebook: Rulebook, policy: Policy) -> Missing:
    account = situation.account
    assert account is not None
    titles = lifters(each, item, situation, policy)
    what, what_en = each.message, each.message_en
    if each.rule in plan_of(policy).hours:
        state = _opening(item, situation, rulebook, policy)
        if state is not None and state.next_open is not None:
            what += f" 次の開庁は {state.next_open:%m/%d %H:%M} です。"
            what_en += f" Next opening: {state.next_open:%m/%d %H:%M}."
    if not titles:
        return Missing(what=what, what_en=what_en, who=AUTHOR, clause=each.clause, act="edit", rule=each.rule)
    return Missing(
        what=what, what_en=what_en, who=people(titles, account, rulebook), clause=each.clause, act="except", rule=each.rule
    )


def _last(channel: str) -> Missing:
    if channel == "manual":
        return Missing(
            what="発信カードを取って投稿し、URL を記録する",
            what_en="take its release card, post it, record the URL",
            who="担当者",
            clause="",
            act="take",
        )
    return Missing(what="まもなく自動で発信します", what_en="goes out by itself", who="広報番", clause="", act="wait")
