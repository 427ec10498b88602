"""The rows of a sheet: each is a draft with a name of its own within the sheet, which it keeps whatever happens to the rows around it.

A row with a number of the office's own (番号) is called by it. Any other is called `#3` after the row in which it was first seen, and is
known again by what it says, wherever it stands then; one that says something else, by the row in which it stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from daemon.desk.arrivals import Landed, receive, remember, remove, rename
from daemon.desk.case import Setting
from daemon.desk.opinion import Opinion
from daemon.rulebook.attached import Origin
from daemon.store import Tx

_AUTOMATIC = "#"
"""Before the name of a row that has no number of its own."""


class Row(NamedTuple):
    """A row as it came: the office's number (empty where it has none), the hash of what it says, where it stands."""

    number: str
    digest: str
    at: int


class Known(NamedTuple):
    """A row that is known: what it is called, what it said, where it stood, and whether its draft is over."""

    called: str
    digest: str
    at: int
    over: bool


@dataclass(frozen=True)
class Came:
    """A sheet as it came: its place, bytes and state, and what was judged: its rows, or, where it could not be read as rows, itself."""

    account: str
    name: bytes
    data: bytes
    state: tuple[int, int, int, int, int]
    rows: tuple[Opinion, ...] = ()
    whole: Opinion | None = None


def receive_sheet(came: Came, setting: Setting) -> Callable[[Tx], list[Landed]]:
    """The operation that takes a sheet in, all of it or nothing: new rows, new revisions, and those that are gone. A row whose draft is over
    and that says the same as then is over still."""

    def op(tx: Tx) -> list[Landed]:
        tx.keep_all([came.data])
        before = _known(tx, came.account, came.name)
        names = called([_as_row(opinion) for opinion in came.rows], list(before.values()))
        landed: list[Landed] = []
        for opinion, name in zip(came.rows, names, strict=True):
            known = before.pop(name, None)
            named = replace(opinion, name=_full(came.name, name))
            if known is not None and known.over and known.digest == opinion.digest:
                remember(tx, [named])
                continue
            one = receive(named)(tx)
            if not one.changed:  # it says the same and may stand elsewhere
                tx.db.execute(
                    "UPDATE drafts SET item = ? WHERE account = ? AND name = ? AND live = 1",
                    (named.item, named.account, named.name),
                )
            landed.append(one)
        for name in before:
            landed += _gone(tx, came.account, _full(came.name, name), setting)
        if came.whole is not None:
            landed.append(receive(came.whole)(tx))
        else:
            landed += _gone(tx, came.account, came.name, setting)
            tx.db.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?, ?, ?)", (came.account, came.name, *came.state))
        return landed

    return op


def remove_sheet(account: str, name: bytes, setting: Setting) -> Callable[[Tx], list[Landed]]:
    """The operation for a sheet that is gone: each row that is still in hand is withdrawn."""

    def op(tx: Tx) -> list[Landed]:
        rows = [_full(name, row) for row in _known(tx, account, name)]
        return [landed for each in (*rows, name) for landed in _gone(tx, account, each, setting)]

    return op


def rename_sheet(account: str, old: bytes, new: bytes) -> Callable[[Tx], list[Landed]]:
    """The operation for a sheet that got another name: its rows keep their history."""

    def op(tx: Tx) -> list[Landed]:
        rows = [(_full(old, row), _full(new, row)) for row in _known(tx, account, old)]
        return [landed for pair in (*rows, (old, new)) if (landed := rename(account, *pair)(tx)) is not None]

    return op


def called(rows: Sequence[Row], known: Iterable[Known]) -> list[str]:
    """What each row is called, given those that are known (see the head of this file)."""
    free = {each.called: each for each in known if each.called.startswith(_AUTOMATIC)}
    taken = {each.called for each in known} | {row.number for row in rows}
    names = [row.number for row in rows]
    for like in (_says_the_same, _stands_there):
        for n, row in enumerate(rows):
            if not names[n] and (found := next((each for each in free.values() if like(row, each)), None)) is not None:
                names[n] = free.pop(found.called).called
    for n, row in enumerate(rows):
        if not names[n]:
            at = row.at
            while f"{_AUTOMATIC}{at}" in taken:
                at += 1
            names[n] = f"{_AUTOMATIC}{at}"
            taken.add(names[n])
    return names


def _says_the_same(row: Row, known: Known) -> bool:
    return row.digest == known.digest


def _stands_there(row: Row, known: Known) -> bool:
    return row.at == known.at


class _Stored(Struct, frozen=True):
    """Of a stored item what is asked here."""

    origin: Origin | None = None


_stored = msgspec.json.Decoder(_Stored).decode


def _as_row(opinion: Opinion) -> Row:
    origin = _stored(opinion.item).origin
    return Row(opinion.name.partition(b"/")[2].decode("utf-8", "replace"), opinion.digest, origin.row if origin else 0)


def _full(sheet: bytes, row: str) -> bytes:
    return sheet + b"/" + row.encode()


def _known(tx: Tx, account: str, sheet: bytes) -> dict[str, Known]:
    """The rows of a sheet that are in hand, or over and still in it, by what they are called."""
    rows = tx.db.execute(
        "SELECT name, bytes, item, live FROM drafts WHERE account = ? AND name > ? AND name < ? AND "
        "(live = 1 OR name IN (SELECT name FROM seen WHERE account = ?)) ORDER BY id",
        (account, sheet + b"/", sheet + b"0", account),  # 0 is what follows /
    ).fetchall()
    known = {}
    for row in rows:
        origin = _stored(row["item"]).origin
        name = bytes(row["name"]).partition(b"/")[2].decode("utf-8", "replace")
        known[name] = Known(name, row["bytes"], origin.row if origin else 0, not row["live"])
    return known


def _gone(tx: Tx, account: str, name: bytes, setting: Setting) -> list[Landed]:
    landed = remove(account, name, setting)(tx)
    return [] if landed is None else [landed]
