"""One draft, open: its text beside the clauses that speak to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.fixes import has_fix
from console.link import LinkDown
from console.tui.approving import differences_sheet
from console.tui.part import Part
from console.tui.pictures import pictures_sheet
from console.tui.running_out import told
from console.tui.sheets import findings_sheet, raw_sheet, text_sheet, top_line
from console.tui.tell import tell
from console.tui.views import PairView, Sheet
from daemon.wire import Compare, Differences, DraftDetail, Event, FindingSeen, QueueRow, Refusal, Show

if TYPE_CHECKING:
    from console.tui.app import Console


class Detail:
    """What the detail view shows."""

    def __init__(self, console: Console) -> None:
        self.sheet = Sheet("left-detail")
        self.view = PairView("detail", self.sheet)
        self.detail: DraftDetail | None = None
        self.chosen = 0
        self.raw = False
        self._over: list[Part] | None = None  # a sheet that lies over the text, whatever is read again beneath it
        self._console = console

    def row(self) -> QueueRow | None:
        """The draft that is open."""
        return self.detail.row if self.detail else None

    def finding(self) -> FindingSeen | None:
        """The finding that is chosen."""
        findings = self.detail.findings if self.detail else ()
        return findings[self.chosen] if self.chosen < len(findings) else None

    @property
    def mendable(self) -> bool:
        """Whether a finding of the draft that is open offers a fix."""
        return self.detail is not None and any(map(has_fix, self.detail.findings))

    @property
    def possible(self) -> set[str]:
        """What can be done with the draft that is open besides the verbs."""
        images = self.detail is not None and self.detail.images
        return {"next"} | ({"fix"} if self.mendable else set()) | ({"picture"} if images else set())

    async def open(self, draft: int) -> bool:
        """Read a draft and show it from the top. False if there is none."""
        return await self._read(draft, top=True)

    async def again(self) -> None:
        """Read the draft again: somebody has changed it. Says so when it has become another revision."""
        if self.detail is None:
            return
        before = self.detail.row.hash
        if await self._read(self.detail.row.id, top=False) and self.detail.row.hash != before:
            self._console.notice(tell("detail.new_revision", n=self.detail.row.revision), "warn")

    def event(self, event: Event) -> None:
        """Read again if the draft that is open is meant, or everything: a stop is a reason why it is not out, and a resume takes it away."""
        if self.detail and (event.kind == "gate" or event.draft == self.detail.row.id):
            self._console.spawn(self._again_if_up())

    def choose(self, step: int) -> None:
        """Choose the next finding, or the one before."""
        if self.detail and self.detail.findings:
            self.chosen = (self.chosen + step) % len(self.detail.findings)
            self.show()
            self.view.right.scroll_lines(self.chosen)

    def toggle_raw(self) -> None:
        """The text as it reads, or character by character."""
        self.raw = not self.raw
        self.show(top=True)

    async def toggle_differences(self) -> None:
        """The text as it reads, or what has changed since the last (returned) revision."""
        if self.detail is None:
            return
        sheet = None
        if self._over is None:
            answer = await self._console.link.ask(Compare(draft=self.detail.row.id))
            if isinstance(answer, Refusal):
                self._console.refused(answer)
                return
            if not isinstance(answer, Differences):
                raise LinkDown
            sheet = differences_sheet(answer)
        self.lay(sheet)

    def lay(self, sheet: list[Part] | None) -> None:
        """Show this over the text; None takes it away."""
        self._over = sheet
        self.show(top=True)

    @property
    def laid(self) -> bool:
        """Whether a sheet lies over the text: what has changed."""
        return self._over is not None

    def show(self, *, top: bool = False) -> None:
        """Paint what is known."""
        if self.detail is None:
            return
        self.tick()
        text = raw_sheet(self.detail) if self.raw else text_sheet(self.detail, self.chosen, self._pictures())
        self.sheet.show(text if self._over is None else self._over, top=top)
        self.view.right.show(findings_sheet(self.detail, self.chosen), top=top)

    def tick(self) -> None:
        """Paint the heading: what runs out runs there."""
        if self.detail is None:
            return
        console = self._console
        sentence = told(self.detail.row, console.seen, console.now(), ticks=not console.reader.on)
        self.view.heading.show(top_line(self.detail, console.seen.account(self.detail.row.account), sentence))

    def _pictures(self) -> list[Part]:
        return pictures_sheet(self.detail.images, self.detail.findings) if self.detail else []

    async def _again_if_up(self) -> None:
        try:
            await self.again()
        except LinkDown:
            return  # the bar says so, and a new connection reads again

    async def _read(self, draft: int, *, top: bool) -> bool:
        answer = await self._console.link.ask(Show(draft=draft))
        if isinstance(answer, Refusal):
            self._console.refused(answer)
            return False
        if not isinstance(answer, DraftDetail):
            raise LinkDown
        self.detail = answer
        if top:
            self.chosen, self.raw = 0, False
            self._over = None
            self.view.active = self.view.left
        self.chosen = min(self.chosen, max(0, len(answer.findings) - 1))
        self.show(top=top)
        self._console.look_at_draft()
        return True
