"""Committee report: the figures of a period, counted from the record and the tables in one pass over each, by their indexes.

Pure but for the connection, which only reads. It runs in a process of its own (`report_main`): counting a year takes seconds, in which
the daemon has other things to do. No text of a draft is read, and nobody who is not on the register is in what comes out.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

import msgspec
from msgspec import Struct

from daemon.judge.costing import dollars
from daemon.rulebook.calendar import TOKYO
from daemon.store import Store, from_db
from daemon.wire.papers import PostSeen, ReportPosts, ReportTable

_MINUTE_US = 60_000_000
PAGE = 500
"""Posts in an answer."""


class Asked(Struct, frozen=True, kw_only=True):
    """What is to be counted: microseconds from `since` to before `until`, these accounts; `whole` where they are all of the office, so
    that what belongs to none (a stop of everything, a drill) counts too. `platforms` are theirs, for stops by platform."""

    since: int
    until: int
    accounts: tuple[str, ...]
    platforms: tuple[str, ...] = ()
    whole: bool = True


async def posts_of(store: Store, asked: Asked, after: int) -> ReportPosts:
    """A page of the posts that went out in the period, behind the release `after`."""
    marks = ",".join("?" * len(asked.accounts))
    place = (await store.fetch("SELECT begun_at FROM releases WHERE id = ?", (after,))) if after else []
    begun = place[0]["begun_at"] if place else asked.since
    rows = await store.fetch(
        "SELECT r.id, r.draft, r.account, r.begun_at, r.url, d.title, d.item FROM releases r JOIN drafts d ON d.id = r.draft "
        f"WHERE r.begun_at >= ? AND r.begun_at < ? AND (r.begun_at > ? OR r.id > ?) AND r.state = 'released' AND r.account IN ({marks}) "
        "ORDER BY r.begun_at, r.id LIMIT ?",
        (begun, asked.until, begun, after, *asked.accounts, PAGE + 1),
    )
    posts = tuple(
        PostSeen(
            release=row["id"],
            draft=row["draft"],
            account=row["account"],
            at=from_db(row["begun_at"]).astimezone(TOKYO),
            kind=_item.decode(row["item"]).kind,
            title=row["title"],
            url=row["url"],
        )
        for row in rows[:PAGE]
    )
    return ReportPosts(posts=posts, more=len(rows) > PAGE)


class _Detail(Struct, frozen=True, gc=False):
    account: str = ""
    state: str = ""
    scope: str = ""
    clause: str = ""
    rule: str = ""
    how: str = ""
    outcome: str = ""
    deputy: str = ""
    alone: bool = False
    clauses: tuple[str, ...] = ()
    verdict: str = ""
    late: bool = False


class _Entry(Struct, frozen=True, gc=False):
    detail: _Detail = _Detail()


class _Item(Struct, frozen=True, gc=False):
    kind: str = "post"
    topic: str = ""
    emergency: bool = False


class _Finding(Struct, frozen=True, gc=False):
    clause: str = ""
    verdict: str = ""
    lifted: bool = False


class _Draft(Struct, frozen=True, gc=False):
    account: str
    kind: str
    topic: str
    emergency: bool
    findings: tuple[_Finding, ...]


_entry: msgspec.json.Decoder[_Entry] = msgspec.json.Decoder(_Entry)
_item: msgspec.json.Decoder[_Item] = msgspec.json.Decoder(_Item)
_findings: msgspec.json.Decoder[tuple[_Finding, ...]] = msgspec.json.Decoder(tuple[_Finding, ...])

_KEY = tuple[str, ...]


class Count:
    """The figures as they grow."""

    def __init__(self, db: sqlite3.Connection, asked: Asked) -> None:
        self._db, self._asked = db, asked
        self._wanted = frozenset(asked.accounts)
        self._drafts: dict[int, _Draft] = {}
        self._arrived: dict[int, int] = {}
        self._waited: defaultdict[str, list[int]] = defaultdict(list)
        self.acts: Counter[_KEY] = Counter()
        self.posts: Counter[_KEY] = Counter()
        self.months: Counter[_KEY] = Counter()
        self.judged: Counter[_KEY] = Counter()
        self.approvals: Counter[_KEY] = Counter()
        self.exceptions: Counter[_KEY] = Counter()
        self.open_ends: Counter[_KEY] = Counter()
        self.emergencies: Counter[_KEY] = Counter()
        self.corrections: Counter[_KEY] = Counter()
        self.reviews: Counter[_KEY] = Counter()
        self._by_act: Mapping[str, Callable[[int, int, _Detail], None]] = {
            "receive": self._came,
            "revise": self._came_again,
            "approve": self._approved,
            "except": self._excepted,
            "released": self._released,
            "unknown": self._unknown,
            "not_released": self._unknown,
            "declare": self._declared,
            "endorse": self._endorsed,
            "object": self._endorsed,
            "review_missed": self._missed,
        }

    def run(self) -> tuple[ReportTable, ...]:
        """Count, and give the tables."""
        self._read_drafts()
        for row in self._db.execute(
            "SELECT at, act, draft, record FROM audit WHERE at >= ? AND at < ? ORDER BY seq",
            (self._asked.since, self._asked.until),
        ):
            self._take(*row)
        return tuple(self._tables())

    def _read_drafts(self) -> None:
        """The drafts that came in the period, all at once."""
        rows = self._db.execute(
            "SELECT id, account, item, findings FROM drafts WHERE received_at >= ? AND received_at < ?",
            (self._asked.since, self._asked.until),
        )
        self._drafts = {row[0]: _draft(row) for row in rows if row[1] in self._wanted}
        for draft in self._drafts.values():
            self.posts[draft.account, draft.kind, draft.topic, "received"] += 1
            spoken = {(f.clause, "lifted" if f.lifted else f.verdict) for f in draft.findings}
            for clause, verdict in spoken:
                self.judged[clause, verdict] += 1
            for clause in {clause for clause, _ in spoken}:
                self.judged[clause, "drafts"] += 1

    def _of(self, number: int) -> _Draft | None:
        """A draft by its number, one of an earlier period too."""
        if number not in self._drafts:
            row = self._db.execute("SELECT id, account, item, findings FROM drafts WHERE id = ?", (number,)).fetchone()
            if row is not None:
                self._drafts[number] = _draft(row)
        return self._drafts.get(number)

    def _take(self, at: int, act: str, draft: int | None, record: bytes) -> None:
        try:
            detail = _entry.decode(record).detail
        except msgspec.DecodeError:  # a detail of another form: what can be said of it is that it was done
            detail = _Detail()
        if not self._concerns(draft, detail):
            return
        self.acts[(act,)] += 1
        if draft is not None and (known := self._of(draft)) is not None and act in ("return", "withdraw", "expire", "released"):
            self.posts[known.account, known.kind, known.topic, act] += 1
        if draft is not None and act in self._by_act:
            self._by_act[act](at, draft, detail)

    def _concerns(self, draft: int | None, detail: _Detail) -> bool:
        account = detail.account
        if not account and draft is not None and (known := self._of(draft)) is not None:
            account = known.account
        if account:
            return account in self._wanted
        return self._asked.whole or detail.scope in ("all", *self._asked.accounts, *self._asked.platforms)

    def _came(self, at: int, draft: int, detail: _Detail) -> None:
        self._arrived[draft] = at
        self.months[_month(at), "received"] += 1
        for clause in detail.clauses:
            self.judged[clause, "judged"] += 1

    def _came_again(self, at: int, draft: int, detail: _Detail) -> None:
        self._arrived[draft] = at
        for clause in detail.clauses:
            self.judged[clause, "judged"] += 1

    def _approved(self, at: int, draft: int, detail: _Detail) -> None:
        account = detail.account
        self.approvals[account, "approvals"] += 1
        self.approvals[account, f"how:{detail.how or 'console'}"] += 1
        if detail.alone:
            self.approvals[account, "alone"] += 1
        if detail.deputy:
            self.approvals[account, "deputy"] += 1
        if detail.state in ("approved", "scheduled") and (came := self._came_at(draft, at)) is not None:
            self.approvals[account, "completed"] += 1
            self._waited[account].append(at - came)

    def _came_at(self, draft: int, before: int) -> int | None:
        """When the revision came that was approved; None once it has been counted."""
        if draft not in self._arrived:
            row = self._db.execute("SELECT max(at) FROM draft_revisions WHERE draft = ? AND at <= ?", (draft, before)).fetchone()
            self._arrived[draft] = row[0] or 0
        came, self._arrived[draft] = self._arrived[draft], 0
        return came or None

    def _excepted(self, at: int, draft: int, detail: _Detail) -> None:
        self.exceptions[detail.account, detail.clause, detail.rule, "exceptions"] += 1

    def _released(self, at: int, draft: int, detail: _Detail) -> None:
        self.months[_month(at), "released"] += 1
        known = self._of(draft)
        if known is not None and known.emergency:
            self.emergencies[known.account, "released"] += 1
        if known is not None and known.kind in ("correction", "delete"):
            self.corrections[known.account, known.kind] += 1

    def _unknown(self, at: int, draft: int, detail: _Detail) -> None:
        self.open_ends[detail.account, "unknown" if detail.outcome != "not_released" else "not_released"] += 1

    def _declared(self, at: int, draft: int, detail: _Detail) -> None:
        self.emergencies[detail.account, "declared"] += 1

    def _endorsed(self, at: int, draft: int, detail: _Detail) -> None:
        self.reviews[detail.account, "late" if detail.late else "in_time"] += 1

    def _missed(self, at: int, draft: int, detail: _Detail) -> None:
        self.reviews[detail.account, "missed"] += 1

    def _tables(self) -> Iterable[ReportTable]:
        yield pivot("posts", ("account", "kind", "topic"), ("received", "released", "return", "withdraw", "expire"), self.posts)
        yield pivot("months", ("month",), ("received", "released"), self.months)
        yield pivot("clauses", ("clause",), ("judged", "drafts", "block", "hold", "warn", "info", "lifted"), self.judged)
        yield self._approval_table()
        yield pivot(
            "ways", ("account",), tuple(sorted({k[1] for k in self.approvals if k[1].startswith("how:")})), self.approvals
        )
        yield pivot("exceptions", ("account", "clause", "rule"), ("exceptions",), self.exceptions)
        yield pivot("emergencies", ("account",), ("declared", "released"), self.emergencies)
        yield pivot("reviews", ("account",), ("in_time", "late", "missed"), self.reviews)
        yield pivot("corrections", ("account",), ("correction", "delete"), self.corrections)
        yield pivot("unknown", ("account",), ("unknown", "not_released"), self.open_ends)
        yield self._cost_table()
        yield self._stop_table()
        yield self._drill_table()
        yield pivot("acts", ("act",), ("times",), Counter({(*key, "times"): n for key, n in self.acts.items()}))

    def _approval_table(self) -> ReportTable:
        rows: list[tuple[str | int, ...]] = []
        for account in sorted({key[0] for key in self.approvals}):
            waited = sorted(each // _MINUTE_US for each in self._waited[account])
            counted = (self.approvals[account, name] for name in ("approvals", "completed", "alone", "deputy"))
            rows.append((account, *counted, share(waited, 50), share(waited, 90), waited[-1] if waited else 0))
        columns = ("account", "approvals", "completed", "alone", "deputy", "median_minutes", "p90_minutes", "longest_minutes")
        return ReportTable(id="approvals", columns=columns, rows=tuple(rows))

    def _cost_table(self) -> ReportTable:
        rows = self._db.execute(
            "SELECT account, month, kind, count(*), sum(micros) FROM charges WHERE at >= ? AND at < ? GROUP BY account, month, kind "
            "ORDER BY account, month, kind",
            (self._asked.since, self._asked.until),
        )
        told: list[tuple[str | int, ...]] = [
            (account, month, kind, times, dollars(micros))
            for account, month, kind, times, micros in rows
            if self._asked.whole or account in self._asked.accounts
        ]
        return ReportTable(id="costs", columns=("account", "month", "charged", "times", "dollars"), rows=tuple(told))

    def _stop_table(self) -> ReportTable:
        rows = self._db.execute(
            "SELECT scope, at, by, confirmed_by, ended_at FROM stops WHERE at >= ? AND at < ? ORDER BY at",
            (self._asked.since, self._asked.until),
        )
        scopes = {"all", "actions", *self._asked.accounts, *self._asked.platforms}
        told: list[tuple[str | int, ...]] = [
            (
                row[0],
                from_db(row[1]).astimezone(TOKYO).isoformat(timespec="minutes"),
                (row[4] - row[1]) // _MINUTE_US if row[4] else "",
                "confirmed" if row[3] else "unconfirmed",
            )
            for row in rows
            if self._asked.whole or row[0] in scopes
        ]
        return ReportTable(id="stops", columns=("scope", "at", "minutes", "confirmed"), rows=tuple(told))

    def _drill_table(self) -> ReportTable:
        rows = self._db.execute(
            "SELECT at, passed, latched_us, silent_us, begun_after FROM drills WHERE at >= ? AND at < ? ORDER BY at",
            (self._asked.since, self._asked.until),
        )
        told: list[tuple[str | int, ...]] = [
            (
                from_db(row[0]).astimezone(TOKYO).isoformat(timespec="minutes"),
                "passed" if row[1] else "failed",
                "" if row[2] is None else f"{row[2] / 1000:.1f}",
                "" if row[3] is None else f"{row[3] / 1000:.1f}",
                row[4],
            )
            for row in rows
        ]
        columns = ("at", "outcome", "latched_ms", "silent_ms", "begun_after")
        return ReportTable(id="drills", columns=columns, rows=tuple(told))


def _draft(row: tuple[int, str, bytes, bytes]) -> _Draft:
    item = _item.decode(row[2])
    return _Draft(row[1], item.kind, item.topic, item.emergency, _findings.decode(row[3]))


def _month(at: int) -> str:
    return f"{from_db(at).astimezone(TOKYO):%Y-%m}"


def pivot(name: str, keys: tuple[str, ...], figures: tuple[str, ...], counted: Counter[_KEY]) -> ReportTable:
    """A table with a row for each key and a column for each figure, ordered by the keys."""
    rows = sorted({key[: len(keys)] for key in counted if key[len(keys)] in figures})
    return ReportTable(
        id=name,
        columns=(*keys, *(figure.removeprefix("how:") for figure in figures)),
        rows=tuple((*row, *(counted[(*row, figure)] for figure in figures)) for row in rows),
    )


def share(values: list[int], percent: int) -> int:
    """The value below or at which so many percent of the sorted values lie; 0 of none."""
    return values[min(len(values) - 1, len(values) * percent // 100)] if values else 0


def span_of(since: date, until: date) -> tuple[int, int]:
    """The days `since` … `until` in Japan as microseconds, the second one not included."""
    start = datetime(since.year, since.month, since.day, tzinfo=TOKYO)
    end = datetime(until.year, until.month, until.day, tzinfo=TOKYO)
    return int(start.timestamp()) * 1_000_000, (int(end.timestamp()) + 86_400) * 1_000_000
