"""Answers: what the daemon says back, and the events it sends unasked."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from daemon.wire.answer import Answer
from daemon.wire.approving import Countdown, Differences
from daemon.wire.bench import BenchAnswer
from daemon.wire.boards import ClauseHeld as ClauseHeld
from daemon.wire.boards import Who as Who
from daemon.wire.calendar import Month, SpecialDayList
from daemon.wire.credentials import CredentialCheck, CredentialList
from daemon.wire.deciding import ForDecision, PaperPage, SheetFolderList
from daemon.wire.deputising import DeputyList, LiftSeen, ReviewList
from daemon.wire.duties import DutyList, DutyPast, DutySeen
from daemon.wire.fanning import FanOutList
from daemon.wire.finding import FilterList
from daemon.wire.following import DrillOn, DrillReport, FollowUpList
from daemon.wire.keeping import AuditHead as AuditHead
from daemon.wire.keeping import AuditSealed as AuditSealed
from daemon.wire.keeping import BackupProgress as BackupProgress
from daemon.wire.listed import QueueRow as QueueRow
from daemon.wire.listed import ViewOpened as ViewOpened
from daemon.wire.listed import ViewPage as ViewPage
from daemon.wire.moving import MoveState
from daemon.wire.notices import NoticeList
from daemon.wire.papers import PaperAnswer
from daemon.wire.picturing import SmallPicture
from daemon.wire.policies import PolicyCompared, PolicyState, PolicyTallied
from daemon.wire.reasons import NotNow
from daemon.wire.recording import RecordFound
from daemon.wire.seen import FindingSeen, HistoryLine, RevisionSeen
from daemon.wire.settings import RulesSeen
from daemon.wire.stops import HeldSeen as HeldSeen
from daemon.wire.stops import InFlight as InFlight
from daemon.wire.stops import MeasureInHand as MeasureInHand
from daemon.wire.stops import ResumeAsked as ResumeAsked
from daemon.wire.stops import StopSeen as StopSeen
from daemon.wire.stops import StopState as StopState
from daemon.wire.terminals import Myself, TerminalList
from daemon.wire.trying import PictureFacts, Tried


class Done(Answer, frozen=True, kw_only=True, tag="done"):
    """An act has been carried out, durably. `message` is ready to be shown."""

    message: str = ""
    message_en: str = ""
    draft: int | None = None
    state: str | None = None
    audit_head: str = ""


class Named(Answer, frozen=True, kw_only=True, tag="named"):
    """The drafts that a name may mean, best first: one id where it is clear, several where it is not."""

    drafts: tuple[int, ...]


class Taken(Answer, frozen=True, kw_only=True, tag="taken"):
    """A release card: the text to post, for whom and until when. It appears only after the gate was passed. `checklist_en` holds the
    lines of `checklist` in English, in the same order."""

    draft: int
    text: str
    hash: str
    account: str
    platform: str
    handle: str
    name: str
    lease_until: datetime
    holder: str
    checklist: tuple[str, ...] = ()
    checklist_en: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    folder: str = ""
    """Where the text and the images lie as plain files while the card is held; empty where they could not be laid out."""


class AccountStatus(Struct, frozen=True, kw_only=True):
    """One account: its policy, and whether it is open now (hours, holidays); `reason` says why, 規定なし where no clause has hours."""

    id: str
    name: str
    policy: str
    platform: str
    handle: str
    channel: str
    open: bool
    reason: str
    reason_en: str = ""
    next_open: datetime | None = None
    next_close: datetime | None = None
    stopped: bool = False
    municipality: str = ""
    irreversible: bool = False
    """What goes out there cannot be taken back."""
    colour: str = ""
    """The account's own colour (`#rrggbb`), the ground of its words wherever something is approved or released."""
    url: str = ""
    """Where the account can be read."""
    spent: int = 0
    """What its channel has cost this month (Japan), and its budget (0: none), in millionths of a US dollar."""
    budget: int = 0
    reading: str = ""
    """How far the posts that name it have been read, or why they are not; empty where its channel cannot."""
    reading_en: str = ""


