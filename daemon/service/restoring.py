"""`kohoban restore`: a backup put in the place of what is there, with the office stopped and nothing sent twice.

Everything is checked, and made ready beside what stands, before anything is touched; then one exchange of two folders. What the record
set aside tells of after the backup counts, and what lies in `done/`: what may have gone out since then comes back 不明, never as a draft that
waits.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from msgspec import Struct

from daemon.desk import mailbag
from daemon.gate import Gate
from daemon.intake.beside import lies_done
from daemon.intake.names import file_of
from daemon.moderation import comment, sending
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Problem
from daemon.rulebook.overrides import FILE as OVERRIDES
from daemon.rulebook.overrides import NONE, Overrides, named, parse_overrides, write_overrides
from daemon.rulebook.source import Reader
from daemon.service.past import Past, past_after
from daemon.store import RevisionDamaged, Store, StoreError, Tx
from daemon.store.anchor import ANCHOR, read_anchor
from daemon.store.backup import Progress
from daemon.store.database import DATABASE, open_reader
from daemon.store.faults import told
from daemon.store.manifest import Manifest
from daemon.store.moments import from_db, now
from daemon.store.offline import aside_folder, at_rest, put_in_place
from daemon.store.revisions import read
from daemon.store.segments import FOLDER, Place
from daemon.store.unpack import unpack

RULES = "rules.toml"
POLICIES = "policies"
_NOT_OUT = "('received', 'to_fix', 'waiting', 'approved', 'scheduled', 'held', 'returned', 'releasing', 'unknown', 'withdrawn')"


class Restored(Struct, frozen=True, kw_only=True):
    """What a restore did. `since` is how many entries the record set aside has after the backup (None: it is another record, or cannot
    be read), `beyond` the last entry that its anchor names; `files` were laid out again, `missing` are files taken away since."""

    made: str
    seq: int
    head: str
    aside: str
    since: int | None
    beyond: int
    held: tuple[int, ...]
    unknown: tuple[int, ...]
    files: tuple[str, ...]
    missing: tuple[str, ...]
    overrides: tuple[str, ...]
    """The overrides that were put in place: those of the backup that still count, where the office had no file of its own."""
    rules: str
    """`kept` (the office's own stand; the backup's lie aside), `placed` (there were none), `same`."""


async def restore(office: Path, backup: Path, by: str, tell: Progress) -> Restored:
    """Put `backup` in the place of what the office in this folder remembers. Raises StoreError; up to the last step nothing has been
    changed but that the office is stopped, and up to the check of the backup not even that."""
    state = office / "state"
    store = state / "store"
    with at_rest(store), aside_folder(state) as aside:
        new = aside / "new"
        manifest = unpack(backup, new, tell)
        past = past_after(store, manifest.seq, manifest.head)
        beyond = max(read_anchor(store / ANCHOR).hashes, default=0)
        epoch = stop(state, by)
        _take_apart(new, aside / "backup")
        overrides = _overrides_of(office, aside / "backup")
        ready = _make_ready(office, manifest, past, beyond, by, epoch, aside.name, overrides)
        async with await Store.open(new) as opened:
            held, unknown = await opened.write(ready)
        with at_rest(new):
            put_in_place(new, store, aside)
            files, missing = _lay_out_drafts(office, store)
        if overrides.all:
            with told(str(office / OVERRIDES), writing=True):
                write_overrides(office, overrides)
    return Restored(
        made=manifest.made,
        seq=manifest.seq,
        head=manifest.head,
        aside=str(aside),
        since=len(past.entries) if past.known else None,
        beyond=beyond,
        held=tuple(held),
        unknown=tuple(unknown),
        files=tuple(files),
        missing=tuple(missing),
        overrides=tuple(map(named, overrides.all)),
        rules=_place_rules(office, aside / "backup"),
    )


def stop(state: Path, by: str) -> int:
    """Stop the office at its gate, whatever stands there; returns the epoch of its last resume. Raises StoreError where nothing of it
    could be done: an office must not come back with an open gate."""
    state.mkdir(mode=0o750, exist_ok=True)
    gate = Gate(state)
    epoch = gate.look().epoch
    shut = gate.shut("all", by)
    if not shut.stopped:
        raise StoreError(
            f"停止できないため、戻していません（{shut.why}）。state/gate を確かめてください。",
            f"Not done, because the office cannot be stopped ({shut.why_en}): look at state/gate.",
        )
    return epoch


def note_stop(tx: Tx, by: str, reason: str) -> None:
    """Write the stop down that `stop` has made; a manager confirms it, or ends it by a resume."""
    tx.db.execute("INSERT OR IGNORE INTO stops (scope, at, by, reason) VALUES ('all', ?, ?, ?)", (tx.now, by, reason))
    tx.record(by, "stop", None, scope="all", reason=reason)


def _take_apart(new: Path, rest: Path) -> None:
    """Leave in `new` only what a store holds; the backup's rules, policies and manifest go to `rest`."""
    with told(str(new), writing=True):
        rest.mkdir(mode=0o700)
        for path in new.iterdir():
            if path.name not in (DATABASE, ANCHOR, FOLDER):
                path.rename(rest / path.name)


