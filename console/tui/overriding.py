"""上書きの取消: what the desk itself has added to the rules is taken back, from the day that it is about or from its line in the settings."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import date
from typing import TYPE_CHECKING, Any

from console.link import LinkDown
from console.text import DisplayText
from console.tui.acting import put
from console.tui.tell import tell
from console.words.marks import listed
from daemon.wire import RemoveOverride, SpecialDayList, SpecialDays, SpecialDaySeen

if TYPE_CHECKING:
    from console.tui.app import Console


class Overriding:
    """The conversation; which override is meant goes by the screen."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """What can be done here, by the name of its command."""
        return {"remove_override": self.remove}

    async def remove(self, argument: str) -> None:
        """Its id and the reason. Of the one override that the cursor means only the reason is asked."""
        console = self._console
        meant = [] if argument else await self._meant()
        if len(meant) == 1:
            name = meant[0].id
            reason = await self._asked("ask.remove_this", id=DisplayText.of(name), what=said(meant[0]))
        else:
            ids = DisplayText.of(listed(each.id for each in meant))
            typed = argument or await self._asked("ask.remove_one_of" if meant else "ask.remove_override", ids=ids)
            name, _, reason = typed.strip().partition(" ")
            if name and not reason:
                console.notice(tell("notice.no_override_reason", typed=DisplayText.of(name)), "warn")
        sure = tell("sure.remove_override", id=DisplayText.of(name))
        if name and reason and await console.bottom.confirm(sure) and await put(console, RemoveOverride(id=name, reason=reason)):
            await console.places.reopen()

    async def _meant(self) -> list[SpecialDaySeen]:
        """The one under the cursor; on the screen of the hours all that stand on its day."""
        console = self._console
        if console.place == "settings":
            one = console.settings.override()
            return [one] if one else []
        day = console.calendar.day()
        return [each for each in await overrides(console) if day is not None and _spans(each, day)]

    async def _asked(self, key: str, **values: object) -> str:
        return (await self._console.bottom.ask(tell(key, **values)) or "").strip()


async def overrides(console: Console) -> list[SpecialDaySeen]:
    """The closures and openings that stand in overrides, and can be taken back; none where nobody answers."""
    try:
        answer = await console.link.ask(SpecialDays())
    except LinkDown:
        return []
    return [each for each in answer.days if each.id and each.author] if isinstance(answer, SpecialDayList) else []


def said(each: SpecialDaySeen) -> DisplayText:
    """What it is, and why."""
    return tell(f"recorded.add_{each.what}") + DisplayText.of(f" {each.reason}", limit=40)


def _spans(each: SpecialDaySeen, day: date) -> bool:
    return each.first is not None and each.first <= day <= (each.last or each.first)
