"""The exact bytes of every revision, kept once, in append-only segment files under `state/revisions/`.

A record is one header line, `kohoban-revision <sha256> <size>`, then the bytes, then a newline: a person with `less` and
`sha256sum` can read it without this program. Where each record lies is indexed in the table `revisions`; the index can be made
again from the segments.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from daemon.store.database import sync_folder
from daemon.store.faults import Notice, RevisionDamaged

FOLDER = "revisions"
SEGMENT_BYTES = 64 << 20

_NAME = re.compile(r"(\d{6})\.seg")
_MAGIC = b"kohoban-revision "
_HEADER = re.compile(_MAGIC + rb"([0-9a-f]{64}) (\d{1,15})\n")


class Place(NamedTuple):
    """Where the bytes of a revision begin: segment number, offset of the first byte, how many bytes."""

    segment: int
    offset: int
    size: int

    @property
    def end(self) -> int:
        """The offset behind the record (its bytes and the newline)."""
        return self.offset + self.size + 1


class Segments:
    """The segment that grows. Used by the writer thread alone: `append` what a batch keeps, `sync` before its commit."""

    def __init__(self, folder: Path, number: int, end: int) -> None:
        self._folder = folder
        self._number = number
        self._end = end
        self._synced = end
        self._fd: int | None = None

    def append(self, digest: str, data: bytes) -> Place:
        """Write one record behind the last; it counts only after `sync`. Raises OSError, and then nothing counts of it."""
        if self._end >= SEGMENT_BYTES and self._end == self._synced:
            self._turn(self._number + 1)
        header = b"%b%b %d\n" % (_MAGIC, digest.encode(), len(data))
        place = Place(self._number, self._end + len(header), len(data))
        _write_at(self._opened(), header + data + b"\n", self._end)
        self._end = place.end
        return place

    def mark(self) -> tuple[int, int]:
        """The present end, for `rewind`."""
        return self._number, self._end

    def rewind(self, mark: tuple[int, int]) -> None:
        """Forget what has been appended since `mark`, synced or not. Raises OSError."""
        number, end = mark
        # A segment begun since the mark had nothing before it: it stays, empty.
        self._end = end if number == self._number else 0
        self._synced = min(self._synced, self._end)
        if self._fd is not None and os.fstat(self._fd).st_size > self._end:
            os.ftruncate(self._fd, self._end)

    def sync(self) -> None:
        """Make everything appended durable, in one call. Raises OSError."""
        if self._end != self._synced:
            os.fdatasync(self._opened())
            self._synced = self._end

    def close(self) -> None:
        """Close the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _turn(self, number: int) -> None:
        self.close()
        self._number, self._end, self._synced = number, 0, 0

    def _opened(self) -> int:
        if self._fd is None:
            path = segment_path(self._folder, self._number)
            new = not path.exists()
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            if new:
                sync_folder(self._folder)
        return self._fd


def segment_path(folder: Path, number: int) -> Path:
    """The file of segment `number`."""
    return folder / f"{number:06d}.seg"


def known(db: sqlite3.Connection, digest: str) -> bool:
    """Whether the bytes with this hash are kept already."""
    return db.execute("SELECT 1 FROM revisions WHERE hash = ?", (digest,)).fetchone() is not None


def index(db: sqlite3.Connection, digest: str, place: Place, at: int) -> None:
    """Note in the index where the bytes with this hash lie."""
    db.execute("INSERT OR REPLACE INTO revisions (hash, segment, offset, size, at) VALUES (?, ?, ?, ?, ?)", (digest, *place, at))


def read(folder: Path, digest: str, place: Place | None) -> bytes:
    """The exact bytes with this hash, read at `place` and checked. Raises RevisionDamaged when they are not there or not those."""
    if place is None:
        raise RevisionDamaged(
            f"この版（{digest[:12]}…）の原文は保存されていません。下書きを入れ直してください。",
            f"The bytes of this revision ({digest[:12]}…) are not kept. Drop the draft again.",
        )
    path = segment_path(folder, place.segment)
    try:
        data = _read_at(path, place)
    except OSError as error:
        raise _damaged(digest, path, str(error)) from error
    if sha256(data).hexdigest() != digest:
        raise _damaged(digest, path, "sha256")
    return data