def _make_ready(
    office: Path, manifest: Manifest, past: Past, beyond: int, by: str, epoch: int, aside: str, overrides: Overrides
) -> Callable[[Tx], tuple[list[int], list[int]]]:
    """The operation that turns the backup's moment into one from which an office may go on: returns what is 保留 and what is 不明."""

    def op(tx: Tx) -> tuple[list[int], list[int]]:
        db, now = tx.db, tx.now
        for seq, field in past.erased():
            db.execute("DELETE FROM audit_private WHERE seq = ? AND field = ?", (seq, field))
        comment.forget_again(tx, past.forgotten())
        unknown = _in_doubt(tx, _lying_done(tx, office) | past.out())
        held = [row["id"] for row in db.execute("SELECT id FROM drafts WHERE state IN ('approved', 'scheduled') AND live = 1")]
        db.execute(
            "UPDATE drafts SET state = 'held', changed_at = ? WHERE state IN ('approved', 'scheduled') AND live = 1", (now,)
        )
        db.execute("INSERT INTO meta VALUES ('epoch', ?) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)", (epoch,))
        sending.restored(tx)
        mailbag.quieten(tx)
        note_stop(tx, by, "控えから戻したため")
        tx.record(
            by,
            "restore",
            None,
            made=manifest.made,
            seq=manifest.seq,
            head=manifest.head,
            aside=aside,
            aside_entries=len(past.entries) if past.known else None,
            aside_anchor=beyond,
            held=held,
            unknown=unknown,
            overrides=[named(each) for each in overrides.all],
        )
        tx.anchor()
        return held, unknown

    return op


def _overrides_of(office: Path, rest: Path) -> Overrides:
    """The overrides of the backup that are to be put in place: none where the office has its own file, and none whose day has come."""
    if os.path.lexists(office / OVERRIDES):
        return NONE
    problems: list[Problem] = []
    found = parse_overrides(Reader(), rest, problems)
    return NONE if problems else found.without(found.expired(from_db(now()).astimezone(TOKYO).date()))


def _lying_done(tx: Tx, office: Path) -> dict[int, str]:
    """The drafts whose bytes lie in `done/`: they went out after the backup, whatever its moment says. By whom nobody knows here."""
    rows = tx.db.execute(f"SELECT id, account, name, {_FILE} AS file FROM drafts d WHERE live = 1")
    return {
        row["id"]: "" for row in rows if lies_done(office / "drafts" / row["account"], file_of(bytes(row["name"])), row["file"])
    }


_FILE = "CASE WHEN json_valid(CAST(d.item AS TEXT)) THEN coalesce(json_extract(CAST(d.item AS TEXT), '$.origin.hash'), d.bytes) ELSE d.bytes END"
"""The hash of a draft's file: an office file's own, which is not that of the text that was read from it."""


