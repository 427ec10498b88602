"""`kohoban length`: how long a text is as its platform counts it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from console.cli.answers import Trouble
from console.cli.argv import Option, parse
from console.cli.outcome import FINDINGS, FINE, WRONG, Failure
from console.cli.sources import lines_of, records, whole
from console.cli.terminal import out, visible_json, write_bytes
from console.words import say
from daemon.rulebook.model import Platform

OPTIONS = (Option("--platform", choices=("x", "facebook", "line")), Option("--jsonl"))


class Measured(msgspec.Struct, frozen=True):
    """One text's length (CONTRACT)."""

    id: str
    weighted: int
    limit: int
    valid: bool


def main(argv: Sequence[str]) -> int:
    """Run the command: one JSON object a line in, one out. Exit code 1 where the platform would not take a text, 2 where a line is no object."""
    given = parse(argv, OPTIONS, "length")
    if "--help" in given.flags:
        out(say("cli", "help.length"))
        return FINE
    if given.rest or "--jsonl" not in given.values:
        raise Failure(WRONG, say("cli", "length.usage"))
    from daemon.screening.length import fits, measure

    encode = msgspec.json.Encoder().encode
    platform = msgspec.convert(given.get("--platform") or "x", Platform)
    worst = FINE
    with lines_of(given.values["--jsonl"]) as stream:
        for _, record in records(stream):
            if isinstance(record, Trouble):
                write_bytes(visible_json(encode(record)) + b"\n")
                worst = WRONG
                continue
            text = whole(record["text"])  # all of it, and not only as much as is judged
            weighted, limit = measure(text, platform)
            valid = fits(text, platform)
            write_bytes(visible_json(encode(Measured(record["id"], weighted, limit, valid))) + b"\n")
            worst = worst if valid else max(worst, FINDINGS)
    return worst
