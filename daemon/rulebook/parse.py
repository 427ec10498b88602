"""The files of a rulebook as far as they can be read: every table that fits its type, and a problem for each that does not.

Nothing is refused here: `lint` looks over what was read, and `load` puts it in force only if neither found an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct

from daemon.rulebook.days import Closure, Extra, Narrowed
from daemon.rulebook.duty import OFFICE, Duty, DutyInterval
from daemon.rulebook.guidance import GuidanceWords
from daemon.rulebook.lists import with_lists
from daemon.rulebook.model import (
    Account,
    Clause,
    Deputy,
    FollowUp,
    Office,
    Operator,
    Pattern,
    Platform,
    Policy,
    Problem,
    Rule,
    RuleBase,
    Sheets,
    Version,
    Words,
)
from daemon.rulebook.moderation import Election, Moderation, OwnPowers
from daemon.rulebook.notices import NoticeRules
from daemon.rulebook.office import Retention, Terminal
from daemon.rulebook.page import Page
from daemon.rulebook.phrases import sets_of, with_phrases
from daemon.rulebook.shape import Shaper
from daemon.rulebook.source import Reader, Source, Unreadable, tables

_TABLES = (
    *("office", "accounts", "operators", "sheets", "follow_ups", "closures", "openings", "hours", "terminals", "deputies"),
    *("retention", "duties", "notices", "moderation", "elections", "comment_powers", "guidance"),
)
"""What `rules.toml` may hold."""


class Header(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[policy]`. `basis` is the clause under which an office may add rules of its own (さいたま 12), `follow_up` the one that says what
    follows a stop (さいたま 11), where the policy has them. `under` names the policies above this one, the nearest first (全庁のガイドライン):
    they count too, but for the rules under the clauses that `replaces` names."""

    id: str
    title: str
    municipality: str
    platforms: tuple[Platform, ...]
    manager: tuple[str, ...] = ()
    basis: str = ""
    follow_up: str = ""
    under: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()


class Written(Struct, frozen=True):
    """A rule and where it is written."""

    rule: Rule
    source: Source
    index: int
    added: bool = False

    def problem(self, key: str, message: str, message_en: str, *, warning: bool = False) -> Problem:
        """A problem at this key of the rule; the sentence names the rule."""
        line = self.source.line("rule", self.index, key)
        return self.source.problem(line, f"規則 {self.rule.id}: {message}", f"Rule {self.rule.id}: {message_en}", warning=warning)


class Legal(Struct, frozen=True, kw_only=True):
    """By policy: the article that carries an added rule (`clauses`), the one that grants its exception (`exceptions`), or the clause that
    lets the office add it (`basis`)."""

    clauses: Mapping[str, str] = {}
    exceptions: Mapping[str, str] = {}
    basis: Mapping[str, str] = {}


class AddedRules(Struct):
    """The rules of one `office.toml`, with the articles that they rest on in each policy."""

    source: Source
    rules: list[tuple[Written, Legal]] = []
    used: list[Path] = []
    """The files that the rules are made of: office.toml itself and the word lists that they name."""
    duties: list[tuple[int, Duty]] = []
    """The duties that no article names, each with the index of its table."""

    def of(self, policy_id: str, basis: str) -> tuple[Written, ...]:
        """The rules as this policy gets them: each under the article that carries it, else under the clause that allows it."""
        out = []
        for written, legal in self.rules:
            article = legal.clauses.get(policy_id)
            if article is not None:
                rule = msgspec.structs.replace(written.rule, clause=article, exception=legal.exceptions.get(policy_id, ""))
            elif not written.rule.clause.startswith("office/"):
                continue  # it claims one policy's article for all of them, and is refused for that
            else:
                rule = msgspec.structs.replace(written.rule, basis=legal.basis.get(policy_id, basis))
            out.append(Written(rule, written.source, written.index, added=True))
        return tuple(out)


