"""Comments: what is asked of the bench, the measures, the block list and the personal data, and what is answered."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct

from daemon.wire.answer import Answer
from daemon.wire.blocks import BlockList, Blocks, BlocksCompared, CompareBlocks
from daemon.wire.query import Query
from daemon.wire.seen import FindingSeen


class OpenBench(Query, frozen=True, kw_only=True, tag="open_bench"):
    """Freeze the comments that meet these conditions into a numbered list of this session: calls for help first (`emergency`, `help`, `crime`),
    then what elections draw attention to, then questions, then those that the machine is surer of, the oldest first. `kind` is a
    kind of guidance. `text` searches words, handle and tag. Answer: `BenchOpened`."""

    accounts: tuple[str, ...] = ()
    states: tuple[str, ...] = ("open", "proposed", "second", "escalated")
    clause: str = ""
    guidance: bool | None = None
    kind: str = ""
    text: str = ""
    mine: bool = False


class BenchOpened(Answer, frozen=True, kw_only=True, tag="bench"):
    """A frozen list: its number, how many rows, and the conditions in words, as a decision for all of them records them."""

    view: int
    count: int
    condition: str
    condition_en: str


class BenchPage(Query, frozen=True, kw_only=True, tag="bench_page"):
    """Rows `offset` … `offset + limit` (at most 500) of a frozen list, as they stand now. Answer: `BenchRows`."""

    view: int
    offset: int = 0
    limit: int = 128


class CommentRow(Struct, frozen=True, kw_only=True):
    """A line of the bench. `words` is the head of the text, unsanitised. `clauses` are the suggested grounds as they are cited; `attention` is
    the election that is on, where it concerns one of them; `repeats` how many with findings came from there lately, where that may be
    noticed (0: none, or it may not)."""

    id: int
    account: str
    state: str
    verdict: str
    words: str
    handle: str
    posted_at: datetime | None
    arrived_at: datetime
    clauses: tuple[str, ...] = ()
    guidance: str = ""
    attention: str = ""
    tag: str = ""
    claimed_by: str = ""
    repeats: int = 0
    can: tuple[str, ...] = ()


class BenchRows(Answer, frozen=True, kw_only=True, tag="bench_rows"):
    """A page of a frozen list. `new`: comments that meet its conditions and have come since it was frozen."""

    view: int
    offset: int
    count: int
    rows: tuple[CommentRow, ...]
    new: int = 0


class ShowComment(Query, frozen=True, kw_only=True, tag="show_comment"):
    """One comment in full. Answer: `CommentDetail`."""

    comment: int


class GroundSeen(Struct, frozen=True, kw_only=True):
    """A ground of the account's own list. `suggested`: the machine has found something to check under it."""

    id: str
    cite: str
    text: str
    note: str = ""
    catch_all: bool = False
    suggested: bool = False
    attention: bool = False


class MeansSeen(Struct, frozen=True, kw_only=True):
    """What one action of the policy comes to on this platform: `really` what can be done there (empty: nothing), `by` whom (`person`,
    `channel`, `nobody`), and what has to be known of it. `must`: once recognised it is due; `reason`: only with a reason."""

    action: str
    really: str
    by: str
    clause: str
    cite: str
    what: str
    what_en: str
    must: bool = False
    reason: bool = False
    final: bool = False
    cost: int = 0
    """What the channel's platform charges for it, in millionths of a US dollar."""


class Said(Struct, frozen=True, kw_only=True):
    """What somebody said of a comment."""

    id: int
    kind: str
    by: str
    by_name: str
    at: datetime
    clause: str = ""
    cite: str = ""
    words: str = ""
    actions: tuple[str, ...] = ()
    reason: str = ""
    to: str = ""
    undone: bool = False


class MeasureSeen(Struct, frozen=True, kw_only=True):
    """One measure: what the policy calls it (`asked`) and what is really done (`really`), how far it is, and `by` whom (`person`, `channel`,
    `nobody`). One that a channel takes begins at `begins_at` (until then it can be taken back) and costs `cost` millionths of a US dollar;
    while the machine has it in hand, `sent` says how far it is (`sending`, or `unknown`: a person looks). `why`: for what reason it is a
    person's though the channel could take it, or waits."""

    id: int
    comment: int | None
    account: str
    platform: str
    asked: str
    really: str
    reverses: int | None
    handle: str
    url: str
    clause: str
    state: str
    at: datetime
    holder: str = ""
    until: datetime | None = None
    done_by: str = ""
    done_at: datetime | None = None
    proof: str = ""
    can: tuple[str, ...] = ()
    by: str = "person"
    begins_at: datetime | None = None
    sent: str = ""
    why: str = ""
    why_en: str = ""
    cost: int = 0


class Alike(Struct, frozen=True, kw_only=True):
    """An entry of the block list whose name looks like this one: a hint, nothing more."""

    entry: int
    handle: str
    same: bool


