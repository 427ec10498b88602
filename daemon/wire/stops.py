"""What crosses the socket about a stop: the gate as the daemon sees it, what was under way, what a resume would bring back."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from daemon.wire.answer import Answer


class InFlight(Struct, frozen=True, kw_only=True):
    """A release that had begun: what, who holds it, and what is known of it."""

    draft: int
    holder: str
    outcome: Literal["released", "prevented", "unknown"]
    title: str = ""


class StopSeen(Struct, frozen=True, kw_only=True):
    """A stop that nobody has resumed: of what, by whose login (empty: nobody has said), since when, and why (empty: no reason was given)."""

    scope: str
    by: str
    at: datetime
    reason: str = ""
    confirmed_by: str = ""


class HeldSeen(Struct, frozen=True, kw_only=True):
    """A draft that a resume would bring back held, with the moment that was set for it."""

    draft: int
    account: str
    title: str
    at: datetime | None = None


class MeasureInHand(Struct, frozen=True, kw_only=True):
    """A measure about a comment that somebody had taken before the stop: whoever stops asks them whether it was done."""

    measure: int
    account: str
    holder: str
    name: str = ""


class ResumeAsked(Struct, frozen=True, kw_only=True):
    """A resume that a manager has asked for and a second person has to confirm before `until`."""

    by: str
    reason: str
    until: datetime


class StopState(Answer, frozen=True, kw_only=True, tag="stop_state"):
    """The gate as the daemon sees it. `stopped` is None when it cannot be told. `code` is only filled for a manager, and for whoever may
    confirm the resume that is `asked`. `unconfirmed` are the scopes whose stop no manager has confirmed yet; `passed` of the `held` drafts
    have a moment that is over; `follow_ups` counts what is still to be done on the platforms; `measures` are in somebody's hands
    though a stop covers them."""

    stopped: bool | None
    why: str = ""
    why_en: str = ""
    by: str = ""
    since: datetime | None = None
    scopes: tuple[str, ...] = ()
    epoch: int = 0
    code: str = ""
    held: int = 0
    passed: int = 0
    in_flight: tuple[InFlight, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    confirmed_by: str = ""
    asked: ResumeAsked | None = None
    follow_ups: int = 0
    measures: tuple[MeasureInHand, ...] = ()
    would_hold: tuple[HeldSeen, ...] = ()
    """The first of the `held` drafts, what was to go out soonest first."""
    stops: tuple[StopSeen, ...] = ()
    """The stops that stand, that of everything first, as the record knows them."""
