"""A draft's bytes to an `Item`: decoding, the front matter between `+++` lines (CONTRACT, Files), and the body as it would appear.

Whatever is wrong with the front matter, the text is judged all the same: each thing that could not be read is a `Trouble` of the
item, with its line, and the other keys count as written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from daemon.intake.encodings import decode
from daemon.intake.legible import no_text, within_reach
from daemon.rulebook.item import KINDS, WORDLESS, Image, Item, Kind, Poll, Trouble
from daemon.rulebook.lazy import lazy_pattern

FENCE = "+++"
LONGEST = 16_384
"""Characters of front matter that are read; no honest one comes near."""
MOST_DOTS = 1_000
"""A TOML key of thousands of dotted parts takes the parser seconds; no honest front matter holds so many dots."""
MOST_UNKNOWN = 10
"""Unknown keys that are named one by one; the rest are counted."""

_TOKYO = ZoneInfo("Asia/Tokyo")
_YEARS = range(1970, 3000)
"""Years with room on both sides: at the ends of the calendar, a zone or an hour's grace leads out of it."""
_LONGEST_POLL = 60 * 24 * 366
_PLAIN = lazy_pattern(r'[ \t]*([A-Za-z_]+)[ \t]*=[ \t]*(?:"([^"\\\x00-\x1f\x7f]*)"|(true|false))[ \t]*')
_AT_LINE = lazy_pattern(r"\(at line (\d+), column \d+\)")


class _Split(NamedTuple):
    """`head` is None where there is no front matter; `skipped` counts the characters of the text before the body."""

    head: str | None
    body: str
    skipped: int
    trouble: Trouble | None = None


def read_item(data: bytes) -> Item:
    """The item in a file's bytes. Never raises: what cannot be read is among its `troubles`, their spans in the body."""
    decoded = decode(data)
    if (trouble := no_text(decoded.text, data)) is not None:
        # What its bytes would look like as characters helps nobody, and may steer a terminal: there is no text.
        return Item(text="", encoding=decoded.encoding, troubles=(trouble,))
    split = _split(decoded.text)
    text, too_long = within_reach(split.body)
    split = split._replace(body=text)
    troubles = [] if decoded.trouble is None else [_moved(decoded.trouble, split)]
    troubles += [trouble for trouble in (split.trouble, too_long) if trouble is not None]
    fields: dict[str, Any] = {}
    if split.head is not None:
        fields, found = _fields(split.head)
        troubles += found
    troubles += _body_troubles(split.body, fields)
    return Item(text=split.body, encoding=decoded.encoding, troubles=tuple(troubles), **fields)


def body_starts(text: str) -> int:
    """Where in the characters of a file its body begins: behind the front matter and the blank lines after it."""
    return _split(text).skipped


def _split(text: str) -> _Split:
    """Take the front matter off. Blank lines around the body would not appear, so they are no part of it."""
    if not text.startswith(FENCE):
        return _body(None, text, 0, _almost_fence(text))
    first, _, rest = text.partition("\n")
    if first.rstrip() != FENCE:
        return _body(None, text, 0)
    at = len(first) + 1
    for line in re.finditer(r"^\+\+\+[ \t]*(?:\n|\Z)", rest, re.MULTILINE):
        return _body(rest[: line.start()], rest[line.end() :], at + line.end())
    return _body(
        None,
        text,
        0,
        Trouble(
            "front-matter",
            "1行目の +++ に対する、終わりの +++ の行がありません。前書きの後に +++ だけの行を入れてください。",
            "The +++ of line 1 is never closed: put a line +++ after the front matter.",
        ),
    )


def _body(head: str | None, text: str, skipped: int, trouble: Trouble | None = None) -> _Split:
    body = text.lstrip("\n")
    return _Split(head, body.rstrip("\n"), skipped + len(text) - len(body), trouble)


def _almost_fence(text: str) -> Trouble | None:
    """A first line that only looks like `+++` (full-width, or after blanks): the key names below it would be published."""
    first = text.lstrip().partition("\n")[0].strip()
    if len(first) != len(FENCE) or unicodedata.normalize("NFKC", first) != FENCE:
        return None
    return Trouble(
        "front-matter",
        "前書きのしるし +++ は、半角で、ファイルの1行目の行頭に書いてください。",
        "Write the +++ of the front matter in ASCII, at the very start of line 1.",
    )


def _moved(trouble: Trouble, split: _Split) -> Trouble:
    """The same trouble with its span in the body, without a span where it lies in the front matter."""
    start, end = trouble.start - split.skipped, trouble.end - split.skipped
    if start < 0 or end > len(split.body):
        start = end = 0
    return msgspec.structs.replace(trouble, start=start, end=end)


def _body_troubles(body: str, fields: dict[str, Any]) -> list[Trouble]:
    found = []
    if (at := body.find("\0")) >= 0:
        found.append(Trouble("nul", "NUL 文字（値0の文字）が入っています。", "The text holds a NUL character.", at, at + 1))
    if not body.strip() and fields.get("kind", "post") not in WORDLESS:
        found.append(Trouble("empty", "本文がありません。", "There is no text."))
    return found


def _toml(head: str) -> dict[str, Any]:
    import tomllib  # three ms, and most front matters are plain

    return tomllib.loads(head)


