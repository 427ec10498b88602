"""Stop and resume, as the daemon carries them: what a stop left standing, who made it, and the way back.

The stop itself is the caller's own system calls (`daemon/gate.py`); here it is recorded, told to everybody, and ended.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import unicodedata
from datetime import UTC, datetime, timedelta

import msgspec

from daemon.desk import acts, board, releasing
from daemon.desk.refused import Refused
from daemon.service.incoming import Incoming
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.store import Tx, to_db
from daemon.wire.acts import Resume, Stopped
from daemon.wire.answers import Done, StopState
from daemon.wire.queries import ResumeCode

_SAME_STOP = timedelta(seconds=10)
"""A stop on record and a mark in the folder are one and the same stop when no more time than this lies between them."""


class Halting:
    """Stops and resumes of one office."""

    def __init__(self, office: Running, incoming: Incoming) -> None:
        self._office, self._incoming = office, incoming
        self._secret = secrets.token_hex(8)

    async def stopped(self, act: Stopped, session: Session, request: str) -> StopState:
        """A caller has stopped by the file already: close the permit behind it, whatever becomes of that file, and record it."""
        office = self._office

        def op(tx: Tx) -> None:
            tx.record(session.who.login, "stop", None, scope=act.scope, reason=act.reason)
            tx.anchor()

        await asyncio.to_thread(office.gate.shut, act.scope, session.who.login)
        await office.store.write(op)
        office.hub.publish("gate")
        self._incoming.note_folders()
        return await self.stop_state()

    async def resume(self, act: Resume, session: Session, request: str) -> Done:
        """再開: the typed code, a reason, and everything that was on its way comes back held. Raises Refused."""
        office, who = self._office, session.who
        if _folded(act.code) != self._code():
            raise Refused(
                "code",
                "再開の番号が違います。表示された4桁を入力してください。",
                "That is not the code: type the four digits shown.",
            )
        reason = acts.given(act.reason)
        async with office.at_the_gate:
            held = await self._open_gate(act.scope, who.login, reason)
            office.stops_seen = office.setting().stops
        office.hub.publish("gate")
        self._incoming.note_folders()
        if not held:
            return Done(message="再開しました。保留に戻したものはありません。", message_en="Resumed. Nothing had to be held.")
        return Done(
            message=f"再開しました。{held} 件を保留に戻しました。一件ずつ確認して承認してください。",
            message_en=f"Resumed. {held} drafts are held: confirm each.",
        )

    async def _open_gate(self, scope: str, by: str, reason: str) -> int:
        """End a stop; how many drafts came back held. Raises Refused where another stop has come meanwhile: that one wins."""
        office = self._office
        try:
            if scope != "all":
                await asyncio.to_thread(office.gate.lift, scope)
                await office.store.write(lambda tx: tx.record(by, "resume", None, scope=scope, reason=reason))
                return 0
            epoch = max(office.epoch, office.gate.look().epoch) + 1
            held = await office.store.write(releasing.hold_all(office.setting(), epoch, by=by, reason=reason))
            office.epoch = epoch
            if (await asyncio.to_thread(office.gate.grant, epoch)).open:
                return held
            why = "再開の途中で新しい停止がありました", "another stop came during the resume"
        except (OSError, ValueError) as error:
            why = str(error), str(error)
        raise Refused(
            "stopped",
            f"再開できませんでした（{why[0]}）。停止のままです。状態を確かめ、もう一度再開してください。",
            f"Not resumed ({why[1]}): everything is still stopped. Look at the state and resume again.",
        )

    async def resume_code(self, query: ResumeCode, session: Session, request: str) -> StopState:
        """What stands, and for a manager the code that ends it."""
        state = await self.stop_state()
        counts = await board.counts(self._office.store)
        held = counts.get("approved", 0) + counts.get("scheduled", 0)
        code = self._code() if session.who.role == "manager" else ""
        return msgspec.structs.replace(state, code=code, held=held)

    async def stop_state(self) -> StopState:
        """The gate as the daemon sees it, who closed it, and what had begun."""
        office = self._office
        look = office.look()
        since, by = None, ""
        if (made := await asyncio.to_thread(office.gate.since)) is not None:
            since = datetime.fromtimestamp(made, UTC)
            # Who it was is said by the record, which knows its callers; nobody's name stands with a stop made by hand (`touch`).
            told = await office.store.fetch(
                "SELECT actor FROM audit WHERE act = 'stop' AND at BETWEEN ? AND ? "
                "AND (json_extract(CAST(record AS TEXT), '$.detail.scope') = 'all') = ? AND NOT EXISTS "
                "(SELECT 1 FROM audit AS resume WHERE resume.act = 'resume' AND resume.seq > audit.seq "
                "AND json_extract(CAST(resume.record AS TEXT), '$.detail.epoch') IS NOT NULL) "
                "ORDER BY seq LIMIT 1",
                (to_db(since - _SAME_STOP), to_db(since + _SAME_STOP), "all" in look.scopes),
            )
            by = told[0]["actor"] if told else ""
        return StopState(
            stopped=not look.open,
            why=look.why,
            why_en=look.why_en,
            by=by,
            since=since,
            scopes=tuple(sorted(look.scopes)),
            epoch=office.epoch,
            in_flight=await releasing.in_flight(office.store),
        )

    def _code(self) -> str:
        """Four digits that stay the same until the next resume; nobody types them by accident."""
        digest = hashlib.sha256(f"{self._secret} {self._office.epoch}".encode()).digest()
        return f"{int.from_bytes(digest[:4]) % 10_000:04d}"


def _folded(code: str) -> str:
    return unicodedata.normalize("NFKC", code).strip()
