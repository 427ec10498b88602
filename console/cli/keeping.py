"""`kohoban backup`, `restore`, `repair`: what keeps the office's memory. The work is done by the daemon, or by a process of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from console.cli.command import Session, argument, command, option, text
from console.cli.link import Link, NoDaemon
from console.cli.outcome import FINE, REFUSED, WRONG, Failure
from console.cli.place import office_dir, office_here
from console.cli.terminal import SCHEMA, clean, err, out, out_json
from console.record import short_hash
from console.words import choose
from daemon.program import program
from daemon.wire import Backup, BackupProgress, BackupState, Done

POLL = 0.2
"""Seconds between two questions how far the daemon's backup is."""

MOST = 20
"""Lines of one kind that are shown; the whole list is in the report's file."""


@command("backup", argument("FILE"))
def backup(session: Session, file: str) -> int:
    """Back the office up into a new file: through the daemon where one runs, else from here."""
    office = office_here(session.office)
    to = Path(file).absolute()
    try:
        made = _by_daemon(session, office, to)
    except NoDaemon as absent:
        if not absent.down:
            raise
        made = _work(["backup", str(to)], office)
    if session.json:
        out_json({"schema": SCHEMA, "path": str(to), **made})
    else:
        size = f"{made['size'] / (1 << 20):,.1f}"
        out(text("keeping.backed_up", file=clean(str(to)), size=size, entries=made["seq"], head=short_hash(made["head"])))
    return FINE


@command("restore", argument("FILE"))
def restore(session: Session, file: str) -> int:
    """Put a backup in the place of what the office remembers; the office starts stopped."""
    office = office_dir(session.office)
    if not office.is_dir():
        raise Failure(WRONG, text("keeping.no_folder", folder=clean(str(office.absolute()))))
    done = _work(["restore", str(Path(file).absolute())], office)
    if session.json:
        out_json({"schema": SCHEMA, **done})
        return FINE
    for line in _restored(done):
        out(line)
    return FINE


@command("repair", option("--dry-run", is_flag=True, key="dry_run"))
def repair(session: Session, dry_run: bool) -> int:
    """Make a new database from revisions and record, and say exactly what could not be brought back."""
    office = office_here(session.office)
    done = _work(["repair", *(["--dry-run"] if dry_run else [])], office)
    if session.json:
        out_json({"schema": SCHEMA, **done})
        return FINE
    for line in _repaired(done):
        out(line)
    return FINE


def _by_daemon(session: Session, office: Path, to: Path) -> dict[str, Any]:
    """Ask the daemon for the backup and wait until its file is whole. Raises NoDaemon, Failure."""
    say = _Progress()
    with Link(office, session.operator) as link:
        link.ask(Backup(path=str(to)), Done)
        while (now := link.ask(BackupState(), BackupProgress)).running:
            say(now.stage, now.done, now.of)
            time.sleep(POLL)
    say.end()
    if now.error or not now.head:
        raise Failure(WRONG, clean(choose(now.error, now.error_en)) or text("keeping.unknown"))
    return {"size": now.size, "seq": now.seq, "head": now.head}


def _work(words: Sequence[str], office: Path) -> dict[str, Any]:
    """Have it done by a process of its own, showing how far it is; what it reports at the end. Raises Failure."""
    command = program("daemon.service.keeping_main", *words, "--office", str(office.absolute()))
    say, last = _Progress(), dict[str, Any]()
    with tempfile.TemporaryFile() as trace:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=trace) as process:
            assert process.stdout is not None
            for line in process.stdout:
                last = msgspec.json.decode(line)
                if "stage" in last:
                    say(last["stage"], last["done"], last["of"])
        say.end()
        trace.seek(0)
        why = trace.read().decode(errors="replace")
    if "ok" in last:
        return dict(last["ok"])
    if "error" in last:
        raise Failure(REFUSED if last["busy"] else WRONG, clean(choose(last["error"], last["error_en"])))
    if process.returncode > 0 and why:
        raise RuntimeError(why)  # a defect of this program's: its trace is kept, under a number that people can name
    raise Failure(WRONG, text("keeping.ended", code=process.returncode))


class _Progress:
    """How far it is, on stderr: one line that changes on a terminal, else a line for each stage."""

    def __init__(self) -> None:
        self._stage = ""
        self._live = sys.stderr.isatty()

    def __call__(self, stage: str, done: int, of: int) -> None:
        words = text(f"working.{stage}")
        if self._live:
            share = f" {done * 100 // of}%" if of else ""
            sys.stderr.write(f"\r\033[K{words}{share}")
            sys.stderr.flush()
        elif stage != self._stage:
            err(words)
        self._stage = stage

    def end(self) -> None:
        """Leave the line as if it had not been there."""
        if self._live and self._stage:
            sys.stderr.write("\r\033[K")


def _restored(done: dict[str, Any]) -> Iterator[str]:
    yield text("keeping.restored", made=clean(done["made"]), entries=done["seq"], head=short_hash(done["head"]))
    yield text("keeping.aside", folder=clean(done["aside"]))
    if done["since"] is None:
        yield text("keeping.other_record")
    elif done["since"]:
        yield text("keeping.since", count=done["since"])
    if done["beyond"] > done["seq"]:
        yield text("keeping.beyond", entry=done["beyond"])
    yield from _drafts(done)
    yield from _listed("keeping.files", done["files"])
    yield from _listed("keeping.missing", done["missing"])
    yield from _listed("keeping.overrides", done["overrides"])
    yield text(f"keeping.rules_{done['rules']}")
    yield text("keeping.stopped")


def _repaired(done: dict[str, Any]) -> Iterator[str]:
    yield text("keeping.dry" if done["dry"] else "keeping.repaired", drafts=done["drafts"], entries=done["entries"])
    if done["aside"]:
        yield text("keeping.aside", folder=clean(done["aside"]))
    yield from _drafts(done)
    lost = [choose(line["ja"], line["en"]) for line in done["lost"]]
    if lost:
        yield from _listed("keeping.lost", lost)
    else:
        yield text("keeping.nothing_lost")
    if done["report"]:
        yield text("keeping.report", file=clean(done["report"]))
    if not done["dry"]:
        yield text("keeping.stopped")


def _drafts(done: dict[str, Any]) -> Iterator[str]:
    yield from _listed("keeping.unknown_drafts", [str(draft) for draft in done["unknown"]])
    yield from _listed("keeping.held_drafts", [str(draft) for draft in done["held"]])


def _listed(key: str, things: Sequence[str]) -> Iterator[str]:
    """A heading with the count, and the first of the things."""
    if not things:
        return
    yield text(key, count=len(things))
    for thing in things[:MOST]:
        yield f"  {clean(thing)}"
    if len(things) > MOST:
        yield text("keeping.more", count=len(things) - MOST)
