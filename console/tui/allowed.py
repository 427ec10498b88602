"""What this operator could do here and now, and why not, as far as the daemon has said: the console makes up no reason of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from console.link import LinkDown
from console.text import DisplayText
from console.tui.commands import HINTS, Command, Place, by_command, keys_of
from console.tui.hints import key_word
from console.tui.leading import elsewhere
from console.tui.running_out import possible_now
from console.tui.tell import either, tell
from console.whom import whom
from daemon.wire import QueueRow, Welcome
from daemon.wire.reasons import NotNow, WhyNot

if TYPE_CHECKING:
    from console.tui.app import Console

MANAGERS = frozenset({"close_day", "open_day", "remove_override", "resume_here", "narrow_stop", "confirm_stop", "follow_skip"})
"""What is a manager's."""


class Allowed:
    """Of a draft that is chosen, what the daemon's row of it names; of a list, that it can be turned over."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._read_as: Welcome | None = None

    def read_as(self, welcome: Welcome | None) -> None:
        """What drafts are shown was read on this connection, as this person."""
        self._read_as = welcome

    def here(self, place: Place | None = None) -> set[str]:
        """The commands that could be carried out at a place (the one that is shown)."""
        console = self._console
        place = place or console.place
        row = console.row_at(place)
        found = {"right"} if place == "clauses" or console.chosen_finding() else set()
        found |= console.detail.possible if place == "detail" else {"picture"} if place == "queue" else set()
        return found | (possible_now(row, console.now()) if row and console.seen.connected else set())

    async def told(self, draft: int) -> Mapping[str, DisplayText]:
        """Why this operator cannot do what with a draft, in the daemon's own words, by the names of the commands. Nothing from a daemon that
        answers no such question."""
        try:
            answer = await self._console.link.ask(WhyNot(draft=draft), patience=1)
        except LinkDown:
            return {}
        return {each.act: either(each.why, each.why_en) for each in answer.reasons} if isinstance(answer, NotNow) else {}

    async def refused(self, command: str, row: QueueRow) -> bool:
        """Whether the daemon says that this cannot be done with a draft: then why, and the next step, are said before anything is asked.
        Where it does not say so the act is asked for as usual, and its answer tells."""
        if not self._console.seen.connected:
            self._console.notice(tell("notice.no_link_act"), "warn")
            return True
        # A row that is older than the connection may say what somebody else could do.
        if command in possible_now(row, self._console.now()) and self._console.link.welcome is self._read_as:
            return False
        why = (await self.told(row.id)).get(command)
        if why is not None:
            self._console.notice(why + _next_step(row), "warn")
        return why is not None

    def refuses(self, command: Command) -> bool:
        """Whether a command is none of this screen, or a manager's where whoever sits here is none: then that is said, with what to do."""
        console = self._console
        if command.places and console.place not in command.places:
            console.notice(elsewhere(command), "warn")
            return True
        welcome = console.link.welcome
        if command.name not in MANAGERS or welcome is None or welcome.role == "manager":
            return False
        if command.name in console.places.possible_at(console.place):  # the second person of a resume
            return False
        console.notice(tell("notice.managers", command=tell(f"command.{command.name}")), "warn")
        return True


def _next_step(row: QueueRow) -> DisplayText:
    """What is to be done instead: what the draft waits for, and of whom; else what can be done with it."""
    if row.waiting:
        first = row.waiting[0]
        words = tell("notice.next_waits", what=either(first.what, first.what_en), who=DisplayText.of(whom(first)))
        return words if first.who else tell("notice.next_is", what=either(first.what, first.what_en))
    can = [by_command(name) for name in HINTS["queue"] if name in row.can]
    acts = "  ".join(f"{key_word(keys_of(each)[0]).plain} {tell(f'command.{each.name}').plain}" for each in can)
    return tell("notice.next_can", acts=DisplayText.of(acts)) if acts else DisplayText("")
