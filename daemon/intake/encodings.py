"""Bytes to text: ordered tries, because guessing libraries misread short Japanese (CP932 and EUC-JP above all).

The order is: byte order mark, ISO-2022-JP escapes, the NUL pattern of UTF-16 and UTF-32, strict UTF-8, and last the encodings
that any bytes may be mistaken for, told apart by how much kana a reading holds: Japanese prose always holds some. Bytes that no
try reads are never a crash: the text has U+FFFD in their places, and a `Trouble` says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from daemon.rulebook.item import Trouble
from daemon.rulebook.lazy import lazy_pattern

_REPLACED = "\ufffd"

_MARKS: tuple[tuple[bytes, str], ...] = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_JIS_ESCAPE = lazy_pattern(rb"\x1b\$[@B]|\x1b\([JI]|\x1b\$\([DOQ]")
_JIS_SEGMENT = lazy_pattern(rb"\x1b(\$[@B]|\([BJI])([^\x1b]*)")
_KANA = lazy_pattern("[\u3041-\u30ff]")
_FAMILIAR = lazy_pattern("[\t\n\r -~\u3000-\u30ff\u4e00-\u9fff\uff01-\uff9f]")
_HALF_WIDTH_PROSE = lazy_pattern("(?:[\\s!-~]|(?:[ｳｶ-ﾄﾊ-ﾎ]ﾞ|[ﾊ-ﾎ]ﾟ|[ｦｱ-ﾝ])[ｧ-ｰ]*[｡､･]?|｢(?=[ｦｱ-ﾝ])|(?<=[ｦ-ﾟ])｣)+")
"""Half-width kana as people write them: no mark, small kana or stop at the head of a word."""
_NO_CP932 = lazy_pattern("[\x80\xa0\uf8f0-\uf8f3]")
"""What Python's cp932 makes of the bytes 80, A0 and FD to FF, which no Japanese system ever wrote."""
_FEW = 0.2
"""Kana share below which a reading as UTF-16 without mark and NUL is not believed."""


class Decoded(NamedTuple):
    """Text with `\\n` line ends and no lone surrogates, the codec that read it (a Python codec name; `utf-8-sig` and the marked UTF-16
    and UTF-32 have lost their mark), and what could not be read, if anything; its span counts code points of `text`."""

    text: str
    encoding: str
    trouble: Trouble | None = None


def decode(data: bytes) -> Decoded:
    """The text in these bytes. Never raises: what cannot be read becomes U+FFFD and a trouble `encoding`."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _read(data[len(mark) :], encoding)
    if b"\x1b" in data and (text := _iso_2022_jp(data)) is not None:
        return Decoded(tidy(text), "iso2022_jp")
    if b"\0" in data and (wide := _wide(data)) is not None:
        return wide
    if (text := _strict(data, "utf-8")) is not None:
        return Decoded(tidy(text), "utf-8")
    return _nearly_utf_8(data) or _by_kana(data) or _damaged(data)


def tidy(text: str) -> str:
    """Line ends to `\\n`, lone surrogates to U+FFFD: the form in which every text enters the house."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = re.sub("[\ud800-\udfff]", _REPLACED, text)
    return text


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if encoding == "cp932" and _NO_CP932.search(text) else text


def _read(data: bytes, encoding: str) -> Decoded:
    """Read in an encoding that is certain, whatever is wrong with the bytes."""
    plain = "utf-8" if encoding == "utf-8-sig" else encoding
    text = _strict(data, plain)
    if text is not None:
        return Decoded(tidy(text), encoding)
    return _with_trouble(data.decode(plain, "replace"), encoding)


def _with_trouble(text: str, encoding: str) -> Decoded:
    text = tidy(text)
    start = max(text.find(_REPLACED), 0)
    end = start
    while text[end : end + 1] == _REPLACED:
        end += 1
    line = text.count("\n", 0, start) + 1
    return Decoded(
        text,
        encoding,
        Trouble(
            "encoding",
            f"{line}行目に、文字として読めないところがあります（{encoding} として読みました）。UTF-8 で保存し直してください。",
            f"Line {line} holds bytes that cannot be read as text (read as {encoding}). Save the file again as UTF-8.",
            start,
            end,
        ),
    )


