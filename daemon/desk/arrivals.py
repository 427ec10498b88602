"""What the folder brings: a new file, a new revision, another name, a removal. Each is one operation of the store's writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from daemon.desk.case import Setting, load, save
from daemon.desk.opinion import Opinion, Place
from daemon.desk.states import IN_HAND
from daemon.store import Detail, Tx, texts, to_db

FILE = "file"
"""The actor of an entry that a file made: whose hand wrote it is the author's field."""


_encode = msgspec.json.encode


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


def as_it_stands(db: sqlite3.Connection, draft: int) -> Landed | None:
    """A draft, for those who are told of it; None where there is none of that number."""
    row = db.execute("SELECT account, name, state, verdict, hash FROM drafts WHERE id = ?", (draft,)).fetchone()
    return None if row is None else Landed(draft, *row)


def receive(opinion: Opinion) -> Callable[[Tx], Landed]:
    """The operation that takes a judged file in: the bytes first, then the draft or its new revision, then the record."""

    def op(tx: Tx) -> Landed:
        tx.keep_all([opinion.data, *opinion.kept])
        row = tx.db.execute(
            "SELECT id, state, hash, verdict, revision, edited, author, author_verified, hands, body FROM drafts "
            "WHERE account = ? AND name = ? AND live = 1",
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
        remember(tx, [opinion])
        return landed

    return op


def _known(tx: Tx, row: sqlite3.Row, opinion: Opinion) -> Landed:
    """The bytes that are known already; news only where an edit was taken back with them."""
    if opinion.pictures:  # the same images in other files, or written anew: they are looked for as they are now
        tx.db.execute("UPDATE drafts SET pictures = ? WHERE id = ?", (_pictures(opinion), row["id"]))
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
        tx.keep_all([data for opinion in opinions for data in (opinion.data, *opinion.kept)])
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
    texts.add(tx.db, [(draft, opinion.name, opinion.body) for draft, opinion in numbered])
    remember(tx, opinions)
    return _noted(tx, "receive", [(draft, 1, opinion, None) for draft, opinion in numbered])


def _revise(tx: Tx, row: sqlite3.Row, opinion: Opinion) -> Landed:
    draft, n = row["id"], row["revision"] + 1
    # Whatever was decided was about other bytes; the record keeps it. The first bytes put back are asked about again, too: they may
    # have been returned in between.
    for decisions in ("approvals", "lifts", "declarations", "last_decisions"):
        tx.db.execute(f"DELETE FROM {decisions} WHERE draft = ?", (draft,))
    opinion = replace(opinion, hands=_hands(row, opinion))
    texts.change(tx.db, draft, row["body"], opinion.body)
    tx.db.execute("UPDATE paper_entries SET state = 'void' WHERE draft = ? AND state = 'open'", (draft,))
    tx.db.execute(
        f"UPDATE drafts SET returned = '', edited = '', release_at = NULL, ready_at = NULL, {', '.join(f'{name} = ?' for name in _WRITTEN)} WHERE id = ?",
        (*_written(tx, opinion, n), draft),
    )
    return _noted(tx, "revise", [(draft, n, opinion, row["hash"])])[0]


_WRITTEN = (
    "state", "verdict", "revision", "hash", "title", "body", "item", "findings", "author", "author_verified", "policy_hash", "changed_at",
    "bytes", "pictures", "hands", "asked_at", "wanted_at",
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
        opinion.digest,
        _pictures(opinion),
        _encode(opinion.hands) if opinion.hands else b"",
        tx.now,
        None if opinion.wanted_at is None else to_db(opinion.wanted_at),
    )


def _pictures(opinion: Opinion) -> bytes:
    return _encode(opinion.pictures) if opinion.pictures else b""


def _hands(row: sqlite3.Row, opinion: Opinion) -> tuple[str, ...]:
    """Whose hands were in a revision whose author is not proved: whoever wrote the one before cannot leave it by naming another author."""
    if opinion.author_verified:
        return opinion.hands
    before = (row["author"], *(msgspec.json.decode(row["hands"]) if row["hands"] else ()))
    return tuple(dict.fromkeys(login for login in (*opinion.hands, *before) if login and login != opinion.author))


def _noted(tx: Tx, act: str, revisions: Sequence[tuple[int, int, Opinion, str | None]]) -> list[Landed]:
    """Note revisions (draft, its number there, what came, the hash of the one before) among the draft's and in the record."""
    tx.db.executemany(
        "INSERT INTO draft_revisions (draft, n, hash, at, encoding, size, bytes, pictures) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (draft, n, opinion.hash, tx.now, opinion.encoding, len(opinion.data), opinion.digest, _pictures(opinion))
            for draft, n, opinion, _ in revisions
        ],
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
        **_sealed(opinion),
    }


def _sealed(opinion: Opinion) -> dict[str, Detail]:
    """What the seal is made of, where that is more than the file: its bytes' hash, and of each image hash, size and name."""
    if not opinion.pictures:
        return {}
    return {"bytes": opinion.digest, "pictures": [f"{p.hash or '-'} {p.size} {p.file}" for p in opinion.pictures]}


def remember(tx: Tx, opinions: Iterable[Opinion]) -> None:
    """Note in which state these files were taken in: they are not read again before they are others."""
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
        texts.rename(tx.db, row["id"], old, new)
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
