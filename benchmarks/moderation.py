"""Comments of a running office: an export to durable, a judgement to durable, and the bench with a million judged comments beside it.

    python -m benchmarks.moderation [--comments 100000] [--rounds 5] [--judged 1000000] [--acts 200] [--folder DIR]

Comments are made here from a seed: one in fifty holds words that a ground may be met by, the others are forgotten. "durable" is the moment
at which the export is deleted, which comes behind the commit; the clock runs from the renaming of a file that was written a while before.
The memory is the largest that the sifting process ever had (VmHWM). Judged comments are rows like those of a real judgement, put into
the database while no daemon runs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from benchmarks.desk import Client
from benchmarks.machine import about, kill, spread
from benchmarks.office import office
from daemon.moderation.comment import Evidence
from daemon.rulebook.calendar import TOKYO
from daemon.service.spawn import start_detached
from daemon.wire.answers import Done
from daemon.wire.bench import BenchCounts, BenchOpened, BenchPage, ImportList, Imports, Measures, OpenBench, ShowComment
from daemon.wire.moderation import Judge
from daemon.wire.queries import Status

ACCOUNT, MANAGER = "saitama-cvc", "urano"
FOUND = (
    "お前ら全員死ね",
    "こいつら本当に無能",
    "外国人は国に帰れ",
    "誰でも簡単に月収50万円！登録はこちら",
    "【拡散希望】ダムが決壊したらしい",
)
WHERE = (
    "図書館",
    "駅前の広場",
    "区民センター",
    "避難所",
    "市役所の窓口",
    "児童館",
    "体育館",
    "公園",
    "ごみの集積所",
    "学校の前の道",
)
WHEN = ("きのう", "先週", "けさ", "この前", "夏のあいだ", "2時ごろ", "11月3日", "週末", "雨の日", "夜")
WHAT = (
    "行きました。職員の方が親切に教えてくださって助かりました",
    "前を通りました。工事がいつ終わるのか知らせてほしいです",
    "並びましたが、説明が足りないと思います。市の対応には納得できません",
    "参加しました。子どもも楽しかったようです。来年も続けてください",
    "困っている人を見ました。もう少し早く開けられないものでしょうか",
    "使わせてもらいました。新しい席が気に入っています",
)
EVERY = 50


def lines(count: int, seed: int, *, every: int = EVERY) -> Iterator[bytes]:
    """So many comments of an export, one in `every` of which holds something (0: none)."""
    choice = random.Random(seed)
    begin = datetime(2026, 11, 1, tzinfo=TOKYO)
    for n in range(count):
        clean = f"{choice.choice(WHEN)}、{choice.choice(WHERE)}に{choice.choice(WHAT)}。{choice.choice(WHEN)}も{choice.choice(WHERE)}で。"
        words = choice.choice(FOUND) if every and n % every == 0 else clean
        line = {
            "id": f"{seed}-{n}",
            "text": words,
            "author": f"shimin_{choice.randrange(10**5)}",
            "author_id": str(choice.randrange(10**9)),
            "at": (begin + timedelta(seconds=n % 10**6)).isoformat(),
            "conversation": "https://x.com/SaitamaCvcCoop/status/1",
        }
        yield json.dumps(line, ensure_ascii=False).encode() + b"\n"


def children(pid: int) -> Iterator[int]:
    """The children of a process, whichever of its threads started them."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            yield from map(int, (task / "children").read_text().split())


def highest(pid: int) -> int:
    """The most memory (KiB) that the sifting process among a daemon's children has had; 0 where there is none."""
    for child in children(pid):
        with suppress(OSError):
            if b"sifting" in Path(f"/proc/{child}/cmdline").read_bytes():
                said = Path(f"/proc/{child}/status").read_text()
                return next((int(line.split()[1]) for line in said.splitlines() if line.startswith("VmHWM")), 0)
    return 0


def size(state: Path) -> int:
    """Bytes of the database, its log moved in."""
    with sqlite3.connect(state / "store" / "kohoban.db") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (state / "store" / "kohoban.db").stat().st_size


def processor(pid: int) -> float:
    """Seconds of the processor that the children of a process have taken that have ended."""
    said = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(said[13]) + int(said[14])) / os.sysconf("SC_CLK_TCK")


def imported(folder: Path, pid: int, count: int, seed: int, *, every: int = EVERY) -> tuple[float, float, int]:
    """Seconds from the renaming of an export until it is durable, seconds of processor of those that sifted it, and KiB of the larger one."""
    new = folder / "new.jsonl"
    with new.open("wb") as file:
        file.writelines(lines(count, seed, every=every))
    time.sleep(1.5)  # it was written by somebody else, a while ago
    (folder / "comments" / ACCOUNT).mkdir(parents=True, exist_ok=True)
    path, most = folder / "comments" / ACCOUNT / f"{seed}.jsonl", 0
    begun, before = time.perf_counter(), processor(pid)
    new.rename(path)
    while path.exists():
        most = max(most, highest(pid))
        time.sleep(0.02)
    return time.perf_counter() - begun, processor(pid) - before, most


