"""While somebody answers a dialog about a draft, it is theirs (着手): from its opening, and given back where nothing came of it."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from console.link import LinkDown
from daemon.wire import Claim, Refusal, Unclaim

if TYPE_CHECKING:
    from console.tui.app import Console


class AtWork:
    """`async with AtWork(console, draft) as mine:` around a dialog; `mine.decided` is set where an act was sent, for a decision ends the
    claim itself. Where somebody else works at the draft, the dialog is cancelled with the daemon's words. A claim of one's own that
    stands already stays."""

    def __init__(self, console: Console, draft: int) -> None:
        self.decided = False
        self._console, self._draft = console, draft
        self._over = self._claimed = False

    async def __aenter__(self) -> Self:
        if self._console.seen.connected:
            self._console.spawn(self._claim())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over = True
        if self._claimed and not self.decided:
            self._console.spawn(self._give_back())

    async def _claim(self) -> None:
        console = self._console
        try:
            answer = await console.link.ask(Claim(draft=self._draft, brief=True), patience=10)
        except LinkDown:
            return
        self._claimed = not isinstance(answer, Refusal)
        if self._over:
            if self._claimed and not self.decided:
                await self._give_back()
        elif isinstance(answer, Refusal) and answer.code == "claimed":
            console.bottom.cancel()
            console.call_after_refresh(console.refused, answer)

    async def _give_back(self) -> None:
        try:
            await self._console.link.ask(Unclaim(draft=self._draft), patience=10)
        except LinkDown:
            return  # it ends by itself
