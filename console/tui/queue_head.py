"""The two rows over the queue: where the cursor stands, what the list is narrowed to, what is new; and the names of the columns."""

from __future__ import annotations

from typing import NamedTuple

from console.finding import conditions, sort_word
from console.text import DisplayText
from console.tui.part import Part
from console.tui.rows import columns_named
from console.tui.tell import SPACE, tell
from daemon.wire import OpenView


class Standing(NamedTuple):
    """How the list stands besides: drafts whose text is not read yet, whether its length is known, how many are tagged, how many are new,
    and what runs out on the chosen one."""

    unread: int = 0
    whole: bool = True
    picked: int = 0
    new: int = 0
    runs_out: DisplayText | None = None


def heading(at: int, count: int | None, shown: OpenView, standing: Standing) -> list[Part]:
    """The heading, the cursor on the `at`th of `count` drafts (None: not read yet)."""
    counted = "queue.heading" if standing.whole else "queue.counting"
    parts = [Part(tell("queue.unread") if count is None else tell(counted, at=at, count=count), "strong")]
    if standing.runs_out:
        parts += [Part(SPACE), Part(standing.runs_out, "live")]
    for condition in conditions(shown):
        parts += [Part(SPACE), Part(tell("queue.chip", what=DisplayText.of(condition)), "mark")]
    if shown.sort != "state":
        parts += [Part(SPACE), Part(tell("queue.sorted", how=DisplayText.of(sort_word(shown.sort))), "mark")]
    if standing.picked:
        parts += [Part(SPACE), Part(tell("queue.picked", count=standing.picked), "mark")]
    if standing.unread:
        parts += [Part(SPACE), Part(tell("queue.indexing", count=standing.unread), "warn")]
    if standing.new:
        parts += [Part(SPACE), Part(tell("queue.new", count=standing.new), "live")]
    return parts


def names(count: int | None, shown: OpenView, width: int) -> list[Part]:
    """The names of the columns; of a list without any draft that it has none: beside the filter that would be cut."""
    if count == 0:
        return [Part(tell("queue.none_match" if conditions(shown) else "queue.empty"), "dim")]
    return [Part(DisplayText("  ")), *columns_named(width - 2)]
