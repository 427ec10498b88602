"""A machine for a test on which a real systemd is process 1: its own processes, mounts, control groups, and a /etc and /srv that are gone with it.

The disk of the machine that runs the tests lies beneath, seen and never written: what is written here goes into memory.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.service.live_office import ROOT, until

KOHOBAN = str(Path(sys.executable).with_name("kohoban"))
SYSTEMD = Path("/lib/systemd/systemd")
CGROUPS = (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup"))
OFFICE = Path("/srv/kohoban")
GROUP = 61100
LOGINS = {"kohoban": 61100, "kohoban-out": 61101, "shibata": 61102, "stranger": 61103}
"""The daemon, the releaser, an operator, and somebody who is none."""

BOOT = """\
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs {folder}
mkdir {folder}/up {folder}/work {folder}/root
mount -t overlay overlay -o lowerdir=/,upperdir={folder}/up,workdir={folder}/work {folder}/root
cd {folder}/root
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount --rbind /dev dev
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs tmpfs tmp
rm -rf etc/systemd/system/*.wants etc/systemd/system/kohoban* etc/tmpfiles.d/kohoban* srv/kohoban
printf '%s' "$PEOPLE" >> etc/passwd
printf 'kohoban-op:x:{group}:kohoban,kohoban-out,shibata\\nkohoban:x:{group}1:\\n' >> etc/group
for closed in {closed}; do chmod o+x ".$closed"; done
mkdir old && pivot_root . old && umount -l /old
exec env -i container=kohoban PATH=/usr/sbin:/usr/bin:/sbin:/bin {systemd} --system --log-target=journal --unit=basic.target
"""


class Machine:
    """The machine, while it runs."""

    def __init__(self, folder: Path, group: Path) -> None:
        self.folder, self._group = folder, group
        people = "".join(f"{name}:x:{uid}:{GROUP}::/nonexistent:/bin/sh\n" for name, uid in LOGINS.items() if name != "stranger")
        people += f"stranger:x:{LOGINS['stranger']}:65534::/nonexistent:/bin/sh\n"
        script = BOOT.format(
            folder=folder, group=GROUP, systemd=SYSTEMD, closed=" ".join(sorted({*_above(ROOT), *_above(Path(sys.base_prefix))}))
        )
        group.mkdir()
        enter = f'echo $$ > {group}/cgroup.procs; exec unshare --pid --mount --ipc --uts --cgroup --fork --kill-child sh -c "$0"'
        with (folder.with_name(f"{folder.name}.said")).open("wb") as said:
            self._outside = subprocess.Popen(
                ["sh", "-c", enter, script],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PEOPLE": people},
            )
        self.init = until(self._first, "a process 1")
        until(lambda: self._outside.poll() is not None or self._is_up(), "a machine that is up")
        if self._outside.poll() is not None:
            raise OSError(self._said())

    def _said(self) -> str:
        return self.folder.with_name(f"{self.folder.name}.said").read_text(errors="replace").strip()[-300:]

    def _first(self) -> int:
        if self._outside.poll() is not None:
            raise OSError(self._said())
        found = Path(f"/proc/{self._outside.pid}/task/{self._outside.pid}/children").read_text().split()
        return int(found[0]) if found else 0

    def _is_up(self) -> bool:
        with suppress(OSError):
            if Path(f"/proc/{self.init}/comm").read_text() == "systemd\n":
                return self.run("systemctl", "is-active", "basic.target", check=False).strip() == "active"
        return False

    def end(self) -> None:
        """Power off."""
        with suppress(ProcessLookupError):
            os.kill(self.init, signal.SIGKILL)
        self._outside.wait()
        groups = sorted((each for each in self._group.rglob("*") if each.is_dir()), reverse=True)
        for each in (*groups, self._group):
            until(lambda each=each: _gone(each), f"a control group that is empty: {each}")

    # What happens on it

    def on(self, *command: str, login: str = "") -> list[str]:
        """The command line that runs `command` on this machine, as this login (root unless said)."""
        who = (
            ["setpriv", f"--reuid={LOGINS[login]}", f"--regid={GROUP if login != 'stranger' else 65534}", "--init-groups"]
            if login
            else []
        )
        return ["nsenter", "-t", str(self.init), "-a", *who, *command]

    def run(self, *command: str, login: str = "", check: bool = True) -> str:
        """What a command says on stdout."""
        ended = self._ended(command, login)
        assert not check or ended.returncode == 0, (
            f"{command}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}\n{self.journal() if check else ''}"
        )
        return ended.stdout

    def code(self, *command: str, login: str = "") -> tuple[int, str]:
        """The exit code of a command, and all that it says."""
        ended = self._ended(command, login)
        return ended.returncode, ended.stdout + ended.stderr

    def _ended(self, command: Sequence[str], login: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.on(*command, login=login),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "KOHOBAN_LANG": "en", "PYTHONPATH": str(ROOT), "HOME": "/nonexistent"},
            cwd="/",
        )

    def python(self, program: str, login: str = "") -> str:
        """What a Python program of a few lines says there, with the house's own modules."""
        return self.run(sys.executable, "-c", program, login=login)

    def kohoban(self, *words: str, login: str = "", check: bool = True) -> str:
        """`kohoban` in the office."""
        return self.run(KOHOBAN, "--office", str(OFFICE), *words, login=login, check=check)

    def journal(self) -> str:
        """The last that the machine's journal has."""
        return self.run("journalctl", "-o", "cat", "-n", "40", "--no-pager", "-u", "kohoban*", check=False)

    def inside(self, path: str | Path) -> Path:
        """A path of the machine, as it is reached from outside."""
        return Path(f"/proc/{self.init}/root") / str(path).lstrip("/")

    # Its services

    def shown(self, unit: str, *names: str) -> dict[str, str]:
        """Properties of a unit."""
        said = self.run("systemctl", "show", unit, f"--property={','.join(names)}")
        return dict(line.split("=", 1) for line in said.splitlines())

    def pid(self, unit: str = "kohoban.service") -> int:
        """The main process of a unit, by its number on this machine; 0 where it has none."""
        return int(self.shown(unit, "MainPID")["MainPID"])

    def status(self, login: str = "kohoban") -> dict[str, Any]:
        """What `kohoban status` says, or nothing."""
        code, said = self.code(KOHOBAN, "--office", str(OFFICE), "status", "--json", login=login)
        return json.loads(said[said.index("{") : said.rindex("}") + 1]) if "{" in said and code in (0, 3) else {}


def _above(path: Path) -> Iterator[str]:
    """The folders above a path that others may not enter; its own too."""
    return (str(each) for each in (path, *path.parents) if not each.stat().st_mode & 0o001)


def _gone(group: Path) -> bool:
    try:
        group.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """A machine that is gone at the end. Skips, saying so, where this one can boot none."""
    if os.geteuid() != 0:
        pytest.skip("booting a systemd in namespaces of its own needs root")
    missing = [name for name in ("unshare", "nsenter", "setpriv", "systemctl", "pivot_root") if shutil.which(name) is None]
    if missing or not SYSTEMD.exists():
        pytest.skip(f"not here: {' '.join(missing) or SYSTEMD} (util-linux, systemd)")
    base = next((each for each in CGROUPS if (each / "cgroup.procs").exists() and os.access(each, os.W_OK)), None)
    if base is None:
        pytest.skip("no control groups (v2) that may be written")
    try:
        found = Machine(folder, base / f"kohoban-{os.getpid()}")
    except OSError as error:
        with suppress(OSError):
            (base / f"kohoban-{os.getpid()}").rmdir()
        pytest.skip(f"this machine boots no systemd: {error}")
    try:
        yield found
    finally:
        found.end()
