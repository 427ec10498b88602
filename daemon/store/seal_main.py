"""Keys and signed checkpoints, for those who may read the office's memory: `python -m daemon.store.seal_main key|checkpoint …`.

stdout gets one JSON object: `Sealed`. A checkpoint is signed only after the whole record has been verified, and is added to a file
that may lie anywhere: in the hands of the one who signs, best.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from daemon.store.anchor import Mark, append_line, office_of
from daemon.store.database import DATABASE, open_reader
from daemon.store.faults import StoreError, StoreUnfit, told
from daemon.store.moments import from_db, now
from daemon.store.seal import make_key, read_key
from daemon.store.verify_main import verify_all


class Sealed(msgspec.Struct, omit_defaults=True):
    """What was made: a key pair (`key`, `public`), or a signed line (`line`, `entries`, `key`). Or the first bad entry of the record
    with `why`, or an `error`; both in Japanese and English."""

    key: str = ""
    public: str = ""
    line: str = ""
    entries: int = 0
    first_bad: int | None = None
    why: tuple[str, str] | None = None
    error: tuple[str, str] | None = None


def main(argv: Sequence[str] | None = None) -> int:
    """The process: exit code 0 done, 1 the record does not verify, 2 it could not be done."""
    parser = argparse.ArgumentParser(prog="daemon.store.seal_main")
    asked = parser.add_subparsers(required=True)
    key = asked.add_parser("key")
    key.add_argument("file", type=Path)
    key.set_defaults(do=lambda given: make_pair(given.file))
    sign = asked.add_parser("checkpoint")
    for name in ("store", "key", "to"):
        sign.add_argument(name, type=Path)
    sign.set_defaults(do=lambda given: checkpoint(given.store, given.key, given.to))
    given = parser.parse_args(argv)
    try:
        done: Sealed = given.do(given)
    except StoreError as error:
        done = Sealed(error=(error.message, error.message_en))
    sys.stdout.write(msgspec.json.encode(done).decode() + "\n")
    return 2 if done.error else 1 if done.why else 0


def make_pair(path: Path) -> Sealed:
    """Make a key pair: the private half at `path`, the public one beside it under the same name with `.pub`. Raises StoreError."""
    public = path.with_name(f"{path.name}.pub")
    for taken in (path, public):
        if taken.exists():
            raise StoreUnfit(
                f"{taken} はすでにあります。鍵は上書きしません。別の名前を指定してください。",
                f"{taken} is there already, and a key is never overwritten. Choose another name.",
            )
    with told(str(path), writing=True):
        return Sealed(key=make_key(path, public), public=str(public))


def checkpoint(store: Path, key: Path, to: Path) -> Sealed:
    """Verify the record in the folder `store`, sign its head with `key`, and add the line to the file `to`. Raises StoreError."""
    seal = read_key(key)
    # What was signed before is held against the record, too.
    found = verify_all(store, [to] if to.exists() else [], None, jobs=len(os.sched_getaffinity(0)))
    if not found.ok:
        return Sealed(first_bad=found.first_bad, why=(found.why, found.why_en))
    with closing(open_reader(store / DATABASE)) as db, told(str(store)):
        first = db.execute("SELECT hash FROM audit WHERE seq = 1").fetchone()
    if first is None:
        raise StoreUnfit("記録がまだありません。", "There is no record yet.")
    at = from_db(now()).isoformat(timespec="seconds")
    mark = seal.sign(Mark(found.entries, found.head, at, office_of(first["hash"])))
    with told(str(to), writing=True):
        append_line(to, mark.line)
    return Sealed(key=seal.id, line=mark.line, entries=found.entries)


if __name__ == "__main__":
    sys.exit(main())
