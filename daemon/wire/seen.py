"""What several answers show: a finding, a line of what is missing, a revision, an entry of the record."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field


class FindingSeen(Struct, frozen=True, kw_only=True):
    """A finding as a person sees it (CONTRACT: `findings`); spans are code points into the revision's text."""

    clause: str
    cite: str
    text: str
    rule: str
    verdict: str
    start: int = 0
    end: int = 0
    message: str = ""
    message_en: str = ""
    fix: str | None = None
    fix_safe: bool = False
    lift: tuple[str, ...] = ()
    lifted: bool = False
    shadow: str | None = None
    basis: str = ""


class MissingSeen(Struct, frozen=True, kw_only=True):
    """One line of 「なぜまだ出ないか」 (CONTRACT: `missing`, `waiting`); `logins` are the people whom `who` means, `who_en` says the same in
    English as far as it has any (empty: it has none)."""

    what: str
    what_en: str
    who: str
    clause: str
    act: str
    rule: str = ""
    logins: tuple[str, ...] = ()
    who_en: str = ""


class PictureSeen(Struct, frozen=True, kw_only=True):
    """An image of a revision: its name, the sha256 of its bytes (empty where it could not be read), their number; `kept` by the store."""

    file: str
    hash: str
    size: int
    kept: bool = False


class RevisionSeen(Struct, frozen=True, kw_only=True):
    """One revision of a draft: its number, its seal (`hash`), when it came and in which encoding; `bytes_hash` is the sha256 of the file's
    exact bytes, `returned` the reason for which it was given back."""

    n: int
    hash: str
    at: datetime
    encoding: str
    size: int
    bytes_hash: str = ""
    pictures: tuple[PictureSeen, ...] = ()
    returned: str = ""


class PrivateText(Struct, frozen=True, kw_only=True):
    """A text that stands in an entry only as `sha256:` over salt and text, and can be erased. The salt is in hex."""

    salt: str
    text: str


class HistoryLine(Struct, frozen=True, kw_only=True):
    """One entry of the record (記録): who did what, when, with which words.

    `detail` is the entry's JSON with its private texts in their places, as far as they have not been erased. Where everything was
    asked for, `record` are the canonical bytes that `hash` covers, and `texts` the private texts by the detail that holds their hash."""

    seq: int
    at: datetime
    actor: str
    act: str
    draft: int | None = None
    detail: str = ""
    hash: str = ""
    record: str = ""
    texts: dict[str, PrivateText] = field(default_factory=dict)
