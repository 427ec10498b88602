"""A backup (控え) of the store, taken while it is in use or at rest: one tar file, whole under its name or not there at all.

The database is copied by VACUUM INTO over a connection that only reads: it sees one moment, and every page of it is walked. Where the copy is
to be kept (for an upgrade, which is waited for), it is copied page by page, in a third of the time, and walked while it is written to the backup. What grows
meanwhile (segments, anchor) is taken only as far as that moment reaches. The disk is shared with a daemon at work: what is written is
forced out in small pieces, because a commit of the daemon waits for everything that lies before it in the disk's own queue.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sqlite3
import tarfile
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

from daemon.store import database
from daemon.store.anchor import ANCHOR
from daemon.store.audit import GENESIS
from daemon.store.database import DATABASE
from daemon.store.faults import StoreFull, StoreUnfit, damaged, told
from daemon.store.manifest import FIRST, FORMAT, MANIFEST, SEAL, Manifest, Member
from daemon.store.moments import from_db, now
from daemon.store.renaming import name_new
from daemon.store.revisions import noted_end
from daemon.store.segments import FOLDER, segment_numbers, segment_path

Progress = Callable[[str, int, int], None]
"""Told what is being done (`snapshot`, `copy`), and how many bytes of how many are done."""

_PIECE = 1 << 20
_FORCED = 8 << 20
"""Bytes written before they are forced to the disk."""
_AHEAD = 16
"""Pieces that may be read before they are written."""
_FORCE_EVERY = 0.1
"""Seconds between two forcings of a snapshot that SQLite writes."""
_SPARE = 16 << 20
"""Room beyond the backup's own that must be left on its disk."""


class Made(NamedTuple):
    """A finished backup: its size in bytes, and the last entry of the record in it."""

    size: int
    seq: int
    head: str


def make(
    store: Path,
    to: Path,
    more: Iterable[tuple[str, Path]],
    *,
    office: str,
    program: str,
    tell: Progress,
    keep: Path | None = None,
) -> Made:
    """Back up the store in the folder `store` and the files `more` (name in the backup, path) into the new file `to`, mode 0600. `keep`: the
    copy of the database, which is in the backup by then, page by page as the original was, is left under this new name, on the same disk,
    instead of being deleted.

    Raises StoreFull where there is no room, StoreUnfit where `to` is there already, StoreError where something cannot be read or
    written. Then nothing of it is left.
    """
    if os.path.lexists(to):
        raise _taken(to)
    with told(str(to), writing=True):
        _ask_for_room(store, to)
        work = Path(tempfile.mkdtemp(prefix=f".{to.name}.", suffix=".part", dir=to.parent))
    try:
        with told(str(to), writing=True):
            # Before the database: what the anchor names then is in the database now.
            anchor = _read_if_there(store / ANCHOR)
            (_snapshot if keep is None else _page_by_page)(store / DATABASE, work / DATABASE, tell)
            with nullcontext() if keep is None else _walked(work / DATABASE, store / DATABASE):
                made = _write(work, _parts(store, work, anchor, more), office, program, tell)
            name_new(work / "backup.tar", to)
            database.sync_folder(to.parent)
            if keep is not None:
                name_new(work / DATABASE, keep)
    except FileExistsError:
        raise _taken(to) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return made


def size_of(store: Path) -> int:
    """Bytes that a backup of this store takes at most, without the rules. Raises OSError."""
    return sum(path.stat().st_size for path in (store / DATABASE, *(store / FOLDER).glob("*.seg")))


def _ask_for_room(store: Path, to: Path) -> None:
    """The snapshot lies beside the tar file until it is in it."""
    needed = size_of(store) + (store / DATABASE).stat().st_size + _SPARE
    free = shutil.disk_usage(to.parent).free
    if free < needed:
        raise StoreFull(
            f"控えを置く場所に空きが足りません（{to.parent}: 要る {needed >> 20} MiB、空き {free >> 20} MiB）。別の場所を指定してください。",
            f"Not enough room for the backup ({to.parent}: {needed >> 20} MiB needed, {free >> 20} MiB free). Name another place.",
        )


