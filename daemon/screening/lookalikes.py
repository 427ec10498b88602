"""Letters of other scripts that look like Latin ones: in one word with Latin letters, or in the name of a website, they deceive.

The pairs are those that no reader tells apart in common type (Unicode UTS 39 names many more, which a reader does tell apart).
"""

from __future__ import annotations

import unicodedata

_CYRILLIC = dict(zip("аеорсухіѕјԁԛԝһӏкмтв", "aeopcyxisjdqwhlkmtb", strict=True))
_GREEK = dict(zip("οναιρτυκχ", "ovaiptukx", strict=True))
_OTHERS = {"ı": "i", "ɑ": "a", "ɡ": "g", "ո": "n", "օ": "o", "ս": "u"}

LOOKALIKES: dict[str, str] = {**_CYRILLIC, **_GREEK, **_OTHERS}
"""Lower-case letters that pass for a Latin one."""
_CAPITALS = {
    **dict(zip("АЕОРСХВНКМТІЅЈ", "AEOPCXBHKMTISJ", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
}
_ALL = str.maketrans({**LOOKALIKES, **_CAPITALS})

LETTERS = "".join((*LOOKALIKES, *_CAPITALS))
"""Body of a character class: every letter that passes for a Latin one."""

ACCENTED = "\u00e0-\u00f6\u00f8-\u017f\u01cd-\u01dc\u01fa-\u021b\u1e00-\u1eff"
"""Body of a character class: small Latin letters with a mark, which a reader of Japanese easily passes over (ý, ạ)."""

RADICALS: dict[str, str] = dict(
    zip("\u2ec4\u2ed1\u2ed8\u2edd\u2ee9\u2ef2\u2ee4\u2eef\u2ec1\u2ec6\u2eed\u2ee8", "西長青食黄亀鬼竜虎角歯麦", strict=True)
)
"""Radicals (CJK Radicals Supplement) that pass for kanji and that NFKC leaves apart. They come from copying out of a PDF."""

_DIGITS = str.maketrans({"0": "o", "1": "l", "3": "e", "5": "s"})


def as_latin(text: str) -> str:
    """The text as a reader takes it, length for length."""
    return text.translate(_ALL)


def skeleton(host: str) -> str:
    """A name of a website with everything alike made the same: other scripts, marks on letters, digits for letters, `rn` for `m`, `vv` for
    `w`."""
    return as_latin(_without_marks(host)).translate(_DIGITS).replace("i", "l").replace("rn", "m").replace("vv", "w")


def _without_marks(host: str) -> str:
    return (
        host
        if host.isascii()
        else "".join(char for char in unicodedata.normalize("NFD", host) if not unicodedata.combining(char))
    )
