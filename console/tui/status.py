"""The first row of every screen: running or stopped, which office, open or closed, how much is waiting, who I am."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from textual.widget import Widget

from console.text import DisplayText, cells, fit
from console.tui.identity import terminal_part
from console.tui.ink import Ink
from console.tui.office import OfficeSeen
from console.tui.paint import Part, Strip, strip
from console.tui.tell import SPACE, either, short_time, tell
from daemon.wire import AccountHere, AccountStatus, StatusAnswer, Welcome

COUNTED = ("to_fix", "waiting", "held", "unknown")
"""The states that ask somebody to do something."""

_FIRST = 40
_LEAST = 12
"""Columns of an alarm that the row begins at most, and the least with which it begins one, or the account's hours."""


def status_parts(
    seen: OfficeSeen,
    me: Welcome | None,
    account: AccountStatus | None,
    armed: bool,
    now: datetime,
    width: int,
    at: AccountHere | None = None,
) -> tuple[list[Part], Ink | None]:
    """The parts of the row, and the ink of the whole row where the state demands it."""
    if armed:
        return [Part(tell("status.armed_drill" if seen.drilling else "status.armed"))], "unknown"
    if seen.drilling:
        return [Part(tell("status.drill"))], "unknown"
    if seen.condition == "unknown":
        words = "status.silent" if seen.link == "silent" else "status.refused" if seen.link == "refused" else "status.lost"
        return [Part(tell(words if seen.status or seen.link != "connecting" else "status.connecting"))], "unknown"
    right = _me(me)
    room = width - _width(right) - 1
    left = _stopped(seen, now) if seen.condition == "stopped" else _running(seen, account, now, room, at)
    filled = [*left, Part(DisplayText(" " * max(0, room - _width(left))), "bar")]
    return [*_cut(filled, room), Part(SPACE, "bar"), *right], "stopped" if seen.condition == "stopped" else None


def _running(
    seen: OfficeSeen, account: AccountStatus | None, now: datetime, room: int, at: AccountHere | None = None
) -> list[Part]:
    """The office in order. What is wrong, and a terminal that only looks, stand before everything that may be cut; the account's hours,
    at the end, are said in short where there is no room for them, and the terminal and the office's name only where there is room for
    all."""
    assert seen.status is not None
    parts, counts, guards = _standing(seen.status.training, seen.scopes), _counts(seen.status), _guards(seen.status)
    parts += _countdown(seen.status, now, room - _width(parts))
    terminal = terminal_part(at, room - _width([*parts, *counts]))
    if terminal is not None and terminal.ink == "unknown":
        parts.append(terminal)
    if seen.lasting:
        parts.append(_wrong(seen, room - _width([*parts, *counts, *guards])))
    parts += counts
    if guards and (guards[0].ink == "stopped" or _width([*parts, *guards]) <= room):
        parts += guards
    if account is not None and room - _width(parts) >= _LEAST:
        hours = Part(_hours(account, now), "bar")
        parts.append(hours if _width([*parts, hours]) <= room else Part(_hours_in_short(account), "bar"))
    if terminal is not None and terminal.ink != "unknown" and _width([*parts, terminal]) <= room:
        parts.append(terminal)
    office = DisplayText.of(seen.status.office) + DisplayText("  ")
    if _width(parts) + cells(office.plain) <= room:
        parts.insert(2, Part(office, "bar"))
    return parts


def _countdown(status: StatusAnswer, now: datetime, room: int) -> list[Part]:
    """The next release that cannot be taken back, and how to halt it: on every screen, before everything else."""
    if not status.countdowns:
        return []
    first = status.countdowns[0]
    left = max(0, int((first.begins_at - now).total_seconds()))
    values = {"left": f"{left}", "draft": f"#{first.draft}", "name": DisplayText.of(first.name)}
    long = Part(tell("status.countdown", **values), "stopped")
    return [long if _width([long]) <= room else Part(tell("status.countdown_short", **values), "stopped")]


def _wrong(seen: OfficeSeen, room: int) -> Part:
    """What is wrong, and the key that shows it in full: `room` decides whether its first sentence is begun here."""
    broken = seen.status is not None and seen.status.problems
    what = tell("status.rules_broken") if broken else tell("status.alarms", count=len(seen.lasting))
    first = tell("status.last_good") if broken else DisplayText.of(seen.lasting[0])
    short = tell("status.wrong_short", what=what)
    ink: Ink = "stopped" if seen.status is not None and seen.status.broken_sets else "unknown"
    left = min(_FIRST, room - cells(short.plain) - 2)
    if left < _LEAST:
        return Part(short, ink)
    return Part(tell("status.wrong", what=what, first=DisplayText.of(fit(first.plain, left).rstrip())), ink)


