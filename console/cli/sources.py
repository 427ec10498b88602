"""What `check` is given: files, folders, standard input, and streams of one JSON object a line."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

from console.cli.answers import Trouble
from console.cli.outcome import WRONG, Failure, system_words
from console.cli.place import TOKYO
from console.cli.terminal import clean, name_of
from console.words import LANGUAGES, say, sentence
from daemon.intake.legible import LARGEST_FILE, LARGEST_OFFICE, within_reach
from daemon.intake.names import FOLDER_NOTICE, HANDOVER, NOTICE_SUFFIX, is_draft, is_office
from daemon.rulebook.item import WORDLESS, Item
from daemon.rulebook.item import Trouble as Reading

LONGEST_LINE = 1 << 20
"""Bytes of one line of a stream, at most."""


class Source(NamedTuple):
    """The bytes of one item: `name` as it is shown, `place` where its file lies; `piped` when they came over standard input. `item` is what
    was read from an office file, whose bytes are not these."""

    name: str
    place: Path | None
    data: bytes
    piped: bool = False
    item: Item | None = None


def from_paths(paths: Sequence[str]) -> Iterator[Source | Trouble]:
    """Files in the order given; folders with all drafts below them, in order of name. What cannot be read is said, and the rest
    goes on. The program's own verdict files, which `drafts/x/*` brings along, are no drafts."""
    for path in paths:
        if os.fsencode(path).endswith((NOTICE_SUFFIX, b"/" + FOLDER_NOTICE, b"/" + HANDOVER)):
            continue
        if os.path.isdir(path):  # noqa: PTH112 - a name that is not UTF-8 stays what it is
            yield from from_folder(Path(path))
        else:
            yield from _drafts_in(read_file(Path(path)))


def _drafts_in(source: Source | Trouble) -> Iterator[Source | Trouble]:
    """The drafts of a file: of a sheet one for each row, named after it."""
    if isinstance(source, Trouble) or source.place is None or not is_office(os.fsencode(source.place)):
        yield source
        return
    from daemon.intake.office_files import read_office

    for draft in read_office(os.fsencode(source.place), source.data).drafts:
        origin = draft.item.origin
        row = f":{origin.sheet}:{origin.row}".replace("::", ":") if origin is not None and origin.row else ""
        yield Source(source.name + clean(row), source.place, draft.data, item=draft.item)


def from_folder(folder: Path) -> Iterator[Source | Trouble]:
    """Every draft in a folder and below; links to folders are not followed."""
    refused: list[Trouble] = []
    for parent, folders, files in os.walk(folder, onerror=lambda error: refused.append(_unreadable(Path(error.filename), error))):
        # What was released lies in `done/`; nobody waits for a verdict on it.
        folders[:] = sorted(name for name in folders if name != "done" and not name.startswith("."))
        for name in sorted(files):
            if is_draft(os.fsencode(name)):
                yield from _drafts_in(read_file(Path(parent) / name))
    yield from refused


def read_file(path: Path) -> Source | Trouble:
    """The bytes of one file, or why not. Never waits on a FIFO, never reads a file over the limit."""
    name = name_of(str(path))
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return _unreadable(path, error)
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            return Trouble(id=name, error=say("cli", "check.not_a_file", file=clean(name)))
        most = LARGEST_OFFICE if is_office(os.fsencode(path)) else LARGEST_FILE
        if facts.st_size > most:
            return Trouble(id=name, error=say("cli", "check.too_large", file=clean(name), limit=most))
        return Source(name, path, file.read(most))


def from_stdin(filename: str | None) -> Source | Trouble:
    """Standard input as one file, under the name that an editor gives."""
    name = name_of(filename) if filename else "<stdin>"
    data = sys.stdin.buffer.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        return Trouble(id=name, error=say("cli", "check.too_large", file=clean(name), limit=LARGEST_FILE))
    return Source(name, Path(filename) if filename else None, data, piped=True)


def _unreadable(path: Path, error: OSError) -> Trouble:
    name = name_of(str(path))
    return Trouble(id=name, error=say("cli", "check.unreadable", file=clean(name), why=system_words(error)))


@contextmanager
def lines_of(path: str) -> Iterator[IO[bytes]]:
    """The stream of a `--jsonl` option; `-` is standard input. Raises Failure where the file cannot be read."""
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = open(path, "rb")  # noqa: PTH123, SIM115 - closed below; a name that is not UTF-8 stays what it is
    except OSError as error:
        raise Failure(WRONG, _unreadable(Path(path), error).error) from None
    with stream:
        yield stream


