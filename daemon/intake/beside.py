"""The files that we put beside drafts, and the drafts that have been released: written whole, never through a link, never over
anything that is not ours. The daemon never edits a draft.

The folder belongs to people, who may have done anything to it: nothing here raises for that, the problem is returned as a pair of
sentences (Japanese, English).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from daemon.intake.legible import LARGEST_OFFICE
from daemon.intake.names import DONE, TEMPORARY, display_name, notice_name

Problem = tuple[str, str]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_MOST_OF_ONE_NAME = 10_000
_ADVICE = {
    errno.ENAMETOOLONG: ("下書きの名前を短くしてください。", "Give the draft a shorter name."),
    errno.EISDIR: ("その名前のフォルダーをどけてください。", "Move the folder of that name away."),
    errno.ENOTDIR: ("done という名前のファイルかリンクをどけてください。", "Move the file or link called done away."),
}


def write_notice(folder: Path, name: bytes, text: str) -> Problem | None:
    """Put a notice called `name` into a folder, as UTF-8 with BOM and CRLF, complete when it appears.

    It is not synced: after a crash the daemon writes it again.
    """
    data = text.replace("\n", "\r\n").encode("utf-8-sig")
    draft = TEMPORARY + hashlib.sha256(name).hexdigest()[:16].encode()
    try:
        with _opened(folder) as at:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(draft, dir_fd=at)  # the half of one that a crash has left
            try:
                _write(at, draft, data)
                os.rename(draft, name, src_dir_fd=at, dst_dir_fd=at)
            except OSError:
                with contextlib.suppress(OSError):
                    os.unlink(draft, dir_fd=at)
                raise
    except OSError as error:
        return _problem(folder, name, "を書けません", "cannot be written", error)
    return None


def remove_notice(folder: Path, name: bytes) -> Problem | None:
    """Take a notice away, if it is there. What cannot be a notice of ours (a folder, a name that no file can have) is left alone."""
    try:
        with _opened(folder) as at:
            os.unlink(name, dir_fd=at)
    except (FileNotFoundError, IsADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return None
        return _problem(folder, name, "を消せません", "cannot be removed", error)
    return None


def move_done(folder: Path, name: bytes, digest: str = "") -> Problem | None:
    """Move a released draft to `done/` beside it and take its verdict file away. Nothing in `done/` is overwritten: a second file of
    that name becomes `x (2).txt`.

    With `digest` (sha256, hex) a file that holds other bytes by now stays where it is: it is the next draft. A file that has gone
    already is no problem.
    """
    try:
        with _opened(folder) as at:
            if digest and _digest(at, name) != digest:
                return None
            with contextlib.suppress(FileExistsError):
                os.mkdir(DONE, dir_fd=at)
            done = os.open(DONE, _FOLDER, dir_fd=at)
            try:
                _move(at, name, done)
            finally:
                os.close(done)
    except FileNotFoundError:
        pass
    except OSError as error:
        return _problem(folder, name, "を done/ に移せません", "cannot be moved to done/", error)
    return remove_notice(folder, notice_name(name))


def lies_done(folder: Path, name: bytes, digest: str) -> bool:
    """Whether exactly these bytes (sha256, hex) lie in `done/` under a name that `move_done` gives: then somebody has released them."""
    try:
        with _opened(folder / os.fsdecode(DONE)) as done:
            for candidate in _numbered(name):
                if (found := _digest(done, candidate)) in ("", digest):
                    return found == digest
    except OSError:
        pass  # there is no done/, or it cannot be looked into: nothing is known
    return False


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    at = os.open(folder, _FOLDER)
    try:
        yield at
    finally:
        os.close(at)


def _write(at: int, name: bytes, data: bytes) -> None:
    with os.fdopen(os.open(name, _NEW, 0o644, dir_fd=at), "wb") as file:
        file.write(data)


def _digest(at: int, name: bytes) -> str:
    """The sha256 of a file's bytes; empty where there is no ordinary file of a draft's size."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=at)
    except OSError:
        return ""
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > LARGEST_OFFICE:
            return ""
        return hashlib.sha256(file.read(LARGEST_OFFICE + 1)).hexdigest()


def _move(at: int, name: bytes, done: int) -> None:
    """Move under the first free name. The name is claimed with an empty file of ours, which the move then replaces: that needs
    neither hard links nor a system call that not every file system has."""
    os.stat(name, dir_fd=at, follow_symlinks=False)
    for candidate in _numbered(name):
        try:
            os.close(os.open(candidate, _NEW, 0o644, dir_fd=done))
        except FileExistsError:
            continue
        try:
            os.rename(name, candidate, src_dir_fd=at, dst_dir_fd=done)
        except OSError:
            os.unlink(candidate, dir_fd=done)
            raise
        return
    raise FileExistsError(f"{_MOST_OF_ONE_NAME} files of this name")


def _numbered(name: bytes) -> Iterator[bytes]:
    yield name
    stem, dot, ending = name.rpartition(b".")
    for number in range(2, _MOST_OF_ONE_NAME):
        yield b"%s (%d)%s%s" % (stem, number, dot, ending)


def _problem(folder: Path, name: bytes, ja: str, en: str, error: OSError) -> Problem:
    shown = f"{display_name(os.fsencode(folder.name))}/{display_name(name)}"
    why = error.strerror or str(error)
    advice = _ADVICE.get(
        error.errno or 0, ("フォルダーの権限と空き容量を確かめてください。", "See to the folder's rights and free space.")
    )
    return f"{shown} {ja}（{why}）。{advice[0]}", f"{shown} {en} ({why}). {advice[1]}"