def imports(folder: Path, pid: int, count: int, rounds: int) -> None:
    """Exports, one after the other."""
    state = folder / "state"
    took, work, memory = [], [], []
    before = size(state)
    for seed in range(rounds):
        seconds, worked, most = imported(folder, pid, count, seed)
        took.append(seconds)
        work.append(worked)
        memory.append(most)
    client = Client(state, "kansa")
    answer = client.ask(Imports())
    assert isinstance(answer, ImportList)
    kept = sum(each.kept for each in answer.imports)
    grown = size(state) - before
    print(spread(f"{count:,} comments, renamed → durable", took))
    print(spread("… processor of the two that sift them, together", work))
    print(f"{'memory of the process that sifts them':<52} {min(memory) / 1024:.0f} … {max(memory) / 1024:.0f} MiB")
    print(f"{'the database grew':<52} {grown / 1024:,.0f} KiB for {kept:,} comments kept, {grown / max(1, kept):,.0f} bytes each")
    imported(folder, pid, count, rounds, every=0)
    print(f"{'… and for as many clean ones':<52} {(size(state) - before - grown) / 1024:,.0f} KiB")
    client.close()


def timed(name: str, ask: Callable[[], object], count: int) -> None:
    """Print how long an ask takes."""
    took = []
    for _ in range(count):
        begun = time.perf_counter()
        ask()
        took.append(time.perf_counter() - begun)
        time.sleep(0.01)
    print(spread(name, took))


def bench(folder: Path, acts: int, beside: str) -> None:
    """What somebody at the bench waits for."""
    client = Client(folder / "state", MANAGER)
    opened = client.ask(OpenBench(accounts=(ACCOUNT,)))
    assert isinstance(opened, BenchOpened)
    page = client.ask(BenchPage(view=opened.view, limit=500))
    numbers = [row.id for row in page.rows]  # type: ignore[attr-defined]
    timed(f"open the bench ({opened.count:,} wait), {beside}", lambda: client.ask(OpenBench(accounts=(ACCOUNT,))), 30)
    view = client.ask(OpenBench(accounts=(ACCOUNT,)))
    assert isinstance(view, BenchOpened)
    timed(f"a page of 128, {beside}", lambda: client.ask(BenchPage(view=view.view, limit=128)), 50)
    timed(f"one comment in full, {beside}", lambda: client.ask(ShowComment(comment=numbers[0])), 50)
    timed(f"what waits, {beside}", lambda: client.ask(BenchCounts()), 50)
    timed(f"open measures, {beside}", lambda: client.ask(Measures()), 30)
    timed(f"status, {beside}", lambda: client.ask(Status()), 30)
    left = iter(numbers)

    def judge() -> None:
        answer = client.ask(Judge(comment=next(left), clause="7(2)", actions=("delete",)), act=True)
        if not isinstance(answer, Done):
            raise SystemExit(f"refused: {msgspec.json.encode(answer).decode()}")

    timed(f"judge → durable, {beside}", judge, acts)
    decided = OpenBench(accounts=(ACCOUNT,), states=("judged", "left"))
    timed(f"list what is decided, {beside}", lambda: client.ask(decided), 5)
    client.close()


def judged(state: Path, count: int) -> None:
    """Put so many judged comments into the database of an office at rest, each with its judgement and its measure."""
    with sqlite3.connect(state / "store" / "kohoban.db", isolation_level=None) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        (begin,) = db.execute("SELECT max(id) FROM comments").fetchone()
        (said,) = db.execute("SELECT max(id) FROM comment_says").fetchone()
        findings, at = db.execute("SELECT findings, arrived_at FROM comments WHERE state = 'judged' LIMIT 1").fetchone()
        at -= 10 * 86400 * 1_000_000
        for n in range(1, count + 1):
            words = Evidence(
                account=ACCOUNT, text=f"{FOUND[n % len(FOUND)]}（{n}）", handle=f"h{n}", author=f"a{n}", source=f"j{n}"
            )
            db.execute(
                "INSERT INTO comments VALUES (?, ?, 1, ?, '', '', ?, ?, ?, ?, ?, 'act', ?, '', '', 'sha256:0', 'judged', ?, '', NULL)",
                (begin + n, ACCOUNT, words.source, words.handle, words.author, at, at, words.hash, findings, at + n),
            )
            db.execute("INSERT INTO comment_evidence VALUES (?, ?)", (words.hash, words.data))
            db.execute(
                "INSERT INTO comment_says VALUES (?, ?, 'judgement', 'saitama/7(2)', '', '', '[\"delete\"]', '', 'urano', '[]', '', ?, "
                "'sha256:0', NULL)".replace("'[\"delete\"]'", "CAST('[\"delete\"]' AS BLOB)").replace(
                    "'[]'", "CAST('[]' AS BLOB)"
                ),
                (said + n, begin + n, at + n),
            )
            db.execute(
                "INSERT INTO measures (comment, judgement, account, asked, really, handle, author, url, clause, state, at, done_by, done_at) "
                "VALUES (?, ?, ?, 'delete', 'hide', ?, ?, '', 'saitama/7(2)', 'done', ?, 'omiya', ?)",
                (begin + n, said + n, ACCOUNT, words.handle, words.author, at + n, at + n),
            )
        db.execute("COMMIT")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--comments", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--judged", type=int, default=1_000_000)
    parser.add_argument("--acts", type=int, default=200)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    base = Path(tempfile.mkdtemp(prefix="kohoban-bench-", dir=options.folder))
    print(about(base))
    folder = office(base / "office")
    rules = folder / "rules.toml"
    rules.write_text(rules.read_text("utf-8").replace("daily_limit = 20\n", "daily_limit = 10000\n", 1), "utf-8")
    pid = start_detached(folder)
    try:
        imports(folder, pid, options.comments, options.rounds)
        bench(folder, options.acts, "alone")
        kill(pid)
        judged(folder / "state", options.judged)
        pid = start_detached(folder)
        time.sleep(5)
        bench(folder, options.acts, f"beside {options.judged:,}")
    finally:
        kill(pid)
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
