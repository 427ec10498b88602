"""From one version to another and back, with the office at rest: the store that the old version left is set aside whole, so that it can be put
back exactly, as long as nothing has gone out that it does not know of.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from daemon.desk.states import IN_HAND
from daemon.moderation.comment import Evidence
from daemon.moderation.sending import RESTORED
from daemon.service.past import Told, past_after
from daemon.service.promises import IN_FORCE
from daemon.store import Store, StoreUnfit, Tx, from_db
from daemon.store.alike import make_alike
from daemon.store.anchor import ANCHOR
from daemon.store.audit import GENESIS
from daemon.store.backup import Progress
from daemon.store.database import DATABASE, open_reader, sync_folder
from daemon.store.faults import told
from daemon.store.offline import aside_folder, at_rest, put_in_place
from daemon.store.segments import FOLDER, segment_numbers, segment_path

NOTE = "upgrade.json"
"""Beside the store that was set aside: what the way back has to know."""
_MACHINES = ("daemon", "releaser")


class Switched(Struct, frozen=True, kw_only=True):
    """An office between two versions: where the old store lies, and the last entry of its record."""

    aside: str
    before: str
    after: str
    seq: int
    head: str
    backup: str


class Since(Struct, frozen=True, kw_only=True):
    """What somebody did after the switch: an entry of the record that the old store does not have."""

    seq: int
    at: str
    actor: str
    act: str
    draft: int | None
    name: str


class Back(Struct, frozen=True, kw_only=True):
    """A way back. `out` are drafts that may have gone out since: where there are any nothing was done. Else `aside` has the newer store, `decided`
    what people did in it, and `comments` are the exports into which what citizens wrote since was put, for the old version to read anew."""

    out: list[int]
    decided: list[Since]
    comments: list[str]
    aside: str
    seq: int


async def begin(
    office: Path, before: str, after: str, backup: str, changed: list[int], by: str, tell: Progress, copy: Path | None = None
) -> Switched:
    """Set the store aside, bring it to this version and write the upgrade down. `copy` is the copy of the database on which that was tried:
    it is used up. Raises StoreError, OSError: then the store is as it was."""
    store = office / "state" / "store"
    with at_rest(store), aside_folder(office / "state") as aside:
        kept = aside / "store"
        _settle(store)
        try:
            _keep(store, kept, copy, tell)
            seq, head = last_entry(store)
            switched = Switched(aside=str(aside), before=before, after=after, seq=seq, head=head, backup=backup)
            _lasting(aside / NOTE, msgspec.json.encode(switched))
            for folder in (aside, aside.parent, aside.parent.parent):
                sync_folder(folder)
        except BaseException:
            shutil.rmtree(kept, ignore_errors=True)
            (aside / NOTE).unlink(missing_ok=True)
            raise
    try:
        tell("migrate", 0, 0)
        async with await Store.open(store) as opened:

            def op(tx: Tx) -> None:
                _judge_anew(tx, changed)
                tx.record(by, "upgrade", None, before=before, after=after, backup=backup)
                tx.anchor()

            await opened.write(op)
    except BaseException:
        back(office, Path(switched.aside), unasked=True)
        raise
    return switched


def back(office: Path, aside: Path, *, unasked: bool = False) -> Back:
    """Put the store in `aside` back; what stood in its place is set aside in its turn. `unasked`: the switch itself has failed, and nobody has
    done anything since. Raises StoreError, OSError; up to the exchange nothing has been changed."""
    state = office / "state"
    store = state / "store"
    note = msgspec.json.decode((aside / NOTE).read_bytes(), type=Switched)
    with at_rest(store):
        past = past_after(store, note.seq, note.head)
        if not past.known:
            raise StoreUnfit(
                f"{store} の記録は、入替えのときの記録の続きではありません。戻せるのは控えからだけです: kohoban restore {note.backup}",
                f"The record in {store} does not go on from that of the switch: only a backup leads back: kohoban restore {note.backup}",
            )
        out = sorted(past.out())
        if out and not unasked:
            return Back(out=out, decided=[], comments=[], aside="", seq=note.seq)
        _settle(store)
        decided = [] if unasked else _decided(store, past.entries)
        comments = [] if unasked else _comments_since(office, store, aside / "store", note)
        if not unasked:
            _keep_measures_in(aside / "store", past.entries)
        with aside_folder(state) as newer:
            put_in_place(aside / "store", store, newer)
            # What was verified since was another record.
            (store / "verified").unlink(missing_ok=True)
        (aside / NOTE).unlink()
        with suppress(OSError):
            aside.rmdir()
    return Back(out=[], decided=decided, comments=comments, aside=str(newer), seq=note.seq)


def out_since(office: Path, aside: Path) -> list[int]:
    """The drafts that may have gone out since the switch, while the office runs. Raises OSError, StoreError."""
    note = msgspec.json.decode((aside / NOTE).read_bytes(), type=Switched)
    return sorted(past_after(office / "state" / "store", note.seq, note.head).out())


def last_entry(store: Path) -> tuple[int, str]:
    """The last entry of the record: its number and hash."""
    with closing(open_reader(store / DATABASE)) as db:
        row = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return (row["seq"], row["hash"]) if row else (0, GENESIS)


def _lasting(path: Path, data: bytes) -> None:
    """Write a file that a power cut leaves whole. Raises OSError."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _settle(store: Path) -> None:
    """What still stands in the write-ahead log goes into the database: it is one file then, of the version that it has."""
    with told(str(store), writing=True), closing(sqlite3.connect(store / DATABASE, isolation_level=None)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _keep(store: Path, kept: Path, copy: Path | None, tell: Progress) -> None:
    """Copy a store at rest, durably; `copy` is one of its database of a while ago. Segments that nobody appends to any more are the same file
    under a second name."""
    with told(str(kept), writing=True):
        (kept / FOLDER).mkdir(mode=0o700, parents=True)
        kept.chmod(0o700)
        numbers = segment_numbers(store / FOLDER)
        for number in numbers:
            old, new = (segment_path(place / FOLDER, number) for place in (store, kept))
            if number == max(numbers):
                shutil.copyfile(old, new)
                new.chmod(0o600)
            else:
                os.link(old, new)
        for name in (ANCHOR,):
            if (store / name).exists():
                shutil.copy2(store / name, kept / name)
        make_alike(store / DATABASE, kept / DATABASE, copy, lambda done, of: tell("aside", done, of))
        for path in (*(kept / FOLDER).iterdir(), kept / ANCHOR):
            with suppress(FileNotFoundError), path.open("rb") as file:  # a store may have no anchor yet
                os.fsync(file.fileno())
        sync_folder(kept / FOLDER)
        sync_folder(kept)


def _judge_anew(tx: Tx, changed: list[int]) -> None:
    """What the trial found to come out otherwise is screened again at the first start, and the policies concerned count as new: a finding of the
    old program's must not stand for this one's."""
    if not changed:
        return
    states = ",".join(f"'{state}'" for state in sorted(IN_HAND))
    tx.db.executemany(f"UPDATE drafts SET policy_hash = '' WHERE id = ? AND state IN ({states})", [(draft,) for draft in changed])
    row = tx.db.execute("SELECT value FROM meta WHERE key = ?", (IN_FORCE,)).fetchone()
    if row is not None:
        known = dict.fromkeys(msgspec.json.decode(row["value"], type=dict[str, str]), "")
        tx.db.execute("UPDATE meta SET value = ? WHERE key = ?", (msgspec.json.encode(known), IN_FORCE))


def _decided(store: Path, entries: tuple[Told, ...]) -> list[Since]:
    """What people did: entries that no machine made."""
    found = [each for each in entries if each.actor not in _MACHINES and each.act not in ("upgrade", "receive", "revise")]
    with closing(open_reader(store / DATABASE)) as db:
        names = {
            each.draft: db.execute("SELECT account, name FROM drafts WHERE id = ?", (each.draft,)).fetchone()
            for each in found
            if each.draft is not None
        }
    return [
        Since(
            seq=each.seq,
            at=from_db(each.at).isoformat(timespec="seconds"),
            actor=each.actor,
            act=each.act,
            draft=each.draft,
            name="" if each.draft is None else _path(names.get(each.draft)),
        )
        for each in found
    ]


def _path(row: sqlite3.Row | None) -> str:
    return "" if row is None else f"drafts/{row['account']}/{bytes(row['name']).decode('utf-8', 'backslashreplace')}"


def _keep_measures_in(old: Path, entries: tuple[Told, ...]) -> None:
    """Measures that a channel may have taken since: the old store would let it take them once more, though they may have been taken back
    meanwhile. They are a person's there, as after a restore. A version that knows no channel for them needs nothing."""
    begun = {each.detail.get("measure") for each in entries if each.act == "begin_measure"}
    if not begun:
        return
    with told(str(old), writing=True), closing(sqlite3.connect(old / DATABASE, isolation_level=None)) as db:
        if "channel" not in {row[1] for row in db.execute("PRAGMA table_info(measures)")}:
            return
        db.executemany(
            "UPDATE measures SET channel = '', send_at = NULL, why = ?, why_en = ? WHERE id = ? AND state = 'due' AND channel <> ''",
            [(*RESTORED, measure) for measure in sorted(each for each in begun if isinstance(each, int))],
        )
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _comments_since(office: Path, store: Path, old: Path, note: Switched) -> list[str]:
    """Write what citizens wrote since as exports again: their own were deleted once they were kept. Returns the files."""
    with closing(open_reader(old / DATABASE)) as db:
        last: int = db.execute("SELECT coalesce(max(id), 0) FROM comments").fetchone()[0]
    found: dict[str, list[bytes]] = {}
    with closing(open_reader(store / DATABASE)) as db:
        rows = db.execute(
            "SELECT c.account, e.body FROM comments c JOIN comment_evidence e ON e.hash = c.evidence "
            "WHERE c.id > ? AND c.erased_at IS NULL ORDER BY c.id",
            (last,),
        )
        for row in rows:
            found.setdefault(row["account"], []).append(_line(msgspec.json.decode(row["body"], type=Evidence)))
    made = []
    for account, lines in found.items():
        path = office / "comments" / account / f"rollback-{note.seq}.jsonl"
        with told(str(path), writing=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".{path.name}.part")
            _lasting(part, b"".join(lines))
            part.rename(path)
            sync_folder(path.parent)
        made.append(str(path))
    return made


def _line(kept: Evidence) -> bytes:
    """A comment as an export has it."""
    said: dict[str, str] = {
        "id": kept.source,
        "text": kept.text,
        "handle": kept.handle,
        "author_id": kept.author,
        "conversation": kept.conversation,
        "url": kept.url,
    }
    if kept.posted_at is not None:
        said["at"] = kept.posted_at.isoformat()
    return msgspec.json.encode({name: value for name, value in said.items() if value}) + b"\n"
