"""代決: whether an entry is in force on a day, and whose posts it lends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from msgspec.structs import replace

from daemon.rulebook.model import Approvers, Deputy, Operator, Policy

NO_BASIS = "根拠規定なし"


def on(entry: Deputy, day: date) -> bool:
    """True on the days of the entry, both ends included."""
    return entry.from_ <= day <= entry.until


def lent(entry: Deputy, operators: Mapping[str, Operator], policy: Policy) -> Operator | None:
    """Whose posts count when this entry is used: the person's as the register has them, or the post alone where nobody is named.

    None where deputy or person have left the register: then nobody stands in. What the person holds as somebody else's deputy is
    not lent on: there are no chains.
    """
    deputy = operators.get(entry.login)
    if deputy is None:
        return None
    if entry.person:
        person = operators.get(entry.person)
        if person is None or not entry.title:
            return person
        role = person.role if _of_a_manager(entry.title, operators, policy) else "clerk"
        return replace(person, role=role, titles=tuple(title for title in person.titles if title == entry.title))
    role = "manager" if _of_a_manager(entry.title, operators, policy) else "clerk"
    return replace(deputy, login="", name=entry.title, role=role, titles=(entry.title,))


def _of_a_manager(title: str, operators: Mapping[str, Operator], policy: Policy) -> bool:
    """True for a manager's post, vacant or not: the policy names it as one, or a manager holds it. A 発信確認者 is none."""
    if title in policy.manager or any(title in who.titles and who.role == "manager" for who in operators.values()):
        return True
    lines = (rule for rule in policy.rules if isinstance(rule, Approvers) and not rule.clause.startswith("office/"))
    return any(title in rule.titles for rule in lines)


def stood_for(entry: Deputy, operators: Mapping[str, Operator]) -> str:
    """The login of whoever is represented: the person, or the one manager who holds the post; else `@` and the post. It counts once,
    whether they decide themselves or somebody for them."""
    if entry.person:
        return entry.person
    holders = [who.login for who in operators.values() if entry.title in who.titles and who.role == "manager"]
    return holders[0] if len(holders) == 1 else f"@{entry.title}"


def whom(entry: Deputy, operators: Mapping[str, Operator]) -> str:
    """For whom, as it is shown and recorded: 「区政企画担当課長 北村 春子」."""
    person = operators.get(entry.person)
    if person is None:
        return entry.title or entry.person
    return " ".join((*((entry.title,) if entry.title else person.titles[:1]), person.name))


def cite(entry: Deputy) -> str:
    """Under what it stands: the regulation or clause, or that there is none."""
    return f"office/deputy（根拠 {entry.basis}）" if entry.basis else f"office/deputy（{NO_BASIS}）"