def _standing(training: bool, scopes: tuple[str, ...]) -> list[Part]:
    parts = [
        Part(tell("status.running"), "bargood"),
        Part(tell("status.training") if training else tell("status.real"), "bar" if training else "stopped"),
    ]
    if scopes:
        parts.append(Part(tell("status.partly", scopes=DisplayText.of(" ".join(scopes))), "stopped"))
    return parts


def _hours(account: AccountStatus, now: datetime) -> DisplayText:
    """Open or closed, and the next change; 規定なし where no clause has hours."""
    name = DisplayText.of(account.id)
    if account.open and account.next_close is not None:
        return tell("status.open_until", account=name, at=short_time(account.next_close, now))
    if account.open:
        return tell("status.open", account=name, reason=either(account.reason, account.reason_en))
    if account.next_open is not None:
        return tell("status.closed_until", account=name, at=short_time(account.next_open, now))
    return tell("status.closed", account=name, reason=either(account.reason, account.reason_en))


def _hours_in_short(account: AccountStatus) -> DisplayText:
    return tell("status.open_short" if account.open else "status.closed_short", account=DisplayText.of(account.id))


def _counts(status: StatusAnswer) -> list[Part]:
    counts = {state: status.queue.get(state, 0) for state in COUNTED}
    return [
        Part(tell(f"status.count_{state}", count=count), "unknown" if state == "unknown" else "bar")
        for state, count in counts.items()
        if count or state in ("to_fix", "waiting")
    ]


def _guards(status: StatusAnswer) -> list[Part]:
    """番人 n/n: how many canaries answered."""
    if not status.guards or not status.guards[1]:
        return []
    answered, count = status.guards
    return [Part(tell("status.guards", answered=answered, count=count), "bar" if answered == count else "stopped")]


def _stopped(seen: OfficeSeen, now: datetime) -> list[Part]:
    parts = [Part(tell("status.stopped"))]
    if seen.since is not None:
        parts.append(Part(tell("status.stopped_since", at=short_time(seen.since, now))))
    if seen.by:
        parts.append(Part(tell("status.stopped_by", who=DisplayText.of(seen.by))))
    if not seen.connected:
        parts.append(Part(tell("status.stopped_lost")))
    elif seen.lasting:
        parts.append(_wrong(seen, 0))
    return parts


def _me(me: Welcome | None) -> list[Part]:
    if me is None:
        return []
    return [Part(tell("status.me", name=DisplayText.of(me.name), role=tell(f"role.{me.role}")), "bar")]


def _width(parts: list[Part]) -> int:
    return sum(part.width or cells(part.text.plain) for part in parts)


def _cut(parts: list[Part], room: int) -> list[Part]:
    """The parts in `room` cells; the last that fits in part is cut."""
    kept: list[Part] = []
    for part in parts:
        size = cells(part.text.plain)
        if size >= room:
            return [*kept, Part(DisplayText(fit(part.text.plain, room)), part.ink)] if room > 0 else kept
        kept.append(part)
        room -= size
    return kept


class StatusBar(Widget, can_focus=False):
    """The row as a widget: one line, repainted without a layout."""

    DEFAULT_CSS = "StatusBar { height: 1; }"

    def __init__(self, seen: OfficeSeen) -> None:
        super().__init__(id="status")
        self._seen = seen
        self.me: Welcome | None = None
        self.account: AccountStatus | None = None
        self.standing: Callable[[str], AccountHere | None] = lambda _: None
        """What our terminal means for an account."""
        self.armed = False
        self.now: datetime = datetime.fromtimestamp(0).astimezone()
        self._shown: tuple[list[Part], Ink | None] | None = None

    def update(self, now: datetime) -> None:
        """Look again at what is known, and repaint if it reads otherwise."""
        self.now = now
        parts = self._parts()
        if parts != self._shown:
            self._shown = parts
            self.refresh(layout=False)

    def _parts(self) -> tuple[list[Part], Ink | None]:
        at = self.standing(self.account.id) if self.account else None
        return status_parts(self._seen, self.me, self.account, self.armed, self.now, self.size.width, at)

    def render_line(self, y: int) -> Strip:
        """The row."""
        parts, over = self._parts()
        return strip(parts, self.size.width, over, rest="bar")
