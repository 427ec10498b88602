"""停止訓練: the same path as a real stop, against a simulated platform, with a gate and a hand of its own.

`state/drill` is laid out like `state`, its gate beside the real one on the same tmpfs. A hand sends there every 10 ms; the operator's own
process stops it; and the platform, which counts what arrives, says whether anything began afterwards. The real gate, hand and accounts
are not touched, and a real stop ends the drill.
"""

from __future__ import annotations

import asyncio
import shutil
import stat
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import structlog

from daemon.desk import attesting
from daemon.refused import Refused
from daemon.release import simulated
from daemon.release.hands import Releaser
from daemon.release.jobs import Job, body_hash, moment
from daemon.release.permit import Keeper
from daemon.release.simulator import Arrived
from daemon.rulebook.model import Operator
from daemon.service.practice import Practice
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.wire.acts import DrillEnd, DrillStart
from daemon.wire.answers import Done
from daemon.wire.following import DrillOn, DrillReport

log = structlog.get_logger()

PLACE = "drill"
"""The folder in `state/`, and the account to which the drill's posts go."""

EVERY = 0.01
"""Seconds between two posts."""

LASTS = timedelta(seconds=60)
"""After this time a drill that nobody has stopped is given up."""

AFTERWARDS = 0.5
"""Seconds for which the hand goes on trying after the stop: that is what the stop has to withstand."""

ON_THE_WAY_NS = 250_000_000
"""A post that began before silence may need so long to arrive on a busy machine. Whatever was tried after silence must not arrive at all."""

AT_ONCE = 8


