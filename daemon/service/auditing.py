"""The record at work: what is asked of it, its verification behind every start, and its lines for the places outside."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import structlog

from daemon.desk import board, erasing, in_record
from daemon.program import program
from daemon.refused import Refused
from daemon.service.once import once
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.service.witnesses import Witnesses
from daemon.store import from_db, to_db
from daemon.store.anchor import office_of
from daemon.store.seal import PUBLIC
from daemon.store.verify_main import Outcome
from daemon.wire.acts import Erase
from daemon.wire.answers import AnyAnswer, AuditHead, AuditSealed, Done, Listing
from daemon.wire.queries import AuditSeal, AuditShow, AuditVerify
from daemon.wire.recording import FindInRecord, RecordFound

log = structlog.get_logger()

SETTLED = 5.0
"""Seconds after a start until the verification behind it begins."""

EVERY = 1.0
"""Seconds between two looks at the newest anchor."""

VERIFIED = "verified"
"""The file in the store that names the last entry up to which the record was found whole."""

ALARM = "record"


class Auditing:
    """The record of one office."""

    def __init__(self, office: Running) -> None:
        self._office = office
        self._witnesses = Witnesses()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def handlers(self) -> dict[type, Callable[[Any, Session, str], Awaitable[AnyAnswer]]]:
        """What is asked of it over the socket."""
        return {
            AuditVerify: self.verify,
            AuditShow: self.show,
            FindInRecord: self.find,
            AuditSeal: self.seal,
            Erase: self.erase,
        }

    def start(self) -> None:
        """Begin to verify what is there, and to let the anchors go outside."""
        loop = asyncio.get_running_loop()
        self._tasks |= {loop.create_task(self._verify_behind()), loop.create_task(self._witness())}

    async def close(self) -> None:
        """End what is under way, and lay down no more lines."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._witnesses.close()

    async def verify(self, query: AuditVerify, session: Session, request: str) -> AuditHead:
        """Recompute the whole record, in processes of its own. Raises Refused where it cannot be looked at."""
        outcome = await self._verified([])
        if outcome.error is not None:
            raise Refused("state", *outcome.error)
        return msgspec.convert(outcome.found, AuditHead)

    async def show(self, query: AuditShow, session: Session, request: str) -> Listing:
        """The last entries, or those of one draft."""
        limit = max(1, min(query.limit, 1000))
        lines = await board.history(self._office.store, query.draft, limit, query.before, whole=query.whole)
        return Listing(history=lines)

    async def find(self, query: FindInRecord, session: Session, request: str) -> RecordFound:
        """A search."""
        names = {login: who.name for login, who in self._office.current.rulebook.operators.items()}
        return await in_record.find(self._office.store, query, names)

    async def erase(self, act: Erase, session: Session, request: str) -> Done:
        """消去. Asked again, it answers the same. Raises Refused."""
        return await once(self._office.store, erasing.erase(act, session.who), session.who, request)

    async def seal(self, query: AuditSeal, session: Session, request: str) -> AuditSealed:
        """Sign the head as it is now. Raises Refused where there is no entry yet."""
        office = self._office
        await office.store.write(lambda tx: tx.anchor())
        await office.store.write(lambda tx: None)  # the anchor is written before the next act is looked at
        mark = office.store.anchored
        first = await office.store.fetch("SELECT hash FROM audit WHERE seq = 1")
        if mark is None or not first:
            raise Refused("no_such", "記録がまだありません。", "There is no record yet.")
        public = office.store.state / PUBLIC
        return AuditSealed(
            office=office.current.rulebook.office.name,
            record=office_of(first[0]["hash"]),
            entries=mark.seq,
            head=mark.hash,
            at=from_db(to_db(office.clock())),
            key=mark.key,
            signature=mark.signature,
            line=mark.line if mark.signature else "",
            public=await asyncio.to_thread(public.read_text) if mark.signature else "",
        )

    async def _witness(self) -> None:
        """Let the newest anchor go outside, and say where it does not arrive."""
        office, standing = self._office, set[str]()
        while True:
            folders = office.current.rulebook.office.anchors
            told = self._witnesses.look(folders, office.store.anchored)
            found = {f"anchors:{folder}": alarm for folder, alarm in told.items()}
            if (unsealed := office.store.unsealed) is not None:
                found["seal"] = unsealed.message, unsealed.message_en
            for over in standing - found.keys():
                office.alarms.pop(over, None)
            office.alarms.update(found)
            standing = set(found)
            await asyncio.sleep(EVERY)

    async def _verify_behind(self) -> None:
        """After a start: what is new since the last verification, then everything. What is bad is an alarm until the next start."""
        await asyncio.sleep(SETTLED)
        note = self._office.store.state / VERIFIED
        last = await asyncio.to_thread(_noted, note)
        for arguments in ([[f"--since={last}"]] if last else []) + [[]]:
            outcome = await self._verified(["--jobs=1", "--behind", *arguments])
            if not self._heard(outcome):
                return
        assert outcome.found is not None
        found = msgspec.convert(outcome.found, AuditHead)
        try:
            await asyncio.to_thread(_note, note, f"{found.entries}:{found.head}")
        except OSError as error:
            log.warning("what was verified cannot be noted", why=str(error))

    async def _verified(self, arguments: Sequence[str]) -> Outcome:
        process = await asyncio.create_subprocess_exec(
            *program("daemon.store.verify_main", str(self._office.store.state), *arguments),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            said, _ = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        try:
            return msgspec.json.decode(said, type=Outcome)
        except msgspec.DecodeError:
            return Outcome(error=(f"検証が途中で終わりました（{process.returncode}）", f"it ended early ({process.returncode})"))

    def _heard(self, outcome: Outcome) -> bool:
        """Say what a verification behind the start found; whether all is well."""
        if outcome.found is not None and outcome.found["ok"]:
            return True
        why, why_en = outcome.error or (str((outcome.found or {})["why"]), str((outcome.found or {})["why_en"]))
        log.error("the record does not verify", why=why_en)
        self._office.alarms[ALARM] = (
            f"記録の検証で異常が見つかりました（{why}）。kohoban audit verify で確かめ、情報セキュリティの担当に知らせてください。",
            f"The record does not verify ({why_en}). Look with kohoban audit verify, and tell those in charge of security.",
        )
        return False


def _noted(path: Path) -> str:
    """The entry up to which the record was whole, as `<seq>:<hash>`; empty where nothing is noted."""
    try:
        seq, digest = json.loads(path.read_bytes())
    except (OSError, ValueError, TypeError):
        return ""
    return f"{int(seq)}:{digest}"


def _note(path: Path, entry: str) -> None:
    seq, _, digest = entry.partition(":")
    new = path.with_suffix(".new")
    new.write_text(json.dumps([int(seq), digest]))
    new.replace(path)
