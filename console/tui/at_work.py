"""While somebody answers a dialog about a draft or a comment, it is theirs (着手): from its opening, and given back where nothing came of it."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from console.link import LinkDown
from daemon.wire import Claim, Refusal, Unclaim
from daemon.wire.acts import AnyAct
from daemon.wire.bench import CommentRow
from daemon.wire.moderation import ClaimComment, UnclaimComment

if TYPE_CHECKING:
    from console.tui.app import Console


class AtWork:
    """`async with at_draft(console, draft) as mine:` around a dialog; `mine.decided` is set where an act was sent, for a decision ends the
    claim itself. Where somebody else works at it, the dialog is cancelled with the daemon's words. A claim of one's own that stands already
    stays (`mine` says that there is one, where that is known)."""

    def __init__(self, console: Console, claim: AnyAct, unclaim: AnyAct, *, mine: bool = False) -> None:
        self.decided = False
        self._console, self._claiming, self._unclaiming, self._mine = console, claim, unclaim, mine
        self._over = self._claimed = False

    async def __aenter__(self) -> Self:
        if self._console.seen.connected and not self._mine:
            self._console.spawn(self._claim())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over = True
        if self._claimed and not self.decided:
            self._console.spawn(self._give_back())

    async def _claim(self) -> None:
        console = self._console
        try:
            answer = await console.link.ask(self._claiming, patience=10)
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
            await self._console.link.ask(self._unclaiming, patience=10)
        except LinkDown:
            return  # it ends by itself


def at_draft(console: Console, draft: int) -> AtWork:
    """Around a dialog about a draft."""
    return AtWork(console, Claim(draft=draft, brief=True), Unclaim(draft=draft))


def at_comment(console: Console, row: CommentRow) -> AtWork:
    """Around a dialog about a comment."""
    me = console.link.welcome.login if console.link.welcome else ""
    return AtWork(console, ClaimComment(comment=row.id), UnclaimComment(comment=row.id), mine=row.claimed_by == me)
