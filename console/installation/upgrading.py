"""`kohoban-install upgrade`: everything is made ready and tried beside the version in force, which serves until the switch; a step that fails
leaves it in force."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from console.installation import documents, environment, services
from console.installation.archive import Archive
from console.installation.offices import Office
from console.installation.outcome import FINE, REFUSED, Problem, Progress, out, text
from console.installation.place import Place, Record, Switch
from console.words import known, say
from console.words.marks import listed

BACKUPS = Path("/var/backups/kohoban")
UPGRADING = "daemon.service.upgrading_main"
MOST = 20
"""Drafts that are named on the screen; all of them stand in the file beside the backup."""


@dataclass
class Tried:
    """An office that is ready to be switched: its backup, the folder of the trial, what came of it."""

    office: Office
    backup: Path
    work: Path
    found: dict[str, Any]
    units: list[str] = field(default_factory=list)
    was_up: bool = False
    other_units: bool = False
    switched: dict[str, Any] | None = None


def upgrade(place: Place, archive: Archive, offices: list[Office], backups: Path, *, yes: bool) -> int:
    """Bring the installation and its offices to the archive's version. Raises Problem; then the old version is in force."""
    tell, before, after = Progress(), place.in_force(), archive.version
    record = place.load()
    if before == after:
        out(text("done.same", version=after))
        return FINE
    archive.check(tell)
    environment.install(place, archive, tell)
    place.keep_installer(archive)
    tried: list[Tried] = []
    try:
        for office in offices:
            _put_right(place, office, before, after, tell)
            if office.remembers:
                tried.append(_try(place, office, before, after, backups, tell))
        tell.end()
        for each in tried:
            _show(each)
        if not yes and not _agreed(after):
            out(text("done.not_switched", before=before, after=after))
            return REFUSED
        began = time.monotonic()
        record.offices = sorted({*record.offices, *(str(office.folder) for office in offices)})
        _switch(place, record, tried, before, after, tell)
        tell.end()
        documents.link(place, Path(record.bin))
    finally:
        for each in tried:
            shutil.rmtree(each.work, ignore_errors=True)
    for version in set(place.there()) - {before, after}:
        shutil.rmtree(place.folder(version), ignore_errors=True)
        out(text("done.pruned", version=version))
    out(text("done.upgraded", before=before, after=after, seconds=f"{time.monotonic() - began:.1f}"))
    out(text("done.way_back"))
    return FINE


def _put_right(place: Place, office: Office, before: str, after: str, tell: Progress) -> None:
    """An upgrade that was killed before its switch leaves the new version's store under the old program. The old store is put back first: this
    upgrade would take the other for it. Where the old program serves on it, or something has gone out since, it stays. Raises Problem."""
    found = _newest_note(office)
    if found is None or found[1] != before or office.pid() is not None:
        return
    done = office.work(place.python(after), UPGRADING, ["back", "--aside", str(found[0])], tell)
    tell.end()
    if not done["out"]:
        out(text("done.put_right", office=office.folder, aside=done["aside"]))


def _newest_note(office: Office) -> tuple[Path, str] | None:
    """The last switch that is not undone: where it set the old store aside, and from which version it came. An earlier one is history: what it
    set aside must never come back over all that was decided since."""
    for note in sorted((office.folder / "state" / "aside").glob("*/upgrade.json"), reverse=True):
        with suppress(OSError, ValueError, KeyError, TypeError):
            return note.parent, str(json.loads(note.read_bytes())["before"])
    return None


