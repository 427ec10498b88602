"""Letters of other scripts that look like Latin ones: in one word with Latin letters, or in the name of a website, they deceive.

The pairs are those that no reader tells apart in common type (Unicode UTS 39 names many more, which a reader does tell apart).
"""

from __future__ import annotations

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

_DIGITS = str.maketrans({"0": "o", "1": "l", "3": "e", "5": "s"})


def as_latin(text: str) -> str:
    """The text as a reader takes it, length for length."""
    return text.translate(_ALL)


def skeleton(host: str) -> str:
    """A name of a website with everything alike made the same: other scripts, digits for letters, `rn` for `m`, `vv` for `w`."""
    return as_latin(host).translate(_DIGITS).replace("i", "l").replace("rn", "m").replace("vv", "w")
