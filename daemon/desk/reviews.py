"""後閲: what was declared an emergency, or decided in somebody's place, is read afterwards by a different person, by the close of the next
opening day. It never changes what went out: whoever finds it wrong says so, and a correction is asked for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime

import msgspec

from daemon.desk.case import Setting, load, save
from daemon.desk.states import IN_HAND
from daemon.judge.approvers import Asked, asked, holds
from daemon.refused import Refused, given, serves
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Account, Operator
from daemon.rulebook.next_day import is_over
from daemon.rulebook.whom import in_english
from daemon.store import Store, Tx, from_db, to_db
from daemon.wire.answers import Done
from daemon.wire.deputising import CloseObjection, Endorse, ReviewSeen

Op = Callable[[Tx], Done]
CLAUSE = "office/endorsement"
"""The office's own rule that both are read afterwards; no article of the four asks for it."""

MACHINE = "daemon"
_titles: msgspec.json.Decoder[tuple[str, ...]] = msgspec.json.Decoder(tuple[str, ...])

_OUT = "('begun', 'leased', 'unknown', 'released')"
_STANDS = (
    "(d.hash = r.hash AND d.state NOT IN ('withdrawn', 'expired') OR EXISTS (SELECT 1 FROM releases x WHERE x.draft = r.draft "
    f"AND x.hash = r.hash AND x.state IN {_OUT}))"
)
"""What has become of nothing is read by nobody: the revision was replaced, or withdrawn, before any of it went out."""
_OPEN = "r.state IN ('open', 'objected')"
"""As the index of what is open says it: without, every 後閲 of all years is looked through."""
_FROM = "FROM reviews r JOIN drafts d ON d.id = r.draft"
_MOST_DONE = 50


def endorse(act: Endorse, who: Operator, setting: Setting) -> Op:
    """後閲 by a different person than the one who decided, and not the author; an objection needs its reason."""

    def op(tx: Tx) -> Done:
        row = _row(tx, act.review)
        account = _account(row, setting)
        serves(who, account)
        _still_open(row, setting)
        _may(who, row, account, setting)
        note = given(act.note) if act.objects else act.note.strip()
        late = is_over(from_db(row["due_at"]), setting.now)
        tx.db.execute(
            "UPDATE reviews SET state = ?, done_by = ?, done_at = ?, note = ? WHERE id = ?",
            ("objected" if act.objects else "endorsed", who.login, tx.now, note, row["id"]),
        )
        held = act.objects and _hold_back(tx, row, setting)
        head = _record(tx, who.login, "object" if act.objects else "endorse", row, setting, note=note, late=late)
        tx.anchor()
        if not act.objects:
            return _done(row, head, "後閲しました。", "Endorsed.")
        more, more_en = _what_now(row, held)
        return _done(row, head, f"後閲で不可としました。{more}", f"Objected. {more_en}")

    return op


def _what_now(row: sqlite3.Row, held: bool) -> tuple[str, str]:
    """What becomes of the draft after an objection."""
    if held:
        return "まだ発信していないので、保留にしました。", "It has not gone out yet, and is held."
    if row["draft_state"] in IN_HAND:
        return (
            "まだ発信していません。進めないなら、差し戻すか取り下げてください。",
            "It has not gone out yet: return or withdraw it.",
        )
    return (
        "出たものは取り消されません。訂正か削除を検討してください。",
        "What went out stays out: consider a correction or deletion.",
    )


def close_objection(act: CloseObjection, who: Operator, setting: Setting) -> Op:
    """What was done about an objection: the task that it had raised is over."""

    def op(tx: Tx) -> Done:
        row = _row(tx, act.review)
        serves(who, _account(row, setting), manager=True)
        if row["state"] != "objected":
            raise Refused(
                "state", f"後閲 {row['id']} に、残っている不可はありません。", f"There is no open objection to {row['id']}."
            )
        note = given(act.note)
        tx.db.execute("UPDATE reviews SET state = 'closed' WHERE id = ?", (row["id"],))
        head = _record(tx, who.login, "close_objection", row, setting, note=note)
        return _done(row, head, "対応済みとして記録しました。", "Recorded as dealt with.")

    return op


