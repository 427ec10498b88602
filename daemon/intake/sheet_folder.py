"""What lies in a 決裁フォルダ: sheets to be decided, sheets that were moved, reasons beside them. Read without trusting anything of it.

All of it goes by descriptors of the proved folder (`kept_folder`): nothing is followed, nothing waited for, nothing larger than a sheet is
read, and only a plain file of the person or the daemon, with one name, counts.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Literal, NamedTuple

from daemon.intake.encodings import decode
from daemon.intake.kept_folder import Kept, Owners
from daemon.intake.names import TEMPORARY

APPROVE, RETURN = "承認", "差戻し"
INNER = (APPROVE, RETURN)
"""The folders into which a sheet is moved."""

SUFFIX = b".html"
REASON = ".理由.txt".encode()
"""The end of the name of a file that holds the reason of a return."""
REFUSED = ".受け付けません.txt".encode()
"""The end of the name of the file in which it is said why a thing was not taken."""
NOTICE = "_広報番.txt".encode()

LARGEST = 1 << 20
"""Bytes of a sheet at most; a longer file is none of ours and is never read."""
LARGEST_REASON = 8 << 10
MOST = 400
"""Moved things that are looked at in one folder at a time."""
LONGEST_REASON = 500

Wrong = Literal["link", "kind", "links", "owner", "large", "unreadable"]
"""Why a thing is not read: a symbolic link, no plain file, several names, another's, too large, an error."""


class Identity(NamedTuple):
    """What tells a file from another, and from itself after a change."""

    dev: int
    ino: int
    ctime_ns: int
    size: int


class Moved(NamedTuple):
    """A thing that lies in 承認 or 差戻し: where, its name, what it is, and the sha256 of its bytes, or why it was not read."""

    where: str
    name: bytes
    identity: Identity
    digest: str = ""
    wrong: Wrong | None = None
    reason: str = ""


class Lying(NamedTuple):
    """All that lies in a folder: the names in the folder itself, and what was moved."""

    names: frozenset[bytes]
    moved: tuple[Moved, ...]


def look(folder: Kept, owners: Owners) -> Lying:
    """What lies there now. Raises OSError where a folder cannot be listed."""
    names = frozenset(_names(folder.itself))
    moved = [one for where, at in folder.inside.items() for one in _in(where, at, owners)]
    return Lying(names, tuple(moved))


def put(at: int, name: bytes, data: bytes) -> None:
    """Write a file, complete when it appears, in the place of one of the same name that is no folder. Raises OSError."""
    half = TEMPORARY + hashlib.sha256(name).hexdigest()[:16].encode()
    take_away(at, half)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644, dir_fd=at)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.rename(half, name, src_dir_fd=at, dst_dir_fd=at)
    except OSError:
        take_away(at, half)
        raise


def take_away(at: int, name: bytes) -> None:
    """Take a file away, where it is there; a folder of that name stays. Raises OSError."""
    with suppress(FileNotFoundError, IsADirectoryError):
        os.unlink(name, dir_fd=at)


def named_reason(name: bytes) -> str:
    """The reason that somebody has put behind the name of a sheet: all after its first ＿ or _. Empty where there is none."""
    stem = name.removesuffix(SUFFIX).decode("utf-8", "replace")
    cut = min((at for mark in "＿_" if (at := stem.find(mark)) >= 0), default=-1)
    return stem[cut + 1 :].strip()[:LONGEST_REASON] if cut >= 0 else ""


def _in(where: str, at: int, owners: Owners) -> Iterator[Moved]:
    names = _names(at)
    for name in [name for name in names if not _passes(name)][:MOST]:
        moved = _read(where, at, name, owners)
        if moved is not None:
            yield moved._replace(reason=named_reason(name) or _beside(at, name, names, owners))


def _passes(name: bytes) -> bool:
    """What lies beside the sheets and is none: reasons, our own words, what file managers leave."""
    return (
        name.endswith((REASON, REFUSED))
        or name.startswith((b".", b"~$", NOTICE))
        or name.lower() in (b"thumbs.db", b"desktop.ini")
    )


def _read(where: str, at: int, name: bytes, owners: Owners) -> Moved | None:
    """One thing that was moved; None where it has gone meanwhile."""
    try:
        seen = os.stat(name, dir_fd=at, follow_symlinks=False)
    except FileNotFoundError:
        return None
    identity = _identity(seen)
    try:
        data = _bytes(at, name, owners, LARGEST)
    except FileNotFoundError:
        return None
    except _NotRead as not_read:
        return Moved(where, name, identity, wrong=not_read.why)
    return Moved(where, name, identity, digest=hashlib.sha256(data).hexdigest())


class _NotRead(Exception):
    def __init__(self, why: Wrong) -> None:
        self.why: Wrong = why
        super().__init__(why)


def _bytes(at: int, name: bytes, owners: Owners, most: int) -> bytes:
    """The bytes of a plain file with one name that belongs to the person or the daemon. Raises _NotRead, FileNotFoundError."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY, dir_fd=at)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _NotRead("link" if error.errno == errno.ELOOP else "kind" if error.errno == errno.ENXIO else "unreadable") from None
    try:
        seen = os.fstat(descriptor)
        if not stat.S_ISREG(seen.st_mode):
            raise _NotRead("kind")
        if seen.st_nlink != 1:
            raise _NotRead("links")
        if seen.st_uid not in (owners.person, owners.daemon):
            raise _NotRead("owner")
        if seen.st_size > most:
            raise _NotRead("large")
        data = b""
        while len(data) <= most and (piece := os.read(descriptor, most + 1 - len(data))):
            data += piece
    except OSError:
        raise _NotRead("unreadable") from None
    finally:
        os.close(descriptor)
    if len(data) > most:
        raise _NotRead("large")
    return data


def _beside(at: int, name: bytes, names: Iterable[bytes], owners: Owners) -> str:
    """The reason that lies in a file beside a sheet: `x.html.理由.txt` or `x.理由.txt`. Empty where there is none that can be read."""
    wanted = {name + REASON, name.removesuffix(SUFFIX) + REASON}
    for other in names:
        if other in wanted:
            with suppress(_NotRead, FileNotFoundError):
                text = decode(_bytes(at, other, owners, LARGEST_REASON)).text
                return " ".join(text.split())[:LONGEST_REASON]
    return ""


def _names(at: int) -> list[bytes]:
    """The names in a folder, in their order. Raises OSError."""
    listed = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=at)
    try:
        with os.scandir(listed) as entries:
            return sorted(os.fsencode(entry.name) for entry in entries)
    finally:
        os.close(listed)


def _identity(seen: os.stat_result) -> Identity:
    return Identity(seen.st_dev, seen.st_ino, seen.st_ctime_ns, seen.st_size)
