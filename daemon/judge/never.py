"""What of a policy can never fire: words that its own exceptions let pass, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from daemon.rulebook.item import Item
from daemon.rulebook.model import Policy, When, Words
from daemon.screening.hit import Facts
from daemon.screening.screen import Screen


class Never(Struct, frozen=True, kw_only=True):
    """Words of a rule that never count, though it lists them."""

    rule: str
    clause: str
    terms: tuple[str, ...]


def never_found(policy: Policy) -> tuple[Never, ...]:
    """The rules of words with words that the rule does not even find where a text is that word and nothing else."""
    return tuple(_never(policy))


def _never(policy: Policy) -> Iterator[Never]:
    for rule in policy.rules:
        if isinstance(rule, Words) and not rule.of:
            everywhere = replace(rule, when=When())
            screen = Screen(replace(policy, rules=(everywhere,), hash=""), rule.on)
            lost = tuple(term for term in dict.fromkeys(rule.terms) if not screen.findings(Facts(Item(text=term), "", ())))
            if lost:
                yield Never(rule=rule.id, clause=rule.clause, terms=lost)
