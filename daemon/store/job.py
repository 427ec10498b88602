"""An act on its way to the writer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from daemon.store.transaction import Tx

T = TypeVar("T")


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
    also: Callable[[], None] | None = None
    """Called in the writer's thread once this is settled, whatever has come of it: for whoever only waits."""

    def waited_for(self, settled: Callable[[], None]) -> Job:
        """The same, for somebody who waits until it is settled, in one piece or one by one."""
        instead = (*self.instead[:-1], replace(self.instead[-1], also=settled)) if self.instead else ()
        return replace(self, also=settled, instead=instead)

    def told(self, result: Any) -> tuple[Job, ...]:
        """Whose listeners get this result: of a failure, each of those that it stood for."""
        return self.instead if self.instead and isinstance(result, BaseException) else (self,)


NUDGE = Job(lambda _: None, lambda _: None, here=True, asked=True)
"""Nothing to do: for whoever wants to see the thread awake."""


def settable(error: BaseException) -> BaseException:
    """What an act, or a question, has raised, as a future takes it: none takes StopIteration, which a bare `next()` may raise."""
    return RuntimeError("StopIteration was raised") if isinstance(error, StopIteration) else error


def all_at_once(
    op: Callable[[Tx], list[T]], each: Sequence[tuple[Callable[[Tx], T], Callable[[T | BaseException], None]]]
) -> Job:
    """An act that does at once what the operations in `each` do one by one; its values go to their listeners. Where it raises, those are
    carried out."""
    listeners = [done for _, done in each]

    def done(values: list[T]) -> None:
        for listener, value in zip(listeners, values, strict=True):
            listener(value)

    return Job(op, done, instead=tuple(Job(*one) for one in each))
