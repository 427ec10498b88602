"""What the folder brings: a new file, a new revision, another name, a removal. Each is one operation of the store's writer."""

from __future__ import annotations

import pwd
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from daemon.desk.case import Setting, findings_json, item_json, judged_step, load, save, title_of
from daemon.desk.states import IN_HAND, State, move
from daemon.judge import Situation, judge
from daemon.rulebook.item import Item
from daemon.rulebook.model import Operator, Rulebook
from daemon.store import Tx

FILE = "file"
"""The actor of an entry that a file made: whose hand wrote it is the author's field."""


@dataclass(frozen=True)
class Paper:
    """A settled file: its name, exact bytes, what reading made of it, whose file it is, and what tells it from other files."""

    account: str
    name: bytes
    data: bytes
    hash: str
    item: Item
    uid: int
    dev: int
    ino: int
    ctime_ns: int
    mtime_ns: int
    size: int


@dataclass(frozen=True)
class Landed:
    """What became of an arrival: the draft's number, state and verdict. `changed` is False for a file that was known already;
    `later` says that a release of it is in flight, and that the file is to be brought again when that has ended."""

    draft: int
    account: str
    name: bytes
    state: str
    verdict: str
    hash: str
    changed: bool = True
    later: bool = False


class Opinion(Struct, frozen=True, array_like=True, gc=False):
    """A paper that has been judged, as the rows that the writer will write: plain values, for it may come from another process.

    `title`, `body`, `item` and `findings` are columns of the draft; `hash` is that of the bytes `data`, `policy_hash` that of the
    policy it was judged under; `clauses` are those of all findings, sorted.
    """

    account: str
    name: bytes
    data: bytes
    hash: str
    encoding: str
    dev: int
    ino: int
    ctime_ns: int
    mtime_ns: int
    size: int
    state: State
    verdict: str
    title: str
    body: str
    item: bytes
    findings: bytes
    author: str
    author_verified: bool
    policy_hash: str
    clauses: list[str]


def judge_paper(paper: Paper, setting: Setting) -> Opinion:
    """Judge a settled file against its account's policy. Pure but for the look-up of the file's owner. Raises KeyError for an account
    that the office does not have."""
    item = paper.item
    author, verified = author_of(item, paper.uid, setting.book)
    account = setting.book.accounts[paper.account]
    policy = setting.book.policies[account.policy]
    situation = Situation(
        now=setting.now,
        account=account,
        author=author,
        author_verified=verified,
        recent=setting.recent(paper.account),
        stopped=setting.stopped(account),
    )
    judgement = judge(item, situation, setting.book)
    return Opinion(
        account=paper.account,
        name=paper.name,
        data=paper.data,
        hash=paper.hash,
        encoding=item.encoding,
        dev=paper.dev,
        ino=paper.ino,
        ctime_ns=paper.ctime_ns,
        mtime_ns=paper.mtime_ns,
        size=paper.size,
        state=move("received", judged_step(judgement, policy)),
        verdict=judgement.verdict,
        title=title_of(item.text),
        body=item.text,
        item=item_json(item),
        findings=findings_json(judgement.screened),
        author=author.login if author else item.author,
        author_verified=verified,
        policy_hash=policy.hash,
        clauses=sorted({finding.clause for finding in judgement.findings}),
    )


def author_of(item: Item, uid: int, book: Rulebook) -> tuple[Operator | None, bool]:
    """Who wrote it: the file's owner where that login stands on the register (verified), else whom the front matter names."""
    owner = book.operators.get(login_of(uid))
    if owner is not None:
        return owner, True
    return book.operators.get(item.author), False


@lru_cache(maxsize=1024)
def login_of(uid: int) -> str:
    """The login of a uid, or `uid:1234` where the system knows none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid:{uid}"


def receive(opinion: Opinion) -> Callable[[Tx], Landed]:
    """The operation that takes a judged file in: the bytes first, then the draft or its new revision, then the record."""

    def op(tx: Tx) -> Landed:
        tx.keep(opinion.data)
        row = tx.db.execute(
            "SELECT id, state, hash, verdict, revision, edited FROM drafts WHERE account = ? AND name = ? AND live = 1",
            (opinion.account, opinion.name),
        ).fetchone()
        if row is None:
            landed = _new(tx, opinion)
        elif row["hash"] == opinion.hash:
            landed = _known(tx, row, opinion)
        elif row["state"] not in IN_HAND:
            return _edited_in_flight(tx, row, opinion)
        else:
            landed = _revise(tx, row, opinion)
        _remember(tx, opinion)
        return landed

    return op


def _known(tx: Tx, row: sqlite3.Row, opinion: Opinion) -> Landed:
    """The bytes that are known already; news only where an edit was taken back with them."""
    taken_back = row["edited"] != ""
    if taken_back:
        tx.db.execute("UPDATE drafts SET edited = '' WHERE id = ?", (row["id"],))
    return Landed(row["id"], opinion.account, opinion.name, row["state"], row["verdict"], opinion.hash, changed=taken_back)


def _edited_in_flight(tx: Tx, row: sqlite3.Row, opinion: Opinion) -> Landed:
    """A newer file in the place of a draft whose release is in flight: it changes nothing of that, but whoever holds the card is told."""
    # It lies there in a state that no file has: after a restart, too, it is brought again.
    tx.db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, -1, 0, 0, 0, 0)", (opinion.account, opinion.name))
    news = row["edited"] != opinion.hash
    if news:
        tx.db.execute("UPDATE drafts SET edited = ? WHERE id = ?", (opinion.hash, row["id"]))
        tx.record(FILE, "edit_in_flight", row["id"], account=opinion.account, hash=opinion.hash, replaces=row["hash"])
    return Landed(row["id"], opinion.account, opinion.name, row["state"], row["verdict"], row["hash"], changed=news, later=True)


def _new(tx: Tx, opinion: Opinion) -> Landed:
    cursor = tx.db.execute(
        f"INSERT INTO drafts (account, name, live, received_at, {', '.join(_WRITTEN)}) "
        f"VALUES (?, ?, 1, ?, {', '.join('?' * len(_WRITTEN))})",
        (opinion.account, opinion.name, tx.now, *_written(tx, opinion, 1)),
    )
    return _noted(tx, cursor.lastrowid or 0, 1, opinion, "receive", None)


def _revise(tx: Tx, row: sqlite3.Row, opinion: Opinion) -> Landed:
    draft, n = row["id"], row["revision"] + 1
    # Whatever was decided was about other bytes; the record keeps it. The first bytes put back are asked about again, too: they may
    # have been returned in between.
    for decisions in ("approvals", "lifts"):
        tx.db.execute(f"DELETE FROM {decisions} WHERE draft = ?", (draft,))
    tx.db.execute(
        f"UPDATE drafts SET returned = '', edited = '', release_at = NULL, {', '.join(f'{name} = ?' for name in _WRITTEN)} WHERE id = ?",
        (*_written(tx, opinion, n), draft),
    )
    return _noted(tx, draft, n, opinion, "revise", row["hash"])


_WRITTEN = (
    "state", "verdict", "revision", "hash", "title", "body", "item", "findings", "author", "author_verified", "policy_hash", "changed_at",
)  # fmt: skip
"""What a revision writes into its draft's row."""