def note_missed(setting: Setting) -> Callable[[Tx], int]:
    """The operation that records every 後閲 whose time has passed, once. Returns how many were new."""

    def op(tx: Tx) -> int:
        rows = tx.db.execute(
            f"SELECT r.* {_FROM} WHERE {_OPEN} AND r.state = 'open' AND r.missed_at IS NULL AND r.due_at <= ? AND {_STANDS}",
            (to_db(setting.now),),
        ).fetchall()
        late = [row for row in rows if is_over(from_db(row["due_at"]), setting.now)]
        for row in late:
            tx.db.execute("UPDATE reviews SET missed_at = ? WHERE id = ?", (tx.now, row["id"]))
            _record(tx, MACHINE, "review_missed", row, setting)
        return len(late)

    return op


async def any_to_note(store: Store, now: datetime) -> bool:
    """Whether the time of one may have passed since it was looked last; spares the writer a transaction a second."""
    sql = f"SELECT 1 FROM reviews r WHERE {_OPEN} AND r.state = 'open' AND r.missed_at IS NULL AND r.due_at <= ? LIMIT 1"
    return bool(await store.fetch(sql, (to_db(now),)))


async def listed(store: Store, setting: Setting, who: Operator | None, *, done: bool = False) -> tuple[ReviewSeen, ...]:
    """What is open or objected to, the one that is due first at the top; with `done` also the last that were done."""
    rows = await store.fetch(
        f"SELECT r.*, d.title, d.author {_FROM} WHERE {_OPEN} AND (r.state = 'objected' OR {_STANDS}) ORDER BY r.due_at, r.id",
        (),
    )
    if done:
        rows = [
            *rows,
            *await store.fetch(
                f"SELECT r.*, d.title, d.author {_FROM} WHERE r.state IN ('endorsed', 'closed') ORDER BY r.done_at DESC LIMIT ?",
                (_MOST_DONE,),
            ),
        ]
    return tuple(_seen(row, setting, who) for row in rows)


async def missed_between(store: Store, since: datetime, until: datetime, setting: Setting) -> tuple[ReviewSeen, ...]:
    """Every 後閲 whose time passed in that period without it, for a report: those that came late all the same, too."""
    rows = await store.fetch(
        f"SELECT r.*, d.title, d.author {_FROM} WHERE r.missed_at >= ? AND r.missed_at < ? ORDER BY r.due_at, r.id",
        (to_db(since), to_db(until)),
    )
    return tuple(_seen(row, setting, None) for row in rows)


def alarms(seen: tuple[ReviewSeen, ...]) -> list[tuple[str, str]]:
    """What everybody is told as long as it lasts: what is late, and what was found wrong and not dealt with."""
    late = sum(one.late and one.state == "open" for one in seen)
    objected = sum(one.state == "objected" for one in seen)
    told = []
    if late:
        told.append(
            (
                f"後閲の期限を過ぎたものが {late} 件あります（9、または kohoban endorse）",
                f"{late} overdue to be endorsed (9, or kohoban endorse)",
            )
        )
    if objected:
        told.append(
            (
                f"後閲で不可とされたものが {objected} 件あります。訂正か削除を検討してください（9、または kohoban endorse）",
                f"{objected} objected to: consider a correction or deletion (9, or kohoban endorse)",
            )
        )
    return told


def _seen(row: sqlite3.Row, setting: Setting, who: Operator | None) -> ReviewSeen:
    book = setting.book
    account = book.accounts.get(row["account"])
    due_at = from_db(row["due_at"]).astimezone(TOKYO)
    by = book.operators.get(row["login"])
    whom = _endorsers(row, account, setting) if account is not None else None
    return ReviewSeen(
        id=row["id"],
        draft=row["draft"],
        title=row["title"],
        account=row["account"],
        name=account.name if account is not None else row["account"],
        cause=row["cause"],
        act=row["act"],
        by=row["login"],
        by_name=by.name if by is not None else row["login"],
        on_behalf=row["on_behalf"],
        clause=row["clause"],
        opened_at=from_db(row["opened_at"]).astimezone(TOKYO),
        due=due_at,
        late=is_over(due_at, setting.now) if row["done_at"] is None else row["missed_at"] is not None,
        state=row["state"],
        who=whom.who if whom is not None else "",
        who_en=in_english(whom.who, book.office.titles_en) if whom is not None else "",
        logins=whom.logins if whom is not None else (),
        done_by=row["done_by"],
        done_at=None if row["done_at"] is None else from_db(row["done_at"]).astimezone(TOKYO),
        note=row["note"],
        can=_possible(row, account, who, setting) if who is not None and account is not None else (),
    )


