"""What is asked of the daemon for papers, and what it answers: plain values, which the console or the command line puts on paper."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from daemon.wire.answer import Answer
from daemon.wire.deputising import ReviewSeen
from daemon.wire.duties import DutySeen
from daemon.wire.query import Query
from daemon.wire.seen import FindingSeen, HistoryLine, MissingSeen


class Dossier(Query, frozen=True, kw_only=True, tag="dossier"):
    """決裁記録: one draft's whole story, from the tables and the record alone. Answer: `DossierSeen`."""

    draft: int


class ImageSeen(Struct, frozen=True, kw_only=True):
    """An image as the front matter declares it. `hash` is that of its bytes, empty where none was kept."""

    file: str
    alt: str = ""
    rights: str = ""
    consent: str = ""
    hash: str = ""


class RevisionStory(Struct, frozen=True, kw_only=True):
    """A revision: its exact bytes by hash, what was judged of it when it came, and its text. `text` is None where it is left out
    because the answer would grow too large, or where the bytes are no longer what they were."""

    n: int
    hash: str
    at: datetime
    size: int
    encoding: str
    verdict: str = ""
    clauses: tuple[str, ...] = ()
    policy: str = ""
    text: str | None = None


class ReleaseSeen(Struct, frozen=True, kw_only=True):
    """A release in the journal: when it began, by whose hand, what became of it, where it can be read. `hours` says how the account's
    hours stood when it began, by the rules in force now; empty where those of that time are not at hand."""

    id: int
    channel: str
    state: str
    holder: str
    begun: datetime
    ended: datetime | None = None
    url: str = ""
    hash: str = ""
    hours: str = ""
    hours_en: str = ""


class StopSpan(Struct, frozen=True, kw_only=True):
    """A stop: its scope, from when until when, whose."""

    scope: str
    at: datetime
    by: str
    ended: datetime | None = None
    ended_by: str = ""
    confirmed_by: str = ""


class DossierSeen(Answer, frozen=True, kw_only=True, tag="dossier"):
    """Everything that tables and record hold of one draft. `findings` are those of the last revision as they were last judged, with the
    clause's words of that time; `people` names the logins that occur; `more` counts entries that are left out. `head` and `entries_all`
    are the record's end at this moment. `related` are the drafts that correct or delete this one, or that it corrects."""

    office: str
    made: datetime
    draft: int
    account: str
    account_name: str
    platform: str
    handle: str
    path: str
    title: str
    state: str
    state_en: str
    author: str
    author_verified: bool
    text: str
    item: dict[str, str]
    hash: str
    policy: str
    policy_title: str
    policy_version: str
    policy_hash: str
    policy_current: bool
    url: str = ""
    images: tuple[ImageSeen, ...] = ()
    revisions: tuple[RevisionStory, ...] = ()
    findings: tuple[FindingSeen, ...] = ()
    releases: tuple[ReleaseSeen, ...] = ()
    stops: tuple[StopSpan, ...] = ()
    related: tuple[int, ...] = ()
    history: tuple[HistoryLine, ...] = ()
    prevs: tuple[str, ...] = ()
    people: dict[str, str] = {}
    cites: dict[str, str] = {}
    more: int = 0
    head: str = ""
    entries: int = 0


class Handover(Query, frozen=True, kw_only=True, tag="handover"):
    """引継簿: what whoever comes next has to know, of all accounts or of one. Answer: `HandoverSeen`."""

    account: str = ""


class HandedOver(Struct, frozen=True, kw_only=True):
    """A draft that is handed over: its state, since when, what it waits for and from whom."""

    draft: int
    title: str
    path: str
    state: str
    since: datetime
    release_at: datetime | None = None
    waiting: tuple[MissingSeen, ...] = ()


class AccountHandover(Struct, frozen=True, kw_only=True):
    """One account: whether it is open and when that changes, and its drafts in hand, those that nobody may forget first. `counts` has
    all of them by state; `items` at most `HANDED_MOST` a state."""

    account: str
    name: str
    open: bool
    reason: str
    reason_en: str
    stopped: bool
    next_open: datetime | None = None
    next_close: datetime | None = None
    counts: dict[str, int] = {}
    items: tuple[HandedOver, ...] = ()


class StandingException(Struct, frozen=True, kw_only=True):
    """An exception that stands for a draft in hand: for which rule and clause, by whom, why, and until when (None: for this revision,
    without a date)."""

    draft: int
    rule: str
    clause: str
    by: str
    reason: str
    at: datetime
    until: datetime | None = None


