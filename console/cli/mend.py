"""`kohoban check --fix` and `--diff`: carry out the fixes that findings offer, in the file's own encoding and line ends.

Only ever at a person's word: the daemon never edits a draft.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import unified_diff
from typing import NamedTuple

from console.cli.answers import Trouble
from console.cli.bench import Bench
from console.cli.formats import Judged, Result
from console.cli.judging import code_of, judge_source
from console.cli.mending import mended
from console.cli.outcome import system_words
from console.cli.sources import Source
from console.cli.terminal import clean, err, out, paint, write_bytes
from console.fixes import chosen, left_over
from console.rewriting import NotRewritten, rewrite
from console.words import say
from daemon.intake.encodings import decode

ROUNDS = 8
"""Passes over one file at most. What was mended may show something else to mend; two fixes that undo each other must come to an end."""


class Settled(NamedTuple):
    """A file with its fixes carried out: the bytes, how many fixes that took, and how many of the unsafe kind were left."""

    data: bytes
    fixes: int
    left: int


def mend(bench: Bench, sources: Iterable[Source | Trouble], *, write: bool, unsafe: bool = False) -> int:
    """Mend each file, or without `write` only show what would change. The exit code is that of the text *before* mending, so that a
    hook does not let a changed file through unread."""
    results: list[Result] = []
    for source in sources:
        result = judge_source(bench, source)
        if isinstance(source, Source) and isinstance(result, Judged):
            result = _mend_one(bench, source, result, write, unsafe) or result
        if isinstance(result, Trouble):
            err(result.error)
        results.append(result)
    return code_of(results)


def settle(bench: Bench, source: Source, judged: Judged, *, unsafe: bool) -> Settled:
    """Carry the fixes out, judge again, and so on until none is left or nothing changes any more. Raises ValueError where the file cannot
    be written back exactly."""
    seen, count = {source.data}, 0
    while fixes := chosen(judged.answer.findings, unsafe=unsafe):
        data = mended(source.data, judged.page.whole, judged.page.body, fixes)
        if data in seen or len(seen) > ROUNDS:
            break
        seen.add(data)
        source, count = source._replace(data=data), count + len(fixes)
        again = judge_source(bench, source)
        if not isinstance(again, Judged):
            break
        judged = again
    return Settled(source.data, count, 0 if unsafe else left_over(judged.answer.findings))


def _mend_one(bench: Bench, source: Source, judged: Judged, write: bool, unsafe: bool) -> Trouble | None:
    if source.item is not None:  # what was read from a document or a sheet cannot be written back as it
        if not chosen(judged.answer.findings, unsafe=unsafe):
            return None
        return Trouble(id=source.name, error=say("cli", "fix.office", file=clean(source.name)))
    try:
        settled = settle(bench, source, judged, unsafe=unsafe)
    except ValueError:
        return Trouble(id=source.name, error=say("cli", "fix.encoding", file=clean(source.name)))
    if not write:
        show_diff(source.name, judged.page.whole, decode(settled.data).text)
    elif source.piped or source.place is None:
        write_bytes(settled.data)
    else:
        if settled.fixes and (trouble := _written(source, settled.data)):
            return trouble
        out(say("cli", "fix.done", file=clean(source.name), count=settled.fixes))
    if settled.left:
        err(say("cli", "fix.left", file=clean(source.name), count=settled.left))
    return None


def _written(source: Source, data: bytes) -> Trouble | None:
    assert source.place is not None
    try:
        rewrite(source.place, source.data, data)
    except NotRewritten as refused:
        return Trouble(id=source.name, error=say("cli", f"fix.{refused.why}", file=clean(source.name)))
    except OSError as error:
        why = system_words(error)
        return Trouble(id=source.name, error=say("cli", "fix.unwritable", file=clean(source.name), why=why))
    return None


def show_diff(name: str, before: str, after: str) -> None:
    """A unified diff of the text, as `patch` reads it."""
    for line in unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm=""):
        style = {"+": "good", "-": "block"}.get(line[:1], "")
        out(paint(style, clean(line)) if style else clean(line))
