"""What can go wrong with what is remembered, each as a sentence in Japanese and its English twin: what, where, what to do."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Notice(NamedTuple):
    """Something the store found or mended by itself, for people to know."""

    message: str
    message_en: str


class StoreError(Exception):
    """The store could not do as asked. `message` and `message_en` are ready to be shown to a person."""

    def __init__(self, message: str, message_en: str) -> None:
        super().__init__(message_en)
        self.message = message
        self.message_en = message_en

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross from one process to another (the verification has several): one that could not be put together again there
        would keep the other side waiting for ever."""
        return _again, (type(self), self.message, self.message_en)


def _again(kind: type[StoreError], message: str, message_en: str) -> StoreError:
    """The error as it was, on the other side."""
    error = kind.__new__(kind)
    StoreError.__init__(error, message, message_en)
    return error


class StoreFull(StoreError):
    """The disk is full: nothing of what was asked has been kept; the store goes on and takes writes again when there is room."""


class StoreBusy(StoreError):
    """Another process holds the database or the office."""


class StoreBroken(StoreError):
    """The disk or the database failed: until a restart the store only reads."""


class StoreDamaged(StoreBroken):
    """The database itself is damaged: it is to be repaired (`kohoban repair`) or restored; nothing may be written to it."""


class StoreNewer(StoreError):
    """The database was written by a newer Kohoban: left untouched."""


class StoreUnfit(StoreError):
    """This is not a database of ours, or this Python's SQLite is too old for it: left untouched."""


class StoreClosed(StoreError):
    """The store has been closed: nothing of what was asked has been kept."""

    def __init__(self) -> None:
        super().__init__(
            "広報番は終了処理中のため、記録しませんでした。起動し直してからもう一度行ってください。",
            "Kohoban is shutting down: this was not recorded. Start it again and repeat.",
        )


class RevisionDamaged(StoreError):
    """The bytes kept under a hash are missing or no longer have that hash: they must be neither shown nor released."""


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
# The -shm file grows while the WAL does; on a full disk that is the first to fail, and SQLite calls it an I/O error.
_FULL_CODES = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}
_DAMAGED_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BROKEN_CODES = {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
}


def disk_fault(error: BaseException, where: str, *, writing: bool) -> StoreError | None:
    """What `error` means for the store's files in `where`; None when it is the asker's own affair (a broken constraint, bad SQL)."""
    if isinstance(error, StoreError):
        return error
    broken = broken_writing if writing else unreadable
    if isinstance(error, OSError):
        return full(where) if error.errno in _NO_ROOM else broken(where, error)
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    if code in _FULL_CODES:
        return full(where)
    if code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return busy(where)
    if code & 0xFF in _DAMAGED_CODES:
        return damaged(where, error)
    return broken(where, error) if code & 0xFF in _BROKEN_CODES else None


@contextmanager
def told(where: str, *, writing: bool = False) -> Iterator[None]:
    """Around the disk and the database: what they answer becomes a sentence about `where`."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        fault = disk_fault(error, where, writing=writing)
        if fault is None:
            raise
        raise fault from error


def full(where: str) -> StoreFull:
    """The disk that holds `where` is full."""
    return StoreFull(
        f"ディスクに空きがないため、記録していません（{where}）。空きを作ってからもう一度行ってください。",
        f"The disk is full: this was not recorded ({where}). Make room and repeat.",
    )


def busy(where: str) -> StoreBusy:
    """Another program has held the write lock of the database for longer than we wait."""
    return StoreBusy(
        f"別のプログラムがデータベースを使用中のため、記録していません（{where}）。そのプログラムを閉じてからもう一度行ってください。",
        f"Another program is holding the database: this was not recorded ({where}). Close that program and repeat.",
    )


def broken_writing(where: str, cause: BaseException) -> StoreBroken:
    """Writing to `where` failed with `cause`. Whether the last write survived cannot be known, so the sentence says so."""
    return StoreBroken(
        f"保存先で障害が起きました（{where}: {cause}）。直前の操作が記録されたかは確かめられません。これ以後は閲覧だけができます。"
        "ディスクを確かめ、広報番を起動し直してください。",
        f"The storage failed ({where}: {cause}). Whether the last act was recorded cannot be told. From now on only reading works. "
        "Check the disk and restart Kohoban.",
    )


def damaged(where: str, cause: BaseException) -> StoreDamaged:
    """The database in `where` is damaged, as SQLite says in `cause`. It says the same of a sound one on a disk that went away under it
    (found with a power cut's disk): so the disk and a restart come first."""
    return StoreDamaged(
        f"データベースが壊れています（{where}: {cause}）。デーモンを終え、ディスクを確かめてから起動し直し、同じなら kohoban repair を実行してください。"
        "壊れたファイルは脇へ移され、原文と記録から作り直されます。",
        f"The database is damaged ({where}: {cause}). End the daemon, see to the disk and start again; if it says the same, run kohoban repair: the damaged files are set aside, and "
        "a new database is made from revisions and record.",
    )


def unreadable(where: str, cause: BaseException) -> StoreBroken:
    """`where` cannot be opened or read because of `cause`."""
    return StoreBroken(
        f"{where} を読めません（{cause}）。ディスクと権限を確かめ、直らなければ控えから戻してください。",
        f"{where} cannot be read ({cause}). Check the disk and its permissions; if that does not help, restore a backup.",
    )
