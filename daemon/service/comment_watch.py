"""The folder of comments: exports are read once, screened by a process of their own, and deleted when what is kept of them is durable.

A file that is known by its hash is not read again. One that still grows is left alone; one that cannot be taken stays where it is, with an
alarm that says why. Nothing that is clean is ever written by us: neither to the database nor to a log nor to a file.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

from daemon.desk.opinion import login_of
from daemon.intake.comments import ENDINGS
from daemon.intake.names import display_name
from daemon.moderation import erasing
from daemon.moderation.brakes import Repeats
from daemon.moderation.keeping import Kept, Tally, keep_all, known
from daemon.moderation.setting import Setting
from daemon.rulebook.model import Account
from daemon.service.judging import encode, frame
from daemon.service.running import Running
from daemon.service.sifting import LENGTH, End, Frame, Piece, Wanted

log = structlog.get_logger()

FOLDER = "comments"
SETTLED = 2.0
"""Seconds for which a file must not change that was not renamed into place."""
LIMIT = 600.0
"""Seconds that an export may take."""
SIZE_MOST = 2 << 30
PROGRAM = (sys.executable, "-P", "-m", "daemon.service.sifting")
_frames: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)


class _Look(NamedTuple):
    """A file as it was seen: which one, how large, when changed, since when it is the same (seconds of the loop)."""

    key: tuple[int, int, int, int]
    since: float


class Read(NamedTuple):
    """What came of one export."""

    kept: int
    known: int
    tally: Tally
    again: bool
    """It was read before: nothing was done."""


class Trouble(Exception):
    """An export that cannot be taken, in both languages; it stays where it lies."""

    def __init__(self, message: str, message_en: str) -> None:
        self.message, self.message_en = message, message_en
        super().__init__(message_en)


class CommentWatch:
    """The exports of one office, and the terms of what was kept of them."""

    def __init__(self, office: Running) -> None:
        self._office = office
        self.repeats = Repeats()
        self.under_way: dict[str, int] = {}
        """The exports that are being read, by hash, and how many lines of each have been."""
        self._seen: dict[Path, _Look] = {}
        self._refused: dict[Path, tuple[int, int, int, int]] = {}

    def setting(self, now: datetime | None = None) -> Setting:
        """The world at this moment, for moderation."""
        office = self._office
        desk = office.setting(now)
        stops = desk.stops | (
            frozenset({"actions"}) if not office.gate.look(epoch=office.epoch, action=True).open else frozenset()
        )
        return Setting(desk.book, desk.now, stops, self._repeats)

    async def look(self) -> None:
        """A round: take what is new, and erase what is due."""
        for account, path in await asyncio.to_thread(self._settled):
            try:
                await self.take(account, path)
            except Trouble as trouble:
                self._refused[path] = self._seen[path].key
                name = display_name(os.fsencode(path.name))
                self._office.alarms[f"comments:{path}"] = (
                    f"コメントの書き出し {account.id}/{name}: {trouble.message}",
                    f"The export {account.id}/{name}: {trouble.message_en}",
                )
        for path in [path for path in self._refused if not path.exists()]:
            del self._refused[path]
            self._office.alarms.pop(f"comments:{path}", None)
        await self._erase()

    async def take(self, account: Account, path: Path) -> Read:
        """Read one export, keep what has a finding, delete the file. Raises Trouble; StoreError, and then the file stays."""
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise Trouble(f"開けません（{error.strerror}）。", f"it cannot be opened ({error.strerror}).") from error
        try:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode):
                raise Trouble("ふつうのファイルではありません。", "it is no regular file.")
            if found.st_size > SIZE_MOST:
                raise Trouble(f"{SIZE_MOST >> 30} GB を超えています。分けて書き出してください。", "it is too large: split it.")
            by = login_of(found.st_uid) or "daemon"
            read = await self._read(account, path.name, fd, by)
        finally:
            os.close(fd)
        await asyncio.to_thread(_delete, path, found)
        self._seen.pop(path, None)
        return read

    async def _read(self, account: Account, name: str, fd: int, by: str) -> Read:
        office = self._office
        digest = await asyncio.to_thread(_digest, fd)
        if await office.store.read(partial(known, account=account.id, digest=digest)):
            return Read(0, 0, Tally(0, 0, 0), again=True)
        book = office.current.rulebook
        wanted = Wanted(account.id, name, office.clock(), office.setting().recent(account.id))
        self.under_way[digest] = 0
        try:
            async with asyncio.timeout(LIMIT):
                kept, tally = await self._sift(account, fd, encode(book), wanted, digest)
        except TimeoutError:
            raise Trouble(
                f"{LIMIT:.0f} 秒で終わりませんでした。分けて書き出してください。", "it took too long: split it."
            ) from None
        finally:
            self.under_way.pop(digest, None)
        policy_hash = book.policies[account.policy].hash
        new, before = await office.store.write(keep_all(account.id, digest, by, kept, tally, policy_hash))
        office.hub.publish("comment", account=account.id)
        log.info(
            "comments read", account=account.id, lines=tally.lines, kept=new, known=before, clean=tally.clean, broken=tally.broken
        )
        return Read(new, before, tally, again=False)

    async def _sift(self, account: Account, fd: int, book: bytes, wanted: Wanted, digest: str) -> tuple[list[Kept], Tally]:
        """Have a process of its own read and screen it. Raises Trouble where it comes to no end."""
        os.lseek(fd, 0, os.SEEK_SET)
        process = await asyncio.create_subprocess_exec(
            *PROGRAM, str(fd), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, pass_fds=(fd,)
        )
        kept: list[Kept] = []
        tally: Tally | None = None
        try:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(frame(book) + frame(encode(wanted)))
            await process.stdin.drain()
            process.stdin.close()
            while tally is None:
                (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
                answer = _frames.decode(await process.stdout.readexactly(length))
                if isinstance(answer, End):
                    tally = answer.tally
                else:
                    kept += answer.kept
                    self._note(account, answer, digest)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise Trouble(
                "読んでいる途中で処理が終わりました。ファイルを分けて、もう一度置いてください。",
                "the process that read it ended: split the file and put it there again.",
            ) from error
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
            await process.wait()
        return kept, tally

    def _note(self, account: Account, piece: Piece, digest: str) -> None:
        self.under_way[digest] = piece.lines
        self.repeats.note(account, piece.flagged, self._office.current.rulebook)

    def _repeats(self, account: str, author: str) -> int:
        book = self._office.current.rulebook
        return self.repeats.of(book.accounts[account], author, book) if account in book.accounts else 0

    async def _erase(self) -> None:
        """Erase what is over its term, some hundreds a round; on a disk that is full, too."""
        office, setting = self._office, self.setting()
        if await office.store.read(lambda db: erasing.due(db, setting)):
            await office.write_surely(erasing.erase_due(setting))
            office.hub.publish("comment")

    def _settled(self) -> list[tuple[Account, Path]]:
        """The exports that are whole, as far as that can be told: unchanged for a while."""
        root, now = self._office.folder / FOLDER, time.monotonic()
        found: list[tuple[Account, Path]] = []
        there: set[Path] = set()
        for account in self._office.current.rulebook.accounts.values():
            for path in _exports(root / account.id):
                there.add(path)
                try:
                    seen = path.lstat()
                except OSError:
                    continue
                key = (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns)
                before = self._seen.get(path)
                if before is None or before.key != key:
                    self._seen[path] = before = _Look(key, now)
                if self._refused.get(path) == key:
                    continue
                if now - before.since >= SETTLED:
                    found.append((account, path))
        for path in self._seen.keys() - there:
            del self._seen[path]
        return found


def _exports(folder: Path) -> Iterable[Path]:
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return
    for path in found:
        if path.name.casefold().endswith(ENDINGS) and not path.name.startswith((".", "~", "_")):
            yield path


def _digest(fd: int) -> str:
    """sha256 of the file's bytes. Raises OSError."""
    os.lseek(fd, 0, os.SEEK_SET)
    with os.fdopen(os.dup(fd), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _delete(path: Path, found: os.stat_result) -> None:
    """Delete an export that was read, if it is still that one."""
    with suppress(OSError):
        now = path.lstat()
        if (now.st_dev, now.st_ino) == (found.st_dev, found.st_ino):
            path.unlink()
