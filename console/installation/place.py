"""Where Kohoban is installed: `versions/VERSION/` beside each other, `current` leading to the one in force, what is remembered between runs."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from console.installation.archive import INSTALLER, START, Archive
from console.installation.outcome import problem

PREFIX, BIN = Path("/opt/kohoban"), Path("/usr/local/bin")
RECORD = "installed.json"
COMMANDS = {"kohoban": Path("current", "bin", "kohoban"), "kohoban-install": Path("installer", "kohoban-install")}
"""The commands on the PATH, and where under the prefix they lead."""


@dataclass
class Switch:
    """The last change of version, as long as it can be taken back: of each office (its folder) what the way back needs."""

    before: str
    after: str
    offices: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Record:
    """What is remembered between two runs of the installer."""

    bin: str
    offices: list[str] = field(default_factory=list)
    switch: Switch | None = None


class Place:
    """An installation in the folder `prefix`."""

    def __init__(self, prefix: Path) -> None:
        self.prefix = prefix.absolute()
        self.versions = self.prefix / "versions"
        self.current = self.prefix / "current"

    def folder(self, version: str) -> Path:
        """Where a version lies."""
        return self.versions / version

    def python(self, version: str) -> Path:
        """The Python of a version."""
        return self.folder(version) / "bin" / "python"

    def program(self, version: str) -> Path:
        """The command `kohoban` of a version."""
        return self.folder(version) / "bin" / "kohoban"

    def in_force(self) -> str:
        """The version in force; empty where there is none."""
        try:
            return self.current.readlink().name
        except OSError:
            return ""

    def there(self) -> list[str]:
        """The versions that are installed whole."""
        with suppress(OSError):
            return sorted(path.name for path in self.versions.iterdir() if (path / RECORD).is_file())
        return []

    def switch_to(self, version: str) -> None:
        """Let `current` lead to this version, in one step: whoever looks finds the one or the other. Raises OSError."""
        new = self.prefix / f".current.{os.getpid()}"
        with suppress(FileNotFoundError):
            new.unlink()
        new.symlink_to(Path("versions", version))
        new.rename(self.current)
        sync(self.prefix)

    def load(self) -> Record:
        """What is remembered. Raises Problem where there is no installation."""
        try:
            said = json.loads((self.prefix / RECORD).read_text(encoding="utf-8"))
            switch = Switch(**said["switch"]) if said["switch"] else None
            return Record(said["bin"], list(said["offices"]), switch)
        except FileNotFoundError:
            raise problem("not_installed", prefix=self.prefix) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise problem("record_unreadable", file=self.prefix / RECORD, why=error) from None

    def save(self, record: Record) -> None:
        """Remember it durably. Raises OSError."""
        new = self.prefix / f".{RECORD}"
        with new.open("w", encoding="utf-8") as file:
            json.dump({"schema": 1, **asdict(record)}, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        new.rename(self.prefix / RECORD)
        sync(self.prefix)

    def keep_installer(self, archive: Archive) -> None:
        """Keep the archive's installer: it knows the way back, which an older version does not. Raises OSError."""
        folder, new = self.prefix / "installer", self.prefix / ".installer"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o755)
        shutil.copyfile(archive.folder / START, new / START)
        (new / START).chmod(0o755)
        shutil.copytree(archive.folder / INSTALLER, new / INSTALLER)
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)

    def link_commands(self, folder: Path) -> None:
        """Put the commands on the PATH. Raises Problem where something of somebody else's stands there, OSError."""
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        for name, target in COMMANDS.items():
            link = folder / name
            if os.path.lexists(link) and not self.owns(link):
                raise problem("command_taken", file=link)
            new = folder / f".{name}.{os.getpid()}"
            with suppress(FileNotFoundError):
                new.unlink()
            new.symlink_to(self.prefix / target)
            new.rename(link)

    def owns(self, link: Path) -> bool:
        """Is this a link into this installation?"""
        try:
            return self.prefix in (link.parent / link.readlink()).parents
        except OSError:
            return False


def sync(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
