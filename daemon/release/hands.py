"""The daemon's end of the line to its hand: start it, give it one job at a time, know what became of each, start it again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog

from daemon.release import outbox
from daemon.release.jobs import Job, Outcome, Report, decode_report, encode
from daemon.release.permit import Keeper

log = structlog.get_logger()

FAREWELL = 2.0
"""Seconds in which the hand may end the job it is in when the daemon goes down."""


class Releaser:
    """One hand and the line to it. Nobody else may run one for the same `state` (the daemon's own lock sees to that)."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self._gate = Keeper(state)
        self._hand: asyncio.subprocess.Process | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The hand's process id, None while there is none."""
        return self._hand.pid if self._hand is not None and _lives(self._hand) else None

    async def start(self) -> None:
        """Start the hand; first end one that a killed daemon has left behind, so that its jobs can be settled. Raises OSError."""
        with suppress(FileNotFoundError, ValueError):
            await asyncio.to_thread(self._gate.end_hand)
        await self._spawn()

    async def send(self, job: Job, timeout: float = 30.0) -> Report:  # noqa: ASYNC109  the job's patience, part of what is reported
        """Give one job to the hand and wait at most `timeout` seconds for its report. Never raises for what becomes of a job.

        A hand that dies or stays silent is killed, and the names in the outbox say what became of the job; where they cannot, the
        outcome is `unknown`. A job of the manual channel that was not answered showed no card, so it certainly is not out.
        """
        async with self._one_at_a_time:
            try:
                line = encode(msgspec.structs.replace(job, slug=job.slug.encode(errors="replace").decode()))
            except UnicodeEncodeError as error:
                return _report(job, "failed", "ファイル名に扱えない文字があります", f"a name is no text: {error}")
            try:
                hand = self._hand if self.pid is not None and self._hand is not None else await self._spawn()
            except OSError as error:
                return _report(job, "failed", f"発信係を起動できません（{error}）", f"the hand cannot be started ({error})")
            report = await self._answer(hand, line, timeout)
            if report is not None and report.job == job.id:
                return report
            await self._end(hand)
            return await asyncio.to_thread(_settled, job)

    async def close(self) -> None:
        """End the hand: let it finish the job it is in, else kill it."""
        if self._hand is not None:
            if self._hand.stdin is not None:
                self._hand.stdin.close()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hand.wait(), FAREWELL)
            await self._end(self._hand)
        (self.state / "hand.pid").unlink(missing_ok=True)

    async def _spawn(self) -> asyncio.subprocess.Process:
        """A new hand, named in `state/hand.pid` before it gets a job. A session of its own: Ctrl+C is for the daemon."""
        hand = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "daemon.release.hand",
            str(self.state),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        self._hand = hand
        try:
            await asyncio.to_thread(self._gate.note_hand, hand.pid)
        except OSError as error:
            # On a full disk it can do its work all the same; only a stop could not kill it, and would say so.
            log.warning("the hand cannot be named in hand.pid", error=str(error))
        return hand

    async def _answer(self, hand: asyncio.subprocess.Process, line: bytes, timeout: float) -> Report | None:  # noqa: ASYNC109
        assert hand.stdin is not None and hand.stdout is not None
        try:
            async with asyncio.timeout(timeout):
                hand.stdin.write(line)
                await hand.stdin.drain()
                return decode_report(await hand.stdout.readline())
        except (TimeoutError, ConnectionError, ValueError, msgspec.DecodeError) as error:
            log.warning("the hand gave no report", error=repr(error))
            return None

    async def _end(self, hand: asyncio.subprocess.Process) -> None:
        if _lives(hand):
            os.kill(hand.pid, signal.SIGKILL)  # not hand.kill(): it reaps behind asyncio's back, which then complains
        await hand.wait()


def _lives(hand: asyncio.subprocess.Process) -> bool:
    """Asked of the kernel: the event loop hears of a death only later, and a job given to the dead would end as 不明."""
    try:
        return hand.returncode is None and os.waitid(os.P_PID, hand.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except ChildProcessError:
        return False


def _settled(job: Job) -> Report:
    """The report of a job whose hand is dead and gave none."""
    if job.channel == "manual":
        return _report(
            job,
            "failed",
            "発信係が答えずに終わりました。カードは出ていません",
            "the hand died without an answer: no card was shown",
        )
    match outbox.settle(job.id, Path(job.outbox)):
        case "released":
            return _report(job, "released", place=str(outbox.final(job)))
        case "not_released":
            return _report(job, "failed", "発信係が途中で終わりました。出ていません", "the hand died on the way: it is not out")
        case "unknown":
            return _report(
                job,
                "unknown",
                "発信係が途中で終わり、出たかどうか分かりません",
                "the hand died, and nothing says whether it is out",
            )


def _report(job: Job, outcome: Outcome, why: str = "", why_en: str = "", place: str = "") -> Report:
    return Report(job=job.id, outcome=outcome, at=time.time(), why=why, why_en=why_en, place=place)
