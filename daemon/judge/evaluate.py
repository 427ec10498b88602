"""The evaluation itself: what the text says, what the situation says, and what is still missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

import msgspec

from daemon.judge.approvers import asked, facts_of, lifters, unmet, writers
from daemon.judge.costing import over_budget
from daemon.judge.deputies import in_force
from daemon.judge.emergency import declared, declarers, declaring
from daemon.judge.filled import lacking
from daemon.judge.nothing_missing import by_hands_only, counting, last
from daemon.judge.plan import plan_of
from daemon.judge.releasers import releasers
from daemon.judge.repeated import burst, duplicate, number
from daemon.judge.situation import Judgement, Situation
from daemon.rulebook.calendar import TOKYO, Opening, opening
from daemon.rulebook.item import Item
from daemon.rulebook.model import (
    Account,
    Author,
    Deputy,
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
from daemon.rulebook.published import differences
from daemon.rulebook.verdict import Finding, Missing, worst
from daemon.rulebook.versions import version_on, wording_in_hand
from daemon.screening.cite import finding
from daemon.screening.hit import Facts, Hit, Text
from daemon.screening.over import check_over
from daemon.screening.screen import On, has_dated, said, screen
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
    what the policy's rules on comments say of its text, and nothing else, because nobody waits for a comment to go out; `situation.recent`
    are then the account's own posts, of which it may be an altered copy.

    `policy` is needed where the situation has no account. `screened` are the content findings of the same revision under the same
    policy, if they are known. Never raises for a text, whatever it holds.
    """
    if policy is None:
        if situation.account is None:
            raise ValueError("a judgement needs an account or a policy")
        policy = rulebook.policies[situation.account.policy]
    if situation.now is not None and not wording_in_hand(policy, day := situation.now.astimezone(TOKYO).date()):
        return _no_wording(item, policy, day, situation.account)
    facts = facts_of(item, situation, policy)
    if on == "comment":
        facts = beside_posts(facts, situation)
        found = screen(policy, facts, on)
        return of_comment(item.text, (*found, *screen(policy, facts, on, dated=True)) if has_dated(policy, on) else found)
    if screened is None:
        screened = tuple(_content(item, facts, policy, situation))
    findings = (*screened, *screen(policy, facts, on, dated=True)) if plan_of(policy).dated else screened
    if not situation.content_only:
        now_found = _around(item, facts, situation, rulebook, policy)
        findings = (*findings, *now_found)
    if situation.lifts:
        cleared = {lift.rule for lift in situation.lifts if lift.stands(situation.now)}
        findings = tuple(
            msgspec.structs.replace(f, lifted=True) if f.verdict == "hold" and f.rule in cleared else f for f in findings
        )
    missing = (
        ()
        if situation.account is None or situation.verdict_only
        else tuple(_missing(item, findings, situation, rulebook, policy))
    )
    return Judgement(
        findings=findings,
        screened=screened,
        missing=missing,
        verdict=worst(findings),
        text=item.text,
        platforms=facts.platforms,
    )


def beside_posts(facts: Facts, situation: Situation) -> Facts:
    """What is known of a comment: also what the account itself said lately."""
    return facts._replace(posts=tuple(each.text for each in situation.recent)) if situation.recent else facts


def of_comment(text: str, found: tuple[Finding, ...]) -> Judgement:
    """The judgement of a comment of which this is all that there is to say."""
    return Judgement(
        findings=found, screened=found, missing=(), verdict=worst(found) if found else "pass", text=text, platforms=()
    )


def _no_wording(item: Item, policy: Policy, day: date, account: Account | None) -> Judgement:
    """Nothing is judged by another version's text: the wording that is in force on this day has to be put in hand first."""
    version = version_on(policy.versions, day)
    named, named_en = (f"（{version.cite}）", f" ({version.cite})") if version else ("", "")
    rule = Detector(id="office.no-wording", clause="office/no-wording", level="block", name="reading")
    said = finding(
        rule,
        policy,
        message=f"{day.isoformat()} に効力のある版{named}の条文が手元にありません（条文なし）。ほかの版の条文では判定しません。その版の条文を policies/ に置いてください。",
        message_en=f"The wording in force on {day.isoformat()}{named_en} is not in hand (条文なし), and no other version's text is applied: put it into policies/.",
    )
    line = Missing(what=said.message, what_en=said.message_en, who="管理者", clause=said.clause, act="edit", rule=rule.id)
    missing = () if account is None else (line,)
    return Judgement(findings=(said,), missing=missing, verdict="block", text=item.text, platforms=())


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
    return (*out, *over_budget(item, situation, policy))


