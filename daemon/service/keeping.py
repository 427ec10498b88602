"""The daemon's part in keeping: it starts a backup and says how far it is, and has the database looked over behind its back.

The work itself goes on in a process of its own (`keeping_main`), with the lowest priority: nobody at a console waits for it.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import structlog
from msgspec.structs import replace

from daemon.program import program
from daemon.refused import Refused
from daemon.service.keeping_main import check_place
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.store import StoreError
from daemon.wire.acts import Backup
from daemon.wire.answers import BackupProgress, Done
from daemon.wire.queries import BackupState

log = structlog.get_logger()

LOOK_AFTER = 20.0
"""Seconds from the start until the database is looked over: whoever opens the console comes first."""
LOOK_EVERY = 24 * 3600.0

DAMAGED = "database"
"""The alarm of a damaged database."""


class Keeping:
    """Backups of one office while it runs, and the look at its database."""

    def __init__(self, office: Running) -> None:
        self._office = office
        self._progress = BackupProgress(running=False)
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to look the database over, now and then."""
        self._go_on(self._look_over())

    async def close(self) -> None:
        """End what is under way; a backup that is not whole leaves nothing."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def backup(self, act: Backup, session: Session, request: str) -> Done:
        """控えを取る: begin, and answer at once. Raises Refused where it cannot be put there, or one is under way."""
        to = Path(act.path)
        if self._progress.running:
            if self._progress.path == act.path:
                return self._begun()
            raise Refused(
                "busy",
                "別の控えを取っているところです。終わってから行ってください。",
                "Another backup is under way: wait for it.",
            )
        if not to.is_absolute():
            raise Refused("state", "控えの場所は / から始まるパスで指定してください。", "Give the backup an absolute path.")
        try:
            await asyncio.to_thread(check_place, self._office.folder, to)
        except StoreError as error:
            raise Refused("state", error.message, error.message_en) from None
        if await asyncio.to_thread(os.path.lexists, to):
            raise Refused(
                "state",
                f"{to} はもうあります。控えは上書きしません。別の名前を指定してください。",
                f"{to} is there already, and a backup never overwrites: give another name.",
            )
        self._progress = BackupProgress(running=True, path=act.path, stage="begin")
        self._go_on(self._back_up(to, session.who.login))
        return self._begun()

    @staticmethod
    def _begun() -> Done:
        return Done(message="控えを取り始めました。", message_en="The backup has begun.")

    async def state(self, query: BackupState, session: Session, request: str) -> BackupProgress:
        """How far the backup is; of the last one, how it ended."""
        return self._progress

    async def _back_up(self, to: Path, by: str) -> None:
        try:
            result = await self._run("backup", str(to), "--online", "--quietly")
        except asyncio.CancelledError:
            self._progress = replace(
                self._progress, running=False, error="デーモンが終了しました", error_en="the daemon went down"
            )
            raise
        if "ok" not in result:
            log.warning("backup failed", path=str(to), why=result["error_en"])
            self._progress = replace(self._progress, running=False, error=result["error"], error_en=result["error_en"])
            return
        made = result["ok"]
        with suppress(StoreError):  # the backup is whole, whether or not that can be written down
            await self._office.store.write(
                lambda tx: tx.record(by, "backup", None, seq=made["seq"], head=made["head"], bytes=made["size"], name=str(to))
            )
        self._progress = replace(self._progress, running=False, stage="done", **made)

    async def _look_over(self) -> None:
        """What SQLite's own check says of the database; damage that no page of today's work has touched is found too."""
        await asyncio.sleep(LOOK_AFTER)
        while True:
            result = await self._run("look", "--quietly")
            flaws = result["ok"]["flaws"] if "ok" in result else [result["error_en"]]
            if flaws:
                log.error("database damaged", flaws=flaws)
                self._office.alarms[DAMAGED] = damaged(flaws[0])
                self._office.hub.publish("gate")
            else:
                self._office.alarms.pop(DAMAGED, None)
            await asyncio.sleep(LOOK_EVERY)

    async def _run(self, *words: str) -> dict[str, Any]:
        """Start the work in a process of its own; its last line. What it says on the way becomes the progress."""
        command = program("daemon.service.keeping_main", *words, "--office", str(self._office.folder))
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        last: dict[str, Any] = {}
        try:
            assert process.stdout is not None
            async for line in process.stdout:
                last = msgspec.json.decode(line)
                if "stage" in last and self._progress.running and words[0] == "backup":
                    self._progress = replace(self._progress, stage=last["stage"], done=last["done"], of=last["of"])
            await process.wait()
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
        if "ok" in last or "error" in last:
            return last
        status = process.returncode
        return {
            "error": f"途中で終わりました（終了コード {status}）。もう一度行ってください。",
            "error_en": f"It ended half-way (exit status {status}): try again.",
        }

    def _go_on(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def damaged(why: str) -> tuple[str, str]:
    """The alarm of a damaged database, with what to do."""
    return (
        f"データベースが壊れています（{why}）。発信を止め、デーモンを終えてから kohoban repair を実行してください。",
        f"The database is damaged ({why}). Stop releasing, end the daemon, then run kohoban repair.",
    )
