"""An office as the installer meets it: whose it is, whether its daemon runs, how it is ended and started. Nothing in it is read or written here:
programs of an installed version do that, under the office's own login."""

from __future__ import annotations

import json
import os
import pwd
import re
import select
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from console.installation.outcome import Problem, Progress, problem, text
from console.installation.place import Place
from console.words import choose

UNITS = Path("/etc/systemd/system")
OWN_UNITS = Path("~/.config/systemd/user").expanduser()
"""Those of a trial under one's own login."""
WRITE = "X-Kohoban-Write="
"""Before each folder of `service install --write` in the daemon's unit."""
BOOTED = Path("/run/systemd/system")
"""There exactly where systemd runs the machine (sd_booted(3))."""
MADE_BY = "kohoban service install"
"""What the first line of every unit that is ours says."""
DAEMON = b"daemon.service.main"
"""The word in the command line of a daemon by which it is known."""
ENDS_WITHIN = 60.0
ANSWERS_WITHIN = 60.0
"""Seconds until a daemon that was told to has ended, and until one that was started answers."""


def _umask() -> int:
    os.umask(was := os.umask(0o022))
    return was


UMASK = _umask()
"""What the caller's umask was: what is done for an office is done under it. What is installed is for everybody to read."""


class Office:
    """The office in `folder`. Raises Problem where there is none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        if not (self.folder / "rules.toml").is_file():
            raise problem("no_office", folder=self.folder)
        state = self.folder / "state"
        try:
            seen = (state if state.is_dir() else self.folder).stat()
        except OSError as error:
            raise problem("closed", folder=state, why=error.strerror) from None
        self.uid, self.gid = seen.st_uid, seen.st_gid
        if os.geteuid() not in (0, self.uid):
            raise problem("not_yours", folder=self.folder, owner=self.login)

    @property
    def login(self) -> str:
        """The login that the office belongs to."""
        with suppress(KeyError):
            return pwd.getpwuid(self.uid).pw_name
        return str(self.uid)

    @property
    def remembers(self) -> bool:
        """Whether a daemon has ever run here."""
        return (self.folder / "state" / "store" / "kohoban.db").exists()

    def pid(self) -> int | None:
        """The process that listens at the office's socket; None where nobody does."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line, suppress(OSError):
            folder = os.open(self.folder / "state", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                line.settimeout(5)
                line.connect(f"/proc/self/fd/{folder}/socket")
            finally:
                os.close(folder)
            said = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            return int(struct.unpack("3i", said)[0])
        return None

    def units(self) -> list[str]:
        """The systemd units that were installed for this office."""
        return units_of(self.folder)

    def chosen(self) -> list[str]:
        """What was chosen when they were made, as words for making them again: their name, and the folders beside the office's."""
        units = self.units()
        for unit in units:
            name = unit.removesuffix(".service")
            if f"{name}.socket" in units and unit != name:
                lines = (UNITS / unit).read_text(encoding="utf-8").splitlines()
                also = [line.removeprefix(WRITE) for line in lines if line.startswith(WRITE)]
                return ["--name", name, *(word for folder in also for word in ("--write", folder))]
        return []

    def running_units(self) -> list[str]:
        """Those of them that are active now, sockets first."""
        active = [unit for unit in self.units() if _systemctl("is-active", "--quiet", unit) == 0]
        return sorted(active, key=lambda unit: not unit.endswith(".socket"))

    def stop(self, tell: Progress) -> list[str]:
        """End the daemon in order; the units that were stopped (none: it ran without). Raises Problem where it does not end."""
        tell(text("step.stop", office=self.folder))
        units, pid = self.running_units(), self.pid()
        if units:
            if _systemctl("stop", *units):
                raise problem("not_stopped", office=self.folder)
        elif pid is not None:
            if not _is_daemon(pid):
                raise problem("not_the_daemon", office=self.folder, pid=pid)
            _end(pid, self.folder)
        return units

    def start(self, place: Place, version: str, units: Sequence[str], tell: Progress) -> None:
        """Start the daemon of this version and wait until it answers. Raises Problem with its own words where it does not."""
        tell(text("step.start", office=self.folder, version=version))
        if units:
            if _systemctl("start", *units):
                raise problem("not_started", office=self.folder, why="systemctl")
        else:
            done = subprocess.run(
                [str(place.program(version)), "daemon", "--detach", "--office", str(self.folder)],
                **self._as_owner(),
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
            if done.returncode:
                raise problem("not_started", office=self.folder, why=(done.stderr or done.stdout).strip())
        until = time.monotonic() + ANSWERS_WITHIN
        while self.pid() is None:
            if time.monotonic() > until:
                raise problem("not_started", office=self.folder, why=text("problem.silent"))
            time.sleep(0.1)

    def work(self, python: Path, module: str, words: Sequence[str], tell: Progress) -> dict[str, Any]:
        """Have a program of a version do its work under the office's login; what it reports. Raises Problem in its own words."""
        command = [str(python), "-I", "-m", module, *words, "--office", str(self.folder)]
        last: dict[str, Any] = {}
        with tempfile.TemporaryFile() as trace:
            with subprocess.Popen(
                command, **self._as_owner(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=trace
            ) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    last = json.loads(line)
                    if "stage" in last:
                        tell(text(f"work.{last['stage']}", office=self.folder), last["done"], last["of"])
            if "ok" in last:
                return dict(last["ok"])
            if "error" in last:
                raise Problem(choose(str(last["error"]), str(last["error_en"])))
            trace.seek(0)
            why = trace.read().decode(errors="replace").strip().splitlines()[-1:]
        raise problem("step_failed", command=f"{module} {words[0]}", why=" ".join(why) or process.returncode)

    def run(self, command: Sequence[str]) -> tuple[int, str]:
        """Run a program under the office's login: its exit code and what it said."""
        done = subprocess.run(
            command, **self._as_owner(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", check=False,
        )  # fmt: skip
        return done.returncode, done.stdout.strip()

    def folder_of_its_own(self, path: Path) -> Path:
        """A folder that the office's login alone may use; another name where that of `path` is another login's. Raises OSError where something
        else stands there."""
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
        if os.geteuid() != 0:
            return path
        # Held while it is looked at: who owns the folder around it could put a link in its place.
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            owner = os.fstat(descriptor).st_uid
            if owner == 0:
                os.fchown(descriptor, self.uid, self.gid)
        finally:
            os.close(descriptor)
        return path if owner in (0, self.uid) else self.folder_of_its_own(path.with_name(f"{path.name}-{self.login}"))

    def _as_owner(self) -> dict[str, Any]:
        """How a process becomes the office's login."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "KOHOBAN_OFFICE"))}
        if os.geteuid() != 0 or self.uid == 0:
            return {"env": clean, "cwd": "/", "umask": UMASK}
        groups = [self.gid]
        home = "/"
        with suppress(KeyError):
            known = pwd.getpwuid(self.uid)
            groups, home = os.getgrouplist(known.pw_name, self.gid), known.pw_dir
        env = {**clean, "HOME": home, "USER": self.login, "LOGNAME": self.login}
        return {"env": env, "cwd": "/", "umask": UMASK, "user": self.uid, "group": self.gid, "extra_groups": groups}


def daemon_of(folder: Path, at: Path) -> str:
    """What the daemon's unit of the office in this folder is called, without its ending, in that folder of units; empty where it has none."""
    units = units_of(folder, at)
    return next((unit[:-8] for unit in units if unit.endswith(".service") and f"{unit[:-8]}.socket" in units), "")


def units_of(folder: Path, at: Path | None = None) -> list[str]:
    """The systemd units that were installed for the office in this folder, there or not: those of ours that name it."""
    if not BOOTED.is_dir():
        return []
    named = re.compile(rf'[= "]{re.escape(str(folder))}(?:[/"\s]|$)', re.MULTILINE)
    found = []
    units = UNITS if at is None else at
    for path in sorted((*units.glob("*.service"), *units.glob("*.socket"))):
        with suppress(OSError, UnicodeDecodeError):
            said = path.read_text(encoding="utf-8") if "@" not in path.name else ""
            if MADE_BY in said.partition("\n")[0] and named.search(said):
                found.append(path.name)
    return found


def _is_daemon(pid: int) -> bool:
    """Whether this process is a daemon of ours. What listens may be whoever holds the socket for it (the manager of one's own services)."""
    try:
        return DAEMON in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def _end(pid: int, office: Path) -> None:
    """Tell a daemon to end, and see it gone. Raises Problem where it does not, or is not to be told."""
    if pid <= 1:
        raise problem("not_stopped", office=office)
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(watched, signal.SIGTERM)
        if not select.select([watched], [], [], ENDS_WITHIN)[0]:
            raise problem("not_stopped", office=office)
    except PermissionError:
        raise problem("not_stopped", office=office) from None
    finally:
        os.close(watched)


def _systemctl(*words: str) -> int:
    return subprocess.run(["systemctl", *words], check=False, capture_output=True, stdin=subprocess.DEVNULL).returncode