class PolicyFile(Struct):
    """One policy file. `rules` are its own; `clauses` stand with the index of their `[[clause]]`, for their line."""

    source: Source
    header: Header | None
    """None where `[policy]` does not fit; then the file is only looked over for its other errors."""
    versions: list[Version] = []
    clauses: list[tuple[int, Clause]] = []
    rules: list[Written] = []
    used: list[Path] = []
    page: Page | None = None
    above: list[PolicyFile] = []
    """The policies that this one stands under, the nearest first, each with those above it."""
    duties: list[tuple[int, Duty]] = []

    @property
    def id(self) -> str:
        """The policy's id; the file's name where `[policy]` does not fit."""
        return self.header.id if self.header else self.source.path.stem

    @property
    def basis(self) -> str:
        """The clause under which the office may add rules of its own; empty where the policy has none."""
        return self.header.basis if self.header else ""

    @property
    def managers(self) -> tuple[str, ...]:
        """The titles that the policy calls 管理者; where it names none, those of the nearest policy above that does."""
        headers = (file.header for file in (self, *self.above) if file.header)
        return next((header.manager for header in headers if header.manager), ())

    @property
    def starts(self) -> date | None:
        """The day from which the wording of this file is in force; None where it states none."""
        return next((version.from_ for version in reversed(self.versions) if version.text), None)

    @property
    def clause_ids(self) -> frozenset[str]:
        """The ids of all clauses, those included whose table does not fit."""
        own = {raw["id"] for _, raw in tables(self.source, "clause") if isinstance(raw, dict) and isinstance(raw.get("id"), str)}
        return frozenset(own.union(*(file.clause_ids for file in self.above)))

    @property
    def every_rule(self) -> tuple[Written, ...]:
        """The policy's own rules, and after them those of the policies above it that it does not replace, their ids with the name of
        their policy before them."""
        replaced = self.header.replaces if self.header else ()
        inherited = (
            msgspec.structs.replace(written, rule=msgspec.structs.replace(written.rule, id=f"{file.id}:{written.rule.id}"))
            for file in self.above
            for written in file.rules
            if written.rule.clause not in replaced
        )
        return (*self.rules, *inherited)

    def with_added(self, added: tuple[AddedRules, ...]) -> tuple[Written, ...]:
        """The policy's own rules and after them those that are added to it."""
        return (*self.every_rule, *(w for more in added for w in more.of(self.id, self.basis)))

    def with_added_duties(self, added: tuple[AddedRules, ...]) -> tuple[Duty, ...]:
        """The duties of the policy and of those above it, and after them those that the office adds for every policy or account."""
        own = tuple(duty for file in (self, *self.above) for _, duty in file.duties)
        return (*own, *(duty for more in added for _, duty in more.duties if duty.per != OFFICE))

    def policy(self, added: tuple[AddedRules, ...], reader: Reader) -> Policy:
        """The policy in its final type, the added rules after its own. Call it only where no error was found."""
        head = self.header
        assert head is not None
        return Policy(
            id=head.id,
            title=head.title,
            municipality=head.municipality,
            platforms=head.platforms,
            versions=tuple(self.versions),
            clauses={clause.id: clause for file in (self, *self.above) for _, clause in file.clauses},
            rules=tuple(w.rule for w in self.with_added(added)),
            hash=reader.digest(
                *(path for file in (self, *self.above) for path in file.used), *(path for more in added for path in more.used)
            ),
            source=str(self.source.path),
            manager=self.managers,
            basis=head.basis,
            follow_up=head.follow_up,
            page=self.page.text if self.page else "",
            under=tuple(file.id for file in self.above),
            duties=self.with_added_duties(added),
        )


class OfficeFile(Struct):
    """`rules.toml`: the office, its accounts and its register, each with the index of its table."""

    source: Source
    office: Office | None
    """None where `[office]` does not fit; then the file is only looked over for its other errors."""
    accounts: list[tuple[int, Account]] = []
    operators: list[tuple[int, Operator]] = []
    follow_ups: list[tuple[int, FollowUp]] = []
    sheets: list[tuple[int, Sheets]] = []
    closures: list[tuple[int, Closure]] = []
    openings: list[tuple[int, Extra]] = []
    hours: list[tuple[int, Narrowed]] = []
    terminals: list[tuple[int, Terminal]] = []
    deputies: list[tuple[int, Deputy]] = []
    retention: list[tuple[int, Retention]] = []
    intervals: list[tuple[int, DutyInterval]] = []
    notices: NoticeRules | None = None
    terms: Moderation | None = None
    elections: list[tuple[int, Election]] = []
    comment_powers: list[tuple[int, OwnPowers]] = []
    guidance: list[tuple[int, GuidanceWords]] = []


def parse_policy(reader: Reader, path: Path, word_folders: tuple[Path, ...], problems: list[Problem]) -> PolicyFile | None:
    """The policy of this file; None where it is not TOML. Adds to `problems`."""
    source = _source(reader, path, problems)
    if source is None:
        return None
    shaper = Shaper(source)
    shaper.unknown_tables(("policy", "version", "clause", "phrases", "rule", "page", "duty"))
    header = shaper.table("policy", None, source.data.get("policy"), Header) if "policy" in source.data else None
    if "policy" not in source.data:
        problems.append(source.problem(1, "[policy] の表がありません。", "There is no [policy] table."))
    versions = [v for i, raw in tables(source, "version") if (v := shaper.table("version", i, raw, Version))]
    clauses = [(i, c) for i, raw in tables(source, "clause") if (c := shaper.table("clause", i, raw, Clause))]
    used = [path]
    rules, duties = _rules(reader, shaper, word_folders, used), _duties(shaper)
    page = shaper.table("page", None, source.data["page"], Page) if "page" in source.data else None
    problems += shaper.problems
    return PolicyFile(source, header, versions, clauses, rules, used, page, duties=duties)


