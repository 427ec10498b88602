"""Words in two scripts at once (「Tоkyo」 with a Cyrillic о), and characters that not every machine shows or reads aloud (①, ㈱, 髙)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.hit import Hit
from daemon.screening.lookalikes import LETTERS, RADICALS, as_latin

_WORD = lazy_pattern(rf"[A-Za-z{LETTERS}]+")
_LATIN = lazy_pattern("[A-Za-z]")
_OTHER = lazy_pattern(f"[{LETTERS}]")

# Not those that are emoji (Ⓜ, ㊗, ㊙). The kanji are those that Windows added to JIS X 0208 and people have in their names.
_DEPENDENT = lazy_pattern(
    "[\u2460-\u24c1\u24c3-\u24ff\u2160-\u217f\u3220-\u3296\u3298\u329a-\u32ff\u3300-\u33ff\u2116\u2121\uf900-\ufaff\ue000-\uf8ff髙德瀨濵彅閒寬]+"
)
# Those of the first block (Kangxi) are kanji by NFKC; of the second only those of which it is known which kanji they pass for.
_RADICAL = lazy_pattern(f"[\u2e9f\u2ef3\u2f00-\u2fd5{''.join(RADICALS)}]+")
_PLAIN = str.maketrans(RADICALS)


def check_mixed(source: str) -> Iterator[Hit]:
    """Every word of Latin letters in which letters of another script pass for Latin ones; the fix has them all Latin."""
    if not _OTHER.search(source):
        return
    for word in _WORD.finditer(source):
        written = word[0]
        if _OTHER.search(written) and _LATIN.search(written):
            strange = " ".join(f"U+{ord(char):04X}" for char in dict.fromkeys(_OTHER.findall(written)))
            yield Hit(
                *word.span(),
                message=f"「{written[:40]}」に、英字に似た別の文字（{strange[:60]}）が混じっています。英字に直してください。",
                message_en=f"“{written[:40]}” mixes in letters of another script that look Latin ({strange[:60]}). Make them Latin.",
                fix=as_latin(written),
            )


def check_dependent(source: str) -> Iterator[Hit]:
    """Every run of platform-dependent characters: enclosed numbers, unit squares, Roman numerals, variants of names; and radicals that pass for
    kanji, with the kanji as the fix."""
    for run in _RADICAL.finditer(source):
        plain = unicodedata.normalize("NFKC", run[0]).translate(_PLAIN)
        yield Hit(
            *run.span(),
            message=f"「{run[0][:20]}」は、漢字の「{plain[:20]}」に見える部首の文字です。検索や読み上げで正しく伝わりません。漢字に直してください。",
            message_en=f"“{run[0][:20]}” is a radical that only looks like the kanji “{plain[:20]}”: searches and readers miss it. Write the kanji.",
            fix=plain,
            safe=True,
        )
    for run in _DEPENDENT.finditer(source):
        yield Hit(
            *run.span(),
            message=f"「{run[0][:20]}」は機種依存文字です。読み上げや古い端末で正しく伝わらないことがあります。(1) や（株）などに置き換えられないか確かめてください。",
            message_en=f"“{run[0][:20]}” depends on the platform, and may not be shown or read aloud as meant. See whether plain characters will do.",
        )
