"""The types of the rulebook: policies, clauses, rules, accounts and the register, all immutable.

A policy is data (`daemon/policies/*.toml`); an office is data (`rules.toml`). `load` makes one `Rulebook` of them, and the rest
of the house only reads it. What an office writes of itself has its types in `office.py` and is known here too. Nothing here is global: every rule belongs to one policy, because the four real ones contradict
each other (`docs/decisions/0001-nothing-is-global.md`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Literal

from msgspec import Struct, field

from daemon.rulebook.canary import Canary
from daemon.rulebook.days import ORDINARY, SpecialDays
from daemon.rulebook.duty import NO_DUTIES, Duty, OfficeDuties
from daemon.rulebook.guidance import Guidance
from daemon.rulebook.item import Kind
from daemon.rulebook.moderation import NO_MODERATION, OfficeModeration
from daemon.rulebook.moderation import Action as Action
from daemon.rulebook.notices import NoticeRules
from daemon.rulebook.office import Account as Account
from daemon.rulebook.office import ChannelName as ChannelName
from daemon.rulebook.office import Deputy as Deputy
from daemon.rulebook.office import FollowUp as FollowUp
from daemon.rulebook.office import FollowUpKind as FollowUpKind
from daemon.rulebook.office import Office as Office
from daemon.rulebook.office import Operator as Operator
from daemon.rulebook.office import Platform as Platform
from daemon.rulebook.office import Retention as Retention
from daemon.rulebook.office import Sheets as Sheets
from daemon.rulebook.office import Terminal as Terminal
from daemon.rulebook.office import Way as Way
from daemon.rulebook.rule import RuleBase as RuleBase
from daemon.rulebook.rule import When as When

Class = Literal["AUTO", "ASSIST", "HUMAN", "DUTY", "INFO"]
Written = Literal["target", "source", "purpose", "organiser", "reference", "alt", "rights", "consent"]
"""The front-matter fields in which a rule can look for words; the last three are those of every image."""
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Days = Literal["weekdays", "every day"] | tuple[Day, ...]
TURN_OF_YEAR = ("12-29", "12-30", "12-31", "01-01", "01-02", "01-03")
"""年末年始, as month and day."""


class Version(Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """One version of a policy: in force from this day (施行日); `text` tells whether its wording is in hand."""

    cite: str
    from_: date | None = None
    text: bool = False
    note: str = ""


class Clause(Struct, frozen=True, forbid_unknown_fields=True, rename={"class_": "class"}):
    """One clause (条文): its id, how the office cites it, its verbatim text, who decides it, and notes on source defects.

    `absent` marks the rows that stand for something which the policy does not say (`minato/欠.運用時間`); their text says so.
    `held_by` names the mechanism of the house that carries the clause out where no rule does (`gate.stop`, `desk.exception` …;
    the list is in `coverage.MECHANISMS`). `never_suggested` marks the catch-alls (その他 …): no rule may cite them, only a named
    manager who returns a draft, with a reason.
    """

    id: str
    cite: str
    class_: Class
    text: str
    note: str = ""
    absent: bool = False
    held_by: tuple[str, ...] = ()
    never_suggested: bool = False


class Words(RuleBase, frozen=True, kw_only=True, tag="words"):
    """A hit of any listed word, in the text or, with `of`, in these front-matter fields. `terms` holds the words of the named list files too; `unless` are RE2 patterns: a hit that lies
    inside a match of one of them does not count, and holds the patterns of the `contexts` (`words/<name>.re2`) too.
    `boundary = "word"` wants the hit to be whole words of the language (バカンス is no バカ), `"script"` to start and end where the script
    changes. `evasion`: words that are masked (死○), spaced out (バ カ), drawn out (ばーーか) or written with look-alikes (エ口) are met as
    well; left out, in comments only."""

    lists: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    boundary: Literal["none", "script", "word"] = "none"
    evasion: bool | None = None
    of: tuple[Written, ...] = ()

    @property
    def sees_through(self) -> bool:
        """Whether evasions are met: as `evasion` says; left out, in comments, for an office does not hide its words from itself."""
        return self.on == "comment" if self.evasion is None else self.evasion


class Pattern(RuleBase, frozen=True, kw_only=True, tag="pattern"):
    """A match of any RE2 pattern that does not lie inside a match of an `unless` pattern, in the text or, with `of`, in these
    front-matter fields (reposts of public bodies only: a pattern on `target`). `any` and `unless` hold the patterns of `lists` and of
    `contexts` (`words/<name>.re2`) too."""

    any: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    of: tuple[Written, ...] = ()


class Said(RuleBase, frozen=True, kw_only=True, tag="said"):
    """What a text has to say: one of these RE2 patterns must be found in it, anywhere, at its start or at its end (a signature under
    every reply, a tag). `add` is what the machine offers to put there. With `of` it is each of these front-matter fields that has to say
    it, instead of the text."""

    any: tuple[str, ...]
    at: Literal["anywhere", "start", "end"] = "anywhere"
    of: tuple[Written, ...] = ()
    add: str = ""


class Detector(RuleBase, frozen=True, kw_only=True, tag="detector"):
    """A named check of `daemon/screening`, with its options (numbers, strings)."""

    name: str
    options: Mapping[str, int | float | str | tuple[str, ...]] = field(default_factory=dict)


class Required(RuleBase, frozen=True, kw_only=True, tag="required"):
    """Front-matter fields that must be filled in (CONTRACT: the keys of the front matter); `emergency` must be answered, true or
    false. A `source` that names nobody (未確認, SNSの投稿) does not fill the field."""

    fields: tuple[str, ...]


class Kinds(RuleBase, frozen=True, kw_only=True, tag="kinds"):
    """The kinds of act that this clause does not allow (返信, フォロー …)."""

    kinds: tuple[Kind, ...]


class Topics(RuleBase, frozen=True, kw_only=True, tag="topics"):
    """The topics (分野) of this policy: a draft declares one of them. An account with a topic of its own takes only that one."""

    topics: tuple[str, ...]


class Span(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stretch of the day, both ends inclusive to the minute, on these days."""

    open: time
    close: time
    days: Days = "weekdays"


