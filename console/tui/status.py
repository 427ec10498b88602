"""What the first row of every screen says: running or stopped, 本番 or 訓練, what is wrong, how much waits, open or closed, who I am."""

from __future__ import annotations

from datetime import datetime

from console.text import DisplayText, cells, fit
from console.tui.at_terminal import terminal_part
from console.tui.ink import Ink
from console.tui.office import OfficeSeen
from console.tui.part import Part
from console.tui.slots import ALWAYS, Slot, fitted, slot
from console.tui.tell import TOKYO, either, short_time, tell
from console.words import word
from daemon.wire import AccountHere, AccountStatus, StatusAnswer, Welcome

COUNTED = ("to_fix", "waiting", "held", "unknown")
"""The states that ask somebody to do something."""

SLOW = 0.5
"""Seconds of an answer from which on the row says in words that the daemon is slow."""

_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
"""Milliseconds that a latency is told in, the next above: else the row would be repainted every second for nothing."""

_FIRST = 40
"""Columns of an alarm that the row begins at most."""
_SCOPE = 20
"""Columns up to which a part that is stopped is named in every terminal."""
_NAME = 10
"""Columns that a long name keeps in a narrow terminal."""

# The larger, the sooner a slot is left out. What is ALWAYS there: the state, 本番 or 訓練, a part that is stopped, a count-down, a terminal
# from which one only looks, that something is wrong, a canary that is silent, who has stopped everything and when, who I am.
_WORK, _FAULT, _HOURS, _GUARDS, _LATENCY, _OFFICE, _TERMINAL = range(1, 8)


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
        return _unknown(seen), "unknown"
    stopped = seen.condition == "stopped"
    left = _stopped(seen, account, now) if stopped else _running(seen, account, now, at)
    parts = fitted([*left, _me(me)], width - 1)
    if me is not None:  # who I am stands at the end, and never runs into what stands before it
        gap = width - sum(cells(part.text.plain) for part in parts)
        parts.insert(len(parts) - 1, Part(DisplayText(" " * max(1, gap)), "bar"))
    return parts, "stopped" if stopped else None


def _unknown(seen: OfficeSeen) -> list[Part]:
    """Nobody can say whether it is stopped; how to stop all the same."""
    words = "status.silent" if seen.link == "silent" else "status.refused" if seen.link == "refused" else "status.lost"
    parts = [Part(tell(words if seen.status or seen.link != "connecting" else "status.connecting"))]
    return [*parts, Part(tell("status.phone", phone=DisplayText.of(seen.phone)))] if seen.phone else parts


def _running(seen: OfficeSeen, account: AccountStatus | None, now: datetime, at: AccountHere | None) -> list[Slot]:
    """The office in order."""
    status = seen.status
    assert status is not None
    terminal = [part for room in (1000, 0) if (part := terminal_part(at, room)) is not None]
    only_looks = any(part.ink == "unknown" for part in terminal)
    return [
        slot(ALWAYS, Part(tell("status.running"), "bargood")),
        slot(_OFFICE, Part(DisplayText.of(status.office) + DisplayText(" "), "bar")),
        _reality(status),
        _partly(seen.scopes),
        *_countdown(status, now),
        slot(ALWAYS, *(terminal if only_looks else ())),
        *_wrong(seen),
        *_counts(status),
        _guards(status),
        _hours(status, account, now),
        _latency(seen),
        slot(_TERMINAL, *(terminal if not only_looks else ())),
    ]


def _stopped(seen: OfficeSeen, account: AccountStatus | None, now: datetime) -> list[Slot]:
    """The office stopped: since when, by whom, and what still goes on. With the daemon gone, only what the gate itself shows."""
    slots = [slot(ALWAYS, Part(tell("status.stopped")))]
    if seen.status is not None:
        slots.append(_reality(seen.status))
    slots.append(_since(seen, now))
    if not seen.connected or seen.status is None:
        return [*slots, slot(ALWAYS, Part(tell("status.stopped_lost")))]
    work = [*_counts(seen.status), _guards(seen.status)]
    return [*slots, *_wrong(seen), *work, _hours(seen.status, account, now), _latency(seen)]


def _since(seen: OfficeSeen, now: datetime) -> Slot:
    """Since when everything is stopped, and by whom: whoever comes to the screen asks that first."""
    if seen.since is None:
        return slot(ALWAYS, *((Part(tell("status.stopped_by", who=DisplayText.of(seen.by))),) if seen.by else ()))
    at, short = short_time(seen.since, now), _change(seen.since, now)
    names = [seen.by, fit(seen.by, _NAME).rstrip()] if seen.by else [""]
    forms = [tell("status.stopped_since", at=at, who=DisplayText.of(names[0]))]
    forms += [tell("status.stopped_at", at=short, who=DisplayText.of(name)) for name in names]
    return slot(ALWAYS, *(Part(form) for form in forms))


def _reality(status: StatusAnswer) -> Slot:
    """本番 or 訓練: which of the two stands here decides what a mistake costs."""
    return slot(ALWAYS, Part(tell("status.training"), "bar") if status.training else Part(tell("status.real"), "stopped"))


