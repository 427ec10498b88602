"""The training day in the console: two rows above the messages say what happens and what to press, until the office stands as it should.

It watches states and never keys: whoever does it another way, or makes a detour, gets on just as well.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from console.day import Step, arrive, steps
from console.link import LinkDown
from console.text import DisplayText
from console.tui.commands import by_command
from console.tui.comment_rows import STATES
from console.tui.paint import Strip, strip
from console.tui.part import Part
from console.tui.straight import Rows
from console.tui.tell import SPACE, tell
from daemon.wire import CloseView, DraftDetail, FindDraft, Named, QueueRow, Show
from daemon.wire.bench import BenchOpened, BenchPage, BenchRows, CommentDetail, OpenBench, ShowComment

if TYPE_CHECKING:
    from console.tui.app import Console

LOOKS = 0.5
"""Seconds between two looks whether a step is done."""


class Lesson(Rows):
    """The teaching rows. Gone in a console that plays no day."""

    DEFAULT_CSS = "Lesson { height: 2; }"

    def __init__(self, console: Console, office: Path, *, on: bool) -> None:
        super().__init__("lesson")
        self._desk = console
        self._office = office
        self._steps = steps() if on else []
        self._at = 0
        self._looking = False
        self.display = on

    def on_mount(self) -> None:
        if self._steps:
            arrive(self._steps[0], self._office)
            self.set_interval(LOOKS, self._tick)

    @property
    def step(self) -> Step | None:
        """The step that is on; None when the day is over."""
        return self._steps[self._at] if self._at < len(self._steps) else None

    def render_line(self, y: int) -> Strip:
        """What happens; below it, what to press."""
        width = self.size.width
        if self.step is None:
            return strip([Part(tell("lesson.over" if y == 0 else "lesson.over_keys"), "good")], width)
        if y:
            keys = DisplayText.of("  ".join(shown(self.step)))
            return strip([Part(tell("lesson.press"), "dim"), Part(keys, "strong")], width)
        where = tell("lesson.where", number=self._at + 1, count=len(self._steps), at=DisplayText.of(self.step.at))
        return strip([Part(where, "unknown"), Part(SPACE), Part(tell(f"lesson.{self.step.id}"))], width)

    def _tick(self) -> None:
        if not self._looking:
            self._looking = True
            self._desk.spawn(self._look())

    async def _look(self) -> None:
        """Whether the step is done; then the next one, with what arrives in it."""
        try:
            while (step := self.step) is not None and await self._done(step):
                self._at += 1
                if self.step is not None:
                    arrive(self.step, self._office)
                self.refresh()
        except LinkDown:
            pass  # looked at again in a moment
        finally:
            self._looking = False

    async def _done(self, step: Step) -> bool:
        console = self._desk
        row = await self._row(str(step.until["draft"])) if "draft" in step.until else None
        said = await self._comment(str(step.until["comment"])) if "comment" in step.until else None
        beside = console.moderation.bench.detail
        seen: dict[str, Callable[[], object]] = {
            "me": lambda: console.link.welcome.login if console.link.welcome else "",
            "place": lambda: console.place,
            "draft": lambda: row.path.rpartition("/")[2] if row else "",
            "open": lambda: row is not None and console.looking() == row.id,
            "differing": lambda: console.detail.laid,
            "state": lambda: row.state if row else "",
            "waiting": lambda: len(row.waiting) if row else -1,
            "comment": lambda: said.row.handle if said else "",
            "reading": lambda: beside.row.handle if beside else "",
            "judged": lambda: said.row.state if said else "",
            "ground": lambda: next((each.clause for each in reversed(said.said) if each.kind == "judgement"), "") if said else "",
            "stopped": lambda: {"stopped": True, "running": False}.get(console.seen.condition),
            "drilling": lambda: console.seen.drilling,
        }
        return all(seen[name]() == wanted for name, wanted in step.until.items())

    async def _row(self, name: str) -> QueueRow | None:
        """The draft of that file name as it stands now."""
        found = await self._desk.link.ask(FindDraft(name=name))
        if not isinstance(found, Named) or not found.drafts:
            return None
        answer = await self._desk.link.ask(Show(draft=found.drafts[-1]))
        return answer.row if isinstance(answer, DraftDetail) else None

    async def _comment(self, handle: str) -> CommentDetail | None:
        """The comment of that author as it stands now, whatever has been decided about it."""
        opened = await self._desk.link.ask(OpenBench(text=handle, states=STATES))
        if not isinstance(opened, BenchOpened):
            return None
        page = await self._desk.link.ask(BenchPage(view=opened.view, limit=1))
        await self._desk.link.ask(CloseView(view=opened.view))
        if not isinstance(page, BenchRows) or not page.rows:
            return None
        answer = await self._desk.link.ask(ShowComment(comment=page.rows[0].id))
        return answer if isinstance(answer, CommentDetail) else None


def shown(step: Step) -> list[str]:
    """What is to be pressed, as a person reads it: a command by its key, whatever that is now."""
    return [_shown(key) for key in step.keys]


def _shown(key: str) -> str:
    if key.startswith("{"):
        first = by_command(key.strip("{}")).keys[0]
        return first if len(first) == 1 else tell(f"key.{first}").plain
    return tell("lesson.code").plain if key == "<code>" else key.strip("<>")
