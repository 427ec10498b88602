"""The daemon's end of the line to its hand: start it or wait for it, give it jobs, know what became of each, start it again."""

from __future__ import annotations

import asyncio
import os
import pwd
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog

from daemon.program import program
from daemon.release.alone import environment
from daemon.release.at_service import SOCKET, peer
from daemon.release.jobs import (
    EARLIER,
    Answer,
    Ask,
    Forget,
    Holding,
    Holdings,
    Inventory,
    Job,
    Look,
    Order,
    Report,
    Told,
    decode_answer,
    encode,
    look_for,
    report_of,
)
from daemon.release.permit import Keeper
from daemon.standing import words
from daemon.wire.place import address

log = structlog.get_logger()

FAREWELL = 2.0
"""Seconds in which the hand may end the job it is in when the daemon goes down."""

LOOK_WITHIN = 20.0
"""Seconds in which a hand has to say what became of a job."""

COME_WITHIN = 3.0
"""Seconds in which a releaser that runs as a service has to be on the line before a job counts as not begun."""

COMMAND = program("daemon.release.hand")
"""How a hand is started, but for the folder it works in."""

LINE_LIMIT = 1 << 22


class Absent(ConnectionError):
    """The releaser that runs as a service is not on the line; its login is the argument."""


class Line:
    """One hand, and the orders that it has not answered. `hand` is the process where it is a child of the daemon's."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pid: int, hand: asyncio.subprocess.Process | None = None
    ) -> None:
        self.pid, self.hand = pid, hand
        self._writer = writer
        self._waiting: dict[str, asyncio.Future[Answer | None]] = {}
        self._listening = asyncio.get_running_loop().create_task(self._listen(reader))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                answer = decode_answer(line)
                if (waiting := self._waiting.pop(answer.job, None)) is not None and not waiting.done():
                    waiting.set_result(answer)
        except (ConnectionError, ValueError, msgspec.DecodeError) as error:
            log.warning("the hand's report cannot be read", error=repr(error))
        finally:
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_result(None)
            self._waiting.clear()
            self._writer.close()

    def tell(self, order: Order) -> None:
        """Give an order that has no report. A line that is broken is noticed at the next order that has one."""
        if not self._writer.is_closing():
            self._writer.write(encode(order))

    async def ask(self, name: str, line: bytes, patience: float) -> Answer | None:
        """The report of an order; None where the hand died or stayed silent for `patience` seconds."""
        if self._listening.done():
            return None
        waiting: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._waiting[name] = waiting
        try:
            async with asyncio.timeout(patience):
                self._writer.write(line)
                await self._writer.drain()
                return await waiting
        except (TimeoutError, ConnectionError) as error:
            log.warning("the hand gave no report", job=name, error=repr(error))
            return None
        finally:
            self._waiting.pop(name, None)

    @property
    def lives(self) -> bool:
        """Asked of the kernel where it can be: the loop hears of a death only later, and a job given to the dead would end as 不明."""
        if self.hand is None:
            return not self._listening.done()
        try:
            ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            return self.hand.returncode is None and ended is None
        except ChildProcessError:
            return False

    def farewell(self) -> None:
        """No more orders: what has begun may end."""
        self._writer.close()

    async def end(self) -> bool:
        """Kill the hand and see it dead; False for one that runs under another login and may live on."""
        if self.hand is None:
            dead = not self.lives
            self._writer.close()
            return dead
        if self.lives:
            with suppress(ProcessLookupError):  # it died, and was reaped, since that look
                os.kill(self.pid, signal.SIGKILL)  # not hand.kill(): it reaps behind asyncio's back, which then complains
        await self.hand.wait()
        with suppress(asyncio.CancelledError):
            await self._listening
        return True


class Releaser:
    """One hand and the line to it. Nobody else may run one for the same `state` (the daemon's own lock sees to that).

    `login` names the releaser's own login in an installation; it is then started by whoever runs services, not from here.
    """

    def __init__(self, state: Path, login: str = "") -> None:
        self.state = state
        self._login = login
        self._gate = Keeper(state)
        self._line: Line | None = None
        self._came = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._starting = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The hand's process id, None while there is none."""
        return self._line.pid if self._line is not None and self._line.lives else None

    async def start(self) -> None:
        """Start the hand (first ending one that a killed daemon has left behind, so that its jobs can be settled), or listen for the
        one that runs as a service. Raises OSError, KeyError for a login that the system does not know."""
        if self._login:
            await self._listen(pwd.getpwnam(self._login).pw_uid)
            return
        with suppress(FileNotFoundError, ValueError):
            await asyncio.to_thread(self._gate.end_hand)
        await self._ready()

    async def send(self, job: Job, timeout: float = 30.0) -> Report:  # noqa: ASYNC109  the job's patience, part of what is reported
        """Give one job to the hand and wait at most `timeout` seconds for its report. Never raises for what becomes of a job.

        A hand that dies or stays silent is killed, and the next one looks what became of the job; where it cannot say, the outcome is
        `unknown`. A job of the manual channel that was not answered showed no card, so it certainly is not out.
        """
        since = time.time()
        try:
            order = encode(msgspec.structs.replace(job, slug=job.slug.encode(errors="replace").decode()))
        except UnicodeEncodeError as error:
            return report_of(job.id, "failed", "ファイル名に扱えない文字があります", f"a name is no text: {error}")
        try:
            line = await self._ready()
        except OSError as error:
            return report_of(job.id, "failed", *_absent(error))
        report = await line.ask(job.id, order, timeout)
        if isinstance(report, Report):
            return report
        if not await line.end():
            return report_of(job.id, "unknown", "発信係が答えません", "the releaser gives no answer")
        return await self.look(look_for(job, since - EARLIER))

    async def look(self, look: Look) -> Report:
        """What became of a job that no living hand has. Never raises for it."""
        if look.channel == "manual":
            why = "発信係が答えずに終わりました。カードは出ていません"
            return report_of(look.id, "failed", why, "the hand died without an answer: no card was shown")
        try:
            report = await (await self._ready()).ask(look.id, encode(look), LOOK_WITHIN)
        except OSError as error:
            return report_of(look.id, "unknown", *_absent(error))
        silent = report_of(look.id, "unknown", "発信係が答えません", "the releaser gives no answer")
        return report if isinstance(report, Report) else silent

    async def ask(self, ask: Ask) -> Told:
        """What the account's platform says. Never raises for it."""
        try:
            told = await (await self._ready()).ask(ask.id, encode(ask), LOOK_WITHIN)
        except OSError as error:
            why, why_en = _absent(error)
            return Told(job=ask.id, ok=False, why=why, why_en=why_en)
        silent = Told(job=ask.id, ok=False, why="発信係が答えません", why_en="the releaser gives no answer")
        return told if isinstance(told, Told) else silent

    async def inventory(self, name: str) -> tuple[Holding, ...] | None:
        """Which credentials the releaser has; None where it does not say. `name` is that of the question. Never raises."""
        try:
            answer = await (await self._ready()).ask(name, encode(Inventory(id=name)), LOOK_WITHIN)
        except OSError:
            return None
        return answer.held if isinstance(answer, Holdings) else None

    def forget(self, order: Forget) -> None:
        """The hand need not remember these jobs: their ends are in the journal."""
        if self._line is not None:
            self._line.tell(order)

    async def close(self) -> None:
        """End the hand: let it finish what has begun, else kill it. One that runs as a service waits for the next daemon."""
        if self._server is not None:
            self._server.close()
            with suppress(FileNotFoundError):
                (self.state / SOCKET).unlink()
        if self._line is not None:
            self._line.farewell()
            if self._line.hand is not None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(FAREWELL):
                        await self._line.hand.wait()
            await self._line.end()
        (self.state / "hand.pid").unlink(missing_ok=True)

    async def _ready(self) -> Line:
        """A living hand: the one there is, a new one, or the service once it is on the line. Raises OSError."""
        async with self._starting:
            if self._line is not None and self._line.lives:
                return self._line
            if not self._login:
                return await self._spawn()
            self._came.clear()
            try:
                async with asyncio.timeout(COME_WITHIN):
                    await self._came.wait()
            except TimeoutError:
                raise Absent(self._login) from None
            assert self._line is not None
            return self._line

    async def _spawn(self) -> Line:
        """A new hand, named in `state/hand.pid` before it gets a job. A session of its own: Ctrl+C is for the daemon."""
        hand = await asyncio.create_subprocess_exec(
            *COMMAND,
            str(self.state),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
            limit=LINE_LIMIT,
            env=environment(os.environ),
        )
        assert hand.stdin is not None and hand.stdout is not None
        await self._take_line(Line(hand.stdout, hand.stdin, hand.pid, hand))
        return self._line_now()

    def _line_now(self) -> Line:
        assert self._line is not None
        return self._line

    async def _take_line(self, line: Line) -> None:
        self._line = line
        try:
            await asyncio.to_thread(self._gate.note_hand, line.pid)
        except OSError as error:
            # On a full disk it can do its work all the same; only a stop could not kill it, and would say so.
            log.warning("the hand cannot be named in hand.pid", error=str(error))

    async def _listen(self, uid: int) -> None:
        """Wait for the releaser that runs as a service; whoever else calls is sent away."""

        async def called(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            pid, caller = peer(writer.get_extra_info("socket"))
            if caller != uid or (self._line is not None and self._line.lives):
                log.warning("not the releaser", uid=caller, pid=pid)
                writer.close()
                return
            await self._take_line(Line(reader, writer, pid))
            self._came.set()

        new = self.state / f"{SOCKET}.new"
        new.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with address(self.state, new.name) as place:
            listener.bind(place)
        new.chmod(0o666)  # who it is says the kernel; the folder says who may come this far
        self._server = await asyncio.start_unix_server(called, sock=listener, limit=LINE_LIMIT)
        new.rename(self.state / SOCKET)


def _absent(error: OSError) -> tuple[str, str]:
    if isinstance(error, Absent):
        login = error.args[0]
        return f"発信係（{login}）が動いていません", f"the releaser ({login}) does not run"
    ja, en = words(error)
    return f"発信係を起動できません（{ja}）", f"the releaser cannot be started ({en})"
