"""What belongs to an approval besides the approval: taking a decision back, holding, asking again, working at a draft, comparing revisions."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from daemon.wire.act import Act
from daemon.wire.answer import Answer
from daemon.wire.query import Query


class Undo(Act, frozen=True, kw_only=True, tag="undo"):
    """取消: take back one's own last decision about this draft, within `[office] undo_seconds`, as long as nothing has begun."""

    draft: int


class Hold(Act, frozen=True, kw_only=True, tag="hold"):
    """保留: halt a draft on its way out (approved, scheduled, counting down). Whoever serves the account may; to go on it is approved
    again."""

    draft: int
    reason: str = ""


class Reopen(Act, frozen=True, kw_only=True, tag="reopen"):
    """開き直し: what has run out (期限切れ) is asked for again, from the first step on."""

    draft: int
    reason: str = ""


class Claim(Act, frozen=True, kw_only=True, tag="claim"):
    """着手: say that one works at this draft, for ten minutes; until then nobody else decides about it. `over` takes it over from somebody
    else. It never keeps anybody from stopping, holding or withdrawing. `brief` is that of a dialog about it: two minutes; refused (`state`)
    where one's own claim stands already."""

    draft: int
    over: bool = False
    brief: bool = False


class Unclaim(Act, frozen=True, kw_only=True, tag="unclaim"):
    """着手をやめる: give a claim of one's own back."""

    draft: int


class Compare(Query, frozen=True, kw_only=True, tag="compare"):
    """What has changed from one revision to another; left out, from the last that was returned (else the one before) to the newest.
    Answer: `Differences`."""

    draft: int
    old: int = 0
    new: int = 0


class Piece(Struct, frozen=True, kw_only=True):
    """A piece of a line: the same in both, only in the old one, only in the new one."""

    kind: Literal["same", "gone", "come"]
    text: str


class LineSeen(Struct, frozen=True, kw_only=True):
    """A line of both texts side by side: `same`, `changed` (its pieces say where), only in the old one, only in the new one. `skipped`
    lines that are the same were left out before it."""

    kind: Literal["same", "changed", "gone", "come"]
    pieces: tuple[Piece, ...]
    skipped: int = 0


class MatterChange(Struct, frozen=True, kw_only=True):
    """A key of the front matter, or an image (`image:NAME`), that differs; empty where it is not there."""

    key: str
    old: str
    new: str


class Differences(Answer, frozen=True, kw_only=True, tag="differences"):
    """The differences of two revisions; `returned` is why the old one was given back, where it was. `unread` names revisions whose bytes
    are gone or damaged."""

    draft: int
    old: int
    new: int
    returned: str = ""
    lines: tuple[LineSeen, ...] = ()
    matter: tuple[MatterChange, ...] = ()
    unread: tuple[int, ...] = ()


class Countdown(Struct, frozen=True, kw_only=True):
    """A release that cannot be taken back and begins by itself (or can be taken) at this moment, unless somebody halts it."""

    draft: int
    account: str
    name: str
    title: str
    begins_at: datetime
