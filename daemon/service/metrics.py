"""The office in numbers, as a text file that Prometheus' node_exporter picks up (textfile collector), and in one line for the service manager.

Numbers, states and ids of accounts only: no text of a draft, no name of a person or a file, nothing of a citizen.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

import structlog

from daemon.desk.states import ENDED, WORDS
from daemon.rulebook.calendar import TOKYO
from daemon.service.beside import Beside
from daemon.service.notify import Manager
from daemon.service.running import Running
from daemon.service.versions import program_version
from daemon.store import StoreError, Tx, from_db, to_db

log = structlog.get_logger()

FILE = "metrics.prom"
"""Its name in `state/`, where `[office] metrics` names no other place."""
EVERY = 5.0
"""Seconds between two writings."""
ALARM = "metrics"

OUTCOMES = ("begun", "leased", "prevented", "released", "unknown")
COMMENTS = ("open", "proposed", "second", "escalated")

Labels = tuple[tuple[str, str], ...]


class Metric(NamedTuple):
    """One family: its name without the prefix, what it means, and its values by label."""

    name: str
    kind: Literal["gauge", "counter"]
    about: str
    values: Mapping[Labels, float]


class Asked(NamedTuple):
    """What only the office's rooms know at this moment."""

    canaries: tuple[int, int]
    last_scan: datetime | None
    alarms: int
    hung: frozenset[str]
    releaser: bool
    listening: int


def plain(name: str, about: str, value: float, kind: Literal["gauge", "counter"] = "gauge") -> Metric:
    """A family of one number."""
    return Metric(name, kind, about, {(): value})


def by(name: str, about: str, label: str, values: Mapping[str, float]) -> Metric:
    """A family with one label."""
    return Metric(name, "gauge", about, {((label, key),): value for key, value in values.items()})


def text(metrics: Iterator[Metric]) -> str:
    """The exposition format (0.0.4), as the textfile collector reads it."""
    lines = []
    for each in metrics:
        name = f"kohoban_{each.name}"
        lines += [f"# HELP {name} {each.about}", f"# TYPE {name} {each.kind}"]
        for labels, value in each.values.items():
            inside = ",".join(f'{key}="{_escaped(said)}"' for key, said in labels)
            lines.append(f"{name}{{{inside}}} {value:.17g}" if inside else f"{name} {value:.17g}")
    return "\n".join((*lines, ""))


def _escaped(said: str) -> str:
    return said.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


class Metrics:
    """The file of one office, and the line. `ask` gathers what the rooms know."""

    def __init__(self, office: Running, manager: Manager, ask: Callable[[], Asked]) -> None:
        self._office, self._manager, self._ask = office, manager, ask
        self._beside = Beside()
        self._said: Path | None = None
        self._writing, self._ended = threading.Lock(), False

    def start(self) -> None:
        """Begin to count."""
        self._beside.begin(self._go())

    async def close(self) -> None:
        """Say that the office is down. One that is killed says nothing: its `kohoban_written_timestamp_seconds` grows old."""
        await self._beside.end()
        last = text(iter([_up(0), _written()]))
        with suppress(OSError):
            await asyncio.to_thread(self._put, self._said or place_of(self._office), last, last=True)

    async def _go(self) -> None:
        while True:
            try:
                await self.round()
                self._office.alarms.pop(ALARM, None)
            except Exception as error:  # whatever it is: an office that cannot be counted works all the same
                ja, en = (error.message, error.message_en) if isinstance(error, StoreError) else (str(error), str(error))
                self._office.alarms[ALARM] = f"計数ファイルを書けません: {ja}", f"The metrics cannot be written: {en}"
                log.warning("metrics not written", why=en)
            await asyncio.sleep(EVERY)

    async def round(self) -> None:
        """Count, tell the manager, write. Raises StoreError, OSError."""
        office = self._office
        place = place_of(office)
        if self._said not in (None, place):
            await asyncio.to_thread(self._said.unlink, missing_ok=True)  # two files would be two offices
        asked = self._ask()
        began = time.perf_counter()
        lag = None
        with suppress(StoreError):  # a full disk, a writer that is closed: the rest is counted all the same
            await office.store.write(_nothing)
            lag = time.perf_counter() - began
        now = office.clock()
        day = now.astimezone(TOKYO).replace(hour=0, minute=0, second=0, microsecond=0)
        kept = await office.store.read(lambda db: _kept(db, to_db(day)))
        self._manager.status(line(office.look().open, office.look().scopes, kept.drafts))
        self._said = place
        await asyncio.to_thread(self._put, place, text(_metrics(office, asked, kept, lag, now)))

    def _put(self, place: Path, said: str, *, last: bool = False) -> None:
        """Write; what is still under way when the office ends must not stand after its last word. Raises OSError."""
        with self._writing:
            if last or not self._ended:
                self._ended = last
                write(place, said)


class Kept(NamedTuple):
    """What the store says, of one moment."""

    drafts: Mapping[str, float]
    waits_since: int | None
    releases: Mapping[str, float]
    unknown: int
    comments: Mapping[str, float]
    head_at: int | None