def _written(tx: Tx, opinion: Opinion, n: int) -> tuple[object, ...]:
    return (
        opinion.state,
        opinion.verdict,
        n,
        opinion.hash,
        opinion.title,
        opinion.body,
        opinion.item,
        opinion.findings,
        opinion.author,
        opinion.author_verified,
        opinion.policy_hash,
        tx.now,
    )


def _noted(tx: Tx, draft: int, n: int, opinion: Opinion, act: str, before: str | None) -> Landed:
    tx.db.execute(
        "INSERT INTO draft_revisions (draft, n, hash, at, encoding, size) VALUES (?, ?, ?, ?, ?, ?)",
        (draft, n, opinion.hash, tx.now, opinion.encoding, len(opinion.data)),
    )
    tx.record(
        FILE,
        act,
        draft,
        account=opinion.account,
        name=opinion.name.decode("utf-8", "backslashreplace"),
        author=opinion.author,
        revision=n,
        hash=opinion.hash,
        replaces=before,
        verdict=opinion.verdict,
        clauses=opinion.clauses,
        policy=opinion.policy_hash,
    )
    return Landed(draft, opinion.account, opinion.name, opinion.state, opinion.verdict, opinion.hash)


def _remember(tx: Tx, opinion: Opinion) -> None:
    tx.db.execute(
        "INSERT INTO seen (account, name, dev, ino, ctime_ns, mtime_ns, size) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE "
        "SET dev = excluded.dev, ino = excluded.ino, ctime_ns = excluded.ctime_ns, mtime_ns = excluded.mtime_ns, size = excluded.size",
        (opinion.account, opinion.name, opinion.dev, opinion.ino, opinion.ctime_ns, opinion.mtime_ns, opinion.size),
    )


def rename(account: str, old: bytes, new: bytes) -> Callable[[Tx], Landed | None]:
    """The operation for a file that got another name: the draft keeps its history."""

    def op(tx: Tx) -> Landed | None:
        tx.db.execute("DELETE FROM seen WHERE account = ? AND name = ?", (account, new))
        tx.db.execute("UPDATE seen SET name = ? WHERE account = ? AND name = ?", (new, account, old))
        row = tx.db.execute(
            "SELECT id, state, verdict, hash FROM drafts WHERE account = ? AND name = ? AND live = 1", (account, old)
        ).fetchone()
        taken = tx.db.execute("SELECT 1 FROM drafts WHERE account = ? AND name = ? AND live = 1", (account, new)).fetchone()
        if row is None or taken is not None:
            return None
        tx.db.execute("UPDATE drafts SET name = ? WHERE id = ?", (new, row["id"]))
        old_name, new_name = (name.decode("utf-8", "backslashreplace") for name in (old, new))
        tx.record(FILE, "rename", row["id"], account=account, old=old_name, new=new_name)
        return Landed(row["id"], account, new, row["state"], row["verdict"], row["hash"])

    return op


def remove(account: str, name: bytes, setting: Setting) -> Callable[[Tx], Landed | None]:
    """The operation for a file that is gone: a withdrawal, unless its release is in flight or over."""

    def op(tx: Tx) -> Landed | None:
        tx.db.execute("DELETE FROM seen WHERE account = ? AND name = ?", (account, name))
        row = tx.db.execute(
            "SELECT id, state FROM drafts WHERE account = ? AND name = ? AND live = 1", (account, name)
        ).fetchone()
        if row is None or row["state"] not in IN_HAND:
            return None
        case = load(tx.db, row["id"], setting.book).step("withdraw")
        save(tx.db, replace(case, release_at=None), tx.now)
        tx.record(FILE, "withdraw", case.id, account=account, why="the file was removed")
        return Landed(case.id, account, name, case.state, case.verdict, case.hash)

    return op
