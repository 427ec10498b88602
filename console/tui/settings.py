"""Screen 0, 設定: the rules files with what is wrong in them, line by line; what the desk has added to them for a while; the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from console.link import LinkDown
from console.text import DisplayText
from console.tui.hints import key_word
from console.tui.lines import LineList, Lines
from console.tui.overriding import overrides
from console.tui.part import Part
from console.tui.sheets import blank, line
from console.tui.tell import SPACE, either, short_time, tell
from console.tui.views import PairView
from daemon.wire import Refusal, SpecialDaySeen
from daemon.wire.settings import ProblemSeen, RulesNow, RulesSeen

if TYPE_CHECKING:
    from console.tui.app import Console

_WHAT, _WHERE = 10, 26


class Own(NamedTuple):
    """The keys that somebody's own file gives a command."""

    command: str
    keys: tuple[str, ...]


Entry = ProblemSeen | SpecialDaySeen | DisplayText | Own | str
"""A mistake of the rules, an override, a mistake of one's own file of keys, a key of one's own, or a file of the rules."""


class Settings:
    """The list, and beside it the chosen line in full. `R` has the daemon look at the files now."""

    def __init__(self, console: Console) -> None:
        self.list = LineList("lines-settings")
        self.list.chosen = self._chosen
        self.view = PairView("settings", self.list)
        self.view.add_class("brief")
        self._console = console
        self._rules: RulesSeen | None = None
        self._entries: tuple[Entry, ...] = ()

    @property
    def possible(self) -> set[str]:
        """The commands that would do something here."""
        me = self._console.link.welcome
        return {"remove_override"} if self.override() and me and me.role == "manager" else set()

    async def open(self) -> None:
        """Have the files looked at, and read what stands beside them. Raises LinkDown."""
        answer = await self._console.link.ask(RulesNow())
        if isinstance(answer, Refusal):
            self._console.refused(answer)
            return
        if not isinstance(answer, RulesSeen):
            raise LinkDown
        self._rules = answer
        keymap = self._console.keymap
        mine: list[Entry] = [*keymap.problems, *(Own(name, keys) for name, keys in keymap.added.items())]
        self._entries = (*answer.problems, *await overrides(self._console), *mine, *answer.files)
        self.list.show(Lines([_line(each) for each in self._entries]), self.list.cursor)
        errors = sum(each.error for each in answer.problems)
        counts = {"errors": errors, "warnings": len(answer.problems) - errors}
        words = tell("settings.in_force" if answer.in_force else "settings.not_in_force" if errors else "settings.soon", **counts)
        looked = tell("settings.looked", at=short_time(answer.looked, self._console.now()))
        self.view.heading.show([Part(words, "strong" if answer.in_force else "alert"), Part(SPACE), Part(looked, "dim")])
        self._chosen()

    def override(self) -> SpecialDaySeen | None:
        """The override under the cursor."""
        one = self._entries[self.list.cursor] if self.list.cursor < len(self._entries) else None
        return one if isinstance(one, SpecialDaySeen) else None

    def _own_sheet(self, one: DisplayText | Own) -> list[Part]:
        """A line of one's own file of keys, and where that lies."""
        words = Part(one, "warn") if isinstance(one, DisplayText) else Part(tell("settings.key_added"))
        file = DisplayText.of(str(self._console.keymap.file or ""))
        return [*line(words), *line(Part(tell("settings.key_file"), "dim"), file), *line(Part(tell("settings.key_how"), "dim"))]

    def _chosen(self) -> None:
        if self._rules is not None and self.list.cursor < len(self._entries):
            one = self._entries[self.list.cursor]
            parts = self._own_sheet(one) if isinstance(one, DisplayText | Own) else _sheet(one, self._rules)
            self.view.right.show(parts, top=True)
            self._console.look_at_draft()


def _line(one: Entry) -> list[Part]:
    if isinstance(one, ProblemSeen):
        what = Part(tell("settings.error" if one.error else "settings.warning"), "alert" if one.error else "warn", _WHAT)
        where = DisplayText.of(f"{one.file}:{one.line}")
        return [what, Part(SPACE), Part(where, "plain", _WHERE), Part(SPACE), Part(either(one.message, one.message_en))]
    if isinstance(one, SpecialDaySeen):
        what = Part(tell("settings.override"), "live", _WHAT)
        said = tell(f"recorded.add_{one.what}") + DisplayText.of(f" {_days(one)}")
        return [what, Part(SPACE), Part(said, "plain", _WHERE), Part(SPACE), Part(DisplayText.of(one.reason))]
    if isinstance(one, DisplayText):
        return [Part(tell("settings.warning"), "warn", _WHAT), Part(SPACE), Part(one)]
    if isinstance(one, Own):
        keys = DisplayText.of(" ".join(key_word(key).plain for key in one.keys))
        return [
            Part(tell("settings.key"), "dim", _WHAT),
            Part(SPACE),
            Part(keys, "plain", _WHERE),
            Part(SPACE),
            Part(tell(f"command.{one.command}")),
        ]
    return [Part(tell("settings.file"), "dim", _WHAT), Part(SPACE), Part(DisplayText.of(one))]


def _sheet(one: ProblemSeen | SpecialDaySeen | str, rules: RulesSeen) -> list[Part]:
    if isinstance(one, ProblemSeen):
        parts = line(Part(DisplayText.of(f"{one.file}:{one.line}"), "strong"))
        parts += line(Part(either(one.message, one.message_en), "alert" if one.error else "warn"))
        said = "settings.last_good" if one.error else "settings.stands"
        return [*parts, *blank(), *line(Part(tell(said, since=short_time(rules.since)), "dim"))]
    if isinstance(one, SpecialDaySeen):
        return _override_sheet(one)
    parts = line(Part(DisplayText.of(one), "strong"))
    parts += line(tell("settings.how"))
    return [*parts, *line(Part(tell("settings.since", since=short_time(rules.since), hash=rules.hash[7:19]), "dim"))]


def _override_sheet(one: SpecialDaySeen) -> list[Part]:
    said = {
        "what": tell(f"recorded.add_{one.what}") + DisplayText.of(f" {one.id}"),
        "days": DisplayText.of(f"{_days(one)} {one.open}{'~' if one.open else ''}{one.close}".strip()),
        "accounts": DisplayText.of(" ".join(one.accounts)) if one.accounts else tell("calendar.everybody"),
        "reason": DisplayText.of(one.reason),
        "clause": DisplayText.of(one.clause or "-"),
        "by": DisplayText.of(one.author),
        "until": DisplayText.of(one.until.isoformat() if one.until else "-"),
    }
    parts = [part for key, value in said.items() for part in line(Part(tell(f"settings.{key}"), "dim", 14), value)]
    return [*parts, *line(Part(tell("settings.remove"), "good"))]


def _days(one: SpecialDaySeen) -> str:
    if one.first is None:
        return "-"
    last = one.last or one.first
    return f"{one.first:%m/%d}" if last == one.first else f"{one.first:%m/%d}~{last:%m/%d}"
