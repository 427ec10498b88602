"""What is looked up before an act is carried out, in one trip to the database: was it answered before, whose draft is it about, and is that
draft what was kept."""

from __future__ import annotations

import sqlite3
from functools import partial

import msgspec
from msgspec import Struct

from daemon.service.wholeness import wrong_with
from daemon.store import Store
from daemon.wire.act import Act
from daemon.wire.acts import Approve, Except, Schedule
from daemon.wire.answers import AnyAnswer
from daemon.wire.deciding import Countersign, EnterPaper
from daemon.wire.deputising import Declare
from daemon.wire.moderation import MODERATION_ACTS

_LETS_OUT = (Approve, Countersign, EnterPaper, Except, Schedule, Declare)
"""The acts that may let a draft out: they are about what was kept, or about nothing."""

_answers: msgspec.json.Decoder[AnyAnswer] = msgspec.json.Decoder(AnyAnswer)


class Before(Struct, frozen=True):
    """What there is to know before an act."""

    answer: AnyAnswer | None = None
    """The answer that this caller was given to it already."""
    account: str = ""
    """The account of its draft; empty where there is none."""
    draft: int | None = None
    """The draft that it may let out, and that has been held against what was kept."""
    wrong: tuple[str, str] | None = None
    """What is wrong with that draft, in both languages."""


def lets_out(act: Act) -> bool:
    """Whether this act may let a draft out, which is held against what was kept before."""
    return isinstance(act, _LETS_OUT)


async def before(store: Store, act: Act, login: str, request: str) -> Before:
    """Look up what there is to know before this act. Raises StoreError."""
    return await store.read(partial(_looked_up, store=store, act=act, login=login, request=request))


def _looked_up(db: sqlite3.Connection, store: Store, act: Act, login: str, request: str) -> Before:
    row = db.execute("SELECT answer FROM requests WHERE id = ? AND login = ?", (request, login)).fetchone()
    if row is not None:
        return Before(_answers.decode(row["answer"]))
    draft = getattr(act, "draft", None)
    if draft is None:
        return Before(account=_account_of(db, act))
    named = db.execute("SELECT account FROM drafts WHERE id = ?", (draft,)).fetchone()
    account = named["account"] if named is not None else ""
    return Before(None, account, draft, wrong_with(db, store, draft)) if lets_out(act) else Before(None, account)


_NAMES_ITS_ACCOUNT = (("comment", "comments"), ("measure", "measures"), ("entry", "block_list"), ("reaction", "reactions"))
"""By which field an act of moderation names a row, and the table of that row."""


def _account_of(db: sqlite3.Connection, act: Act) -> str:
    """The account of what an act of moderation is about; empty where it names none, or one that is not there."""
    for name, table in _NAMES_ITS_ACCOUNT:
        number = getattr(act, name, None)
        if isinstance(number, int) and isinstance(act, MODERATION_ACTS):
            row = db.execute(f"SELECT account FROM {table} WHERE id = ?", (number,)).fetchone()
            return row["account"] if row is not None else ""
    return ""