def _of_situation(rule: Rule, item: Item, situation: Situation, rulebook: Rulebook, policy: Policy) -> Iterator[Finding]:
    account = situation.account
    match rule:
        case Hours():
            state = _opening(item, situation, rulebook, policy)
            if state is not None and not state.open and state.rule in ("", rule.id):
                yield finding(
                    rule, policy, message=f"{rule.message}（{state.reason}）", message_en=f"{rule.message_en} ({state.reason_en})"
                )
        case Author() if account is not None and rule.own_unit:
            if situation.author is not None and situation.author.unit != account.unit:
                yield finding(rule, policy)
        case Author() if account is not None:
            author = situation.author
            if (
                author is None
                or author.role == "viewer"
                or account.policy not in author.policies
                or rule.units
                and author.unit not in rule.units
                or rule.dated
                and author.appointed is None
                or situation.now is not None
                and not author.in_office(situation.now.astimezone(TOKYO).date())
            ):
                yield finding(rule, policy)
        case Handle() if account is not None:
            for key, wanted, now in differences(rule, account):
                yield finding(
                    rule,
                    policy,
                    message=f"{rule.message}（{key}: 要綱は {wanted}、設定は {now}）",
                    message_en=f"{rule.message_en} ({key}: {wanted} in the policy, {now} here)",
                )
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
    grace = timedelta(minutes=number(rule, "minutes", GRACE_MINUTES)) if rule.name == "past" else timedelta(0)
    if rule.name == "past" and item.release_at is not None and item.release_at < now - grace:
        yield finding(rule, policy)
    if rule.name == "past" and (hit := _over(item.text, now.astimezone(TOKYO).date())):
        yield finding(rule, policy, start=hit.start, end=hit.end, message=hit.message, message_en=hit.message_en)
    if rule.name == "duplicate":
        yield from duplicate(rule, item, situation, policy, now)
    if rule.name == "unrecorded" and situation.recorded is False:
        yield finding(rule, policy)
    if rule.name == "burst":
        yield from burst(rule, situation, policy, now)


@lru_cache(maxsize=64)
def _over(text: str, today: date) -> Hit | None:
    """Asked at every look at a draft that waits, and the same until midnight."""
    return check_over(Text(text), today)


def _opening(item: Item, situation: Situation, rulebook: Rulebook, policy: Policy) -> Opening | None:
    """The hours at this moment; None where they do not count: no moment given, or a declared emergency (which lifts the hours only)."""
    if situation.now is None or declared(item, situation):
        return None
    return opening(
        policy,
        situation.now,
        days=rulebook.days,
        account=situation.account,
        topic=item.topic,
        kind=item.kind,
        emergency=item.emergency,
    )


def _missing(
    item: Item, findings: tuple[Finding, ...], situation: Situation, rulebook: Rulebook, policy: Policy
) -> Iterator[Missing]:
    """「なぜまだ出ないか」, complete: what to mend, what to lift, who has to approve, what to wait for."""
    account = situation.account
    assert account is not None
    entries = in_force(item, situation, rulebook)
    count = 0
    edits: set[tuple[str, str]] = set()
    for each in findings:
        if each.verdict == "block" and (each.rule, each.message) not in edits:
            edits.add((each.rule, each.message))
            count += 1
            yield _by_author(each, each.message, each.message_en, situation)
    held: set[str] = set()
    for each in findings:
        if each.verdict == "hold" and not each.lifted and each.rule not in held:
            held.add(each.rule)
            count += 1
            yield _held(each, item, situation, rulebook, policy, entries)
            if item.emergency and each.rule in plan_of(policy).hours:
                yield _undeclared(item, situation, rulebook, policy)
    for wanted in unmet(item, situation, rulebook):
        count += 1
        more = f"あと{wanted.more}人の承認" if wanted.rule.persons > 1 else "承認"
        if wanted.rule.step > 1:
            more = f"第{wanted.rule.step}段階の{more}"
        wrote = frozenset() if wanted.rule.alone else writers(situation)
        whom = asked(wanted.titles, account, rulebook, wanted.given, entries, wrote)
        yield Missing(
            what=f"{more}（{wanted.rule.message}）" if wanted.rule.message else more,
            what_en=f"{wanted.more} more approval(s): {wanted.rule.message_en}",
            who=whom.who,
            clause=wanted.rule.clause,
            act="approve",
            logins=whom.logins,
        )
    yield from situation.lacks
    count += len(situation.lacks)
    if situation.stopped:
        count += 1
        who = "、".join(policy.manager) or "管理者"
        yield Missing(
            what="停止中です。再開を待っています", what_en="stopped: waits for a resume", who=who, clause="", act="resume"
        )
    together = tuple(_together(item, situation, policy))
    yield from together
    if not count and not any(line.rule for line in together):
        by_hand = account.channel_for(item)
        left_to = releasers(item, situation, policy) if by_hand == "manual" else None
        yield (
            counting(account, situation.begins_at)
            if situation.begins_at is not None
            else last(by_hand, left_to, by_hands_only(account, item))
        )