def _fields(head: str) -> tuple[dict[str, Any], list[Trouble]]:
    """The fields of the item that a front matter fills in, and what of it could not be read."""
    if len(head) > LONGEST or head.count(".") > MOST_DOTS:
        return {}, [_trouble("前書きが長すぎるか、複雑すぎます。", "The front matter is too long or too involved.")]
    try:
        written = _plain(head) or _toml(head)
    except RecursionError:
        return {}, [_trouble("前書きの入れ子が深すぎます。", "The front matter is nested too deeply.")]
    except ValueError as error:
        return {}, [_broken(str(error), head)]
    fields: dict[str, Any] = {}
    troubles: list[Trouble] = []
    unknown = 0
    for key, value in written.items():
        if key not in _READERS:
            unknown += 1
            if unknown <= MOST_UNKNOWN:
                troubles.append(_unknown(key, _line_of(head, key)))
            continue
        read, ja, en = _READERS[key]
        try:
            fields[key] = read(value)
        except (msgspec.ValidationError, ValueError):
            line = _line_of(head, key)
            troubles.append(_trouble(f"{line}行目の {key} は{ja}で書いてください。", f"Line {line}: {key} must be {en}."))
    fields["declared"] = tuple(key for key in written if key in _READERS)
    if unknown > MOST_UNKNOWN:
        troubles.append(_more_unknown(unknown - MOST_UNKNOWN))
    return fields, troubles


def _plain(head: str) -> dict[str, Any] | None:
    """What TOML says of a front matter of nothing but plain lines (`key = "words"`, `key = true`), as nearly all are, in a fourth of
    the time; None for any other."""
    written: dict[str, Any] = {}
    for line in head.split("\n"):
        if not line.strip(" \t"):
            continue
        found = _PLAIN.fullmatch(line)
        if found is None or found[1] in written:
            return None
        written[found[1]] = found[2] if found[3] is None else found[3] == "true"
    return written


def _trouble(ja: str, en: str) -> Trouble:
    return Trouble("front-matter", ja, en)


def _broken(why: str, head: str) -> Trouble:
    """The parser's complaint, with the line counted in the file (the first `+++` is line 1)."""
    at = _AT_LINE.search(why)
    line = int(at.group(1)) + 1 if at else head.count("\n") + 1
    said = _AT_LINE.sub("", why).strip().removesuffix("(at end of document)").strip()
    return Trouble(
        "front-matter",
        f'前書きの{line}行目を TOML として読めません。値は author = "…" のように二重引用符で囲んでください。',
        f'Line {line}: the front matter is not TOML ({said}). Write values as author = "…".',
    )


def _unknown(key: str, line: int) -> Trouble:
    near = [known for known in _READERS if known[:3] == key[:3].lower()]
    shown = key[:40].encode("unicode_escape").decode() if not key.isprintable() else key[:40]
    return Trouble(
        "unknown-key",
        f"前書きの{line}行目の {shown} という項目はありません。" + (f"{near[0]} のことではありませんか。" if near else ""),
        f"Line {line}: there is no key {shown}." + (f" Did you mean {near[0]}?" if near else ""),
    )


def _more_unknown(count: int) -> Trouble:
    return Trouble(
        "unknown-key", f"前書きには、知らない項目がほかに {count} あります。", f"There are {count} more keys that do not exist."
    )


def _line_of(head: str, key: str) -> int:
    """The line of the file on which a key is set; 1 where it cannot be told."""
    found = re.search(rf"""^[ \t]*+\[{{0,2}}[ \t]*+["']?{re.escape(key)}["']?[ \t]*+[.=\]]""", head, re.MULTILINE)
    return head.count("\n", 0, found.start()) + 2 if found else 1


def _text(value: object) -> str:
    return msgspec.convert(value, str, strict=True)


def _kind(value: object) -> Kind:
    kind: Kind = msgspec.convert(value, Kind, strict=True)
    return kind


def _yes_or_no(value: object) -> bool:
    return msgspec.convert(value, bool, strict=True)


def _moment(value: object) -> datetime:
    """A date-time; without an offset it is meant as in the office, Asia/Tokyo."""
    if not isinstance(value, datetime):
        raise ValueError("not a date and time")
    if value.year not in _YEARS:
        raise ValueError("no year in which anything is released")
    return value if value.tzinfo is not None else value.replace(tzinfo=_TOKYO)


def _images(value: object) -> tuple[Image, ...]:
    """Images lie beside their draft: a path could name any file that the releaser may read, the register and the record included."""
    images = msgspec.convert(value, tuple[Image, ...], strict=True)
    if any(not image.file.strip(". ") or "/" in image.file or not image.file.isprintable() for image in images):
        raise ValueError("not the name of a file beside the draft")
    return images


def _poll(value: object) -> Poll:
    poll = msgspec.convert(value, Poll, strict=True)
    if not 0 < poll.minutes <= _LONGEST_POLL:
        raise ValueError("no length of a poll")
    return poll


_WORDS = ('文字列（"…"）', 'a string ("…")')
_READERS: dict[str, tuple[Callable[[object], object], str, str]] = {
    "author": (_text, *_WORDS),
    "kind": (_kind, f"次のどれか（{', '.join(KINDS)}）", f"one of {', '.join(KINDS)}"),
    "topic": (_text, *_WORDS),
    "emergency": (_yes_or_no, " true か false ", "true or false"),
    "release_at": (_moment, "日時（2026-11-24T09:00:00+09:00 の形、引用符なし）", "a date and time (2026-11-24T09:00:00+09:00)"),
    "organiser": (_text, *_WORDS),
    "source": (_text, *_WORDS),
    "purpose": (_text, *_WORDS),
    "reference": (_text, *_WORDS),
    "target": (_text, *_WORDS),
    "images": (
        _images,
        '一覧（[{ file = "下書きの隣にある画像のファイル名", alt = "…", rights = "…", consent = "…" }]）',
        'a list ([{ file = "name of an image beside the draft", alt = "…" }])',
    ),
    "poll": (_poll, '表（{ options = ["…", "…"], minutes = 1440 }）', 'a table ({ options = ["…", "…"], minutes = 1440 })'),
}
