"""What another text of a policy changes (改正の影響): the two texts side by side, and the stored drafts judged by both in processes of their
own. One comparison at a time; whoever asks for it again is told how far it is."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog

from daemon.desk.states import IN_HAND
from daemon.judge.explain import judged
from daemon.program import program
from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.differences import rule_changes, text_changes
from daemon.rulebook.model import Policy, Rule, Rulebook
from daemon.rulebook.versions import coming, editions_of
from daemon.service.backtest_main import SAMPLES, Change, Fired, Told, Work
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.store.database import DATABASE
from daemon.wire.policies import (
    ClauseDiff,
    PolicyCompared,
    PolicyDiff,
    PolicyTallied,
    PolicyTally,
    RuleDiff,
    RuleTally,
    TallySample,
    VerdictDiff,
)

log = structlog.get_logger()

PROCESSES = min(2, os.cpu_count() or 1)
SHOWN = 300
"""Drafts that an answer lists; all of them are counted."""
PROGRAM = program("daemon.service.backtest_main")
_PIECE = 1 << 20
_told = msgspec.json.Decoder(Told)


class Comparison:
    """Two texts of one policy over the stored drafts; `run` carries it out, and what it has found so far can be read meanwhile."""

    def __init__(self, database: Path, book: Rulebook, other: Policy, last: int, *, tally: bool = False) -> None:
        self.book, self.other, self.last, self.tally = book, other, last, tally
        self.old = book.policies[other.id]
        self.changes: list[Change] = []
        self.running = True
        self.error: tuple[str, str] = ("", "")
        self.seconds = 0.0
        self._database = database
        self._far: dict[int, Told] = {}

    @property
    def key(self) -> tuple[str, str, str, int, bool]:
        """What makes it the same comparison."""
        return self.other.id, self.book.hash, self.other.hash, self.last, self.tally

    @property
    def done(self) -> int:
        """Drafts that have been judged."""
        return sum(told.done for told in self._far.values())

    @property
    def of(self) -> int:
        """Drafts to be judged, as far as is known."""
        return sum(told.of for told in self._far.values())

    async def run(self, now: Callable[[], object]) -> None:
        """Judge, in as many processes as there are processors, two at most."""
        began = time.monotonic()
        try:
            await asyncio.gather(*(self._part(n, now) for n in range(PROCESSES)))
        except Exception as error:
            log.error("a comparison has failed", policy=self.other.id, exc_info=error)
            self.error = f"比べられませんでした: {error}", f"The comparison failed: {error}"
        finally:
            self.seconds, self.running = round(time.monotonic() - began, 3), False

    async def _part(self, part: int, now: Callable[[], object]) -> None:
        work = Work(str(self._database), self.book, self.other, now(), self.last, part, PROCESSES, self.tally)  # type: ignore[arg-type]
        process = await asyncio.create_subprocess_exec(
            *PROGRAM,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=_PIECE * 16,
        )
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(msgspec.msgpack.encode(work))
            await process.stdin.drain()
            process.stdin.close()
            async for line in process.stdout:
                told = _told.decode(line)
                self.changes += told.changes
                self._far[part] = told
            if await process.wait() != 0:
                raise RuntimeError(f"exit status {process.returncode}")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    def told(self) -> PolicyTallied:
        """How often each rule of the two texts has fired so far, in the order of the new one."""
        rules = {rule.id: rule for rule in (*self.old.rules, *self.other.rules) if rule.on == "draft" and judged(rule)}
        order = dict.fromkeys((*(rule.id for rule in self.other.rules if rule.id in rules), *rules))
        return PolicyTallied(
            policy=self.other.id,
            before=_version(self.old),
            after=_version(self.other),
            running=self.running,
            done=self.done,
            of=self.of,
            rules=tuple(
                _rule_tally(rules[name], [told.fired.get(name, Fired()) for told in self._far.values()]) for name in order
            ),
            seconds=self.seconds,
            error=self.error[0],
            error_en=self.error[1],
        )

    def said(self) -> PolicyCompared:
        """As it is answered."""
        found = sorted(self.changes, key=lambda one: (one.state == "released", -one.draft))
        return PolicyCompared(
            policy=self.other.id,
            before=_version(self.old),
            after=_version(self.other),
            running=self.running,
            done=self.done,
            of=self.of,
            texts=tuple(
                ClauseDiff(clause=t.clause, cite=t.cite, before=t.before, after=t.after)
                for t in text_changes(self.old, self.other)
            ),
            rules=tuple(
                RuleDiff(rule=r.rule, clause=r.clause, what=r.what, said=r.said) for r in rule_changes(self.old, self.other)
            ),
            drafts=tuple(_seen(one) for one in found[:SHOWN]),
            changed=len(found),
            queued=sum(one.state in IN_HAND for one in found),
            seconds=self.seconds,
            error=self.error[0],
            error_en=self.error[1],
        )


def _rule_tally(rule: Rule, parts: Sequence[Fired]) -> RuleTally:
    samples = sorted((sample for part in parts for sample in part.samples), key=lambda one: (one.how == "same", -one.draft))
    return RuleTally(
        rule=rule.id,
        clause=rule.clause,
        level=rule.level,
        shadow=rule.shadow,
        before=sum(part.before for part in parts),
        after=sum(part.after for part in parts),
        new=sum(part.new for part in parts),
        gone=sum(part.gone for part in parts),
        samples=tuple(
            TallySample(draft=one.draft, path=f"drafts/{one.account}/{one.name}", title=one.title, how=one.how)
            for one in samples[:SAMPLES]
        ),
    )


def _seen(one: Change) -> VerdictDiff:
    return VerdictDiff(
        draft=one.draft,
        account=one.account,
        path=f"drafts/{one.account}/{one.name}",
        title=one.title,
        state=one.state,
        before=one.before,
        after=one.after,
        clauses=one.clauses,
        who=one.who,
    )


def _version(policy: Policy) -> str:
    begins = policy.version.from_
    return f"{begins.isoformat() if begins else '-'} {policy.version.cite}"


class Backtests:
    """The comparisons of one office."""

    def __init__(self, office: Running) -> None:
        self._office = office
        self._asked: Comparison | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """End what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def compare(self, query: PolicyDiff, session: Session, request: str) -> PolicyCompared:
        """Begin a comparison, or say how far it is. Raises Refused where there is nothing to compare, or another one is under way."""
        return self._asked_for(self.new(query)).said()

    async def tally(self, query: PolicyTally, session: Session, request: str) -> PolicyTallied:
        """Begin to count how often each rule fires, or say how far it is. Raises Refused as `compare` does."""
        book = self._office.current.rulebook
        self._known(query.policy, book)
        other = self._candidate(query.policy, query.candidate) if query.candidate else book.policies[query.policy]
        database = self._office.store.state / DATABASE
        return self._asked_for(Comparison(database, book, other, query.last, tally=True)).told()

    def _asked_for(self, new: Comparison) -> Comparison:
        """The comparison that is asked for, begun where it is not the one asked for last."""
        if new.last < 0:
            raise Refused("no_such", "--last は 0 以上です。", "last is not negative.")
        if self._asked is None or self._asked.key != new.key:
            if self._asked is not None and self._asked.running:
                raise Refused(
                    "busy",
                    "別の比較をしているところです。終わってから行ってください。",
                    "Another comparison is under way: wait for it.",
                )
            self._asked = new
            self.begin(new)
        return self._asked

    def new(self, query: PolicyDiff) -> Comparison:
        """The comparison that is asked for, not begun yet. Raises Refused."""
        book = self._office.current.rulebook
        self._known(query.policy, book)
        return self.comparison(book, self._other(query, book), query.last)

    def _known(self, policy: str, book: Rulebook) -> None:
        if policy not in book.policies:
            known = "、".join(book.policies)
            raise Refused("no_such", f"要綱 {policy} はありません（{known}）。", f"No policy {policy} ({known}).")

    def comparison(self, book: Rulebook, other: Policy, last: int) -> Comparison:
        """The policy in force against another text, over the last drafts and what is in hand."""
        return Comparison(self._office.store.state / DATABASE, book, other, last)

    def begin(self, comparison: Comparison) -> asyncio.Task[None]:
        """Carry it out beside everything else."""
        task = asyncio.get_running_loop().create_task(comparison.run(self._office.clock))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _candidate(self, policy: str, written: str) -> Policy:
        with suppress(msgspec.MsgspecError):
            other = msgspec.json.decode(written, type=Policy)
            if other.id == policy and any(version.text for version in other.versions):
                return other
        raise Refused("no_such", "比べる要綱を読めません。", "The policy to compare with cannot be read.")

    def _other(self, query: PolicyDiff, book: Rulebook) -> Policy:
        if query.candidate:
            return self._candidate(query.policy, query.candidate)
        today = self._office.clock().astimezone(TOKYO).date()
        editions = editions_of(book, query.policy)
        if query.day is not None:
            found = next((each for each in editions if each.version.from_ == query.day), None)
        else:
            found = next((each for _, each in coming(book, today) if each.id == query.policy), None)
        if found is None:
            raise Refused(
                "no_such",
                f"要綱 {query.policy} に比べる版がありません。改正後の条文を policies/{query.policy}@<施行日>.toml に置くか、ファイルを指定してください。",
                f"There is no other version of {query.policy} in hand: put it into policies/{query.policy}@<day>.toml, or name a file.",
            )
        return found