def _taken(to: Path) -> StoreUnfit:
    return StoreUnfit(
        f"{to} はもうあります。控えは上書きしません。別の名前を指定してください。",
        f"{to} is there already, and a backup never overwrites. Give another name.",
    )


def _snapshot(source: Path, to: Path, tell: Progress) -> None:
    """The database as it is at this moment, copied page by page into a new file. Raises sqlite3.Error."""
    whole = source.stat().st_size
    # No locks on the copy: nobody else knows it, and a share may have none.
    copy = f"{to.absolute().as_uri()}?vfs=unix-none"
    with closing(sqlite3.connect(database.reader_uri(source), uri=True, isolation_level=None)) as db:
        db.executescript("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA busy_timeout = 5000;")
        with _forced_out(to, lambda: tell("snapshot", min(_size(to), whole), whole)):
            db.execute("VACUUM INTO ?", (copy,))


def _page_by_page(source: Path, to: Path, tell: Progress) -> None:
    """The same, every page where it was: a block of the copy differs from the original's only where that has been written since. Raises
    sqlite3.Error."""
    whole = source.stat().st_size
    with closing(sqlite3.connect(database.reader_uri(source), uri=True, isolation_level=None)) as db:
        db.executescript("PRAGMA busy_timeout = 5000; PRAGMA mmap_size = 0;")
        with closing(sqlite3.connect(f"{to.absolute().as_uri()}?vfs=unix-none", uri=True, isolation_level=None)) as copy:
            copy.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;")
            with _forced_out(to, lambda: tell("snapshot", min(_size(to), whole), whole)):
                db.backup(copy, pages=-1)  # in one step, which sees one moment
    with closing(sqlite3.connect(to, isolation_level=None)) as copy:
        copy.executescript("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE;")  # one file, as it is of a VACUUM


@contextmanager
def _walked(copy: Path, original: Path) -> Iterator[None]:
    """While this lasts, walk every page of the copy in a thread; at the end raises StoreDamaged where one of them is not what it should be."""

    def walk() -> str:
        with closing(database.open_reader(copy)) as db:
            return str(db.execute("PRAGMA quick_check(1)").fetchone()[0])

    with ThreadPoolExecutor(1, "walk") as one:
        walking = one.submit(walk)
        yield
        if (found := walking.result()) != "ok":
            raise damaged(str(original), sqlite3.DatabaseError(found))


