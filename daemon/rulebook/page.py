"""The published text as a whole: `[page] text` of a policy puts its clauses together again, with the headings and numbers between them.

The words of a clause stand in the file once, under its `[[clause]]`; here only their places, as `{minato/4(1)}`. So what is published
and what is enforced cannot come apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.model import Clause, Policy

PLACE = lazy_pattern(r"\{([^{}\n]+)\}")


class Page(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[page]`: the published text with the places of its clauses."""

    text: str


class Piece(Struct, frozen=True):
    """A piece of the published text: a clause's words, or (`clause` empty) what stands between two."""

    text: str
    clause: str = ""


def pieces(policy: Policy) -> tuple[Piece, ...]:
    """The published text in order. Where the file has no `[page]`, the clauses under their citations; see `has_page`."""
    if not policy.page:
        return tuple(_in_order(policy.clauses))
    return tuple(_placed(policy.page, policy.clauses))


def has_page(policy: Policy) -> bool:
    """Whether the file says how the clauses stand in the published text."""
    return bool(policy.page)


def places(text: str) -> list[str]:
    """The clause ids that a page names, in its order."""
    return PLACE.findall(text)


def unplaced(text: str, clauses: Mapping[str, Clause]) -> tuple[str, ...]:
    """The clauses whose words the page would leave out: neither placed nor a part of one that is. What the policy does not say
    (`absent`) has no place."""
    named = set(places(text))
    shown = ["".join(clauses[each].text.split()) for each in named if each in clauses]
    return tuple(
        clause.id
        for clause in clauses.values()
        if not clause.absent and clause.id not in named and not any("".join(clause.text.split()) in words for words in shown)
    )


def _placed(text: str, clauses: Mapping[str, Clause]) -> Iterator[Piece]:
    at = 0
    for found in PLACE.finditer(text):
        clause = clauses.get(found[1])
        if clause is None:  # the linter has refused it; what is written stays
            continue
        if between := text[at : found.start()]:
            yield Piece(between)
        yield Piece(clause.text.strip("\n"), clause.id)
        at = found.end()
    if text[at:]:
        yield Piece(text[at:])


def _in_order(clauses: Mapping[str, Clause]) -> Iterator[Piece]:
    for clause in clauses.values():
        if not clause.absent:
            yield Piece(f"{clause.cite}\n")
            yield Piece(clause.text.strip("\n"), clause.id)
            yield Piece("\n\n")
