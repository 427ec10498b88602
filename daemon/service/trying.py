"""Trying: a text judged as it would be if it came now, and a draft under every installed policy. One thread of its own judges, so that
nobody else waits; of one connection only the last question counts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from weakref import WeakKeyDictionary

from daemon.desk.board import seen
from daemon.desk.case import Setting, load
from daemon.desk.pictured import picture_facts
from daemon.desk.waiting_for import line_of
from daemon.intake.frontmatter import read_item
from daemon.judge import Judgement, Situation, judge
from daemon.judge.approvers import facts_of
from daemon.refused import Refused
from daemon.rulebook.item import KINDS, Item
from daemon.rulebook.model import Account, Policy, Required, Rulebook, Topics
from daemon.rulebook.picture import Picture
from daemon.screening.length import LIMITS, measure
from daemon.screening.screen import said
from daemon.screening.urls import urls
from daemon.screening.when import applies
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.wire.trying import LONGEST_TRIED, FieldAsked, Shape, Tried, Try, Under

CONNECTIONS = 4
"""Connections of one person that may wait to be answered at once: of each only the last question is judged, and all wait for one thread."""
SHOWN = ("x", "line", "facebook")
"""Platforms of which a length is told besides the account's own: those that a preview draws."""


class Trying:
    """Answers `Try` for one office."""

    def __init__(self, office: Running) -> None:
        self._office = office
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="trying")
        self._last: WeakKeyDictionary[Session, int] = WeakKeyDictionary()
        self._waiting: Counter[Session] = Counter()

    async def tried(self, query: Try, session: Session, request: str) -> Tried:
        """The answer. Raises Refused where there is no such account or draft, where the text is too long, and (`stale`) where the same
        connection has asked again meanwhile; `busy` where as many other connections of the same person wait as are answered."""
        others = sum(other is not session and other.who.login == session.who.login for other in self._waiting)
        if others >= CONNECTIONS:
            raise Refused(
                "busy",
                "判定の順番を待っています。少し待ってください。",
                "Too many texts of yours wait to be tried: wait a moment.",
            )
        self._waiting[session] += 1
        try:
            return await self._tried(query, session)
        finally:
            self._waiting -= Counter((session,))

    async def _tried(self, query: Try, session: Session) -> Tried:
        if len(query.file) > LONGEST_TRIED:
            raise Refused(
                "state",
                f"長すぎます（{LONGEST_TRIED:,} 文字まで試せます）。",
                f"Too long to be tried (at most {LONGEST_TRIED:,} characters).",
            )
        number = self._last[session] = self._last.get(session, 0) + 1
        make = partial(self._fresh, session, number)
        setting = self._office.setting()
        if query.draft is not None:
            case = await self._office.store.read(partial(load, draft=query.draft, book=setting.book))
            work = partial(_of, case.item, case.account, case.situation(setting), setting, query.every, make, case.pictures)
        else:
            account = setting.book.accounts.get(query.account)
            if account is None:
                raise Refused("no_such", f"アカウント {query.account} はありません。", f"There is no account {query.account}.")
            situation = Situation(
                now=setting.now,
                account=account,
                author=session.who,
                author_verified=True,
                recent=setting.recent(account.id),
                stopped=setting.stopped(account),
                spent=setting.spent(account.id),
            )
            item = partial(read_item, query.file.encode("utf-8", "replace"))
            work = partial(_of, item, account, situation, setting, query.every, make)
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _fresh(self, session: Session, number: int) -> None:
        """Raise Refused where the same connection has asked again."""
        if self._last.get(session) != number:
            raise Refused("stale", "新しい問い合わせに替わりました。", "A later question has taken this one's place.")


def _of(
    given: Item | Callable[[], Item],
    account: Account,
    situation: Situation,
    setting: Setting,
    every: bool,
    fresh: Callable[[], None],
    pictures: tuple[Picture, ...] = (),
) -> Tried:
    """Judge; `fresh` is asked before each policy, and raises where nobody waits for the answer any more."""
    fresh()
    item = given if isinstance(given, Item) else given()
    own = setting.book.policies[account.policy]
    under = [_under(own, judge(item, situation, setting.book), account, setting.book)]
    for policy in setting.book.policies.values() if every else ():
        if policy.id != own.id:
            fresh()
            under.append(_under(policy, judge(item, Situation(now=setting.now), setting.book, policy=policy), None, setting.book))
    return Tried(
        text=item.text,
        kind=item.kind,
        at=setting.now,
        under=tuple(under),
        shapes=tuple(shape(item.text, each) for each in dict.fromkeys((account.platform, *SHOWN)) if each in LIMITS),
        links=tuple(urls(item.text)) if "." in item.text else (),
        fields=tuple(asked(item, situation, own)),
        images=picture_facts(item, pictures),
        poll=item.poll.options if item.poll else (),
        poll_minutes=item.poll.minutes if item.poll else 0,
        platform=account.platform,
        editor=setting.book.office.editor,
    )


def _under(policy: Policy, judgement: Judgement, account: Account | None, book: Rulebook) -> Under:
    return Under(
        policy=policy.id,
        municipality=policy.municipality,
        verdict=judgement.verdict,
        version=policy.edition,
        hash=policy.hash,
        account=account.id if account else "",
        findings=tuple(map(seen, judgement.findings)),
        missing=tuple(line_of(line, book) for line in judgement.missing),
    )


def shape(text: str, platform: str) -> Shape:
    """How long a text is on a platform, and where its limit falls."""
    length, limit = measure(text, platform)
    end = len(text)
    if length > limit:
        low, end = 0, len(text)
        while low < end:  # the longest beginning that fits
            middle = (low + end + 1) // 2
            low, end = (middle, end) if measure(text[:middle], platform)[0] <= limit else (low, middle - 1)
    return Shape(platform=platform, length=length, limit=limit, end=end)


def asked(item: Item, situation: Situation, policy: Policy) -> Iterator[FieldAsked]:
    """The fields that the policy's rules on drafts ask for, those of this text first; kind and topic before all."""
    facts = facts_of(item, situation, policy)
    found = said(policy, item.text)
    rules = [rule for rule in policy.rules if rule.on == "draft" and not rule.shadow]
    yield FieldAsked(key="kind", now=False, choices=KINDS)
    topics = next((rule for rule in rules if isinstance(rule, Topics)), None)
    if topics is not None:
        clause = policy.clause(topics.clause)
        yield FieldAsked(
            key="topic",
            now=applies(topics.when, facts, topics.id in found),
            clause=topics.clause,
            cite=clause.cite if clause else topics.clause,
            choices=topics.topics,
        )
    later: dict[str, FieldAsked] = {}
    for rule in rules:
        if not isinstance(rule, Required):
            continue
        now, clause = applies(rule.when, facts, rule.id in found), policy.clause(rule.clause)
        for key in rule.fields:
            before = later.get(key)
            if key not in OF_TEXT or (before is not None and (before.now or not now)):
                continue
            later[key] = FieldAsked(
                key=key,
                now=now,
                clause=rule.clause,
                cite=clause.cite if clause else rule.clause,
                message=rule.message,
                message_en=rule.message_en,
                choices=("true", "false") if key == "emergency" else (),
            )
    yield from sorted(later.values(), key=lambda each: not each.now)


OF_TEXT = ("emergency", "organiser", "source", "purpose", "reference", "target")
"""The fields of one line each; those of images stand with their images."""