def _together(item: Item, situation: Situation, policy: Policy) -> Iterator[Missing]:
    """What an emergency that goes to all accounts waits for, and what its set still lacks."""
    rule, found = plan_of(policy).fan_out, situation.in_set
    if rule is None:
        return
    if found is None:
        if situation.sets_known and item.kind != "delete" and applies(rule.when, facts_of(item, situation, policy)):
            yield Missing(
                what="一斉発信の用意をしています（全アカウントの下書きを作ります）",
                what_en="the drafts of all accounts of the set are being made",
                who="広報番",
                clause=rule.clause,
                act="wait",
                rule=rule.id,
            )
        return
    others = "、".join(found.lacking)
    what = f"一斉発信 {found.id}（{found.of} アカウント）の一つです。まだ: {others}"
    what_en = f"one of set {found.id} ({found.of} accounts). Still lacking: {', '.join(found.lacking)}"
    if found.broken:
        what, what_en = f"【不完全】{what}", f"OUT IN PART: {what_en}"
    if not found.same:
        what, what_en = f"{what}。文が一斉発信のものと違います", f"{what_en}. Its text is not that of the set"
    yield Missing(what=what, what_en=what_en, who="担当者", clause=found.clause, act="wait")


def _undeclared(item: Item, situation: Situation, rulebook: Rulebook, policy: Policy) -> Missing:
    """That the draft calls itself an emergency lifts nothing: who may declare it one."""
    whom = declarers(item, situation, rulebook)
    return Missing(
        what="緊急情報として今すぐ出すには、緊急の宣言が要ります（運用時間だけを解きます）",
        what_en="to go out at once as an emergency it has to be declared one (which lifts the hours only)",
        who=whom.who,
        clause=declaring(item, situation, policy).clause,
        act="declare",
        logins=whom.logins,
    )


def _held(
    each: Finding, item: Item, situation: Situation, rulebook: Rulebook, policy: Policy, entries: tuple[Deputy, ...]
) -> Missing:
    account = situation.account
    assert account is not None
    titles = lifters(each, item, situation, policy)
    what, what_en = each.message, each.message_en
    if (over := next((lift for lift in situation.lifts if lift.rule == each.rule), None)) is not None and over.until is not None:
        what += f" 例外の期限（{over.until.astimezone(TOKYO):%m/%d %H:%M}）は過ぎました。"
        what_en += f" The exception ended at {over.until.astimezone(TOKYO):%m/%d %H:%M}."
    if each.rule in plan_of(policy).hours:
        state = _opening(item, situation, rulebook, policy)
        if state is not None and state.next_open is not None:
            what += f" 次の開庁は {state.next_open:%m/%d %H:%M} です。"
            what_en += f" Next opening: {state.next_open:%m/%d %H:%M}."
    if not titles:
        return _by_author(each, what, what_en, situation)
    rule = plan_of(policy).rules.get(each.rule)
    whom = asked(titles, account, rulebook, entries=() if rule is not None and rule.in_person else entries)
    return Missing(what=what, what_en=what_en, who=whom.who, clause=each.clause, act="except", rule=each.rule, logins=whom.logins)


def _by_author(each: Finding, what: str, what_en: str, situation: Situation) -> Missing:
    """What only the author of the text can mend."""
    logins = () if situation.author is None else (situation.author.login,)
    return Missing(what=what, what_en=what_en, who=AUTHOR, clause=each.clause, act="edit", rule=each.rule, logins=logins)