class CommentDetail(Answer, frozen=True, kw_only=True, tag="comment"):
    """One comment. `text` is None once it was erased. `powerless` says why there is nothing to be done about comments to this account."""

    row: CommentRow
    text: str | None
    hash: str
    source: str
    conversation: str
    url: str
    author: str
    own: bool | None
    """Whether it stands under a post of the account's own; None where that cannot be told."""
    findings: tuple[FindingSeen, ...]
    grounds: tuple[GroundSeen, ...]
    means: tuple[MeansSeen, ...]
    judges: str
    said: tuple[Said, ...]
    measures: tuple[MeasureSeen, ...]
    alike: tuple[Alike, ...] = ()
    guidance: str = ""
    guidance_en: str = ""
    powerless: str = ""
    powerless_en: str = ""
    file: str = ""
    marked_by: str = ""
    erase_on: date | None = None
    erased_at: datetime | None = None


class BenchCounts(Query, frozen=True, kw_only=True, tag="bench_counts"):
    """How much waits, by account. Answer: `BenchTally`."""


class AccountBench(Struct, frozen=True, kw_only=True):
    """What waits at one account, and its brake: the measures begun today and the most of them."""

    account: str
    states: dict[str, int]
    measures: dict[str, int]
    today: int
    limit: int
    powerless: str = ""
    powerless_en: str = ""
    election: str = ""


class ReactionSeen(Struct, frozen=True, kw_only=True):
    """Hostile reactions to a post of our own that somebody has reported."""

    id: int
    account: str
    post: str
    note: str
    by: str
    at: datetime
    outcome: str = ""
    ended_by: str = ""


class BenchTally(Answer, frozen=True, kw_only=True, tag="bench_tally"):
    """What waits, by account, and the reports of reactions that nobody has dealt with."""

    accounts: tuple[AccountBench, ...]
    reactions: tuple[ReactionSeen, ...]


class Measures(Query, frozen=True, kw_only=True, tag="measures"):
    """The measures that are due or under way; with `done` the last two hundred that are over, too. Answer: `MeasureList`."""

    account: str = ""
    done: bool = False


class MeasureList(Answer, frozen=True, kw_only=True, tag="measures"):
    """Measures, the oldest first."""

    measures: tuple[MeasureSeen, ...]


class MeasureCard(Answer, frozen=True, kw_only=True, tag="measure_card"):
    """A measure in somebody's hands: what to do, step by step, what confirms it, and until when it is theirs."""

    measure: MeasureSeen
    steps: tuple[str, ...]
    steps_en: tuple[str, ...]
    confirm: str
    confirm_en: str


class Imports(Query, frozen=True, kw_only=True, tag="imports"):
    """The exports that were read, the newest first; with `hash` only that one. Answer: `ImportList`."""

    hash: str = ""


class ImportSeen(Struct, frozen=True, kw_only=True):
    """One export: how many lines, how many were kept because of a finding, how many were clean (counted and forgotten), known already, or
    broken, with the first of these by line."""

    account: str
    hash: str
    by: str
    at: datetime
    lines: int
    kept: int
    clean: int
    known: int
    broken: int
    problems: tuple[tuple[int, str, str], ...] = ()
    done: bool = True


class ImportList(Answer, frozen=True, kw_only=True, tag="imports"):
    """Exports."""

    imports: tuple[ImportSeen, ...]


class Privacy(Query, frozen=True, kw_only=True, tag="privacy"):
    """Every personal datum that is held of citizens and of the office's own people. Answer: `PrivacyList`."""


class Datum(Struct, frozen=True, kw_only=True):
    """One kind of personal datum: where it lies, of whom, what for and under which clause, how many there are, since when, until when."""

    what: str
    what_en: str
    whose: str
    whose_en: str
    where: str
    why: str
    why_en: str
    clause: str
    count: int
    oldest: datetime | None
    term: str
    term_en: str
    erase_on: date | None = None


class BackupHeld(Struct, frozen=True, kw_only=True):
    """A backup that holds personal data, and until when it may be kept. `there`: whether it still lies where it was made."""

    at: datetime
    name: str
    until: date
    there: bool | None
    late: bool


class PrivacyList(Answer, frozen=True, kw_only=True, tag="privacy"):
    """The data, and the backups that hold copies of them."""

    data: tuple[Datum, ...]
    backups: tuple[BackupHeld, ...]


class WhyPage(Query, frozen=True, kw_only=True, tag="why_page"):
    """「なぜ私のコメントは消されたのか」: what one page says to a citizen who asks about this comment. Answer: `WhySeen`."""

    comment: int


class WhySeen(Answer, frozen=True, kw_only=True, tag="why"):
    """The facts of that page: the published clause in its words, who judged, when, and what was really done. No reason in the office's own
    words, and nobody's name but the post's: that is for the office to add."""

    comment: int
    municipality: str
    account: str
    handle: str
    platform: str
    policy: str
    policy_url: str
    version: str
    posted_at: datetime | None
    judged_at: datetime | None
    judge: str
    cite: str
    words: str
    power_cite: str
    power: str
    measures: tuple[MeasureSeen, ...]
    contact: str
    undone: bool


BenchQuery = OpenBench | BenchPage | ShowComment | BenchCounts | Measures | Imports | Blocks | CompareBlocks | Privacy | WhyPage
BenchAnswer = (
    BenchOpened
    | BenchRows
    | CommentDetail
    | BenchTally
    | MeasureList
    | MeasureCard
    | ImportList
    | BlockList
    | BlocksCompared
    | PrivacyList
    | WhySeen
)