class Drill:
    """One drill: its gate, its hand, its platform, and the posts that were tried."""

    def __init__(self, office: Running, by: str) -> None:
        self.by = by
        self.until = office.clock() + LASTS
        self._office_state = office.state
        self._keeper = Keeper(office.state / PLACE)
        self._platform = Practice(office.state / PLACE)
        self._releaser = Releaser(office.state / PLACE)
        self._tried: dict[str, int] = {}
        self._prevented = 0
        self._under_way: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        """Lay it out, start platform and hand, give the permit. Raises OSError."""
        await asyncio.to_thread(lay_out, self._office_state)
        await self._platform.run()
        if not (await asyncio.to_thread(self._keeper.grant, 1)).open:
            raise OSError("the gate of the drill does not open")
        await self._releaser.start()

    def send(self) -> None:
        """Try one more post, unless too many are on their way."""
        if len(self._under_way) < AT_ONCE:
            task = asyncio.get_running_loop().create_task(self._send(f"drill_{len(self._tried) + 1}"))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def arrived(self) -> tuple[Arrived, ...]:
        """What the platform has counted. Raises OSError, msgspec.DecodeError."""
        return await asyncio.to_thread(simulated.arrivals, self._platform.at, PLACE)

    async def judged(self, act: DrillEnd) -> DrillReport:
        """What this drill has shown, counted by the platform. Raises OSError, msgspec.DecodeError."""
        await asyncio.gather(*self._under_way)
        pressed = act.pressed_ns or 0
        silent = None if act.silent_ms is None else pressed + round(act.silent_ms * 1e6)
        posts = await self.arrived()
        before = sum(post.clock_ns < pressed for post in posts)
        after = 0 if silent is None else sum(self._too_late(post, silent) for post in posts)
        meanwhile = len(posts) - before - after
        closed = not self._keeper.look().open
        passed = closed and silent is not None and after == 0 and before > 0 and self._prevented > 0
        message, message_en = _words(passed, act, before, meanwhile, after)
        return DrillReport(
            passed=passed,
            latched_ms=act.latched_ms,
            silent_ms=act.silent_ms,
            before=before,
            meanwhile=meanwhile,
            after=after,
            prevented=self._prevented,
            message=message,
            message_en=message_en,
        )

    async def end(self) -> None:
        """Leave nothing behind."""
        for task in tuple(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._releaser.close()
        await self._platform.close()
        await asyncio.to_thread(clear, self._office_state)

    def _too_late(self, post: Arrived, silent: int) -> bool:
        """Whether a post began although silence had been proved: tried after it, or come later than a post can be on its way."""
        return self._tried.get(post.text, 0) > silent or post.clock_ns > silent + ON_THE_WAY_NS

    async def _send(self, name: str) -> None:
        self._tried[name] = time.monotonic_ns()
        body = name.encode()
        job = Job(
            id=name,
            draft=0,
            hash=body_hash(body),
            body=body,
            body_hash=body_hash(body),
            account=PLACE,
            platform=PLACE,
            handle=PLACE,
            channel="simulated",
            epoch=1,
            deadline=moment() + LASTS.total_seconds(),
            platform_at=self._platform.at,
        )
        report = await self._releaser.send(job, 5.0)
        self._prevented += report.outcome == "prevented"


def lay_out(state: Path) -> None:
    """The folders of a drill, open to whoever those of the real gate are open to. Raises OSError."""
    clear(state)
    shared = bool(state.stat().st_mode & stat.S_IWGRP)
    for folder, mode in ((state / "gate" / PLACE, 0o2770), (state / PLACE, 0o3770)):
        folder.mkdir(mode=0o755)
        if shared:
            folder.chmod(mode)
    (state / PLACE / "gate").symlink_to(Path("..") / "gate" / PLACE)


def clear(state: Path) -> None:
    """Take away what a drill has left, this one or one that a crash ended. Raises OSError for what is no folder, or not ours."""
    for folder in (state / PLACE, state / "gate" / PLACE):
        with suppress(FileNotFoundError):
            shutil.rmtree(folder)


class Drilling:
    """The drills of one office, one at a time."""

    def __init__(self, office: Running) -> None:
        self._office = office
        self._drill: Drill | None = None
        self._going: asyncio.Task[None] | None = None

    async def start(self, act: DrillStart, session: Session, request: str) -> DrillOn:
        """Begin a drill; answers once posts arrive. Raises Refused."""
        office = self._office
        if self._drill is not None:
            raise Refused("busy", f"{self._drill.by} さんが訓練中です。", f"{self._drill.by} is drilling.")
        if not office.look().open:
            raise Refused(
                "stopped", "停止中です。訓練は再開してから行います。", "Stopped for real: a drill has to wait for the resume."
            )
        drill = self._drill = Drill(office, session.who.login)
        try:
            await drill.begin()
            self._going = asyncio.get_running_loop().create_task(self._go(drill))
            await self._first_posts(drill)
        except (OSError, TimeoutError, msgspec.DecodeError) as error:
            log.warning("no drill", why=repr(error))
            await self._over()
            raise Refused(
                "busy",
                f"訓練を始められません（{error}）。state/drill と state/gate/drill が残っていれば消して、もう一度どうぞ。",
                f"The drill cannot begin ({error}): remove state/drill and state/gate/drill if they are there, and try again.",
            ) from None
        self._say(drill)
        return DrillOn(place=PLACE, until=drill.until)

    async def end(self, act: DrillEnd, session: Session, request: str) -> DrillReport | Done:
        """The operator has stopped it, or gives up: count, write it down. Raises Refused."""
        drill = self._mine(session.who)
        now = time.monotonic_ns()
        if act.pressed_ns is None:
            await self._given_up(drill, "by its operator")
            return Done(
                message="訓練をやめました。記録には「中止」と残ります。", message_en="The drill was given up, and recorded so."
            )
        if not 0 <= now - act.pressed_ns <= LASTS.total_seconds() * 1e9:
            raise Refused("time", "押した時刻が訓練の間ではありません。", "The press was not during this drill.")
        await asyncio.sleep(AFTERWARDS)
        self._stop_sending()
        try:
            report = await drill.judged(act)
        except (OSError, msgspec.DecodeError) as error:
            await self._given_up(drill, f"the platform gave no answer: {error}")
            raise Refused(
                "busy",
                "模擬の媒体が答えないため、訓練の結果が分かりません。もう一度どうぞ。",
                "The simulated platform gave no answer, so nothing is known of this drill: try again.",
            ) from None
        head = await self._office.store.write(attesting.drilled(drill.by, report))
        if report.passed:
            self._office.alarms.pop("drill_failed", None)
        else:
            self._office.alarms["drill_failed"] = (report.message, report.message_en)
        await self._over()
        return msgspec.structs.replace(report, audit_head=head)

    async def close(self) -> None:
        """The daemon ends: so does a drill."""
        if self._drill is not None:
            await self._over()

    async def _go(self, drill: Drill) -> None:
        """Send, until the time is over or a real stop comes."""
        office = self._office
        while office.look().open:
            if office.clock() > drill.until:
                await self._given_up(drill, "nobody stopped it in time", by_itself=True)
                return
            drill.send()
            await asyncio.sleep(EVERY)
        await self._given_up(drill, "a real stop came", by_itself=True)

    async def _first_posts(self, drill: Drill) -> None:
        """Wait until some posts have arrived: only then there is something to stop. Raises TimeoutError, OSError."""
        for _ in range(200):
            if len(await drill.arrived()) >= 10:
                return
            await asyncio.sleep(0.05)
        raise TimeoutError("no post arrives at the simulated platform")

    def _mine(self, who: Operator) -> Drill:
        if self._drill is None or self._going is None:
            raise Refused(
                "no_such",
                "訓練は行われていません（60秒で自動的に終わります。本物の停止でも終わります）。",
                "There is no drill: it ends by itself after 60 s, and with a real stop.",
            )
        if self._drill.by != who.login:
            raise Refused("role", f"{self._drill.by} さんの訓練です。", f"This is {self._drill.by}'s drill.")
        return self._drill

    async def _given_up(self, drill: Drill, why: str, *, by_itself: bool = False) -> None:
        try:
            await self._office.store.write(lambda tx: tx.record(drill.by, "drill", None, outcome="given_up", why=why))
        finally:
            await self._over(by_itself=by_itself)

    def _stop_sending(self) -> None:
        if self._going is not None:
            self._going.cancel()

    async def _over(self, *, by_itself: bool = False) -> None:
        drill, self._drill = self._drill, None
        if not by_itself:
            self._stop_sending()
        self._going = None
        self._office.alarms.pop("drill", None)
        if drill is not None:
            await drill.end()
        self._office.hub.publish("gate")

    def _say(self, drill: Drill) -> None:
        self._office.alarms["drill"] = (
            f"{drill.by} さんが停止の訓練中です。本物の発信と停止には影響しません。",
            f"{drill.by} is drilling the stop. Real releases and stops are not touched.",
        )
        self._office.hub.publish("gate")


def _words(passed: bool, act: DrillEnd, before: int, meanwhile: int, after: int) -> tuple[str, str]:
    counted = f"押す前に始まったもの {before}、確認までの間 {meanwhile}、確認のあと {after}"
    counted_en = f"begun before the press {before}, until silence {meanwhile}, after it {after}"
    if act.silent_ms is None:
        return (
            f"訓練: 沈黙を確かめられませんでした（{counted}）。kohoban doctor で権限を確かめてください。",
            f"Drill: silence was not proved ({counted_en}). Look at the permissions with kohoban doctor.",
        )
    if passed:
        return (
            f"訓練: 押してから {act.silent_ms:.1f} ms で止まりました（{counted}）。",
            f"Drill: silent {act.silent_ms:.1f} ms after the press ({counted_en}).",
        )
    return (
        f"訓練: 止まったことを示せませんでした（{counted}）。保守担当に知らせてください。",
        f"Drill: it did not show that everything stopped ({counted_en}). Tell whoever maintains this.",
    )
