"""The files of a rulebook as far as they can be read: every table that fits its type, and a problem for each that does not.

Nothing is refused here: `lint` looks over what was read, and `load` puts it in force only if neither found an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.model import (
    Account,
    Clause,
    FollowUp,
    Office,
    Operator,
    Platform,
    Policy,
    Problem,
    Rule,
    RuleBase,
    Version,
    Words,
)
from daemon.rulebook.phrases import sets_of, with_phrases
from daemon.rulebook.shape import Shaper
from daemon.rulebook.source import Reader, Source, Unreadable, tables

BUNDLED = Path(__file__).resolve().parent.parent / "policies"
"""The policies that come with the program."""

ADDED = "office.toml"
"""The file, in a policies folder, of the rules that the office adds to every policy because no article carries them."""

_LIST_NAME = lazy_pattern(r"[\w-]+")


class Header(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[policy]`. `basis` is the clause under which an office may add rules of its own (さいたま 12), `follow_up` the one that says what
    follows a stop (さいたま 11), where the policy has them."""

    id: str
    title: str
    municipality: str
    platforms: tuple[Platform, ...]
    manager: tuple[str, ...]
    basis: str = ""
    follow_up: str = ""


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
    """By policy: the article that carries an added rule (`clauses`), or the clause that lets the office add it (`basis`)."""

    clauses: Mapping[str, str] = {}
    basis: Mapping[str, str] = {}


class AddedRules(Struct):
    """The rules of one `office.toml`, with the articles that they rest on in each policy."""

    source: Source
    rules: list[tuple[Written, Legal]] = []
    used: list[Path] = []
    """The files that the rules are made of: office.toml itself and the word lists that they name."""

    def of(self, policy_id: str, basis: str) -> tuple[Written, ...]:
        """The rules as this policy gets them: each under the article that carries it, else under the clause that allows it."""
        out = []
        for written, legal in self.rules:
            article = legal.clauses.get(policy_id)
            if article is not None:
                rule = msgspec.structs.replace(written.rule, clause=article)
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

    @property
    def id(self) -> str:
        """The policy's id; the file's name where `[policy]` does not fit."""
        return self.header.id if self.header else self.source.path.stem

    @property
    def basis(self) -> str:
        """The clause under which the office may add rules of its own; empty where the policy has none."""
        return self.header.basis if self.header else ""

    @property
    def clause_ids(self) -> frozenset[str]:
        """The ids of all clauses, those included whose table does not fit."""
        return frozenset(
            raw["id"] for _, raw in tables(self.source, "clause") if isinstance(raw, dict) and isinstance(raw.get("id"), str)
        )

    def with_added(self, added: tuple[AddedRules, ...]) -> tuple[Written, ...]:
        """The policy's own rules and after them those that are added to it."""
        return (*self.rules, *(w for more in added for w in more.of(self.id, self.basis)))

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
            clauses={clause.id: clause for _, clause in self.clauses},
            rules=tuple(w.rule for w in self.with_added(added)),
            hash=reader.digest(*self.used, *(path for more in added for path in more.used)),
            source=str(self.source.path),
            manager=head.manager,
            basis=head.basis,
            follow_up=head.follow_up,
        )


class OfficeFile(Struct):
    """`rules.toml`: the office, its accounts and its register, each with the index of its table."""

    source: Source
    office: Office | None
    """None where `[office]` does not fit; then the file is only looked over for its other errors."""
    accounts: list[tuple[int, Account]] = []
    operators: list[tuple[int, Operator]] = []
    follow_ups: list[tuple[int, FollowUp]] = []


def parse_policy(reader: Reader, path: Path, word_folders: tuple[Path, ...], problems: list[Problem]) -> PolicyFile | None:
    """The policy of this file; None where it is not TOML. Adds to `problems`."""
    source = _source(reader, path, problems)
    if source is None:
        return None
    shaper = Shaper(source)
    shaper.unknown_tables(("policy", "version", "clause", "phrases", "rule"))
    header = shaper.table("policy", None, source.data.get("policy"), Header) if "policy" in source.data else None
    if "policy" not in source.data:
        problems.append(source.problem(1, "[policy] の表がありません。", "There is no [policy] table."))
    versions = [v for i, raw in tables(source, "version") if (v := shaper.table("version", i, raw, Version))]
    clauses = [(i, c) for i, raw in tables(source, "clause") if (c := shaper.table("clause", i, raw, Clause))]
    used = [path]
    rules = _rules(reader, shaper, word_folders, used)
    problems += shaper.problems
    return PolicyFile(source, header, versions, clauses, rules, used)