def _in_doubt(tx: Tx, out: dict[int, str]) -> list[int]:
    """What had begun at the backup's moment, or may have gone out after it, becomes 不明; returns all of these."""
    db, now = tx.db, tx.now
    db.execute("UPDATE releases SET state = 'unknown', ended_at = ? WHERE state IN ('begun', 'leased')", (now,))
    for draft, holder in out.items():
        row = db.execute(f"SELECT * FROM drafts WHERE id = ? AND state IN {_NOT_OUT}", (draft,)).fetchone()
        if row is None or row["state"] in ("releasing", "unknown"):
            continue
        same = "SELECT 1 FROM drafts WHERE account = ? AND name = ? AND live = 1 AND id <> ?"
        if db.execute(same, (row["account"], row["name"], draft)).fetchone():
            continue  # the file has become another draft already, and this one is over
        db.execute(
            "INSERT INTO releases (draft, hash, account, channel, epoch, state, holder, begun_at, ended_at, body, detail) "
            "VALUES (?, ?, ?, '', 0, 'unknown', ?, ?, ?, ?, 'begun after the backup')",
            (draft, row["hash"], row["account"], holder, now, now, row["body"]),
        )
        db.execute("UPDATE drafts SET state = 'releasing', live = 1 WHERE id = ?", (draft,))
    unknown = [row["id"] for row in db.execute("SELECT id FROM drafts WHERE state IN ('releasing', 'unknown') AND live = 1")]
    db.execute("UPDATE drafts SET state = 'unknown', changed_at = ? WHERE state = 'releasing' AND live = 1", (now,))
    return unknown


def _lay_out_drafts(office: Path, store: Path) -> tuple[list[str], list[str]]:
    """Write the drafts in hand from their exact bytes where an account has no folder (another machine); elsewhere a file that is not
    there was taken away after the backup, and stays away. Returns both, as paths (with the latter, what has no whole bytes)."""
    laid: list[str] = []
    missing: list[str] = []
    empty: dict[str, bool] = {}
    with closing(open_reader(store / DATABASE)) as db:
        rows = db.execute(
            f"SELECT d.account, d.name, {_FILE} AS file, r.segment, r.offset, r.size FROM drafts d LEFT JOIN revisions r "
            f"ON r.hash = {_FILE} WHERE d.live = 1 ORDER BY d.id"
        )
        for row in rows:
            folder = office / "drafts" / row["account"]
            name = file_of(bytes(row["name"]))
            if name.startswith(b".") or "/" in row["account"] or row["account"].startswith("."):
                continue
            fresh = empty.setdefault(row["account"], not folder.exists())
            path = folder / os.fsdecode(name)
            shown = f"drafts/{row['account']}/{name.decode('utf-8', 'backslashreplace')}"
            if shown in laid or shown in missing:  # another row of the same sheet
                continue
            if fresh:
                place = None if row["segment"] is None else Place(row["segment"], row["offset"], row["size"])
                try:
                    _write_draft(path, read(store / FOLDER, row["file"], place))
                except RevisionDamaged:
                    missing.append(shown)
                else:
                    laid.append(shown)
            elif not path.exists():
                missing.append(shown)
    return laid, missing


def _write_draft(path: Path, data: bytes) -> None:
    with told(str(path), writing=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o664)
            with os.fdopen(fd, "wb") as file:
                file.write(data)


def _place_rules(office: Path, rest: Path) -> str:
    """The rules are for people to change: where the office has its own they stand, and the backup's lie aside to be compared."""
    if not (rest / RULES).exists():
        return "kept"
    with told(str(office), writing=True):
        if (office / RULES).exists():
            return "same" if (office / RULES).read_bytes() == (rest / RULES).read_bytes() else "kept"
        if (rest / POLICIES).is_dir() and not (office / POLICIES).exists():
            shutil.copytree(rest / POLICIES, office / POLICIES)
        shutil.copyfile(rest / RULES, office / RULES)
    return "placed"
