"""Many files that come at once end as the same files one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from daemon.desk.arrivals import Landed, receive, receive_all
from daemon.desk.case import Setting
from daemon.desk.opinion import Opinion, Paper, judge_paper
from daemon.intake.frontmatter import read_item
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Rulebook
from daemon.store import Store

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=TOKYO)

HELD = (
    "SELECT name, live, state, verdict, revision, hash, title, body, item, findings, author, author_verified, policy_hash "
    "FROM drafts ORDER BY name",
    "SELECT name, n, r.hash, encoding, size FROM draft_revisions r JOIN drafts d ON d.id = r.draft ORDER BY name, n",
    "SELECT name, act, actor FROM audit a JOIN drafts d ON d.id = a.draft ORDER BY name, seq",
    "SELECT field, text FROM audit_private ORDER BY text",
    "SELECT hash, size FROM revisions ORDER BY hash",
    "SELECT * FROM seen ORDER BY name",
    "SELECT * FROM counters ORDER BY state",
)
"""What must be the same; numbers of drafts are given in another order."""


def opinion(book: Rulebook, name: str, text: str, ino: int) -> Opinion:
    data = text.encode()
    paper = Paper("minato-x", name.encode(), data, hashlib.sha256(data).hexdigest(), read_item(data), -1, 1, ino, 0, 0, len(data))
    return judge_paper(paper, Setting(book, NOON, frozenset(), lambda _: ()))


async def after(state: Path, batches: Sequence[Sequence[Opinion]], *, at_once: bool) -> tuple[list[object], list[object]]:
    """What is answered, and what the database holds in the end."""
    answers: list[Landed] = []
    async with await Store.open(state, clock=lambda: 1_700_000_000_000_000) as store:
        for batch in batches:
            answers += await store.write(receive_all(batch)) if at_once else [await store.write(receive(each)) for each in batch]
        assert (await store.verify()).ok
        held: list[object] = [[tuple(row) for row in await store.fetch(sql)] for sql in HELD]
    return [(each.name, each.hash, each.state, each.verdict, each.changed, each.later) for each in answers], held


async def test_files_at_once_end_as_the_same_files_one_by_one(tmp_path: Path, book: Rulebook) -> None:
    first = [opinion(book, f"{n}.txt", f"お知らせ {n} です。", n) for n in range(20)]
    second = [
        opinion(book, "20.txt", "お知らせ 3 です。", 20),  # the bytes of another draft
        opinion(book, "3.txt", "お知らせ 3 を直しました。", 3),  # a new revision
        first[4],  # nothing new
        opinion(book, "21.txt", "初めの文です。", 21),
        opinion(book, "21.txt", "次の文です。", 21),  # the same name twice
        opinion(book, "22.txt", "【〇〇】について", 22),
    ]
    at_once = await after(tmp_path / "all", [first, second], at_once=True)
    one_by_one = await after(tmp_path / "one", [first, second], at_once=False)
    assert at_once == one_by_one
