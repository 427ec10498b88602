"""Answers about what follows a stop and about drills of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from daemon.wire.answer import Answer


class FollowUpSeen(Struct, frozen=True, kw_only=True):
    """One line of the check-list after a stop (さいたま 11). `text` are the prepared words; `cite` is the article that asks for it, or the
    office's own rule with its basis. `by` tells whether the channel does it or a person. `proof` is the URL or note, or why it was not
    needed. `can` names the acts that the one who asks could carry out."""

    id: int
    stop: int
    stopped_at: datetime
    account: str
    name: str
    platform: str
    handle: str
    kind: str
    title: str
    title_en: str
    text: str
    clause: str
    cite: str
    by: Literal["machine", "person"]
    state: Literal["open", "done", "skipped"]
    agreed_by: str = ""
    settled_by: str = ""
    settled_at: datetime | None = None
    proof: str = ""
    can: tuple[str, ...] = ()


class FollowUpList(Answer, frozen=True, kw_only=True, tag="follow_ups"):
    """The check-list: what is open first, in the order in which it is to be done; then what is settled."""

    follow_ups: tuple[FollowUpSeen, ...]
    open: int


class DrillOn(Answer, frozen=True, kw_only=True, tag="drill_on"):
    """A drill (訓練) is on: posts go to a simulated platform every 10 ms. Whoever asked for it stops it at the gate in `state/<place>`
    before `until`; after that it ends by itself."""

    place: str
    until: datetime


class DrillReport(Answer, frozen=True, kw_only=True, tag="drill_report"):
    """What a drill has shown, milliseconds from the press: `silent_ms` None where silence was not proved. What the platform counted:
    begun before the press, between the press and silence, and after it (which must be none); `prevented` were tried in vain."""

    passed: bool
    latched_ms: float | None
    silent_ms: float | None
    before: int
    meanwhile: int
    after: int
    prevented: int
    message: str
    message_en: str
    audit_head: str = ""
