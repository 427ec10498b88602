"""An office's part in an upgrade, in a process of its own under the office's login: `python -m daemon.service.upgrading_main rehearse …`.

The installer starts it with the Python of the new version. As `keeping_main` it says how far it is in JSON lines, and at the end `{"ok": …}` or
`{"error", "error_en", "busy"}`; exit code 0, or 2 with an error.

    rehearse   back the office up, and try the new version on a copy of its database
    begin      set the old store aside and bring the office's to this version
    look       which drafts may have gone out since
    back       put the old store back
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

import msgspec

from daemon.rulebook.model import RulebookError
from daemon.service.keeping_main import Speaker, check_owner, say
from daemon.store import StoreBusy, StoreError


def carry_out(options: argparse.Namespace) -> Any:
    """Do what was asked; the result to be said. Raises StoreError, RulebookError, OSError."""
    office, tell = options.office.absolute(), Speaker()
    check_owner(office)
    if options.what == "rehearse":
        from daemon.service.rehearsal import rehearse

        return rehearse(office, options.backup, options.work, options.before, options.old_python, tell, online=options.online)
    from daemon.service import switching

    if options.what == "look":
        return {"out": switching.out_since(office, options.aside)}
    if options.what == "back":
        return switching.back(office, options.aside, unasked=options.unasked)
    changed = msgspec.json.decode(options.changed.read_bytes(), type=list[int]) if options.changed else []
    return asyncio.run(
        switching.begin(office, options.before, options.after, str(options.backup), changed, options.by, tell, options.copy)
    )


def main(argv: list[str] | None = None) -> int:
    """The process."""
    parser = argparse.ArgumentParser(prog="python -m daemon.service.upgrading_main")
    parser.add_argument("what", choices=("rehearse", "begin", "look", "back"))
    parser.add_argument("--office", type=Path, required=True)
    for name in ("--backup", "--work", "--old-python", "--aside", "--changed", "--copy"):
        parser.add_argument(name, type=Path)
    for name in ("--before", "--after", "--by"):
        parser.add_argument(name, default="")
    for name in ("--unasked", "--online"):
        parser.add_argument(name, action="store_true")
    options = parser.parse_args(argv)
    try:
        say({"ok": msgspec.to_builtins(carry_out(options))})
    except StoreError as error:
        say({"error": error.message, "error_en": error.message_en, "busy": isinstance(error, StoreBusy)})
        return 2
    except RulebookError as error:
        ja = " / ".join(f"{p.file}:{p.line}: {p.message}" for p in error.problems)
        en = " / ".join(f"{p.file}:{p.line}: {p.message_en}" for p in error.problems)
        say(
            {
                "error": f"規則を新しい版で読めません（{ja}）。",
                "error_en": f"The new version cannot read the rules ({en}).",
                "busy": False,
            }
        )
        return 2
    except OSError as error:
        place, why = error.filename or options.office, error.strerror or error
        say({"error": f"{place} を扱えません（{why}）。", "error_en": f"{place} cannot be used ({why}).", "busy": False})
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
