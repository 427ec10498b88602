"""Altered copies of our own posts: a comment that says again what we said, with something else in a place of it.

A quotation is no alteration: what stands there word for word, a part of it or all, with the citizen's own words around it or between its
sentences. Altered is what is the same before and behind a place and differs in between (another day, 「中止」 for 「開催」).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.hit import Hit, Text

SHORTEST = 16
"""Characters of a post that stand in a comment again: fewer are a formula."""
LONGEST = 1_000
"""Characters of a comment and of a post that are held against each other: behind them nothing new begins, and the comparison takes longer
than a person's patience."""
_SAME = 0.6
"""The share of the comment's pairs of characters that must come from one post."""
_AROUND = 4
"""Characters that are the same before and behind what was changed."""
_CHANGED = 16
"""Characters that were put in or left out at most; longer is a remark of the citizen's own, or a sentence left away."""
_BREAK = lazy_pattern(r"[。!?\n「」『』]")
_PAUSES = "、。!?・"
_KEPT = lazy_pattern(r"\S")


class _Post(NamedTuple):
    """One of our own posts, without spaces, and its pairs of characters."""

    squeezed: str
    pairs: frozenset[str]


@lru_cache(maxsize=16)  # every comment on an account is held against the same posts
def _posts(posts: tuple[str, ...]) -> tuple[tuple[_Post, ...], frozenset[str]]:
    made = []
    for post in posts:
        squeezed = "".join(_KEPT.findall(Text(post[:LONGEST]).folded))
        if len(squeezed) >= SHORTEST:
            made.append(_Post(squeezed, _pairs(squeezed)))
    return tuple(made), frozenset[str]().union(*(post.pairs for post in made))


def _pairs(text: str) -> frozenset[str]:
    return frozenset(map(str.__add__, text, text[1:]))


def check_altered(text: Text, posts: tuple[str, ...]) -> Iterator[Hit]:
    """The places where a comment changed what one of our own posts says. Silent without posts."""
    if not posts or len(text.folded) < SHORTEST:
        return
    ours, every = _posts(posts)
    folded = text.folded[:LONGEST]
    places = [match.start() for match in _KEPT.finditer(folded)]
    squeezed = "".join(folded[place] for place in places)
    pairs = _pairs(squeezed)
    if len(pairs & every) < SHORTEST:
        return
    for post in ours:
        if len(pairs & post.pairs) >= max(SHORTEST, _SAME * min(len(pairs), len(post.pairs))):
            found = [*_changes(post.squeezed, squeezed)]
            for start, end, was in found:
                yield Hit(
                    *text.span(places[start], places[end - 1] + 1),
                    message=f"本アカウントの投稿の「{was[:40]}」の部分を変えて載せたものに当たるか確認してください。",
                    message_en=f"Please check whether this is a copy of our own post with “{was[:40]}” altered.",
                )
            if found:
                return


def _changes(post: str, comment: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, what the post says there) in the comment, for each place that was changed inside of what was copied."""
    from difflib import SequenceMatcher  # one ms, and few have posts to compare

    same = [
        block for block in SequenceMatcher(None, post, comment, autojunk=False).get_matching_blocks() if block.size >= _AROUND
    ]
    for before, after in pairwise(same):
        was_from, now_from = before.a + before.size, before.b + before.size
        was, now = post[was_from : after.a], comment[now_from : after.b]
        if max(len(was), len(now)) > _CHANGED or (_BREAK.search(was + now) and not (was and now)):
            continue
        if was.strip(_PAUSES) != now.strip(_PAUSES):
            # What was left out has no place: the character before it is shown.
            yield now_from - (not now), after.b, was or post[was_from - _AROUND : was_from]