def parse_added(reader: Reader, path: Path, word_folders: tuple[Path, ...], problems: list[Problem]) -> AddedRules | None:
    """The rules that this `office.toml` adds to every policy; None where it cannot be read. Adds to `problems`."""
    source = _source(reader, path, problems)
    if source is None:
        return None
    shaper = Shaper(source)
    shaper.unknown_tables(("phrases", "rule"))
    added = AddedRules(source, used=[path])
    legal: dict[int, Legal] = {}
    bare: list[tuple[int, object]] = []
    for index, raw in tables(source, "rule"):
        if isinstance(raw, dict):
            tied = {key: raw[key] for key in ("basis", "clauses") if key in raw}
            raw = {key: value for key, value in raw.items() if key not in tied}
            legal[index] = shaper.table("rule", index, tied, Legal) or Legal()
        bare.append((index, raw))
    added.rules = [(w, legal[w.index]) for w in _shaped(reader, shaper, bare, word_folders, added.used)]
    problems += shaper.problems
    return added


def parse_office(reader: Reader, path: Path, problems: list[Problem]) -> OfficeFile | None:
    """`rules.toml`; None where it is not TOML. Adds to `problems`."""
    source = _source(reader, path, problems)
    if source is None:
        return None
    shaper = Shaper(source)
    shaper.unknown_tables(("office", "accounts", "operators", "follow_ups"))
    office = shaper.table("office", None, source.data.get("office"), Office) if "office" in source.data else None
    if "office" not in source.data:
        problems.append(source.problem(1, "[office] の表がありません。", "There is no [office] table."))
    accounts = [(i, a) for i, raw in tables(source, "accounts") if (a := shaper.table("accounts", i, raw, Account))]
    operators = [(i, o) for i, raw in tables(source, "operators") if (o := shaper.table("operators", i, raw, Operator))]
    follow_ups = [(i, f) for i, raw in tables(source, "follow_ups") if (f := shaper.table("follow_ups", i, raw, FollowUp))]
    problems += shaper.problems
    return OfficeFile(source, office, accounts, operators, follow_ups)


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
        if isinstance(rule, Words):
            rule = _with_lists(reader, shaper, index, rule, word_folders, used)
        if rule is not None:
            out.append(Written(_as_rule(rule), shaper.source, index))
    return out


def _as_rule(rule: RuleBase) -> Rule:
    """`RULES` holds exactly the members of the union `Rule`; the type checker cannot know."""
    return rule  # type: ignore[return-value]


def _with_lists(
    reader: Reader, shaper: Shaper, index: int, rule: Words, word_folders: tuple[Path, ...], used: list[Path]
) -> Words:
    """The rule with the terms of its lists after its own, each once."""
    terms = list(rule.terms)
    for name in rule.lists:
        try:
            path = _list_path(reader, name, word_folders)
            terms += reader.terms_of(path)
        except Unreadable as unreadable:
            why = unreadable.problem
            shaper.problems.append(
                shaper.source.problem(
                    shaper.source.line("rule", index, "lists"),
                    f"規則 {rule.id}: 語の一覧「{name}」を使えません（{why.file}:{why.line}）: {why.message}",
                    f"Rule {rule.id}: word list '{name}' cannot be used ({why.file}:{why.line}): {why.message_en}",
                )
            )
        else:
            used.append(path)
    return msgspec.structs.replace(rule, terms=tuple(dict.fromkeys(terms)))


def _list_path(reader: Reader, name: str, word_folders: tuple[Path, ...]) -> Path:
    """Where the list of that name is: in the first folder that has it. Raises Unreadable for a name that is no file's stem, so that
    no list leads out of its folder."""
    if not _LIST_NAME.fullmatch(name):
        raise Unreadable(
            Problem(
                str(word_folders[0]),
                1,
                "一覧の名前は、拡張子 .txt を除いたファイル名です（英数字、かな漢字、_ と -）。",
                "The name of a list is its file name without .txt (letters, digits, _ and -).",
            )
        )
    paths = [folder / f"{name}.txt" for folder in word_folders]
    return next((path for path in paths if reader.exists(path)), paths[0])
