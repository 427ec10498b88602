"""In whose name a decision stands: a person's own right, or 代決 for somebody else. What the record and the answer say of it."""

from __future__ import annotations

from collections.abc import Iterable

from daemon.judge import Capacity, No
from daemon.judge.approvers import holds
from daemon.refused import Refused
from daemon.rulebook.deputies import NO_BASIS, stood_for, whom
from daemon.rulebook.model import Account, Rulebook


def granted(answer: Capacity | No) -> Capacity:
    """The capacity in which somebody may. Raises Refused where they may not."""
    if isinstance(answer, No):
        raise Refused(answer.code, answer.message, answer.message_en, clause=answer.clause)
    return answer


def entry_of(capacity: Capacity) -> str:
    """The id of the entry of `[[deputies]]`, empty in one's own right."""
    return capacity.entry.id if capacity.entry is not None else ""


def told(capacity: Capacity, book: Rulebook) -> dict[str, str]:
    """What the record says of a 代決: for whom, by which entry, under what. Nothing of a decision in one's own right."""
    entry = capacity.entry
    if entry is None:
        return {}
    return {"deputy": entry.id, "on_behalf": whom(entry, book.operators), "deputy_basis": entry.basis or NO_BASIS}


def on_behalf(capacity: Capacity, book: Rulebook) -> str:
    """For whom, in words; empty in one's own right."""
    return whom(capacity.entry, book.operators) if capacity.entry is not None else ""


def represented(capacity: Capacity, book: Rulebook) -> str:
    """The login of whoever is represented; empty in one's own right, and for a post that no one manager holds."""
    person = stood_for(capacity.entry, book.operators) if capacity.entry is not None else ""
    return "" if person.startswith("@") else person


def titles_held(capacity: Capacity, titles: Iterable[str], account: Account) -> tuple[str, ...]:
    """Those of the titles that count in this capacity."""
    return tuple(title for title in titles if holds(capacity.holder, (title,), account))


def as_deputy(capacity: Capacity, book: Rulebook) -> tuple[str, str]:
    """How an answer begins where the decision was made in somebody's place."""
    if capacity.entry is None:
        return "", ""
    return f"{on_behalf(capacity, book)} の代決です。", f"In the place of {on_behalf(capacity, book)}. "
