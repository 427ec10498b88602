"""An office and its machine: it notices that its folder stands on another one, or that another one has taken it over, and stays stopped
until a manager has taken over with the proof that nobody else can send any more.

A backup that was restored elsewhere, or a disk that was copied, makes two offices out of one, and each believes that it may send what is
approved. Only a person can know what has become of the other one.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from pathlib import Path

from daemon.desk import moving
from daemon.refused import Refused, given
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Operator
from daemon.service.machine import Machine
from daemon.service.once import once
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.service.stand import Stand, arrived, first, remembered, superseded, taken_over, words
from daemon.service.successors import Lookout, TakenOver, newer
from daemon.store import StoreUnfit, Tx, from_db
from daemon.store.anchor import office_of
from daemon.wire.acts import TakeOver
from daemon.wire.answers import Done
from daemon.wire.moving import MoveState
from daemon.wire.queries import Moved

FIRST_LOOK = 1.0
"""Seconds that a start waits for the folders outside to say whether another machine has taken over, before anything can be sent."""


class Moving:
    """One office on this machine."""

    def __init__(self, office: Running, here: Machine) -> None:
        self._office, self._here = office, here
        self._stand = Stand(machine=here)
        self._record = ""
        self._lookouts: dict[str, Lookout] = {}
        self._secret = secrets.token_hex(8)

    async def arrive(self) -> None:
        """Look whether the office was last on this machine; where it was on another, stop it before anything can go out. Raises
        StoreUnfit where it cannot be stopped: it must not run here with an open gate."""
        store = self._office.store
        before = await remembered(store)
        if before is None:
            self._stand = await store.write(first(self._here))
        elif before != (now := before.on(self._here)):
            await self._stop(arrived(now))
        else:
            self._stand = before
        rows = await store.fetch("SELECT hash FROM audit WHERE seq = 1")
        self._record = office_of(rows[0]["hash"])
        self._say()

    async def look_first(self) -> None:
        """Before the hand gets its first job: what the folders outside say, waiting no longer than a moment for one that hangs."""
        self._watch()
        for lookout in self._lookouts.values():
            await asyncio.to_thread(lookout.looked.wait, FIRST_LOOK)
        await self.look()

    async def look(self) -> None:
        """Whether another machine has taken over by now, and how much of what came from elsewhere still waits for somebody's eyes."""
        self._watch()
        lines = [line for lookout in self._lookouts.values() for line in lookout.lines]
        line = newer(lines, self._here.id, self._stand.turn)
        if line is not None and line.machine not in {each.id for each in self._stand.came_from}:
            behind = self._stand.behind(line)
            self._office.moved = words(behind)  # before the stop is written down: on a full disk that may take a while
            await self._stop(superseded(behind, line))
            self._office.hub.publish("gate")
        self._say()
        await self._say_held()

    async def close(self) -> None:
        """Look no more, and wait for nobody."""
        for lookout in self._lookouts.values():
            lookout.close()

    async def moved(self, query: Moved, session: Session, request: str) -> MoveState:
        """Where the office stands; for a manager with the code of a take-over, if there is one to be made."""
        stand = self._stand
        return MoveState(
            machine=self._here.name,
            came_from=tuple(each.name for each in stand.came_from),
            taken_by=stand.taken_by,
            since=from_db(stand.at) if stand.came_from else None,
            code=self._code() if stand.came_from and session.who.role == "manager" else "",
        )

    async def take_over(self, act: TakeOver, session: Session, request: str) -> Done:
        """引き継ぎ by a manager, who vouches for the old machine's silence. The office stays stopped. Raises Refused."""
        if not self._stand.came_from:
            raise Refused(
                "no_such",
                "この部署は別の機械から移ってきていません。引き継ぐことはありません。",
                "This office has not come from another machine: there is nothing to take over.",
            )
        if unicodedata.normalize("NFKC", act.code).strip() != self._code():
            raise Refused(
                "code",
                "引き継ぎの番号が違います。表示された4桁を入力してください。",
                "That is not the code: type the four digits shown.",
            )
        proof = given(act.proof)
        stand = self._taken(session.who)
        done = await once(self._office.store, taken_over(stand, act.how, proof, session.who), session.who, request)
        self._stand = await remembered(self._office.store) or stand
        self._secret = secrets.token_hex(8)
        self._watch()
        self._say()
        await self._say_held()
        self._office.hub.publish("gate")
        return done

    def _taken(self, who: Operator) -> Stand:
        office, stand = self._office, self._stand
        seen = (line.turn for lookout in self._lookouts.values() for line in lookout.lines)
        turn = max([stand.turn, *seen]) + 1
        at = office.clock().astimezone(TOKYO).isoformat(timespec="seconds")
        line = TakenOver(office=self._record, turn=turn, machine=self._here.id, name=self._here.name, at=at, by=who.login)
        return Stand(machine=self._here, turn=turn, taken=line, over_from=tuple(each.name for each in stand.came_from))

    async def _stop(self, op: Callable[[Tx], Stand]) -> None:
        office = self._office
        async with office.at_the_gate:
            shut = await asyncio.to_thread(office.gate.shut, "all", "daemon")
            if not shut.stopped:
                raise StoreUnfit(
                    f"別の機械も発信するかもしれないのに、停止できません（{shut.why}）。state/gate を確かめてください。",
                    f"Another machine may send, and this office cannot be stopped ({shut.why_en}): look at state/gate.",
                )
            self._stand = await office.write_surely(op)
            self._say()  # before anybody comes to the gate again: a resume that waits there must know it

    def _watch(self) -> None:
        """Have somebody at every folder of `[office] anchors`, who knows our own line."""
        folders = self._office.current.rulebook.office.anchors
        for gone in self._lookouts.keys() - set(folders):
            self._lookouts.pop(gone).close()
        for folder in folders:
            if folder not in self._lookouts:
                self._lookouts[folder] = Lookout(Path(folder), self._record)
                self._lookouts[folder].start()
        for lookout in self._lookouts.values():
            lookout.tell(self._stand.taken)

    def _say(self) -> None:
        """What every screen says of it, and what a resume is told."""
        office, stand = self._office, self._stand
        office.moved = words(stand) if stand.came_from else None
        _alarm(office.alarms, "machine", office.moved)
        silent = [f"{folder}（{lookout.trouble}）" for folder, lookout in self._lookouts.items() if lookout.trouble]
        told = "、".join(silent)
        _alarm(
            office.alarms,
            "successors",
            (
                f"引き継いだことを {told} に書けません。旧い機械は、戻っても気づきません。権限の取り消しを確かめてください。",
                f"The take-over cannot be written to {told}: the old machine would not notice. Make sure that its right is revoked.",
            )
            if silent
            else None,
        )

    async def _say_held(self) -> None:
        """What nobody has looked at since the take-over."""
        office, stand = self._office, self._stand
        count = await moving.count_held(office.store, stand.at) if stand.taken is not None else 0
        name = "、".join(stand.over_from)
        _alarm(
            office.alarms,
            "taken",
            (
                f"引き継いだ下書き {count} 件が保留です。控えより後に {name} が発信したかもしれません。媒体を見て、出ていないものだけを承認してください。",
                f"{count} drafts from {name} are held. It may have sent them after the backup: look at the platform, and approve only "
                "what is not out.",
            )
            if count
            else None,
        )

    def _code(self) -> str:
        digest = hashlib.sha256(f"{self._secret} {self._stand.turn} take over".encode()).digest()
        return f"{int.from_bytes(digest[:4]) % 10_000:04d}"


def _alarm(alarms: dict[str, tuple[str, str]], name: str, words: tuple[str, str] | None) -> None:
    if words is None:
        alarms.pop(name, None)
    else:
        alarms[name] = words
