"""What there is on the fake X: users, posts, media; who muted and blocked whom."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from dataclasses import asdict, dataclass, field
from typing import Any

from daemon.screening.urls import urls

EPOCH_MS = 1288834974657
"""Milliseconds since 1970 at which post ids begin to count."""

_MENTION = re.compile(r"(?<![A-Za-z0-9_@＠])[@＠]([A-Za-z0-9_]{1,15})(?![A-Za-z0-9_@])")
_HASHTAG = re.compile(r"(?<![\w&])[#＃](\w*[^\W\d_]\w*)")


@dataclass
class User:
    id: str
    username: str
    name: str
    created: float


@dataclass
class Media:
    id: str
    owner: str
    category: str
    kind: str
    """Its media type."""
    size: int
    """Bytes that were announced."""
    parts: dict[int, bytes] = field(default_factory=dict)
    ready: float | None = None
    """When it can be attached, by the platform's clock; None before it is complete."""
    outcome: str = "succeeded"
    alt: str | None = None

    @property
    def key(self) -> str:
        return f"{'7' if self.category.endswith('video') else '3'}_{self.id}"


@dataclass
class Post:
    id: str
    author: str
    text: str
    """As it was sent, normalised and trimmed."""
    at: float
    """Seconds since 1970."""
    conversation: str
    shows: float
    """From when timelines have it."""
    reply_to: str | None = None
    repost_of: str | None = None
    media: list[str] = field(default_factory=list)
    poll: dict[str, Any] | None = None
    reply_settings: str = "everyone"
    hidden: bool = False
    deleted: bool = False

    def plain(self) -> dict[str, Any]:
        return asdict(self)


class World:
    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.posts: dict[str, Post] = {}
        self.media: dict[str, Media] = {}
        self.muted: set[tuple[str, str]] = set()
        self.blocked: list[tuple[str, str]] = []
        self._last = 0

    def next_id(self, now: float) -> str:
        """An id that says its moment, and is larger than all before it."""
        self._last = max(self._last + 1, (int(now * 1000) - EPOCH_MS) << 22)
        return str(self._last)

    def user(self, username: str, name: str | None, now: float) -> User:
        """The user of this name, made if there is none yet."""
        for user in self.users.values():
            if user.username.lower() == username.lower():
                user.name = name or user.name
                return user
        made = User(self.next_id(now), username, name or username, now)
        self.users[made.id] = made
        return made

    def post(self, key: str) -> Post | None:
        found = self.posts.get(key)
        return None if found is None or found.deleted else found

    def add(self, author: str, text: str, now: float, lag: float = 0.0, **more: Any) -> Post:
        key = self.next_id(now)
        parent = self.posts.get(more.get("reply_to") or "")
        made = Post(key, author, normal(text), now, parent.conversation if parent else key, now + lag, **more)
        self.posts[key] = made
        return made

    def delete(self, post: Post) -> None:
        """A post goes, and its reposts with it."""
        post.deleted = True
        for other in self.posts.values():
            if other.repost_of == post.id:
                other.deleted = True

    def mentions(self, post: Post) -> set[str]:
        """Ids of the users whom a post names or answers."""
        named = {name.lower() for name in _MENTION.findall(post.text)}
        found = {user.id for user in self.users.values() if user.username.lower() in named}
        parent = self.posts.get(post.reply_to or "")
        return found | ({parent.author} if parent else set())


def normal(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def rendered(post: Post, text: str, media: list[Media], author: str) -> tuple[str, dict[str, Any]]:
    """A post's text as reading it gives it back, and its entities: links wrapped by t.co, one more for media, &, < and > escaped.

    Entities' places count code points of the text before it is escaped; that the live platform counts so was not seen.
    """
    plain, links, at = "", [], 0
    for number, (start, end) in enumerate(urls(text)):
        plain += text[at:start]
        link = text[start:end]
        long = link if re.match("(?i)https?://", link) else f"http://{link}"
        links.append(_wrapped(post.id, number, len(plain), long, re.sub("(?i)^https?://", "", long)))
        plain += links[-1]["url"]
        at = end
    plain += text[at:]
    for number, one in enumerate(media):
        plain += " " if plain else ""
        long = f"https://x.com/{author}/status/{post.id}/photo/{number + 1}"
        wrapped = _wrapped(post.id, 1000, len(plain), long, f"pic.x.com/{_slug(post.id, 1000)}") | {"media_key": one.key}
        links.append(wrapped)
        if number == 0:
            plain += wrapped["url"]
        else:
            wrapped |= {key: links[-2][key] for key in ("start", "end", "url", "display_url")}
            plain = plain.rstrip()
    entities: dict[str, Any] = {"urls": links} if links else {}
    if named := [{"start": m.start(), "end": m.end(), "username": m[1]} for m in _MENTION.finditer(plain)]:
        entities["mentions"] = named
    if tags := [{"start": m.start(), "end": m.end(), "tag": m[1]} for m in _HASHTAG.finditer(plain)]:
        entities["hashtags"] = tags
    return html.escape(plain, quote=False), entities


def _slug(key: str, number: int) -> str:
    return hashlib.sha256(f"{key} {number}".encode()).hexdigest()[:10]


def _wrapped(key: str, number: int, start: int, long: str, shown: str) -> dict[str, Any]:
    short = f"https://t.co/{_slug(key, number)}"
    shown = shown if len(shown) <= 27 else f"{shown[:26]}…"
    return {"start": start, "end": start + len(short), "url": short, "expanded_url": long, "display_url": shown}
