"""The system service of an office: made and taken away by the program itself (`kohoban service`), where a version has that command."""

from __future__ import annotations

import grp
import subprocess
from contextlib import suppress

from console.installation.offices import Office
from console.installation.outcome import problem
from console.installation.place import Place


def has(place: Place, version: str, office: Office) -> bool:
    """Whether this version can make units."""
    return office.run([str(place.program(version)), "service", "--help"])[0] == 0


def install(place: Place, office: Office, *, start: bool) -> None:
    """Make the units of an office, or bring them to the version in force. Raises Problem in the program's words where it cannot."""
    group = str(office.gid)
    with suppress(KeyError):
        group = grp.getgrgid(office.gid).gr_name
    words = ["install", "--login", office.login, "--group", group, *office.chosen(), *([] if start else ["--no-start"])]
    # Through `current`: what the units say must be true of every version after this one.
    _service(str(place.current / "bin" / "kohoban"), words, office)


def uninstall(program: str, office: Office) -> None:
    """Take the units of an office away, by this program. Raises Problem in its words where it cannot."""
    _service(program, ["uninstall", *office.chosen()[:2]], office)


def _service(program: str, words: list[str], office: Office) -> None:
    done = subprocess.run(
        [program, "service", *words, "--office", str(office.folder)],
        capture_output=True, text=True, errors="replace", check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode:
        raise problem("no_service", office=office.folder, why=(done.stderr or done.stdout).strip())
