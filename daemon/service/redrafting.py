"""Drafts made anew for a repaired database: their text and item from the exact bytes, judged under the rules in force, in a state from
which nothing goes out by itself."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from daemon.desk.case import Case, Setting, findings_json, item_json, pictures_of, title_of
from daemon.desk.states import ENDED, WORDS, State
from daemon.intake.frontmatter import read_item
from daemon.rulebook.item import Item
from daemon.rulebook.picture import Picture
from daemon.service.replay import Past, Release, Replay, Revision
from daemon.store import RevisionDamaged, from_db, to_db
from daemon.store.revisions import read
from daemon.store.salvage import Salvage
from daemon.store.segments import FOLDER, Place

_OUT = ("releasing", "unknown")
_ASKED_AGAIN = ("approved", "scheduled", "held")


class Redrafting:
    """Makes the drafts of one office anew in the database `db` of the store `new`; `lost` gathers what could not be."""

    def __init__(self, office: Path, new: Path, db: sqlite3.Connection, salvage: Salvage, setting: Setting) -> None:
        self._office, self._new, self._db, self._salvage, self._setting = office, new, db, salvage, setting
        self._names: dict[str, dict[str, bytes]] = {}
        self._taken: set[tuple[str, bytes]] = set()
        self.held: list[int] = []
        self.unknown: list[int] = []
        self.unread: list[int] = []
        """Drafts whose bytes are gone: those in hand are not made anew (their file comes in again), ended ones are, without text."""
        self.fields: defaultdict[str, list[int]] = defaultdict(list)
        """Drafts by the field that could not be brought back."""
        self._digests: dict[str, str] = {}
        """The hash of the file's bytes by the seal of its revision."""
        self.count = 0

    def make(self, replay: Replay) -> Iterator[int]:
        """Make every draft and every release that the record knows; yields how many are done. Raises sqlite3.Error, OSError."""
        self._as_the_database_says(replay)
        for number, past in enumerate(sorted(replay.drafts.values(), key=lambda past: past.id), 1):
            if past.revisions:
                self._draft(past)
            else:
                self.unread.append(past.id)
            yield number
        for release in replay.releases.values():
            self._release(release)

    def _as_the_database_says(self, replay: Replay) -> None:
        """A draft whose arrival the record has lost: the damaged database may still know it, by bytes that the segments have."""
        for row in self._salvage.every("drafts", rowid=True):
            past = replay.drafts.get(row["id"])
            if (past is not None and past.revisions) or not _is_draft(row) or self._bytes(row["bytes"]) is None:
                continue
            past = past or Past(row["id"], state=row["state"], changed_at=row["changed_at"])
            past.account, past.author, past.verdict, past.url = row["account"], row["author"], row["verdict"], row["url"]
            past.received_at = row["received_at"]
            named = tuple(f"{p.hash or '-'} {p.size} {p.file}" for p in _pictures(row))
            past.revisions.append(Revision(row["revision"], row["hash"], row["received_at"], row["bytes"], named))
            replay.drafts[past.id] = past

    def _draft(self, past: Past) -> None:
        row = self._salvage.draft(past.id, past.hash)
        last = past.revisions[-1]
        data = self._bytes(last.digest)
        if data is None and not past.over and past.state not in _OUT:
            self.unread.append(past.id)
            return
        if data is None:
            self.unread.append(past.id)
        item = read_item(data) if data is not None else Item(text="")
        case = self._case(past, item, row)
        if case.state == "held":
            self.held.append(past.id)
        if case.state == "unknown":
            self.unknown.append(past.id)
        self._insert(past, case, item)
        for each in past.revisions:
            self._digests[each.hash] = each.digest
            kept = data if each.digest == last.digest else self._bytes(each.digest)
            encoding = read_item(kept).encoding if kept is not None else "?"
            self._db.execute(
                "INSERT OR IGNORE INTO draft_revisions (draft, n, hash, at, encoding, size, bytes, pictures) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    past.id, each.n, each.hash, each.at, encoding, len(kept) if kept is not None else 0, each.digest,
                    _encoded(each.beside),
                ),
            )  # fmt: skip
        self.count += 1

    def _case(self, past: Past, item: Item, row: sqlite3.Row | None) -> Case:
        """The draft as it comes back: judged, and asked about again where it had been let out."""
        account = self._setting.book.accounts.get(past.account)
        verified = bool(row["author_verified"]) if row is not None else False
        if row is None and not past.over:
            self.fields["author_verified"].append(past.id)
        state: State = "unknown" if past.state in _OUT else "held"
        returned = ""
        if past.state in ENDED or past.state == "returned":
            state = past.state  # type: ignore[assignment]
        if past.returned is not None and state == "returned":
            returned = self._words(past, row)
        case = Case(
            id=past.id,
            account=account,  # type: ignore[arg-type]
            name=self._name(past, row, live=state not in ENDED),
            state=state,
            verdict=past.verdict or "hold",
            revision=past.revisions[-1].n,
            hash=past.hash,
            title=title_of(item.text),
            item=item,
            screened=(),
            author=past.author,
            author_verified=verified,
            policy_hash="",
            received_at=from_db(past.received_at),
            changed_at=from_db(past.changed_at),
            release_at=None,
            url=past.url,
            returned=returned,
        )
        if account is None or past.over:
            return case  # what is over is judged when somebody looks at it
        judgement = case.judged(self._setting)
        policy = case.policy(self._setting.book)
        judged = replace(case, verdict=judgement.verdict, screened=judgement.screened, policy_hash=policy.hash)
        if past.state in (*_OUT, *_ASKED_AGAIN, "returned"):
            return judged
        settled = replace(judged, state="received").settled(judgement, self._setting)
        return replace(settled, state="held") if settled.state == "approved" else settled

    def _insert(self, past: Past, case: Case, item: Item) -> None:
        self._db.execute(
            "INSERT INTO drafts (id, account, name, live, state, verdict, revision, hash, title, body, item, findings, author, "
            "author_verified, policy_hash, received_at, changed_at, url, returned, bytes, pictures, asked_at, wanted_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                past.id, past.account, case.name, case.state not in ENDED, case.state, case.verdict, case.revision, past.hash,
                case.title, item.text, item_json(item), findings_json(case.screened), past.author, case.author_verified,
                case.policy_hash, past.received_at, past.changed_at, past.url, case.returned, past.revisions[-1].digest,
                _encoded(past.revisions[-1].beside), past.revisions[-1].at,
                None if item.release_at is None else to_db(item.release_at),
            ),
        )  # fmt: skip
        if case.state not in ENDED:
            # The file is looked for and read again: one that has gone meanwhile is a withdrawal, as ever.
            self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, -1, 0, 0, 0, 0)", (past.account, case.name))

    def _release(self, release: Release) -> None:
        known = self._db.execute("SELECT 1 FROM drafts WHERE id = ?", (release.draft,)).fetchone()
        if known is None:
            return
        data = self._bytes(self._digests.get(release.hash, release.hash))
        account = self._setting.book.accounts.get(release.account)
        state = "unknown" if release.state in ("begun", "leased") else release.state
        self._db.execute(
            "INSERT INTO releases (id, draft, hash, account, channel, epoch, state, holder, begun_at, ended_at, url, body, detail) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'made anew from the record')",
            (
                release.id, release.draft, release.hash, release.account, account.channel if account else "", release.epoch, state,
                release.holder, release.begun_at, release.ended_at, release.url, read_item(data).text if data is not None else "",
            ),
        )  # fmt: skip

    def _bytes(self, digest: str) -> bytes | None:
        """The exact bytes of a revision, or None where they are gone."""
        row = self._db.execute("SELECT segment, offset, size FROM revisions WHERE hash = ?", (digest,)).fetchone()
        try:
            return read(self._new / FOLDER, digest, Place(*row) if row else None)
        except RevisionDamaged:
            return None

    def _name(self, past: Past, row: sqlite3.Row | None, *, live: bool) -> bytes:
        """The name of a draft's file: as the damaged database has it, as the record's private text, as a file in the folder has its
        bytes; else one of our making. Two live drafts never get the same."""
        found = self._known_name(past, row)
        if found is None or b"/" in found or (live and (past.account, found) in self._taken):
            self.fields["name"].append(past.id)
            found = f"修復-{past.id}.txt".encode()
        if live:
            self._taken.add((past.account, found))
        return found

    def _known_name(self, past: Past, row: sqlite3.Row | None) -> bytes | None:
        if past.named is not None:
            seq, field, shown = past.named
            if not shown.startswith("sha256:"):
                return shown.encode()
            kept = self._db.execute("SELECT text FROM audit_private WHERE seq = ? AND field = ?", (seq, field)).fetchone()
            if kept is not None:
                return bytes(kept[0])
        if row is not None and isinstance(row["name"], bytes):
            return row["name"]
        return self._in_folder(past.account).get(past.revisions[-1].digest)

    def _in_folder(self, account: str) -> dict[str, bytes]:
        """The files in an account's folder by the hash of their bytes."""
        if account not in self._names:
            folder = self._office / "drafts" / account
            here = [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()] if folder.is_dir() else []
            self._names[account] = {hashlib.sha256(path.read_bytes()).hexdigest(): os.fsencode(path.name) for path in here}
        return self._names[account]

    def _words(self, past: Past, row: sqlite3.Row | None) -> str:
        """The reason of a return: as the record's private text, else as the damaged database has it."""
        assert past.returned is not None
        seq, field, shown = past.returned
        if not shown.startswith("sha256:"):
            return shown
        kept = self._db.execute("SELECT text FROM audit_private WHERE seq = ? AND field = ?", (seq, field)).fetchone()
        if kept is not None:
            return bytes(kept[0]).decode("utf-8", "replace")
        if row is not None and row["returned"]:
            return str(row["returned"])
        self.fields["returned"].append(past.id)
        return ""


def _encoded(pictures: tuple[Picture, ...]) -> bytes:
    return msgspec.json.encode(pictures) if pictures else b""


def _pictures(row: sqlite3.Row) -> tuple[Picture, ...]:
    """The images in a row of a damaged table; none where that cannot be read."""
    try:
        return pictures_of(row["pictures"])
    except (msgspec.DecodeError, TypeError):
        return ()


def _is_draft(row: sqlite3.Row) -> bool:
    """Whether a row of a damaged table still holds what a draft's must."""
    texts = all(isinstance(row[name], str) for name in ("account", "author", "verdict", "url", "hash", "bytes", "state"))
    return (
        texts and row["state"] in WORDS and all(isinstance(row[name], int) for name in ("revision", "received_at", "changed_at"))
    )
