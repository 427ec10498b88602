"""Whether the few letters beside a sign are somebody's name, as the dictionary splits them into words."""

from __future__ import annotations

from itertools import takewhile
from typing import NamedTuple

from daemon.screening.tokens import Token, long_units

_CALLED = "さん"
"""Before it the dictionary tells surnames from places: 平井さん is somebody, 大阪さん is nobody."""
_HONORIFICS = frozenset((_CALLED, "様", "氏", "君", "くん", "クン", "ちゃん", "先生", "選手"))
_PIECES = 3
"""Letters, at most, of a given name that the dictionary has only in pieces: 心|愛."""
_LONGEST_ALONE = 3
"""Letters of a surname alone, at most; the dictionary has many a known name as one word: 伊達政宗."""
_JOINTS = " ・="
_GLUED = frozenset("会社店院校園館局部課係組所県市区町村府都道庁署省寺堂駅線橋川湖島家党隊団員者業号丁")
"""In what follows a surname these make of it the name of an office, a firm or a place: 山口県庁, 福島医師会."""
_PLACES = "都道府県市区町村郡国島"
_KANA_NAME = range(4, 10)
"""Letters of a surname with a given name in hiragana: さとうたろう."""


class Name(NamedTuple):
    """A name in a clause: its span, and whether it is more than a surname or a given name alone."""

    start: int
    end: int
    full: bool


def ending(run: str, behind: str = "", *, called: bool = True) -> Name | None:
    """The name that these letters end with. `behind`: what follows them, where さん stands there and may be the beginning of another word.
    `called`: さん, 先生 and the like make a name also of what the dictionary does not know for one."""
    words = long_units(run + (behind or _CALLED))
    before = tuple(word for word in words if word.end <= len(run))
    if not before or before[-1].end != len(run) or all(word.end != len(run) + len(_CALLED) for word in words):
        return None
    start = _first_of_name(before, run)
    if start is None:
        start = _used_as_name(before, run, called=called)
    if start is None:
        return None
    start = _whole_in_katakana(run, start)
    return _name(before, run, start, len(run))


def beginning(run: str) -> Name | None:
    """The name that these letters begin with."""
    if _is_katakana(run[0]):
        return _foreign_beginning(run)
    words = long_units(run)
    end = named = pieces = 0
    for word in words:
        said = run[word.start : word.end]
        if _is_person(word) or (not end and _is_surname(word, run)):
            end = named = word.end
        elif end and said in _JOINTS:
            continue
        elif end and word.start == end and word.kind[0] in ("名詞", "接尾辞") and said not in _HONORIFICS:
            pieces += word.end - word.start
            if not _is_piece(word, run) or pieces > _PIECES:
                # 山口|大学 is nobody; of 山田|花子|会長 the name is the beginning.
                return Name(0, named, True) if _parts(words, run, 0, named) > 1 else None
            end = word.end
        else:
            break
    return _name(words, run, 0, end) if end and not (end < len(run) and is_place(run[: end + 1])) else None


def is_place(said: str) -> bool:
    """Whether a name with the letter behind it is a place: 中村|区長 is 中村区|長."""
    return (
        said[-1] in _PLACES
        and (words := long_units(said)) != ()
        and words[-1].end - words[-1].start > 1
        and "地名" in words[-1].kind
    )


def _first_of_name(before: tuple[Token, ...], run: str) -> int | None:
    start, pieces = None, 0
    for word in reversed(before):
        if _is_person(word):
            start = word.start
        elif run[word.start : word.end] not in _JOINTS:
            pieces += word.end - word.start
            if pieces > _PIECES or not _is_piece(word, run):
                break
    return start


def _used_as_name(before: tuple[Token, ...], run: str, *, called: bool) -> int | None:
    """Where what the dictionary does not know for a name begins: a foreign one, or one in hiragana."""
    last = before[-1]
    if _is_katakana(run[last.start :]):
        start = _whole_in_katakana(run, last.start)
        parts = [word for word in before if word.start >= start]
        if start < last.start:
            return start if any(_is_person(word) or not word.known for word in parts) else None
        return start if called and (not last.known or last.kind[1] == "固有名詞") else None
    if called and len(before) > 1 and all(_is_noun_in_hiragana(word, run) for word in before[-2:]):
        start = before[-2].start
        alone = len(before) == 2 or before[-3].kind[0] not in ("名詞", "接頭辞")
        return start if alone and last.end - start in _KANA_NAME else None
    return None


def _foreign_beginning(run: str) -> Name | None:
    """アウグスト・リーギ, and not カンヌ国際映画祭."""
    end = sum(1 for _ in takewhile(lambda char: _is_katakana(char) or char in _JOINTS, run))
    if run[end:] and "一" <= run[end] <= "鿿":
        return None
    words = long_units(run[:end])
    full = _parts(words, run, 0, end) > 1
    known = any(_is_person(word) or (full and not word.known) for word in words)
    return Name(0, len(run[:end].rstrip(_JOINTS)), full) if known else None


def _whole_in_katakana(run: str, start: int) -> int:
    """Where the foreign name begins of which a part begins here: アデム・デマツィ."""
    if _is_katakana(run[start]):
        while start > 0 and (_is_katakana(run[start - 1]) or run[start - 1] in "・="):
            start -= 1
        while run[start] in "・=":
            start += 1
    return start


def _name(words: tuple[Token, ...], run: str, start: int, end: int) -> Name:
    return Name(start, end, _parts(words, run, start, end) > 1 or end - start > _LONGEST_ALONE)


def _parts(words: tuple[Token, ...], run: str, start: int, end: int) -> int:
    """How many words of a span of the letters are names, or parts of them."""
    return sum(start < word.end <= end and run[word.start : word.end] not in _JOINTS for word in words)


def _is_person(word: Token) -> bool:
    return word.kind[:3] == ("名詞", "固有名詞", "人名")


def _is_surname(word: Token, run: str) -> bool:
    """Whether a place or a brand is also what people are called."""
    said = run[word.start : word.end]
    if word.kind[:2] != ("名詞", "固有名詞") or len(said) > _PIECES or said.endswith(tuple(_PLACES)):
        return False
    called = long_units(said + _CALLED)
    return len(called) > 1 and called[0].end == len(said) and _is_person(called[0])


def _is_katakana(said: str) -> bool:
    return all("ァ" <= char <= "ヺ" or char == "ー" for char in said)


def _is_piece(word: Token, run: str) -> bool:
    """Whether this may be a part of a given name."""
    said = run[word.start : word.end]
    return word.kind[0] in ("名詞", "接尾辞", "接頭辞") and len(said) < _PIECES and _GLUED.isdisjoint(said)


def _is_noun_in_hiragana(word: Token, run: str) -> bool:
    return (
        word.kind[0] == "名詞" and word.end - word.start > 1 and all("ぁ" <= char <= "ゖ" for char in run[word.start : word.end])
    )
