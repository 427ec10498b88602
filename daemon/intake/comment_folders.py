"""The folders of comments as they lie on the disk: never through a link, names as bytes, and whether somebody still writes a file."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from daemon.intake.comments import ENDINGS
from daemon.intake.mounts import is_remote
from daemon.intake.names import display_name
from daemon.intake.reader import being_written

QUIET = 1.0
"""Seconds since the last change after which a file that nobody has open for writing counts as whole; one that was renamed into place has
them behind it."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY

Key = tuple[int, int, int, int]
"""A file as it stands: device, inode, size, time of the last change of its bytes (ns)."""


def key_of(facts: os.stat_result) -> Key:
    """That of a file."""
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


class Lying(NamedTuple):
    """A file that has the name of an export. `whole`: True where nobody writes it, and nobody has for a moment; False while somebody has it
    open for writing, however long nothing comes; None where nobody can tell, or something was written just now."""

    account: str
    name: bytes
    key: Key
    whole: bool | None


class CommentFolders:
    """`comments/` of one office. `remote` says that they lie on a file system whose other hosts' writers the kernel does not know; where
    that can be seen, it need not be said."""

    def __init__(self, root: Path, *, remote: bool = False) -> None:
        self._root = root
        self._remote = remote or is_remote(root)

    @contextmanager
    def opened(self, account: str, name: bytes) -> Iterator[tuple[int, int]]:
        """Descriptors of the account's folder and of a file in it. Raises OSError."""
        folder = os.open(self._root / account, _FOLDER)
        try:
            file = os.open(name, _FILE, dir_fd=folder)
            try:
                yield folder, file
            finally:
                os.close(file)
        finally:
            os.close(folder)

    def lying(self, account: str) -> Iterator[Lying]:
        """What lies in an account's folder under the name of an export, by name. Nothing where it cannot be opened (`troubles` says so)."""
        try:
            folder = os.open(self._root / account, _FOLDER)
        except OSError:
            return
        try:
            for name in _names(folder):
                if _is_export(name):
                    try:
                        facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
                    except OSError:
                        continue
                    yield Lying(account, name, key_of(facts), self._whole(folder, name, facts))
        finally:
            os.close(folder)

    def is_written(self, file: int) -> bool:
        """Whether somebody has this file open for writing, as far as that can be told."""
        return not self._remote and being_written(file) is True

    def _whole(self, folder: int, name: bytes, facts: os.stat_result) -> bool | None:
        if not stat.S_ISREG(facts.st_mode):
            return True  # there is nothing to wait for
        try:
            file = os.open(name, _FILE, dir_fd=folder)
        except OSError:
            return None
        try:
            written = None if self._remote else being_written(file)
        finally:
            os.close(file)
        if written:
            return False
        rests = facts.st_size > 0 and time.time() - facts.st_mtime >= QUIET
        return True if rests and written is False else None

    def troubles(self, accounts: Collection[str]) -> dict[str, tuple[str, str]]:
        """Folders that are not looked at, each with the reason, in both languages: one that cannot be opened or is a link, and one of no
        account that holds exports, which would lie there for ever."""
        found: dict[str, tuple[str, str]] = {}
        try:
            root = os.open(self._root, _FOLDER)
        except FileNotFoundError:
            return found
        except OSError as error:
            return {"comments-folder:": _trouble("", error)}
        try:
            found.update(self._of(root, accounts))
        finally:
            os.close(root)
        return found

    def _of(self, root: int, accounts: Collection[str]) -> Iterator[tuple[str, tuple[str, str]]]:
        for name in _names(root):
            shown = display_name(name)
            try:
                folder = os.open(name, _FOLDER, dir_fd=root)
            except OSError as error:
                if shown in accounts:
                    yield f"comments-folder:{shown}", _trouble(shown, error)
                continue
            try:
                if shown not in accounts and any(map(_is_export, _names(folder))):
                    yield (
                        f"comments-folder:{shown}",
                        (
                            f"comments/{shown} はどのアカウントのフォルダでもないため、中の書き出しは読まれません。正しいフォルダに移すか、消してください。",
                            f"comments/{shown} belongs to no account: the exports in it are not read. Move them, or delete them.",
                        ),
                    )
            except OSError:
                pass
            finally:
                os.close(folder)


def _names(folder: int) -> list[bytes]:
    with os.scandir(folder) as entries:
        return sorted(os.fsencode(entry.name) for entry in entries)


def _is_export(name: bytes) -> bool:
    return name.lower().endswith(tuple(map(str.encode, ENDINGS))) and not name.startswith((b".", b"~", b"_"))


def _trouble(shown: str, error: OSError) -> tuple[str, str]:
    return (
        f"comments/{shown} を開けません（{error.strerror}）。リンクではない、広報番が読み書きできるフォルダにしてください。",
        f"comments/{shown} cannot be opened ({error.strerror}): it has to be a folder, no link, that the daemon may read and write.",
    )
