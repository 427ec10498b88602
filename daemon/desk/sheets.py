"""The sheets of the 決裁フォルダ as the database knows them: which lie there, which was moved, and that none of them counts twice."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from daemon.desk import acts
from daemon.desk.case import Setting, load
from daemon.desk.manner import Manner
from daemon.desk.terminals import rule_of
from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Account, Operator
from daemon.store import Store, Tx, from_db
from daemon.wire.acts import Approve, Return
from daemon.wire.answers import Done
from daemon.wire.deciding import Decision, SheetSeen

State = Literal["open", "taken", "void"]

NO_REASON = "決裁フォルダで差し戻されました（理由の記載はありません）。決裁者に確かめてください。"
"""The reason of a return by a sheet on which none was written."""


class Sheet(NamedTuple):
    """One sheet: its number, whose, of which draft and revision, the name of its file, and what tells its bytes."""

    id: int
    number: str
    login: str
    draft: int
    hash: str
    name: bytes
    basis: str
    digest: str
    body: bytes
    state: State
    dev: int | None
    ino: int | None
    ctime_ns: int | None


class Place(NamedTuple):
    """Where a thing lies in a 決裁フォルダ, and which file it is."""

    login: str
    place: str
    name: bytes
    dev: int
    ino: int
    ctime_ns: int


_COLUMNS = "id, number, login, draft, hash, name, basis, digest, body, state, dev, ino, ctime_ns"


def number() -> str:
    """The number of a new sheet: nobody can guess it, and none is ever the same."""
    return secrets.token_hex(8)


async def lying(store: Store, login: str) -> list[Sheet]:
    """The sheets that wait in one person's folder."""
    rows = await store.fetch(f"SELECT {_COLUMNS} FROM sheets WHERE login = ? AND state = 'open' ORDER BY id", (login,))
    return [Sheet(*row) for row in rows]


async def known(store: Store, digest: str) -> Sheet | None:
    """The sheet of exactly these bytes, whatever has become of it."""
    rows = await store.fetch(f"SELECT {_COLUMNS} FROM sheets WHERE digest = ?", (digest,))
    return Sheet(*rows[0]) if rows else None


async def others(store: Store, logins: Sequence[str]) -> list[int]:
    """The sheets that lie open for people who have no folder any more."""
    marks = ",".join("?" * len(logins))
    rows = await store.fetch(f"SELECT id FROM sheets WHERE state = 'open' AND login NOT IN ({marks})", tuple(logins))
    return [row["id"] for row in rows]


async def taken_lately(store: Store, login: str, limit: int) -> list[tuple[int, int, str, bytes]]:
    """The last sheets that were moved: when, of which draft, what it meant, the file's name."""
    rows = await store.fetch(
        "SELECT ended_at, draft, decision, name FROM sheets WHERE login = ? AND state = 'taken' ORDER BY ended_at DESC LIMIT ?",
        (login, limit),
    )
    return [tuple(row) for row in rows]


async def refusals(store: Store, login: str) -> dict[tuple[str, bytes], tuple[int, int]]:
    """What lies in one person's folder and was refused: place and name, with the inode and the time of its last change."""
    rows = await store.fetch("SELECT place, name, ino, ctime_ns FROM sheet_refusals WHERE login = ?", (login,))
    return {(row["place"], row["name"]): (row["ino"], row["ctime_ns"]) for row in rows}


async def board(store: Store, login: str) -> tuple[SheetSeen, ...]:
    """What lies where in one person's folder: the sheets that wait, and what was moved and refused."""
    waiting = await store.fetch("SELECT draft, name, at FROM sheets WHERE login = ? AND state = 'open' ORDER BY id", (login,))
    refused = await store.fetch("SELECT place, name, at FROM sheet_refusals WHERE login = ? ORDER BY at, name", (login,))
    return (
        *(SheetSeen(draft=row["draft"], file=_file(row["name"]), place="", at=_at(row["at"])) for row in waiting),
        *(SheetSeen(file=_file(row["name"]), place=row["place"], at=_at(row["at"])) for row in refused),
    )


