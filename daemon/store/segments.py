"""The append-only segment files under `revisions/`: the exact bytes of every revision, and every entry of the record.

Three kinds of block, each a header line that a person can read with `less`:

    kohoban-revision <sha256> <size>          then the bytes and a newline
    kohoban-entry <seq> <hash> <size>         then the entry's canonical bytes (daemon/store/audit.py) and a newline
    kohoban-cut <seq> <hash>                  the entries above <seq> before this line were never committed: a crash came between

With them alone, `sha256sum` and no program of ours, the revisions and the record can be read again when the database is lost.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from daemon.store.database import sync_folder

FOLDER = "revisions"
SEGMENT_BYTES = 64 << 20

_NAME = re.compile(r"(\d{6})\.seg")
_MAGIC = b"kohoban-"
_HEADER = re.compile(
    rb"kohoban-(?:revision ([0-9a-f]{64}) (\d{1,15})|entry (\d{1,18}) ([0-9a-f]{64}) (\d{1,15})|cut (\d{1,18}) ([0-9a-f]{64}))\n"
)


class Place(NamedTuple):
    """Where the bytes of a block begin: segment number, offset of the first byte, how many bytes."""

    segment: int
    offset: int
    size: int

    @property
    def end(self) -> int:
        """The offset behind the block (its bytes and the newline)."""
        return self.offset + self.size + 1


class Revision(NamedTuple):
    """A whole revision: its bytes have the sha256 `digest`."""

    digest: str
    place: Place

    @property
    def end(self) -> int:
        """The offset behind the block."""
        return self.place.end


class Entry(NamedTuple):
    """A whole entry of the record: its bytes, behind the hash that they name as the previous one, have the sha256 `digest`."""

    seq: int
    digest: str
    place: Place

    @property
    def end(self) -> int:
        """The offset behind the block."""
        return self.place.end


class Cut(NamedTuple):
    """The entries above `seq` that stand before this line were not committed; the record went on from `seq` (its hash: `digest`)."""

    seq: int
    digest: str
    place: Place

    @property
    def end(self) -> int:
        """The offset behind the line."""
        return self.place.end


class Gap(NamedTuple):
    """Bytes that are no whole block: damage, or at the end of the last segment what a crash tore."""

    place: Place

    @property
    def end(self) -> int:
        """The offset behind the damage."""
        return self.place.offset + self.place.size


Block = Revision | Entry | Cut | Gap


class Segments:
    """The segment that grows. Used by the writer thread alone: `append` what a batch keeps; before its commit either `sync`, or `flush`
    and let the commit carry the bytes (`since`).

    Entries wait in memory until a revision or the flush takes them along: one write for a batch, not one for an entry.
    """

    def __init__(self, folder: Path, number: int, end: int) -> None:
        self._folder = folder
        self._number = number
        self._end = end
        self._synced = end
        self._unsynced = bytearray()  # the bytes from `_synced` to `_end`
        self._pending = 0  # so many of them, the last, are not yet written
        self._fd: int | None = None

    def append(self, digest: str, data: bytes) -> Place:
        """Write one revision behind the last block; it counts only after `sync`, or once its bytes are carried. Raises OSError, and then nothing counts of it."""
        return self.append_all({digest: data})[0]

    def append_all(self, revisions: Mapping[str, bytes]) -> list[Place]:
        """Write several revisions, by their sha256, in one go; as `append`."""
        self._turn_when_full()
        places: list[Place] = []
        blocks: list[bytes] = []
        end = self._end
        for digest, data in revisions.items():
            header = b"kohoban-revision %b %d\n" % (digest.encode(), len(data))
            places.append(place := Place(self._number, end + len(header), len(data)))
            blocks += (header, data, b"\n")
            end = place.end
        before = self._end
        self._add(b"".join(blocks))
        try:
            self.flush()
        except OSError:
            self._drop(before)
            raise
        return places

    def append_entry(self, seq: int, digest: str, record: bytes) -> None:
        """Add the copy of an entry; it is written with the next `flush`."""
        self._turn_when_full()
        self._add(entry_block(seq, digest, record))

    def append_cut(self, seq: int, digest: str) -> None:
        """Say that the entries above `seq` that stand here were not committed; written with the next `flush`."""
        self._add(b"kohoban-cut %d %b\n" % (seq, digest.encode()))

    def mark(self) -> tuple[int, int]:
        """The present end: segment number and offset, for `rewind`."""
        return self._number, self._end

    def rewind(self, mark: tuple[int, int]) -> None:
        """Forget what has been appended since `mark`, synced or not. Raises OSError."""
        number, end = mark
        # A segment begun since the mark had nothing before it: it stays, empty.
        self._drop(end if number == self._number else 0)
        written = self._end - self._pending
        if self._fd is not None and os.fstat(self._fd).st_size > written:
            os.ftruncate(self._fd, written)

    def since(self, mark: tuple[int, int]) -> tuple[int, int, bytes]:
        """What has been appended since `mark`, which is not older than the last sync: segment, offset, bytes."""
        begin = mark[1] if mark[0] == self._number else 0
        return self._number, begin, bytes(self._unsynced[begin - self._synced :])

    @property
    def unsynced(self) -> int:
        """How many bytes have been appended since the last sync."""
        return self._end - self._synced

    @property
    def full(self) -> bool:
        """Whether the next batch is to begin a new segment, for which everything has to be synced."""
        return self._end >= SEGMENT_BYTES

    def flush(self) -> None:
        """Hand everything appended to the kernel: it is in the file, and lost only with the power. Raises OSError."""
        if not self._pending:
            return
        view, offset = memoryview(self._unsynced)[len(self._unsynced) - self._pending :], self._end - self._pending
        with view:
            fd = self._opened()
            done = 0
            while done < len(view):
                done += os.pwrite(fd, view[done:], offset + done)
        self._pending = 0

    def sync(self) -> bool:
        """Make everything appended durable, in one call; returns whether there was anything. Raises OSError."""
        if self._end == self._synced:
            return False
        self.flush()
        os.fdatasync(self._opened())
        self._synced = self._end
        self._unsynced.clear()
        return True

    def close(self) -> None:
        """Close the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _add(self, block: bytes) -> None:
        self._unsynced += block
        self._pending += len(block)
        self._end += len(block)

    def _drop(self, end: int) -> None:
        """Forget, here, what stands behind `end`."""
        gone = self._end - end
        self._pending = max(0, self._pending - gone)
        self._end = end
        self._synced = min(self._synced, end)
        del self._unsynced[end - self._synced :]

    def _turn_when_full(self) -> None:
        """Go on in a new segment, never within a batch: what is unsynced lies in one file."""
        if self._end >= SEGMENT_BYTES and self._end == self._synced:
            self.close()
            self._number, self._end, self._synced = self._number + 1, 0, 0

    def _opened(self) -> int:
        if self._fd is None:
            path = segment_path(self._folder, self._number)
            new = not path.exists()
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            if new:
                sync_folder(self._folder)
        return self._fd


