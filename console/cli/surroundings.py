"""What `kohoban doctor` says of the machine around an office: limits, clock, sshd, the services as they are installed, and the numbers.

Each check takes what it looks at as an argument, so that a test can show it a machine on which it is otherwise.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

from console.cli.command import text
from console.cli.separation import is_installation
from console.cli.service import drifted, installed_units, unit_state
from console.installation.units import name_of
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import RulebookError

Level = Literal["ok", "note", "bad"]
Told = tuple[str, Level, str]
"""A check's name, how it is, and what is said of it."""

INOTIFY = {"max_user_instances": 32, "max_user_watches": 1024, "max_queued_events": 16384}
"""What one office needs of each, with room: a folder of each account, some policies, and consoles beside."""
LEASE = 1 << 28
"""CAP_LEASE among the capabilities of a process."""
OLD = 60.0
"""Seconds after which the numbers count as left behind."""
UNSYNCED = 5
"""What adjtimex says of a clock that nothing holds to a reference (TIME_ERROR)."""
DOOR = {"forcecommand": "", "disableforwarding": "yes", "permituserrc": "no", "usedns": "no", "usepam": "yes"}
"""What sshd has to say for an operator; empty: anything but `none`."""


def around(office: Path) -> Iterator[Told]:
    """Everything, in the order in which things depend on each other."""
    name = name_of(office.absolute())
    if not (office / "state").is_dir():
        return
    yield "limits", *limits(Path("/proc/sys/fs/inotify"))
    yield "service", *service(office, name)
    state = unit_state(f"{name}.service") if installed_units(name) else {}
    yield "lease", *lease(Path("/proc") / state.get("MainPID", "0") / "status")
    level, said = door(_operators(office), _sshd)
    yield "door", level if is_installation(office / "state") else "note" if level == "bad" else level, said
    yield "numbers", *numbers(numbers_of(office), time.time())


def synchronised() -> bool:
    """Whether the kernel holds the clock to a reference: timesyncd, chrony and ntpd all tell it."""
    room = ctypes.create_string_buffer(512)  # struct timex, whose first field (modes) is 0: only asked, nothing set
    with suppress(OSError, AttributeError):
        return int(ctypes.CDLL(None, use_errno=True).adjtimex(room)) not in (UNSYNCED, -1)
    return False


def limits(folder: Path) -> tuple[Level, str]:
    """What the kernel allows of inotify: without it every folder is looked through every second."""
    short = []
    for name, needed in INOTIFY.items():
        with suppress(OSError, ValueError):
            if int((folder / name).read_text()) < needed:
                short.append(f"fs.inotify.{name}={needed}")
    if short:
        return "bad", text("doctor.limits_short", settings=" ".join(short))
    return "ok", text("doctor.limits_ok")


def lease(status: Path) -> tuple[Level, str]:
    """Whether the daemon that runs can tell that somebody still writes a file which is not its own."""
    try:
        found = next(line for line in status.read_text().splitlines() if line.startswith("CapEff:"))
    except (OSError, StopIteration):
        return "note", text("doctor.lease_unseen")
    if int(found.split()[1], 16) & LEASE:
        return "ok", text("doctor.lease_ok")
    return "bad", text("doctor.lease_none")


def service(
    office: Path, name: str, state: Callable[..., Mapping[str, str]] = unit_state, root: Path = Path("/")
) -> tuple[Level, str]:
    """The units: there, as they would be made now, running, watched; in a trial, also after one has logged out."""
    for user in (False, True):
        if units := installed_units(name, root, user=user):
            break
    else:
        return "note", text("doctor.service_none")
    wrong = [text("service.drift", file=path) for path in drifted(office, name, root, user=user)]
    for unit in units:
        seen = state(unit, user=user)
        if seen.get("ActiveState") != "active":
            flag = "--user " if user else ""
            wrong.append(
                text(
                    "doctor.service_down",
                    unit=unit,
                    state=seen.get("ActiveState", "?"),
                    mend=f"systemctl {flag}enable --now {unit}",
                )
            )
        elif unit == f"{name}.service" and seen.get("WatchdogUSec", "0") in ("0", "infinity"):
            wrong.append(text("doctor.service_unwatched", unit=unit))
    if user:
        login = pwd.getpwuid(os.getuid()).pw_name
        if not (root / "var/lib/systemd/linger" / login).exists():
            wrong.append(text("doctor.service_linger", mend=f"loginctl enable-linger {login}"))
    if wrong:
        return "bad", " / ".join(wrong)
    return "ok", text("doctor.service_ok", units=" ".join(units))


def door(operators: Iterable[str], sshd: Callable[[str], str | None]) -> tuple[Level, str]:
    """How sshd lets the operators in: to the console, and to nothing else. `sshd` gives its settings for a login."""
    checked = []
    for login in operators:
        said = sshd(login)
        if said is None:
            return "note", text("doctor.door_unseen")
        settings = dict(line.split(" ", 1) for line in said.lower().splitlines() if " " in line)
        wrong = [f"{key} {value or '…'}" for key, value in DOOR.items() if not _is(settings.get(key, ""), value)]
        if wrong:
            return "bad", text("doctor.door_open", login=login, settings=", ".join(wrong))
        checked.append(login)
    return ("ok", text("doctor.door_ok", count=len(checked))) if checked else ("note", text("doctor.door_nobody"))


def _is(found: str, wanted: str) -> bool:
    return found == wanted if wanted else found not in ("", "none")


def _sshd(login: str) -> str | None:
    """What sshd would say to this login from somewhere else; None where that cannot be asked (root alone may)."""
    program = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin:/usr/bin")
    if program is None:
        return None
    command = [program, "-T", "-C", f"user={login},host=terminal.invalid,addr=192.0.2.1"]
    ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return ended.stdout if ended.returncode == 0 else None


def _operators(office: Path) -> list[str]:
    """Those on the register who have a login here."""
    found = []
    with suppress(RulebookError, OSError):
        for login in load_rulebook(office).operators:
            with suppress(KeyError):
                pwd.getpwnam(login)
                found.append(login)
    return found


def numbers_of(office: Path) -> Path:
    """Where the daemon writes them: as the rules say, else in `state/`."""
    with suppress(RulebookError, OSError):
        if named := load_rulebook(office).office.metrics:
            return office / named
    return office / "state" / "metrics.prom"


def numbers(file: Path, now: float) -> tuple[Level, str]:
    """What the daemon last wrote of itself: that it is alive, that its threads get on, and that the releaser is on the line."""
    try:
        said = dict(line.rsplit(" ", 1) for line in file.read_text().splitlines() if not line.startswith("#"))
    except (OSError, ValueError):
        return "note", text("doctor.numbers_none", file=file)
    age = now - float(said.get("kohoban_written_timestamp_seconds", "0"))
    if said.get("kohoban_up") != "1":
        return "note", text("doctor.numbers_down")
    if age > OLD:
        return "bad", text("doctor.numbers_old", age=f"{age:.0f}")
    if said.get("kohoban_threads_hung", "0") != "0":
        return "bad", text("doctor.numbers_hung")
    if said.get("kohoban_releaser_up") == "0":
        return "bad", text("doctor.numbers_releaser")
    lag = float(said.get("kohoban_writer_lag_seconds", "0")) * 1e3
    return "ok", text("doctor.numbers_ok", age=f"{max(age, 0):.0f}", lag=f"{lag:.1f}")
