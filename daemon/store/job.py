"""An act on its way to the writer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from daemon.store.transaction import Tx


class Job(Struct, frozen=True):
    """An act to carry out, and whom to tell: in the loop's thread, or (`here`) in the writer's own.

    Where the act raises, those in `instead` are carried out in its place, and nobody is told of it: many things at once, or else one
    by one, each with its own reason.
    """

    op: Callable[[Tx], Any]
    done: Callable[[Any], None]
    here: bool = False
    instead: tuple[Job, ...] = ()
    asked: bool = False
    """Somebody waits for the answer: it is carried out before what the folder brings, and its batch stays open for nothing else."""

    def told(self, result: Any) -> tuple[Job, ...]:
        """Whose listeners get this result: of a failure, each of those that it stood for."""
        return self.instead if self.instead and isinstance(result, BaseException) else (self,)


NUDGE = Job(lambda _: None, lambda _: None, here=True)
"""Nothing to do: for whoever wants to see the thread awake."""
