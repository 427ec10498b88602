"""An amendment over 100,000 stored drafts (issue: at most 60 s), and what a console notices of it meanwhile.

.venv/bin/python -m benchmarks.backtest [--drafts 100000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from msgspec.structs import replace

from benchmarks.machine import about, spread
from daemon.desk.arrivals import receive_all
from daemon.desk.case import Setting
from daemon.desk.opinion import Paper, judge_paper
from daemon.intake.frontmatter import read_item
from daemon.rulebook.current import Current
from daemon.rulebook.model import Hours, Policy, Words
from daemon.service.backtest import Comparison
from daemon.service.clock import tokyo_now
from daemon.store import Store
from daemon.store.database import DATABASE

ROOT = Path(__file__).resolve().parent.parent
TEXTS = (
    "市民活動入門講座を{n}回目として開きます。参加は無料、定員は30人（申込順）です。詳しくは市のホームページをご覧ください。",
    "浦和コミュニティセンターの改修工事が終わりました。第{n}会議室から順に使えます。ご不便をおかけしました。",
    "協働事業の募集要項（第{n}号）を公開しました。説明会は来月です。締切までに窓口へお持ちください。",
    "第{n}回朝市のお知らせ。駅前広場で、市民活動団体が野菜と焼き菓子を販売します。雨天中止です。",
)
"""One of four is judged otherwise by the amendment."""
AT_ONCE = 512


def amended(policy: Policy) -> Policy:
    """Another closing hour and a word that is not to be posted."""
    rules = tuple(replace(rule, close=rule.close.replace(hour=16)) if isinstance(rule, Hours) else rule for rule in policy.rules)
    market = Words(
        id="market", clause="saitama/1", level="block", terms=("朝市",), message="朝市は扱いません。", message_en="No markets."
    )
    return replace(policy, rules=(*rules, market), hash="sha256:amended")


async def fill(store: Store, setting: Setting, count: int) -> None:
    """Put so many drafts into the store, as arrivals do."""
    for first in range(0, count, AT_ONCE):
        some = [paper(n) for n in range(first, min(count, first + AT_ONCE))]
        await store.write(receive_all([judge_paper(each, setting) for each in some]))


def paper(n: int) -> Paper:
    """The n-th draft."""
    head = '+++\nauthor = "omiya"\ntopic = "施策・事業"\n+++\n'
    data = (head + TEXTS[n % len(TEXTS)].format(n=n)).encode()
    digest = hashlib.sha256(data).hexdigest()
    return Paper("saitama-cvc", f"{n}.txt".encode(), data, digest, read_item(data), -1, 1, n, 0, 0, len(data))


async def measure(folder: Path, count: int, rounds: int) -> None:
    """Fill an office, and compare; meanwhile somebody reads pages from the same database."""
    shutil.copy(ROOT / "rules.toml", folder)
    book = Current(folder).rulebook
    store = await Store.open(folder / "state" / "store")
    try:
        setting = Setting(book, tokyo_now(), frozenset(), lambda _: ())
        began = time.perf_counter()
        await fill(store, setting, count)
        # All but the last hundred have been released, as in an office of some years: what is in hand is judged in full.
        await store.write(
            lambda tx: tx.db.execute("UPDATE drafts SET state = 'released', live = 0 WHERE id <= ?", (count - 100,))
        )
        print(f"{count:,} drafts of saitama-cvc stored in {time.perf_counter() - began:.1f} s")
        took, reads = [], []
        quiet = await reading(store, 60)
        for _ in range(rounds):
            comparison = Comparison(folder / "state" / "store" / DATABASE, book, amended(book.policies["saitama"]), count)
            task = asyncio.get_running_loop().create_task(comparison.run(tokyo_now))
            while not task.done():
                reads += await reading(store, 1)
                await asyncio.sleep(0.05)
            await task
            assert not comparison.error[0] and comparison.done == comparison.of == count, comparison.error
            took.append(comparison.seconds)
            print(
                f"round: {comparison.seconds:.1f} s, {count / comparison.seconds:,.0f} drafts a second, {len(comparison.changes):,} differ"
            )
        print(
            f"back-test of {count:,} drafts: median {statistics.median(took):.1f} s, min {min(took):.1f}, max {max(took):.1f}, n {len(took)}"
        )
        database = folder / "state" / "store" / DATABASE
        tally = Comparison(database, book, amended(book.policies["saitama"]), count, tally=True)
        await tally.run(tokyo_now)
        assert not tally.error[0] and tally.done == tally.of == count, tally.error
        fired = sum(one.after for one in tally.told().rules)
        print(f"every rule counted on {count:,} drafts by both texts: {tally.seconds:.1f} s, {fired:,} times fired")
        print(spread("a page read from the loop, nothing else on", quiet))
        print(spread("the same while the back-test runs", reads))
    finally:
        await store.close()


async def reading(store: Store, times: int) -> list[float]:
    """How long a page of the queue takes."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        await store.fetch("SELECT id, account, state, verdict, title FROM drafts ORDER BY id DESC LIMIT 64")
        took.append(time.perf_counter() - began)
    return took


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--drafts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        print(about(Path(place)))
        (Path(place) / "state").mkdir()
        asyncio.run(measure(Path(place), options.drafts, options.rounds))


if __name__ == "__main__":
    main()
