"""The folder of comments: exports are read once, screened by a process of their own, and deleted when what is kept of them is durable.

A file that is known by its hash is not read again. One that still grows is left alone; one that cannot be taken stays where it is, with an
alarm that says why. Nothing that is clean is ever written by us: neither to the database nor to a log nor to a file.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
import time
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import NamedTuple

import msgspec
import structlog
from msgspec.structs import replace

from daemon.desk.logins import login_of
from daemon.intake.comment_folders import CommentFolders, Key, Lying, key_of
from daemon.intake.names import display_name
from daemon.moderation import erasing, keeping
from daemon.moderation.brakes import Repeats
from daemon.moderation.keeping import Kept, Tally, known, together
from daemon.moderation.setting import Setting
from daemon.program import program
from daemon.rulebook.model import Account
from daemon.service.judging import encode, frame
from daemon.service.running import Running
from daemon.service.sifting import LENGTH, End, Frame, Piece, Wanted

log = structlog.get_logger()

FOLDER = "comments"
SETTLED = 2.0
"""Seconds for which a file must not change of which nobody can tell whether it is being written."""
EMPTY = 60.0
"""Seconds after which a file without a byte counts as whole."""
ERASE = 1.0
"""Seconds between two looks for what is over its term."""
AGAIN = 10.0
"""Seconds after which an export is tried again that failed for a reason that may pass."""
LIMIT = 600.0
"""Seconds that an export may take."""
SIZE_MOST = 2 << 30
AT_ONCE = 250
"""Comments that are written in one transaction: about ten milliseconds of the writer."""
APART = 1 << 20
"""Bytes from which on two processes share an export."""
PROGRAM = program("daemon.service.sifting")
_ADDED = (
    "読んでいる間に書き足されました。書き終わってから読みます。",
    "it was written to while it was read: it is read when that has ended.",
)
_frames: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)


class Export(NamedTuple):
    """An export that lies there: its account, and its name, which may be no UTF-8."""

    account: Account
    name: bytes

    @property
    def shown(self) -> str:
        """How it is called on screens."""
        return f"{self.account.id}/{display_name(self.name)}"


class _Look(NamedTuple):
    """A file as it was seen, and since when it is the same (seconds of the loop)."""

    key: Key
    since: float


class Read(NamedTuple):
    """What came of one export."""

    kept: int
    known: int
    tally: Tally
    again: bool
    """It was read before: nothing was done."""


class Trouble(Exception):
    """An export that cannot be taken, in both languages; it stays where it lies. `passing`: it may be otherwise in a while."""

    def __init__(self, message: str, message_en: str, *, passing: bool = False) -> None:
        self.message, self.message_en, self.passing = message, message_en, passing
        super().__init__(message_en)


class CommentWatch:
    """The exports of one office, and the terms of what was kept of them."""

    def __init__(self, office: Running) -> None:
        self._office = office
        self._folders = CommentFolders(office.folder / FOLDER, remote=office.current.rulebook.office.remote_folders)
        self.repeats = Repeats()
        self.under_way: dict[str, int] = {}
        """The exports that are being read, by hash, and how many lines of each have been."""
        self._seen: dict[tuple[str, bytes], _Look] = {}
        self._refused: dict[tuple[str, bytes], Key] = {}
        self._later: dict[tuple[str, bytes], float] = {}
        self._erase_at = 0.0

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
        try:
            lying, troubles = await asyncio.to_thread(self._lying)
            self._forget({(each.account, each.name) for each in lying})
            self._say(troubles)
            for export in (
                () if self._office.disk_full else self._settled(lying)
            ):  # what cannot be written down waits in its folder
                await self._try(export)
        finally:  # what is due is erased whatever lies in the folders
            await self._erase()

    async def _try(self, export: Export) -> None:
        name = (export.account.id, export.name)
        try:
            await self.take(export)
        except Trouble as trouble:
            if trouble.passing:
                self._later[name] = time.monotonic() + AGAIN
            elif (seen := self._seen.get(name)) is not None:
                self._refused[name] = seen.key
            self._office.alarms[_alarm(*name)] = (
                f"コメントの書き出し {export.shown}: {trouble.message}",
                f"The export {export.shown}: {trouble.message_en}",
            )
        except Exception:  # the store's, which the round says: everything is read again, and not at once
            self._later[name] = time.monotonic() + AGAIN
            raise
        else:
            self._later.pop(name, None)
            self._office.alarms.pop(_alarm(*name), None)

    async def take(self, export: Export) -> Read:
        """Read one export, keep what has a finding, delete the file. Raises Trouble; StoreError, and then the file stays."""
        try:
            with self._folders.opened(export.account.id, export.name) as (folder, fd):
                found = os.fstat(fd)
                if not stat.S_ISREG(found.st_mode):
                    raise Trouble("ふつうのファイルではありません。", "it is no regular file.")
                if found.st_size > SIZE_MOST:
                    raise Trouble(
                        f"{SIZE_MOST >> 30} GB を超えています。分けて書き出してください。", "it is too large: split it."
                    )
                read = await self._read(export, fd, found)
                if self._folders.is_written(fd):  # what comes next would be written into a file that is gone
                    raise Trouble(*_ADDED, passing=True)
                if (why := await asyncio.to_thread(_delete, folder, export.name, found)) is not None:
                    raise Trouble(
                        f"読み終えましたが、ファイルを消せません（{why}）。手で消してください。",
                        f"it has been read, and cannot be deleted ({why}): delete it by hand.",
                    )
        except OSError as error:
            raise Trouble(f"読めません（{error.strerror}）。", f"it cannot be read ({error.strerror}).", passing=True) from error
        self._seen.pop((export.account.id, export.name), None)
        return read

    async def _read(self, export: Export, fd: int, found: os.stat_result) -> Read:
        office, account = self._office, export.account
        digest = await asyncio.to_thread(_digest, fd)
        if await office.store.read(partial(known, account=account.id, digest=digest)):
            log.info("comments known", account=account.id, file=digest)
            return Read(0, 0, Tally(0, 0, 0), again=True)
        book = office.current.rulebook
        ending = display_name(export.name).casefold().rpartition(".")[2]
        wanted = Wanted(account.id, f".{ending}", office.clock(), office.setting().recent(account.id))
        self.under_way[digest] = 0
        try:
            async with asyncio.timeout(LIMIT):
                kept, tally = await self.sift(account, fd, found.st_size, encode(book), wanted, digest)
        except TimeoutError:
            raise Trouble(
                f"{LIMIT:.0f} 秒で終わりませんでした。分けて書き出してください。", "it took too long: split it."
            ) from None
        finally:
            self.under_way.pop(digest, None)
        if key_of(os.fstat(fd)) != key_of(found):
            raise Trouble(*_ADDED, passing=True)
        if tally.broken and tally.broken == tally.lines:
            line, why, why_en = tally.problems[0]
            raise Trouble(f"読める行が一つもありません（{line} 行目: {why}）。", f"no line can be read (line {line}: {why_en}).")
        policy_hash = book.policies[account.policy].hash
        by = login_of(found.st_uid) or "daemon"
        file = await office.store.write(keeping.begin(account.id, digest, by, policy_hash))
        for first in range(0, len(kept), AT_ONCE):
            await office.store.write(keeping.keep_some(file, kept[first : first + AT_ONCE], policy_hash))
        new, before = await office.store.write(keeping.end(file, account.id, digest, by, len(kept), tally))
        office.hub.publish("comment", account=account.id)
        log.info(
            "comments read", account=account.id, lines=tally.lines, kept=new, known=before, clean=tally.clean, broken=tally.broken
        )
        return Read(new, before, tally, again=False)

    async def sift(
        self, account: Account, fd: int, size: int, book: bytes, wanted: Wanted, digest: str
    ) -> tuple[list[Kept], Tally]:
        """Have processes of their own read and screen what `fd` holds, two of a large one. Raises Trouble where they come to no end."""
        parts = min(2, os.cpu_count() or 1) if size > APART else 1
        pieces: list[Piece] = []
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._part(account, fd, book, replace(wanted, part=part, parts=parts), digest, pieces))
                    for part in range(parts)
                ]
        except BaseExceptionGroup as failed:  # the first that failed has ended the other
            raise failed.exceptions[0] from None
        pieces.sort(key=lambda piece: piece.begin)
        return [each for piece in pieces for each in piece.kept], together([task.result() for task in tasks])

    async def _part(self, account: Account, fd: int, book: bytes, wanted: Wanted, digest: str, pieces: list[Piece]) -> Tally:
        process = await asyncio.create_subprocess_exec(
            *PROGRAM, str(fd), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, pass_fds=(fd,)
        )
        seen = 0
        try:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(frame(book) + frame(encode(wanted)))
            await process.stdin.drain()
            process.stdin.close()
            while True:
                (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
                answer = _frames.decode(await process.stdout.readexactly(length))
                if isinstance(answer, End):
                    return answer.tally
                pieces.append(answer)
                if digest in self.under_way:
                    self.under_way[digest] += answer.lines - seen
                seen = answer.lines
                self._note(account, answer)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise Trouble(
                "読んでいる途中で処理が終わりました。もう一度読みます。続くときは、ファイルを分けてください。",
                "the process that read it ended. It is read again; should that go on, split the file.",
                passing=True,
            ) from error
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
            await process.wait()

    def _note(self, account: Account, piece: Piece) -> None:
        self.repeats.note(account, piece.flagged, self._office.current.rulebook, self._office.clock())

    def _repeats(self, account: str, author: str) -> int:
        book = self._office.current.rulebook
        return self.repeats.of(book.accounts[account], author, book, self._office.clock()) if account in book.accounts else 0

    async def _erase(self) -> None:
        """Erase what is over its term, some hundreds a second; on a disk that is full, too."""
        if time.monotonic() < self._erase_at:
            return
        self._erase_at = time.monotonic() + ERASE
        office, setting = self._office, self.setting()
        if await office.store.read(lambda db: erasing.due(db, setting)):
            await office.write_surely(erasing.erase_due(setting))
            office.hub.publish("comment")

    def _lying(self) -> tuple[list[Lying], dict[str, tuple[str, str]]]:
        """What lies in the folders, and what is wrong with them. In a thread: a share may hang."""
        accounts = self._office.current.rulebook.accounts
        return [each for account in accounts for each in self._folders.lying(account)], self._folders.troubles(accounts)

    def _settled(self, lying: list[Lying]) -> list[Export]:
        """The exports that are whole, as far as that can be told, and are not to wait."""
        now = time.monotonic()
        found: list[Export] = []
        accounts = self._office.current.rulebook.accounts
        for account, name, key, whole in lying:
            before = self._seen.get((account, name))
            if before is None or before.key != key:
                self._seen[account, name] = before = _Look(key, now)
            if whole is False or self._refused.get((account, name)) == key or now < self._later.get((account, name), now):
                continue
            if account in accounts and (whole or now - before.since >= (SETTLED if key[2] else EMPTY)):
                found.append(Export(accounts[account], name))
        return found

    def _forget(self, there: set[tuple[str, bytes]]) -> None:
        for kept in (self._seen, self._refused, self._later):
            for gone in kept.keys() - there:
                del kept[gone]
                self._office.alarms.pop(_alarm(*gone), None)

    def _say(self, troubles: dict[str, tuple[str, str]]) -> None:
        alarms = self._office.alarms
        for over in [key for key in alarms if key.startswith("comments-folder:") and key not in troubles]:
            del alarms[over]
        alarms.update(troubles)


def _alarm(account: str, name: bytes) -> str:
    return f"comments:{account}/{display_name(name)}"


def _digest(fd: int) -> str:
    """sha256 of the file's bytes. Raises OSError."""
    os.lseek(fd, 0, os.SEEK_SET)
    with os.fdopen(os.dup(fd), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _delete(folder: int, name: bytes, found: os.stat_result) -> str | None:
    """Delete an export that was read, if it is still that one, as it was read; says why that cannot be."""
    try:
        if key_of(os.stat(name, dir_fd=folder, follow_symlinks=False)) == key_of(found):
            os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        return error.strerror
    return None
