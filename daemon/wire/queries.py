"""Queries: what only looks. Anyone on the register may ask, from any terminal."""

from __future__ import annotations

from daemon.wire.approving import Compare
from daemon.wire.bench import BenchQuery
from daemon.wire.calendar import MonthOf, SpecialDays
from daemon.wire.credentials import CheckCredentials, Credentials
from daemon.wire.deciding import Decide, PaperOf, SheetFolders, WaitingForMe
from daemon.wire.deputising import Deputies, Reviews
from daemon.wire.duties import Duties, DutyHistory
from daemon.wire.fanning import FanOuts
from daemon.wire.finding import DraftSort, MyFilters
from daemon.wire.notices import Notices
from daemon.wire.papers import PaperQuery
from daemon.wire.picturing import PictureOf
from daemon.wire.policies import PolicyDiff, PolicyNow, PolicyTally
from daemon.wire.query import Query
from daemon.wire.reasons import WhyNot
from daemon.wire.recording import FindInRecord
from daemon.wire.settings import RulesNow
from daemon.wire.terminals import Terminals, WhoAmI
from daemon.wire.trying import Try


class Status(Query, frozen=True, kw_only=True, tag="status"):
    """Is the office running or stopped, which accounts are open, how many drafts stand in each state. `looking` is the draft that the
    asking console has open just now, so that others can see who looks at it. Answer: `StatusAnswer`."""

    looking: int | None = None


class OpenView(Query, frozen=True, kw_only=True, tag="open_view"):
    """Freeze the drafts that meet all of these conditions into a numbered list for this session. Words of `text` are looked for in text
    and file name, width, case and kind of kana folded; `#12` is a number; none of `without` may be there. `mine`: written by whoever asks, or claimed by
    them. `due`: with a moment at which it is to go out. `sort`: those that need somebody first and the newest of each first (`state`), the
    last to come first (`arrived`), the next to go out first (`release`), by account. `around` is a draft whose place in the list is wanted.
    `soon`: answered as soon as there is something to show, the list being filled meanwhile (`CountView`). Answer: `ViewOpened`."""

    states: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    text: str = ""
    without: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    mine: bool = False
    due: bool = False
    sort: DraftSort = "state"
    around: int | None = None
    soon: bool = False


class CountView(Query, frozen=True, kw_only=True, tag="count_view"):
    """Wait until a view is whole. Answer: `ViewOpened`."""

    view: int


class PageOf(Query, frozen=True, kw_only=True, tag="page"):
    """Rows `offset` … `offset + limit` (at most 500) of an open view, as the drafts stand now; of one that is still being filled, once it
    has come so far. Answer: `ViewPage`."""

    view: int
    offset: int = 0
    limit: int = 128


class CloseView(Query, frozen=True, kw_only=True, tag="close_view"):
    """Forget a view. Answer: `Done`."""

    view: int


class FindDraft(Query, frozen=True, kw_only=True, tag="find"):
    """The draft that a person means by a number or by a file name. Answer: `Named`."""

    name: str


class Show(Query, frozen=True, kw_only=True, tag="show"):
    """Everything about one draft. Answer: `DraftDetail`."""

    draft: int


class ClauseBoard(Query, frozen=True, kw_only=True, tag="clauses"):
    """The clauses of a policy with what holds each of them, and how many open findings cite it. Answer: a list of `ClauseHeld`."""

    policy: str


class Register(Query, frozen=True, kw_only=True, tag="register"):
    """The people on the register. Answer: a list of `Who`."""


class ResumeCode(Query, frozen=True, kw_only=True, tag="resume_code"):
    """The code to type for a resume, with what would come back. Answer: `StopState`."""


class Moved(Query, frozen=True, kw_only=True, tag="moved"):
    """Whether the office has come from another machine, or been taken over by one, and the code of a take-over. Answer: `MoveState`."""


class FollowUps(Query, frozen=True, kw_only=True, tag="follow_ups"):
    """What has to be done on the platforms after a stop: all that is open; with `settled`, also what was settled of the last stop.
    Answer: `FollowUpList`."""

    settled: bool = True


class AuditVerify(Query, frozen=True, kw_only=True, tag="audit_verify"):
    """Recompute the whole chain. Answer: `AuditHead`."""


class AuditShow(Query, frozen=True, kw_only=True, tag="audit_show"):
    """The last `limit` entries of the record, or those of one draft; with `before`, the last ones below that entry, so that a
    reader can walk the whole record backwards. `whole` adds what it takes to verify them. Answer: a list of `HistoryLine`."""

    draft: int | None = None
    limit: int = 100
    before: int | None = None
    whole: bool = False


class AuditSeal(Query, frozen=True, kw_only=True, tag="audit_seal"):
    """Sign the head of the record as it is now, in the anchor. Answer: `AuditSealed`."""


class BackupState(Query, frozen=True, kw_only=True, tag="backup_state"):
    """How far the backup under way is, or how the last one of this daemon ended. Answer: `BackupProgress`."""


AnyQuery = (
    Status
    | BackupState
    | OpenView
    | PageOf
    | CloseView
    | CountView
    | FindDraft
    | Show
    | ClauseBoard
    | Register
    | ResumeCode
    | Moved
    | FollowUps
    | Duties
    | Compare
    | Try
    | DutyHistory
    | Notices
    | Credentials
    | CheckCredentials
    | AuditVerify
    | AuditShow
    | AuditSeal
    | WhoAmI
    | Terminals
    | WaitingForMe
    | Decide
    | SheetFolders
    | PaperOf
    | Reviews
    | Deputies
    | PaperQuery
    | BenchQuery
    | SpecialDays
    | MonthOf
    | FanOuts
    | PolicyNow
    | PolicyDiff
    | PolicyTally
    | FindInRecord
    | RulesNow
    | MyFilters
    | WhyNot
    | PictureOf
)