@contextmanager
def _forced_out(path: Path, tell: Callable[[], None]) -> Iterator[None]:
    """While this lasts, what is written to `path` by others is forced to the disk every moment."""
    ended = threading.Event()

    def force() -> None:
        while not ended.wait(_FORCE_EVERY):
            if path.exists():
                with path.open("rb") as file:
                    os.fdatasync(file.fileno())
            tell()

    thread = threading.Thread(target=force, name="force-out", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class _Part(NamedTuple):
    """A member of the backup: its name, and its bytes, in a file (so many of them) or at hand."""

    name: str
    source: Path | bytes
    size: int


def _parts(store: Path, work: Path, anchor: bytes, more: Iterable[tuple[str, Path]]) -> Iterator[_Part]:
    with closing(database.open_reader(work / DATABASE)) as db:
        last, end = noted_end(db)
    yield _Part(DATABASE, work / DATABASE, _size(work / DATABASE))
    for number in (n for n in segment_numbers(store / FOLDER) if n <= last):
        path = segment_path(store / FOLDER, number)
        yield _Part(f"{FOLDER}/{path.name}", path, end if number == last else _size(path))
    yield _Part(ANCHOR, anchor, len(anchor))
    for name, path in more:
        data = path.read_bytes()  # small, and may be edited at any moment
        yield _Part(name, data, len(data))


def _write(work: Path, parts: Iterable[_Part], office: str, program: str, tell: Progress) -> Made:
    """Write the tar file with its manifest, durably."""
    everything = list(parts)
    whole, done = sum(part.size for part in everything), 0
    about = _about(work / DATABASE, office, program)
    members = {}
    with new_file(work / "backup.tar") as raw:
        with (
            _Forcing(raw) as forced,
            tarfile.TarFile(fileobj=forced, mode="w", format=tarfile.PAX_FORMAT, copybufsize=_PIECE) as tar,
        ):
            first = f"広報番の控えです（{office}、{about.made}）。戻すには: kohoban restore このファイル\nA backup of Kohoban.\n".encode()
            members[FIRST] = _add(tar, _Part(FIRST, first, len(first)))
            for part in everything:
                members[part.name] = _add(tar, part, partial(_further, tell, done, whole))
                done += part.size
            manifest = msgspec.json.format(msgspec.json.encode(msgspec.structs.replace(about, members=members)))
            _add(tar, _Part(MANIFEST, manifest, len(manifest)))
            seal = f"{hashlib.sha256(manifest).hexdigest()}  {MANIFEST}\n".encode()
            _add(tar, _Part(SEAL, seal, len(seal)))
        raw.flush()
        os.fsync(raw.fileno())
        return Made(raw.tell(), about.seq, about.head)


def _further(tell: Progress, before: int, whole: int, more: int) -> None:
    tell("copy", before + more, whole)


def _about(snapshot: Path, office: str, program: str) -> Manifest:
    with closing(database.open_reader(snapshot)) as db:
        schema = db.execute("PRAGMA user_version").fetchone()[0]
        last = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    seq, head = (last["seq"], last["hash"]) if last else (0, GENESIS)
    made = from_db(now()).isoformat(timespec="seconds")
    return Manifest(format=FORMAT, program=program, office=office, made=made, schema=schema, seq=seq, head=head, members={})


def _add(tar: tarfile.TarFile, part: _Part, tell: Callable[[int], None] = lambda _: None) -> Member:
    info = tarfile.TarInfo(part.name)
    info.size, info.mode, info.mtime = part.size, 0o600, now() // 1_000_000
    with io.BytesIO(part.source) if isinstance(part.source, bytes) else part.source.open("rb") as source:
        reading = _Hashing(source, part.size, tell)
        tar.addfile(info, reading)
    return Member(part.size, reading.digest.hexdigest())


class _Hashing(io.RawIOBase):
    """Reads the first `size` bytes of a file, which may grow behind them, and hashes what is read."""

    def __init__(self, source: IO[bytes], size: int, tell: Callable[[int], None]) -> None:
        self._source, self._left, self._size, self._tell = source, size, size, tell
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._source.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        self.digest.update(data)
        self._tell(self._size - self._left)
        return data


class _Forcing(io.RawIOBase):
    """Writes to a file, in a thread of its own while the next piece is read and hashed, and forces it to the disk every few MiB; what is on
    the disk need not stay in memory, where the office's is."""

    def __init__(self, file: io.BufferedWriter) -> None:
        self._file, self._waiting, self._end = file, 0, file.tell()
        self._thread = ThreadPoolExecutor(1, "write")
        self._ahead: deque[Future[None]] = deque()

    def write(self, data: Any) -> int:
        """Have all of it written. Raises what an earlier piece met with."""
        piece = bytes(data)
        while len(self._ahead) >= _AHEAD:
            self._ahead.popleft().result()
        self._ahead.append(self._thread.submit(self._write, piece))
        self._end += len(piece)
        return len(piece)

    def tell(self) -> int:
        """Where the next byte goes."""
        return self._end

    def close(self) -> None:
        """See all of it written; the file stays open. Raises what any piece met with."""
        try:
            while self._ahead:
                self._ahead.popleft().result()
        finally:
            self._ahead.clear()
            self._thread.shutdown(cancel_futures=True)
            super().close()

    def _write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._waiting += len(piece)
        if self._waiting >= _FORCED:
            self._file.flush()
            os.fdatasync(self._file.fileno())
            os.posix_fadvise(self._file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            self._waiting = 0


def new_file(path: Path) -> io.BufferedWriter:
    """A new file to write, for its owner alone. Raises FileExistsError, OSError."""
    return io.BufferedWriter(
        io.FileIO(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "wb")
    )


def _read_if_there(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
