"""The state of an office after years, made by SQL: a million drafts and ten million entries of the record, chained as they should be.

    python -m benchmarks.years FOLDER [--drafts 1000000] [--entries 10000000]

Makes an office in FOLDER (about 5 GB; some minutes), or leaves it as it is where it is there already. One draft in a hundred still
waits, its file known; the others have been released. benchmarks/office.py starts a daemon on it.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sqlite3
import time
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path

from benchmarks.titles import PLACES, WHATS
from daemon.store import Store, texts
from daemon.store.audit import GENESIS
from daemon.store.database import DATABASE

ROOT = Path(__file__).resolve().parent.parent
ACCOUNT = "minato-x"
WAITING = 100
"""Every so many-th draft still waits."""
BODY = "【お知らせ】区立図書館の年末年始の開館時間についてお知らせします。詳しくは区ホームページをご覧ください。"
FIRST = 1_600_000_000_000_000
STEP = 20_000_000

DRAFT = """INSERT INTO drafts (id, account, name, live, state, verdict, revision, hash, title, body, item, findings, author,
    author_verified, policy_hash, received_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?,
    x'7b2274657874223a22227d', x'5b5d', 'akasaka', 0, 'sha256:0', ?, ?)"""
REVISION = "INSERT INTO draft_revisions (draft, n, hash, at, encoding, size) VALUES (?, 1, ?, ?, 'utf-8', 300)"
PLACE = "INSERT INTO revisions (hash, segment, offset, size, at) VALUES (?, 1, ?, 300, ?)"
SEEN = "INSERT INTO seen VALUES (?, ?, 1, ?, 1, 1, 300)"
RELEASE = """INSERT INTO releases (draft, hash, account, channel, epoch, state, holder, begun_at, ended_at, body)
    VALUES (?, ?, ?, 'manual', 1, 'released', 'akasaka', ?, ?, ?)"""
ENTRY = "INSERT INTO audit (seq, at, actor, act, draft, record, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def office_of_years(folder: Path, drafts: int = 1_000_000, entries: int = 10_000_000) -> Path:
    """The office in `folder`, made where it is not there yet."""
    if (folder / "made").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "drafts" / ACCOUNT).mkdir(parents=True)
    (folder / "state").mkdir(mode=0o750)
    shutil.copy(ROOT / "rules.toml", folder)
    asyncio.run(_empty_store(folder / "state" / "store"))
    db = sqlite3.connect(folder / "state" / "store" / DATABASE, isolation_level=None)
    db.row_factory = sqlite3.Row
    for quick in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -400000"):
        db.execute(f"PRAGMA {quick}")
    db.execute("BEGIN")
    _drafts(db, drafts)
    texts.begin_anew(db)
    while texts.catch_up(db, 20_000):
        pass
    _entries(db, entries, drafts)
    db.execute(
        "UPDATE segment_end SET first = ?", (entries + 1,)
    )  # as in an office whose record began before segments held entries
    db.execute("COMMIT")
    db.close()
    (folder / "made").touch()
    return folder


async def _empty_store(state: Path) -> None:
    await (await Store.open(state)).close()


def _drafts(db: sqlite3.Connection, count: int) -> None:
    for start in range(1, count + 1, 10_000):
        some = range(start, min(count + 1, start + 10_000))
        digests = [sha256(b"%d" % n).hexdigest() for n in some]
        waits = [n % WAITING == 0 for n in some]
        rows = list(zip(some, digests, waits, strict=True))
        db.executemany(
            DRAFT,
            [
                (
                    n,
                    ACCOUNT,
                    b"%d.txt" % n,
                    int(waiting),
                    "waiting" if waiting else "released",
                    "pass" if n % 7 else "warn",
                    digest,
                    title(n),
                    f"{n} {BODY}",
                    at(n),
                    at(n),
                )
                for n, digest, waiting in rows
            ],
        )
        db.executemany(REVISION, [(n, digest, at(n)) for n, digest, _ in rows])
        db.executemany(PLACE, [(digest, n * 400, at(n)) for n, digest, _ in rows])
        db.executemany(SEEN, [(ACCOUNT, b"%d.txt" % n, n) for n, _, waiting in rows if waiting])
        db.executemany(RELEASE, [(n, digest, ACCOUNT, at(n), at(n), BODY) for n, digest, waiting in rows if not waiting])


def title(n: int) -> str:
    """The head of the n-th draft."""
    return f"【お知らせ】{PLACES[n % len(PLACES)]} {WHATS[n % len(WHATS)]} {n}"


def at(n: int) -> int:
    """The moment of the n-th draft: one every twenty seconds, for most of a year."""
    return FIRST + n * STEP


def _entries(db: sqlite3.Connection, count: int, drafts: int) -> None:
    rows = _chained(count, drafts)
    while some := list(islice(rows, 10_000)):
        db.executemany(ENTRY, some)


def _chained(count: int, drafts: int) -> Iterator[tuple[object, ...]]:
    head = GENESIS
    for seq in range(1, count + 1):
        when, draft, prev = FIRST + seq * STEP // 10, 1 + seq % drafts, head
        record = (
            f'{{"act":"approve","actor":"shibata","at":{when},"detail":{{"account":"{ACCOUNT}","clause":"minato/7"}},'
            f'"draft":{draft},"prev":"{prev}","seq":{seq}}}'
        ).encode()
        head = sha256(prev.encode() + record).hexdigest()
        yield seq, when, "shibata", "approve", draft, record, prev, head


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--drafts", type=int, default=1_000_000)
    parser.add_argument("--entries", type=int, default=10_000_000)
    options = parser.parse_args()
    started = time.perf_counter()
    folder = office_of_years(options.folder, options.drafts, options.entries)
    size = (folder / "state" / "store" / DATABASE).stat().st_size
    print(f"{folder}: {size >> 20} MiB, {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
