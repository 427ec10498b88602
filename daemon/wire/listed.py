"""The queue as a list: a frozen view, its rows, its pages."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from daemon.wire.answer import Answer
from daemon.wire.seen import MissingSeen


class ViewOpened(Answer, frozen=True, kw_only=True, tag="view"):
    """A frozen list: its number in this session, how many rows, and the event sequence at which it was frozen. `at` is where the draft
    stands that was asked for; about `unread` drafts are not in the index of texts yet: a search found those only as they are written.
    Where it is not `whole` yet, it is still being filled: `count` rows are there now, and more may come behind them."""

    view: int
    count: int
    seq: int
    at: int | None = None
    unread: int = 0
    whole: bool = True


class QueueRow(Struct, frozen=True, kw_only=True):
    """One line of the queue. `title` is the head of the text, one line, unsanitised: only the console's text type may show it.
    `can` names the acts that the one who asks could carry out when the row was read."""

    id: int
    account: str
    path: str
    title: str
    state: str
    verdict: str
    revision: int
    hash: str
    author: str
    since: datetime
    release_at: datetime | None = None
    clauses: tuple[str, ...] = ()
    waiting: tuple[MissingSeen, ...] = ()
    can: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    marks_en: tuple[str, ...] = ()
    """What it belongs to, in a word: a set (一斉3 2/6), a correction that is out or waits (訂正あり, 訂正待ち)."""
    claimed_by: str = ""
    """The login of whoever works at it (着手), their name, until when; and the names of those who have it open now."""
    claimed_name: str = ""
    claimed_until: datetime | None = None
    watching: tuple[str, ...] = ()
    undo_until: datetime | None = None
    """Until when whoever asks could take their last decision about it back (取消)."""
    begins_at: datetime | None = None
    """The moment before which its release does not begin, while that lies ahead and nothing is stopped."""


class ViewPage(Answer, frozen=True, kw_only=True, tag="page"):
    """A page of a view."""

    view: int
    offset: int
    rows: tuple[QueueRow, ...]
    count: int
