"""`kohoban doctor`: is everything around the program as the program needs it? Each check says what it saw, and what to do."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Literal

import msgspec

from console.cli import letting_in, witnesses
from console.cli.command import Session, command, text
from console.cli.link import Link, NoDaemon
from console.cli.outcome import FINE, WRONG, Failure, system_words
from console.cli.place import RULES, TOKYO, office_dir
from console.cli.ruler import ambiguous_width, ruler
from console.cli.separation import faults, is_installation
from console.cli.standing import look_at
from console.cli.surroundings import around, synchronised
from console.cli.terminal import SCHEMA, clean, out, out_json, paint
from console.text import cells
from console.words import choose, choose_each
from daemon.intake.kept_folder import Fault, kept, owners_of
from daemon.intake.sheet_folder import INNER
from daemon.rulebook.calendar import LAST_YEAR
from daemon.rulebook.lint import lint_office
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import RulebookError
from daemon.screening.boundary import dictionary
from daemon.standing import login
from daemon.wire import Status, StatusAnswer

Level = Literal["ok", "note", "bad"]

SAFE_SQLITE = (3, 51, 3)
"""From this version on SQLite no longer has the WAL defect for which one connection writes and checkpoints here."""

FSYNC_ROUNDS = 15
SLOW = 25.0
"""Milliseconds of an fsync from which on people at a console feel the disk."""
BALLAST = 8 << 20
SCARCE = 1 << 30
"""Bytes: what the daemon keeps in reserve, and below what people are warned."""
REMOTE = frozenset(("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph"))
"""File systems that show no events of other machines, and on which SQLite's locks cannot be trusted."""


class Seen(msgspec.Struct, frozen=True):
    """What one check saw."""

    name: str
    level: Level
    said: str


@command("doctor")
def doctor(session: Session) -> int:
    """Look at everything; exit code 2 where something is bad."""
    office = office_dir(session.office)
    seen = list(examine(office, session.operator))
    bad = any(one.level == "bad" for one in seen)
    if session.json:
        out_json({"schema": SCHEMA, "ok": not bad, "checks": seen})
        return WRONG if bad else FINE
    room = max(cells(one.name) for one in seen)
    for one in seen:
        style = {"ok": "pass", "note": "warn", "bad": "block"}[one.level]
        mark = paint(style, text(f"doctor.{one.level}"))
        out(f"{mark}  {one.name}{' ' * (room - cells(one.name))}  {clean(one.said)}")
    for line in ruler():
        out(line)
    return WRONG if bad else FINE


def examine(office: Path, operator: str) -> Iterator[Seen]:
    """Every check, in the order in which things depend on each other."""
    for name, check in _CHECKS.items():
        level, said = check()
        yield Seen(text(f"doctor.{name}"), level, said)
    if not (office / RULES).is_file():
        yield Seen(text("doctor.office"), "note", text("doctor.no_office", folder=office.absolute()))
        return
    yield Seen(text("doctor.office"), *_rules(office))
    for folder in ("state", "drafts"):
        yield Seen(text("doctor.files", folder=folder), *_file_system(office / folder))
    yield Seen(text("doctor.space", folder="state"), *_space(office / "state"))
    yield Seen(text("doctor.gate"), *_gate(office))
    level, said, alarms = _socket(office, operator)
    yield Seen(text("doctor.socket"), level, said)
    if alarms:
        yield Seen(text("doctor.alarms"), "bad", alarms)
    yield Seen(text("doctor.identity"), *_identity(office))
    yield Seen(text("doctor.terminals"), *_terminals(office, operator))
    yield from (Seen(*each) for each in letting_in.checks(office, operator))
    yield from _sheet_folders(office)
    for key, level, said in around(office):
        yield Seen(text(f"doctor.{key}"), level, said)


def _python() -> tuple[Level, str]:
    """The interpreter, and the system under it."""
    return "ok", f"{platform.python_version()}  {platform.system()} {platform.release()}  {sys.prefix}"


def _names() -> tuple[Level, str]:
    """`console` and `daemon` are top-level names, and another distribution could own them too."""
    owners = packages_distributions()
    strangers = sorted({owner for name in ("console", "daemon") for owner in owners.get(name, ()) if owner != "kohoban"})
    strangers += _found_elsewhere()
    if strangers:
        return "bad", text("doctor.names_bad", owners=", ".join(strangers))
    return "ok", text("doctor.names_ok", version=version("kohoban"))


