"""What the folder brings: a new file, a new revision, another name, a removal. Each is one operation of the store's writer."""

from __future__ import annotations

import pwd
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from msgspec.structs import replace

from daemon.desk.case import Case, Setting, findings_json, item_json, load, save, title_of
from daemon.desk.states import IN_HAND
from daemon.judge import Judgement, Situation, judge
from daemon.rulebook.item import Item
from daemon.rulebook.model import Operator, Rulebook
from daemon.store import Tx, from_db

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


@dataclass(frozen=True)
class Opinion:
    """A paper judged before the writer sees it, with the author that was found for it."""

    paper: Paper
    author: str
    verified: bool
    judgement: Judgement


def judge_paper(paper: Paper, setting: Setting) -> Opinion:
    """Judge a settled file against its account's policy. Pure but for the look-up of the file's owner."""
    author, verified = author_of(paper.item, paper.uid, setting.book)
    account = setting.book.accounts[paper.account]
    situation = Situation(
        now=setting.now,
        account=account,
        author=author,
        author_verified=verified,
        recent=setting.recent(paper.account),
        stopped=setting.stopped(account),
    )
    login = author.login if author else paper.item.author
    return Opinion(paper, login, verified, judge(paper.item, situation, setting.book))


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


def receive(opinion: Opinion, setting: Setting) -> Callable[[Tx], Landed]:
    """The operation that takes a judged file in: the bytes first, then the draft or its new revision, then the record."""

    def op(tx: Tx) -> Landed:
        paper = opinion.paper
        tx.keep(paper.data)
        row = tx.db.execute(
            "SELECT id, state, hash, verdict FROM drafts WHERE account = ? AND name = ? AND live = 1", (paper.account, paper.name)
        ).fetchone()
        if row is None:
            landed = _new(tx, opinion, setting)
        elif row["hash"] == paper.hash:
            landed = Landed(row["id"], paper.account, paper.name, row["state"], row["verdict"], paper.hash, changed=False)
        elif row["state"] not in IN_HAND:
            # It lies there in a state that no file has: after a restart, too, it is brought again.
            tx.db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, -1, 0, 0, 0, 0)", (paper.account, paper.name))
            return Landed(
                row["id"], paper.account, paper.name, row["state"], row["verdict"], row["hash"], changed=False, later=True
            )
        else:
            landed = _revise(tx, row["id"], opinion, setting)
        _remember(tx, paper)
        return landed

    return op


def _new(tx: Tx, opinion: Opinion, setting: Setting) -> Landed:
    case = _settled(tx, opinion, setting)
    cursor = tx.db.execute(
        f"INSERT INTO drafts (account, name, live, received_at, {', '.join(_WRITTEN)}) "
        f"VALUES (?, ?, 1, ?, {', '.join('?' * len(_WRITTEN))})",
        (case.account.id, case.name, tx.now, *_written(tx, case, 1)),
    )
    return _noted(tx, cursor.lastrowid or 0, 1, case, opinion, "receive", None)


def _revise(tx: Tx, draft: int, opinion: Opinion, setting: Setting) -> Landed:
    before = load(tx.db, draft, setting.book)
    before.step("revise")
    # Whatever was decided was about other bytes; the record keeps it. The first bytes put back are asked about again, too: they may
    # have been returned in between.
    for decisions in ("approvals", "lifts"):
        tx.db.execute(f"DELETE FROM {decisions} WHERE draft = ?", (draft,))
    case = _settled(tx, opinion, setting)
    n = before.revision + 1
    tx.db.execute(
        f"UPDATE drafts SET returned = '', release_at = NULL, {', '.join(f'{name} = ?' for name in _WRITTEN)} WHERE id = ?",
        (*_written(tx, case, n), draft),
    )
    return _noted(tx, draft, n, case, opinion, "revise", before.hash)


_WRITTEN = (
    "state", "verdict", "revision", "hash", "title", "body", "item", "findings", "author", "author_verified", "policy_hash", "changed_at",
)  # fmt: skip
"""What a revision writes into its draft's row."""


def _written(tx: Tx, case: Case, n: int) -> tuple[object, ...]:
    return (
        case.state,
        case.verdict,
        n,
        case.hash,
        case.title,
        case.item.text,
        item_json(case.item),
        findings_json(case.screened),
        case.author,
        case.author_verified,
        case.policy_hash,
        tx.now,
    )


def _noted(tx: Tx, draft: int, n: int, case: Case, opinion: Opinion, act: str, before: str | None) -> Landed:
    paper, judgement = opinion.paper, opinion.judgement
    tx.db.execute(
        "INSERT INTO draft_revisions (draft, n, hash, at, encoding, size) VALUES (?, ?, ?, ?, ?, ?)",
        (draft, n, paper.hash, tx.now, paper.item.encoding, len(paper.data)),
    )
    tx.record(
        FILE,
        act,
        draft,
        account=paper.account,
        name=paper.name.decode("utf-8", "backslashreplace"),
        author=opinion.author,
        revision=n,
        hash=paper.hash,
        replaces=before,
        verdict=judgement.verdict,
        clauses=sorted({finding.clause for finding in judgement.findings}),
        policy=case.policy_hash,
    )
    return Landed(draft, paper.account, paper.name, case.state, case.verdict, paper.hash)


def _settled(tx: Tx, opinion: Opinion, setting: Setting) -> Case:
    """The case of a revision that has just come, with nothing decided about it, in the state that its judgement puts it in."""
    paper, judgement = opinion.paper, opinion.judgement
    at = from_db(tx.now)
    return Case(
        id=0,
        account=setting.book.accounts[paper.account],
        name=paper.name,
        state="received",
        verdict=judgement.verdict,
        revision=0,
        hash=paper.hash,
        title=title_of(paper.item.text),
        item=paper.item,
        screened=judgement.screened,
        author=opinion.author,
        author_verified=opinion.verified,
        policy_hash="",
        received_at=at,
        changed_at=at,
        release_at=None,
        url="",
        returned="",
    ).settled(judgement, setting)


def _remember(tx: Tx, paper: Paper) -> None:
    tx.db.execute(
        "INSERT INTO seen (account, name, dev, ino, ctime_ns, mtime_ns, size) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE "
        "SET dev = excluded.dev, ino = excluded.ino, ctime_ns = excluded.ctime_ns, mtime_ns = excluded.mtime_ns, size = excluded.size",
        (paper.account, paper.name, paper.dev, paper.ino, paper.ctime_ns, paper.mtime_ns, paper.size),
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
