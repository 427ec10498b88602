"""The database file: how it is opened, which settings hold, and how it is brought to this program's version."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from daemon.store import faults, texts
from daemon.store.schema import MIGRATIONS

DATABASE = "kohoban.db"
APPLICATION_ID = 0x4B6F686F  # "Koho": tells our database from any other SQLite file
OLDEST_SQLITE = (3, 37, 0)  # STRICT tables

BUSY_MS = 5000
# FULL: with NORMAL, acknowledged rows were lost in most of the power cuts tried. trusted_schema and cell_size_check: a file that
# somebody tampered with must not run functions of its choice nor walk SQLite out of a page. recursive_triggers: else
# INSERT OR REPLACE would delete a row of the record without asking its trigger. secure_delete: what is erased (daemon/store/audit.py)
# must not stay behind in free space.
_WRITER = f"""
    PRAGMA busy_timeout = {BUSY_MS};
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA recursive_triggers = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA secure_delete = ON;
    PRAGMA journal_size_limit = {64 << 20};
    PRAGMA wal_autocheckpoint = 1000;
    PRAGMA temp_store = MEMORY;
    PRAGMA mmap_size = 0;
"""
READER = f"""
    PRAGMA busy_timeout = {BUSY_MS};
    PRAGMA query_only = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA mmap_size = 0;
"""


def open_writer(path: Path) -> sqlite3.Connection:
    """Open, or make, the database at `path` for its one writer, at this program's version. The connection may pass to another
    thread, but only one may use it. Raises StoreNewer, StoreUnfit, StoreBusy, StoreFull, StoreBroken."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise faults.StoreUnfit(
            f"この Python の SQLite は {sqlite3.sqlite_version} です。3.37 以降が要ります。新しい Python で入れ直してください。",
            f"This Python brings SQLite {sqlite3.sqlite_version}; 3.37 or later is needed. Install with a newer Python.",
        )
    with faults.told(str(path)):
        _make_file(path)
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            db.row_factory = sqlite3.Row
            version = _version(db, path)
            _searches(db)
            db.executescript(_WRITER)
            _write_ahead(db, path)
            migrate(db, version)
            texts.agree(db)
        except BaseException:
            db.close()
            raise
    return db


def open_reader(path: Path) -> sqlite3.Connection:
    """Open the database at `path` to read only, whether or not a daemon has it open. Raises StoreError where that is impossible."""
    with faults.told(str(path)):
        db = sqlite3.connect(reader_uri(path), uri=True, isolation_level=None, check_same_thread=False)
        try:
            db.row_factory = sqlite3.Row
            db.executescript(READER)
        except BaseException:
            db.close()
            raise
    return db


def reader_uri(path: Path) -> str:
    """`path` as the URI of a database that cannot be written: readers must never checkpoint (SQLite before 3.51.3 may corrupt the
    file when two connections do)."""
    return f"{path.absolute().as_uri()}?mode=ro"


def migrate(db: sqlite3.Connection, version: int, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring `db` from `version` to the last of `migrations`, each step whole or not at all. Raises sqlite3.Error."""
    for number, script in enumerate(migrations[version:], start=version + 1):
        try:
            db.executescript(
                f"BEGIN IMMEDIATE; {script}; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number}; COMMIT;"
            )
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def _make_file(path: Path) -> None:
    """Make sure that the file is there and is the daemon's alone: it holds what citizens wrote. SQLite gives -wal and -shm the same
    mode. Done before SQLite opens it: closing a descriptor later would drop SQLite's own locks."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        path.chmod(0o600)
    else:
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable: a new file whose folder is not synced may be gone after a power cut. Raises OSError."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _version(db: sqlite3.Connection, path: Path) -> int:
    """The version of the database, 0 for a new one. Changes nothing; raises StoreNewer, StoreUnfit."""
    application: int = db.execute("PRAGMA application_id").fetchone()[0]
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    tables: int = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application != APPLICATION_ID and (application, version, tables) != (0, 0, 0):
        raise faults.StoreUnfit(
            f"{path} は広報番のデータベースではありません。別の場所へ移してから起動し直してください。",
            f"{path} is not a database of Kohoban. Move it elsewhere and start again.",
        )
    if version > len(MIGRATIONS):
        raise faults.StoreNewer(
            f"{path} は新しい版の広報番が書いたものです（データの版 {version}、この版は {len(MIGRATIONS)} まで）。"
            "広報番を新しい版に戻すか、その版の控えを使ってください。何も変更していません。",
            f"{path} was written by a newer Kohoban (data version {version}; this one knows up to {len(MIGRATIONS)}). "
            "Go back to the newer version, or restore a backup of this one's. Nothing has been changed.",
        )
    return version


def _searches(db: sqlite3.Connection) -> None:
    """Raises StoreUnfit where this SQLite was built without full-text search."""
    if db.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").fetchone() is None:
        raise faults.StoreUnfit(
            "この Python の SQLite には全文検索（FTS5）がありません。別の Python で入れ直してください。",
            "The SQLite of this Python has no full-text search (FTS5). Install with another Python.",
        )


def _write_ahead(db: sqlite3.Connection, path: Path) -> None:
    """Switch to write-ahead logging: one sync a commit, and readers that never wait. Raises StoreUnfit where the place cannot."""
    mode: str = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise faults.StoreUnfit(
            f"{path} の場所では安全な記録（WAL）ができません。共有フォルダではなく、この機械のディスクに置いてください。",
            f"{path}: this place cannot keep a write-ahead log. Put state/ on a disk of this machine, not on a share.",
        )
