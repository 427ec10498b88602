"""A backup of a large office while people work: how long it takes, and how long a command waits meanwhile; then the way back.

    python -m benchmarks.backup [--drafts 100000] [--repair] [--folder DIR]

Real daemon, real backup process, real disk. The drafts are put into the store as intake would put them (bytes, row, revision, entry),
without a million files. A command is, in turn, a look at the office, a draft shown in full, and a decision that is written down.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from benchmarks.machine import about, kill, spread
from benchmarks.office import ACCOUNT, BODY, ROOT, office
from daemon.desk.case import Setting
from daemon.desk.opinion import Opinion, Paper, judge_paper
from daemon.intake.frontmatter import read_item
from daemon.rulebook.current import Current
from daemon.service.clock import tokyo_now
from daemon.service.spawn import start_detached
from daemon.store.audit import GENESIS, Detail, canonical, chained
from daemon.store.database import DATABASE, open_writer
from daemon.store.revisions import note_end
from daemon.store.segments import FOLDER, Segments
from daemon.wire import (
    Ask,
    Backup,
    BackupProgress,
    BackupState,
    Done,
    Hello,
    Reply,
    Return,
    Show,
    Status,
    decode_frame,
    encode_frame,
)
from daemon.wire.place import address

AT_ONCE = 20_000
PAUSE = 0.01


def fill(folder: Path, drafts: int) -> None:
    """Put so many drafts into the office's store, with their bytes and entries, as intake would leave them; in the store's own blocks
    and rows, many at a time, because a million arrivals one by one take as many minutes as they take in an office."""
    setting = Setting(Current(folder).rulebook, tokyo_now(), frozenset(), lambda _: ())
    first = BODY.format(n=0, author="akasaka").encode()
    digest = sha256(first).hexdigest()
    paper = Paper(ACCOUNT, b"", first, digest, read_item(first), os.getuid(), 0, 0, 0, 0, len(first))
    store = folder / "state" / "store"
    store.mkdir(parents=True)
    (store / FOLDER).mkdir()
    with closing(open_writer(store / DATABASE)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute(f"PRAGMA cache_size = -{500 << 10}")
        segments = Segments(store / FOLDER, 1, 0)
        filling = _Filling(db, segments, judge_paper(paper, setting))
        for start in range(0, drafts, AT_ONCE):
            filling.some(range(start, min(start + AT_ONCE, drafts)))
        segments.close()


class _Filling:
    def __init__(self, db: sqlite3.Connection, segments: Segments, pattern: Opinion) -> None:
        self._db, self._segments, self._pattern = db, segments, pattern
        self._seq, self._head, self._at = 0, GENESIS, time.time_ns() // 1000

    def some(self, numbers: Iterable[int]) -> None:
        """One batch, in one commit."""
        one, db = self._pattern, self._db
        rows: dict[str, list[tuple[object, ...]]] = {"revisions": [], "drafts": [], "draft_revisions": [], "audit": []}
        for n in numbers:
            data = BODY.format(n=n, author="akasaka").encode()
            digest, name = sha256(data).hexdigest(), f"bench-{n:07}.txt"
            place = self._segments.append(digest, data)
            entry = self._entry(n + 1, name, digest)
            rows["revisions"].append((digest, *place, self._at))
            rows["drafts"].append((
                n + 1, ACCOUNT, name.encode(), 1, one.state, one.verdict, 1, digest, one.title, one.body.replace("0】", f"{n}】"), one.item,
                one.findings, one.author, one.author_verified, one.policy_hash, self._at, self._at, None, "", "",
            ))  # fmt: skip
            rows["draft_revisions"].append((n + 1, 1, digest, self._at, one.encoding, len(data)))
            rows["audit"].append(entry)
        db.execute("BEGIN")
        for table, values in rows.items():
            db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values[0]))})", values)
        self._segments.sync()
        note_end(db, self._segments.mark())
        db.execute("COMMIT")

    def _entry(self, draft: int, name: str, digest: str) -> tuple[object, ...]:
        self._seq, prev = self._seq + 1, self._head
        detail: dict[str, Detail] = {
            "account": ACCOUNT, "name": name, "author": "akasaka", "revision": 1, "hash": digest, "replaces": None,
            "verdict": self._pattern.verdict, "clauses": self._pattern.clauses, "policy": self._pattern.policy_hash,
        }  # fmt: skip
        record = canonical(self._seq, self._at, "file", "receive", draft, detail, prev)
        self._head = chained(prev, record)
        self._segments.append_entry(self._seq, self._head, record)
        return self._seq, self._at, "file", "receive", draft, record, prev, self._head


class Person:
    """A manager at the socket."""

    def __init__(self, state: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with address(state) as place:
            self._socket.connect(place)
        self._file = self._socket.makefile("rb")
        self._socket.sendall(encode_frame(Hello(client="benchmark", operator="shibata")))
        self._file.readline()

    def ask(self, **question: object) -> object:
        """The answer to one question."""
        self._socket.sendall(encode_frame(Ask(id=os.urandom(8).hex(), **question)))  # type: ignore[arg-type]
        frame = decode_frame(self._file.readline())
        assert isinstance(frame, Reply)
        return frame.answer


def commands(person: Person, drafts: int, going_on: Callable[[], bool]) -> dict[str, list[float]]:
    """Seconds that each command took, as long as that goes on."""
    chance = random.Random(7)
    took: dict[str, list[float]] = {"look at the office": [], "a draft in full": [], "a decision": []}
    turn = 0
    while going_on():
        name = list(took)[turn % 3]
        draft = chance.randrange(1, drafts + 1)
        turn += 1
        if name == "a decision":
            row = person.ask(query=Show(draft=draft)).row  # type: ignore[attr-defined]
            question: dict[str, object] = {"act": Return(draft=draft, hash=row.hash, reason="日付を確かめてください")}
        else:
            question = {"query": Status() if name == "look at the office" else Show(draft=draft)}
        started = time.perf_counter()
        answer = person.ask(**question)
        took[name].append(time.perf_counter() - started)
        assert name != "a decision" or isinstance(answer, Done) or "差戻し" in str(answer), answer
        time.sleep(PAUSE)
    return took


def report(what: str, took: dict[str, list[float]]) -> None:
    for name, seconds in took.items():
        print(spread(f"{what}: {name}", seconds))
    print(spread(f"{what}: all commands", [second for seconds in took.values() for second in seconds]))


def measure(folder: Path, drafts: int, *, repair: bool) -> None:
    started = time.perf_counter()
    fill(folder, drafts)
    store = folder / "state" / "store"
    size = sum(path.stat().st_size for path in store.rglob("*") if path.is_file())
    print(f"{drafts:,} drafts in the store ({size >> 20:,} MiB), put there in {time.perf_counter() - started:.0f} s")
    pid = start_detached(folder)
    to = folder.parent / "backup.tar"
    try:
        person, other = Person(folder / "state"), Person(folder / "state")
        until = time.perf_counter() + 10
        report("no backup", commands(person, drafts, lambda: time.perf_counter() < until))
        started = time.perf_counter()
        assert isinstance(other.ask(act=Backup(path=str(to))), Done)
        progress = _Watching(other)
        report("during a backup", commands(person, drafts, progress.running))
        assert not progress.last.error, progress.last
        seconds = time.perf_counter() - started
        print(f"backup of {drafts:,} drafts, online: {seconds:.1f} s, {to.stat().st_size >> 20:,} MiB")
    finally:
        kill(pid)
    offline(folder, "backup", str(folder.parent / "offline.tar"))
    offline(folder, "restore", str(to))
    if repair:
        offline(folder, "repair")


class _Watching:
    """Asks every half second how far the backup is."""

    def __init__(self, person: Person) -> None:
        self._person, self._at = person, time.perf_counter()
        self.last = BackupProgress(running=True)

    def running(self) -> bool:
        """Whether it goes on."""
        if time.perf_counter() - self._at > 0.5:
            answer = self._person.ask(query=BackupState())
            assert isinstance(answer, BackupProgress)
            self._at, self.last = time.perf_counter(), answer
        return self.last.running


def offline(folder: Path, *words: str) -> None:
    """One of the commands without a daemon."""
    started = time.perf_counter()
    program = [sys.executable, "-m", "daemon.service.keeping_main", *words, "--office", str(folder)]
    ended = subprocess.run(program, capture_output=True, check=False, cwd=ROOT)
    last = json.loads(ended.stdout.splitlines()[-1])
    assert "ok" in last, last
    print(f"{words[0]} without a daemon: {time.perf_counter() - started:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--drafts", type=int, default=100_000)
    parser.add_argument("--repair", action="store_true")
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    base = Path(tempfile.mkdtemp(prefix="kohoban-bench-", dir=options.folder))
    print(about(base), datetime.now().astimezone().isoformat(timespec="minutes"), sep="\n")
    try:
        measure(office(base / "office"), options.drafts, repair=options.repair)
    finally:
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
