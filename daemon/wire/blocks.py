"""The block list: what is asked of it and of the platform's own, and what is answered."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct

from daemon.wire.answer import Answer
from daemon.wire.query import Query


class Blocks(Query, frozen=True, kw_only=True, tag="blocks"):
    """ブロックリスト: what stands; with `removed` also what was lifted. Answer: `BlockList`."""

    account: str = ""
    removed: bool = False


class BlockSeen(Struct, frozen=True, kw_only=True):
    """One entry: handle, platform id, clause (empty: 根拠未確認), judge, dates, reason, and nothing else. `late`: its review is over due."""

    id: int
    account: str
    platform: str
    handle: str
    author: str
    clause: str
    cite: str
    judge: str
    reason: str
    at: datetime
    review_on: date
    state: str
    late: bool = False
    ended_at: datetime | None = None
    ended_by: str = ""
    ended_why: str = ""
    can: tuple[str, ...] = ()


class BlockList(Answer, frozen=True, kw_only=True, tag="blocks"):
    """Entries, by account and handle."""

    blocks: tuple[BlockSeen, ...]


class CompareBlocks(Query, frozen=True, kw_only=True, tag="compare_blocks"):
    """突き合わせ: whom the account blocks on the platform, asked there now, against the list here. Nothing is changed. Answer:
    `BlocksCompared`."""

    account: str


class BlockedThere(Struct, frozen=True, kw_only=True):
    """Somebody whom the account blocks on the platform: handle, and the platform's number."""

    handle: str
    author: str


class BlocksCompared(Answer, frozen=True, kw_only=True, tag="blocks_compared"):
    """Who is blocked there and not here; which entries stand here and not there; which wait for somebody to confirm a block that stands there
    by now; how many are on both. `whole` is False where the platform has told of a part only: then nothing is said to be absent there."""

    account: str
    at: datetime
    there: tuple[BlockedThere, ...]
    here: tuple[BlockSeen, ...]
    confirmed: tuple[BlockSeen, ...]
    both: int
    whole: bool = True
