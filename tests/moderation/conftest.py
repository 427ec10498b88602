"""The bench of the training office, with a real store, its real rulebook, and a clock that the test sets."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.judge import Situation, judge
from daemon.moderation import bench, blocks, deciding, erasing, keeping, measures, opinions, taking
from daemon.moderation.brakes import Repeats
from daemon.moderation.setting import Setting
from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.item import Item
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Operator, Rulebook
from daemon.service.entitled import check_appointment, check_role
from daemon.service.sifting import End, Piece, Wanted, sift
from daemon.store import Store, Tx, to_db
from daemon.wire.answers import Done, Refusal
from daemon.wire.bench import (
    CommentDetail,
    MeasureCard,
    OpenBench,
)
from daemon.wire.blocks import BlockSeen
from daemon.wire.moderation import (
    CommentGone,
    DropMeasure,
    Judge,
    JudgeMany,
    MarkComment,
    MeasureDone,
    Propose,
    TakeMeasure,
    UndoJudgement,
)

MORNING = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)
ABUSE = "お前ら全員死ね。市民をなめるな。"
TAISHO, SAITAMA, MINATO, SHINAGAWA = "taisho-chiiki", "saitama-cvc", "minato-x", "shinagawa-koho"
JUDGE = {TAISHO: "shimizu", SAITAMA: "urano", MINATO: "shibata", SHINAGAWA: "oi"}
CLERK = {TAISHO: "okajima", SAITAMA: "omiya", MINATO: "akasaka", SHINAGAWA: "osaki"}


@pytest.fixture(scope="session")
def book(root: Path) -> Rulebook:
    """The training office's rulebook, from the real files."""
    return load_rulebook(root)


