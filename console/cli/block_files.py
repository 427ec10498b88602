"""The block list as a file: `kohoban blocklist export` (TOML, or CSV that no spreadsheet carries out) and `import` (TOML, CSV, one handle a line)."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import tomli_w

from console.cli.bench_words import carried_out
from console.cli.command import Session, argument, command, option, text
from console.cli.outcome import FINE, WRONG, Failure, system_words
from console.cli.papering import new_file, to_file
from console.cli.place import now
from console.cli.terminal import SCHEMA, clean, err, name_of, out_json, write_bytes
from console.words.marks import listed
from daemon.intake.encodings import decode
from daemon.papers.as_csv import BOM, harmless
from daemon.wire import Ask
from daemon.wire.blocks import BlockList, Blocks, BlockSeen
from daemon.wire.frames import LINE_LIMIT, encode_frame
from daemon.wire.moderation import ImportBlocks

COLUMNS = (
    "account", "platform", "handle", "author", "clause", "cite", "judge", "at", "review_on", "state", "reason", "ended_at", "ended_by",
    "ended_why",
)  # fmt: skip
_HANDLES = ("handle", "ハンドル", "アカウント名", "ユーザー名", "アカウント", "username", "screen_name", "user")
_AUTHORS = ("author", "author_id", "ユーザーid", "投稿者id", "user_id", "id")
_BYTES = 16 << 20
_HIDDEN = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")


@command(
    "blocklist export",
    option("--account", key="account", metavar="ID", default=""),
    option("--removed", key="block_removed", is_flag=True),
    option("--format", "form", key="paper_format", type=click.Choice(("toml", "csv")), default="toml", show_default=True),
    to_file(),
)
def export(session: Session, account: str, removed: bool, form: str, file: str | None) -> int:
    """書き出す."""
    with session.link() as link:
        found = link.ask(Blocks(account=account, removed=removed), BlockList).blocks
    data = (_as_csv(found) if form == "csv" else _as_toml(found)).encode("utf-8", "backslashreplace")
    if file is None:
        write_bytes(data)
        return FINE
    new_file(Path(file), data)
    if session.json:
        out_json({"schema": SCHEMA, "file": name_of(str(Path(file).absolute())), "count": len(found)})
    else:
        err(text("blocklist.written", file=name_of(str(Path(file).absolute())), count=len(found)))
    return FINE


def _row(each: BlockSeen) -> dict[str, Any]:
    values = ((name, getattr(each, name)) for name in COLUMNS)
    return {name: value for name, value in values if value not in (None, "")}


def _as_toml(found: Sequence[BlockSeen]) -> str:
    """Exactly what is held; what a terminal would obey or hide is written as an escape, which TOML reads back."""
    document = {"schema": SCHEMA, "exported_at": now().replace(microsecond=0), "blocks": [_row(each) for each in found]}
    return _HIDDEN.sub(_escape, tomli_w.dumps(document))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _as_csv(found: Sequence[BlockSeen]) -> str:
    """For a spreadsheet: with BOM, and no cell that it would calculate."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in found:
        row = _row(each)
        writer.writerow([harmless(_cell(row.get(name, ""))) for name in COLUMNS])
    return BOM + out.getvalue()


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else str(value.isoformat())


@command(
    "blocklist import",
    argument("FILE"),
    option("--account", key="comment_account", metavar="ID", required=True),
    option("--read-back", key="block_read_back", is_flag=True),
)
def import_blocks(session: Session, file: str, account: str, read_back: bool) -> int:
    """取り込む."""
    found = tuple(dict.fromkeys(_read(Path(file))))
    if not found:
        raise Failure(WRONG, text("blocklist.empty", file=name_of(file)))
    act = ImportBlocks(account=account, handles=found, read_back=read_back)
    if len(encode_frame(Ask(id="0" * 36, act=act))) > LINE_LIMIT:
        raise Failure(WRONG, text("blocklist.too_many", count=len(found)))
    return carried_out(session, act)


def _read(path: Path) -> Iterator[tuple[str, str]]:
    """Handle and id of every entry. Raises Failure."""
    try:
        with path.open("rb") as file:
            data = file.read(_BYTES + 1)
    except OSError as error:
        raise Failure(WRONG, text("blocklist.cannot", file=name_of(str(path)), why=system_words(error))) from None
    if len(data) > _BYTES:
        raise Failure(WRONG, text("blocklist.too_large", file=name_of(str(path)), most=_BYTES >> 20))
    written = decode(data).text
    reader: Callable[[str, Path], Iterator[tuple[str, str]]] = {".toml": _from_toml, ".csv": _from_csv}.get(
        path.suffix.casefold(), _from_lines
    )
    yield from reader(written, path)


def _from_toml(written: str, path: Path) -> Iterator[tuple[str, str]]:
    try:
        blocks = tomllib.loads(written).get("blocks", [])
    except tomllib.TOMLDecodeError as error:
        raise Failure(WRONG, text("blocklist.no_toml", file=name_of(str(path)), why=clean(str(error)))) from None
    for number, each in enumerate(blocks if isinstance(blocks, list) else [None], start=1):
        handle, author = (each.get("handle"), each.get("author", "")) if isinstance(each, Mapping) else (None, "")
        if not isinstance(handle, str) or not isinstance(author, str) or not handle.strip():
            raise Failure(WRONG, text("blocklist.no_handle", file=name_of(str(path)), entry=number))
        if each.get("state") != "removed":
            yield handle.strip(), author.strip()


def _from_csv(written: str, path: Path) -> Iterator[tuple[str, str]]:
    """By the headings; an apostrophe that kept a spreadsheet from calculating is taken off again."""
    rows = csv.reader(io.StringIO(written.removeprefix(BOM), newline=""))
    try:
        heads = [head.strip().casefold() for head in next(rows, [])]
        handle = next((heads.index(name) for name in _HANDLES if name in heads), None)
        author = next((heads.index(name) for name in _AUTHORS if name in heads), None)
        state = heads.index("state") if "state" in heads else None
        if handle is None:
            raise Failure(WRONG, text("blocklist.no_heading", file=name_of(str(path)), known=listed(_HANDLES[:3])))
        for row in rows:
            if len(row) > handle and (found := _plain(row[handle])) and not _says(row, state, "removed"):
                yield found, _plain(row[author]) if author is not None and len(row) > author else ""
    except csv.Error as error:
        raise Failure(WRONG, text("blocklist.no_csv", file=name_of(str(path)), why=clean(str(error)))) from None


def _says(row: Sequence[str], column: int | None, word: str) -> bool:
    return column is not None and len(row) > column and row[column].strip() == word


def _plain(cell: str) -> str:
    bare = cell[1:] if cell.startswith("'") and harmless(cell[1:]) == cell else cell
    return bare.strip()


def _from_lines(written: str, path: Path) -> Iterator[tuple[str, str]]:
    """One handle a line; empty lines and those that begin with # are left out."""
    for line in written.splitlines():
        if (handle := line.strip()) and not handle.startswith("#"):
            yield handle, ""
