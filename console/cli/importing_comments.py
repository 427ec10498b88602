"""`kohoban comments import FILE`: an export of a platform, put whole into the office's folder, and what the daemon made of it.

The file is copied without a name and gets one when it is complete, so that nobody reads half of it and nothing is left of it where the
command is ended on its way. What was read already is known by its hash, and not read again.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from console.cli.bench_words import at
from console.cli.command import Session, argument, command, option, text
from console.cli.link import Link
from console.cli.outcome import FINE, WRONG, Failure, system_words
from console.cli.place import office_here
from console.cli.terminal import SCHEMA, clean, err, fields, name_of, out, out_json
from console.words import choose
from daemon.wire import Myself, Status, StatusAnswer, WhoAmI
from daemon.wire.bench import ImportList, Imports, ImportSeen

FOLDER = "comments"
ENDINGS = (".jsonl", ".csv")
LOOKS = 0.2
"""Seconds between two looks at how far the daemon is."""
PATIENCE = 700.0
"""Seconds to wait; the daemon itself gives up after 600."""
_PIECE = 1 << 20
_NAMED = 10
"""Broken lines that are named."""


@command("comments import", argument("FILE"), option("--account", key="import_account", metavar="ID"))
def import_comments(session: Session, file: str, account: str | None) -> int:
    """取込み."""
    path, office = Path(file), office_here(session.office)
    with _opened(path) as fd, session.link() as link:
        digest = _digest(fd, path)
        name = _account(link, path, office / FOLDER, account)
        if (before := _read_before(link, digest, name)) is not None:
            return _say(session, before, path, again=True, stays=True)
        lies_there = _in_place(path, office / FOLDER / name)
        place = path if lies_there else _put(fd, path, office / FOLDER / name, digest)
        try:
            seen = _followed(link, digest, name, place)
        except _NotTaken as refused:
            # The copy is ours, and full of what citizens wrote; the file that it was made of is still there.
            if not lies_there:
                place.unlink(missing_ok=True)
            raise Failure(WRONG, text("taking_in.refused", why=str(refused), file=name_of(str(path)))) from None
    return _say(session, seen, path, again=False, stays=not lies_there)


class _NotTaken(Exception):
    """The daemon has looked at the file and cannot take it; in its own words."""


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """The file, which has to be a regular one with an ending that the daemon reads. Raises Failure."""
    if not path.name.casefold().endswith(ENDINGS):
        raise Failure(WRONG, text("taking_in.ending", file=name_of(str(path)), known=" ".join(ENDINGS)))
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _cannot(path, error) from None
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise Failure(WRONG, text("taking_in.no_file", file=name_of(str(path))))
        yield fd
    finally:
        os.close(fd)


def _cannot(path: Path, error: OSError) -> Failure:
    return Failure(WRONG, text("taking_in.cannot", file=name_of(str(path)), why=system_words(error)))


def _digest(fd: int, path: Path) -> str:
    try:
        with os.fdopen(os.dup(fd), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _cannot(path, error) from None


def _account(link: Link, path: Path, folder: Path, named: str | None) -> str:
    """Whose comments these are: as said, by the folder in which the file lies, or the only account that one serves. Raises Failure."""
    known = [account.id for account in link.ask(Status(), StatusAnswer).accounts]
    if named is None:
        with suppress(ValueError, OSError):
            named = path.resolve().relative_to(folder.resolve()).parts[0]
    if named is None or named not in known:
        served = [each.account for each in link.ask(WhoAmI(), Myself).accounts]
        if named is not None:
            raise Failure(WRONG, text("taking_in.no_account", account=clean(named), known=" ".join(served or known)))
        if len(served) != 1:
            raise Failure(WRONG, text("taking_in.which", known=" ".join(served or known)))
        (named,) = served
    return named


def _in_place(path: Path, folder: Path) -> bool:
    """Whether it lies already where the daemon reads it."""
    return path.parent.resolve() == folder.resolve() and not path.name.startswith((".", "~", "_")) and not path.is_symlink()


def _put(fd: int, path: Path, folder: Path, digest: str) -> Path:
    """A whole copy in the folder of the account; returns where. Raises Failure, and leaves nothing."""
    place = folder / f"import-{digest[:16]}{path.suffix.casefold()}"
    try:
        folder.mkdir(mode=0o770, parents=True, exist_ok=True)
        at_folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _cannot(folder, error) from None
    try:
        with _nameless(folder, at_folder) as (copy, name):
            if _copied(fd, copy) != digest:
                raise Failure(WRONG, text("taking_in.changed", file=name_of(str(path))))
            # The daemon may be another login: it reads by the folder's group, and nobody else does.
            with suppress(PermissionError):
                os.fchown(copy, -1, os.fstat(at_folder).st_gid)
            os.fchmod(copy, 0o640)
            os.fsync(copy)
            _name_it(copy, name, place.name, at_folder)
        os.fsync(at_folder)
    except OSError as error:
        raise _cannot(folder, error) from None
    finally:
        os.close(at_folder)
    return place


def _name_it(copy: int, name: str, final: str, at_folder: int) -> None:
    """Give the whole copy its name. Raises OSError."""
    if name:
        os.rename(name, final, src_dir_fd=at_folder, dst_dir_fd=at_folder)
        return
    with suppress(FileExistsError):  # the same bytes under the same name: somebody else has just put them there
        os.link(f"/proc/self/fd/{copy}", final, src_dir_fd=at_folder, dst_dir_fd=at_folder, follow_symlinks=True)


@contextmanager
def _nameless(folder: Path, at_folder: int) -> Iterator[tuple[int, str]]:
    """A file that has no name yet and is gone with this process; on a file system that knows none, one with a hidden name, which is
    returned beside it and removed in any case."""
    name = ""
    try:
        copy = os.open(folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT):
            raise
        name = f".import-{os.urandom(8).hex()}"
        copy = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=at_folder)
    try:
        yield copy, name
    finally:
        os.close(copy)
        if name:
            with suppress(OSError):
                os.unlink(name, dir_fd=at_folder)


def _copied(fd: int, copy: int) -> str:
    """Copy the whole file; the hash of what was written. Raises OSError."""
    digest = hashlib.sha256()
    os.lseek(fd, 0, os.SEEK_SET)
    while piece := os.read(fd, _PIECE):
        digest.update(piece)
        view = memoryview(piece)
        while view:
            view = view[os.write(copy, view) :]
    return digest.hexdigest()


def _read_before(link: Link, digest: str, account: str) -> ImportSeen | None:
    found = link.ask(Imports(hash=digest), ImportList).imports
    return next((each for each in found if each.done and each.account == account), None)


def _followed(link: Link, digest: str, account: str, place: Path) -> ImportSeen:
    """What came of it, as soon as it has. Raises _NotTaken where the daemon cannot take it; Failure where it does not come to that."""
    end, live, vanished, told = time.monotonic() + PATIENCE, sys.stderr.isatty(), 0, 0
    while time.monotonic() < end:
        found = link.ask(Imports(hash=digest), ImportList).imports
        if (done := next((each for each in found if each.done and each.account == account), None)) is not None:
            return done
        going = next((each for each in found if not each.done), None)
        if going is not None and live and going.lines != told:
            err(text("taking_in.lines_so_far", lines=f"{going.lines:,}"))
            told = going.lines
        if going is None:
            _look_for_trouble(link, place)
            vanished = 0 if place.exists() else vanished + 1
            if vanished > 3:
                raise Failure(WRONG, text("taking_in.vanished", file=name_of(str(place))))
        time.sleep(LOOKS)
    raise Failure(WRONG, text("taking_in.not_yet", file=name_of(str(place))))


def _look_for_trouble(link: Link, place: Path) -> None:
    """Raises _NotTaken where the daemon has left the file as it is, and says so."""
    status = link.ask(Status(), StatusAnswer)
    for ja, en in zip(status.alarms, status.alarms_en, strict=False):
        if place.name in ja:
            raise _NotTaken(clean(choose(ja, en)))


def _say(session: Session, seen: ImportSeen, path: Path, *, again: bool, stays: bool) -> int:
    """The numbers, and the first lines that were broken or read in part."""
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(seen), "again": again})
        return FINE
    if again:
        out(text("taking_in.again", at=at(seen.at), by=clean(seen.by)))
    numbers = {name: getattr(seen, name) for name in ("lines", "kept", "clean", "known", "broken")}
    for line in fields({text(f"taking_in.{name}"): f"{number:>9,}" for name, number in numbers.items()}):
        out(line)
    for number, why, why_en in seen.problems[:_NAMED]:
        out("  " + text("taking_in.broken_line", line=number, why=clean(choose(why, why_en))))
    if (more := max(seen.broken, len(seen.problems)) - min(len(seen.problems), _NAMED)) > 0:
        out("  " + text("taking_in.more_broken", count=more))
    if stays:
        err(text("taking_in.original", file=name_of(str(path))))
    if seen.kept and not again:
        err(text("taking_in.next", account=clean(seen.account)))
    return FINE
