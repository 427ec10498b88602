"""What the folder brings: a new file, a new revision, another name, a removal. Each is one operation of the store's writer."""

from __future__ import annotations

import pwd
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from daemon.desk.case import Setting, findings_json, item_json, judged_step, load, save, title_of
from daemon.desk.states import IN_HAND, State, move
from daemon.judge import Situation, judge
from daemon.rulebook.item import Item
from daemon.rulebook.model import Operator, Rulebook
from daemon.store import Detail, Tx

FILE = "file"
"""The actor of an entry that a file made: whose hand wrote it is the author's field."""


Place = tuple[str, bytes]
"""An account and the name of a file in its folder."""


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

    @property
    def place(self) -> Place:
        """Where the file lies: account and name."""
        return self.account, self.name


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
            return _new(tx, [opinion])[0]
        if row["hash"] == opinion.hash:
            landed = _known(tx, row, opinion)
        elif row["state"] not in IN_HAND:
            return _edited_in_flight(tx, row, opinion)
        else:
            landed = _revise(tx, row, opinion)
        _remember(tx, [opinion])
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


def receive_all(opinions: Sequence[Opinion]) -> Callable[[Tx], list[Landed]]:
    """The operation that takes many judged files in, as `receive` does one by one, in a third of the time: all that are new at once,
    the others after them. All of them or none."""

    def op(tx: Tx) -> list[Landed]:
        tx.keep_all([opinion.data for opinion in opinions])
        new: dict[Place, Opinion] = {}
        there = _live(tx, opinions)
        for opinion in opinions:
            if opinion.place not in there:
                new.setdefault(opinion.place, opinion)
        landed = {id(opinion): each for opinion, each in zip(new.values(), _new(tx, [*new.values()]), strict=True)}
        return [landed.get(id(opinion)) or receive(opinion)(tx) for opinion in opinions]

    return op


def _live(tx: Tx, opinions: Iterable[Opinion]) -> set[Place]:
    """Where of these a draft lies already."""
    names: dict[str, list[bytes]] = {}
    for opinion in opinions:
        names.setdefault(opinion.account, []).append(opinion.name)
    return {
        (account, row["name"])
        for account, some in names.items()
        for row in tx.db.execute(
            f"SELECT name FROM drafts WHERE account = ? AND live = 1 AND name IN ({','.join('?' * len(some))})", (account, *some)
        )
    }


def _new(tx: Tx, opinions: Sequence[Opinion]) -> list[Landed]:
    """The drafts of files that had none."""
    first = tx.db.execute("SELECT coalesce(max(id), 0) + 1 FROM drafts").fetchone()[0]
    numbered = list(enumerate(opinions, first))
    tx.db.executemany(
        f"INSERT INTO drafts (id, account, name, live, received_at, {', '.join(_WRITTEN)}) "
        f"VALUES (?, ?, ?, 1, ?, {', '.join('?' * len(_WRITTEN))})",
        [(draft, opinion.account, opinion.name, tx.now, *_written(tx, opinion, 1)) for draft, opinion in numbered],
    )
    _remember(tx, opinions)
    return _noted(tx, "receive", [(draft, 1, opinion, None) for draft, opinion in numbered])


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
    return _noted(tx, "revise", [(draft, n, opinion, row["hash"])])[0]


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


def _noted(tx: Tx, act: str, revisions: Sequence[tuple[int, int, Opinion, str | None]]) -> list[Landed]:
    """Note revisions (draft, its number there, what came, the hash of the one before) among the draft's and in the record."""
    tx.db.executemany(
        "INSERT INTO draft_revisions (draft, n, hash, at, encoding, size) VALUES (?, ?, ?, ?, ?, ?)",
        [(draft, n, opinion.hash, tx.now, opinion.encoding, len(opinion.data)) for draft, n, opinion, _ in revisions],
    )
    tx.record_all(FILE, act, [(draft, _details(opinion, n, before)) for draft, n, opinion, before in revisions])
    return [
        Landed(draft, opinion.account, opinion.name, opinion.state, opinion.verdict, opinion.hash)
        for draft, _, opinion, _ in revisions
    ]


def _details(opinion: Opinion, n: int, before: str | None) -> dict[str, Detail]:
    return {
        "account": opinion.account,
        "name": opinion.name.decode("utf-8", "backslashreplace"),
        "author": opinion.author,
        "revision": n,
        "hash": opinion.hash,
        "replaces": before,
        "verdict": opinion.verdict,
        "clauses": opinion.clauses,
        "policy": opinion.policy_hash,
    }


def _remember(tx: Tx, opinions: Iterable[Opinion]) -> None:
    tx.db.executemany(
        "INSERT INTO seen (account, name, dev, ino, ctime_ns, mtime_ns, size) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE "
        "SET dev = excluded.dev, ino = excluded.ino, ctime_ns = excluded.ctime_ns, mtime_ns = excluded.mtime_ns, size = excluded.size",
        [(o.account, o.name, o.dev, o.ino, o.ctime_ns, o.mtime_ns, o.size) for o in opinions],
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
