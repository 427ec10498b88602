"""The screens about comments: bench (K), measures (M), block list (B), reactions (H), and what they share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from console.tui.bench import Bench
from console.tui.bench_batch import Batch
from console.tui.bench_verbs import BenchVerbs
from console.tui.blocks import BlockBoard
from console.tui.commands import Place
from console.tui.measures import MeasureBoard
from console.tui.reactions import ReactionBoard
from console.tui.rooms import Room

if TYPE_CHECKING:
    from console.tui.app import Console

_NEEDS: Mapping[str, str] = {"leave": "judge", "judge_many": "judge", "guide_many": "guided"}
"""What a command needs of the daemon's list where its name is another."""
_ACTS = (
    "judge", "leave", "propose", "claim_comment", "ask_second", "escalate_comment", "guided", "comment_gone", "undo_judgement",
    "tag_comments", "judge_many", "guide_many",
)  # fmt: skip


class Moderation:
    """The four screens of one console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.bench = Bench(console)
        self.verbs = BenchVerbs(console, self.bench)
        self.batch = Batch(console, self.bench, self.verbs)
        self.measures = MeasureBoard(console)
        self.blocks = BlockBoard(console)
        self.reactions = ReactionBoard(console)
        self.places: tuple[Place, ...] = ("comments", "measures", "blocks", "reactions")
        self.turned: dict[Place, Callable[[int], None]] = {
            "comments": self.bench.turn,
            "measures": self.measures.turn,
            "blocks": self.blocks.turn,
        }
        self.next_states: dict[Place, Callable[[], None]] = {
            "comments": self.bench.next_state,
            "measures": self.measures.next_state,
            "blocks": self.blocks.next_state,
        }
        self.narrowed: dict[Place, Callable[[str], None]] = {
            "comments": self.bench.narrow_to,
            "blocks": self.blocks.narrow_to,
        }

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """The conversations of these screens, by the names of their commands."""
        own = {"comments": self._go, "select": self._select, "judge_many": self.batch.judge, "guide_many": self.batch.guide}
        return own | self.verbs.table() | self.measures.table() | self.blocks.table() | self.reactions.table()

    def rooms(self) -> dict[Place, Room]:
        """The places."""
        open_: dict[Place, Callable[[], Awaitable[None]]] = {
            "measures": self.measures.open,
            "blocks": self.blocks.open,
            "reactions": self.reactions.open,
        }
        return {
            "comments": Room(self.bench.view, self._open_bench, self.bench.catch_up, self._possible),
            "measures": Room(self.measures.view, open_["measures"], self.measures.paint, lambda: self.measures.possible),
            "blocks": Room(self.blocks.view, open_["blocks"], _nothing, lambda: self.blocks.possible),
            "reactions": Room(self.reactions.view, open_["reactions"], _nothing, lambda: self.reactions.possible),
        }

    def account(self, place: Place) -> str:
        """The account that the screen is about; empty where it is about none."""
        one = {
            "comments": self.bench.row(),
            "measures": self.measures.measure(),
            "blocks": self.blocks.entry(),
            "reactions": self.reactions.reaction(),
        }.get(place)
        return one.account if one is not None else ""

    def closes(self, place: Place) -> bool:
        """Whether something of this place lay over it that Esc has put away: the comment that stood alone."""
        if place != "comments" or not self.bench.whole:
            return False
        self.bench.toggle_whole()
        return True

    def event(self) -> None:
        """Something about comments has moved on: what is shown is read again."""
        self.bench.event()
        if self._console.place in self.places and self._console.place != "comments":
            self._console.spawn(self._console.places.reopen())

    def forget(self) -> None:
        """The connection is new."""
        self.bench.forget()

    async def _open_bench(self) -> None:
        await self.bench.open()

    async def _go(self, argument: str) -> None:
        """`:コメント` with words behind it narrows the bench."""
        if argument:
            self.bench.narrow_to(argument)
        await self._console.places.go("comments")

    async def _select(self, argument: str) -> None:
        self.bench.pick()

    def _possible(self) -> set[str]:
        row = self.bench.row()
        me = self._console.link.welcome
        found = {"right", "next", "select"} if row else {"right"}
        if me is not None and me.role != "viewer":
            found.add("mark_comment")
        return found | {name for name in _ACTS if row and _NEEDS.get(name, name) in row.can}


def _nothing() -> None:
    """Nothing of this place goes by a clock."""
