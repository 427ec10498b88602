"""A draft that is being written, as text: the form and the body as one file, what is kept of it meanwhile, and the file that comes of it.

What is kept lies below `$XDG_STATE_HOME` (`~/.local/state`), for its writer alone: it outlives a lost line and a killed console. The finished
file appears in the drafts folder whole and at once, with its writer's own rights, and never over another.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tomllib
import unicodedata
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from console.plain_file import read_plain

FENCE = "+++"
LONGEST = 64_000
"""Characters of a body that the built-in editor takes: a Facebook post may have 63,206."""
LARGEST = 1 << 20
"""Bytes of a file that is being written: four times what its characters can need."""
LONGEST_NAME = 24
"""Characters of a file name that is made of the first line."""

Fields = dict[str, Any]
"""The front matter by key, as TOML has it."""


def file_text(fields: Fields, body: str) -> str:
    """The whole file. A body that brings a front matter of its own is the file as it is."""
    if body.startswith(FENCE):
        return body
    head = "".join(f"{key} = {_toml(value)}\n" for key, value in fields.items() if value not in ("", None))
    return f"{FENCE}\n{head}{FENCE}\n{body}" if head else body


def parts_of(text: str) -> tuple[Fields, str]:
    """Fields and body of a file. A front matter that cannot be read stays in the body, where it can be mended."""
    if not text.startswith(f"{FENCE}\n"):
        return {}, text
    head, fence, body = text[len(FENCE) + 1 :].partition(f"\n{FENCE}\n")
    if text.startswith(f"{FENCE}\n{FENCE}\n"):
        head, fence, body = "", FENCE, text[2 * len(FENCE) + 2 :]
    if not fence:
        return {}, text
    try:
        fields = tomllib.loads(head)
        file_text(fields, body)  # what cannot be written again, such as a number of 5,000 digits, is not read either
    except (ValueError, RecursionError):
        return {}, text
    return fields, body


def file_name(typed: str, body: str) -> str:
    """The name of the file: what was typed, else the first line's letters; `.txt` where it has no ending that a draft can have. Raises
    ValueError for what can be no draft's name."""
    name = unicodedata.normalize("NFC", typed.strip())
    if not name:
        first = next((line for line in body.splitlines() if line.strip()), "")
        name = "".join(char for char in unicodedata.normalize("NFC", first) if char.isalnum() or char in "-_・ー")[:LONGEST_NAME]
    if not name.lower().endswith((".txt", ".md")):
        name += ".txt"
    own = name.endswith(".判定.txt") or name in ("_広報番.txt", "_引継.txt")
    if (
        own
        or name.startswith((".", "~", "#"))
        or "/" in name
        or not name.isprintable()
        or len(name.encode()) > 200
        or name == ".txt"
    ):
        raise ValueError(name)
    return name


def put_new(folder: Path, name: str, data: bytes) -> Path:
    """Make a file of this name appear in a folder, whole and at once. Raises FileExistsError where there is one, OSError where the caller
    may not write there."""
    path = folder / name
    try:
        file = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o666)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT) or not folder.is_dir():
            raise
        return _put_plainly(path, data)
    try:
        _write(file, data)
        # Linked from a descriptor that only reads: whoever sees the name sees a file that nobody writes any more.
        reading = os.open(f"/proc/self/fd/{file}", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(file)
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.link(f"/proc/self/fd/{reading}", name, dst_dir_fd=at, follow_symlinks=True)
        os.fsync(at)
    finally:
        os.close(reading)
        os.close(at)
    return path


def _put_plainly(path: Path, data: bytes) -> Path:
    """Where the file system knows no nameless files (a share): a file of that name, taken back where it cannot be written whole."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        _write(file, data)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(file)
    _sync(path.parent)
    return path


class Kept:
    """What is being written at one office, by account."""

    def __init__(self, office: Path) -> None:
        home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
        self._folder = home / "kohoban" / "writing" / hashlib.sha256(os.fsencode(office.resolve())).hexdigest()[:16]

    def path(self, account: str) -> Path:
        """Where the writing for an account is kept."""
        return self._folder / f"{account}.txt"

    def read(self, account: str) -> str | None:
        """What is kept for an account; None where nothing is, or it cannot be read."""
        try:
            return read_plain(self.path(account), LARGEST, own=True)
        except (OSError, UnicodeDecodeError):
            return None

    def write(self, account: str, text: str) -> None:
        """Keep this, for its writer alone. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.path(account)
        new = path.with_suffix(f".{os.getpid()}.new")
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            _write(file, text.encode("utf-8", "replace"), surely=False)
        finally:
            os.close(file)
        new.replace(path)

    def drop(self, account: str) -> None:
        """Keep nothing more for an account."""
        with suppress(OSError):
            self.path(account).unlink()


def _write(file: int, data: bytes, *, surely: bool = True) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
    if surely:
        os.fsync(file)


def _sync(folder: Path) -> None:
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(at)
    finally:
        os.close(at)


def _toml(value: object) -> str:
    """A value as TOML has it, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return '"' + "".join(map(_escaped, str(value))) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    return f"\\u{ord(char):04x}" if ord(char) < 0x20 or ord(char) == 0x7F else char
