"""The places of the console: for each its view, what is read when it comes up, what is painted again, and which commands it offers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from console.tui.commands import Place
from console.tui.views import View

if TYPE_CHECKING:
    from console.tui.app import Console


class Room(NamedTuple):
    """One place. `paint` shows again what stands with the office's state, or with a clock; `possible` names the commands that this
    operator could carry out there now."""

    view: View
    open: Callable[[], Awaitable[None]]
    paint: Callable[[], None]
    possible: Callable[[], set[str]]


def rooms(console: Console) -> dict[Place, Room]:
    """Every place of a console."""
    drafts = console.allowed.here
    found: dict[Place, Room] = {
        "queue": Room(console.queue.view, _at_once(console.queue.head), console.queue.tick, lambda: drafts("queue")),
        "detail": Room(console.detail.view, _at_once(_nothing), console.detail.tick, lambda: drafts("detail")),
        "clauses": Room(console.clauses.view, console.clauses.open, _nothing, lambda: drafts("clauses")),
        "hours": Room(console.calendar.view, console.calendar.open, console.calendar.paint, lambda: console.calendar.possible),
        "help": Room(console.keys_page.view, console.keys_page.open, console.keys_page.paint, drafts),
        "record": Room(console.record.view, console.record.open, _nothing, drafts),
        "reports": Room(console.reports.view, console.reports.open, _nothing, lambda: {"left", "right"}),
        "settings": Room(console.settings.view, console.settings.open, _nothing, lambda: console.settings.possible),
        "stop": Room(console.stopping.view, console.stopping.open, console.stopping.show, lambda: console.stopping.possible),
        "messages": Room(
            console.messages.view, _at_once(partial(console.messages.show, top=True)), console.messages.show, drafts
        ),
        "card": Room(
            console.card.view,
            _at_once(partial(console.card.paint, top=True)),
            console.card.paint,
            lambda: {"released", "copy"} | console.card.possible,
        ),
        "compose": Room(console.composing.view, console.composing.open, console.composing.paint, drafts),
        "side_by_side": Room(console.trials.side_by_side, console.trials.open, _nothing, lambda: {"left", "right"}),
        "preview": Room(console.trials.preview, console.trials.open, _nothing, lambda: console.trials.possible),
        "picture": Room(console.picturing.view, console.picturing.open, console.picturing.paint, lambda: set()),
        "lock": Room(console.lock.view, console.lock.show, _nothing, lambda: set()),
        "paper": Room(console.printing.view, _at_once(console.printing.show), _nothing, drafts),
        "duties": Room(console.duties.view, console.duties.open, _nothing, lambda: console.duties.possible),
        "reviews": Room(console.endorsing.view, console.endorsing.open, _nothing, lambda: console.endorsing.possible),
        "policies": Room(console.policies.view, console.policies.open, _nothing, drafts),
        "policy_diff": Room(console.policies.amended.view, console.policies.amended.open, _nothing, drafts),
        "terminal": Room(console.identity.view, console.identity.open, _nothing, drafts),
        "decide": Room(console.deciding.view, console.deciding.open, console.deciding.paint, lambda: console.deciding.possible),
    }
    boards: dict[Place, Room] = {place: Room(board.view, board.open, _nothing, drafts) for place, board in console.boards.items()}
    return found | boards | console.moderation.rooms()


def _nothing() -> None:
    """Nothing of this place goes by a clock."""


def _at_once(show: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    """What needs no answer of the daemon's, as a thing to wait for."""

    async def opened() -> None:
        show()

    return opened