class Bench:
    """A readable way to play at the bench: who does what about which comment."""

    def __init__(self, store: Store, book: Rulebook, told: list[datetime]) -> None:
        self.store, self.book, self._told = store, book, told
        self.stops: frozenset[str] = frozenset()
        self.repeats = Repeats()
        self._files = 0

    @property
    def now(self) -> datetime:
        return self._told[0]

    def pass_time(self, **by: float) -> None:
        self._told[0] += timedelta(**by)

    @property
    def setting(self) -> Setting:
        def repeats(account: str, author: str) -> int:
            return self.repeats.of(self.book.accounts[account], author, self.book, self.now)

        return Setting(self.book, self.now, self.stops, repeats)

    def who(self, login: str) -> Operator:
        return self.book.operators[login]

    # What comes

    async def export(self, account: str, *comments: dict[str, Any], ending: str = ".jsonl", data: bytes = b"") -> keeping.Tally:
        """An export is read, and what is to be kept of it is kept."""
        data = data or "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in comments).encode()
        kept: list[keeping.Kept] = []
        for frame in sift(io.BytesIO(data), Wanted(account, ending, self.now, ()), self.book):
            if isinstance(frame, End):
                tally = frame.tally
            else:
                assert isinstance(frame, Piece)
                kept += frame.kept
                self.repeats.note(self.book.accounts[account], frame.flagged, self.book, self.now)
        digest = hashlib.sha256(data).hexdigest()
        file = await self.store.write(keeping.begin(account, digest, "daemon", "sha256:0"))
        await self.store.write(keeping.keep_some(file, kept, "sha256:0"))
        await self.store.write(keeping.end(file, account, digest, "daemon", len(kept), tally))
        return tally

    async def comment(self, account: str, text: str = ABUSE, **more: Any) -> int:
        """A comment of an export, which is kept; its number."""
        self._files += 1
        line = {"id": f"s{self._files}", "text": text, "author": f"shimin_{self._files}", "author_id": f"u{self._files}"}
        await self.export(
            account, {**line, "conversation": f"https://x.com/{self.book.accounts[account].handle}/status/1", **more}
        )
        (number,) = (await self.rows("SELECT max(id) FROM comments"))[0]
        return int(number)

    async def marked(self, account: str, text: str, login: str = "", **more: str) -> int:
        """A comment that somebody puts on the bench by hand; its number."""
        known = {"conversation": "https://x.com/nazo/status/1", **more}
        act = MarkComment(account=account, text=text, handle="dareka", **known)  # type: ignore[arg-type]
        judged = judge(Item(text=text), Situation(now=self.now, account=self.book.accounts[account]), self.book, on="comment")
        kept = keeping.Kept(keeping.evidence_of(act), judged.verdict, judged.findings)
        done = await self.do(lambda act, who, setting: keeping.mark(act, who, setting, kept=kept), act, login or CLERK[account])
        assert isinstance(done, Done), done
        (number,) = (await self.rows("SELECT max(id) FROM comments"))[0]
        return int(number)

    # What people do

    async def do(self, make: Callable[..., Callable[[Tx], Any]], act: Any, login: str) -> Any:
        """An act as the office carries it out: role and appointment first, then its room."""
        who = self.book.operators[login]
        try:
            check_role(act, who)
            check_appointment(act, who, self.setting.today)
            return await self.store.write(make(act, who, self.setting))
        except Refused as refused:
            return refused.refusal

    async def judge(self, comment: int, login: str, clause: str = "", *actions: str, reason: str = "") -> Done | Refusal:
        act = Judge(comment=comment, clause=clause, actions=actions, reason=reason)  # type: ignore[arg-type]
        return await self.do(deciding.judge, act, login)  # type: ignore[no-any-return]

    async def judge_many(
        self, comments: Sequence[int], login: str, clause: str, *actions: str, count: int | None = None, reason: str = ""
    ) -> Done | Refusal:
        act = JudgeMany(
            comments=tuple(comments),
            count=len(comments) if count is None else count,
            condition="未確認",
            clause=clause,
            actions=actions,  # type: ignore[arg-type]
            reason=reason,
        )
        return await self.do(deciding.judge_many, act, login)  # type: ignore[no-any-return]

    async def propose(self, comment: int, login: str, clause: str = "", *actions: str, reason: str = "") -> Done | Refusal:
        act = Propose(comment=comment, clause=clause, actions=actions, reason=reason)  # type: ignore[arg-type]
        return await self.do(opinions.propose, act, login)  # type: ignore[no-any-return]

    async def undo(self, comment: int, login: str, reason: str = "取り違え") -> Done | Refusal:
        return await self.do(deciding.undo, UndoJudgement(comment=comment, reason=reason), login)  # type: ignore[no-any-return]

    async def gone(self, comment: int, login: str) -> Done | Refusal:
        return await self.do(opinions.gone, CommentGone(comment=comment), login)  # type: ignore[no-any-return]

    async def take(self, measure: int, login: str) -> MeasureCard | Refusal:
        return await self.do(taking.take, TakeMeasure(measure=measure), login)  # type: ignore[no-any-return]

    async def done(self, measure: int, login: str, *, done: bool = True, proof: str = "画面で見た") -> Done | Refusal:
        return await self.do(taking.done, MeasureDone(measure=measure, done=done, proof=proof), login)  # type: ignore[no-any-return]

    async def drop(self, measure: int, login: str) -> Done | Refusal:
        return await self.do(measures.drop, DropMeasure(measure=measure, reason="要らなくなった"), login)  # type: ignore[no-any-return]

    async def erase_what_is_due(self) -> int:
        """The rounds that erase, until nothing is due."""
        gone = 0
        while await self.store.read(lambda db: erasing.due(db, self.setting)):
            gone += await self.store.write(erasing.erase_due(self.setting))
        for _ in range(2):  # the traces go behind a batch
            await self.store.write(lambda tx: None)
        return gone

    # What there is to see

    async def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return await self.store.read(lambda db: db.execute(sql, values).fetchall())

    async def see(self, comment: int, login: str = "kansa") -> CommentDetail:
        return await self.store.read(lambda db: bench.detail(db, comment, self.setting, self.who(login)))

    async def state(self, comment: int) -> str:
        return (await self.see(comment)).row.state

    async def listed(self, login: str = "kansa", **conditions: Any) -> list[int]:
        """The numbers of the comments that this person is shown under these conditions."""
        return list(await self.store.read(lambda db: bench.view(db, OpenBench(**conditions), self.setting, self.who(login))))

    async def blocked(self, account: str, login: str = "kansa") -> tuple[BlockSeen, ...]:
        return await self.store.read(lambda db: blocks.listed(db, account, False, self.setting, self.who(login)))

    async def record(self, act: str) -> dict[str, Any]:
        """The last entry of the record with this act: who, and its details."""
        (row,) = await self.rows("SELECT record FROM audit WHERE act = ? ORDER BY seq DESC LIMIT 1", act)
        entry = json.loads(row["record"])
        return {"actor": entry["actor"], **entry["detail"]}


@pytest.fixture
async def desk(tmp_path: Path, book: Rulebook) -> AsyncIterator[Bench]:
    """A bench at ten in the morning of a Tuesday."""
    now = [MORNING]
    async with await Store.open(tmp_path / "state", clock=lambda: to_db(now[0])) as store:
        yield Bench(store, book, now)


def refused(answer: object, code: str) -> bool:
    """True for a refusal with this code; shows the answer where it is not."""
    assert isinstance(answer, Refusal), answer
    assert answer.code == code, answer
    assert answer.message and answer.message_en
    return True
