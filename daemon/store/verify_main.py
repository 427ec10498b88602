"""Verification as a program of its own: `python -m daemon.store.verify_main STORE`, beside a daemon or without one.

stdout gets one JSON object (`Outcome`); stderr gets `<looked at> <all>` on the way. Exit code: 0 whole, 1 not, 2 it cannot be looked
at. The work is spread over the processors in parts that follow each other by their hashes.
"""

from __future__ import annotations

import argparse
import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from daemon.store.anchor import ANCHOR, Anchored, read_anchor
from daemon.store.audit import GENESIS
from daemon.store.database import DATABASE, open_reader
from daemon.store.faults import StoreError, told
from daemon.store.segments import FOLDER
from daemon.store.verifying import Bad, Part, Verified, unsigned, verdict, verify_copies, verify_part

PART = 50_000
"""Entries in a part: a second's work."""

_PR_SET_PDEATHSIG = 1

Stretch = tuple[tuple[int, str], int | None]
"""Behind which entry (number, hash) a part begins, and its last entry; None: to the end."""


class Outcome(msgspec.Struct, omit_defaults=True):
    """What was found (`Verified`), or why nothing could be (`error`, in Japanese and English)."""

    found: dict[str, object] | None = None
    error: tuple[str, str] | None = None


def main(argv: Sequence[str] | None = None) -> int:
    """The process."""
    parser = argparse.ArgumentParser(prog="daemon.store.verify_main")
    parser.add_argument("store", type=Path)
    parser.add_argument("--anchors", type=Path, action="append", default=[])
    parser.add_argument("--public", type=Path)
    parser.add_argument("--since", type=_entry, default=(0, GENESIS), metavar="SEQ:HASH")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--part", type=int, default=PART, help="entries in a part")
    parser.add_argument("--behind", action="store_true", help="for a daemon: give way to all other work, and end when it does")
    asked = parser.parse_args(argv)
    if asked.behind:
        _end_with_parent()
        os.nice(19)
    try:
        found = verify_all(asked.store, asked.anchors, asked.public, asked.since, asked.jobs, asked.part)
    except StoreError as error:
        outcome, code = Outcome(error=(error.message, error.message_en)), 2
    else:
        outcome, code = Outcome(found=msgspec.structs.asdict(found)), 0 if found.ok else 1
    sys.stdout.write(msgspec.json.encode(outcome).decode() + "\n")
    return code


def verify_all(
    store: Path,
    anchors: Sequence[Path],
    public: Path | None,
    since: tuple[int, str] = (0, GENESIS),
    jobs: int = 1,
    part: int = PART,
) -> Verified:
    """Verify the record in the folder `store` with `jobs` processes. From the first entry on its copies are held against it, too.

    Raises StoreError where something cannot be opened.
    """
    for path in (*anchors, *filter(None, (public,))):
        with told(str(path)):
            path.stat()  # what was named must be there
    anchored = read_anchor(store / ANCHOR, *anchors)
    # Before the pool: the children inherit what was read.
    work = _Work(store, anchored, unsigned(anchored, public))
    stretches, last = _stretches(store / DATABASE, since, part)
    if jobs <= 1:
        copies = verify_copies(store / DATABASE, store / FOLDER) if since[0] == 0 else None
        return verdict(_parts(map(work, stretches), stretches, last), anchored, copies)
    with multiprocessing.get_context("fork").Pool(jobs, _end_with_parent) as pool:
        waiting = pool.apply_async(verify_copies, (store / DATABASE, store / FOLDER)) if since[0] == 0 else None
        parts = _parts(pool.imap(work, stretches), stretches, last)
        return verdict(parts, anchored, waiting.get() if waiting is not None else None)


class _Work:
    """One part, carried out in a process of the pool."""

    def __init__(self, store: Path, anchored: Anchored, unsigned: frozenset[int]) -> None:
        self._db, self._anchored, self._unsigned = store / DATABASE, anchored, unsigned

    def __call__(self, stretch: Stretch) -> Part:
        return verify_part(self._db, self._anchored, self._unsigned, *stretch)


def _parts(found: Iterator[Part], stretches: list[Stretch], last: int) -> list[Part]:
    """The parts in order, up to the first that is bad; each must begin where the one before it ended."""
    parts: list[Part] = []
    for (since, _), part in zip(stretches, found, strict=True):
        if parts and (parts[-1].entries, parts[-1].head) != since:
            seq = since[0]
            part = Part(seq, since[1], Bad(seq, f"記録 {seq} 番が途中で変わりました", f"entry {seq} changed meanwhile"))
        parts.append(part)
        sys.stderr.write(f"{part.entries} {last}\n")
        sys.stderr.flush()
        if part.bad is not None:
            break
    return parts


def _stretches(db_path: Path, since: tuple[int, str], size: int) -> tuple[list[Stretch], int]:
    """The parts behind `since`, and the number of the last entry. Raises StoreError."""
    with closing(open_reader(db_path)) as db, told(str(db_path)):
        if not db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'audit'").fetchone():
            return [(since, None)], 0
        last: int = db.execute("SELECT coalesce(max(seq), 0) FROM audit").fetchone()[0]
        begins = [since]
        for seq in range(since[0] + size, last, size):
            row = db.execute("SELECT hash FROM audit WHERE seq = ?", (seq,)).fetchone()
            if row is not None:  # a missing one is found by the part that it would have ended
                begins.append((seq, row["hash"]))
    ends: list[int | None] = [seq for seq, _ in begins[1:]]
    return list(zip(begins, [*ends, None], strict=True)), last


def _end_with_parent() -> None:
    """Be killed when the process that asked for this is gone: nobody would read the answer."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _entry(text: str) -> tuple[int, str]:
    seq, _, digest = text.partition(":")
    return int(seq), digest


if __name__ == "__main__":
    sys.exit(main())
