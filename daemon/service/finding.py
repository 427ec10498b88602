"""Finding drafts again: frozen lists of what meets a filter, filters under a name, and where each person's console was last."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

from daemon.desk.arrivals import Landed, as_it_stands
from daemon.desk.finding import meets
from daemon.refused import Refused
from daemon.service.frozen import Frozen, FrozenLists, gone
from daemon.service.incoming import Incoming
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.store import Tx, from_db, to_db
from daemon.wire.answers import Done, ViewOpened
from daemon.wire.finding import Filter, FilterList, KeepScreen, MyFilters, SaveFilter, Screen, StepAway
from daemon.wire.queries import CountView, OpenView

VIEWS_MOST = 16
"""Frozen lists that one session may keep; the oldest goes first."""

SOON = 0.02
"""Seconds in which a list may become whole before its first rows are shown alone: most do, and are counted from the beginning."""

CONDITIONS_MOST = 200
"""Words, or clauses, that a list may be asked for with; SQLite takes no more than about a thousand."""

FILTERS_MOST = 50
"""Filters that one person may save."""
LONGEST = 500
"""Characters of a filter, or of its name."""

BACK_WITHIN = 12 * 3600 * 1_000_000
"""Microseconds within which a new console comes back to where the last one was: a shift. Later it begins with the queue."""


class Finding:
    """What answers `wire.finding`, and `OpenView`."""

    def __init__(self, office: Running, incoming: Incoming) -> None:
        self._office, self._incoming = office, incoming
        self._lists = FrozenLists(office.store, lambda: to_db(office.clock()))
        self.handlers: dict[type, Callable[[Any, Session, str], Awaitable[Any]]] = {
            OpenView: self._open_view,
            CountView: self._count_view,
            MyFilters: self._mine,
            SaveFilter: self._save,
            KeepScreen: self._keep,
            StepAway: self._step_away,
        }

    async def _open_view(self, query: OpenView, session: Session, request: str) -> ViewOpened:
        if max(len(query.without), len(query.clauses), len(query.text.split())) > CONDITIONS_MOST:
            raise Refused(
                "state",
                f"絞込の言葉や条項が多すぎます（それぞれ {CONDITIONS_MOST} 件まで）。",
                f"The filter has too many words or clauses (at most {CONDITIONS_MOST} each).",
            )
        seq = self._office.hub.seq
        frozen = self._lists.open(query, session.who.login)
        if query.soon:
            with suppress(TimeoutError):
                async with asyncio.timeout(SOON):
                    await frozen.counted()
            await frozen.until(lambda: frozen.began)
        else:
            await frozen.counted()
        at = await self._place_of(query, frozen, session.who.login) if query.around is not None else None
        if len(session.views) >= VIEWS_MOST:
            session.views.pop(next(iter(session.views)))
        number = session.number()
        session.views[number] = frozen
        return _opened(number, frozen, seq=seq, at=at)

    async def _place_of(self, query: OpenView, frozen: Frozen, login: str) -> int | None:
        """Where the draft stands that was asked for. One that is not in the list is not waited for."""
        assert query.around is not None
        if not frozen.whole and query.around not in frozen.ids:
            now = to_db(self._office.clock())
            if not await self._office.store.read(partial(meets, query=query, login=login, now=now, draft=query.around)):
                return None
        return await frozen.place_of(query.around)

    async def _count_view(self, query: CountView, session: Session, request: str) -> ViewOpened:
        frozen = frozen_of(session, query.view)
        await frozen.counted()
        return _opened(query.view, frozen, seq=self._office.hub.seq)

    async def _mine(self, query: MyFilters, session: Session, request: str) -> FilterList:
        login, store = session.who.login, self._office.store
        saved = await store.fetch("SELECT name, words, sort FROM saved_filters WHERE login = ? ORDER BY name", (login,))
        since = to_db(self._office.clock()) - BACK_WITHIN
        last = await store.fetch("SELECT * FROM last_screens WHERE login = ? AND at > ?", (login, since))
        return FilterList(
            filters=tuple(Filter(name=row["name"], words=row["words"], sort=row["sort"]) for row in saved),
            last=next((_screen(row) for row in last), None),
        )

    async def _save(self, act: SaveFilter, session: Session, request: str) -> Done:
        login, name = session.who.login, act.name.strip()
        if not name or len(name) > LONGEST or len(act.words) > LONGEST:
            raise Refused("missing", "絞込の名前がないか、長すぎます。", "The filter has no name, or is too long.")

        def op(tx: Tx) -> Done:
            if not act.words.strip() and act.sort == "state":
                tx.db.execute("DELETE FROM saved_filters WHERE login = ? AND name = ?", (login, name))
                return Done(message=f"絞込「{name}」を消しました。", message_en=f"The filter “{name}” is gone.")
            others = tx.db.execute("SELECT count(*) FROM saved_filters WHERE login = ? AND name <> ?", (login, name)).fetchone()[
                0
            ]
            if others >= FILTERS_MOST:
                raise Refused(
                    "state",
                    f"取っておける絞込は {FILTERS_MOST} 件までです。使わないものを消してください。",
                    f"At most {FILTERS_MOST} filters can be saved: drop one that is not used.",
                )
            tx.db.execute(
                "INSERT OR REPLACE INTO saved_filters (login, name, words, sort, at) VALUES (?, ?, ?, ?, ?)",
                (login, name, act.words, act.sort, tx.now),
            )
            return Done(message=f"絞込「{name}」を取っておきました。", message_en=f"The filter “{name}” is saved.")

        return await self._office.store.write(op)

    async def _keep(self, act: KeepScreen, session: Session, request: str) -> Done:
        login = session.who.login

        def op(tx: Tx) -> Done:
            if not act.place:
                tx.db.execute("DELETE FROM last_screens WHERE login = ?", (login,))
            else:
                tx.db.execute(
                    "INSERT OR REPLACE INTO last_screens (login, place, words, state, sort, draft, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        login,
                        act.place[:LONGEST],
                        act.words[:LONGEST],
                        act.state[:LONGEST],
                        act.sort,
                        act.draft,
                        to_db(self._office.clock()),
                    ),
                )
            return Done()

        return await self._office.store.write(op)

    async def _step_away(self, act: StepAway, session: Session, request: str) -> Done:
        def op(tx: Tx) -> list[Landed | None]:
            rows = tx.db.execute("DELETE FROM claims WHERE login = ? RETURNING draft", (session.who.login,)).fetchall()
            return [as_it_stands(tx.db, row["draft"]) for row in rows]

        for landed in filter(None, await self._office.store.write(op)):
            self._incoming.tell(landed, paper=False)
        return Done()


def frozen_of(session: Session, view: int) -> Frozen:
    """The list that this session has under this number. Raises Refused."""
    frozen = session.views.get(view)
    if not isinstance(frozen, Frozen):
        raise gone()
    return frozen


def _opened(number: int, frozen: Frozen, *, seq: int, at: int | None = None) -> ViewOpened:
    return ViewOpened(view=number, count=len(frozen.ids), seq=seq, at=at, unread=frozen.unread, whole=frozen.whole)


def _screen(row: Any) -> Screen:
    return Screen(
        place=row["place"], words=row["words"], state=row["state"], sort=row["sort"], draft=row["draft"], at=from_db(row["at"])
    )
