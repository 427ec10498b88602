"""How a draft looks as one line: account, state, verdict, title, for whom it waits, since when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

from console.text import DisplayText, cells
from console.tui.ink import Ink
from console.tui.part import Part
from console.tui.tell import SPACE, TOKYO, short_time, tell
from console.whom import whom
from console.words import choose_each
from console.words.marks import titled
from daemon.wire import QueueRow

_PICKED = DisplayText("+")
WIDE = 108
"""Columns from which the list shows clauses too."""

STATE_INK: dict[str, Ink] = {
    "to_fix": "alert",
    "waiting": "strong",
    "approved": "good",
    "scheduled": "good",
    "releasing": "live",
    "released": "dim",
    "held": "warn",
    "returned": "warn",
    "withdrawn": "dim",
    "expired": "dim",
    "unknown": "unknown",
}
VERDICT_INK: dict[str, Ink] = {"block": "alert", "hold": "warn", "warn": "warn", "info": "dim", "pass": "good"}
_NAMED = 14
"""Characters of its title by which a confirmation names a draft."""

STATES = ("received", *STATE_INK)


def state_word(state: str) -> DisplayText:
    """The state in the office's words; a state that this console does not know stays as the daemon wrote it."""
    return tell(f"state.{state}") if state in STATES else DisplayText.of(state)


def verdict_word(verdict: str) -> DisplayText:
    """The verdict in the office's words."""
    return tell(f"verdict.{verdict}") if verdict in VERDICT_INK else DisplayText.of(verdict)


def columns(width: int) -> tuple[int, int, int, int, int, int, int]:
    """Widths of account, state, verdict, title, clauses, waiting for, since. The title takes what is left."""
    account, clauses, waiting, since = (15, 18, 22, 5) if width >= WIDE else (14, 0, 13, 5)
    fixed = account + 8 + 8 + clauses + waiting + since + (6 if clauses else 5)
    return account, 8, 8, max(12, width - fixed), clauses, waiting, since


@lru_cache(maxsize=8)
def columns_named(width: int) -> tuple[Part, ...]:
    """The line above the list."""
    keys = ("account", "state", "verdict", "title", "clauses", "waiting", "since")
    return tuple(_cells([(tell(f"column.{key}"), "head") for key in keys], width))


def draft_line(
    row: QueueRow, width: int, now: datetime, *, picked: bool = False, runs_out: DisplayText | None = None
) -> list[Part]:
    """One draft in columns; one that is tagged has its mark behind the account. What runs out on it stands where it says for whom it waits."""
    parts = _cells(
        [
            (DisplayText.of(row.account), "plain"),
            (state_word(row.state), STATE_INK.get(row.state, "plain")),
            (verdict_word(row.verdict), VERDICT_INK.get(row.verdict, "plain")),
            (title(row), "plain"),
            (DisplayText.of(" ".join(row.clauses)), "dim"),
            (runs_out, "live") if runs_out else (_short(waits_for(row, now), columns(width)[5]), "plain"),
            (since(row.since, now), "dim"),
        ],
        width,
    )
    return [parts[0], Part(_PICKED, "mark"), *parts[2:]] if picked else parts


def title(row: QueueRow) -> DisplayText:
    """The head of the text; the file's name where there is no text."""
    marks = "".join(f"[{mark}]" for mark in choose_each(row.marks, row.marks_en))
    return DisplayText.of(f"{marks}{row.title.strip() or file_name(row)}", limit=120)


def file_name(row: QueueRow) -> str:
    """The file's name, without the folders that the account's column says already."""
    return row.path.rpartition("/")[2]


def named(row: QueueRow) -> DisplayText:
    """How a confirmation names a draft: number and the head of its title."""
    return DisplayText.of(titled(f"#{row.id}", (row.title.strip() or file_name(row))[:_NAMED]))


def waits_for(row: QueueRow, now: datetime) -> DisplayText:
    """Whom or what the draft waits for, in a few words."""
    if row.state == "scheduled" and row.release_at is not None:
        return short_time(row.release_at, now)
    if row.claimed_by:
        return tell("queue.claimed", who=DisplayText.of(row.claimed_name or row.claimed_by))
    if row.watching:
        others = len(row.watching) - 1
        first = tell("queue.watching", who=DisplayText.of(row.watching[0]))
        return first if not others else tell("queue.and_others", who=first, count=others)
    if not row.waiting:
        return DisplayText("")
    who = list(dict.fromkeys(whom(line) for line in row.waiting if line.who)) or [row.waiting[0].what]
    first = DisplayText.of(who[0])
    return first if len(who) == 1 else tell("queue.and_others", who=first, count=len(who) - 1)


def _short(who: DisplayText, width: int) -> DisplayText:
    """`課長（山田）` without the name where there is no room for it: the post says enough."""
    return who if cells(who.plain) <= width else DisplayText.of(who.plain.partition("（")[0].partition(" (")[0])


def since(at: datetime, now: datetime) -> DisplayText:
    """Since when: the clock of today, the date of another day. The draft's own page has both."""
    local = at.astimezone(TOKYO)
    today = local.date() == _day(now)
    return DisplayText(f"{local:%H:%M}" if today else f"{local.month}/{local.day}")


@lru_cache(maxsize=4)
def _day(now: datetime) -> date:
    return now.astimezone(TOKYO).date()


def _cells(texts: Sequence[tuple[DisplayText, Ink]], width: int) -> list[Part]:
    parts: list[Part] = []
    for (text, ink), size in zip(texts, columns(width), strict=True):
        if size:
            parts += [Part(text, ink, size), Part(SPACE)]
    return parts[:-1]
