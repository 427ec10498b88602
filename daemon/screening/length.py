"""How long a text is on each platform, as that platform counts.

X: weighted length, version 3 of its configuration (280; links 23, an emoji 2, Latin 1, the rest 2; after NFC). LINE: UTF-16 code units
of a text message. Facebook: characters of a post.
"""

from __future__ import annotations

import unicodedata

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.emoji import COMPOSED, SEQUENCE
from daemon.screening.urls import urls

X_LIMIT = 280
X_LINK = 23
LINE_LIMIT = 5_000
"""UTF-16 code units of a text message object (LINE Messaging API)."""
FACEBOOK_LIMIT = 63_206
"""Characters of a post (Facebook help pages)."""

LIMITS: dict[str, int] = {
    "x": X_LIMIT,
    "line": LINE_LIMIT,
    "facebook": FACEBOOK_LIMIT,
    "instagram": 2_200,
    "threads": 500,
    "youtube": 5_000,
    "tiktok": 2_200,
    "bluesky": 300,
}
"""Instagram: characters of a caption (Graph API, content publishing); Threads: characters of a post (Threads API); YouTube: bytes of a
description (Data API, videos resource); TikTok: UTF-16 units of a caption (Content Posting API); Bluesky: graphemes of a post
(app.bsky.feed.post), counted here as characters, which is never less. Of any other medium no limit is known."""

_IN_UTF_16 = ("line", "tiktok")

_REFUSED = lazy_pattern("[\ufffe\uffff\ufeff]")
_LIGHT = lazy_pattern("[\\u0000-\\u10ff\\u2000-\\u200d\\u2010-\\u201f\\u2032-\\u2037]+")


def weighted(text: str) -> int:
    """The weighted length of a text on X (twitter-text, configuration v3)."""
    if "." not in text:
        if text.isascii():
            return len(text)
        return _weigh(unicodedata.normalize("NFC", text))
    text = unicodedata.normalize("NFC", text)
    total = at = 0
    for start, end in urls(text):
        total += _weigh(text[at:start]) + X_LINK
        at = end
    return total + _weigh(text[at:])


def measure(text: str, platform: str) -> tuple[int, int]:
    """Length and limit of a text on a platform, in that platform's own unit. Raises KeyError for a platform whose limit is not known."""
    limit = LIMITS[platform]
    if platform == "x":
        return weighted(text), limit
    if platform == "youtube":
        return len(text.encode("utf-8", "replace")), limit
    if platform in _IN_UTF_16:
        return len(text) + sum(char > "\uffff" for char in text), limit
    return len(text), limit


def surely_fits(text: str, platform: str) -> bool:
    """True where no way of counting can make the text too long: most posts need not be counted at all."""
    most = len(text)
    if platform not in LIMITS:
        return True
    if platform == "x":
        if not unicodedata.is_normalized("NFC", text):
            return False
        most = 2 * most + X_LINK * text.count(".")  # two a character, and no link without a dot
    elif platform == "youtube":
        most *= 4
    elif platform in _IN_UTF_16:
        most *= 2
    return most <= LIMITS[platform]


def fits(text: str, platform: str) -> bool:
    """True for a text that the platform takes: not empty, within the limit and, on X, without the code points that X refuses."""
    length, limit = measure(text, platform)
    return 0 < length <= limit and not (platform == "x" and _REFUSED.search(text))


def _weigh(text: str) -> int:
    """The weight of a stretch without links."""
    emoji = 0
    if COMPOSED.search(text):
        text, emoji = SEQUENCE.subn("", text)
    heavy = len(_LIGHT.sub("", text))
    return len(text) + heavy + 2 * emoji