def records(stream: IO[bytes], before: int = 0) -> Iterator[tuple[int, dict[str, Any] | Trouble]]:
    """Each line's number and object, as soon as the line has come; empty lines are skipped, a bad line is said and passed over. `before`:
    lines that came before this stream."""
    for number, value in _objects(stream, before):
        yield number, value if isinstance(value, Trouble) else _named(number, value)


def texts_of(stream: IO[bytes]) -> Iterator[str | Trouble]:
    """The `text` of each line's object, which need not have an id."""
    for number, value in _objects(stream, 0):
        if isinstance(value, Trouble):
            yield value
        elif isinstance(text := value.get("text"), str):
            yield whole(text)
        else:
            yield _bad_line(number, None, "line_without_text")


def _objects(stream: IO[bytes], before: int) -> Iterator[tuple[int, dict[str, Any] | Trouble]]:
    number = before
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            yield number, _bad_line(number, None, "line_too_long", limit=LONGEST_LINE)
        elif line.strip(b"\xef\xbb\xbf \t\r\n"):
            yield number, _object(number, line)


def _object(number: int, line: bytes) -> dict[str, Any] | Trouble:
    import json  # not msgspec's: it refuses NaN and lone surrogates, which other programs write

    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _bad_line(number, None, "line_not_utf8")
    except (ValueError, RecursionError) as error:
        return _bad_line(number, None, "line_not_json", why=error)
    return value if isinstance(value, dict) else _bad_line(number, None, "line_no_object")


def _named(number: int, value: dict[str, Any]) -> dict[str, Any] | Trouble:
    """The object with its id and its text, which are strings."""
    name, text = value.get("id"), value.get("text")
    if isinstance(name, int) and not isinstance(name, bool):
        value["id"] = name = str(name)
    if not isinstance(name, str) or not isinstance(text, str):
        return _bad_line(number, name if isinstance(name, str) else None, "line_no_text")
    value["id"] = whole(name)
    return value


def _bad_line(number: int, name: str | None, key: str, **values: object) -> Trouble:
    return Trouble(id=name and whole(name), line=number, error=say("cli", f"check.{key}", line=number, **values))


_FIELDS = {
    field.name: field.type
    for field in msgspec.structs.fields(Item)
    if field.name not in ("text", "declared", "encoding", "troubles", "looked", "origin")
}


def item_of(record: dict[str, Any]) -> Item:
    """The item in one JSON object: `text` as it would appear, front-matter fields beside it. A field that cannot be read is a
    trouble of the item, as it is in a file, and the text is judged all the same."""
    values: dict[str, Any] = {}
    troubles: list[Reading] = []
    for name, value in record.items():
        if name in ("id", "text"):
            continue
        if name not in _FIELDS:
            troubles.append(_reading("unknown-key", "check.field_unknown", name))
            continue
        try:
            values[name] = msgspec.convert(_whole_inside(value), _FIELDS[name])
        except msgspec.ValidationError as error:
            troubles.append(_reading("front-matter", "check.field_wrong", name, str(error)))
    text, too_long = within_reach(whole(record["text"]))
    if too_long is not None:
        troubles.append(too_long)
    elif text != record["text"]:
        troubles.append(_reading("encoding", "check.surrogates", "text"))
    if not text.strip() and values.get("kind", "post") not in WORDLESS:
        troubles.append(_reading("empty", "check.empty", "text"))
    if (at := values.get("release_at")) is not None and at.tzinfo is None:
        values["release_at"] = at.replace(tzinfo=TOKYO)
    return Item(text=text, declared=tuple(values), troubles=tuple(troubles), **values)


def comment_of(text: str) -> str:
    """What is judged of a comment in one JSON object: its text. Whatever else the object says (who, when, where) is not judged."""
    return within_reach(whole(text))[0]


def _reading(code: str, key: str, field: str, why: str = "") -> Reading:
    ja, en = (sentence("cli", key, lang).format(field=field, why=why) for lang in LANGUAGES)
    return Reading(code, ja, en)


def whole(text: str) -> str:
    """The text with lone surrogates, which JSON can name and UTF-8 cannot write, as U+FFFD; no offset moves."""
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text) if _broken(text) else text


def _broken(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _whole_inside(value: Any) -> Any:
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, list):
        return [_whole_inside(inner) for inner in value]
    if isinstance(value, dict):
        return {whole(key): _whole_inside(inner) for key, inner in value.items()}
    return value
