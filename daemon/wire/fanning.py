"""一斉発信: one emergency text on all accounts of a policy, as a set of drafts."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from msgspec import Struct

from daemon.wire.act import Act, Role
from daemon.wire.answer import Answer
from daemon.wire.query import Query


class DecideSet(Act, frozen=True, kw_only=True, tag="decide_set"):
    """One decision for all drafts of a set that have the same text as the one that was seen, where the table lets this person: 承認 or 緊急の
    宣言. The others are named in the answer."""

    draft: int
    hash: str
    what: Literal["approve", "declare"] = "approve"
    reason: str = ""


class ExcuseMember(Act, frozen=True, kw_only=True, tag="excuse_member"):
    """発信しない理由: a manager records why the set does not go out on one of its accounts. Then it no longer counts as missing."""

    fan_out: int
    account: str
    reason: str
    role: ClassVar[Role] = "manager"


class FanOuts(Query, frozen=True, kw_only=True, tag="fan_outs"):
    """The sets that are under way; of a draft, the set it belongs to, over or not. Answer: `FanOutList`."""

    draft: int | None = None


class MemberSeen(Struct, frozen=True, kw_only=True):
    """One account of a set: its draft (None: none could be made), that draft's state, whether its text is that of the set, and who
    recorded why it does not go out there."""

    account: str
    draft: int | None = None
    state: str = ""
    same: bool = True
    excused_by: str = ""
    reason: str = ""

    @property
    def lacking(self) -> bool:
        """True where the account still lacks the text: it has not gone out there, and nobody has recorded why."""
        return self.state != "released" and not self.excused_by


class FanOutSeen(Struct, frozen=True, kw_only=True):
    """One set. `broken`: it is out on some accounts and not on others, which is a fault until it is mended."""

    id: int
    policy: str
    clause: str
    title: str
    at: datetime
    members: tuple[MemberSeen, ...]
    broken: bool = False
    over: bool = False

    @property
    def lacking(self) -> tuple[str, ...]:
        """The accounts that still lack it."""
        return tuple(each.account for each in self.members if each.lacking)


class FanOutList(Answer, frozen=True, kw_only=True, tag="fan_outs"):
    """Sets, the newest first."""

    fan_outs: tuple[FanOutSeen, ...]


FANNING_ACTS = (DecideSet, ExcuseMember)
