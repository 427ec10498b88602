"""Files as they are read: bytes with their stamp, TOML with the lines of its tables, word lists.

Every byte of a rulebook comes through one `Reader`, so that it can say afterwards which files it is made of and whether any of them
has changed since.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from msgspec import Struct

from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.model import Problem

LARGEST = 8 << 20
"""Bytes of one rules, policy or word file; the four real policies are below 60 kB each."""

Stamp = tuple[int, ...]
"""What tells one state of a file or folder from the next: times in nanoseconds, size and inode; empty where it is absent."""

_TOKEN = lazy_pattern(r"""(\"{3}|'{3})|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*""")
_HEADER = lazy_pattern(r"^[ \t]*(\[\[?)[ \t]*([^\[\]\n]+?)[ \t]*\]\]?", re.MULTILINE)
_KEY = lazy_pattern(r"^[ \t]*[\"']?([^\s=\"'.\[\]#]+)[\"']?[ \t]*[.=]", re.MULTILINE)


class Unreadable(Exception):
    """A file that cannot be read as what it should be; carries the problem to report."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message_en)


class Section(Struct, frozen=True):
    """One table of a TOML file: its name, the line of its header, and the lines of the keys that stand in it."""

    name: str
    line: int
    keys: dict[str, int]


class Source(Struct, frozen=True, dict=True):
    """A TOML file that could be read: its path, its text and its data. Lines are looked up only when something is to be said."""

    path: Path
    text: str
    data: dict[str, Any]
    vouched: bool = False
    """Its patterns have been looked at before (`Reader.vouches`)."""

    def line(self, table: str, index: int | None = None, key: str = "") -> int:
        """The line (from 1) of `key` in `[table]`, or in the `index`-th `[[table]]`; of its header where the key is not found."""
        found = [s for s in self._sections if s.name == table]
        if not found:
            return self._sections[0].keys.get(table, 1)
        section = found[min(index or 0, len(found) - 1)]
        return section.keys.get(key, section.line)

    def problem(self, line: int, message: str, message_en: str, *, warning: bool = False) -> Problem:
        """A problem of this file."""
        return Problem(str(self.path), line, message.rstrip(), message_en.rstrip(), "warning" if warning else "error")

    @cached_property
    def _sections(self) -> list[Section]:
        """All tables in order; sub-tables (`[rule.when]`) are counted to the table they belong to."""
        text = _blank_strings(self.text)
        top = Section("", 1, {})
        sections = [top]
        headers = [*_HEADER.finditer(text)]
        _collect_keys(text, 0, headers[0].start() if headers else len(text), top)
        ends = [*(header.start() for header in headers[1:]), len(text)]
        for header, end in zip(headers, ends, strict=False):
            name, line = self._header_name(header), text.count("\n", 0, header.start(2)) + 1
            owner = sections[-1]
            sub_table = owner.name and name.startswith(owner.name + ".")
            if sub_table:
                owner.keys.setdefault(name.removeprefix(owner.name + "."), line)
            else:
                owner = Section(name, line, {})
                sections.append(owner)
            _collect_keys(text, header.end(), end, owner)
        return sections

    def _header_name(self, header: re.Match[str]) -> str:
        """The name as it is written in the source: quoted names are blank in the text that is scanned."""
        return self.text[header.start(2) : header.end(2)].strip().strip("\"'")


def _collect_keys(text: str, start: int, end: int, section: Section) -> None:
    line, counted = text.count("\n", 0, start) + 1, start
    for key in _KEY.finditer(text, start, end):
        line, counted = line + text.count("\n", counted, key.start(1)), key.start(1)
        section.keys.setdefault(key[1], line)


def _blank_strings(text: str) -> str:
    """The text with what stands inside strings and comments blanked out (lines kept): a clause may quote a `[[rule]]`."""
    out: list[str] = []
    at = 0
    while token := _TOKEN.search(text, at):
        end = token.end()
        if token[1]:
            end = _end_of_long_string(text, token.end(), token[1])
        out += (text[at : token.start()], re.sub(r"[^\n]", "_", text[token.start() : end]))
        at = end
    return "".join((*out, text[at:]))


def _end_of_long_string(text: str, start: int, quote: str) -> int:
    at = start
    while at < len(text):
        if quote == '"""' and text[at] == "\\":
            at += 2
        elif text.startswith(quote, at):
            return at + 3
        else:
            at += 1
    return len(text)


