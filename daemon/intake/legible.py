"""What of a file is judged at all: files that hold no text, and texts that no platform would take.

A draft of either kind is a draft to be mended, as any other: its bytes are kept, it is told why, and it costs nobody else time.
"""

from __future__ import annotations

import unicodedata

from daemon.rulebook.item import Trouble
from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.marks import without_heaps

LARGEST_FILE = 256 << 10
"""Bytes of a draft at most (256 KiB): room for the longest text in any encoding. A file beyond this is no draft and is never read."""
LARGEST_OFFICE = 16 << 20
"""Bytes of an office file at most: its fonts and pictures weigh more than its words."""
LONGEST_TEXT = 63_206
"""Characters of a text that are judged: no platform takes more (Facebook takes so many)."""
MOST_UNFOLDED = 2 * LONGEST_TEXT
"""Characters that a text may have in its compatibility form (NFKC), in which words are looked for."""
_WIDEST = 18
"""Characters that one character has in its compatibility form at most (U+FDFA)."""

_CONTROL = lazy_pattern("[\x00-\x08\x0e-\x1f\x7f]")
_FEW = 8
"""Control characters that slip into a text by accident; those are shown in their places."""
_SHARE = 50
"""One control character in so many characters, and it is no text: of random bytes every ninth is one."""

_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "PDF", "a PDF"),
    (b"PK\x03\x04", "Word・Excel などの文書か ZIP", "an office document or a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "古い形式の Word・Excel などの文書", "an old office document"),
    (b"{\\rtf", "RTF 文書", "an RTF document"),
    (b"\xff\xd8\xff", "JPEG 画像", "a JPEG image"),
    (b"\x89PNG", "PNG 画像", "a PNG image"),
    (b"GIF8", "GIF 画像", "a GIF image"),
)
"""How files begin that people rename or save as `.txt`."""


def no_text(text: str, data: bytes) -> Trouble | None:
    """The trouble with bytes that hold no text, whatever `text` was made of them; None for a text."""
    controls = len(_CONTROL.findall(text))
    kind = next(((ja, en) for head, ja, en in _KINDS if data.startswith(head)), None)
    if kind is None and (controls <= _FEW or controls * _SHARE <= len(text)):
        return None
    ja, en = (
        (f"中身は{kind[0]}のようです", f"it looks like {kind[1]}")
        if kind
        else ("文字でない値がたくさんあります", "much of it is no character")
    )
    return Trouble(
        "unreadable",
        f"文字のファイルではありません（{ja}）。本文だけを、文字のファイル（.txt）として保存し直してください。",
        f"This is no text file ({en}). Save the words alone, as a text file (.txt).",
    )


def within_reach(body: str) -> tuple[str, Trouble | None]:
    """The part of a body that is judged, and the trouble with one that is longer."""
    kept = body[:LONGEST_TEXT]
    if len(kept) * _WIDEST > MOST_UNFOLDED and len(unicodedata.normalize("NFKC", without_heaps(kept))) > MOST_UNFOLDED:
        kept = kept[: MOST_UNFOLDED // _WIDEST]
    if len(kept) == len(body):
        return body, None
    return kept, Trouble(
        "too-large",
        f"長すぎます（{len(body):,} 文字）。どの媒体にも出せません。先頭の {len(kept):,} 文字だけを調べました。短くするか、分けてください。",
        f"Too long ({len(body):,} characters) for any platform. Only its first {len(kept):,} were judged. Shorten or divide it.",
    )
