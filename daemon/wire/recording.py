"""What crosses the socket about a search in the record (記録)."""

from __future__ import annotations

from datetime import date

from daemon.wire.answer import Answer
from daemon.wire.query import Query
from daemon.wire.seen import HistoryLine


class FindInRecord(Query, frozen=True, kw_only=True, tag="find_in_record"):
    """The entries below `before` (None: all) in which every one of the `words` stands, width, case and kana folded: in the details, the
    private texts that have not been erased, the actor's login or name, the act. `acts` has for each word the acts that it is the word
    for in the asker's language. `draft` and the days `first` … `last` (Japan, both included) narrow it. The daemon looks back for a
    moment only and says how far it came. Answer: `RecordFound`."""

    words: tuple[str, ...] = ()
    acts: tuple[tuple[str, ...], ...] = ()
    draft: int | None = None
    first: date | None = None
    last: date | None = None
    before: int | None = None
    limit: int = 100


class RecordFound(Answer, frozen=True, kw_only=True, tag="record_found"):
    """The entries, newest first. Everything from entry `reached` on has been looked at; 1 or less: the whole record."""

    entries: tuple[HistoryLine, ...]
    reached: int