def _try(place: Place, office: Office, before: str, after: str, backups: Path, tell: Progress) -> Tried:
    """Back the office up and try the new version on a copy, while the old one goes on. Raises Problem, OSError."""
    backups.mkdir(mode=0o711, parents=True, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    own = office.folder_of_its_own(backups / office.folder.name)
    backup = own / f"{before}-{after}-{stamp}.tar"
    for left in own.glob(".trial-*"):  # of an upgrade that was killed: a copy of all that the office knows
        if not Path("/proc", left.name.rpartition("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    work = office.folder_of_its_own(own / f".trial-{stamp}-{os.getpid()}")
    try:
        online = ["--online"] if office.pid() is not None else []
        words = ["rehearse", "--backup", str(backup), "--work", str(work), "--before", before]
        words += ["--old-python", str(place.python(before)), *online]
        found = office.work(place.python(after), UPGRADING, words, tell)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return Tried(office, backup, work, found)


def _show(each: Tried) -> None:
    """What the new version would change in an office."""
    found = each.found
    out(text("show.office", office=each.office.folder, backup=each.backup))
    if found["old"] != found["new"]:
        out(text("show.data", old=found["old"], new=found["new"]))
    if not found["by_program"]:
        out(text("show.written"))
    if not found["changed"]:
        out(text("show.same", judged=found["judged"]))
        return
    out(text("show.changed", changed=found["changed"], judged=found["judged"]))
    for one in found["drafts"][:MOST]:
        clauses = f"  [{' '.join(one['clauses'])}]" if one["clauses"] else ""
        who = text("show.who", who=listed(one["who"])) if one["who"] else ""
        verdicts = f"{_word('verdict', one['before'])} → {_word('verdict', one['after'])}"
        title = one["title"].strip() or one["name"]
        out(f"  {one['draft']}  {one['account']}  {_word('state', one['state'])}  {verdicts}{clauses}{who}  {title}")
    if found["changed"] > MOST:
        out(text("show.more", more=found["changed"] - MOST))


def _word(table: str, value: str) -> str:
    key = f"{table}.{value}"
    return say("cli", key).split()[0] if known("cli", key) else value


def _agreed(after: str) -> bool:
    """Ask on the terminal; without one nobody has agreed."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    sys.stdout.write(text("ask.switch", version=after))
    sys.stdout.flush()
    return sys.stdin.readline().strip() == after


def _switch(place: Place, record: Record, tried: list[Tried], before: str, after: str, tell: Progress) -> None:
    """End the old, bring every office over, let `current` lead to the new, start it. Raises Problem after putting everything back."""
    undo: list[Callable[[], None]] = []
    try:
        for each in tried:
            each.was_up = each.office.pid() is not None
            if each.was_up:
                undo.append(lambda each=each: _start_old(place, each, before, tell))  # type: ignore[misc]
                each.units = each.office.stop(tell)
            each.switched = each.office.work(place.python(after), UPGRADING, _begin(each, before, after), tell)
            undo.append(lambda each=each: _put_back(place, after, each, tell))  # type: ignore[misc]
        # Remembered before it is so: killed in between, or on the way to the end, an upgrade has a way back.
        undo.append(lambda known=record.switch: _remember(place, record, known))  # type: ignore[misc]
        _remember(
            place, record, Switch(before, after, {str(each.office.folder): each.switched for each in tried if each.switched})
        )
        place.switch_to(after)
        undo.append(lambda: place.switch_to(before))
        for each in tried:
            if each.was_up:
                undo.append(lambda each=each: _end(each.office, tell))  # type: ignore[misc]
                if each.units and services.has(place, after, each.office):
                    each.other_units = True
                    services.install(place, each.office, start=False)
                each.office.start(place, after, each.units, tell)
    except BaseException as error:
        tell.end()
        failed = []
        for step in reversed(undo):
            try:
                step()
            except (Problem, OSError) as more:
                failed.append(str(more))
        tell.end()
        if failed:
            raise Problem(text("problem.half_back", why=error, more=" ".join(failed), before=before)) from error
        if isinstance(error, Problem | OSError):
            raise Problem(text("problem.old_in_force", why=error, before=before)) from error
        raise


def _remember(place: Place, record: Record, switch: Switch | None) -> None:
    record.switch = switch
    place.save(record)


def _begin(each: Tried, before: str, after: str) -> list[str]:
    by = os.environ.get("SUDO_USER") or "root" if os.geteuid() == 0 else each.office.login
    words = ["begin", "--before", before, "--after", after, "--backup", str(each.backup), "--by", by]
    return [*words, "--changed", str(each.work / "changed.json"), "--copy", str(each.work / "copy.db")]


def _put_back(place: Place, after: str, each: Tried, tell: Progress) -> None:
    assert each.switched is not None
    each.office.work(place.python(after), UPGRADING, ["back", "--aside", each.switched["aside"], "--unasked"], tell)


def _start_old(place: Place, each: Tried, before: str, tell: Progress) -> None:
    """As it was before the switch, under the units that its own version makes."""
    if each.other_units:
        services.install(place, each.office, start=False)
    each.office.start(place, before, each.units, tell)


def _end(office: Office, tell: Progress) -> None:
    """End what may have been started half."""
    with suppress(Problem):
        office.stop(tell)
