"""Acts: what changes something. One frozen type each; keys, palette, `:` line, command line and folders all make the same one."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from msgspec import Struct

Role = Literal["viewer", "clerk", "manager"]
Terminal = Literal["any", "designated"]


class Act(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="act"):
    """What every act has: the least role that may ask for it, and the terminal it needs where a policy has a terminal clause."""

    role: ClassVar[Role] = "clerk"
    terminal: ClassVar[Terminal] = "designated"


class Approve(Act, frozen=True, kw_only=True, tag="approve"):
    """承認: approve exactly the bytes whose hash is named (from `held`: confirm again)."""

    draft: int
    hash: str
    reason: str = ""


class Return(Act, frozen=True, kw_only=True, tag="return"):
    """差戻し: give a draft back to its author; the reason is what the author will read."""

    draft: int
    hash: str
    reason: str


class Withdraw(Act, frozen=True, kw_only=True, tag="withdraw"):
    """取下げ: take a draft out of the queue without release."""

    draft: int
    reason: str = ""


class Except(Act, frozen=True, kw_only=True, tag="except"):
    """例外: lift one hold of one revision. `rule` names it; the person must hold one of the titles that the clause names."""

    draft: int
    hash: str
    rule: str
    reason: str
    role: ClassVar[Role] = "manager"


class Schedule(Act, frozen=True, kw_only=True, tag="schedule"):
    """予約: release an approved draft at this time; without one, at the account's next opening."""

    draft: int
    hash: str
    at: datetime | None = None


class Take(Act, frozen=True, kw_only=True, tag="take"):
    """発信カードを取る: pass the gate and hold the lease of a manual release for ten minutes. `handle` is the account's handle as
    the person typed it: needed at the first release of a session (account guard)."""

    draft: int
    hash: str
    handle: str = ""


class Released(Act, frozen=True, kw_only=True, tag="released"):
    """発信済: the person has posted it, and this is where it can be read."""

    draft: int
    url: str


class Settle(Act, frozen=True, kw_only=True, tag="settle"):
    """不明の決着: a person has looked. `released` needs the URL; `not_released` gives the draft back, held."""

    draft: int
    outcome: Literal["released", "not_released"]
    url: str = ""
    note: str = ""


class Stopped(Act, frozen=True, kw_only=True, tag="stopped"):
    """停止の届け: tell the daemon of a stop that the caller has already carried out on the gate, so that it is recorded.
    Never refused to anyone on the register, whatever the terminal."""

    scope: str = "all"
    reason: str = ""
    role: ClassVar[Role] = "viewer"
    terminal: ClassVar[Terminal] = "any"


class Resume(Act, frozen=True, kw_only=True, tag="resume"):
    """再開: a manager gives the permit back. `code` is the code that `ResumeCode` showed; everything comes back held."""

    code: str
    reason: str
    scope: str = "all"
    role: ClassVar[Role] = "manager"


AnyAct = Approve | Return | Withdraw | Except | Schedule | Take | Released | Settle | Stopped | Resume
ACTS: tuple[type[Act], ...] = (Approve, Return, Withdraw, Except, Schedule, Take, Released, Settle, Stopped, Resume)
