"""`kohoban daemon`: the office's daemon, in the foreground or beside the caller."""

from __future__ import annotations

from console.cli.command import Session, command, option, text
from console.cli.outcome import FINE
from console.cli.place import office_here
from console.cli.presence import start
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