class Hours(RuleBase, frozen=True, kw_only=True, tag="hours"):
    """Opening hours, both ends inclusive to the minute, Asia/Tokyo. `days = "weekdays"` leaves out Saturdays, Sundays, public
    holidays and 年末年始 (`closed`); days may also be named (`["tue", "sat"]`). A year that the holiday table lacks is closed.

    `more` are further stretches: an afternoon, the evening of one day. `holidays` says whether public holidays are open; where it is left
    out they are closed, except where `days` is "every day". `moved = true`: a weekly day off that is a public holiday is open, and the
    first ordinary day after it is off in its place (月曜日が祝日のときは翌日). `closed` are days off of every year (`"12-29"`), single ones
    (`"2026-11-27"`) and such as `"3mon"` (the third Monday of a month) or `"last fri"`; left out, 12-29 to 01-03, except where `days` is
    "every day". `closed_by` is the ordinance that names them.
    `minutes` are the minutes of the hour at which something may go out; empty: at any.
    """

    open: time
    close: time
    days: Days = "weekdays"
    more: tuple[Span, ...] = ()
    holidays: Literal["open", "closed"] | None = None
    moved: bool = False
    closed: tuple[str, ...] | None = None
    closed_by: str = ""
    minutes: tuple[int, ...] = ()

    @property
    def days_off(self) -> tuple[str, ...]:
        """`closed`, or what counts where it is left out."""
        if self.closed is not None:
            return self.closed
        return () if self.days == "every day" else TURN_OF_YEAR


