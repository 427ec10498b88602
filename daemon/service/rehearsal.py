"""An upgrade tried on a copy (試し): the database of a backup brought to this version, and what is in hand judged by the old program and by this
one at the same moment. The office itself is not touched; it goes on under the old version meanwhile.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import msgspec
from msgspec import Struct

from daemon.rulebook.calendar import TOKYO
from daemon.service import verdicts_main
from daemon.service.keeping_main import backup as make_backup
from daemon.store import StoreUnfit
from daemon.store.backup import Progress
from daemon.store.database import open_reader, open_writer

SHOWN = 200
"""Drafts that an answer names; all of them are counted."""
COPY = "copy.db"
"""… the copy of the database: what the switch sets aside is as good as there already."""
IDS = "changed.json"
"""In the folder of the trial: the drafts that come out otherwise, for the switch."""


class Judged(Struct, frozen=True, kw_only=True):
    """A draft as one program judges it (a line of `verdicts_main`)."""

    draft: int
    account: str
    policy: str
    name: str
    title: str
    state: str
    verdict: str
    clauses: list[str]
    who: list[str]


class Differs(Struct, frozen=True, kw_only=True):
    """A draft in hand that this version judges otherwise: the verdicts, the clauses that hold it now or did, its approvers where they change."""

    draft: int
    account: str
    name: str
    title: str
    state: str
    before: str
    after: str
    clauses: list[str]
    who: list[str]


class Rehearsed(Struct, frozen=True, kw_only=True):
    """What a trial found. `old` and `new` are the versions of the data; `by_program` is False where the old program could not be asked, and
    the verdicts that it had written down stand for it."""

    old: int
    new: int
    judged: int
    changed: int
    drafts: list[Differs]
    by_program: bool


def rehearse(office: Path, backup: Path, work: Path, before: str, old_python: Path, tell: Progress, *, online: bool) -> Rehearsed:
    """Back the office up into the new file `backup`, as its version `before` would, and try this one on the copy of the database that is left
    over; `work` is a folder of the caller's beside it, which keeps `changed.json` and the copy. Raises StoreError, RulebookError, OSError: then this version
    is not one to switch to."""
    copy = work / COPY
    try:
        make_backup(office, backup, online=online, tell=tell, program=before, keep=copy)
        moment = datetime.now(TOKYO).isoformat()
        old, waiting = _looked_at(copy)
        by_the_old = _by_the_old(copy, office, moment, old_python, waiting, tell)
        tell("migrate", 0, 0)
        open_writer(copy).close()
        new, _ = _looked_at(copy)
        after = _ask(
            [sys.executable, "-I", verdicts_main.__file__, str(copy), str(office), moment, "--fresh"], waiting, "judge", tell
        )
        if after is None:
            raise StoreUnfit(
                "新しい版は、この部署の下書きを判定できませんでした。", "The new version could not judge this office's drafts."
            )
        differs = list(_differing(by_the_old if by_the_old is not None else _written(copy), after, whole=by_the_old is not None))
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    finally:
        for name in (f"{COPY}-wal", f"{COPY}-shm"):
            (work / name).unlink(missing_ok=True)
    (work / IDS).write_bytes(msgspec.json.encode([each.draft for each in differs]))
    return Rehearsed(
        old=old, new=new, judged=len(after), changed=len(differs), drafts=differs[:SHOWN], by_program=by_the_old is not None
    )


def _looked_at(copy: Path) -> tuple[int, int]:
    """The version of the data, and how many drafts are in hand."""
    with closing(open_reader(copy)) as db:
        live: int = db.execute("SELECT count(*) FROM drafts WHERE live = 1").fetchone()[0]
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
    return version, live


def _by_the_old(copy: Path, office: Path, moment: str, python: Path, of: int, tell: Progress) -> dict[int, Judged] | None:
    """What the old program says at this moment; None where it cannot be asked."""
    return _ask([str(python), "-I", verdicts_main.__file__, str(copy), str(office), moment], of, "judge_old", tell)


def _ask(command: list[str], of: int, stage: str, tell: Progress) -> dict[int, Judged] | None:
    """Run `verdicts_main`; None where it does not come to its end."""
    found: dict[int, Judged] = {}
    ended = False
    with tempfile.TemporaryFile() as trace:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=trace, cwd="/") as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith(b'{"done"'):
                    ended = True
                    continue
                one = msgspec.json.decode(line, type=Judged)
                found[one.draft] = one
                tell(stage, len(found), of)
        if process.returncode or not ended:
            _log(trace)
            return None
    return found


def _log(trace: IO[bytes]) -> None:
    """The reason, for whoever reads the log of the upgrade: it is no sentence for people."""
    trace.seek(0)
    os.write(2, trace.read()[-4000:])


def _written(copy: Path) -> dict[int, Judged]:
    """The verdicts as they were written down, where the old program cannot be asked."""
    with closing(open_reader(copy)) as db:
        rows: list[Any] = db.execute("SELECT id, account, name, title, state, verdict FROM drafts WHERE live = 1").fetchall()
    return {
        row["id"]: Judged(
            draft=row["id"],
            account=row["account"],
            policy="",
            name=bytes(row["name"]).decode("utf-8", "backslashreplace"),
            title=row["title"],
            state=row["state"],
            verdict=row["verdict"],
            clauses=[],
            who=[],
        )
        for row in rows
    }


def _differing(before: dict[int, Judged], after: dict[int, Judged], *, whole: bool) -> Iterator[Differs]:
    for draft, new in sorted(after.items()):
        old = before.get(draft)
        if old is None:
            continue
        others = whole and old.who != new.who
        if old.verdict == new.verdict and not others and not (whole and old.clauses != new.clauses):
            continue
        yield Differs(
            draft=draft,
            account=new.account,
            name=new.name,
            title=new.title,
            state=new.state,
            before=old.verdict,
            after=new.verdict,
            clauses=sorted(set(old.clauses) ^ set(new.clauses)) if whole else new.clauses,
            who=new.who if others else [],
        )
