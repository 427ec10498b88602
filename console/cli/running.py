"""`kohoban daemon`: the office's daemon, in the foreground or beside the caller."""

from __future__ import annotations

import os
from pathlib import Path

from console.cli.command import Session, command, option, text
from console.cli.link import Link, NoDaemon
from console.cli.outcome import FINE, WRONG, Failure
from console.cli.place import office_here
from console.cli.terminal import SCHEMA, out, out_json


@command("daemon", option("--detach", is_flag=True))
def daemon(session: Session, detach: bool) -> int:
    """Run the daemon, or start it and return when it answers."""
    office = office_here(session.office)
    if not detach:
        from daemon.service.main import main

        return main(["--office", str(office)])
    pid = start(office)
    if session.json:
        out_json({"schema": SCHEMA, "daemon": "up", "started": pid is not None, "pid": pid})
    else:
        out(text("daemon.started", pid=pid) if pid is not None else text("daemon.already"))
    return FINE


def runs(office: Path, operator: str = "") -> bool:
    """True when a daemon of this office answers. Raises Failure where it answers with a refusal."""
    try:
        with Link(office, operator):
            return True
    except NoDaemon:
        return False


def start(office: Path) -> int | None:
    """Start the office's daemon beside the caller and wait until it answers; its pid, or None where one runs already.

    Raises Failure with the daemon's own sentence when it cannot run.
    """
    from daemon.service.spawn import NotStarted, start_detached

    if runs(office):
        return None
    try:
        return start_detached(office.absolute())
    except NotStarted as error:
        raise Failure(WRONG, text("daemon.not_started", why=error)) from None


def is_mine(office: Path) -> bool:
    """True when the office's `state/` belongs to the caller (or is not there yet): then its daemon may be started from here."""
    state = office / "state"
    try:
        return state.stat().st_uid == os.geteuid()
    except FileNotFoundError:
        return os.access(office, os.W_OK)
    except OSError:
        return False