class Author(RuleBase, frozen=True, kw_only=True, tag="author"):
    """The author stands on the register (運用者・事務担当者), appointed on or before today; with `units`, in one of these units. With
    `dated` the register must say since when: somebody appointed beforehand (あらかじめ指名) has a date. With `own_unit` only this is
    asked: that a known author is of the unit that owns the account (港区 4条2号). With `releases` only operators of `units` post by hand,
    too: they take the release cards."""

    units: tuple[str, ...] = ()
    releases: bool = False
    dated: bool = False
    own_unit: bool = False


class Handle(RuleBase, frozen=True, kw_only=True, tag="handle"):
    """The account guard: the user names, account names and addresses that the policy publishes, by platform. The configured account must
    equal them (`rulebook.published`), and its handle is typed again at the first release of a session."""

    handles: Mapping[Platform, str] = field(default_factory=dict)
    names: Mapping[Platform, str] = field(default_factory=dict)
    urls: Mapping[Platform, str] = field(default_factory=dict)


class Terminals(RuleBase, frozen=True, kw_only=True, tag="terminals"):
    """指定端末: what decides is done at a designated terminal (`[[terminals]]` of rules.toml); from any other one looks and stops. `lift`
    are the titles that may make an exception for one person at one other place, until a time. No draft is judged by it."""


class Approvers(RuleBase, frozen=True, kw_only=True, tag="approvers"):
    """One line of the policy's approver table (運用管理責任者): for these kinds and topics (`when`), these titles.

    `titles` may hold `@unit-chief`, the 課長 of the unit that owns the account, and `@unit-chiefs`, those of all units that own one under
    the policy. `require`: any one of them, or all. `persons` is
    how many different people must approve (a second person for emergencies and irreversible channels). `alone` lets an approver
    approve what they wrote (単独). `step`: lines of a later step are asked for, and count, when all of the earlier ones are satisfied; a
    line with `@approver` stands beside the steps: it counts everybody, and is asked for with the last of them.
    """

    titles: tuple[str, ...]
    require: Literal["any", "all"] = "any"
    persons: int = 1
    alone: bool = False
    step: int = 1


class Powers(RuleBase, frozen=True, kw_only=True, tag="powers"):
    """What this policy empowers the office to do about comments (`on = "comment"`), on the platforms of `when`: the `actions` in the order
    in which they are to be tried. `grounds` are the clauses on which they rest, as the policy lists them (empty: the rule's own clause);
    `elections` those among them to which an election draws attention. `judge` are the titles that decide (empty: the manager); `must`: once
    recognised it has to be done (削除します), else it may be; `reason`: only with a reason in writing. No such rule: no power (港区)."""

    actions: tuple[Action, ...]
    judge: tuple[str, ...] = ()
    must: bool = False
    reason: bool = False
    grounds: tuple[str, ...] = ()
    elections: tuple[str, ...] = ()
    words: str = ""
    """The published sentence that gives the power, where it is no clause of its own (大正区)."""


class Unwatched(RuleBase, frozen=True, kw_only=True, tag="unwatched"):
    """Citizens are not watched: that one of them writes again and again is not even noticed (さいたま 8 (2)). Under every policy nothing of
    the kind is kept. No text is judged by it."""


class FanOut(RuleBase, frozen=True, kw_only=True, tag="fan_out"):
    """What this rule speaks of (`when`: emergencies) goes out on all accounts that follow the policy, as a set of drafts; out on some of
    them and not on others is a fault."""


Rule = (
    Words
    | Pattern
    | Said
    | Detector
    | Required
    | Kinds
    | Topics
    | Hours
    | Author
    | Handle
    | Terminals
    | Approvers
    | Powers
    | Unwatched
    | FanOut
)


