"""What people do to a word so that it is not found: 死○, バ カ, し.ね, ばーーか, エ口, タヒね. Seen through by its form, not by lists.

Two further forms of a folded text, made only where it has such marks. The *closed* form leaves out what stands between the letters or
draws them out, and writes look-alikes as what they look like: words are looked for in it as in any text. The *masked* form has one sign
for a letter that was left out, and is compared with words of which one letter is left out. A hit in either counts where the word, written
in full, would be a word in its place. Patterns see a third form, in which only letters that stand alone are put together (`spaced_out`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import product

from daemon.rulebook.lazy import lazy_pattern

MASK = "○"
"""The sign for one letter left out, whichever was written."""

_KANA = "ぁ-ゖァ-ヺ"
_JA = f"[{_KANA}ー一-鿿々〆]"
_MASKS = "○◯〇●⭕◎×✕✖❌*☆★■□▲△"
MASKS = frozenset(_MASKS)
"""The signs that may stand for a letter."""
_SIGNS = rf" \t・•.,_\-‐‑–/|\\^'`+=♡♥♪{_MASKS}"
_BETWEEN = f"[{_SIGNS}]{{1,3}}"
_ROWS = {
    "あぁ": "あぁかがさざただなはばぱまやゃらわ",
    "いぃ": "いぃきぎしじちぢにひびぴみり",
    "うぅ": "うぅくぐすずつづぬふぶぷむゆゅる",
    "えぇ": "えぇけげせぜてでねへべぺめれ",
    "おぉ": "おぉこごそぞとどのほぼぽもよょろを",
}
"""Each vowel, large and small, and the letters that end in it."""
_KANJI_LIKE_KATAKANA = dict(zip("口力工二八夕卜", "ロカエニハタト", strict=True))
_HOMOGLYPHS = dict(zip("аеорсухіјѕһԁԛԝкмнтвαεικνορτυχω", "aeopcyxijshdqwkmhtbaeiknoptuxw", strict=True))
_LEET = dict(zip("013457@$", "oieastas", strict=True))
_JOINED = {"タヒ": "死", "歹匕": "死", "ネ申": "神"}
_LOOKS_LIKE = str.maketrans({**_KANJI_LIKE_KATAKANA, "一": "ー", "ヵ": "カ", **_HOMOGLYPHS, **_LEET})

_Mark = tuple[str, str, str]
"""What stands before a mark, the mark, and what stands after it, as patterns that both engines read."""


def _katakana(letters: str) -> str:
    return "".join(chr(ord(char) + 0x60) if "ぁ" <= char <= "ゖ" else char for char in letters)


def _drawn_out() -> Iterator[_Mark]:
    """A vowel that only draws out the letter before it: a small one (ばぁか), or one said again and again (ばあああか)."""
    for vowel, row in _ROWS.items():
        for said, before in ((vowel, row), (_katakana(vowel), _katakana(row))):
            yield f"[{before}]", f"(?:{said[1]}+|{said[0]}{{2,}})", _JA


_LEFT_OUT: tuple[_Mark, ...] = (
    (_JA, _BETWEEN, _JA),
    (f"[{_KANA}]", "ーー+", _JA),
    ("[ぁ-ゖ]", "ー+", _JA),
    (f"[{_KANA}]", "[~〜]+", f"[{_KANA}]"),
    *_drawn_out(),
)
_WRITTEN_OTHERWISE: tuple[_Mark, ...] = (
    ("[ァ-ヺー]", f"[{''.join(_KANJI_LIKE_KATAKANA)}ヵ]", ""),
    ("", f"[{''.join(_KANJI_LIKE_KATAKANA)}]", "[ァ-ヺー]"),
    ("[ァ-ヺ]", "一", "[ァ-ヺ]"),
    ("[a-z]", f"[{''.join(_HOMOGLYPHS)}]+", ""),
    ("", f"[{''.join(_HOMOGLYPHS)}]+", "[a-z]"),
    ("[a-z]", f"[{''.join(_LEET)}]", "[a-z]"),
)


def _look_around(before: str, mark: str, after: str) -> str:
    return (f"(?<={before})" if before else "") + mark + (f"(?={after})" if after else "")


# Letters of an alphabet only where each stands alone: f.u.c.k, and not the words of a sentence.
_SPELT = rf"(?<=(?<![a-z])[a-z]){_BETWEEN}(?=[a-z](?![a-z]))"
_MAY_MARK = (
    f"{_SIGNS}ー~〜ぁ-おァ-オヵ一{''.join((*_KANJI_LIKE_KATAKANA, *_HOMOGLYPHS, *_LEET))}{''.join(each[0] for each in _JOINED)}"
)
"""With what a mark can begin: asked first, because trying every kind of mark at every letter takes ten times as long."""
_MARK = lazy_pattern(
    f"(?=[{_MAY_MARK}])(?:(?P<out>{'|'.join([_SPELT, *(_look_around(*mark) for mark in _LEFT_OUT)])})"
    f"|(?P<looks>{'|'.join(_look_around(*mark) for mark in _WRITTEN_OTHERWISE)})|(?P<joined>{'|'.join(_JOINED)}))"
)
_STANDS_ALONE = f"[{_SIGNS.removesuffix(_MASKS)}]{{1,3}}"
_SPACED = lazy_pattern(f"(?<=(?<!{_JA}){_JA}){_STANDS_ALONE}(?={_JA})|(?<={_JA}){_STANDS_ALONE}(?={_JA}(?!{_JA}))")
"""What stands beside a Japanese letter that stands alone: 殺 す ぞ, 爆・破・予・告. Masks are no such signs: they may be letters."""
CLOSES = "|".join(
    [
        rf"(?:^|[^a-z])[a-z]{_BETWEEN}[a-z](?:$|[^a-z])",
        *("".join(mark) for mark in (*_LEFT_OUT, *_WRITTEN_OTHERWISE)),
        *_JOINED,
    ]
)
"""RE2: found in every text whose closed form is another than itself."""

MASKS_A_LETTER = f"(?:{_JA}|[a-z])[{_MASKS}]|[{_MASKS}](?:{_JA}|[a-z])"
"""RE2: found in every text in which a sign may stand for a letter."""

MAY_HIDE = f"{CLOSES}|{MASKS_A_LETTER}"
"""RE2: found in every text in which a word may be hidden."""


def signs() -> frozenset[str]:
    """Literals of which one stands in every text that matches `MAY_HIDE`: the automaton meets them on its way."""
    hiragana = [chr(code) for code in range(ord("ぁ"), ord("ゖ") + 1)]
    katakana = [*(chr(code) for code in range(ord("ァ"), ord("ヺ") + 1)), "ー"]
    latin = "abcdefghijklmnopqrstuvwxyz"
    drawn = [each for vowel, row in _ROWS.items() for each in ((vowel, row), (_katakana(vowel), _katakana(row)))]
    return frozenset(
        (
            *_SIGNS.replace(r"\t", "\t").replace(r"\-", "-").replace(r"\\", "\\"),
            *(f"{letter}ー" for letter in (*hiragana, "ー")),
            *"~〜",
            *(letter + vowel for said, row in drawn for letter in row for vowel in (said[1], said[0] * 2)),
            *(pair for a, b in product(katakana, (*_KANJI_LIKE_KATAKANA, "ヵ")) for pair in (a + b, b + a)),
            *(f"{letter}一" for letter in katakana),
            *(pair for a, b in product(latin, _HOMOGLYPHS) for pair in (a + b, b + a)),
            *map("".join, product(latin, _LEET)),
            *_JOINED,
        )
    )


_ONE_MASK = lazy_pattern(f"(?<![{_MASKS}])[{_MASKS}](?![{_MASKS}])")

_COUNTED = frozenset("年月日時分秒円人名回件号番区市町村県都府道丁条項歳才階度位様氏君課係部校駅川山港橋さ")
"""What stands behind an open number or name: ○月, ○人, ○市, ○さん."""
_COUNTS = frozenset("0123456789年月日第約全計")
_LONGEST_TAIL = 1


class Closed:
    """A folded text without the marks of evasion, and the way back to the folded text."""

    def __init__(self, folded: str, marks: re.Pattern[str] = _MARK) -> None:
        self._folded = folded
        pieces: list[str] = []
        self._starts: list[int] = [0]
        """Where a piece begins in the closed form, and below where it comes from."""
        self._sources: list[tuple[int, int, bool]] = []
        at = length = 0
        for match in marks.finditer(folded):
            start, end = match.span()
            length = self._add(pieces, folded[at:start], at, start, length, same=True)
            length = self._add(pieces, _instead(match[0], match.lastgroup), start, end, length, same=False)
            at = end
        self._add(pieces, folded[at:], at, len(folded), length, same=True)
        self.text = "".join(pieces)

    def _add(self, pieces: list[str], piece: str, start: int, end: int, length: int, *, same: bool) -> int:
        if not piece:
            return length
        pieces.append(piece)
        self._sources.append((start, end, same))
        self._starts.append(length + len(piece))
        return length + len(piece)

    def folded(self, start: int, end: int) -> tuple[int, int]:
        """The span of the folded text that `start:end` (not empty) of this form stands for."""
        first, last = (bisect_right(self._starts, at) - 1 for at in (start, end - 1))
        begin, _, same = self._sources[first]
        if same:
            begin += start - self._starts[first]
        last_begin, stop, same = self._sources[last]
        return begin, last_begin + end - self._starts[last] if same else stop


def spaced_out(folded: str) -> Closed | None:
    """The text with the letters that stand alone put together again, for patterns, which know of no evasion; None where none does. Words
    stay apart as they are written: only 「殺 す ぞ」 is spelt like this, and 「もう 死にたい」 is not."""
    return Closed(folded, _SPACED) if _SPACED.search(folded) else None


def _instead(mark: str, kind: str | None) -> str:
    if kind in ("out", None):
        return ""
    return _JOINED[mark] if kind == "joined" else mark.translate(_LOOKS_LIKE)


def masked(folded: str) -> str:
    """The text with one and the same sign for every single mask; no offset moves. Several in a row are a blank, and no letter."""
    return _ONE_MASK.sub(MASK, folded)


def may_be_masked(folded: str, start: int, end: int) -> bool:
    """Whether a sign in this span of a masked text can stand for a letter: not for a number (○月○日), a name (○○市) or a bullet (○すべて)."""
    mask = folded.index(MASK, start, end)
    after, before = folded[mask + 1 : mask + 2], folded[mask - 1 : mask] if mask else ""
    if (mask == start or end - start == 2) and (after in _COUNTED or before in _COUNTS and before):
        return False
    if mask > start or (before and before.isalnum()):
        return True
    tail = folded[end : end + _LONGEST_TAIL + 1]
    return len(tail) <= _LONGEST_TAIL or not tail.isalnum()
