"""Deciding one draft after the other (決裁モード, 決裁フォルダ, 紙): what a person has to see before they decide, and what they say."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from daemon.wire.act import Act
from daemon.wire.answer import Answer
from daemon.wire.query import Query
from daemon.wire.seen import FindingSeen, MissingSeen

Decision = Literal["approve", "return"]


class WaitingForMe(Query, frozen=True, kw_only=True, tag="waiting_for_me"):
    """The drafts that wait for the approval of whoever asks, in accounts decided in 決裁モード; the oldest first. Answer: `Named`."""


class Decide(Query, frozen=True, kw_only=True, tag="decide"):
    """Everything that has to be seen of one draft before it is decided. Answer: `ForDecision`."""

    draft: int


class SheetFolders(Query, frozen=True, kw_only=True, tag="sheet_folders"):
    """The 決裁フォルダ of everybody, and whether each may be used. Answer: `SheetFolderList`."""


class PaperOf(Query, frozen=True, kw_only=True, tag="paper_of"):
    """The 決裁記録 of one draft, to be printed and stamped. Answer: `PaperPage`."""

    draft: int


class EnterPaper(Act, frozen=True, kw_only=True, tag="enter_paper"):
    """紙の決裁の入力: a clerk enters what somebody has decided on paper. `check` is the number printed on the paper (the beginning of the
    revision's hash), `reference` the 決裁番号 under which it is kept, `on` the date on it (2026-11-24), `scan` the bytes of its scan. It
    counts once another person has countersigned it."""

    draft: int
    check: str
    decided_by: str
    decision: Decision
    reference: str
    on: str
    scan: bytes
    reason: str = ""


class Countersign(Act, frozen=True, kw_only=True, tag="countersign"):
    """副署: another person than the clerk and the author has held the entry against the scan. With `agrees` the decision counts from now
    on; without it the entry is struck out, with the reason."""

    draft: int
    hash: str
    agrees: bool = True
    reason: str = ""


class Change(Struct, frozen=True):
    """A line of a text as it was (`del`), as it is now (`add`), or both (`same`)."""

    op: Literal["same", "del", "add"]
    text: str


class Returned(Struct, frozen=True, kw_only=True):
    """The last return of a draft: when, by whom, why, and of which revision."""

    at: datetime
    by: str
    reason: str
    hash: str


class PaperEntry(Struct, frozen=True, kw_only=True):
    """A decision on paper that has been entered and waits for its countersignature."""

    decided_by: str
    decision: Decision
    reference: str
    on: str
    reason: str
    scan: str
    entered_by: str
    at: datetime


class ForDecision(Answer, frozen=True, kw_only=True, tag="for_decision"):
    """One draft as somebody decides about it: the account in words, the text as it will appear, the findings with their clauses, who
    wrote it, and what has changed since it was last returned (`changes`; empty where it never was).

    `kind` is the kind of act; `front` what else its front matter says, by key (target, poll, source …), for it is decided about too.
    `images` have their alternative text, rights and consent behind their names. `account` is the account's id, `name` what it is called; `approved` names those who have approved this revision; `asked` tells
    whether it waits for the one who asks; `exceptions` are the rules whose holds that person may lift, without which it does not go out;
    `papers` are decisions on paper that still wait for their countersignature.
    """

    draft: int
    hash: str
    revision: int
    state: str
    verdict: str
    title: str
    text: str
    municipality: str
    policy: str
    account: str
    name: str
    platform: str
    handle: str
    irreversible: bool
    author: str
    author_verified: bool
    findings: tuple[FindingSeen, ...] = ()
    waiting: tuple[MissingSeen, ...] = ()
    images: tuple[str, ...] = ()
    kind: str = "post"
    front: dict[str, str] = {}
    release_at: datetime | None = None
    approved: tuple[str, ...] = ()
    returned: Returned | None = None
    changes: tuple[Change, ...] = ()
    papers: tuple[PaperEntry, ...] = ()
    asked: bool = False
    exceptions: tuple[str, ...] = ()
    stopped: bool = False
    cost: int = 0
    """What its release costs, in millionths of a US dollar."""


class SheetSeen(Struct, frozen=True, kw_only=True):
    """A thing that lies in a 決裁フォルダ: `place` is empty for the folder itself, where a sheet waits, else 承認 or 差戻し, where one was
    refused (why is said in a file beside it). `draft` is None of what is no sheet of ours."""

    file: str
    place: str
    at: datetime
    draft: int | None = None


class SheetFolderSeen(Struct, frozen=True, kw_only=True):
    """One 決裁フォルダ: whose, where, whether sheets are taken from it (else why not, and the command that mends it), how many wait, and
    what lies where, the oldest first."""

    login: str
    name: str
    folder: str
    usable: bool
    why: str = ""
    why_en: str = ""
    mend: str = ""
    waiting: int = 0
    refused: int = 0
    lying: tuple[SheetSeen, ...] = ()


class SheetFolderList(Answer, frozen=True, kw_only=True, tag="sheet_folders"):
    """Every 決裁フォルダ of the office."""

    folders: tuple[SheetFolderSeen, ...]


class PaperPage(Answer, frozen=True, kw_only=True, tag="paper"):
    """A paper, ready to be printed: its number, the number to compare, and the page."""

    draft: int
    hash: str
    number: str
    check: str
    html: str


CHECK = 12
"""Digits of a revision's hash that are printed, shown and compared."""


def check_number(digest: str) -> str:
    """The number by which a sheet, a paper and a screen are compared: the beginning of the revision's hash."""
    return digest.removeprefix("sha256:")[:CHECK]