def _endorsers(row: sqlite3.Row, account: Account, setting: Setting) -> Asked:
    return asked(_titles.decode(row["titles"]), account, setting.book, but=frozenset((row["login"], row["author"])))


def _possible(row: sqlite3.Row, account: Account, who: Operator, setting: Setting) -> tuple[str, ...]:
    if account.policy not in who.policies or who.role == "viewer":
        return ()
    if row["state"] == "open" and _refusal(who, row, account, setting) is None:
        return ("endorse",)
    return ("close_objection",) if row["state"] == "objected" and who.role == "manager" else ()


def _row(tx: Tx, number: int) -> sqlite3.Row:
    found: sqlite3.Row | None = tx.db.execute(
        f"SELECT r.*, d.author, d.state AS draft_state, {_STANDS} AS stands {_FROM} WHERE r.id = ?", (number,)
    ).fetchone()
    if found is None:
        raise Refused("no_such", f"後閲 {number} はありません。", f"There is nothing to endorse under {number}.")
    return found


def _account(row: sqlite3.Row, setting: Setting) -> Account:
    account = setting.book.accounts.get(row["account"])
    if account is None:
        raise Refused(
            "no_such",
            f"アカウント {row['account']} が rules.toml にありません。戻してから記録してください。",
            f"The account {row['account']} is no longer in rules.toml: put it back first.",
        )
    return account


def _still_open(row: sqlite3.Row, setting: Setting) -> None:
    if row["state"] != "open":
        by = setting.book.operators.get(row["done_by"])
        name = by.name if by is not None else row["done_by"]
        at = f"{from_db(row['done_at']).astimezone(TOKYO):%m/%d %H:%M}"
        raise Refused("state", f"{name}さんが {at} に後閲しています。", f"{row['done_by']} has endorsed it already ({at}).")
    if not row["stands"]:
        raise Refused(
            "state",
            "この版は発信されないまま、替わったか取り下げられました。後閲は要りません。",
            "This revision was replaced or withdrawn before it went out: nothing is left to endorse.",
        )


def _may(who: Operator, row: sqlite3.Row, account: Account, setting: Setting) -> None:
    if (refused := _refusal(who, row, account, setting)) is not None:
        raise refused


def _refusal(who: Operator, row: sqlite3.Row, account: Account, setting: Setting) -> Refused | None:
    """Why this person may not endorse it; None where they may."""
    if who.login == row["login"]:
        return Refused(
            "not_approver",
            "自分が決めたことの後閲はできません。別の人に頼んでください。",
            "Nobody endorses what they have decided themselves: ask another person.",
            clause=row["clause"],
        )
    if who.login == row["author"]:
        return Refused(
            "own_draft",
            "自分の下書きの後閲はできません。別の人に頼んでください。",
            "The author does not endorse it: ask another person.",
            clause=row["clause"],
        )
    if who.login == row["person"] or holds(who, _titles.decode(row["titles"]), account):
        return None
    whom = _endorsers(row, account, setting).who
    return Refused(
        "not_approver",
        f"{who.name}さんは後閲できません。できるのは {whom} です。",
        f"{who.login} cannot endorse this; {in_english(whom, setting.book.office.titles_en) or whom} can.",
        clause=row["clause"],
    )


def _hold_back(tx: Tx, row: sqlite3.Row, setting: Setting) -> bool:
    """What has not gone out yet must not go out by itself any more: 保留."""
    case = load(tx.db, row["draft"], setting.book)
    if case.hash != row["hash"] or case.state not in ("approved", "scheduled"):
        return False
    save(tx.db, case.step("hold"), tx.now)
    return True


def _record(tx: Tx, actor: str, act: str, row: sqlite3.Row, setting: Setting, **detail: str | bool) -> str:
    account = setting.book.accounts.get(row["account"])
    return tx.record(
        actor,
        act,
        row["draft"],
        review=row["id"],
        account=row["account"],
        hash=row["hash"],
        cause=row["cause"],
        of=row["login"],
        on_behalf=row["on_behalf"],
        clause=CLAUSE,
        basis="" if account is None else setting.book.policies[account.policy].basis,
        policy="" if account is None else setting.book.policies[account.policy].hash,
        version="" if account is None else setting.book.policies[account.policy].edition,
        **detail,
    )


def _done(row: sqlite3.Row, head: str, message: str, message_en: str) -> Done:
    return Done(message=message, message_en=message_en, draft=row["draft"], audit_head=head)
