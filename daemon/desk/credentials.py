"""What is remembered of credentials (認証情報): since when an account has those that it has, and of what kind they are. Never a value, nor a hash
of one: who has the record could try out guesses on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

from daemon.rulebook.calendar import TOKYO
from daemon.store import Store, Tx

REMEMBERED = "credentials"
"""Under this name the database keeps what it last heard of the releaser."""


class Had(Struct, frozen=True):
    """Credentials as the releaser told of them: from where, of what kind, set when and by whom; `noted` False: the day is that on which they
    were first seen."""

    where: str
    kind: str
    since: datetime
    by: str = ""
    noted: bool = True


async def remembered(store: Store) -> Mapping[str, Had]:
    """The credentials by account, as they were last seen."""
    rows = await store.fetch("SELECT value FROM meta WHERE key = ?", (REMEMBERED,))
    return msgspec.json.decode(rows[0]["value"], type=dict[str, Had]) if rows else {}


def now_had(before: Mapping[str, Had], told: Mapping[str, Had]) -> Mapping[str, Had]:
    """What is there now. Where no day is noted, those that look as before are the same as before."""
    now = {}
    for account, had in told.items():
        known = before.get(account)
        same = known is not None and not had.noted and not known.noted and (had.where, had.kind) == (known.where, known.kind)
        now[account] = known if same and known is not None else had
    return now


def changed(before: Mapping[str, Had], now: Mapping[str, Had]) -> Callable[[Tx], None]:
    """The operation that writes down which credentials were set, and which are gone."""

    def op(tx: Tx) -> None:
        tx.db.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (REMEMBERED, msgspec.json.encode(now)),
        )
        for account, had in now.items():
            if before.get(account) != had:
                told = {"by": had.by} if had.by else {}
                day = had.since.astimezone(TOKYO).isoformat(timespec="seconds")
                tx.record(
                    "releaser",
                    "credentials_set",
                    None,
                    account=account,
                    kind=had.kind,
                    where=had.where,
                    since=day,
                    noted=had.noted,
                    **told,
                )
        for account in before.keys() - now.keys():
            tx.record("releaser", "credentials_gone", None, account=account)

    return op
