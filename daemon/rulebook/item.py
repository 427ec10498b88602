"""What is judged: one draft or comment as plain values, whoever read it and from wherever."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, get_args

from msgspec import Struct

from daemon.rulebook.attached import Looked, Origin

Kind = Literal[
    "post", "poll", "reply", "repost", "quote", "follow", "like", "message", "story", "live", "profile", "correction", "delete"
]
"""A kind of act. `message` is a direct one to one reader (DM, トーク); `story` what vanishes by itself; `live` a broadcast, of which the text
is what announces it."""
KINDS: tuple[Kind, ...] = get_args(Kind)
KIND_NAMES: Mapping[Kind, str] = {
    "post": "投稿",
    "poll": "アンケート",
    "reply": "返信",
    "repost": "リポスト",
    "quote": "引用",
    "follow": "フォロー",
    "like": "いいね",
    "message": "メッセージ",
    "story": "ストーリー",
    "live": "ライブ配信",
    "profile": "プロフィール",
    "correction": "訂正",
    "delete": "削除",
}
"""What people call them."""

WORDLESS: frozenset[Kind] = frozenset({"repost", "follow", "like", "delete"})
"""Kinds of act that need no words of their own."""


class Image(Struct, frozen=True, forbid_unknown_fields=True):
    """One attached image as the front matter declares it (CONTRACT: `images`)."""

    file: str
    alt: str = ""
    rights: str = ""
    consent: str = ""


OF_IMAGES = ("alt", "rights", "consent")
"""The fields of the front matter that every image has of its own."""


class Poll(Struct, frozen=True, forbid_unknown_fields=True):
    """The options of a poll, and how long it runs in minutes."""

    options: tuple[str, ...] = ()
    minutes: int = 1440


class Trouble(Struct, frozen=True):
    """Something that reading met and that is no clause's business: an undecodable byte, a broken front matter.

    `code` names a row of `daemon/policies/office.toml` (`office/<code>`); the judge turns it into a finding.
    """

    code: str
    message: str
    message_en: str
    start: int = 0
    end: int = 0


class Item(Struct, frozen=True, kw_only=True):
    """One draft (or comment) to be judged.

    `text` is the body exactly as it would appear, without front matter, lone surrogates already replaced; spans of findings
    are code points into it. `declared` names the front-matter keys that the author really wrote. `looked` is what was found in its images, where
    somebody has looked into them, `origin` the office file that it was read from.
    """

    text: str
    kind: Kind = "post"
    topic: str = ""
    emergency: bool = False
    release_at: datetime | None = None
    author: str = ""
    organiser: str = ""
    source: str = ""
    purpose: str = ""
    reference: str = ""
    target: str = ""
    images: tuple[Image, ...] = ()
    poll: Poll | None = None
    declared: tuple[str, ...] = ()
    encoding: str = "utf-8"
    troubles: tuple[Trouble, ...] = ()
    looked: tuple[Looked, ...] = ()
    origin: Origin | None = None
