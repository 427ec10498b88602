"""Who is looking at which draft right now, as their consoles say with every pulse. Kept in memory only: it is over when they are gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from daemon.rulebook.model import Operator

SEEN = 8.0
"""Seconds after its last pulse in which a console still counts as looking."""


class _Looking(NamedTuple):
    draft: int
    login: str
    name: str
    at: float


class Presence:
    """The consoles of one office and the drafts that they have open."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[int, _Looking] = {}

    def pulse(self, session: int, who: Operator, draft: int | None) -> set[int]:
        """A console has this draft open now (None: none). The drafts of which somebody else should be told, those of consoles that have
        fallen silent among them."""
        gone = self._forget()
        before = self._open.pop(session, None)
        if draft is not None:
            self._open[session] = _Looking(draft, who.login, who.name, self._clock())
        old = before.draft if before is not None else None
        return gone | {each for each in (old, draft) if each is not None} if old != draft else gone

    def at(self, draft: int, but: str = "") -> tuple[str, ...]:
        """The names of those who have this draft open, without this login."""
        now = self._clock()
        return tuple(
            sorted(
                {each.name for each in self._open.values() if each.draft == draft and each.login != but and now - each.at <= SEEN}
            )
        )

    def _forget(self) -> set[int]:
        """Whoever has not been heard of is gone; the drafts that they had open."""
        now = self._clock()
        gone = {session: each.draft for session, each in self._open.items() if now - each.at > SEEN}
        for session in gone:
            del self._open[session]
        return set(gone.values())
