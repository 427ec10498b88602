"""Answers: what the daemon says back, and the events it sends unasked."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from daemon.wire.answer import Answer
from daemon.wire.following import DrillOn, DrillReport, DutyList, DutySeen, FollowUpList
from daemon.wire.moving import MoveState


class FindingSeen(Struct, frozen=True, kw_only=True):
    """A finding as a person sees it (CONTRACT: `findings`); spans are code points into the revision's text."""

    clause: str
    cite: str
    text: str
    rule: str
    verdict: str
    start: int = 0
    end: int = 0
    message: str = ""
    message_en: str = ""
    fix: str | None = None
    lift: tuple[str, ...] = ()
    lifted: bool = False


class MissingSeen(Struct, frozen=True, kw_only=True):
    """One line of 「なぜまだ出ないか」 (CONTRACT: `missing`, `waiting`)."""

    what: str
    what_en: str
    who: str
    clause: str
    act: str
    rule: str = ""


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


class InFlight(Struct, frozen=True, kw_only=True):
    """A release that had begun: what, who holds it, and what is known of it."""

    draft: int
    holder: str
    outcome: Literal["released", "prevented", "unknown"]
    title: str = ""


class ResumeAsked(Struct, frozen=True, kw_only=True):
    """A resume that a manager has asked for and a second person has to confirm before `until`."""

    by: str
    reason: str
    until: datetime


class StopState(Answer, frozen=True, kw_only=True, tag="stop_state"):
    """The gate as the daemon sees it. `stopped` is None when it cannot be told. `code` is only filled for a manager, and for whoever may
    confirm the resume that is `asked`. `unconfirmed` are the scopes whose stop no manager has confirmed yet; `passed` of the `held` drafts
    have a moment that is over; `follow_ups` counts what is still to be done on the platforms."""

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
    audit_head: str = ""
    now: datetime
    started: datetime


class ViewOpened(Answer, frozen=True, kw_only=True, tag="view"):
    """A frozen list: its number in this session, how many rows, and the event sequence at which it was frozen."""

    view: int
    count: int
    seq: int


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


class ViewPage(Answer, frozen=True, kw_only=True, tag="page"):
    """A page of a view."""

    view: int
    offset: int
    rows: tuple[QueueRow, ...]
    count: int


class RevisionSeen(Struct, frozen=True, kw_only=True):
    """One revision of a draft: its number, the sha256 of its exact bytes, when it came and in which encoding."""

    n: int
    hash: str
    at: datetime
    encoding: str
    size: int


class PrivateText(Struct, frozen=True, kw_only=True):
    """A text that stands in an entry only as `sha256:` over salt and text, and can be erased. The salt is in hex."""

    salt: str
    text: str


class HistoryLine(Struct, frozen=True, kw_only=True):
    """One entry of the record (記録): who did what, when, with which words.

    `detail` is the entry's JSON with its private texts in their places, as far as they have not been erased. Where everything was
    asked for, `record` are the canonical bytes that `hash` covers, and `texts` the private texts by the detail that holds their hash."""

    seq: int
    at: datetime
    actor: str
    act: str
    draft: int | None = None
    detail: str = ""
    hash: str = ""
    record: str = ""
    texts: dict[str, PrivateText] = field(default_factory=dict)


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


class ClauseHeld(Struct, frozen=True, kw_only=True):
    """A clause on the board: text, class, what holds it, and how many drafts in the queue it speaks to now."""

    id: str
    cite: str
    class_: str
    text: str
    note: str
    status: str
    held_by: tuple[str, ...]
    open_findings: int = 0


class Who(Struct, frozen=True, kw_only=True):
    """A person on the register."""

    login: str
    name: str
    unit: str
    role: str
    titles: tuple[str, ...]
    policies: tuple[str, ...]


class AuditHead(Answer, frozen=True, kw_only=True, tag="audit"):
    """What a verification found: `ok`, how many entries, the hash of the last; or the first bad entry and what is wrong with it.
    Where `ok`, `why` is empty or a remark."""

    ok: bool
    entries: int
    head: str
    first_bad: int | None = None
    why: str = ""
    why_en: str = ""


class AuditSealed(Answer, frozen=True, kw_only=True, tag="sealed"):
    """The head of the record, signed: what an office prints, dates and seals. `line` is the signed line as it stands in the anchor,
    `public` the key (PEM) that checks it; both are empty where the seal could not be used."""

    office: str
    record: str
    entries: int
    head: str
    at: datetime
    key: str
    signature: str
    line: str
    public: str


class BackupProgress(Answer, frozen=True, kw_only=True, tag="backup_progress"):
    """The backup under way (`running`), or the last one of this daemon: what is being done, `done` of `of` bytes of it; when it is
    whole its size and the last entry of the record in it; else the error. All empty where there was none."""

    running: bool
    path: str = ""
    stage: str = ""
    done: int = 0
    of: int = 0
    size: int = 0
    seq: int = 0
    head: str = ""
    error: str = ""
    error_en: str = ""


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
    """Something happened: `kind` is `draft` (judged, moved), `gate`, `policy`, `clock` (an account opened or closed) or `resync`
    (you fell behind: ask again). `seq` counts up by one; a gap means the same as `resync`."""

    seq: int
    kind: Literal["draft", "gate", "policy", "clock", "resync"]
    draft: int | None = None
    account: str = ""
    state: str = ""
    verdict: str = ""
    path: str = ""
    hash: str = ""


AnyAnswer = (
    Done
    | BackupProgress
    | MoveState
    | Named
    | Taken
    | StopState
    | StatusAnswer
    | ViewOpened
    | ViewPage
    | DraftDetail
    | FollowUpList
    | DrillOn
    | DrillReport
    | DutyList
    | AuditHead
    | AuditSealed
    | Listing
    | Refusal
)
