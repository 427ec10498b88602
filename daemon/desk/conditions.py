"""What a filter asks: conditions, each of which can be answered in three ways, by what is cheapest at the moment: which drafts meet it, if
they are few; which of these drafts meet it, by their rows; which do, all of them, by an index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import msgspec

from daemon.store import texts
from daemon.wire.queries import OpenView

WORDS_MOST = 16
"""Words of a filter that count."""
PORTION = 1 << 17
"""Characters of a list of numbers that are read at once: as long as the interpreter is kept from everybody else, about a millisecond."""

_MARKS = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})
_ids: msgspec.json.Decoder[list[int]] = msgspec.json.Decoder(list[int])
READ_MOST = 5_000
"""Rows that are read to see whether few drafts meet a condition."""
NAMES_FEW = 500
"""Words that are in so few file names are looked up together."""
# A clause, and what is below it; below it is what goes on as ids of clauses do: `minato/7(1)`, `minato/7-2`, `taisho/3.削除等`. Most findings
# are passed over without being read.
_CLAUSE = (
    "verdict <> 'pass' AND instr(findings, ?) AND EXISTS (SELECT 1 FROM json_each(findings) f WHERE json_extract(f.value, '$.clause') = ? "
    "OR substr(json_extract(f.value, '$.clause'), 1, length(?) + 1) IN (? || '(', ? || '-', ? || '.'))"
)


_IN_TEXTS = "SELECT rowid FROM drafts_text WHERE drafts_text MATCH ?"


class Condition(Protocol):
    """One condition; with `without`, the drafts that are found are those that do not meet it."""

    @property
    def without(self) -> bool: ...

    def few(self, db: sqlite3.Connection, most: int) -> set[int] | None:
        """The drafts that meet it; None where they are more than `most`."""

    def among(self, db: sqlite3.Connection, drafts: Sequence[int]) -> set[int]:
        """Those of these drafts that meet it, by their rows."""

    def every(self, db: sqlite3.Connection) -> Iterator[list[int]]:
        """All drafts that meet it, in portions, in no order; one may come twice."""


@dataclass(frozen=True)
class Fact:
    """What the columns say: one of these conditions of SQL, each with its values, holds. Each can be looked up in an index."""

    anyhow: tuple[tuple[str, tuple[Any, ...]], ...]
    without: bool = False
    reads: bool = False
    """The index only leads to rows, each of which has to be read."""

    def few(self, db: sqlite3.Connection, most: int) -> set[int] | None:
        most = min(most, READ_MOST) if self.reads else most
        return _not_more(
            most, (_list(db, f"SELECT id FROM drafts WHERE {where} LIMIT ?", *of, most + 1) for where, of in self.anyhow)
        )

    def among(self, db: sqlite3.Connection, drafts: Sequence[int]) -> set[int]:
        where = " OR ".join(f"({where})" for where, _ in self.anyhow) or "0"
        values = [value for _, of in self.anyhow for value in of]
        # NOT INDEXED: of a few rows the column is read; its index may have 10⁶ to go through.
        sql = f"SELECT id FROM drafts NOT INDEXED WHERE id IN (SELECT value FROM json_each(?)) AND ({where})"
        return set(_list(db, sql, _json(drafts), *values))

    def every(self, db: sqlite3.Connection) -> Iterator[list[int]]:
        for where, of in self.anyhow:
            yield from portions(db, f"SELECT id FROM drafts WHERE {where}", *of)


@dataclass(frozen=True)
class Word:
    """A word in text or file name; `#12` is the draft of that number, too. Drafts up to `upto` are not in the index of texts yet: they are
    looked through letter by letter, as they are written."""

    word: str
    upto: int
    without: bool = False

    def few(self, db: sqlite3.Connection, most: int) -> set[int] | None:
        return _not_more(most, (_list(db, f"{sql} LIMIT ?", *values, most + 1) for sql, values in self._looked_up()))

    def among(self, db: sqlite3.Connection, drafts: Sequence[int]) -> set[int]:
        plain, like = texts.folded(self.word), self._like()
        rows = db.execute(
            r"SELECT id, body, name, id <= ? AS old, body LIKE ? ESCAPE '\' OR CAST(name AS TEXT) LIKE ? ESCAPE '\' AS written FROM drafts "
            "WHERE id IN (SELECT value FROM json_each(?))",
            (self.upto, like, like, _json(drafts)),
        )
        return {
            row["id"]
            for row in rows
            if row["id"] == self._number()
            or (
                row["written"]
                if row["old"]
                else plain in texts.folded(row["body"]) or plain in texts.folded(texts.as_name(row["name"]))
            )
        }

    def every(self, db: sqlite3.Connection) -> Iterator[list[int]]:
        for sql, values in self._looked_up():
            yield from portions(db, sql, *values)

    def elsewhere(self, db: sqlite3.Connection) -> set[int] | None:
        """The drafts in whose file names it is, and the one of its number; None where these are too many."""
        return _not_more(NAMES_FEW, (_list(db, f"{sql} LIMIT ?", *values, NAMES_FEW + 1) for sql, values in self._named()))

    def _named(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        if (number := self._number()) is not None:
            yield "SELECT id FROM drafts WHERE id = ?", (number,)
        yield "SELECT rowid FROM drafts_named WHERE drafts_named MATCH ?", (texts.condition(self.word),)

    def _looked_up(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        yield from self._named()
        yield _IN_TEXTS, (texts.condition(self.word),)
        if self.upto:
            like = self._like()
            written = r"SELECT id FROM drafts WHERE id <= ? AND (body LIKE ? ESCAPE '\' OR CAST(name AS TEXT) LIKE ? ESCAPE '\')"
            yield written, (self.upto, like, like)

    def _like(self) -> str:
        return f"%{self.word.translate(_MARKS)}%"

    def _number(self) -> int | None:
        number = self.word[1:]
        return int(number) if self.word[0] in "#＃" and number.isdecimal() and len(number) <= 18 else None


@dataclass(frozen=True)
class Words:
    """Several words at once: the index of texts is walked through once for all of them, and much faster where each is in many drafts."""

    words: tuple[Word, ...]
    besides: frozenset[int]
    """Drafts that meet it by their name or number."""
    barred: frozenset[int]
    """Drafts that do not, by their name or number."""
    without: bool = False

    def few(self, db: sqlite3.Connection, most: int) -> set[int] | None:
        found = _list(db, f"{_IN_TEXTS} LIMIT ?", self._match(), most + len(self.barred) + 1)
        together = self.besides.union(draft for draft in found if draft not in self.barred)
        return None if len(together) > most else set(together)

    def among(self, db: sqlite3.Connection, drafts: Sequence[int]) -> set[int]:
        left = set(drafts)
        for word in self.words:
            hits = word.among(db, list(left))
            left = left - hits if word.without else left & hits
        return left

    def every(self, db: sqlite3.Connection) -> Iterator[list[int]]:
        yield list(self.besides)
        for drafts in portions(db, _IN_TEXTS, self._match()):
            yield [draft for draft in drafts if draft not in self.barred] if self.barred else drafts

    def _match(self) -> str:
        there = " AND ".join(texts.condition(word.word) for word in self.words if not word.without)
        return " NOT ".join([f"({there})", *(texts.condition(word.word) for word in self.words if word.without)])


def conditions(db: sqlite3.Connection, query: OpenView, login: str, now: int, upto: int) -> list[Condition]:
    """The conditions of a filter, those of the state left aside, as `login` asks at this moment (microseconds since 1970)."""
    asked: list[Condition] = []
    if query.accounts:
        asked.append(one_of("account", query.accounts))
    if query.mine:
        claimed = "id IN (SELECT draft FROM claims WHERE login = ? AND until > ?)"
        asked.append(Fact((("author = ?", (login,)), (claimed, (login, now)))))
    if query.due:
        wanted = "wanted_at IS NOT NULL AND state = 'waiting' AND live = 1"
        asked.append(Fact((("release_at IS NOT NULL AND live = 1", ()), (wanted, ()))))
    if query.verdicts:
        asked.append(_judged(query.verdicts))
    if query.clauses:
        asked.append(
            Fact(tuple((_CLAUSE, (msgspec.json.encode(clause)[:-1], *(clause,) * 5)) for clause in query.clauses), reads=True)
        )
    words = [Word(word, upto) for word in query.text.split()[:WORDS_MOST] if texts.condition(word)]
    barred = [Word(word, upto, without=True) for word in query.without[:WORDS_MOST] if texts.condition(word)]
    return [*asked, *_together(db, words, barred, upto)]


def _together(db: sqlite3.Connection, words: Sequence[Word], barred: Sequence[Word], upto: int) -> list[Condition]:
    """The words of a filter as conditions: those that are in few file names as one, as long as all texts are in the index."""
    places = {word: word.elsewhere(db) for word in (*words, *barred)} if len(words) + len(barred) > 1 and not upto else {}
    there = [word for word in words if places.get(word) is not None]
    gone = [word for word in barred if places.get(word) is not None]
    if not there or len(there) + len(gone) < 2:
        return [*words, *barred]
    apart = [word for word in (*words, *barred) if places[word] is None]
    one = Words((*there, *gone), frozenset(), frozenset().union(*(places[word] or () for word in gone)))
    besides = one.among(db, list(frozenset().union(*(places[word] or () for word in there))))
    return [replace(one, besides=frozenset(besides)), *apart]


def one_of(column: str, values: Sequence[str]) -> Fact:
    """That a column has one of these values."""
    return Fact(((f"{column} IN ({_marks(values)})", tuple(values)),))


def _judged(verdicts: Sequence[str]) -> Fact:
    """One of these verdicts. Only those are in an index that are not `pass`."""
    named = tuple(verdict for verdict in verdicts if verdict != "pass")
    if "pass" in verdicts:
        return Fact(((f"verdict <> 'pass' AND verdict NOT IN ({_marks(named)})", named),), without=True)
    return Fact(((f"verdict <> 'pass' AND verdict IN ({_marks(named)})", named),))


def portions(db: sqlite3.Connection, sql: str, *values: object) -> Iterator[list[int]]:
    """The numbers that a statement finds. They come as one JSON array, made without the interpreter (a row object for each of 10⁶ takes
    four times as long, and keeps others waiting), and are read in portions."""
    text: str = _numbers(db, sql, values)[1:-1]
    start = 0
    while start < len(text):
        end = text.find(",", start + PORTION)
        end = len(text) if end < 0 else end
        yield _ids.decode(f"[{text[start:end]}]")
        start = end + 1


def _list(db: sqlite3.Connection, sql: str, *values: object) -> list[int]:
    return _ids.decode(_numbers(db, sql, values))


def _numbers(db: sqlite3.Connection, sql: str, values: Iterable[object]) -> str:
    text: str = db.execute(f"WITH found (id) AS ({sql}) SELECT json_group_array(id) FROM found", tuple(values)).fetchone()[0]
    return text


def _not_more(most: int, found: Iterable[Sequence[int]]) -> set[int] | None:
    """All of these, if they are not more than `most`; what comes later is not looked up once they are."""
    together: set[int] = set()
    for some in found:
        together.update(some)
        if len(together) > most:
            return None
    return together


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _json(drafts: Sequence[int]) -> str:
    return msgspec.json.encode(drafts).decode()
