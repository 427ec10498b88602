"""Finding drafts again: how a list is sorted, filters under a name, and the screen where a person's console was last."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from msgspec import Struct

from daemon.wire.act import Act, Role, Terminal
from daemon.wire.answer import Answer
from daemon.wire.query import Query

DraftSort = Literal["state", "arrived", "release", "account"]
"""The orders of the queue: who is needed first, the last to come first, the next to go out first, by account."""


class _Own(Act, frozen=True, kw_only=True):
    """What belongs to whoever asks and changes nothing of the office: anybody may, from anywhere, and the record has nothing of it."""

    role: ClassVar[Role] = "viewer"
    terminal: ClassVar[Terminal] = "any"


class SaveFilter(_Own, frozen=True, kw_only=True, tag="save_filter"):
    """絞込を名前で取っておく: `words` as they were typed; empty ones (and no state, no sort) drop it."""

    name: str
    words: str
    sort: DraftSort = "state"


class KeepScreen(_Own, frozen=True, kw_only=True, tag="keep_screen"):
    """Where the asking console is now, for the next one of the same person: place, filter, sort, the draft under the cursor. An empty
    place forgets it: the console was left on purpose."""

    place: str
    words: str = ""
    state: str = ""
    sort: DraftSort = "state"
    draft: int | None = None


class StepAway(_Own, frozen=True, kw_only=True, tag="step_away"):
    """離席: give back every claim of whoever asks."""


FINDING_ACTS: tuple[type[Act], ...] = (SaveFilter, KeepScreen, StepAway)


class MyFilters(Query, frozen=True, kw_only=True, tag="my_filters"):
    """The filters that whoever asks has saved, and where their last console was. Answer: `FilterList`."""


class Filter(Struct, frozen=True, kw_only=True):
    """A filter under a name."""

    name: str
    words: str
    sort: DraftSort


class Screen(Struct, frozen=True, kw_only=True):
    """Where a console was, and when."""

    place: str
    words: str
    state: str
    sort: DraftSort
    draft: int | None
    at: datetime


class FilterList(Answer, frozen=True, kw_only=True, tag="filters"):
    """The filters of whoever asks, by name; `last` is where their console was, none where it was left on purpose or too long ago."""

    filters: tuple[Filter, ...] = ()
    last: Screen | None = None
