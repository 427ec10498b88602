"""What crosses the socket about credentials (認証情報): which there are, and whom a platform takes us for. Never a value."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from daemon.wire.answer import Answer
from daemon.wire.query import Query


class Credentials(Query, frozen=True, kw_only=True, tag="credentials"):
    """Which credentials the releaser has, and for which accounts it needs some. Answer: `CredentialList`."""


class CheckCredentials(Query, frozen=True, kw_only=True, tag="check_credentials"):
    """Ask the platform for whom it takes us, through the releaser (no viewer may; it may cost something). Answer: `CredentialCheck`."""

    account: str


class CredentialSeen(Struct, frozen=True, kw_only=True):
    """Credentials of one account. `channel` is empty where no account of this name needs any. `where`: "file" (the office's own), "handed" (by
    the service manager), "" (there are none); `since` when they were set (None: not noted), `by` whom; `why` they cannot be used."""

    account: str
    channel: str = ""
    where: str = ""
    place: str = ""
    kind: str = ""
    since: datetime | None = None
    by: str = ""
    why: str = ""
    why_en: str = ""


class CredentialList(Answer, frozen=True, kw_only=True, tag="credential_list"):
    """The credentials; `heard` is False where the releaser does not answer: then only what is needed is known."""

    credentials: tuple[CredentialSeen, ...]
    heard: bool = True


class CredentialCheck(Answer, frozen=True, kw_only=True, tag="credential_check"):
    """Whom the platform takes us for (`said`), and whether that is the account's handle; `why` it did not tell."""

    account: str
    handle: str
    said: str = ""
    same: bool = False
    why: str = ""
    why_en: str = ""