def open_segments(folder: Path, db: sqlite3.Connection, at: int) -> tuple[Segments, list[Notice]]:
    """Find the end of what is kept, so that writing can go on behind it, and mend what a crash left there.

    Reads only behind the last indexed record: normally nothing. Whole records found there (their commit was lost, or the index was)
    are indexed at `at`; what is torn behind the last whole one was never acknowledged and is cut off. Raises OSError, sqlite3.Error.
    """
    row = db.execute("SELECT segment, offset, size FROM revisions ORDER BY segment DESC, offset DESC LIMIT 1").fetchone()
    number, end = (row["segment"], Place(*row).end) if row else (1, 0)
    notices: list[Notice] = []
    present = _present(folder)
    if end and number not in present:
        notices.append(_lost(segment_path(folder, number)))
        number, end = number + 1, 0
    for segment in [n for n in present if n >= number]:
        path = segment_path(folder, segment)
        start = end if segment == number else 0
        if path.stat().st_size < start:
            # The index points behind the end of the file: never write at an offset that another record claims.
            notices.append(_lost(path))
            number, end = segment + 1, 0
            continue
        number, end = segment, _mend_tail(db, path, segment, start, at, notices)
    return Segments(folder, number, end), notices


def rebuild_index(folder: Path, db: sqlite3.Connection, at: int) -> int:
    """Index every whole record of every segment, as if the index had been lost; returns how many there are. Reads everything:
    a repair, not a habit. Raises OSError, sqlite3.Error."""
    count = 0
    for number in _present(folder):
        for digest, place in scan(segment_path(folder, number).read_bytes(), number, 0):
            index(db, digest, place, at)
            count += 1
    return count


def scan(data: bytes, segment: int, start: int) -> Iterator[tuple[str, Place]]:
    """Every whole record in the bytes of a segment from `start` on, hash checked; steps over damage to the next whole one."""
    position = start
    while (position := data.find(_MAGIC, position)) >= 0:
        header = _HEADER.match(data, position)
        place = Place(segment, header.end(), int(header[2])) if header else None
        if header and place and _is_whole(data, place, header[1]):
            yield header[1].decode(), place
            position = place.end
        else:
            position += 1


def _is_whole(data: bytes, place: Place, digest: bytes) -> bool:
    body = memoryview(data)[place.offset : place.offset + place.size]
    return data[place.end - 1 : place.end] == b"\n" and sha256(body).hexdigest().encode() == digest


def _mend_tail(db: sqlite3.Connection, path: Path, segment: int, start: int, at: int, notices: list[Notice]) -> int:
    """Index the whole records behind `start`, cut off what is torn behind the last; returns the end of the segment."""
    size = path.stat().st_size
    if size == start:
        return start
    with path.open("rb") as file:
        file.seek(start)
        found = [(digest, Place(segment, place.offset + start, place.size)) for digest, place in scan(file.read(), segment, 0)]
    db.execute("BEGIN IMMEDIATE")
    for digest, place in found:
        index(db, digest, place, at)
    db.execute("COMMIT")
    end = found[-1][1].end if found else start
    if end < size:
        with path.open("r+b") as file:
            file.truncate(end)
            os.fsync(file.fileno())
        notices.append(
            Notice(
                f"書きかけの記録を切り取りました（{path.name}、{size - end} バイト）。受付の済んだものは失われていません。",
                f"A record that was being written was cut off ({path.name}, {size - end} bytes). Nothing acknowledged is lost.",
            )
        )
    return end


def _present(folder: Path) -> list[int]:
    return sorted(int(match[1]) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name)))


def _lost(path: Path) -> Notice:
    return Notice(
        f"{path} が索引より短いか、ありません。該当する版は開くときに「損傷」と表示します。控えから戻してください。",
        f"{path} is shorter than its index says, or missing. The revisions concerned are reported when opened. Restore a backup.",
    )


def _damaged(digest: str, path: Path, cause: str) -> RevisionDamaged:
    return RevisionDamaged(
        f"この版（{digest[:12]}…）の原文が損傷しています（{path}: {cause}）。発信せず、控えから戻すか下書きを入れ直してください。",
        f"The bytes of this revision ({digest[:12]}…) are damaged ({path}: {cause}). Do not release it: restore a backup or drop "
        "the draft again.",
    )


def _write_at(fd: int, block: bytes, offset: int) -> None:
    view = memoryview(block)
    while view:
        written = os.pwrite(fd, view, offset)
        view, offset = view[written:], offset + written


def _read_at(path: Path, place: Place) -> bytes:
    with path.open("rb") as file:
        file.seek(place.offset)
        return file.read(place.size)