def _file(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


def _at(moment: int) -> datetime:
    return from_db(moment).astimezone(TOKYO)


def barred(who: Operator, account: Account, setting: Setting) -> Refused | None:
    """Why this person decides nothing of this account by a sheet; None where they may. A sheet is moved at whatever machine, so an account
    whose policy asks for designated terminals has none; and outside their appointment people look and stop."""
    book, office = setting.book, setting.book.office
    if not who.in_office(setting.now.astimezone(TOKYO).date()):
        return Refused(
            "appointment",
            f"{who.name}さんの指名の期間ではありません（名簿）。管理者に rules.toml の [[operators]] を確かめてもらってください。",
            f"{who.login} is not appointed today (register): ask the manager to look at [[operators]] in rules.toml.",
        )
    rule = rule_of(book.policies[account.policy])
    if rule is not None and (office.practise_terminals or not office.training):
        return Refused(
            "terminal",
            f"アカウント {account.name} の要綱は端末を限っています（{rule.clause}）。決裁票は、どの端末で移されたか分からないため使えません。"
            "指定端末の決裁モードか、紙で決裁してください。",
            f"The policy of {account.id} asks for designated terminals ({rule.clause}), and where a sheet was moved nobody knows: decide at "
            "a designated terminal, or on paper.",
            clause=rule.clause,
        )
    return None


def note(new: Sheet) -> Callable[[Tx], None]:
    """The operation that puts a new sheet down, before its file is written; one of the same draft for the same person is void then."""

    def op(tx: Tx) -> None:
        _end(tx, "login = ? AND draft = ?", (new.login, new.draft))
        tx.db.execute(
            "INSERT INTO sheets (number, login, draft, hash, name, basis, digest, body, state, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open', ?)",
            (new.number, new.login, new.draft, new.hash, new.name, new.basis, new.digest, new.body, tx.now),
        )

    return op


def void(ids: Sequence[int]) -> Callable[[Tx], None]:
    """The operation that makes sheets worthless: they have been replaced, or decided otherwise."""

    def op(tx: Tx) -> None:
        for one in ids:
            _end(tx, "id = ?", (one,))

    return op


def distrust(login: str, why: str) -> Callable[[Tx], int]:
    """The operation for a folder in which somebody else could write: all its sheets are worthless, whoever may have moved them. How many
    there were; where there were some, the record says so."""

    def op(tx: Tx) -> int:
        ended = _end(tx, "login = ?", (login,))
        if ended:
            tx.record("daemon", "sheets_distrusted", None, login=login, why=why, count=ended)
        return ended

    return op


def _end(tx: Tx, where: str, values: tuple[object, ...]) -> int:
    return tx.db.execute(
        f"UPDATE sheets SET state = 'void', body = x'', ended_at = ? WHERE state = 'open' AND {where}", (tx.now, *values)
    ).rowcount


def take(sheet: Sheet, decision: Decision, reason: str, at: Place, who: Operator, setting: Setting) -> Callable[[Tx], Done]:
    """The operation for a sheet that was moved: the same decision as at the console, once. Raises Refused where the sheet is not open, or
    the decision is refused; then nothing is written."""
    manner = Manner("folder", reference=sheet.number)

    def op(tx: Tx) -> Done:
        row = tx.db.execute("SELECT state FROM sheets WHERE id = ?", (sheet.id,)).fetchone()
        if row["state"] != "open":
            raise spent(row["state"])
        case = load(tx.db, sheet.draft, setting.book)
        if (why_not := barred(who, case.account, setting)) is not None:
            raise why_not
        if decision == "approve":
            done = acts.approve(Approve(draft=sheet.draft, hash=sheet.hash, reason=reason), who, setting, manner)(tx)
        else:
            done = acts.give_back(Return(draft=sheet.draft, hash=sheet.hash, reason=reason or NO_REASON), who, setting, manner)(
                tx
            )
        tx.db.execute(
            "UPDATE sheets SET state = 'taken', body = x'', decision = ?, ended_at = ?, dev = ?, ino = ?, ctime_ns = ? WHERE id = ?",
            (decision, tx.now, at.dev, at.ino, at.ctime_ns, sheet.id),
        )
        return done

    return op


def spent(state: State) -> Refused:
    """The refusal of a sheet that has been moved before, or has been replaced."""
    if state == "taken":
        return Refused(
            "stale",
            "この決裁票は、もう使われています。同じ決裁票で二度決裁することはできません。",
            "This sheet has been used already: nobody decides twice by one sheet.",
        )
    return Refused(
        "stale",
        "この決裁票は古くなっています（新しい版が届いた、ほかで決裁された、またはフォルダが安全でなかった間のものです）。"
        "まだ決裁が要るものは、新しい決裁票が決裁フォルダにあります。",
        "This sheet is out of date (a newer revision, a decision elsewhere, or a folder that was not safe): see the new one.",
    )


def refuse(at: Place, sheet: Sheet | None, code: str, why: str) -> Callable[[Tx], None]:
    """The operation that notes a thing that was not taken, in the record too: once, as long as it lies there unchanged."""

    def op(tx: Tx) -> None:
        tx.db.execute(
            "INSERT INTO sheet_refusals (login, place, name, ino, ctime_ns, at) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET ino = excluded.ino, ctime_ns = excluded.ctime_ns, at = excluded.at",
            (at.login, at.place, at.name, at.ino, at.ctime_ns, tx.now),
        )
        tx.record(
            "daemon",
            "sheet_refused",
            sheet.draft if sheet else None,
            login=at.login,
            place=at.place,
            name=_file(at.name),
            number=sheet.number if sheet else "",
            code=code,
            why=why,
        )

    return op


def forget(login: str, gone: Sequence[tuple[str, bytes]]) -> Callable[[Tx], None]:
    """The operation for refused things that have been taken away."""

    def op(tx: Tx) -> None:
        for place, name in gone:
            tx.db.execute("DELETE FROM sheet_refusals WHERE login = ? AND place = ? AND name = ?", (login, place, name))

    return op