def parse_added(reader: Reader, path: Path, word_folders: tuple[Path, ...], problems: list[Problem]) -> AddedRules | None:
    """The rules that this `office.toml` adds to every policy; None where it cannot be read. Adds to `problems`."""
    source = _source(reader, path, problems)
    if source is None:
        return None
    shaper = Shaper(source)
    shaper.unknown_tables(("phrases", "rule", "duty"))
    added = AddedRules(source, used=[path])
    legal: dict[int, Legal] = {}
    bare: list[tuple[int, object]] = []
    for index, raw in tables(source, "rule"):
        if isinstance(raw, dict):
            tied = {key: raw[key] for key in ("basis", "clauses", "exceptions") if key in raw}
            raw = {key: value for key, value in raw.items() if key not in tied}
            legal[index] = shaper.table("rule", index, tied, Legal) or Legal()
        bare.append((index, raw))
    added.duties = _duties(shaper)
    added.rules = [(w, legal[w.index]) for w in _shaped(reader, shaper, bare, word_folders, added.used)]
    problems += shaper.problems
    return added


def parse_office(reader: Reader, path: Path, problems: list[Problem]) -> OfficeFile | None:
    """`rules.toml`; None where it is not TOML. Adds to `problems`."""
    source = _source(reader, path, problems)
    if source is None:
        return None
    shaper = Shaper(source)
    shaper.unknown_tables(_TABLES)
    office = shaper.table("office", None, source.data.get("office"), Office) if "office" in source.data else None
    if "office" not in source.data:
        problems.append(source.problem(1, "[office] の表がありません。", "There is no [office] table."))
    accounts = [(i, a) for i, raw in tables(source, "accounts") if (a := shaper.table("accounts", i, raw, Account))]
    operators = [(i, o) for i, raw in tables(source, "operators") if (o := shaper.table("operators", i, raw, Operator))]
    sheets = [(i, s) for i, raw in tables(source, "sheets") if (s := shaper.table("sheets", i, raw, Sheets))]
    follow_ups = [(i, f) for i, raw in tables(source, "follow_ups") if (f := shaper.table("follow_ups", i, raw, FollowUp))]
    closures = [(i, c) for i, raw in tables(source, "closures") if (c := shaper.table("closures", i, raw, Closure))]
    openings = [(i, e) for i, raw in tables(source, "openings") if (e := shaper.table("openings", i, raw, Extra))]
    hours = [(i, h) for i, raw in tables(source, "hours") if (h := shaper.table("hours", i, raw, Narrowed))]
    terminals = [(i, t) for i, raw in tables(source, "terminals") if (t := shaper.table("terminals", i, raw, Terminal))]
    deputies = [(i, d) for i, raw in tables(source, "deputies") if (d := shaper.table("deputies", i, raw, Deputy))]
    notices = shaper.table("notices", None, source.data["notices"], NoticeRules) if "notices" in source.data else None
    intervals = [(i, n) for i, raw in tables(source, "duties") if (n := shaper.table("duties", i, raw, DutyInterval))]
    kept = [(i, r) for i, raw in tables(source, "retention") if (r := shaper.table("retention", i, raw, Retention))]
    terms = shaper.table("moderation", None, source.data["moderation"], Moderation) if "moderation" in source.data else None
    elections = [(i, v) for i, raw in tables(source, "elections") if (v := shaper.table("elections", i, raw, Election))]
    powers = [(i, p) for i, raw in tables(source, "comment_powers") if (p := shaper.table("comment_powers", i, raw, OwnPowers))]
    guidance = [(i, g) for i, raw in tables(source, "guidance") if (g := shaper.table("guidance", i, raw, GuidanceWords))]
    problems += shaper.problems
    return OfficeFile(
        source=source,
        office=office,
        accounts=accounts,
        operators=operators,
        follow_ups=follow_ups,
        sheets=sheets,
        closures=closures,
        openings=openings,
        hours=hours,
        terminals=terminals,
        deputies=deputies,
        retention=kept,
        intervals=intervals,
        notices=notices,
        terms=terms,
        elections=elections,
        comment_powers=powers,
        guidance=guidance,
    )


def _duties(shaper: Shaper) -> list[tuple[int, Duty]]:
    return [(i, duty) for i, raw in tables(shaper.source, "duty") if (duty := shaper.table("duty", i, raw, Duty))]


def _source(reader: Reader, path: Path, problems: list[Problem]) -> Source | None:
    try:
        return reader.toml_of(path)
    except Unreadable as unreadable:
        problems.append(unreadable.problem)
        return None


def _rules(reader: Reader, shaper: Shaper, word_folders: tuple[Path, ...], used: list[Path]) -> list[Written]:
    return _shaped(reader, shaper, list(tables(shaper.source, "rule")), word_folders, used)


def _shaped(
    reader: Reader, shaper: Shaper, raws: list[tuple[int, object]], word_folders: tuple[Path, ...], used: list[Path]
) -> list[Written]:
    out = []
    sets = sets_of(shaper)
    for index, raw in raws:
        rule = shaper.rule(index, raw)
        if rule is not None and rule.when.phrases:
            rule = with_phrases(shaper, index, rule, sets)
        if isinstance(rule, Words | Pattern):
            rule = with_lists(reader, shaper, index, rule, word_folders, used)
        if rule is not None:
            out.append(Written(_as_rule(rule), shaper.source, index))
    return out


def _as_rule(rule: RuleBase) -> Rule:
    """`RULES` holds exactly the members of the union `Rule`; the type checker cannot know."""
    return rule  # type: ignore[return-value]
