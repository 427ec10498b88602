"""Characters that a reader does not see: turned directions, hidden characters inside words, tags, control characters."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.emoji import SEQUENCE
from daemon.screening.hit import Hit, Spans

_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_HIDDEN = "\u00ad\u034f\u115f\u1160\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f"
_BLANK = "\u2800"
_BRAILLE = lazy_pattern("[\u2801-\u28ff]")
_ANY = lazy_pattern(f"[{_CONTROL}{_BIDI}{_HIDDEN}{_BLANK}]+")
_KINDS = (
    (lazy_pattern(f"[{_BIDI}]"), "文字の向きを変える制御文字", "a character that turns the direction of text"),
    (lazy_pattern(f"[{_CONTROL}]"), "制御文字", "a control character"),
    (lazy_pattern(f"[{_HIDDEN}{_BLANK}]"), "目に見えない文字", "an invisible character"),
)


def check_invisible(source: str) -> Iterator[Hit]:
    """Every run of characters that cannot be seen; those that belong to an emoji (👨‍👩‍👧, 🏴 of a region) or to braille are no finding."""
    runs = list(_ANY.finditer(source))
    if not runs:
        return
    # What an emoji begins with is seen: a run inside it begins behind its first character.
    braille = _BRAILLE.search(source)
    emoji = Spans((first + 1, last) for first, last in (match.span() for match in SEQUENCE.finditer(source)))
    for run in runs:
        start, end = run.span()
        if emoji.hold(start, end) or (braille and not run[0].strip(_BLANK)):
            continue
        message, message_en = _said(run[0])
        yield Hit(start, end, message=message, message_en=message_en, fix="", safe=True)


@lru_cache(maxsize=256)  # a text that has been tampered with is often full of the same
def _said(run: str) -> tuple[str, str]:
    what, what_en = next((ja, en) for kind, ja, en in _KINDS if kind.search(run))
    codes = " ".join(f"U+{ord(char):04X}" for char in run[:4])
    return (
        f"{what}（{codes}）が入っています。消してください。見た目と違う内容になります。",
        f"There is {what_en} here ({codes}). Take it out: the text would not be what it looks like.",
    )
