"""Exports of comments (`comments/<account>/*.jsonl`, `*.csv`): read line by line, so that the largest takes no more room than its lines.

A line that cannot be read is named by its number, and the rest goes on. CSV may be UTF-8 or CP932, with headings in Japanese or English;
formulas that a spreadsheet would carry out stay the words that they are.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import BinaryIO, NamedTuple

import msgspec

from daemon.intake.encodings import decode
from daemon.rulebook.calendar import TOKYO

ENDINGS = (".jsonl", ".csv")
LINE_MOST = 1 << 20
"""Bytes of one line: no comment of any platform comes near it."""
TEXT_MOST = 20_000
"""Characters of one comment."""
CSV_MOST = 256 << 20
"""Bytes of a CSV file; jsonl has no limit of its own."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "source": ("id", "コメントid", "投稿id", "返信id", "ポストid", "comment_id", "tweet_id", "post_id"),
    "text": ("text", "本文", "コメント", "内容", "テキスト", "message", "body"),
    "handle": ("handle", "author", "ユーザー名", "アカウント", "アカウント名", "投稿者", "username", "screen_name", "user"),
    "author": ("author_id", "投稿者id", "ユーザーid", "user_id"),
    "at": ("at", "日時", "投稿日時", "created_at", "date", "timestamp"),
    "conversation": ("conversation", "会話", "元の投稿", "元のポスト", "in_reply_to", "conversation_id", "post_url", "post"),
    "url": ("url", "リンク", "アドレス", "permalink"),
}
"""What a column or a key of an export means, by its name in lower case without spaces."""

_MEANS = {name: field for field, names in FIELDS.items() for name in names}
_DATES = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y年%m月%d日 %H:%M",
    "%a %b %d %H:%M:%S %z %Y",
)
_ONE_LINE = 500
_FIRST_YEAR = 1990
"""No platform is older; and what lies at the edge of what a calendar holds cannot be shown in every zone."""
_SURROGATES = re.compile("[\ud800-\udfff]")


class Comment(NamedTuple):
    """One comment as an export has it. `author` and `source` are the platform's ids, empty where the export has none."""

    line: int
    text: str
    source: str = ""
    handle: str = ""
    author: str = ""
    posted_at: datetime | None = None
    conversation: str = ""
    url: str = ""
    doubt: tuple[str, str] | None = None
    """What of it was left out because it cannot be, in both languages: a time in the future, or none that can be read."""


class Broken(NamedTuple):
    """A line that is no comment: its number, and why, in both languages. Never its text."""

    line: int
    why: str
    why_en: str


def every_line(line: int) -> bool:
    """All of them are to be read."""
    return True


def read_comments(
    file: BinaryIO, name: str, now: datetime, mine: Callable[[int], bool] = every_line
) -> Iterator[Comment | Broken]:
    """Every comment of an export, in order, and every line that is none; `mine` leaves out those that begin at other lines. `now` tells a
    time in the future. Raises OSError."""
    rows = _csv(file) if name.casefold().endswith(".csv") else _json_lines(file, mine)
    for row in rows:
        if isinstance(row, Broken):
            if mine(row.line):
                yield row
        elif mine(row[0]):
            yield _comment(*row, now)


def _json_lines(file: BinaryIO, mine: Callable[[int], bool]) -> Iterator[tuple[int, dict[str, object]] | Broken]:
    number = 0
    while line := file.readline(LINE_MOST + 1):
        number += 1
        if len(line) > LINE_MOST and not line.endswith(b"\n"):
            while (rest := file.readline(LINE_MOST)) and not rest.endswith(b"\n"):
                pass
            yield _too_long(number)
            continue
        if not mine(number) or not (line := line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line).strip():
            continue
        try:
            found = _decoded(line)
        except (ValueError, RecursionError):
            yield Broken(number, "JSON として読めません", "it is no JSON")
            continue
        if not isinstance(found, dict):
            yield Broken(number, "1行に1件の {…} ではありません", "it is no object")
            continue
        yield number, found


def _decoded(line: bytes) -> object:
    """The value of a line. Lone surrogates in escapes, which are no text but which programs write, are let through. Raises ValueError,
    RecursionError."""
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return json.loads(line.decode("utf-8"))


