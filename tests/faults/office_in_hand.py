"""A whole office within one process: the real rulebook, store, gate, desk and hand, and nobody at work but the test, step by step.

What dies here dies by `Died`: whatever it held in memory is gone, and what it had not written was never said.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from daemon.desk import acts, arrivals, exceptions, releasing, resuming
from daemon.desk.opinion import Paper, judge_paper
from daemon.gate import Gate
from daemon.intake.frontmatter import read_item
from daemon.refused import Refused
from daemon.release.hand import Hand
from daemon.release.hands import Releaser
from daemon.release.jobs import Forget, Job, Look, Report, look_for
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.current import Current
from daemon.service.cards import Cards
from daemon.service.halting import Halting
from daemon.service.incoming import Incoming
from daemon.service.outgoing import Outgoing
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.service.terminals.peer import Peer
from daemon.store import Store
from daemon.wire import Resume, ResumeCode, Stopped

T = TypeVar("T")

HERE = Peer(pid=os.getpid(), uid=os.getuid(), started=None)
"""This very process, as a caller."""

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)
DECISIONS: dict[str, Callable[..., Any]] = {
    "approve": acts.approve,
    "except": exceptions.lift,
    "schedule": acts.schedule,
    "return": acts.give_back,
    "withdraw": acts.withdraw,
}


class Died(BaseException):
    """kill -9, as far as one process can do it to itself: not even `except Exception` hears of it."""


class NearHand(Releaser):
    """A hand in the same process, which dies at `fatal`, one of its steps; another then says what became of the job."""

    fatal: str = ""
    fateful: str = ""
    """The step at which somebody stops everything."""

    async def start(self) -> None:
        self._hand = Hand(self.state, self._at)

    async def send(self, job: Job, timeout: float = 30.0) -> Report:  # noqa: ASYNC109  as it is called
        since = time.time()
        try:
            return self._hand.carry_out(job)
        except Died:
            await self.start()
            return await self.look(look_for(job, since))

    async def look(self, look: Look) -> Report:
        return self._hand.look(look)

    def forget(self, order: Forget) -> None:
        self._hand.forget(order)

    async def close(self) -> None:
        pass

    def _at(self, step: str) -> None:
        if step == self.fateful:
            self.fateful = ""
            assert Gate(self.state).shut().silent_ms is not None
        if step == self.fatal:
            self.fatal = ""
            raise Died


class OfficeInHand:
    """One office; `do` runs what the daemon would run, `die` is its death and the start of the next."""

    def __init__(self, folder: Path, rules: str) -> None:
        self.folder, self.state = folder, folder / "state"
        (folder / "rules.toml").write_text(rules)
        self.state.mkdir()
        self.now = TUESDAY
        self.fatal = ""
        """The step of the journal at which the daemon dies next."""
        self._loop = asyncio.new_event_loop()
        self.run(self._open())
        self.run(self._first_resume())

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(doing)

    def end(self) -> None:
        self.run(self.store.close())
        self._loop.close()
        shutil.rmtree(self.folder)

    def die(self) -> None:
        """Whatever was in memory is gone."""
        self.run(self.store.close())
        self.run(self._open())

    async def _open(self) -> None:
        self.current = Current(self.folder)
        self.store = await Store.open(self.state / "store", clock=lambda: int(self.now.timestamp() * 1e6))
        self.office = Running(self.folder, self.current, self.store, lambda: self.now)
        await self.office.prepare()
        self.hand = NearHand(self.state)
        self.outgoing = Outgoing(self.office, self.hand)
        self.outgoing.at = self._at  # type: ignore[method-assign]
        self.incoming = Incoming(self.office)
        self.cards = Cards(self.office, self.outgoing)
        self.halting = Halting(self.office, self.incoming)
        self.handles: set[str] = set()
        await self.outgoing.start()

    async def _first_resume(self) -> None:
        self.office.gate.after_boot()
        await self.store.write(resuming.hold_all(self.office.setting(), 1, by="daemon", reason="first"))
        self.office.epoch = 1
        assert self.office.gate.grant(1).open

    def _at(self, step: str) -> None:
        if step == self.fatal:
            self.fatal = ""
            raise Died

    # The folder

    def drop(self, account: str, name: str, text: str, **front: object) -> arrivals.Landed:
        """A file settles."""
        head = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in front.items())
        data = f"+++\n{head}+++\n{text}\n".encode()
        path = self.folder / "drafts" / account / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        digest = sha256(data).hexdigest()
        seen = path.stat()
        paper = Paper(
            account,
            name.encode(),
            data,
            digest,
            read_item(data),
            -1,
            seen.st_dev,
            seen.st_ino,
            seen.st_ctime_ns,
            seen.st_mtime_ns,
            len(data),
        )
        opinion = judge_paper(paper, self.office.setting())
        return self.run(self.store.write(arrivals.receive(opinion)))

    def remove(self, account: str, name: str) -> arrivals.Landed | None:
        (self.folder / "drafts" / account / name).unlink(missing_ok=True)
        return self.run(self.store.write(arrivals.remove(account, name.encode(), self.office.setting())))

    # People

    def decide(self, kind: str, act: Any, login: str) -> Any:
        """What the desk answers to a decision: Done, or a Refusal."""
        who = self.current.rulebook.operators[login]
        return self._answer(self.store.write(DECISIONS[kind](act, who, self.office.setting())))

    def card(self, kind: str, act: Any, login: str) -> Any:
        """Take a card, record a release, settle. Raises Died."""
        who = self.current.rulebook.operators[login]
        if kind == "take":
            return self._answer(self.cards.take(act, who, self.handles, f"{time.monotonic_ns()}"))
        return self._answer(self.cards.released(act, who) if kind == "released" else self.cards.settle(act, who))

    def report_stop(self, login: str) -> None:
        who = self.current.rulebook.operators[login]
        self.run(self.halting.stopped(Stopped(), Session(lambda: who, HERE), ""))

    def resume(self, login: str, scope: str) -> Any:
        session = Session(lambda: self.current.rulebook.operators[login], HERE)

        async def both() -> Any:
            code = (await self.halting.resume_code(ResumeCode(), session, "")).code
            return await self.halting.resume(Resume(code=code, reason="点検を終えたため", scope=scope), session, "")

        return self._answer(both())

    def _answer(self, doing: Coroutine[Any, Any, Any]) -> Any:
        try:
            return self.run(doing)
        except Refused as refused:
            return refused.refusal

    # The daemon's rounds

    def go_round(self) -> None:
        """Everything that is due, once. Raises Died."""
        self.run(self._go_round())

    async def _go_round(self) -> None:
        setting = self.office.setting()
        if await releasing.any_due(self.store, setting):
            await self.store.write(releasing.due(setting))
        await self.outgoing.send_ready(lambda account, draft: None)
        await self.cards.expire()
        await asyncio.gather(self.outgoing.settle_begun(), *self.outgoing._senders.values())
        await self.outgoing.settle_begun()
