"""What every rule of a policy has, whatever it checks: its clause, its level, what it looks at and what it says."""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct, field

from daemon.rulebook.example import Examples
from daemon.rulebook.item import Kind
from daemon.rulebook.office import Platform
from daemon.rulebook.verdict import Level


class When(Struct, frozen=True, forbid_unknown_fields=True):
    """Which items a rule looks at; an empty field narrows nothing.

    `text` are RE2 patterns, of which one must be found in the text: so that a field or a second person can be asked for by what a
    draft says, and not only by what its front matter admits. It holds the patterns of the sets named in `phrases` too. `since` and
    `until` are the first and the last day on which the rule looks at anything (選挙期間, a campaign), in Japan; `season` the same in
    every year (`["04-01", "09-30"]`). `accounts` and `units` are
    those of this office that it concerns; `irreversible`: the account's releases cannot be taken back (LINE, or so marked in rules.toml).
    """

    kinds: tuple[Kind, ...] = ()
    topics: tuple[str, ...] = ()
    platforms: tuple[Platform, ...] = ()
    emergency: bool | None = None
    images: bool | None = None
    text: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    season: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    irreversible: bool | None = None


class RuleBase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="check"):
    """What every rule has, whatever it checks.

    `clause` is the article it carries out, or `office/<id>` with `basis`, the clause under which the office adds it (empty:
    根拠規定なし). `level` is what a hit means. `lift` names the titles that may clear a `hold` for one item with a reason;
    `@approver` stands for whoever may approve the item. `exception` is the clause that grants it, where that is not `clause` itself
    (a ただし書 with an id of its own, another stated power); `in_person` says that it names the person alone, so that no deputy (代決)
    makes it. `shadow` records and never holds. `also` names further clauses of the same
    policy that the rule carries out (the single topics of a topic rule, the definitions a kind rule speaks in): coverage counts them.
    `must_fire` and `must_pass` are examples, which `kohoban policy test` runs; no judgement reads them.
    """

    id: str
    clause: str
    level: Level
    basis: str = ""
    on: Literal["draft", "comment"] = "draft"
    lift: tuple[str, ...] = ()
    exception: str = ""
    in_person: bool = False
    when: When = field(default_factory=When)
    shadow: bool = False
    also: tuple[str, ...] = ()
    message: str = ""
    message_en: str = ""
    must_fire: Examples = ()
    must_pass: Examples = ()