class Policy(Struct, frozen=True, kw_only=True):
    """One municipality's account policy, the text and the rules that carry it out.

    `rules` holds the policy's own rules and those that `office.toml` adds under its basis, in file order. `hash` is over the
    policy file, its word lists and `office.toml`. `source` is the path it was read from.
    """

    id: str
    title: str
    municipality: str
    platforms: tuple[Platform, ...]
    versions: tuple[Version, ...]
    clauses: Mapping[str, Clause]
    rules: tuple[Rule, ...]
    hash: str
    source: str
    manager: tuple[str, ...]
    """The titles that the policy calls 管理者 / 運営管理者 / 統括運用管理責任者: they resume after a stop."""
    basis: str = ""
    """The clause under which the office may add rules of its own; empty: 根拠規定なし."""
    follow_up: str = ""
    """The clause that says what follows a stop (さいたま 11); empty where it is the office's own rule."""
    page: str = ""
    """The published text with the places of its clauses (`rulebook.page`); empty where the file does not have it."""
    under: tuple[str, ...] = ()
    """The policies above this one, whose clauses and rules are among its own."""
    duties: tuple[Duty, ...] = ()
    """The duties that its clauses name, and those that the office adds for each policy or account."""
    public: tuple[str, ...] = ()
    """What the office that follows it has published of itself: telephone numbers, mail addresses, domains, names (`[office] public`)."""

    def clause(self, clause_id: str) -> Clause | None:
        """The clause of that id, or None (for `office/…` ids and for clauses of other policies)."""
        return self.clauses.get(clause_id)

    @property
    def version(self) -> Version:
        """The version whose wording this is."""
        return next(v for v in reversed(self.versions) if v.text)

    @property
    def edition(self) -> str:
        """The day from which this wording is in force, as a decision records it beside the hash; empty where none is stated."""
        begins = self.version.from_
        return begins.isoformat() if begins else ""


class Problem(Struct, frozen=True):
    """One thing that is wrong with a rules or policy file: where, what, and what to do. `severity` warning does not refuse it."""

    file: str
    line: int
    message: str
    message_en: str
    severity: Literal["error", "warning"] = "error"


class Rulebook(Struct, frozen=True, kw_only=True):
    """Everything that was promised, in force together: one office, its accounts and register, and the policies they follow."""

    office: Office
    policies: Mapping[str, Policy]
    accounts: Mapping[str, Account]
    operators: Mapping[str, Operator]
    hash: str
    files: str = ""
    """The hash of the office's own files besides the policies."""
    editions: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict)
    """The policies that lie in several versions (`<id>@<day>.toml`): all of them, oldest first. `policies` has the one in force."""
    canaries: Mapping[str, tuple[Canary, ...]] = field(default_factory=dict)
    """The canaries (番人) of each edition, by its hash."""
    follow_ups: tuple[FollowUp, ...] = ()
    """What the office itself wrote of what follows a stop; for the kinds that it leaves out see `rulebook.follow_ups`."""
    sheets: tuple[Sheets, ...] = ()
    """The 決裁フォルダ of those who decide by moving sheets."""
    days: SpecialDays = ORDINARY
    """Closures, extra openings and narrower hours: those of rules.toml, and the overrides."""
    terminals: tuple[Terminal, ...] = ()
    retention: tuple[Retention, ...] = ()
    """For how long the office keeps what (保存年限)."""
    deputies: tuple[Deputy, ...] = ()
    """Who stands in for whom (代決), in the order in which they are asked."""
    colours: Mapping[str, str] = field(default_factory=dict)
    """The colour of each account, by id."""
    problems: tuple[Problem, ...] = ()
    duties: OfficeDuties = NO_DUTIES
    """What the office itself has to do, and how often it does what its policies ask for."""
    notices: NoticeRules | None = None
    """How people are told of what waits; None: in the console only."""
    moderation: OfficeModeration = NO_MODERATION
    """Terms, brakes, elections and powers of the office's own, for citizens' comments."""
    guidance: Mapping[str, Guidance] = field(default_factory=dict)
    """What comments may call for besides moderation (案内), by kind."""

    def policy_of(self, account_id: str) -> Policy:
        """The policy that an account follows. Raises KeyError for an account that the office does not have."""
        return self.policies[self.accounts[account_id].policy]


class RulebookError(Exception):
    """A rulebook that cannot be put in force; `problems` lists every error at once, each with file and line."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{p.file}:{p.line}: {p.message}" for p in problems))
