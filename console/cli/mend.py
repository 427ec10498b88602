"""`kohoban check --fix` and `--diff`: carry out the fixes that findings offer, in the file's own encoding and line ends.

Only ever at a person's word: the daemon never edits a draft.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from difflib import unified_diff
from pathlib import Path

from console.cli.answers import FindingSaid, Trouble
from console.cli.bench import Bench
from console.cli.formats import Judged, Page, Result
from console.cli.judging import code_of, judge_source
from console.cli.outcome import system_words
from console.cli.sources import Source
from console.cli.terminal import clean, err, out, write_bytes
from console.words import say
from daemon.intake.encodings import decode

_MARK_BYTES = {"utf-8-sig": 3, "utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def mend(bench: Bench, sources: Iterable[Source | Trouble], *, write: bool) -> int:
    """Mend each file, or without `write` only show what would change. The exit code is that of the text *before* mending, so that a
    hook does not let a changed file through unread."""
    results: list[Result] = []
    for source in sources:
        result = judge_source(bench, source)
        if isinstance(source, Source) and isinstance(result, Judged):
            result = _mend_one(source, result, write) or result
        if isinstance(result, Trouble):
            err(result.error)
        results.append(result)
    return code_of(results)


def _mend_one(source: Source, judged: Judged, write: bool) -> Trouble | None:
    fixes = chosen(judged.answer.findings)
    try:
        data = mended(source.data, judged.page, fixes)
    except ValueError:
        return Trouble(id=source.name, error=say("cli", "fix.encoding", file=source.name))
    if not write:
        _show_diff(source.name, judged.page.whole, decode(data).text)
    elif source.piped or source.place is None:
        write_bytes(data)
    else:
        try:
            if fixes:
                _replace(source.place, data)
        except OSError as error:
            why = system_words(error)
            return Trouble(id=source.name, error=say("cli", "fix.unwritable", file=source.name, why=why))
        out(say("cli", "fix.done", file=clean(source.name), count=len(fixes)))
    return None


def chosen(findings: Iterable[FindingSaid]) -> list[FindingSaid]:
    """The findings whose fix can be carried out together, by place; of two that overlap the first."""
    fixes: list[FindingSaid] = []
    for finding in sorted(findings, key=lambda f: (f.start, f.end)):
        if finding.fix is not None and finding.end > finding.start and not (fixes and finding.start < fixes[-1].end):
            fixes.append(finding)
    return fixes


def mended(data: bytes, page: Page, fixes: Sequence[FindingSaid]) -> bytes:
    """The file's bytes with the fixes carried out and nothing else changed. Raises ValueError where that cannot be done exactly: the
    bytes were not read whole, or the encoding has no such character."""
    found = decode(data)
    mark = next((data[: len(m)] for m in _MARKS if data.startswith(m)), b"")
    mark = data[: _MARK_BYTES[found.encoding]] if mark and found.encoding in _MARK_BYTES else b""
    codec = found.encoding.removesuffix("-sig")
    raw = data[len(mark) :].decode(codec)
    at = _raw_offsets(raw)
    if found.trouble or found.text != page.whole or len(at) != len(page.whole) + 1:
        raise ValueError("the text was not read exactly as it stands in the file")
    text = raw
    for finding in reversed(fixes):
        text = text[: at[page.body + finding.start]] + (finding.fix or "") + text[at[page.body + finding.end] :]
    return mark + text.encode(codec)


def _raw_offsets(raw: str) -> list[int]:
    """Where each code point of the text with `\\n` line ends stands in the text with its own line ends, and where the text ends."""
    offsets, at = [], 0
    while at < len(raw):
        offsets.append(at)
        at += 2 if raw.startswith("\r\n", at) else 1
    return [*offsets, len(raw)]


def _show_diff(name: str, before: str, after: str) -> None:
    for line in unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm=""):
        out(clean(line))


def _replace(path: Path, data: bytes) -> None:
    """Put the new bytes in the file's place at once, with its own permissions: a watcher never sees half of it."""
    target = path.resolve()
    descriptor, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            os.fchmod(descriptor, target.stat().st_mode & 0o7777)
            os.fsync(descriptor)
        Path(temporary).replace(target)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
