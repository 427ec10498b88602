"""How the daemon of an office is started: the one command that does it here, for whoever finds that nobody answers."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from pathlib import Path

from daemon.standing import login


def how_to_start(office: Path) -> str:
    """The command line: of the service where one was installed for this office, else by hand, as the login that the office belongs to."""
    from console.installation.offices import OWN_UNITS, UNITS, daemon_of

    folder = office.absolute()
    if name := daemon_of(folder, UNITS):
        return f"sudo systemctl start {name}"
    if name := daemon_of(folder, OWN_UNITS):
        return f"systemctl --user start {name}"
    words = ["kohoban", "daemon", "--detach"]
    if folder != Path.cwd():
        words += ["--office", str(folder)]
    with suppress(OSError):
        if (owner := (folder / "state").stat().st_uid) != os.getuid():
            words = ["sudo", "-u", login(owner), *words]
    return shlex.join(words)
