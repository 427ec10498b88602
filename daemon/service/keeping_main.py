"""Backup, restore, repair and the background check, each in a process of its own: `python -m daemon.service.keeping_main backup …`.

It says what it does as JSON lines on stdout: `{"stage", "done", "of"}` while it works, and at the end `{"ok": …}` with the result or
`{"error", "error_en", "busy"}`. Exit code 0, or 2 with an error. The console starts it (it may not look into the store itself), and so
does the daemon, whose own processor and disk it must leave alone.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from daemon.rulebook.overrides import FILE as OVERRIDES
from daemon.service.versions import program_version
from daemon.store import StoreBusy, StoreError, StoreUnfit
from daemon.store.backup import Made, Progress, make
from daemon.store.database import DATABASE
from daemon.store.offline import at_rest
from daemon.store.unpack import flaws

SAY_EVERY = 0.2
"""Seconds between two lines about the same work, at least."""
_APART = ("state", "drafts")
"""Folders of an office that no backup goes into: the one is what it saves, the other would take it for a draft."""


class Speaker:
    """Says what is being done, not more often than anybody wants to read it."""

    def __init__(self) -> None:
        self._stage, self._at = "", 0.0

    def __call__(self, stage: str, done: int, of: int) -> None:
        now = time.monotonic()
        if stage != self._stage or now - self._at >= SAY_EVERY:
            self._stage, self._at = stage, now
            say({"stage": stage, "done": done, "of": of})


def say(line: dict[str, Any]) -> None:
    """One line for whoever started this process. Should they be gone, the work goes on."""
    with suppress(OSError):
        os.write(1, msgspec.json.encode(line) + b"\n")


def backup(office: Path, to: Path, *, online: bool, tell: Progress, program: str = "", keep: Path | None = None) -> Made:
    """Back the office up into the new file `to`, as that of `program` (a version; by default this one), keeping the copy of the database as
    `keep`. Raises StoreError."""
    check_place(office, to)
    store = office / "state" / "store"
    if not (store / DATABASE).exists():
        raise StoreUnfit(
            f"{office} にはまだ記録がありません。控えを取るものがありません。",
            f"{office} has no record yet: there is nothing to back up.",
        )
    name, program = _office_name(office), program or program_version()
    with nullcontext() if online else at_rest(store):
        return make(store, to, rules_of(office), office=name, program=program, tell=tell, keep=keep)


def check_place(office: Path, to: Path) -> None:
    """Raises StoreUnfit where no backup may lie: in `state/` or `drafts/`, or where there is no folder for it."""
    folder = to.parent.resolve()
    for name in _APART:
        inside = (office / name).resolve()
        if folder == inside or inside in folder.parents:
            raise StoreUnfit(
                f"{to} は部署の {name}/ の中です。控えは、できれば別のディスクの、別の場所に置いてください。",
                f"{to} lies in the office's {name}/: put the backup elsewhere, best on another disk.",
            )
    if not folder.is_dir():
        raise StoreUnfit(f"{folder} というフォルダはありません。", f"There is no folder {folder}.")


def rules_of(office: Path) -> list[tuple[str, Path]]:
    """The office's own rules, policies and overrides, by the name that they have in a backup."""
    found = [office / "rules.toml", office / OVERRIDES, *sorted((office / "policies").rglob("*"))]
    hidden = [path for path in found if any(part.startswith(".") for part in path.relative_to(office).parts)]
    return [(str(path.relative_to(office)), path) for path in found if path not in hidden and path.is_file()]


def _office_name(office: Path) -> str:
    """The name under which people know the office; its folder's where the rules cannot be read now."""
    import tomllib

    try:
        name = tomllib.loads((office / "rules.toml").read_text(encoding="utf-8"))["office"]["name"]
    except (OSError, ValueError, KeyError, TypeError):
        name = office.name
    return str(name)


def quietly() -> None:
    """Give way to everybody else: the lowest priority for the processor, and the disk only when nobody wants it."""
    os.nice(19)
    if shutil.which("ionice"):
        subprocess.run(["ionice", "-c3", "-p", str(os.getpid())], check=False, capture_output=True)


def check_owner(office: Path) -> None:
    """Raises StoreUnfit for anybody but the owner of the office's state: the daemon could not read what they leave there."""
    state = office / "state"
    if state.is_dir() and state.stat().st_uid != os.geteuid():
        owner = _login(state.stat().st_uid)
        raise StoreUnfit(
            f"この部署の記録は {owner} のものです。sudo -u {owner} を付けて行ってください。何も変更していません。",
            f"The state of this office belongs to {owner}: do it with sudo -u {owner}. Nothing was changed.",
        )


def _login(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def carry_out(options: argparse.Namespace) -> dict[str, Any]:
    """Do what was asked; returns the result to be said. Raises StoreError."""
    office, tell = options.office.absolute(), Speaker()
    by = options.by or getpass.getuser()
    if options.what == "look":
        return {"flaws": flaws(office / "state" / "store" / DATABASE, quick=True)}
    if not options.online:
        check_owner(office)
    if options.what == "backup":
        made = backup(office, options.file.absolute(), online=options.online, tell=tell)
        return made._asdict()
    if options.what == "restore":
        from daemon.service.restoring import restore

        return dict(msgspec.to_builtins(asyncio.run(restore(office, options.file.absolute(), by, tell))))
    from daemon.service.rebuilding import repair

    return dict(msgspec.to_builtins(asyncio.run(repair(office, by, tell, dry=options.dry_run))))


def main(argv: list[str] | None = None) -> int:
    """The process."""
    parser = argparse.ArgumentParser(prog="python -m daemon.service.keeping_main")
    parser.add_argument("what", choices=("backup", "restore", "repair", "look"))
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--office", type=Path, required=True)
    parser.add_argument("--by", default="")
    parser.add_argument("--online", action="store_true")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--quietly", action="store_true")
    options = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, _end)
    if options.quietly:
        quietly()
    try:
        say({"ok": carry_out(options)})
    except StoreError as error:
        say({"error": error.message, "error_en": error.message_en, "busy": isinstance(error, StoreBusy)})
        return 2
    except OSError as error:
        place = error.filename or options.office
        why = error.strerror or error
        say({"error": f"{place} を扱えません（{why}）。", "error_en": f"{place} cannot be used ({why}).", "busy": False})
        return 2
    return 0


def _end(number: int, frame: object) -> NoReturn:
    """Ended from outside: leave through the `finally`s, which take the unfinished file along."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
