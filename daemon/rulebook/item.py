"""What is judged: one draft or comment as plain values, whoever read it and from wherever."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

Kind = Literal["post", "poll", "reply", "repost", "quote", "follow", "profile", "correction", "delete"]
KINDS: tuple[Kind, ...] = ("post", "poll", "reply", "repost", "quote", "follow", "profile", "correction", "delete")


class Image(Struct, frozen=True, forbid_unknown_fields=True):
    """One attached image as the front matter declares it (CONTRACT: `images`)."""

    file: str
    alt: str = ""
    rights: str = ""
    consent: str = ""


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
    are code points into it. `declared` names the front-matter keys that the author really wrote.
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
