"""The colour of each account: its own where `rules.toml` sets one, else derived, the same for as long as the accounts before it stay.

A colour never says anything alone: whoever shows it shows the account's words on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from zlib import crc32

from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.model import Account

PALETTE = (
    "#005faf", "#5f8700", "#875f00", "#8700af", "#008787", "#af5f87",
    "#5fafd7", "#afaf5f", "#d787af", "#5fd7af", "#afafd7", "#5f5f87",
)  # fmt: skip
"""Colours of the 256-colour cube, none of which the console uses for a stop, an alarm or something unknown."""

_COLOUR = lazy_pattern(r"#[0-9a-fA-F]{6}")


def is_colour(text: str) -> bool:
    """Whether this is a colour as `rules.toml` writes it."""
    return _COLOUR.fullmatch(text) is not None


def colours(accounts: Iterable[Account]) -> Mapping[str, str]:
    """`#rrggbb` by account id. As long as there are colours left no two accounts share one; an account that is added behind the others
    changes none of theirs."""
    found: dict[str, str] = {}
    for account in accounts:
        found[account.id] = account.colour.lower() or _derived(account.id, frozenset(found.values()))
    return found


def _derived(name: str, taken: frozenset[str]) -> str:
    first = crc32(name.encode()) % len(PALETTE)
    round_ = (*PALETTE[first:], *PALETTE[:first])
    return next((colour for colour in round_ if colour not in taken), round_[0])