class StatusAnswer(Answer, frozen=True, kw_only=True, tag="status"):
    """The office at a glance (CONTRACT: `kohoban status --json`). `problems` are broken rules files: the last good stay in force.
    `…_en` holds the same sentences in English, in the same order."""

    office: str
    training: bool
    gate: StopState
    accounts: tuple[AccountStatus, ...]
    queue: dict[str, int]
    policy_hash: str
    policy_since: datetime
    problems: tuple[str, ...] = ()
    problems_en: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    alarms_en: tuple[str, ...] = ()
    duties: tuple[DutySeen, ...] = ()
    guards: tuple[int, int] | None = None
    """番人: how many canaries answered at the last look, and how many there are; None before the first."""
    countdowns: tuple[Countdown, ...] = ()
    """Releases that cannot be taken back and begin soon: for every screen."""
    audit_head: str = ""
    broken_sets: tuple[int, ...] = ()
    """The sets (一斉発信) that are out on some accounts and not on others: a fault, which every screen shows in red."""
    lock_minutes: int = 0
    """Minutes without a key after which a console covers its screen (`[office] lock_minutes`); 0: never."""
    phone: str = ""
    """Whom to ring when a console knows nothing any more (`[office] phone`)."""
    holidays_until: int = 0
    """The last year whose holidays have been announced and are known: in a later one accounts with hours stay closed."""
    now: datetime
    started: datetime
    starting: bool = False
    """The daemon has only just begun: what it does not know yet is empty here, and an alarm says so. In a moment it knows all."""


class DraftDetail(Answer, frozen=True, kw_only=True, tag="draft"):
    """Everything about one draft: row, text, front matter, findings, what is missing, revisions, history.

    `lengths` is weighted length and limit by platform; `can` names the acts that this operator could carry out now."""

    row: QueueRow
    text: str
    item: dict[str, str]
    findings: tuple[FindingSeen, ...]
    revisions: tuple[RevisionSeen, ...]
    history: tuple[HistoryLine, ...]
    lengths: dict[str, tuple[int, int]] = field(default_factory=dict)
    policy: str = ""
    policy_version: str = ""
    policy_hash: str = ""
    can: tuple[str, ...] = ()
    holder: str = ""
    lease_until: datetime | None = None
    url: str = ""
    exceptions: tuple[LiftSeen, ...] = ()
    cost: int = 0
    """What its release costs, in millionths of a US dollar; 0: nothing, or a person posts it."""
    images: tuple[PictureFacts, ...] = ()


class Listing(Answer, frozen=True, kw_only=True, tag="list"):
    """Answers that are a list: exactly one of the fields is filled."""

    clauses: tuple[ClauseHeld, ...] = ()
    people: tuple[Who, ...] = ()
    history: tuple[HistoryLine, ...] = ()


RefusalCode = Literal[
    "not_on_register",
    "role",
    "terminal",
    "stopped",
    "hours",
    "not_approver",
    "own_draft",
    "stale",
    "state",
    "missing",
    "handle",
    "reason",
    "code",
    "no_such",
    "lease",
    "url",
    "protocol",
    "busy",
    "internal",
    "not_training",
    "time",
    "pace",
    "moved",
    "claimed",
    "countdown",
    "way",
    "appointment",
]


class Refusal(Answer, frozen=True, kw_only=True, tag="refused"):
    """Not done, and why: `message` says what, and what to do next; `clause` where one stands behind it. `incident` marks an
    internal error, whose trace is in the daemon's log under that id."""

    code: RefusalCode
    message: str
    message_en: str
    clause: str = ""
    incident: str = ""


class Event(Struct, frozen=True, kw_only=True, tag_field="frame", tag="event"):
    """Something happened: `kind` is `draft` (judged, moved), `gate`, `policy`, `clock` (an account opened or closed), `comment` (something on the bench moved) or `resync`
    (you fell behind: ask again). `seq` counts up by one; a gap means the same as `resync`."""

    seq: int
    kind: Literal["draft", "gate", "policy", "clock", "comment", "resync"]
    draft: int | None = None
    account: str = ""
    state: str = ""
    verdict: str = ""
    path: str = ""
    hash: str = ""


AnyAnswer = (
    Done
    | ForDecision
    | PaperPage
    | SheetFolderList
    | BackupProgress
    | MoveState
    | Named
    | Taken
    | StopState
    | StatusAnswer
    | ViewOpened
    | ViewPage
    | DraftDetail
    | Differences
    | Tried
    | FollowUpList
    | DrillOn
    | DrillReport
    | DutyList
    | DutyPast
    | NoticeList
    | CredentialList
    | CredentialCheck
    | AuditHead
    | AuditSealed
    | Listing
    | Myself
    | TerminalList
    | ReviewList
    | DeputyList
    | PaperAnswer
    | BenchAnswer
    | PolicyState
    | PolicyCompared
    | PolicyTallied
    | SpecialDayList
    | Month
    | FanOutList
    | RecordFound
    | RulesSeen
    | FilterList
    | NotNow
    | SmallPicture
    | Refusal
)