def _kept(db: sqlite3.Connection, day: int) -> Kept:
    drafts: dict[str, float] = dict.fromkeys(WORDS, 0)
    drafts |= {row[0]: row[1] for row in db.execute("SELECT state, SUM(n) FROM counters GROUP BY state")}
    releases: dict[str, float] = dict.fromkeys(OUTCOMES, 0)
    releases |= dict(db.execute("SELECT state, COUNT(*) FROM releases WHERE begun_at >= ? GROUP BY state", (day,)))
    comments: dict[str, float] = dict.fromkeys(COMMENTS, 0)
    in_hand = "SELECT state, COUNT(*) FROM comments WHERE state IN ('open', 'proposed', 'second', 'escalated') GROUP BY state"
    comments |= dict(db.execute(in_hand))
    (since,) = db.execute("SELECT MIN(asked_at) FROM drafts WHERE state IN ('waiting', 'held') AND live = 1").fetchone()
    (unknown,) = db.execute("SELECT COUNT(*) FROM releases WHERE state = 'unknown'").fetchone()
    head = db.execute("SELECT at FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return Kept(drafts, since, releases, unknown, comments, head[0] if head else None)


def _metrics(office: Running, asked: Asked, kept: Kept, lag: float | None, now: datetime) -> Iterator[Metric]:
    look, store = office.look(), office.store
    yield _up(1)
    yield _written()
    yield Metric("info", "gauge", "The version that runs.", {(("version", program_version()),): 1})
    yield plain("start_timestamp_seconds", "When this daemon started.", office.started.timestamp())
    yield plain("stopped", "1 while nothing may go out: a stop stands, or there is no permit.", not look.open)
    scopes = {scope: 1.0 for scope in look.scopes}
    yield by("stopped_part", "1 for each part that a stop of its own stands for.", "scope", scopes)
    yield by("drafts", "Drafts by state.", "state", kept.drafts)
    waits = 0.0 if kept.waits_since is None else max(0.0, (now - from_db(kept.waits_since)).total_seconds())
    yield plain("waiting_oldest_seconds", "How long the draft that waits longest for people has waited.", waits)
    yield by("releases_today", "Releases begun since midnight in Japan, by how they stand.", "state", kept.releases)
    yield plain("releases_unknown", "Releases of which nobody knows whether they are out.", kept.unknown)
    yield by("comments_in_hand", "Comments that wait for somebody, by state.", "state", kept.comments)
    if asked.last_scan is not None:
        yield plain("scan_timestamp_seconds", "When the folders were last seen whole.", asked.last_scan.timestamp())
    if lag is not None:
        yield plain("writer_lag_seconds", "How long an act that changes nothing took to pass through the writer just now.", lag)
    commits = store.writer.commits
    yield plain("commits_total", "Commits since the start.", commits.made, "counter")
    yield plain("commit_seconds_total", "Seconds that they took, with their fsyncs.", commits.seconds, "counter")
    yield plain("commit_last_seconds", "Seconds that the last one took.", commits.last)
    yield plain("store_trouble", "1 while something is wrong with writing.", store.trouble is not None)
    yield plain("alarms", "Alarms that stand on every screen.", asked.alarms)
    kinds = Counter(key.partition(":")[0] for key in tuple(office.alarms))
    yield by("alarms_by_kind", "The same, by what raised them.", "kind", dict(kinds))
    yield plain("canaries", "Canaries of the policies.", asked.canaries[1])
    yield plain("canaries_awake", "Canaries that answered as they must at the last look.", asked.canaries[0])
    yield plain("releaser_up", "1 while the releaser is on the line.", asked.releaser)
    yield plain("threads_hung", "Threads that do not get on.", len(asked.hung))
    yield plain("consoles", "People who have a console open.", asked.listening)
    if kept.head_at is not None:
        yield plain(
            "audit_head_timestamp_seconds", "When the last entry of the record was made.", from_db(kept.head_at).timestamp()
        )
    yield plain("audit_entries_total", "Entries of the record.", store.head.seq, "counter")


def _up(value: float) -> Metric:
    return plain("up", "1 while the daemon runs; 0 after it has ended in order.", value)


def _written() -> Metric:
    return plain("written_timestamp_seconds", "When this was written. Old: the daemon is dead or hangs.", time.time())


def line(is_open: bool, scopes: tuple[str, ...], drafts: Mapping[str, float]) -> str:
    """How the office stands, in one line: 稼働 or 停止, then what is in the queue."""
    head = "稼働" if is_open and not scopes else f"一部停止（{' '.join(scopes)}）" if is_open else "停止"
    counts = " ".join(f"{WORDS[state][0]} {drafts[state]:.0f}" for state in WORDS if drafts.get(state) and state not in ENDED)
    return f"{head}　{counts or '待ちなし'}"


def place_of(office: Running) -> Path:
    """Where the file belongs: as the rules say, else `state/metrics.prom`."""
    named = office.current.rulebook.office.metrics
    return office.folder / named if named else office.state / FILE


def write(place: Path, said: str) -> None:
    """Put the file in its place whole, readable to everybody who may enter the folder: the collector must never see half of it. Raises
    OSError."""
    new = place.with_name(f".{place.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, 0o644)
            file.write(said)
        new.replace(place)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _nothing(tx: Tx) -> None:
    """An act that only passes through the writer."""
