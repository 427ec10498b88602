"""The index of the revisions: where in the segments (daemon/store/segments.py) the exact bytes of each lie.

The table `revisions` can be made again from the segments. What is read is checked against its hash, every time.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from daemon.store.database import sync_folder
from daemon.store.faults import Notice, RevisionDamaged
from daemon.store.segments import Entry, Gap, Place, Revision, Segments, read_segments, scan, segment_numbers, segment_path


def known(db: sqlite3.Connection, digests: Collection[str]) -> set[str]:
    """Those of these hashes whose bytes are kept already."""
    rows = db.execute(f"SELECT hash FROM revisions WHERE hash IN ({','.join('?' * len(digests))})", tuple(digests))
    return {row["hash"] for row in rows}


def index(db: sqlite3.Connection, digest: str, place: Place, at: int) -> None:
    """Note in the index where the bytes with this hash lie."""
    index_all(db, [(digest, place)], at)


def index_all(db: sqlite3.Connection, places: Iterable[tuple[str, Place]], at: int) -> None:
    """Note in the index where the bytes with these hashes lie."""
    db.executemany(
        "INSERT OR REPLACE INTO revisions (hash, segment, offset, size, at) VALUES (?, ?, ?, ?, ?)",
        [(digest, *place, at) for digest, place in places],
    )


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


def bytes_of(folder: Path, db: sqlite3.Connection, digest: str) -> bytes:
    """The exact bytes with this hash, looked up in the index. As `read`."""
    row = db.execute("SELECT segment, offset, size FROM revisions WHERE hash = ?", (digest,)).fetchone()
    return read(folder, digest, None if row is None else Place(*row))


def note_end(db: sqlite3.Connection, end: tuple[int, int]) -> None:
    """Note, with the batch, where in the segments its bytes end (segment, offset): behind it nothing was committed."""
    db.execute("UPDATE segment_end SET segment = ?, offset = ?", end)


def noted_end(db: sqlite3.Connection) -> tuple[int, int]:
    """Where in the segments (segment, offset) the last committed batch ends."""
    row = db.execute("SELECT segment, offset FROM segment_end").fetchone()
    return row["segment"], row["offset"]


def carry(db: sqlite3.Connection, segment: int, offset: int, data: bytes) -> None:
    """Let the commit carry bytes that were appended to a segment and are not synced there."""
    db.execute("INSERT INTO segment_carried (segment, offset, data) VALUES (?, ?, ?)", (segment, offset, data))


def carried_are_synced(db: sqlite3.Connection) -> None:
    """What was carried is in the segments for good."""
    db.execute("DELETE FROM segment_carried")


def _write_carried(folder: Path, db: sqlite3.Connection) -> None:
    """Put the bytes that commits have carried where they belong: a power cut may have come before the segment was synced. A segment
    that ends before them has lost more than that, and is left for what follows. Raises OSError."""
    for segment, offset, data in db.execute("SELECT segment, offset, data FROM segment_carried ORDER BY id"):
        path = segment_path(folder, segment)
        if not path.exists():
            if offset:
                continue
            path.touch(mode=0o600)
            sync_folder(folder)
        with path.open("r+b") as file:
            if file.seek(0, os.SEEK_END) < offset:
                continue
            file.seek(offset)
            if file.read(len(data)) != data:
                file.seek(offset)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())


class Opened(NamedTuple):
    """The segments as a start found them."""

    segments: Segments
    notices: list[Notice]
    uncommitted: int
    """How many whole entries of the record stand behind the last commit."""


def open_segments(folder: Path, db: sqlite3.Connection, at: int) -> Opened:
    """Find the end of what is kept, so that writing can go on behind it, and mend what a crash left there.

    Reads only behind the last committed batch: normally nothing. Whole revisions found there (their commit was lost, or the index
    was) are indexed at `at`; what is torn behind the last whole block was never acknowledged and is cut off. Raises OSError,
    sqlite3.Error.
    """
    _write_carried(folder, db)
    number, end = noted_end(db)
    notices: list[Notice] = []
    uncommitted = 0
    present = segment_numbers(folder)
    if end and number not in present:
        notices.append(_lost(segment_path(folder, number)))
        number, end = number + 1, 0
    for segment in [n for n in present if n >= number]:
        path = segment_path(folder, segment)
        start = end if segment == number else 0
        if path.stat().st_size < start:
            # The database points behind the end of the file: never write at an offset that another block claims.
            notices.append(_lost(path))
            number, end = segment + 1, 0
            continue
        number, (end, entries) = segment, _mend_tail(db, path, segment, start, at, notices)
        uncommitted += entries
    return Opened(Segments(folder, number, end), notices, uncommitted)


def rebuild_index(folder: Path, db: sqlite3.Connection, at: int) -> int:
    """Index every whole revision of every segment, as if the index had been lost; returns how many there are. Reads everything:
    a repair, not a habit. Raises OSError, sqlite3.Error."""
    count = 0
    for block, _ in read_segments(folder):
        if isinstance(block, Revision):
            index(db, block.digest, block.place, at)
            count += 1
    return count


def _mend_tail(db: sqlite3.Connection, path: Path, segment: int, start: int, at: int, notices: list[Notice]) -> tuple[int, int]:
    """Index the whole revisions behind `start`, cut off what is torn behind the last whole block; returns the end of the segment
    and how many whole entries stand behind `start`."""
    size = path.stat().st_size
    if size == start:
        return start, 0
    with path.open("rb") as file:
        file.seek(start)
        blocks = list(scan(file.read(), segment, start))
    db.execute("BEGIN IMMEDIATE")
    for block in blocks:
        if isinstance(block, Revision):
            index(db, block.digest, block.place, at)
    db.execute("COMMIT")
    torn = blocks[-1].place if isinstance(blocks[-1], Gap) else None
    if torn is not None:
        with path.open("r+b") as file:
            file.truncate(torn.offset)
            os.fsync(file.fileno())
        notices.append(
            Notice(
                f"書きかけの記録を切り取りました（{path.name}、{torn.size} バイト）。受付の済んだものは失われていません。",
                f"A record that was being written was cut off ({path.name}, {torn.size} bytes). Nothing acknowledged is lost.",
            )
        )
    return torn.offset if torn else size, sum(isinstance(block, Entry) for block in blocks)


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


def _read_at(path: Path, place: Place) -> bytes:
    with path.open("rb") as file:
        file.seek(place.offset)
        return file.read(place.size)
