"""How a comment looks as one line: chosen or not, account, state, what it is marked as, its words, since when."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import datetime

from console.text import DisplayText
from console.tui.ink import Ink
from console.tui.lines import Source
from console.tui.pages import Pages
from console.tui.part import Part
from console.tui.rows import since
from console.tui.tell import SPACE, tell
from console.words import word
from console.words.marks import titled
from daemon.wire.bench import CommentRow

WAITING = ("open", "proposed", "second", "escalated")
"""The states in which a comment waits for a decision."""
STATES = (*WAITING, "judged", "left", "guided", "gone")

KINDS = ("emergency", "help", "crime", "question")
"""The kinds of guidance."""

STATE_INK: dict[str, Ink] = {
    "open": "strong",
    "proposed": "strong",
    "second": "warn",
    "escalated": "warn",
    "judged": "dim",
    "left": "dim",
    "guided": "dim",
    "gone": "dim",
}
_ACCOUNT, _STATE, _MARK, _SINCE, _CITES = 14, 10, 5, 5, 18
_SMALL = 70
"""Columns below which the state takes less, so that words are left to read."""
_WITH_CITES = 84
"""Columns from which the list shows the suggested grounds, too."""
_NAMED = 14
"""Characters of its text by which a confirmation names a comment."""

_PICKED, _BLANK = DisplayText("*"), DisplayText(" ")


def state_word(state: str) -> DisplayText:
    """The state in the office's words."""
    return DisplayText.of(word("bench_state", state))


def mark_part(row: CommentRow, width: int = 0) -> Part:
    """What a comment is marked as, the most pressing first: a call for help, an election that is on, a question, what the machine
    thinks to be checked."""
    if row.attention and row.guidance in ("", "question"):
        return Part(tell("bench_mark.election"), "warn", width)
    if row.guidance:
        return Part(tell(f"bench_mark.{row.guidance}"), "live" if row.guidance == "question" else "alert", width)
    if row.verdict in ("act", "look"):
        return Part(tell(f"bench_mark.{row.verdict}"), "alert" if row.verdict == "act" else "warn", width)
    return Part(tell("bench_mark.hand"), "dim", width)


def words_of(row: CommentRow) -> DisplayText:
    """The head of its text; what has been erased says so."""
    tag = f"[{row.tag}] " if row.tag else ""
    return DisplayText.of(f"{tag}{row.words}", limit=160) if row.words else tell("comments.erased")


def named(row: CommentRow) -> DisplayText:
    """How a confirmation names a comment: number and the head of its text."""
    return DisplayText.of(titled(f"#{row.id}", row.words[:_NAMED]))


def comment_line(
    row: CommentRow, width: int, now: datetime, picked: Container[int], me: str, *, alone: bool = False
) -> list[Part]:
    """One comment in columns. `alone`: all of them are to one account, which need not be said again."""
    cites = _CITES if width >= _WITH_CITES else 0
    shrink = 0 if width >= _SMALL else 2
    account, wide = (0 if alone else _ACCOUNT), _STATE - shrink
    fixed = (1, account, wide, _MARK, cites, _SINCE)
    room = max(8, width - sum(each + 1 for each in fixed if each))
    claim = row.claimed_by
    state = tell("comments.claimed", who=DisplayText.of(claim)) if claim else state_word(row.state)
    cells = [
        Part(_PICKED if row.id in picked else _BLANK, "mark" if row.id in picked else "plain", 1),
        *([Part(DisplayText.of(row.account), "plain", account)] if account else []),
        Part(state, ("live" if claim != me else "good") if claim else STATE_INK.get(row.state, "plain"), wide),
        mark_part(row, _MARK),
        Part(words_of(row), "plain" if row.state in WAITING else "dim", room),
        *([Part(DisplayText.of(" ".join(row.clauses)), "dim", cites)] if cites else []),
        Part(since(row.posted_at or row.arrived_at, now), "dim", _SINCE),
    ]
    return [part for cell in cells for part in (cell, Part(SPACE))][:-1]


class CommentLines(Source):
    """The bench as lines: pages of the daemon's frozen list. `picked` are the comments that are chosen for one decision."""

    def __init__(self, pages: Pages[CommentRow], clock: datetime, picked: Container[int], me: str, *, alone: bool) -> None:
        self.pages = pages
        self._clock, self._picked, self._me, self._alone = clock, picked, me, alone

    @property
    def count(self) -> int:
        return self.pages.count

    def line(self, index: int, width: int) -> Sequence[Part] | None:
        row = self.pages.row(index)
        return None if row is None else comment_line(row, width, self._clock, self._picked, self._me, alone=self._alone)

    def need(self, start: int, stop: int, towards: int) -> bool:
        self.pages.need(start, stop, towards)
        return self.pages.have(start, stop)
