"""The channels (媒体への道) that there are, and what each says that it can do by itself; all else is a person's task, or impossible.

Plain values: what carries a channel out is the releaser's (`daemon/release`). A channel of somebody else's is a distribution with an entry
point in the group `kohoban.channels`, whose name is written in `rules.toml` and which leads to an object with such values as its `can`
(docs/channels.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

from msgspec import Struct

from daemon.rulebook.item import KINDS, Kind

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "kohoban.channels"

Measure = Literal["hide", "unhide", "mute", "unmute", "block", "unblock", "delete"]
"""What can be done about a comment or whoever wrote it."""

Reading = Literal["mentions", "blocking", "posts", "quota", "account"]
"""What can be asked of a platform: comments that name the account, whom it blocks, its own posts, how much may still be sent, and who the
credentials say that we are."""

MILLION = 1_000_000
"""Prices are in millionths of a US dollar."""

READINGS: tuple[Reading, ...] = get_args(Reading)


class Capabilities(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a channel does by itself."""

    kinds: frozenset[Kind]
    """The kinds of drafts that it puts out. A draft of any other kind is a release card for a person."""
    images: int | None = 0
    """How many images a draft may carry; None: any number. One with more is a release card."""
    measures: frozenset[Measure] = frozenset()
    """The measures on comments that it takes."""
    reads: frozenset[Reading] = frozenset()
    """What it can be asked."""
    platforms: frozenset[str] = frozenset()
    """The platforms whose accounts it serves; empty: all."""
    looks: bool = False
    """Whether it can be looked up what became of a release that is 不明."""
    final: bool = False
    """Whether what it has sent cannot be taken back."""
    training: bool = False
    """Whether it is for training offices only."""
    secret: bool = False
    """Whether it needs credentials, which only the releaser has."""
    credentials: Mapping[str, tuple[str, ...]] = {}
    """The kinds of credentials that it takes, the usual one first, and the names of the values of each, with a `?` those that
    may be missing (`kohoban secrets set`). Empty: any names."""
    prices: Mapping[str, int] = {}
    """What it costs, in millionths of a US dollar: by kind of draft, `<kind>+url` with an address in its text, measure, `alt`, and one row of
    a reading or of a look at what became of something. What is not named costs nothing."""
    prices_as_of: str = ""
    """The day of these prices (they change without notice)."""


_BY_NATURE_A_PERSONS: frozenset[Kind] = frozenset({"delete", "follow", "like", "message", "story", "live", "profile"})
_WHATEVER_IS_POSTED = frozenset(KINDS) - _BY_NATURE_A_PERSONS

MANUAL = Capabilities(kinds=frozenset())
BUILT_IN: Mapping[str, Capabilities] = {
    "manual": MANUAL,
    "outbox": Capabilities(kinds=_WHATEVER_IS_POSTED, images=None, looks=True),
    "simulated": Capabilities(
        kinds=_WHATEVER_IS_POSTED,
        measures=frozenset({"hide", "unhide", "mute", "unmute"}),
        reads=frozenset({"mentions", "blocking"}),
        images=None,
        looks=True,
        training=True,
    ),
    # X API v2 on ordinary plans: what they lack (quote, like, follow, block) is a person's. Facts and prices: docs/channels.md.
    "x": Capabilities(
        kinds=frozenset({"post", "poll", "reply", "repost", "correction", "delete"}),
        images=4,
        measures=frozenset({"hide", "unhide", "mute", "unmute"}),
        reads=frozenset({"mentions", "blocking", "posts", "account"}),
        platforms=frozenset({"x"}),
        looks=True,
        secret=True,
        credentials={
            "oauth2": ("client_id", "client_secret?", "refresh_token"),
            "oauth1": ("api_key", "api_secret", "access_token", "access_token_secret"),
        },
        prices={
            "post": 15_000,
            "post+url": 200_000,
            "poll": 15_000,
            "poll+url": 200_000,
            "reply": 10_000,
            "reply+url": 200_000,
            "correction": 15_000,
            "correction+url": 200_000,
            "repost": 15_000,
            "delete": 10_000,
            "hide": 5_000,
            "unhide": 5_000,
            "mute": 15_000,
            "unmute": 15_000,
            "alt": 5_000,
            "mentions": 1_000,
            "blocking": 1_000,
            "posts": 1_000,
            "muting": 1_000,
            "one_post": 5_000,
            "account": 10_000,
        },
        prices_as_of="2026-04-20",
    ),
    # LINE Messaging API: a broadcast to all friends, which nothing takes back. It takes images only by an address that all the world can
    # read before anything is out: a draft with images is a person's.
    "line": Capabilities(
        kinds=frozenset({"post", "correction"}),
        reads=frozenset({"quota", "account"}),
        platforms=frozenset({"line"}),
        final=True,
        secret=True,
        credentials={"token": ("channel_access_token",)},
    ),
}


def known() -> tuple[str, ...]:
    """The names that `channel` may have, ours first."""
    return (*BUILT_IN, *(name for name in _from_outside() if name not in BUILT_IN))


@cache
def capabilities(channel: str) -> Capabilities:
    """What a channel can do; one that is not installed, or cannot be loaded, leaves everything to people. Rules that name such a one are not
    taken (`stated`)."""
    try:
        return stated(channel) or MANUAL
    except (Exception, SystemExit):  # whatever somebody else's code raises
        return MANUAL


def stated(channel: str) -> Capabilities | None:
    """What a channel says that it can do; None for one that is not installed. Raises whatever a channel from outside raises when it is
    loaded."""
    if channel in BUILT_IN:
        return BUILT_IN[channel]
    entry = _from_outside().get(channel)
    return None if entry is None else _said_by(entry)


def entry_of(channel: str) -> EntryPoint | None:
    """Where a channel from outside is found; None for ours and for what is not installed."""
    return None if channel in BUILT_IN else _from_outside().get(channel)


def carries_out(channel: str, kind: Kind, images: int = 0) -> bool:
    """Whether the channel puts out drafts of this kind, with so many images, by itself."""
    can = capabilities(channel)
    return kind in can.kinds and (can.images is None or images <= can.images)


def price(channel: str, kind: str, *, with_url: bool = False, alts: int = 0) -> int:
    """What one release or measure costs, in millionths of a US dollar, by the table of the channel."""
    prices = capabilities(channel).prices
    base = prices.get(f"{kind}+url", prices.get(kind, 0)) if with_url else prices.get(kind, 0)
    return base + alts * prices.get("alt", 0)


@cache
def _from_outside() -> Mapping[str, EntryPoint]:
    return {entry.name: entry for entry in _entries()}


def _entries() -> Iterable[EntryPoint]:
    from importlib.metadata import (
        entry_points,
    )  # with the mail and archives of the standard library: for an office that asks for one

    return entry_points(group=GROUP)


def _said_by(entry: EntryPoint) -> Capabilities:
    can = getattr(entry.load(), "can", None)
    if not isinstance(can, Capabilities):
        raise TypeError(f"{entry.value} of the channel {entry.name} states no capabilities (`can`)")
    return can