def _found_elsewhere() -> list[str]:
    """Where `daemon` is really imported from, if that is not beside `console`."""
    found = find_spec("daemon")
    ours = Path(__file__).resolve().parents[2]
    place = Path(str(found.origin)).resolve().parents[1] if found and found.origin else None
    return [] if place == ours else [str(place)]


def _sqlite() -> tuple[Level, str]:
    """The library's version, and what it means for the write-ahead log."""
    safe = sqlite3.sqlite_version_info >= SAFE_SQLITE
    return "ok", text("doctor.sqlite_safe" if safe else "doctor.sqlite_guarded", version=sqlite3.sqlite_version)


def _clock() -> tuple[Level, str]:
    """The time here, and whether the kernel holds the clock to a reference."""
    from datetime import datetime

    now = datetime.now(TOKYO)
    if now.year < 2026:
        return "bad", text("doctor.clock_past", now=f"{now:%Y-%m-%d %H:%M}")
    synced = synchronised()
    return "ok" if synced else "note", text(
        "doctor.clock_ok" if synced else "doctor.clock_unproved", now=f"{now:%Y-%m-%d %H:%M:%S}"
    )


def _holidays() -> tuple[Level, str]:
    """The last year that the holiday table knows: in any later one every account with hours is closed."""
    from datetime import datetime

    left = LAST_YEAR - datetime.now(TOKYO).year
    return ("bad" if left < 0 else "note" if left < 1 else "ok"), text("doctor.holidays_until", year=LAST_YEAR)


def _words() -> tuple[Level, str]:
    """The dictionary that tells words apart; without it the change of script has to do."""
    found = dictionary()
    return ("ok", found) if found else ("bad", text("doctor.words_missing"))


def _width() -> tuple[Level, str]:
    """How wide the terminal paints characters of ambiguous width."""
    found = ambiguous_width()
    if found is None:
        return "note", text("doctor.width_unknown")
    if os.environ.get("TMUX"):  # its answer is its own; what the terminal around it paints cannot be asked from in here
        return "note", text("doctor.width_tmux", width=found)
    return "ok", text("doctor.width_is", width=found)


_CHECKS: dict[str, Callable[[], tuple[Level, str]]] = {
    "python": _python,
    "names": _names,
    "sqlite": _sqlite,
    "clock": _clock,
    "holidays": _holidays,
    "words": _words,
    "width": _width,
}


def _rules(office: Path) -> tuple[Level, str]:
    """`rules.toml` and the policies, linted."""
    problems = lint_office(office)
    errors = [p for p in problems if p.severity == "error"]
    if errors:
        first = errors[0]
        where = f"{first.file}:{first.line}"
        return "bad", text("doctor.rules_bad", count=len(errors), first=f"{where}: {choose(first.message, first.message_en)}")
    return ("note" if problems else "ok"), text("doctor.rules_ok", file=office / RULES, warnings=len(problems))


def _file_system(folder: Path) -> tuple[Level, str]:
    """The file system of a folder, and how long one fsync takes on it."""
    if not folder.is_dir():
        return "note", text("doctor.no_folder", folder=folder)
    kind = file_system(folder)
    try:
        times = fsync_ms(folder)
    except OSError as error:
        return "bad", text("doctor.not_writable", folder=folder, why=system_words(error))
    said = text("doctor.fsync", kind=kind, median=f"{median(times):.2f}", worst=f"{max(times):.2f}", rounds=len(times))
    if kind in REMOTE:
        key = "doctor.remote_state" if folder.name == "state" else "doctor.remote_drafts"
        return ("bad" if folder.name == "state" else "note"), f"{said} {text(key)}"
    if folder.name == "state" and median(times) > SLOW:
        return "note", f"{said} {text('doctor.fsync_slow')}"
    return "ok", said


