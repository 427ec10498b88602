"""The page behind `?`: the keys of the screen that it was called from, what each does, and of those that cannot be used now, why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from console.text import DisplayText
from console.tui.allowed import MANAGERS
from console.tui.commands import COMMANDS, HINTS, Command, Place, fold, keys_of
from console.tui.hints import ASKED, key_word
from console.tui.lines import LineList, Lines
from console.tui.part import Part
from console.tui.sheets import blank, line
from console.tui.tell import SPACE, tell
from console.tui.views import PairView

if TYPE_CHECKING:
    from console.tui.app import Console

_KEY, _COMMAND = 12, 14
_DRAFTS: tuple[Place, ...] = ("queue", "detail")
_OF_DRAFTS = frozenset(each.name for each in COMMANDS if each.sort in ("verb", "release") and set(each.places) & set(_DRAFTS))
"""The verbs about a draft: why one of them cannot be carried out now, only the daemon can say."""


class Entry(NamedTuple):
    """A line: a command and why it cannot be used now (empty: it can), or, without a command, the heading of a section."""

    command: Command | None
    words: DisplayText


class KeysPage:
    """The list, and the chosen key beside it in full."""

    def __init__(self, console: Console) -> None:
        self.list = LineList("lines-help")
        self.list.chosen = self._chosen
        self.view = PairView("help", self.list)
        self.view.add_class("brief")
        self.wanted = ""
        self._console = console
        self._entries: tuple[Entry, ...] = ()
        self._stood = (False, "")

    async def open(self) -> None:
        """Show the keys of the screen behind this page; a draft's are asked about."""
        await self._read(anew=True)

    def paint(self) -> None:
        """Where the office has been stopped since, or the line has broken or come back, other keys can be used now."""
        if self._stood != self._standing():
            self._console.spawn(self._read(anew=False))

    def _standing(self) -> tuple[bool, str]:
        return self._console.seen.connected, self._console.seen.condition

    async def _read(self, *, anew: bool) -> None:
        console = self._console
        self._stood = self._standing()
        place = console.places.before or "queue"
        self._entries = tuple(self._found(place, await self._told(place)))
        name = tell(f"place.{place}")
        words = tell("help.heading", place=name, count=sum(each.command is not None for each in self._entries))
        parts = [Part(words, "strong")]
        if self.wanted:
            parts += [Part(SPACE), Part(tell("queue.chip", what=DisplayText.of(self.wanted)), "mark")]
        self.view.heading.show(parts)
        first = next((n for n, each in enumerate(self._entries) if each.command is not None), 0)
        # The cursor as it stands now: it may have moved while the daemon was asked.
        self.list.show(Lines([_line(each) for each in self._entries]), first if anew else self.list.cursor)

    async def _told(self, place: Place) -> Mapping[str, DisplayText]:
        """What the daemon says of the draft that is chosen there."""
        row = self._console.row_at(place) if place in _DRAFTS else None
        return await self._console.allowed.told(row.id) if row is not None else {}

    def _found(self, place: Place, told: Mapping[str, DisplayText]) -> Iterator[Entry]:
        """This screen's own keys in the order of the last row, then those of every screen; of other screens what is searched for."""
        known = [each for each in COMMANDS if keys_of(each) or each.aliases]
        own = sorted((each for each in known if place in each.places), key=lambda each: _rank(each, place))
        general = [each for each in known if not each.places]
        for title, commands in (("here", own), ("everywhere", general)):
            met = [each for each in commands if self._meets(each)]
            if met:
                yield Entry(None, tell(f"help.{title}"))
            for each in met:
                yield Entry(each, self._why_not(each, place, told))
        if self.wanted:
            others = [each for each in known if each.places and place not in each.places and self._meets(each)]
            if others:
                yield Entry(None, tell("help.elsewhere"))
            for each in others:
                yield Entry(each, tell("why_not.place", place=tell(f"place.{each.places[0]}")))

    def _meets(self, command: Command) -> bool:
        return fold(self.wanted) in key_text(command)

    def _why_not(self, command: Command, place: Place, told: Mapping[str, DisplayText]) -> DisplayText:
        """Why a command cannot be used there now; empty where it can, or nobody says."""
        console, nothing = self._console, DisplayText("")
        if command.sort == "release" and console.seen.condition != "running":
            return tell("why_not.stopped")
        if command.name not in ASKED or not command.places or command.name in console.places.possible_at(place):
            return nothing
        if not console.seen.connected:
            return tell("why_not.no_link")
        if place in _DRAFTS and console.row_at(place) is None:
            return tell("why_not.no_draft")
        if place in _DRAFTS and command.name in _OF_DRAFTS:
            return told.get(command.name, nothing)
        if command.name == "endorse" and place in _DRAFTS:
            return nothing  # it asks what there is to endorse
        if console.link.welcome is not None and console.link.welcome.role == "viewer":
            return tell("why_not.viewer")
        if command.name in MANAGERS and console.link.welcome is not None and console.link.welcome.role != "manager":
            return tell("why_not.manager")
        return tell("why_not.not_now")

    def _chosen(self) -> None:
        """The chosen key in full: what it does, its names on the `:` line, why not now."""
        if self.list.cursor >= len(self._entries):
            return
        command, words = self._entries[self.list.cursor]
        if command is None:
            self.view.right.show([], top=True)
            return
        parts = line(Part(_keys(command), "strong"), Part(tell(f"command.{command.name}"), "strong"))
        parts += line(tell(f"help.{command.name}"))
        if words:
            parts += line(Part(tell("help.not_now"), "warn"), words)
        if command.aliases:
            names = "  ".join(f":{alias}" for alias in command.aliases)
            parts += [*blank(), *line(Part(tell("help.typed"), "dim"), DisplayText.of(names))]
        parts += line(Part(tell("help.id"), "dim"), DisplayText.of(command.name))
        self.view.right.show(parts, top=True)


def _rank(command: Command, place: Place) -> int:
    order = HINTS[place]
    return order.index(command.name) if command.name in order else len(order)


def _keys(command: Command) -> DisplayText:
    return DisplayText.of(" ".join(key_word(key).plain for key in keys_of(command)))


def _line(entry: Entry) -> list[Part]:
    command, words = entry
    if command is None:
        return [Part(words, "head")]
    name, helped = tell(f"command.{command.name}"), tell(f"help.{command.name}")
    if not words:
        return [Part(_keys(command), "strong", _KEY), Part(SPACE), Part(name, "plain", _COMMAND), Part(SPACE), Part(helped)]
    why = tell("help.why", why=words)
    return [Part(_keys(command), "dim", _KEY), Part(SPACE), Part(name, "dim", _COMMAND), Part(SPACE), Part(why, "dim")]


def key_text(command: Command) -> str:
    """Everything on a command's line of the page of keys, folded, to be searched."""
    words = (tell(f"command.{command.name}").plain, tell(f"help.{command.name}").plain)
    return fold(" ".join((*words, *command.aliases, *keys_of(command))))
