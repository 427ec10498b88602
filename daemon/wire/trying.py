"""What a text would be found to be before it is a draft, and a draft under other policies: live findings, comparison and preview ask this."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from daemon.wire.answer import Answer
from daemon.wire.query import Query
from daemon.wire.seen import FindingSeen, MissingSeen

LONGEST_TRIED = 80_000
"""Characters of a file that is tried: a Facebook post may have 63,206, and a front matter stands before it."""


class Try(Query, frozen=True, kw_only=True, tag="try"):
    """Judge `file` (a draft's text as it would be saved, front matter and all) as if it had just come into the folder of `account`, or the
    draft of that number as it stands. `every`: under every installed policy besides. Nothing is stored. A later question of the same
    connection takes this one's place, which is then refused (`stale`). Answer: `Tried`."""

    file: str = ""
    account: str = ""
    draft: int | None = None
    every: bool = False


class FieldAsked(Struct, frozen=True, kw_only=True):
    """A key of the front matter that the policy asks for. `now`: of this very text; else only of other kinds or topics. `choices` are the
    values that it can have, where they are few."""

    key: str
    now: bool
    clause: str = ""
    cite: str = ""
    message: str = ""
    message_en: str = ""
    choices: tuple[str, ...] = ()


class Under(Struct, frozen=True, kw_only=True):
    """The judgement under one policy; `account` is empty where it is none of the account's own, so that nobody is asked for and no hours of
    an account count."""

    policy: str
    municipality: str
    verdict: str
    version: str = ""
    hash: str = ""
    account: str = ""
    findings: tuple[FindingSeen, ...] = ()
    missing: tuple[MissingSeen, ...] = ()


class Shape(Struct, frozen=True, kw_only=True):
    """How long the text is on a platform, and its limit there, in the platform's own unit; `end` is the code point at which the limit is
    reached (that of the text's end where it fits)."""

    platform: str
    length: int
    limit: int
    end: int


class PictureFacts(Struct, frozen=True, kw_only=True):
    """An image of a draft as facts: what its author says of it (`alt`, `rights`, `consent`), what its bytes are, what was found in them.
    `format` is told by its content; `wrong` says why it could not be looked into; `seen` is False where nobody has looked yet."""

    file: str
    alt: str = ""
    rights: str = ""
    consent: str = ""
    seen: bool = False
    format: str = ""
    size: int = 0
    width: int = 0
    height: int = 0
    frames: int = 1
    private: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    wrong: str = ""
    hash: str = ""


class Tried(Answer, frozen=True, kw_only=True, tag="tried"):
    """What would be found. `text` is the body as it would appear, to which all spans belong; `under` has the account's own policy first.
    `links` are the spans that X makes links of. `editor`: the office lets an editor of the operator's own be started (`[office] editor`)."""

    text: str
    kind: str
    at: datetime
    under: tuple[Under, ...]
    shapes: tuple[Shape, ...] = ()
    links: tuple[tuple[int, int], ...] = ()
    fields: tuple[FieldAsked, ...] = ()
    images: tuple[PictureFacts, ...] = ()
    poll: tuple[str, ...] = field(default_factory=tuple)
    poll_minutes: int = 0
    platform: str = ""
    editor: bool = False