class HandoverSeen(Answer, frozen=True, kw_only=True, tag="handover"):
    """The handover at this moment. `reviews` are retrospective approvals (後閲) that are due, `follow_ups` counts what is open on the
    platforms after a stop."""

    office: str
    made: datetime
    accounts: tuple[AccountHandover, ...]
    exceptions: tuple[StandingException, ...] = ()
    reviews: tuple[ReviewSeen, ...] = ()
    duties: tuple[DutySeen, ...] = ()
    stops: tuple[StopSpan, ...] = ()
    follow_ups: int = 0
    alarms: tuple[str, ...] = ()
    alarms_en: tuple[str, ...] = ()


class Report(Query, frozen=True, kw_only=True, tag="report"):
    """委員会報告: the figures of the days `since` … `until`, both inclusive and in Japan, of these accounts (none: all). Answer:
    `ReportSeen`."""

    since: date
    until: date
    accounts: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


class ReportTable(Struct, frozen=True, kw_only=True):
    """A table of figures: its name, the names of its columns, its rows of words and figures."""

    id: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]


class ReportSeen(Answer, frozen=True, kw_only=True, tag="report"):
    """The figures of a period. No text of a draft, no name of a citizen is in them. `seconds` is how long the daemon took."""

    office: str
    since: date
    until: date
    made: datetime
    accounts: tuple[str, ...]
    tables: tuple[ReportTable, ...]
    names: dict[str, str] = {}
    cites: dict[str, str] = {}
    head: str = ""
    entries: int = 0
    seconds: float = 0.0


class PostsOf(Query, frozen=True, kw_only=True, tag="posts"):
    """The posts of a period with their first lines, for whoever asks for them by name: a page of at most 500, `after` the release of
    that number. Answer: `ReportPosts`."""

    since: date
    until: date
    accounts: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    after: int = 0


class PostSeen(Struct, frozen=True, kw_only=True):
    """A post that went out."""

    release: int
    draft: int
    account: str
    at: datetime
    kind: str
    title: str
    url: str


class ReportPosts(Answer, frozen=True, kw_only=True, tag="posts"):
    """A page of posts, the oldest first; `more` where there are others behind it."""

    posts: tuple[PostSeen, ...]
    more: bool = False


class AccountsListed(Query, frozen=True, kw_only=True, tag="accounts"):
    """公式アカウント一覧: what the policies want on the homepage (港区 4条4号, 品川区 4条1項). Answer: `AccountList`."""


class AccountSeen(Struct, frozen=True, kw_only=True):
    """An official account as the homepage lists it. `since` is the day on which it was opened, `policy_url` where its policy can be read;
    empty where the office has not written them."""

    id: str
    name: str
    platform: str
    handle: str
    url: str
    unit: str
    municipality: str
    policy: str
    policy_title: str
    policy_from: date | None = None
    purpose: str = ""
    contact: str = ""
    policy_url: str = ""
    since: date | None = None


class AccountList(Answer, frozen=True, kw_only=True, tag="accounts"):
    """The official accounts of an office."""

    office: str
    made: datetime
    training: bool
    accounts: tuple[AccountSeen, ...]


class Kept(Query, frozen=True, kw_only=True, tag="kept"):
    """保存年限: what the record and the tables keep, by the office's classes; with `due` the entries whose texts are past their period.
    Answer: `KeptList`."""

    due: bool = False


class KeptClass(Struct, frozen=True, kw_only=True):
    """A class of records: how long its texts are kept and under which rule, what is then to be done, the day before which they are past
    it, how many are, and the first of those as `entry:field`."""

    id: str
    title: str
    years: int
    basis: str
    then: Literal["erase", "transfer", "keep"]
    past: int
    before: date
    title_en: str = ""
    due: tuple[str, ...] = ()


class KeptList(Answer, frozen=True, kw_only=True, tag="kept"):
    """The classes of what is kept. Nothing of it is erased by itself: a manager does that, entry by entry."""

    made: datetime
    classes: tuple[KeptClass, ...]


class PublicPage(Query, frozen=True, kw_only=True, tag="public_page"):
    """The public page of a policy as it is in force. Answer: `PublicText`."""

    policy: str
    language: Literal["ja", "en"] = "ja"


class PublicText(Answer, frozen=True, kw_only=True, tag="public_page"):
    """A policy's page, as text and as HTML."""

    policy: str
    title: str
    text: str
    html: str


PaperQuery = Dossier | Handover | Report | PostsOf | AccountsListed | Kept | PublicPage
PaperAnswer = DossierSeen | HandoverSeen | ReportSeen | ReportPosts | AccountList | KeptList | PublicText
