"""Acts: what changes something. One frozen type each; keys, palette, `:` line, command line and folders all make the same one."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from daemon.wire.act import Act, Role, Terminal
from daemon.wire.approving import Claim, Hold, Reopen, Unclaim, Undo
from daemon.wire.calendar import CALENDAR_ACTS, AddClosure, AddOpening, RemoveOverride
from daemon.wire.correcting import Prepare
from daemon.wire.deciding import Countersign, EnterPaper
from daemon.wire.deputising import CloseObjection, Declare, Endorse
from daemon.wire.duties import DutyDone, DutyUndo
from daemon.wire.fanning import FANNING_ACTS, DecideSet, ExcuseMember
from daemon.wire.finding import FINDING_ACTS, KeepScreen, SaveFilter, StepAway
from daemon.wire.moderation import MODERATION_ACTS, AnyModerationAct
from daemon.wire.notices import NoticeTest
from daemon.wire.terminals import AllowTerminal, RevokeTerminal

AtTheScreen = Literal["console", "mode"]
"""How a decision that comes over the socket was made: at the console or its command line, or in 決裁モード. A sheet or a paper makes its
own."""


class Approve(Act, frozen=True, kw_only=True, tag="approve"):
    """承認: approve exactly the bytes whose hash is named (from `held`: confirm again). `handle` is the account's handle as the person typed
    it: needed once a session where the machine sends what is approved (account guard). `exceptions` are rules whose holds the approver
    lifts along with it, for the same reason: one decision of one person who may do both (決裁モード)."""

    draft: int
    hash: str
    reason: str = ""
    how: AtTheScreen = "console"
    handle: str = ""
    exceptions: tuple[str, ...] = ()


class Return(Act, frozen=True, kw_only=True, tag="return"):
    """差戻し: give a draft back to its author; the reason is what the author will read. `clause` is the one that it is returned under, where
    a named person's judgement is needed for it (その他公序良俗…): no machine suggests those."""

    draft: int
    hash: str
    reason: str
    clause: str = ""
    how: AtTheScreen = "console"


class Withdraw(Act, frozen=True, kw_only=True, tag="withdraw"):
    """取下げ: take a draft out of the queue without release."""

    draft: int
    reason: str = ""


class Except(Act, frozen=True, kw_only=True, tag="except"):
    """例外: lift one hold of one revision, until a moment (by default the end of the next opening day), after which it stands again. `rule`
    names it; the person, or whoever they stand in for, must hold one of the titles that the clause names."""

    draft: int
    hash: str
    rule: str
    reason: str
    until: datetime | None = None


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


class ConfirmResume(Act, frozen=True, kw_only=True, tag="confirm_resume"):
    """再開の確認: where a resume takes two people, the second one: another manager or a 発信確認者, within ten minutes. `code` is the one
    that `ResumeCode` showed to this person. Who may is checked by the handler: the title counts, not only the role."""

    code: str


class ConfirmStop(Act, frozen=True, kw_only=True, tag="confirm_stop"):
    """停止の確認: a manager confirms a stop that somebody else made. Until then it is provisional, and a stop all the same."""

    scope: str = "all"
    note: str = ""
    role: ClassVar[Role] = "manager"
    terminal: ClassVar[Terminal] = "any"


class AgreeFollowUp(Act, frozen=True, kw_only=True, tag="agree_follow_up"):
    """アカウント削除の同意: the first of the two people, who types the account's handle. The second one deletes it."""

    follow_up: int
    handle: str


class DoneFollowUp(Act, frozen=True, kw_only=True, tag="done_follow_up"):
    """済: a person has done it on the platform; `proof` is a URL or a note. `handle` is typed where an account has been deleted."""

    follow_up: int
    proof: str
    handle: str = ""


class SkipFollowUps(Act, frozen=True, kw_only=True, tag="skip_follow_ups"):
    """不要: the manager finds that these need not be done, and says why."""

    follow_ups: tuple[int, ...]
    reason: str
    role: ClassVar[Role] = "manager"


