"""What crosses the socket about notices (通知): what is in the queue, what could not be sent, a trial. Never a draft's text or title."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from daemon.wire.act import Act
from daemon.wire.answer import Answer
from daemon.wire.query import Query


class NoticeTest(Act, frozen=True, kw_only=True, tag="notice_test"):
    """試し送り: send this person a notice that says nothing else, now. For somebody else a manager has to ask for it."""

    login: str


class Notices(Query, frozen=True, kw_only=True, tag="notices"):
    """The last `limit` notices, newest first; with `failed` only those that could not be sent. Answer: `NoticeList`."""

    failed: bool = False
    limit: int = 200


class NoticeSeen(Struct, frozen=True, kw_only=True):
    """One notice: to whom, of which kind, about which account and number. `state`: open (gathered for the next digest), console (it
    leaves the program by no way), sending, sent, retry, failed, settled (over before it was sent). `why` of the last failure."""

    id: int
    at: datetime
    kind: str
    login: str
    account: str
    ref: str
    urgent: bool
    state: str
    tries: int = 0
    sent_at: datetime | None = None
    next_at: datetime | None = None
    why: str = ""
    why_en: str = ""


class NoticeList(Answer, frozen=True, kw_only=True, tag="notices"):
    """The notices, and by what they are sent: `way` is the program's path, empty where they stay in the console."""

    notices: tuple[NoticeSeen, ...]
    way: str = ""
    failing: int = 0
