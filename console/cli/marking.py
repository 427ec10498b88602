"""`kohoban comments mark`: put a comment on the bench by hand, as it is read on the platform."""

from __future__ import annotations

import sys

import click
import msgspec

from console.cli.bench_words import carried_out
from console.cli.command import Session, command, option, text
from console.cli.outcome import WRONG, Failure, system_words
from console.cli.place import moment
from console.cli.terminal import err, name_of
from daemon.intake.encodings import decode
from daemon.wire.moderation import MarkComment

_MOST = 20_000
"""Characters of a comment, as the daemon takes it."""
_BYTES = 4 * _MOST + 16
KINDS = ("emergency", "help", "crime", "question")


@command(
    "comments mark",
    option("--account", key="comment_account", metavar="ID", required=True),
    option("--handle", key="comment_handle", metavar="HANDLE", required=True),
    option("--text", "words", key="comment_words", metavar="TEXT"),
    option("--file", key="comment_file", metavar="FILE"),
    option("--id", "source", key="comment_source", metavar="ID", default=""),
    option("--author", key="comment_author", metavar="ID", default=""),
    option("--conversation", key="comment_conversation", metavar="URL", default=""),
    option("--url", key="comment_url", metavar="URL", default=""),
    option("--at", key="comment_at", metavar="TIME"),
    option("--guidance", key="comment_kind", type=click.Choice(KINDS)),
)
def mark(
    session: Session,
    account: str,
    handle: str,
    words: str | None,
    file: str | None,
    source: str,
    author: str,
    conversation: str,
    url: str,
    at: str | None,
    guidance: str | None,
) -> int:
    """印を付ける."""
    if words is not None and file is not None:
        raise Failure(WRONG, text("comments.one_source"))
    said = words if words is not None else _read(file)
    if len(said) > _MOST:
        raise Failure(WRONG, text("comments.too_long", most=_MOST))
    made = MarkComment(
        account=account,
        text=said,
        handle=handle,
        source=source,
        author=author,
        conversation=conversation,
        url=url,
        posted_at=moment(at) if at else None,
    )
    if guidance:
        made = msgspec.convert({**msgspec.structs.asdict(made), "act": "mark_comment", "guidance": guidance}, MarkComment)
    return carried_out(session, made)


def _read(file: str | None) -> str:
    """The text of a file (any encoding that drafts may have), or of standard input. Raises Failure."""
    try:
        if file is None or file == "-":
            if sys.stdin.isatty():
                err(text("comments.type_text"))
            data = sys.stdin.buffer.read(_BYTES)
        else:
            with open(file, "rb") as opened:  # noqa: PTH123 - what a person typed, `/dev/stdin` too
                data = opened.read(_BYTES)
    except OSError as error:
        raise Failure(WRONG, text("comments.unreadable", file=name_of(file or "-"), why=system_words(error))) from None
    return decode(data).text.strip("\n")


COMMANDS = (mark,)