def _space(state: Path) -> tuple[Level, str]:
    """The room on the disk of the office's memory, and whether the reserve for a full disk is held."""
    import shutil

    if not state.is_dir():
        return "note", text("doctor.no_folder", folder=state)
    free = shutil.disk_usage(state).free
    try:
        ballast = "held" if (state / "store" / "ballast").exists() else "none"
    except PermissionError:
        ballast = "unseen"
    level: Level = "bad" if free < BALLAST else "note" if ballast == "none" or free < SCARCE else "ok"
    return level, text("doctor.space_is", free=f"{free >> 20:,}", ballast=text(f"doctor.ballast_{ballast}"))


def file_system(folder: Path) -> str:
    """The type of the file system that a folder lies on, as the kernel names it."""
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    kind = "?"
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines():
        before, _, after = line.partition(" - ")
        if before.split()[2] == wanted:
            kind = after.split()[0]
    return kind


def fsync_ms(folder: Path) -> list[float]:
    """Milliseconds of some writes of 4 KiB, each with its fsync, in a file that is gone afterwards. Raises OSError.

    A file without a name would be no measure: some file systems do not write it out at all."""
    times = []
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", suffix=".tmp") as file:
        for _ in range(FSYNC_ROUNDS):
            file.write(b"\0" * 4096)
            file.flush()
            start = time.perf_counter()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - start) * 1e3)
    return times


def _gate(office: Path) -> tuple[Level, str]:
    """The permit as it stands, and where its folder leads to."""
    look = look_at(office)
    if look is None:
        return "note", text("doctor.gate_none")
    folder = office / "state" / "gate"
    where = text("doctor.gate_linked", target=folder.resolve()) if folder.is_symlink() else text("doctor.gate_plain")
    said = text("doctor.gate_open") if look.open else text("doctor.gate_shut", why=choose(look.why, look.why_en))
    return ("ok" if look.open else "note"), f"{said} {where}"


def _socket(office: Path, operator: str) -> tuple[Level, str, str]:
    """Whether the daemon answers, and as whom it knows the caller; and what it warns of."""
    try:
        with Link(office, operator) as link:
            who = link.welcome
            answer = link.ask(Status(), StatusAnswer)
    except NoDaemon as absent:
        return "note", absent.sentence, ""
    except Failure as refused:
        return "bad", refused.sentence, ""
    said = text("doctor.socket_ok", login=who.login, name=who.name, version=who.version)
    told = choose_each((*answer.problems, *answer.alarms), (*answer.problems_en, *answer.alarms_en))
    return "ok", said, " / ".join(told)


def _terminals(office: Path, operator: str) -> tuple[Level, str]:
    """Whether a terminal can be proved on this machine, where a policy asks for that."""
    if not witnesses.asks_for_terminals(office):
        return "ok", text("doctor.terminals_free")
    found = [*witnesses.faults(), witnesses.here(office, operator)]
    if len(found) > 1:
        return "bad", " / ".join(filter(None, found))
    return "ok", text("doctor.terminals_ok", known=found[0] or "-")


def _identity(office: Path) -> tuple[Level, str]:
    """Whether daemon, releaser and operators are apart: enforced in an installation, and in a trial not at all."""
    state = office / "state"
    if not state.is_dir() or not is_installation(state):
        return "note", text("doctor.identity_same")
    found = list(faults(office, file_system))
    if found:
        return "bad", " / ".join((text("doctor.identity_open"), *found))
    return "ok", text("doctor.identity_apart", daemon=login(state.stat().st_uid))


def _sheet_folders(office: Path) -> Iterator[Seen]:
    """Each 決裁フォルダ: whether nobody but its owner and the daemon may write in it, and the command that mends it."""
    state = office / "state"
    with suppress(RulebookError, OSError):  # that the rules cannot be read is said elsewhere
        book, daemon = load_rulebook(office), state.stat().st_uid
        for each in book.sheets:
            name = text("doctor.sheets", login=each.login)
            try:
                owners = owners_of(each.login, daemon, training=book.office.training)
                with kept(each.folder, INNER, owners):
                    yield Seen(name, "ok", text("doctor.sheets_ok", folder=each.folder))
            except Fault as fault:
                mend = text("doctor.sheets_mend", command=fault.mend) if fault.mend else ""
                level: Level = "note" if fault.kind == "closed" else "bad"
                yield Seen(name, level, f"{choose(fault.message, fault.message_en)} {mend}".strip())
