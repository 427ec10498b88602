"""What is remembered: the database with its one writer, the revisions' exact bytes, the audit chain."""

from daemon.store.audit import Detail
from daemon.store.faults import (
    Notice,
    RevisionDamaged,
    StoreBroken,
    StoreBusy,
    StoreClosed,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreNewer,
    StoreUnfit,
)
from daemon.store.moments import from_db, to_db
from daemon.store.store import Store
from daemon.store.transaction import Tx
from daemon.store.verifying import Against, Verified, verify
from daemon.store.writer import Head

__all__ = [
    "Against",
    "Detail",
    "Head",
    "Notice",
    "RevisionDamaged",
    "Store",
    "StoreBroken",
    "StoreBusy",
    "StoreClosed",
    "StoreDamaged",
    "StoreError",
    "StoreFull",
    "StoreNewer",
    "StoreUnfit",
    "Tx",
    "Verified",
    "from_db",
    "to_db",
    "verify",
]
