"""A store at rest, in the hands of a person instead of a daemon: nobody else has it, and what stood there is set aside, never deleted."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import count
from pathlib import Path

from daemon.store import database
from daemon.store.anchor import ANCHOR
from daemon.store.ballast import BALLAST
from daemon.store.database import DATABASE
from daemon.store.faults import StoreBusy, StoreError, told
from daemon.store.moments import from_db, now
from daemon.store.renaming import exchange
from daemon.store.segments import FOLDER

ASIDE = "aside"
_RENEWED = {DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", ANCHOR, FOLDER, BALLAST}
"""What a store put in place brings itself; all else (keys) is the office's, and stays with it."""


@contextmanager
def at_rest(*stores: Path) -> Iterator[None]:
    """While this lasts no daemon can open these stores; one that is not there cannot be had by anybody. Raises StoreBusy, StoreError."""
    with ExitStack() as held:
        for store in stores:
            if not (store / FOLDER).is_dir():
                continue
            with told(str(store)):
                lock = os.open(store / FOLDER, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            held.callback(os.close, lock)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StoreBusy(
                    f"{store} は広報番が使用中です。先にデーモンを終えてから、もう一度行ってください。何も変更していません。",
                    f"{store} is in use by a daemon: end it first, then repeat. Nothing was changed.",
                ) from error
        yield


@contextmanager
def aside_folder(state: Path) -> Iterator[Path]:
    """A new folder under `state/aside/`, named by the time, for the owner alone; gone again where nothing was put into it. Raises
    StoreError."""
    with told(str(state), writing=True):
        (state / ASIDE).mkdir(mode=0o700, parents=True, exist_ok=True)
        stamp = from_db(now()).strftime("%Y%m%d-%H%M%S")
        names = (f"{stamp}-{number}" if number else stamp for number in count())
        folder = next(state / ASIDE / name for name in names if not (state / ASIDE / name).exists())
        folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        with suppress(OSError):  # what holds something stays
            folder.rmdir()
            folder.parent.rmdir()


def put_in_place(new: Path, store: Path, aside: Path) -> None:
    """Let the finished store `new` (in the folder `aside`) become `store`; what stood there lies in `aside/store` afterwards. One
    step of the kernel: whoever looks finds the old or the new, and the caller holds both (`at_rest`). Raises StoreError."""
    with told(str(store), writing=True):
        if store.exists():
            for path in store.iterdir():
                if path.name not in _RENEWED and path.is_file() and not path.is_symlink():
                    shutil.copy2(path, new / path.name)
        database.sync_folder(new)
        if store.exists():
            exchange(store, new)
            new.rename(aside / "store")
        else:
            new.rename(store)
        database.sync_folder(aside)
        database.sync_folder(store.parent)


@contextmanager
def looked_into(store: Path) -> Iterator[sqlite3.Connection | None]:
    """The database of a store that may be damaged, to read what can be read; None where it cannot even be opened."""
    db = None
    try:
        db = database.open_reader(store / DATABASE)
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except (sqlite3.Error, OSError, StoreError):
        if db is not None:
            db.close()
        db = None
    if db is None:
        yield None
        return
    with closing(db):
        yield db
