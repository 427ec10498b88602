"""What every decision of a person has in common: nobody else works at the draft, and its maker can take it back for a moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import msgspec

from daemon.desk import claiming
from daemon.desk.case import Setting
from daemon.rulebook.model import Operator
from daemon.store import Tx
from daemon.wire.answers import Done

Op = Callable[[Tx], Done]
Make = TypeVar("Make", bound=Callable[..., Op])

COLUMNS = ("live", "state", "verdict", "findings", "policy_hash", "release_at", "url", "returned")
"""What a decision changes in a draft's row …"""
TABLES = ("approvals", "lifts", "declarations", "reviews", "draft_revisions")
"""… and where it leaves rows of its own."""

KEPT_US = 24 * 3600 * 1_000_000


def decision(name: str, *, claimed: bool = True) -> Callable[[Make], Make]:
    """Makes an operation a decision that can be taken back: `make(act, who, setting, …)`, where the act names a draft. With `claimed` it is
    refused while somebody else works at the draft (着手). One's own claim ends with it."""

    def of(make: Make) -> Make:
        @wraps(make)
        def made(act: Any, who: Operator, setting: Setting, *args: Any, **more: Any) -> Op:
            op = make(act, who, setting, *args, **more)

            def remembered(tx: Tx) -> Done:
                if claimed:
                    claiming.free(tx, act.draft, who, setting)
                before = as_it_stands(tx, act.draft)
                done = op(tx)
                if done.audit_head:  # else nothing was decided: it had been before
                    _remember(tx, act.draft, who, name, before)
                    claiming.let_go(tx, act.draft, who)
                return done

            return remembered

        return cast(Make, made)

    return of


def as_it_stands(tx: Tx, draft: int) -> bytes:
    """Everything that a decision may change of a draft."""
    row = tx.db.execute(f"SELECT {', '.join(COLUMNS)} FROM drafts WHERE id = ?", (draft,)).fetchone()
    known: dict[str, Any] = {"row": dict(row) if row is not None else {}}
    for table in TABLES:
        known[table] = [dict(each) for each in tx.db.execute(f"SELECT * FROM {table} WHERE draft = ?", (draft,))]
    return msgspec.msgpack.encode(known)


def _remember(tx: Tx, draft: int, who: Operator, name: str, before: bytes) -> None:
    tx.db.execute("DELETE FROM last_decisions WHERE at < ?", (tx.now - KEPT_US,))
    tx.db.execute(
        "INSERT OR REPLACE INTO last_decisions (draft, login, act, at, state, changed_at, before) "
        "SELECT id, ?, ?, ?, state, changed_at, ? FROM drafts WHERE id = ?",
        (who.login, name, tx.now, before, draft),
    )