def entry_block(seq: int, digest: str, record: bytes) -> bytes:
    """An entry of the record as it stands in a segment."""
    return b"kohoban-entry %d %b %d\n%b\n" % (seq, digest.encode(), len(record), record)


def segment_path(folder: Path, number: int) -> Path:
    """The file of segment `number`."""
    return folder / f"{number:06d}.seg"


def segment_numbers(folder: Path) -> list[int]:
    """The segments that are there, in order. Raises OSError."""
    return sorted(int(match[1]) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name)))


def read_segments(folder: Path, until: tuple[int, int] | None = None) -> Iterator[tuple[Block, bytes]]:
    """Everything that the segments of a folder hold, in the order of its writing, each block with its bytes (none for a Cut).

    Hashes are checked; what is torn or damaged comes as a Gap, and reading goes on at the next whole block. `until` (segment,
    offset) ends the reading there. One segment at a time is in memory (64 MiB and a batch). Raises OSError.
    """
    for number, data in whole_segments(folder, until):
        for block in scan(data, number):
            place = block.place
            yield block, data[place.offset : place.offset + place.size]


def whole_segments(folder: Path, until: tuple[int, int] | None = None) -> Iterator[tuple[int, bytes]]:
    """Each segment of a folder with all its bytes, up to `until` (segment, offset). Raises OSError."""
    for number in segment_numbers(folder):
        if until is not None and number > until[0]:
            return
        with segment_path(folder, number).open("rb") as file:
            yield number, file.read(until[1] if until is not None and number == until[0] else -1)


def scan(data: bytes, segment: int, base: int = 0) -> Iterator[Block]:
    """Every block in `data`, the bytes of a segment from the offset `base` on; hashes are checked, and what is no whole block comes
    as a Gap."""
    position = 0
    while position < len(data):
        block = block_at(data, position, segment, base)
        yield block
        position = block.end - base


def block_at(data: bytes, position: int, segment: int, base: int = 0) -> Block:
    """The whole block that begins at `position` of `data`; or, where there is none, the Gap up to the next."""
    begin = position
    while (block := _whole_at(data, position, segment, base)) is None:
        found = data.find(_MAGIC, position + 1)
        position = found if found >= 0 else len(data)
        if position == len(data):
            break
    if block is None or position > begin:
        return Gap(Place(segment, base + begin, position - begin))
    return block


def _whole_at(data: bytes, position: int, segment: int, base: int) -> Revision | Entry | Cut | None:
    header = _HEADER.match(data, position)
    if header is None:
        return None
    revision, size, seq, entry, entry_size, cut, cut_hash = header.groups()
    begin = header.end()
    if cut is not None:
        return Cut(int(cut), cut_hash.decode(), Place(segment, base + begin - 1, 0))
    end = begin + int(size or entry_size)
    if data[end : end + 1] != b"\n":
        return None
    body, place = data[begin:end], Place(segment, base + begin, end - begin)
    if revision is not None:
        digest = sha256(body).hexdigest()
        return Revision(digest, place) if digest.encode() == revision else None
    digest = sha256((_previous(body, seq) or b"") + body).hexdigest()
    return Entry(int(seq), digest, place) if digest.encode() == entry else None


def _previous(record: bytes, seq: bytes) -> bytes | None:
    """The hash before an entry, from the end of its canonical bytes: `…,"prev":"<64 hex digits>","seq":<seq>}`; None where it is not
    the entry `seq`."""
    tail = b'","seq":%b}' % seq
    return record[: -len(tail)][-64:] if record.endswith(tail) else None
