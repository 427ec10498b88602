"""The fixes that findings offer, carried out on a file's own bytes: encoding, byte order mark and line ends stay, and nothing else changes.

The command line and the console mend alike. Whoever asks decides how far: by itself only what is safe is carried out, that is what cannot
change what the text says; a day of the week may be right, and the date beside it wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from console.fixes import Mend, chosen
from daemon.intake.encodings import decode
from daemon.intake.frontmatter import body_starts

_MARK_BYTES = {"utf-8-sig": 3, "utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


class Offer(NamedTuple):
    """What mending a file would make of it: its text before and after, the bytes, and how many places that changes."""

    before: str
    after: str
    data: bytes
    places: int


def offer(data: bytes, text: str, findings: Iterable[Mend], *, unsafe: bool) -> Offer:
    """The file of these bytes with the fixes of the findings about its `text`. Raises ValueError where that is not its text, or where the
    file cannot be written back exactly."""
    whole = decode(data).text
    body = body_starts(whole)
    if not whole.startswith(text, body):
        raise ValueError("the findings speak of another text")
    fixes = chosen(findings, unsafe=unsafe)
    new = mended(data, whole, body, fixes)
    return Offer(whole, decode(new).text, new, len(fixes))


class Written(NamedTuple):
    """A file's text as it stands there: its byte order mark, the text with its own line ends, and the codec that writes it."""

    mark: bytes
    raw: str
    codec: str


def written(data: bytes, whole: str) -> Written:
    """The text of these bytes, of which `whole` is the form with `\\n` line ends. Raises ValueError where the two differ in anything else, or
    where writing the text would give other bytes."""
    found = decode(data)
    mark = next((data[: len(m)] for m in _MARKS if data.startswith(m)), b"")
    mark = data[: _MARK_BYTES[found.encoding]] if mark and found.encoding in _MARK_BYTES else b""
    codec = found.encoding.removesuffix("-sig")
    raw = data[len(mark) :].decode(codec)
    if found.trouble or found.text != whole or mark + raw.encode(codec) != data:
        raise ValueError("the text was not read exactly as it stands in the file")
    return Written(mark, raw, codec)


def returns(data: bytes, whole: str) -> tuple[int, ...]:
    """Where in `whole` the line ends stand that are `\\r\\n` in the file; none where the text was not read exactly."""
    if b"\r" not in data:
        return ()
    try:
        raw = written(data, whole).raw
    except ValueError:
        return ()
    return tuple(at for at, place in enumerate(_raw_offsets(raw)) if raw.startswith("\r\n", place))


def mended(data: bytes, whole: str, body: int, fixes: Sequence[Mend]) -> bytes:
    """The file's bytes with the fixes carried out, and nothing else changed. `whole` is the decoded file with `\\n` line ends, `body` where
    the judged text begins in it. Raises ValueError where that cannot be done exactly: the bytes were not read whole, or the encoding has no
    such character."""
    mark, raw, codec = written(data, whole)
    at = _raw_offsets(raw)
    end = "\r\n" if "\r\n" in raw else "\r" if "\r" in raw and "\n" not in raw else "\n"
    text = raw
    for finding in reversed(fixes):
        put = (finding.fix or "").replace("\n", end)
        text = text[: at[body + finding.start]] + put + text[at[body + finding.end] :]
    return mark + text.encode(codec)


def _raw_offsets(raw: str) -> list[int]:
    """Where each code point of the text with `\\n` line ends stands in the text with its own line ends, and where the text ends."""
    offsets, at = [], 0
    while at < len(raw):
        offsets.append(at)
        at += 2 if raw.startswith("\r\n", at) else 1
    return [*offsets, len(raw)]