def _csv(file: BinaryIO) -> Iterator[tuple[int, dict[str, object]] | Broken]:
    data = file.read(CSV_MOST + 1)
    if len(data) > CSV_MOST:
        yield Broken(
            0,
            f"CSV は {CSV_MOST >> 20} MB までです。JSONL で書き出すか、分けてください",
            "the CSV is too large: use JSONL, or split it",
        )
        return
    text = decode(data).text
    del data
    csv.field_size_limit(LINE_MOST)
    reader = csv.reader(io.StringIO(text, newline=""))
    heads: list[str] | None = None
    while True:
        before = reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield _too_long(before + 1)
            continue
        if not any(cell.strip() for cell in row):
            continue
        if heads is None:
            heads = [cell.strip() for cell in row]
            if "text" not in {_MEANS.get(_plain(head)) for head in heads}:
                yield Broken(before + 1, "見出しの行に「本文」（text）の列がありません", "no column is headed text")
                return
            continue
        if len(row) > len(heads):
            yield Broken(before + 1, "列が見出しより多くあります", "there are more cells than headings")
            continue
        cells: dict[str, object] = dict(zip(heads, row, strict=False))
        yield before + 1, cells


def _comment(line: int, found: Mapping[str, object], now: datetime) -> Comment | Broken:
    fields: dict[str, str] = {}
    for key, value in found.items():
        field = _means(key)
        if field and value not in (None, "") and field not in fields:
            if isinstance(value, bool | float | list | dict):
                return Broken(line, f"「{_short(key)}」の値が文字ではありません", f"the value of '{_short(key)}' is no text")
            fields[field] = value if isinstance(value, str) else str(value)
    text = fields.get("text", "")
    if not text.strip():
        return Broken(line, "本文がありません", "there is no text")
    if len(text) > TEXT_MOST:
        return Broken(line, f"本文が {TEXT_MOST} 字を超えています", f"the text has more than {TEXT_MOST} characters")
    at, doubt = None, None
    if written := fields.get("at"):
        at = _moment(written)
        if at is None:
            doubt = "日時が読めません（日時なしで読みました）", "the time cannot be read (read without it)"
        elif at > now:
            at, doubt = None, ("日時が今より後です（日時なしで読みました）", "the time lies in the future (read without it)")
    return Comment(
        line=line,
        text=_clean(text),
        source=_one_line(fields.get("source", "")),
        handle=_one_line(fields.get("handle", "")).lstrip("@"),
        author=_one_line(fields.get("author", "")),
        posted_at=at,
        conversation=_one_line(fields.get("conversation", "")),
        url=_one_line(fields.get("url", "")),
        doubt=doubt,
    )


def _moment(written: str) -> datetime | None:
    """A time as exports write it; one without a zone is Japan's."""
    written = written.strip()
    try:
        found: datetime | None = datetime.fromisoformat(written)
    except ValueError:
        found = None
    for shape in _DATES if found is None else ():
        try:
            found = datetime.strptime(written, shape)  # noqa: DTZ007 - one without a zone is Japan's
        except ValueError:
            continue
        break
    if found is None:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=TOKYO)
    return found if found.year >= _FIRST_YEAR else None


@lru_cache(1024)
def _means(head: str) -> str | None:
    """The field that a key or a heading names."""
    return _MEANS.get(_plain(head))


def _plain(head: str) -> str:
    return re.sub(r"[\s　_\-]", "_", head.strip()).casefold().removeprefix("\ufeff")


def _clean(text: str) -> str:
    """Without lone surrogates, which no database takes."""
    return text if text.isascii() or _SURROGATES.search(text) is None else _SURROGATES.sub("\ufffd", text)


def _one_line(value: str) -> str:
    return (
        value if value.isascii() and value.isalnum() and len(value) <= _ONE_LINE else " ".join(_clean(value).split())[:_ONE_LINE]
    )


def _short(key: object) -> str:
    return "".join(char for char in str(key)[:20] if char.isprintable())


def _too_long(line: int) -> Broken:
    return Broken(line, f"行が {LINE_MOST >> 20} MB を超えています", f"the line is longer than {LINE_MOST >> 20} MB")
