"""An archive that was unpacked (配布物): what it holds, and whether it is what its sums say."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from pathlib import Path

from console.installation.outcome import Progress, problem, text

ABOUT, SUMS = "archive.json", "SHA256SUMS"
INSTALLER, START = "installer", "kohoban-install"
"""The folder of the installer, and the command that finds a Python for it."""


class Archive:
    """An archive in the folder `folder`. Raises Problem where there is none, or one of another form."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
            self.version = str(about["version"])
            self.targets = frozenset((str(each["python"]), str(each["machine"])) for each in about["targets"])
        except (OSError, ValueError, KeyError, TypeError):
            raise problem("no_archive", folder=folder) from None
        if not self.version or "/" in self.version or self.version.startswith("."):
            raise problem("no_archive", folder=folder)

    @property
    def digest(self) -> str:
        """The hash of its sums, by which it is known again."""
        return hashlib.sha256((self.folder / SUMS).read_bytes()).hexdigest()

    @property
    def pip(self) -> Path:
        """The wheel of pip that installs, and is not installed."""
        return next((self.folder / "pip").glob("pip-*.whl"))

    def check(self, tell: Progress) -> None:
        """Hold every file against its sum. Raises Problem where one is missing, other or too many."""
        tell(text("step.check"))
        wanted = {}
        for line in (self.folder / SUMS).read_text(encoding="utf-8").splitlines():
            digest, _, name = line.partition("  ")
            wanted[name] = digest
        there = {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()} - {SUMS}
        for name in sorted(wanted.keys() | there):
            if name not in wanted or name not in there or _sha256(self.folder / name) != wanted[name]:
                raise problem("damaged", name=name)

    def fits(self) -> None:
        """Raises Problem where it has no wheels for this Python on this machine."""
        here = "{}.{}".format(*sys.version_info[:2]), platform.machine()
        if here not in self.targets:
            known = ", ".join(f"Python {python} {machine}" for python, machine in sorted(self.targets))
            raise problem("not_for_here", python=here[0], machine=here[1], known=known)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
