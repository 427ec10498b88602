"""A paper on its way out: in the form that was asked for, to the terminal or into a new file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from console.cli.command import Session, option, text
from console.cli.outcome import FINE, WRONG, Failure, system_words
from console.cli.terminal import SCHEMA, clean, err, name_of, out_json, write_bytes
from console.words import language
from daemon.papers.as_csv import as_csv
from daemon.papers.as_html import as_html
from daemon.papers.as_markdown import as_markdown
from daemon.papers.as_text import as_text
from daemon.papers.sheet import Language, Paper

FORMS: Mapping[str, Callable[[Paper], str]] = {"html": as_html, "md": as_markdown, "txt": as_text, "csv": as_csv}
PRIVATE, PUBLIC = 0o600, 0o666
"""The mode of a new file: a paper of the office is nobody's but the caller's, a public page gets what the umask leaves."""


def in_form(*forms: str, default: str) -> click.Option:
    """`--format`."""
    return option("--format", "form", key="paper_format", type=click.Choice(forms), default=default, show_default=True)


def to_file() -> click.Option:
    """`--out`."""
    return option("--out", "file", key="paper_out", metavar="FILE")


def in_language() -> Language:
    """The language of a paper: that of the operator."""
    return language()


def deliver(session: Session, paper: Paper, form: str, file: str | None, *, data: object = None, mode: int = PRIVATE) -> int:
    """Write the paper: as JSON (`data` is what it was made of) where that is asked for, else in its form. Raises Failure for a file
    that is there already (nothing is overwritten) or cannot be written."""
    if (session.json or form == "json") and data is not None:
        if file is None:
            out_json(data)
            return FINE
        import msgspec

        written = msgspec.json.format(msgspec.json.encode(data), indent=2) + b"\n"
    else:
        written = FORMS[form](paper).encode("utf-8", "backslashreplace")
    if file is None:
        write_bytes(clean_bytes(written) if form in ("md", "txt") else written)
        return FINE
    new_file(Path(file), written, mode)
    if session.json:
        out_json({"schema": SCHEMA, "file": name_of(str(Path(file).absolute()))})
    else:
        err(text("paper.written", file=name_of(str(Path(file).absolute()))))
    return FINE


def clean_bytes(data: bytes) -> bytes:
    """What a terminal may be given: the papers have taken out what it would obey; this holds whatever they are."""
    return (clean(data.decode("utf-8"), block=True) + "\n").encode()


def new_file(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Write a file that is not there yet. Raises Failure for one that is, or that cannot be written."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except FileExistsError:
        raise Failure(WRONG, text("paper.exists", file=name_of(str(path)))) from None
    except OSError as error:
        raise Failure(WRONG, text("paper.cannot", file=name_of(str(path)), why=system_words(error))) from None
