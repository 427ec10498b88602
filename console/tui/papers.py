"""The other sheets: the release card, the stop with its way back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from console.text import DisplayText
from console.tui.guard import guard_of
from console.tui.ink import Ink
from console.tui.office import OfficeSeen
from console.tui.part import Part
from console.tui.sheets import badges, blank, headline, line, remaining
from console.tui.tell import NEWLINE, TOKYO, either, short_time, tell
from console.words import choose_each, word
from daemon.wire import AccountStatus, StopSeen, StopState, Taken


def card_sheet(card: Taken, account: AccountStatus | None, now: datetime, *, stopped: bool, edited: bool) -> list[Part]:
    """The card: where the text goes, the text, what to check, how long the lease still runs."""
    text = DisplayText.of(card.text, block=True)
    left = tell("card.lease", left=remaining(card.lease_until, now), until=short_time(card.lease_until, now))
    over = card.lease_until <= now
    parts = line(Part(tell("card.over") if over else left, "alert" if over else "live"))
    if stopped:
        parts += line(Part(tell("card.stopped"), "stopped"))
    if edited:
        parts += line(Part(tell("card.edited"), "alert"))
    parts += [*blank(), *headline(tell("card.where"))]
    where = DisplayText.of(f"{word('platform', card.platform)}  {card.handle}  {card.name}")
    parts += line(*(guard_of(account) or [Part(where, "strong")]))
    if account is not None:
        parts += line(Part(DisplayText.of(account.url), "dim"))
    parts += [*blank(), *headline(tell("card.text")), Part(text), Part(NEWLINE)]
    parts += [*badges(text), *blank(), *headline(tell("card.checklist"))]
    for item in choose_each(card.checklist, card.checklist_en):
        parts += line(DisplayText("[ ]"), DisplayText.of(item))
    for image in card.images:
        parts += line(DisplayText("[ ]"), tell("card.image", file=DisplayText.of(image)))
    if card.folder:
        parts += [*blank(), *headline(tell("card.folder")), *line(DisplayText.of(card.folder))]
    return [*parts, *blank(), *line(Part(tell("card.next"), "strong"))]


def stop_sheet(seen: OfficeSeen, code: StopState | None, now: datetime) -> list[Part]:
    """The stop: is it, why, by whom, what was in flight; and how it is resumed, for the one who may."""
    if seen.condition == "running" and not seen.scopes:
        now_running = line(Part(tell("stop.drill"), "unknown")) if seen.drilling else line(Part(tell("stop.running"), "good"))
        return [*now_running, *blank(), *line(tell("stop.how")), *line(tell("stop.how_cli")), *_duties(seen)]
    if seen.condition == "unknown":
        phone = line(Part(tell("stop.phone", phone=DisplayText.of(seen.phone)), "strong")) if seen.phone else []
        how = [*line(tell("stop.how")), *line(tell("stop.how_cli"))]
        return [*line(Part(tell("stop.unknown"), "unknown")), *blank(), *phone, *how]
    parts = line(Part(tell("stop.stopped" if seen.condition == "stopped" else "stop.partly"), "stopped"))
    if seen.condition == "stopped":
        parts += line(Part(tell("stop.why"), "dim", 12), either(seen.why, seen.why_en))
    parts += [
        *_stops(seen, now),
        *_confirmation(seen),
        *blank(),
        *_in_flight(seen),
        *_measures(seen.gate),
        *blank(),
        *headline(tell("stop.resume")),
    ]
    return [*parts, *_way_back(seen, code, now)]


def _stops(seen: OfficeSeen, now: datetime) -> list[Part]:
    """Who stopped what, when and why: that of everything in full, those of parts in a line each. A reason that was left out is said to be
    missing; where nobody can say, nothing is."""
    whole = seen.condition == "stopped"
    main = next((each for each in seen.stops if not whole or each.scope == "all"), None)
    by = seen.by if whole else seen.person(main.by) if main else ""
    since = seen.since if whole else main.at if main else None
    parts = line(Part(tell("stop.by"), "dim", 12), DisplayText.of(by)) if by else []
    if since is not None:
        parts += line(Part(tell("stop.since"), "dim", 12), short_time(since, now))
    scopes = ("all",) if whole else (main.scope,) if main else seen.scopes
    parts += line(Part(tell("stop.scopes"), "dim", 12), _named(scopes))
    if main is not None:
        parts += line(Part(tell("stop.reason"), "dim", 12), _reason(main))
    for each in seen.stops:
        if each is not main:
            who = DisplayText.of(seen.person(each.by))
            parts += line(
                Part(tell("stop.besides"), "dim", 12), _named((each.scope,)), who, short_time(each.at, now), _reason(each)
            )
    silent = [scope for scope in seen.scopes if scope not in (*scopes, *(each.scope for each in seen.stops))]
    return [*parts, *(line(Part(tell("stop.besides"), "dim", 12), _named(silent)) if silent else [])]


def _reason(stop: StopSeen) -> Part:
    return Part(DisplayText.of(stop.reason), "strong") if stop.reason else Part(tell("stop.no_reason"), "dim")


def _named(scopes: Sequence[str]) -> DisplayText:
    return DisplayText.of(" ".join(word("scope", scope) for scope in scopes))


def _duties(seen: OfficeSeen) -> list[Part]:
    """When the next drill of the stop is due."""
    parts: list[Part] = []
    for duty in seen.status.duties if seen.status else ():
        if duty.id != "drill" or duty.due is None:
            continue
        day = DisplayText.of(f"{duty.due.astimezone(TOKYO):%Y-%m-%d}")
        words = tell("stop.overdue" if duty.overdue else "stop.due", title=either(duty.title, duty.title_en), due=day)
        parts += line(Part(words, "alert" if duty.overdue else "dim"))
    return [*blank(), *parts] if parts else []


def _confirmation(seen: OfficeSeen) -> list[Part]:
    """Whether a manager has confirmed the stop: it is a stop all the same."""
    gate = seen.gate
    if gate is None:
        return []
    if gate.unconfirmed:
        scopes = DisplayText.of(" ".join(word("scope", scope) for scope in gate.unconfirmed))
        return line(Part(tell("stop.confirmed"), "dim", 12), Part(tell("stop.provisional", scopes=scopes), "warn"))
    who = DisplayText.of(seen.person(gate.confirmed_by))
    return line(Part(tell("stop.confirmed"), "dim", 12), who) if gate.confirmed_by else []


def _way_back(seen: OfficeSeen, code: StopState | None, now: datetime) -> list[Part]:
    """How it is resumed, for the one who may."""
    if not seen.connected:
        return line(Part(needs_daemon(seen), "warn"))
    parts: list[Part] = []
    if code is not None and code.asked is not None:
        asked = code.asked
        by, reason = DisplayText.of(seen.person(asked.by)), DisplayText.of(asked.reason)
        parts += line(Part(tell("stop.asked", by=by, until=short_time(asked.until, now)), "warn"))
        parts += line(Part(tell("stop.asked_why"), "dim", 12), reason)
    if code is None or not code.code:
        return [*parts, *line(tell("stop.wait_second" if parts else "stop.manager_only"))]
    if seen.condition == "stopped":
        parts += line(tell("stop.held", count=code.held))
        if code.passed:
            parts += line(Part(tell("stop.passed", count=code.passed), "warn"))
        parts += blank()
    parts += [*line(tell("stop.code"), Part(DisplayText.of(code.code), "mark")), *line(tell("stop.enter"))]
    return [*parts, *line(tell("stop.narrow")), *_would_hold(code, now)] if seen.condition == "stopped" else parts


def needs_daemon(seen: OfficeSeen) -> DisplayText:
    """That there is no resume without a daemon; what starts it, where none runs."""
    return tell("stop.needs_daemon_started", command=DisplayText.of(seen.start)) if seen.start else tell("stop.needs_daemon")


def _would_hold(code: StopState, now: datetime) -> list[Part]:
    """What comes back held, by name: whoever resumes decides about these afterwards, one by one."""
    parts: list[Part] = [*blank(), *headline(tell("stop.would_hold"))] if code.would_hold else []
    for one in code.would_hold:
        at = Part(short_time(one.at, now) if one.at else DisplayText("-"), "alert" if one.at and one.at <= now else "dim", 16)
        number = Part(DisplayText(f"#{one.draft}"), "plain", 7)
        parts += line(number, at, Part(DisplayText.of(one.account), "plain", 17), DisplayText.of(one.title, limit=40))
    if code.held > len(code.would_hold) > 0:
        parts += line(Part(tell("stop.more_held", count=code.held - len(code.would_hold)), "dim"))
    return parts


_OUTCOME_INK: dict[str, Ink] = {"released": "dim", "prevented": "good", "unknown": "unknown"}


def _measures(gate: StopState | None) -> list[Part]:
    """What people have in hand about comments: they are to be asked."""
    parts: list[Part] = []
    for one in gate.measures if gate else ():
        who, account = DisplayText.of(one.name or one.holder), DisplayText.of(one.account)
        parts += line(Part(tell("stop.measure", number=one.measure, account=account, who=who), "unknown"))
    return parts


def _in_flight(seen: OfficeSeen) -> list[Part]:
    flights = seen.in_flight
    parts = headline(tell("stop.in_flight"))
    if not flights:
        return [*parts, *line(tell("stop.none_in_flight"))]
    for flight in flights:
        outcome = Part(tell(f"outcome.{flight.outcome}"), _OUTCOME_INK[flight.outcome])
        title = DisplayText.of(flight.title[:40])
        parts += line(
            DisplayText(f"#{flight.draft}"), outcome, title, tell("stop.holder", who=DisplayText.of(seen.person(flight.holder)))
        )
    return parts
