"""A post as X gives it back, and the words that people see there: links unwrapped, escapes undone."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import unquote

LONGEST, LINKS = 30_000, 100
"""Characters of a text, and links in it: no post has more, and an answer that has keeps nobody at work for hours."""
_EPOCH_MS = 1288834974657
_LAST = 4e9
_BLANKS = re.compile(r"\s+")
_SCHEME = re.compile("(?i)https?://")
_MENTIONS = re.compile(r"(?:[@＠][A-Za-z0-9_]{1,50} )+")
FIELDS = "attachments,conversation_id,created_at,entities"
"""What of a post is asked for, beside its number and text."""


class Link(NamedTuple):
    """A wrapped link: as it stands in the text, as it may have been written, and whether it is only that of an attached image."""

    wrapped: str
    written: tuple[str, ...]
    media: bool


class Seen(NamedTuple):
    """A post of a timeline."""

    number: str
    author: str
    text: str
    """As X gives it."""
    at: float
    conversation: str
    answers: str
    reposts: str
    links: tuple[Link, ...]
    media: int
    poll: bool


def seen(post: object) -> Seen | None:
    """A post out of an answer; None for what is none."""
    if not isinstance(post, dict):
        return None
    number, text = post.get("id"), post.get("text")
    if not _id(number) or not isinstance(number, str) or not isinstance(text, str):
        return None
    attached = _dict(post.get("attachments"))
    references = {
        str(one.get("type")): _id(one.get("id")) for one in _list(post.get("referenced_posts") or post.get("referenced_tweets"))
    }
    return Seen(
        number,
        _id(post.get("author_id")),
        text[:LONGEST],
        _moment(post.get("created_at"), number),
        _id(post.get("conversation_id")),
        references.get("replied_to", ""),
        references.get("retweeted", ""),
        tuple(link for one in _list(_dict(post.get("entities")).get("urls"))[:LINKS] if (link := _link(one)) is not None),
        len(keys) if isinstance(keys := attached.get("media_keys"), list) else 0,
        bool(attached.get("poll_ids")),
    )


def shown(post: Seen) -> str:
    """The words as people see them."""
    text = _without_media(post)
    for link in post.links:
        text = text.replace(link.wrapped, link.written[0], 1)
    return html.unescape(text).strip()


def says(post: Seen, words: str) -> bool:
    """Whether these are the words that were posted: the same text, blanks aside, with the same links."""
    pattern, rest = "", _without_media(post).strip()
    for link in sorted((link for link in post.links if not link.media), key=lambda link: _place(post.text, link.wrapped)):
        before, found, after = rest.partition(link.wrapped)
        if found:
            pattern, rest = pattern + _literal(before) + _any(link.written), after
    same = re.compile(pattern + _literal(rest))
    wanted = _plain(words)
    return bool(same.fullmatch(wanted) or (post.answers and same.fullmatch(_unaddressed(wanted, post))))


def _without_media(post: Seen) -> str:
    """The text without the link that stands for what is attached: nobody has written it."""
    text = post.text
    for link in post.links:
        if link.media:
            text = text.replace(link.wrapped, "", 1)
    return text


def _unaddressed(wanted: str, post: Seen) -> str:
    """The words of a reply, addressed as X gives them back: whom it answers may stand before them there, and not in the draft."""
    to = _MENTIONS.match(_plain(html.unescape(post.text)))
    own = _MENTIONS.match(wanted)
    return (to[0] if to else "") + wanted[own.end() if own else 0 :]


def _place(text: str, wrapped: str) -> int:
    at = text.find(wrapped)
    return at if at >= 0 else len(text)


def _plain(words: str) -> str:
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", words)).strip()


def _literal(piece: str) -> str:
    """A piece of X's text between links, for a pattern. Its blanks at the ends stay: a link follows."""
    return re.escape(_BLANKS.sub(" ", unicodedata.normalize("NFC", html.unescape(piece))))


def _any(written: tuple[str, ...]) -> str:
    """Any of the ways in which a link may have been written, with its scheme or without; capitals in its host are no difference."""
    ends = set()
    for one in written:
        host, slash, path = _SCHEME.sub("", one).rstrip("/").partition("/")
        ends.add(f"(?i:{re.escape(host)}){re.escape(slash + path)}")
    return f"(?i:https?://)?(?:{'|'.join(sorted(ends, key=len, reverse=True))})/?"


def _link(one: Mapping[str, Any]) -> Link | None:
    wrapped = one.get("url")
    if not isinstance(wrapped, str) or not wrapped:
        return None
    found = [one[name] for name in ("expanded_url", "unwound_url") if isinstance(one.get(name), str) and one[name]]
    media = bool(one.get("media_key")) or any(re.search(r"/status/[0-9]+/(?:photo|video)/[0-9]+$", url) for url in found)
    written = dict.fromkeys(url for url in (*found, *(unquote(url) for url in found)) if _SCHEME.sub("", url).strip("/"))
    return Link(wrapped, tuple(_plain(url) for url in written) or (wrapped,), media)


def _moment(created: object, number: str) -> float:
    """When it was posted (seconds since 1970): a post's number says so to the millisecond, but for the oldest."""
    if len(number) > 15:
        return ((int(number) >> 22) + _EPOCH_MS) / 1000
    try:
        at = datetime.fromisoformat(str(created).replace("Z", "+00:00")).timestamp()
    except (ValueError, OverflowError):
        return 0.0
    return at if 0.0 <= at < _LAST else 0.0


def _id(value: object) -> str:
    """A number of X's; empty for anything else."""
    return value if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20 else ""


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
