"""What there is to tell whom of comments: what was proposed, to those who judge; an opinion that is asked for; what was escalated, and reports of
reactions, to the managers. Account and number only, never a word of the comment."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from daemon.desk.tidings import Tiding, managers
from daemon.moderation.judges import logins_that_judge
from daemon.moderation.setting import Setting
from daemon.store import from_db

AT_ONCE = 500


def found(db: sqlite3.Connection, setting: Setting) -> list[Tiding]:
    """Everything of comments that somebody should know of now; each is told once."""
    return [*_of_comments(db, setting), *_of_reactions(db, setting)]


def still(db: sqlite3.Connection, key: str) -> bool:
    """Whether what was to be told under this key (`comment:number:state`) is still so."""
    _, number, state = key.split(":")[:3]
    row = db.execute("SELECT state FROM comments WHERE id = ?", (int(number),)).fetchone()
    return row is not None and row["state"] == state


def _of_comments(db: sqlite3.Connection, setting: Setting) -> Iterator[Tiding]:
    rows = db.execute(
        "SELECT id, account, state, changed_at FROM comments WHERE state IN ('proposed', 'second', 'escalated') ORDER BY id LIMIT ?",
        (AT_ONCE,),
    ).fetchall()
    for row in rows:
        account = setting.book.accounts.get(row["account"])
        if account is None:
            continue
        if row["state"] == "proposed":
            logins = logins_that_judge(account, setting)
        elif row["state"] == "escalated":
            logins = tuple(managers(account, setting.book))
        else:
            asked = db.execute(
                "SELECT to_login FROM comment_says WHERE comment = ? AND kind = 'ask_second' ORDER BY id DESC LIMIT 1",
                (row["id"],),
            ).fetchone()
            logins = (asked["to_login"],) if asked else ()
        key = f"comment:{row['id']}:{row['state']}:{row['changed_at']}"
        yield from (Tiding("waits", login, account.id, f"c{row['id']}", key, from_db(row["changed_at"])) for login in logins)


def _of_reactions(db: sqlite3.Connection, setting: Setting) -> Iterator[Tiding]:
    for row in db.execute("SELECT id, account, at FROM reactions WHERE ended_at IS NULL"):
        account = setting.book.accounts.get(row["account"])
        logins = managers(account, setting.book) if account else []
        yield from (
            Tiding("reaction", login, row["account"], f"r{row['id']}", f"reaction:{row['id']}", from_db(row["at"]))
            for login in logins
        )