def _iso_2022_jp(data: bytes) -> str | None:
    """JIS text, also with the vendors' characters (①, ㈱) and half-width kana that mail programs put into it."""
    if not _JIS_ESCAPE.search(data) or not data.isascii():
        return None
    for encoding in ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2004"):
        if (text := _strict(data, encoding)) is not None:
            return text
    head = data[: data.index(b"\x1b")]
    try:
        return head.decode("ascii") + "".join(_jis_segment(escape, body) for escape, body in _jis_segments(data))
    except UnicodeDecodeError:
        return None


def _jis_segments(data: bytes) -> Iterable[tuple[bytes, bytes]]:
    return ((m.group(1), m.group(2)) for m in _JIS_SEGMENT.finditer(data))


def _jis_segment(escape: bytes, body: bytes) -> str:
    if escape.startswith(b"$"):
        return bytes(b | 0x80 if b > 0x20 else b for b in body).decode("euc_jis_2004")
    if escape == b"(I":
        return bytes(b | 0x80 if b > 0x20 else b for b in body).decode("cp932")
    return body.decode("ascii")


def _wide(data: bytes) -> Decoded | None:
    """UTF-16 or UTF-32 without a mark, if NUL bytes stand where those encodings put them and the reading looks like text."""
    if len(data) % 4 == 0:
        quarter = len(data) // 4
        for encoding, top in (("utf-32-le", 3), ("utf-32-be", 0)):
            if data[top::4].count(0) == quarter and (text := _strict(data, encoding)):
                return Decoded(tidy(text), encoding)
    best = _best(data, ("utf-16-le", "utf-16-be"), lambda text: len(_FAMILIAR.findall(text)) / len(text))
    if best is None or best[0] < 0.7 or "\0" in best[1]:
        return None
    return Decoded(tidy(best[1]), best[2])


def _nearly_utf_8(data: bytes) -> Decoded | None:
    """UTF-8 with a few bad bytes, or cut off in its last character: CP932 often reads that too, as nonsense and without a word."""
    text = data.decode("utf-8", "replace")
    lost = text.count(_REPLACED)
    good = len(text) - len(text.encode("ascii", "ignore")) - lost
    if good < 1 or good < 4 * (lost - text.endswith(_REPLACED)):
        return None
    return _with_trouble(text, "utf-8")


def _by_kana(data: bytes) -> Decoded | None:
    """EUC-JP, CP932 or bare UTF-16: the one whose reading holds most kana among its non-ASCII characters."""
    utf_16 = _best(data, ("utf-16-le", "utf-16-be"), _kana_share) if len(data) % 2 == 0 else None
    narrow = _best(data, ("euc_jp", "euc_jis_2004", "cp932"), _kana_share)
    if utf_16 is not None and utf_16[0] > max(_FEW, narrow[0] if narrow else 0.0):
        return Decoded(tidy(utf_16[1]), utf_16[2])
    if narrow is None:
        return None
    share, text, encoding = narrow
    if share == 0.0 and encoding != "cp932" and (rival := _strict(data, "cp932")) and _HALF_WIDTH_PROSE.fullmatch(rival):
        # Kanji alone, or half-width kana alone: the latter, when well formed, are hardly an accident.
        text, encoding = rival, "cp932"
    return Decoded(tidy(text), encoding)


def _best(data: bytes, encodings: Iterable[str], score: Callable[[str], float]) -> tuple[float, str, str] | None:
    """The strict reading with the highest score as (score, text, encoding); the first of equals; None where no reading is strict."""
    readings = [(score(text), text, encoding) for encoding in encodings if (text := _strict(data, encoding))]
    return max(readings, key=lambda reading: reading[0], default=None)


def _kana_share(text: str) -> float:
    wide = len(text) - len(text.encode("ascii", "ignore"))
    return len(_KANA.findall(text)) / wide if wide else 0.0


def _damaged(data: bytes) -> Decoded:
    """No strict reading: the encoding that loses least, UTF-8 where it is as good as the others."""
    cp932 = _NO_CP932.sub(_REPLACED, data.decode("cp932", "replace"))
    readings = [(data.decode("utf-8", "replace"), "utf-8"), (cp932, "cp932"), (data.decode("euc_jp", "replace"), "euc_jp")]
    text, encoding = min(readings, key=lambda reading: reading[0].count(_REPLACED))
    return _with_trouble(text, encoding)
