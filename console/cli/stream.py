"""`check --jsonl`: one object a line in, one answer a line out, in order. Comments are judged as many at once as have come."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import IO, Any

import msgspec
from msgspec import Struct

from console.cli.answers import Trouble, answer
from console.cli.bench import Bench
from console.cli.judging import code_of_verdict
from console.cli.outcome import FINE, WRONG
from console.cli.sources import LONGEST_LINE, comment_of, item_of, lines_of, records
from console.cli.terminal import visible_json, write_bytes
from daemon.judge import Judgement
from daemon.rulebook.model import Policy

_READ = 256 << 10
"""Bytes that are read at once, at most: what has come is answered before more is waited for."""

_encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode


class Row(Struct):
    """A comment as nearly every line has it. Lines that do not fit are read one by one, and said what is wrong with them."""

    id: str | int
    text: str


def stream_drafts(bench: Bench, path: str) -> int:
    """Answer one object a line, each as soon as it has come. The worst exit code of all."""
    worst = FINE
    with lines_of(path) as stream:
        for _, record in records(stream):
            if isinstance(record, Trouble):
                write_bytes(visible_json(_encode(record)) + b"\n")
                worst = WRONG
                continue
            policy, judgement = bench.judge(item_of(record))
            said = answer(record["id"], policy, judgement, titles=bench.titles)
            write_bytes(visible_json(_encode(said)) + b"\n")
            worst = max(worst, code_of_verdict(said.verdict))
    return worst


def stream_comments(bench: Bench, path: str) -> int:
    """The same for comments."""
    worst, number = FINE, 0
    decode = msgspec.json.Decoder(Row).decode_lines
    with lines_of(path) as stream:
        for lines in _batches(stream):
            try:
                rows: list[Row | Trouble] = list(decode(lines))
            except (msgspec.MsgspecError, UnicodeDecodeError):
                read = (record for _, record in records(io.BytesIO(lines), number))
                rows = [one if isinstance(one, Trouble) else Row(one["id"], one["text"]) for one in read]
            number += lines.count(b"\n")
            answers, code = _answered(bench, rows)
            write_bytes(answers)
            worst = max(worst, code)
    return worst


def _batches(stream: IO[bytes]) -> Iterator[bytes]:
    """Whole lines, as many as have come; of a line that is too long its beginning, which is enough to say so."""
    held, skipping = b"", False
    while data := stream.read1(_READ):  # type: ignore[attr-defined]
        if skipping:
            end = data.find(b"\n") + 1
            data, skipping = data[end:] if end else b"", not end
        held += data
        if end := held.rfind(b"\n") + 1:
            yield held[:end]
            held = held[end:]
        if len(held) > LONGEST_LINE:
            yield held[: LONGEST_LINE + 1] + b"\n"
            held, skipping = b"", True
    if held:
        yield held


def _answered(bench: Bench, rows: list[Row | Trouble]) -> tuple[bytes, int]:
    """The answers of a batch, a line each, and its exit code."""
    comments = [comment_of(row.text) for row in rows if isinstance(row, Row)]
    policy, judgements = bench.judge_comments(comments)
    judged = iter(judgements)
    passed = _passed(bench, policy)
    out: list[bytes] = []
    worst = FINE
    for row in rows:
        if isinstance(row, Trouble):
            out.append(visible_json(_encode(row)))
            worst = WRONG
            continue
        judgement = next(judged)
        name = row.id if isinstance(row.id, str) else str(row.id)
        if judgement.findings:
            said = answer(name, policy, judgement, titles=bench.titles)
            out.append(visible_json(_encode(said)))
            worst = max(worst, code_of_verdict(said.verdict))
        else:
            out.append(b'{"id":%b%b' % (visible_json(_encode(name)), passed))
    out.append(b"")
    return b"\n".join(out), worst


def _passed(bench: Bench, policy: Policy) -> bytes:
    """What follows the id in the answer to every comment of which there is nothing to say."""
    nothing = Judgement(findings=(), missing=(), verdict="pass", text="", platforms=())
    whole = visible_json(_encode(answer("", policy, nothing, titles=bench.titles)))
    return whole.removeprefix(b'{"id":""')