class Reader(Struct):
    """Reads files once and remembers what they looked like, each stamp taken from the descriptor that was read."""

    vouched: Path | None = None
    """A folder whose patterns are known to be good. Compiling them all only to see that would be a third of `kohoban check`."""
    stamps: dict[Path, Stamp] = {}
    _read: dict[Path, bytes] = {}

    def bytes_of(self, path: Path) -> bytes:
        """The bytes of a regular file of at most `LARGEST` bytes. Raises Unreadable."""
        if path not in self._read:
            self._read[path] = self._read_file(path)
        return self._read[path]

    def vouches(self, path: Path) -> bool:
        """Whether the patterns of this file need not be looked at again."""
        return self.vouched is not None and path.is_relative_to(self.vouched)

    def text_of(self, path: Path) -> str:
        """The text of a UTF-8 file, without its BOM and with LF. Raises Unreadable; never guesses another encoding, because a
        rule that is misread is a rule that does not hold."""
        raw = self.bytes_of(path)
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Unreadable(_not_utf8(path, raw, error)) from None
        return text.replace("\r\n", "\n")

    def toml_of(self, path: Path) -> Source:
        """A TOML file. Raises Unreadable with the line of the first syntax error."""
        text = self.text_of(path)
        try:
            return Source(path, text, tomllib.loads(text), self.vouches(path))
        except ValueError as error:  # TOMLDecodeError, and a number of more digits than Python reads
            said = str(error)
            place = re.search(r"at line (\d+)", said)
            line = int(place[1]) if place else text.count("\n") + 1
            problem = Problem(str(path), line, f"TOML として読めません: {said}", f"Not valid TOML: {said}")
        except RecursionError:
            problem = Problem(str(path), 1, "TOML の入れ子が深すぎます。", "The TOML is nested too deeply.")
        raise Unreadable(problem)

    def terms_of(self, path: Path) -> tuple[str, ...]:
        """The terms of a word list: one a line, `#` begins a comment line, empty lines count for nothing. Raises Unreadable, also for
        a list without a single term: it would look as if it held something back."""
        lines = (line.strip() for line in self.text_of(path).split("\n"))
        terms = tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
        if not terms:
            raise Unreadable(Problem(str(path), 1, "語が1つもありません。", "There is not a single term in it."))
        return terms

    def tomls_in(self, folder: Path) -> tuple[Path, ...]:
        """The `*.toml` files of a folder by name; none where there is no such folder. Raises Unreadable where it may not be read."""
        self.stamps[folder] = stamp(folder)
        try:
            return tuple(sorted(p for p in folder.iterdir() if p.suffix == ".toml" and not p.name.startswith((".", "~"))))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise Unreadable(_cannot_open(folder, error)) from None

    def exists(self, path: Path) -> bool:
        """Whether there is such a file; its coming or going counts as a change."""
        self.stamps.setdefault(path, stamp(path))
        return self.stamps[path] != ()

    def filled(self, path: Path) -> bool:
        """Whether there is a plain file of that name with something in it; its coming, going or changing counts as a change."""
        self.stamps[path] = stamp(path)
        try:
            status = path.stat()
        except OSError:
            return False
        return stat.S_ISREG(status.st_mode) and status.st_size > 0

    def changed(self) -> bool:
        """Whether any file or folder that was read looks different now: a few `stat` calls, no reading."""
        return any(stamp(path) != then for path, then in self.stamps.items())

    def looked_at(self) -> dict[Path, bytes | None]:
        """Every file and folder that was looked at, files that were read with their bytes."""
        return {**dict.fromkeys(self.stamps), **self._read}

    def digest(self, *paths: Path) -> str:
        """`sha256:<hex>` over the names and bytes of these files, in this order. They have been read."""
        total = hashlib.sha256()
        for path in paths:
            raw = self._read.get(path, b"")
            total.update(f"{path.name}\0{len(raw)}\0".encode())
            total.update(raw)
        return f"sha256:{total.hexdigest()}"

    def _read_file(self, path: Path) -> bytes:
        try:
            # Not blocking: a FIFO of that name must not hang the daemon.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            self.stamps[path] = stamp(path)
            raise Unreadable(_cannot_open(path, error)) from None
        try:
            status = os.fstat(descriptor)
            self.stamps[path] = _stamp_of(status)
            if problem := _why_not(path, status):
                raise Unreadable(problem)
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(LARGEST + 1)
        except OSError as error:
            raise Unreadable(_cannot_open(path, error)) from None
        finally:
            os.close(descriptor)


def stamp(path: Path) -> Stamp:
    """How a file or folder looks now; empty where there is none (or where it may not be looked at)."""
    try:
        return _stamp_of(path.stat())
    except OSError:
        return ()


def _stamp_of(status: os.stat_result) -> Stamp:
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


def _cannot_open(path: Path, error: OSError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return Problem(str(path), 1, "ファイルがありません。", "There is no such file.")
    return Problem(str(path), 1, f"開けません: {error.strerror}", f"Cannot be opened: {error.strerror}")


def _why_not(path: Path, status: os.stat_result) -> Problem | None:
    """Why this is not a file to be read at all; None where it is."""
    if not stat.S_ISREG(status.st_mode):
        return Problem(str(path), 1, "普通のファイルではありません。", "This is not a regular file.")
    if status.st_size > LARGEST:
        said = f"大きすぎます（{status.st_size:,} バイト、上限 {LARGEST:,}）。"
        return Problem(str(path), 1, said, f"Too large ({status.st_size:,} bytes, at most {LARGEST:,}).")
    return None


def _not_utf8(path: Path, raw: bytes, error: UnicodeDecodeError) -> Problem:
    line = raw.count(b"\n", 0, error.start) + 1
    return Problem(
        str(path),
        line,
        "UTF-8 ではありません（Shift_JIS などで保存されていませんか）。文字コード UTF-8 で保存し直してください。",
        "This is not UTF-8 (saved as Shift_JIS, perhaps): save the file again as UTF-8.",
    )


def tables(source: Source, name: str) -> Iterator[tuple[int, Any]]:
    """The entries of `[[name]]` with their index; none where the file has no such table."""
    entries = source.data.get(name, [])
    yield from enumerate(entries if isinstance(entries, list) else [entries])
