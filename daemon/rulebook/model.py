"""The types of the rulebook: policies, clauses, rules, accounts and the register, all immutable.

A policy is data (`daemon/policies/*.toml`); an office is data (`rules.toml`). `load` makes one `Rulebook` of them, and the rest
of the house only reads it. Nothing here is global: every rule belongs to one policy, because the four real ones contradict
each other (`docs/decisions/0001-nothing-is-global.md`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Literal

from msgspec import Struct, field

from daemon.rulebook.item import Kind
from daemon.rulebook.verdict import Level

Class = Literal["AUTO", "ASSIST", "HUMAN", "DUTY", "INFO"]
Platform = Literal["x", "facebook", "line"]
ChannelName = Literal["manual", "outbox", "simulated"]
FollowUpKind = Literal["profile", "name", "notice", "posts", "account"]
"""What may have to be done on the platform after a stop, in the order of さいたま 11: profile, display name, pinned notice, posts to
delete, the account itself."""


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
    the list is in `coverage.MECHANISMS`).
    """

    id: str
    cite: str
    class_: Class
    text: str
    note: str = ""
    absent: bool = False
    held_by: tuple[str, ...] = ()


class When(Struct, frozen=True, forbid_unknown_fields=True):
    """Which items a rule looks at; an empty field narrows nothing.

    `text` are RE2 patterns, of which one must be found in the text: so that a field or a second person can be asked for by what a
    draft says, and not only by what its front matter admits. It holds the patterns of the sets named in `phrases` too.
    """

    kinds: tuple[Kind, ...] = ()
    topics: tuple[str, ...] = ()
    platforms: tuple[Platform, ...] = ()
    emergency: bool | None = None
    images: bool | None = None
    text: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()


class RuleBase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="check"):
    """What every rule has, whatever it checks.

    `clause` is the article it carries out, or `office/<id>` with `basis`, the clause under which the office adds it (empty:
    根拠規定なし). `level` is what a hit means. `lift` names the titles that may clear a `hold` for one item with a reason;
    `@approver` stands for whoever may approve the item. `shadow` records and never holds. `also` names further clauses of the same
    policy that the rule carries out (the single topics of a topic rule, the definitions a kind rule speaks in): coverage counts them.
    """

    id: str
    clause: str
    level: Level
    basis: str = ""
    on: Literal["draft", "comment"] = "draft"
    lift: tuple[str, ...] = ()
    when: When = field(default_factory=When)
    shadow: bool = False
    also: tuple[str, ...] = ()
    message: str = ""
    message_en: str = ""


class Words(RuleBase, frozen=True, kw_only=True, tag="words"):
    """A hit of any listed word. `terms` holds the words of the named list files too; `unless` are RE2 patterns: a hit that lies
    inside a match of one of them does not count. `boundary = "script"` wants the hit to start and end where the script changes."""

    lists: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    boundary: Literal["none", "script"] = "none"


class Pattern(RuleBase, frozen=True, kw_only=True, tag="pattern"):
    """A match of any RE2 pattern that does not lie inside a match of an `unless` pattern."""

    any: tuple[str, ...]
    unless: tuple[str, ...] = ()


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


class Hours(RuleBase, frozen=True, kw_only=True, tag="hours"):
    """Opening hours, both ends inclusive to the minute, Asia/Tokyo. `days = "weekdays"` leaves out Saturdays, Sundays, public
    holidays and 年末年始 (`closed`, month-day strings such as `"12-29"`). A year that the holiday table lacks is closed."""

    open: time
    close: time
    days: Literal["weekdays", "every day"] = "weekdays"
    closed: tuple[str, ...] = ("12-29", "12-30", "12-31", "01-01", "01-02", "01-03")


class Author(RuleBase, frozen=True, kw_only=True, tag="author"):
    """The author stands on the register (運用者・事務担当者), appointed on or before today; with `units`, in one of these units."""

    units: tuple[str, ...] = ()


class Handle(RuleBase, frozen=True, kw_only=True, tag="handle"):
    """The account guard: the handle that the policy publishes; the configured account must equal it, and it is typed again at
    the first release of a session."""

    handles: Mapping[Platform, str] = field(default_factory=dict)