class UndoFollowUp(Act, frozen=True, kw_only=True, tag="undo_follow_up"):
    """取消: a wrong tick (済, 不要, an agreement) is taken back, with the reason. It stays in the record."""

    follow_up: int
    reason: str


class TakeOver(Act, frozen=True, kw_only=True, tag="take_over"):
    """引き継ぎ: this machine becomes the one that sends. The manager vouches for it that the old one cannot: its right was `revoked` (the
    tokens were changed) or it is `off`; `proof` says how that is known. `code` is the one that `Moved` showed. Everything comes back held."""

    how: Literal["revoked", "off"]
    proof: str
    code: str
    role: ClassVar[Role] = "manager"


class Backup(Act, frozen=True, kw_only=True, tag="backup"):
    """控えを取る: begin a backup into a new file at this absolute path on the daemon's machine; `BackupState` says how far it is."""

    path: str
    role: ClassVar[Role] = "manager"


class Erase(Act, frozen=True, kw_only=True, tag="erase"):
    """消去: the manager takes a text out of an entry of the record for good: `field` is the detail that held it. Its hash stays, so
    the chain stays whole, and the erasure itself is recorded with its reason."""

    entry: int
    field: str
    reason: str
    role: ClassVar[Role] = "manager"


class DrillStart(Act, frozen=True, kw_only=True, tag="drill_start"):
    """訓練: let a hand of its own send to a simulated platform, at a gate of its own, until it is stopped there. Answer: `DrillOn`."""

    terminal: ClassVar[Terminal] = "any"


class DrillEnd(Act, frozen=True, kw_only=True, tag="drill_end"):
    """The drill's stop, as its operator made it at the drill's gate: `pressed_ns` is the moment of the press (nanoseconds of
    CLOCK_MONOTONIC), the others milliseconds from there, as the stop itself says them (None: not). Without `pressed_ns` the drill is
    given up. Answer: `DrillReport`, or `Done` for one that was given up."""

    pressed_ns: int | None = None
    latched_ms: float | None = None
    silent_ms: float | None = None
    terminal: ClassVar[Terminal] = "any"


AnyAct = (
    Approve
    | Backup
    | Return
    | Withdraw
    | Except
    | Schedule
    | Take
    | Released
    | Settle
    | Stopped
    | ConfirmStop
    | Resume
    | ConfirmResume
    | TakeOver
    | AgreeFollowUp
    | DoneFollowUp
    | SkipFollowUps
    | UndoFollowUp
    | DrillStart
    | DrillEnd
    | Erase
    | AllowTerminal
    | RevokeTerminal
    | EnterPaper
    | Countersign
    | Declare
    | Endorse
    | CloseObjection
    | AddClosure
    | AddOpening
    | RemoveOverride
    | DutyDone
    | DutyUndo
    | DecideSet
    | ExcuseMember
    | Prepare
    | Undo
    | Hold
    | Reopen
    | Claim
    | Unclaim
    | NoticeTest
    | SaveFilter
    | KeepScreen
    | StepAway
    | AnyModerationAct
)
ACTS: tuple[type[Act], ...] = (
    Approve,
    Backup,
    Return,
    Withdraw,
    Except,
    Schedule,
    Take,
    Released,
    Settle,
    Stopped,
    ConfirmStop,
    Resume,
    ConfirmResume,
    TakeOver,
    AgreeFollowUp,
    DoneFollowUp,
    SkipFollowUps,
    UndoFollowUp,
    DrillStart,
    DrillEnd,
    Erase,
    AllowTerminal,
    RevokeTerminal,
    EnterPaper,
    Countersign,
    Declare,
    Endorse,
    CloseObjection,
    *CALENDAR_ACTS,
    DutyDone,
    DutyUndo,
    *FANNING_ACTS,
    Prepare,
    Undo,
    Hold,
    Reopen,
    Claim,
    Unclaim,
    NoticeTest,
    *FINDING_ACTS,
    *MODERATION_ACTS,
)
