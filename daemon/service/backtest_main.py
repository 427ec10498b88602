"""A process that judges stored drafts by two texts of a policy and says which come out otherwise: `python -m daemon.service.backtest_main`.

It reads the database read-only and writes nothing; its part of the work comes on stdin, what it finds goes line by line to stdout. It
runs at the lowest priority and ends with the daemon: whoever sits at a console does not notice it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from daemon.desk.case import ROW, Case, Setting, case_of, load
from daemon.desk.states import ENDED, IN_HAND
from daemon.judge import Judgement, judge
from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.example import bare
from daemon.rulebook.model import Policy, Rulebook
from daemon.store.database import open_reader

TELL = 0.25
"""Seconds between two words of how far it is."""
_PR_SET_PDEATHSIG = 1
_HOLDING = ("block", "hold")
SAMPLES = 3
"""Drafts that are named of each rule, and of each way in which it fires."""


class Work(Struct, frozen=True):
    """What is to be done: the office as it is, the other text, and of the drafts of the policy's accounts the last `last` (and what is in hand);
    of those every `parts`-th, beginning with the `part`-th."""

    database: str
    book: Rulebook
    other: Policy
    now: datetime
    last: int
    part: int
    parts: int
    tally: bool = False
    """Count how often each rule fires, instead of comparing verdicts."""


class Sample(Struct, frozen=True, kw_only=True):
    """A draft on which a rule fires: under both texts (`same`), the new one alone (`new`), the old one alone (`gone`)."""

    draft: int
    account: str
    name: str
    title: str
    how: Literal["same", "new", "gone"]


class Fired(Struct, kw_only=True):
    """On how many drafts a rule fires: under the old text, the new one, the new one alone, the old one alone; and a few of them."""

    before: int = 0
    after: int = 0
    new: int = 0
    gone: int = 0
    samples: list[Sample] = []


class Change(Struct, frozen=True, kw_only=True):
    """A draft that comes out otherwise; `who` has its approvers under the other text, where those differ."""

    draft: int
    account: str
    name: str
    title: str
    state: str
    before: str
    after: str
    clauses: tuple[str, ...]
    who: str = ""


class Told(Struct, frozen=True, kw_only=True):
    """How far it is, and what it has found since it last told."""

    done: int
    of: int
    changes: tuple[Change, ...] = ()
    fired: dict[str, Fired] = {}
    """By rule, of all drafts so far."""


def differing(work: Work, db: sqlite3.Connection) -> Iterator[Told]:
    """Judge, and tell every quarter of a second."""
    old, new = work.book.policies[work.other.id], work.other
    before, after = (Setting(_by(work.book, policy), work.now, frozenset(), lambda _: ()) for policy in (old, new))
    apart = [_by(work.book, _only(policy, other)) for policy, other in ((old, new), (new, old))]
    ids = _drafts(db, work)
    done, found, until = 0, [], time.monotonic() + TELL
    for draft in ids:
        done += 1
        if (change := _compared(db, draft, before, after, apart)) is not None:
            found.append(change)
        if time.monotonic() > until:
            yield Told(done=done, of=len(ids), changes=tuple(found))
            found, until = [], time.monotonic() + TELL
    yield Told(done=done, of=len(ids), changes=tuple(found))


def tallied(work: Work, db: sqlite3.Connection) -> Iterator[Told]:
    """Judge by both texts in full, and tell every quarter of a second how often each rule has fired. What is kept does not grow with the
    drafts."""
    old, new = work.book.policies[work.other.id], work.other
    settings = [Setting(_by(work.book, policy), work.now, frozenset(), lambda _: ()) for policy in (old, new)]
    same = old.hash == new.hash
    ids = _drafts(db, work)
    fired: dict[str, Fired] = {}
    until = time.monotonic() + TELL
    for done, draft in enumerate(ids, 1):
        if (case := _case(db, draft, settings[0])) is not None:
            before = _rules_on(case, settings[0])
            _count(fired, case, before, before if same else _rules_on(case, settings[1]))
        if time.monotonic() > until:
            yield Told(done=done, of=len(ids), fired=fired)
            until = time.monotonic() + TELL
    yield Told(done=len(ids), of=len(ids), fired=fired)


def _rules_on(case: Case, setting: Setting) -> frozenset[str]:
    at = _moment(case, setting)
    found = _judged(case, Setting(setting.book, at, frozenset(), setting.recent), verdict_only=True).findings
    return frozenset(each.rule for each in found)


def _count(fired: dict[str, Fired], case: Case, before: frozenset[str], after: frozenset[str]) -> None:
    for rule in before | after:
        one = fired.setdefault(rule, Fired())
        one.before += rule in before
        one.after += rule in after
        one.new += rule not in before
        one.gone += rule not in after
        how: Literal["same", "new", "gone"] = "new" if rule not in before else "gone" if rule not in after else "same"
        if sum(sample.how == how for sample in one.samples) < SAMPLES:
            name = case.name.decode("utf-8", "backslashreplace")
            one.samples.append(Sample(draft=case.id, account=case.account.id, name=name, title=case.title, how=how))


def _by(book: Rulebook, policy: Policy) -> Rulebook:
    """The office under this text, whichever day it is: what is asked is what the text would say."""
    always = replace(policy, versions=(replace(policy.version, from_=None),))
    return replace(book, policies={**book.policies, policy.id: always})


def _only(policy: Policy, other: Policy) -> Policy:
    """The text without the rules that both have. Where the others alone come to the same verdict on a draft that is over, so do the whole
    texts, and most of the work is spared."""
    both = {rule.id: bare(rule) for rule in other.rules}
    rules = tuple(rule for rule in policy.rules if both.get(rule.id) != bare(rule))
    return replace(policy, rules=rules, hash=f"{policy.hash} without {other.hash}")


def _drafts(db: sqlite3.Connection, work: Work) -> list[int]:
    accounts = [account.id for account in work.book.accounts.values() if account.policy == work.other.id]
    marks = ",".join("?" * len(accounts))
    states = ",".join(f"'{state}'" for state in sorted(IN_HAND))
    hand = {row[0] for row in db.execute(f"SELECT id FROM drafts WHERE account IN ({marks}) AND state IN ({states})", accounts)}
    past = (
        row[0]
        for row in db.execute(
            f"SELECT id FROM drafts WHERE account IN ({marks}) ORDER BY id DESC LIMIT ?", (*accounts, work.last)
        )
    )
    return sorted(hand.union(past), reverse=True)[work.part :: work.parts]


def _compared(db: sqlite3.Connection, draft: int, before: Setting, after: Setting, apart: Sequence[Rulebook]) -> Change | None:
    case = _case(db, draft, before)
    if case is None:
        return None
    at = _moment(case, before)
    if case.state in ENDED:
        alone = {_judged(case, Setting(book, at, frozenset(), before.recent)).verdict for book in apart}
        if len(alone) == 1:
            return None
    one, other = (_judged(case, Setting(setting.book, at, frozenset(), setting.recent)) for setting in (before, after))
    asked = [[line.who for line in each.missing if line.act == "approve"] for each in (one, other)]
    others = case.state in IN_HAND and asked[0] != asked[1]
    if one.verdict == other.verdict and not others:
        return None
    clauses = {(f.clause, f.rule, f.verdict) for f in one.findings} ^ {(f.clause, f.rule, f.verdict) for f in other.findings}
    return Change(
        draft=draft,
        account=case.account.id,
        name=case.name.decode("utf-8", "backslashreplace"),
        title=case.title,
        state=case.state,
        before=one.verdict,
        after=other.verdict,
        clauses=tuple(sorted({clause for clause, _, verdict in clauses if verdict in _HOLDING} or {c for c, _, _ in clauses})),
        who="、".join(asked[1]) if others else "",
    )


def _case(db: sqlite3.Connection, draft: int, setting: Setting) -> Case | None:
    """The draft as it is stored; None where it is gone, or of an account that is."""
    row = db.execute(f"SELECT {ROW} FROM drafts WHERE id = ?", (draft,)).fetchone()
    if row is None:
        return None
    try:
        return case_of(row, (), (), setting.book) if row["state"] in ENDED else load(db, draft, setting.book)
    except Refused:
        return None


def _moment(case: Case, setting: Setting) -> datetime:
    """The moment at which a draft is judged: that of its release; of one that is over, when it came."""
    return ((case.release_at or setting.now) if case.state in IN_HAND else case.received_at).astimezone(TOKYO)


def _judged(case: Case, setting: Setting, *, verdict_only: bool = False) -> Judgement:
    known = case.screened if case.policy_hash == case.policy(setting.book).hash else None
    situation = replace(case.situation(setting), verdict_only=verdict_only or case.state in ENDED)
    return judge(case.item, situation, setting.book, screened=known)


def main() -> None:
    """The process: its work on stdin, what it finds on stdout."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_DFL)
    os.nice(19)
    work = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Work)
    db = open_reader(Path(work.database))
    for told in tallied(work, db) if work.tally else differing(work, db):
        sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