def _partly(scopes: tuple[str, ...]) -> Slot:
    """What is stopped while the rest goes on."""
    if not scopes:
        return slot(ALWAYS)
    named = [word("scope", each) for each in scopes]
    forms = [" ".join(named), f"{named[0]} +{len(named) - 1}" if len(named) > 1 else named[0]]
    shown = [Part(tell("status.partly", scopes=DisplayText.of(each)), "stopped") for each in forms]
    if cells(forms[-1]) > _SCOPE:  # what is stopped is named as long as that is possible at all
        shown.append(Part(tell("status.partly_short", count=len(scopes)), "stopped"))
    return slot(ALWAYS, *shown)


def _countdown(status: StatusAnswer, now: datetime) -> list[Slot]:
    """The next release that cannot be taken back, and how to halt it: on every screen."""
    if not status.countdowns:
        return []
    first = status.countdowns[0]
    left = max(0, int((first.begins_at - now).total_seconds()))
    values = {"left": f"{left}", "draft": f"#{first.draft}", "name": DisplayText.of(first.name)}
    return [slot(ALWAYS, *(Part(tell(f"status.{key}", **values), "stopped") for key in ("countdown", "countdown_short")))]


def _wrong(seen: OfficeSeen) -> list[Slot]:
    """What is wrong, and the key that shows it in full; where there is room, its first sentence is begun here."""
    if not seen.lasting:
        return []
    status = seen.status
    broken = status is not None and status.problems
    what = tell("status.rules_broken") if broken else tell("status.alarms", count=len(seen.lasting))
    first = (tell("status.last_good") if broken else DisplayText.of(seen.lasting[0])).plain
    ink: Ink = "stopped" if status is not None and status.broken_sets else "unknown"
    begun = [Part(tell("status.wrong", what=what, first=DisplayText.of(fit(first, n).rstrip())), ink) for n in (_FIRST, 24, 12)]
    return [slot(ALWAYS, *begun, Part(tell("status.wrong_short", what=what), ink))]


def _counts(status: StatusAnswer) -> list[Slot]:
    return [
        slot(
            _WORK,
            Part(tell(f"status.count_{state}", count=count), "unknown" if state == "unknown" else "bar"),
        )
        for state in COUNTED
        if (count := status.queue.get(state, 0)) or state in ("to_fix", "waiting")
    ]


def _guards(status: StatusAnswer) -> Slot:
    """番人 n/n: how many canaries answered."""
    if not status.guards or not status.guards[1]:
        return slot(_GUARDS)
    answered, count = status.guards
    awake = answered == count
    return slot(
        _GUARDS if awake else ALWAYS, Part(tell("status.guards", answered=answered, count=count), "bar" if awake else "stopped")
    )


def _hours(status: StatusAnswer, account: AccountStatus | None, now: datetime) -> Slot:
    """Open or closed, and the next change: of the account that the screen is about, else of all of them by number."""
    if account is None and len(status.accounts) == 1:
        account = status.accounts[0]
    if account is not None:
        return slot(_HOURS, *(Part(text, "bar") for text in _hours_of(account, now)))
    if not status.accounts:
        return slot(_HOURS)
    is_open = sum(each.open for each in status.accounts)
    changes = [at for each in status.accounts if (at := each.next_close if each.open else each.next_open) is not None]
    counts = {"open": is_open, "closed": len(status.accounts) - is_open}
    forms = [tell("status.hours_all_until", at=_change(min(changes), now), **counts)] if changes else []
    return slot(_HOURS, *(Part(text, "bar") for text in [*forms, tell("status.hours_all", **counts)]))


def _hours_of(account: AccountStatus, now: datetime) -> list[DisplayText]:
    name, word_ = DisplayText.of(account.id), "open" if account.open else "closed"
    change = account.next_close if account.open else account.next_open
    if change is None:
        because = tell(f"status.{word_}", account=name, reason=either(account.reason, account.reason_en))
        return [because, tell(f"status.{word_}_named", account=name), tell(f"status.{word_}_short")]
    at = _change(change, now)
    return [
        tell(f"status.{word_}_until", account=name, at=short_time(change, now)),
        tell(f"status.{word_}_at_named", account=name, at=at),
        tell(f"status.{word_}_at", at=at),
    ]


def _change(at: datetime, now: datetime) -> DisplayText:
    """The moment as shortly as it can be told: `17:15` today, else `11/24 9:00`."""
    local, here = at.astimezone(TOKYO), now.astimezone(TOKYO)
    clock = f"{local.hour}:{local:%M}"
    if local.date() == here.date():
        return DisplayText(clock)
    return DisplayText(f"{local.month}/{local.day} {clock}")


def _latency(seen: OfficeSeen) -> Slot:
    """How long the daemon took for its last answer; in words once it is slow."""
    took = seen.latency
    if took is None:
        return slot(_LATENCY)
    if took >= SLOW:
        return slot(_FAULT, Part(tell("status.slow", seconds=f"{took:.1f}"), "unknown"))
    ms = next(step for step in _STEPS if took * 1000 <= step)
    return slot(_LATENCY, Part(tell("status.latency", ms=ms), "bar"), Part(tell("status.latency_short", ms=ms), "bar"))


def _me(me: Welcome | None) -> Slot:
    if me is None:
        return slot(ALWAYS)
    name = DisplayText.of(me.name)
    forms = [tell("status.me", name=name, role=tell(f"role.{me.role}")), name + DisplayText(" ")]
    if cells(name.plain) > _NAME:
        forms.append(DisplayText.of(fit(name.plain, _NAME).rstrip() + " "))
    return slot(ALWAYS, *(Part(text, "bar") for text in forms))