class Approvers(RuleBase, frozen=True, kw_only=True, tag="approvers"):
    """One line of the policy's approver table (運用管理責任者): for these kinds and topics (`when`), these titles.

    `titles` may hold `@unit-chief`, the 課長 of the unit that owns the account. `require`: any one of them, or all. `persons` is
    how many different people must approve (a second person for emergencies and irreversible channels). `alone` lets an approver
    approve what they wrote (単独).
    """

    titles: tuple[str, ...]
    require: Literal["any", "all"] = "any"
    persons: int = 1
    alone: bool = False


Rule = Words | Pattern | Detector | Required | Kinds | Topics | Hours | Author | Handle | Approvers


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

    def clause(self, clause_id: str) -> Clause | None:
        """The clause of that id, or None (for `office/…` ids and for clauses of other policies)."""
        return self.clauses.get(clause_id)

    @property
    def version(self) -> Version:
        """The version in hand: the last one whose text we have."""
        return next(v for v in reversed(self.versions) if v.text)


class Account(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account: policy + platform + handle. `topic` narrows it to one field (taisho); `unit` owns it; drafts for it lie in
    `drafts/<id>/`."""

    id: str
    policy: str
    platform: Platform
    handle: str
    name: str
    unit: str
    topic: str = ""
    channel: ChannelName = "manual"
    irreversible: bool = False


class Operator(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person on the register (担当者). `titles` are their posts as the policies write them (職名); `accounts` those they serve
    (empty: all accounts of `policies`). A `viewer` only looks and stops."""

    login: str
    name: str
    unit: str
    role: Literal["viewer", "clerk", "manager"]
    policies: tuple[str, ...]
    titles: tuple[str, ...] = ()
    appointed: date | None = None


class FollowUp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What has to be done on the platform after a stop (`[[follow_ups]]`): its place on the check-list, and the words prepared for it.

    `text` is what is put up there; `{account}`, `{handle}` and `{unit}` stand for those of the account. `policies` and `accounts` narrow
    it; empty: all. `basis` is the clause under which the office does it where no article asks for it (empty: the policy's own).
    """

    id: str
    kind: FollowUpKind
    title: str
    title_en: str = ""
    text: str = ""
    policies: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    basis: str = ""


class Office(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The office itself. `training` (訓練): channels are simulated and the login that owns the office may act as any operator."""

    name: str
    training: bool = False
    closed: tuple[date, ...] = ()
    """Local closures (閉庁日), besides holidays and 年末年始."""
    remote_folders: bool = False
    """True where `drafts/` lies on a share that shows no events: look every second."""
    releaser: str = ""
    """The login under which the releaser runs as a service of its own (an installation). Empty: the daemon starts it, as itself (a
    trial). Read at the daemon's start only."""
    resume_persons: Literal[1, 2] = 1
    """How many people a resume of everything takes: with 2, another manager or a 発信確認者 confirms it."""
    pace: int = 10
    """Seconds between two releases by the machine in the first minutes after a resume."""
    drill_months: int = 3
    """A stop has to be drilled (訓練) every so many months; 0: never."""
    simulated: str = ""
    """Where the simulated platform of a training office listens (a Unix socket's path, or host:port). Empty: it gets one of its own."""
    anchors: tuple[str, ...] = ()
    """Folders outside this machine's reach (another disk, a share that only grows) into which the record's head is written too."""


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
    follow_ups: tuple[FollowUp, ...] = ()
    """What the office itself wrote of what follows a stop; for the kinds that it leaves out see `rulebook.follow_ups`."""
    problems: tuple[Problem, ...] = ()

    def policy_of(self, account_id: str) -> Policy:
        """The policy that an account follows. Raises KeyError for an account that the office does not have."""
        return self.policies[self.accounts[account_id].policy]


class RulebookError(Exception):
    """A rulebook that cannot be put in force; `problems` lists every error at once, each with file and line."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{p.file}:{p.line}: {p.message}" for p in problems))
