"""Whether the office gets on: the loop, intake's thread, the writer's and those that read. The watchdog hears of life only while all do.

A thread gets on while it has nothing to do, while its count of turns grows, and while it is at work: it uses the processor, or the kernel
has it at the disk. A slow disk is no hang, and to be killed for it would only make 不明 of what is under way. What sleeps in the middle of
its work and is woken by nothing hangs: then whoever watches is told at once. One that has nothing to do is nudged at each look, and does
nothing but take notice: a thread that could not be woken any more would be found out only when it is needed. That the loop gets on is proved by
its telling so at all.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal, Protocol

import structlog

from daemon.service.beside import Beside
from daemon.service.notify import Manager

log = structlog.get_logger()

Doing = Literal["idle", "work", "waits", "away"]
"""What a thread is at: nothing; its own work; something that others carry out for it (the writer, a process that reads a file); a folder
of another machine, whose silence no restart of ours would end."""

LOOK = 0.25
"""Seconds between two looks, and two signs of life."""
ASLEEP = 1.0
"""Seconds that a thread may sleep in the middle of its own work."""
WAITING = 90.0
"""… in which it may wait for others. One draft may take 20 s, and be tried twice."""
LONGEST = 600.0
"""… in which it may be at work, or at the disk, without a turn: none of our acts takes so long."""


class Worker(Protocol):
    """A thread whose progress can be seen from outside. `turns` grows with everything that it has done."""

    @property
    def thread(self) -> threading.Thread:
        """The thread itself."""

    @property
    def turns(self) -> int:
        """How much it has done."""

    @property
    def doing(self) -> Doing:
        """What it is at."""

    def nudge(self) -> None:
        """Have it take a turn though there is nothing to do: until it has, it is at work. Never blocks."""


class Watched:
    """One worker, looked at again and again; the seconds count from look to look, so that a machine that slept is no hang."""

    def __init__(self, worker: Callable[[], Worker | None]) -> None:
        self._worker = worker
        self._turns, self._cpu = -1, 0.0
        self._asleep = self._without = 0.0

    def gets_on(self, passed: float = LOOK) -> bool:
        """Look, `passed` seconds after the last time; False where it hangs."""
        worker = self._worker()
        if worker is None:  # it is still to be started
            self._without += passed
            return self._without < WAITING
        thread, turns, doing = worker.thread, worker.turns, worker.doing
        cpu = _used(thread)
        if doing in ("idle", "away") or turns != self._turns:
            self._asleep = self._without = 0.0
        else:
            self._without += passed
            works = cpu != self._cpu or _state(thread) in "RD"
            self._asleep = 0.0 if works else self._asleep + passed
        self._turns, self._cpu = turns, cpu
        if doing == "idle":
            worker.nudge()
        patience = WAITING if doing == "waits" else ASLEEP
        return thread.is_alive() and self._asleep < patience and self._without < LONGEST


def _used(thread: threading.Thread) -> float:
    """The processor time that a thread has used."""
    with suppress(OSError):
        if thread.ident is not None:
            return time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
    return 0.0


def _state(thread: threading.Thread) -> str:
    """The state of a thread in the kernel (S: it sleeps, D: it is at the disk, R: it runs)."""
    with suppress(OSError, IndexError):
        return Path(f"/proc/self/task/{thread.native_id}/stat").read_bytes().rpartition(b") ")[2][:1].decode() or "S"
    return "S"


class Alive:
    """The looks, as a task of the loop, and the signs of life to `manager`. `hung` names what hangs, for the alarms."""

    def __init__(self, manager: Manager, workers: Mapping[str, Callable[[], Worker | None]]) -> None:
        self._manager = manager
        self._watched = {name: Watched(worker) for name, worker in workers.items()}
        self.hung: frozenset[str] = frozenset()
        self._beside = Beside()

    def start(self) -> None:
        """Begin to look."""
        self._beside.begin(self._go())

    async def close(self) -> None:
        """Look no more: what ends now gets on no more, and that is no hang."""
        await self._beside.end()

    async def _go(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(LOOK)

    def look(self) -> None:
        """One look, and a sign of life where all get on; else the manager is told, which kills and starts anew."""
        hung = frozenset(name for name, each in self._watched.items() if not each.gets_on())
        if hung - self.hung:
            log.error("hung", threads=sorted(hung))
        self.hung = hung
        if hung:
            self._manager.status(f"応答しないスレッド: {' '.join(sorted(hung))}")
            self._manager.hung()
        else:
            self._manager.alive()
