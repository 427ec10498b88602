"""`kohoban-install`: install, upgrade, rollback, uninstall, list. Run by any Python from 3.11 on, with nothing installed."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from console.installation import documents, environment, logins, services
from console.installation.alone import alone
from console.installation.archive import ABOUT, Archive
from console.installation.going_back import rollback
from console.installation.logins import Logins
from console.installation.offices import BOOTED, Office, units_of
from console.installation.outcome import FINE, INTERRUPTED, WRONG, Problem, Progress, out, problem, tell_apart, text
from console.installation.place import BIN, COMMANDS, PREFIX, RECORD, Place, Record
from console.installation.upgrading import BACKUPS, upgrade

VALUES = ("--prefix", "--bin", "--office", "--backups", "--user", "--releaser", "--group", "--from")
FLAGS = ("--users", "--yes", "--json", "--help")


@dataclass
class Given:
    """What was typed."""

    command: str = ""
    values: dict[str, list[str]] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)

    def path(self, name: str, otherwise: Path) -> Path:
        """The path given last by this option."""
        return Path(self.values[name][-1]) if name in self.values else otherwise

    def word(self, name: str, otherwise: str) -> str:
        """The word given last by this option."""
        return self.values.get(name, [otherwise])[-1]


def parse(argv: Sequence[str]) -> Given:
    """Read the command line. Raises Problem."""
    given, words = Given(), iter(argv)
    for word in words:
        name, equals, value = word.partition("=")
        name = "--help" if name == "-h" else name
        if name in VALUES:
            value = value if equals else next(words, "")
            if not value:
                raise problem("no_value", option=name)
            given.values.setdefault(name, []).append(value)
        elif name in FLAGS and not equals:
            given.flags.add(name)
        elif not word.startswith("-") and not given.command and word in COMMAND:
            given.command = word
        else:
            raise problem("usage", word=word)
    return given


def place_of(given: Given) -> Place:
    """The installation that is meant: `--prefix`, else that of this installer, else the usual."""
    source = given.path("--from", Path("/nowhere"))
    around = source.parent if source.name == "installer" and (source.parent / RECORD).is_file() else PREFIX
    return Place(given.path("--prefix", around))


def archive_of(given: Given) -> Archive:
    """The archive that this installer lies in. Raises Problem where it lies in none."""
    source = given.path("--from", Path("/nowhere"))
    if not (source / ABOUT).is_file():
        raise problem("not_an_archive", command=given.command)
    return Archive(source)


def install(given: Given) -> int:
    """A first installation, or one more office for it."""
    place, archive, tell = place_of(given), archive_of(given), Progress()
    names = Logins(*(given.word(f"--{name}", default) for name, default in Logins()._asdict().items()))
    now = place.in_force()
    if now and now != archive.version:
        raise problem("upgrade_instead", now=now, version=archive.version)
    offices = [Office(Path(folder)) for folder in given.values.get("--office", [])]
    archive.check(tell)
    if "--users" in given.flags:
        for line in logins.make(names):
            out(line)
    new = environment.install(place, archive, tell)
    record = place.load() if (place.prefix / RECORD).is_file() else Record(str(given.path("--bin", BIN)))
    record.offices = sorted({*record.offices, *(str(office.folder) for office in offices)})
    place.keep_installer(archive)
    place.switch_to(archive.version)
    place.link_commands(Path(record.bin))
    documents.link(place, Path(record.bin))
    place.save(record)
    tell.end()
    out(text("done.installed" if new else "done.there", version=archive.version, folder=place.folder(archive.version)))
    for office in offices:
        if BOOTED.is_dir() and services.has(place, archive.version, office):
            services.install(place, office, start=True)
            out(text("done.service", office=office.folder))
        else:
            out(text("done.no_service", office=office.folder))
    out(text("done.next", bin=Path(record.bin) / "kohoban"))
    return FINE


def upgrade_all(given: Given) -> int:
    """The archive's version for the installation and every office that it knows of."""
    place, archive = place_of(given), archive_of(given)
    known = [*place.load().offices, *(str(Path(folder).absolute()) for folder in given.values.get("--office", []))]
    offices = [Office(Path(folder)) for folder in dict.fromkeys(known)]
    return upgrade(place, archive, offices, given.path("--backups", BACKUPS), yes="--yes" in given.flags)


def uninstall(given: Given) -> int:
    """Take the program away, and the units that start it; the offices stay as they are."""
    place, tell = place_of(given), Progress()
    record = place.load()
    for folder in record.offices:
        if place.prefix in Path(folder).parents:
            raise problem("office_inside", office=folder, prefix=place.prefix)
    if "--yes" not in given.flags and not _sure(place):
        out(text("done.nothing"))
        return FINE
    for folder in record.offices:
        if not (Path(folder) / "rules.toml").is_file():  # an office that is gone needs nothing
            if units := units_of(Path(folder)):
                raise problem("units_left", office=folder, units=" ".join(units))
            continue
        office = Office(Path(folder))
        if office.units():
            services.uninstall(str(place.current / "bin" / "kohoban"), office)
        office.stop(tell)
    # Said at the end, and read now: this very program lies in what is taken away.
    last = [
        text("done.uninstalled", prefix=place.prefix),
        *(text("done.office_stays", office=folder) for folder in record.offices),
    ]
    documents.unlink(place, Path(record.bin))
    for name in COMMANDS:
        link = Path(record.bin) / name
        if link.is_symlink() and place.owns(link):
            link.unlink()
    for name in ("current", RECORD):
        (place.prefix / name).unlink(missing_ok=True)
    for name in ("versions", "installer"):
        shutil.rmtree(place.prefix / name, ignore_errors=True)
    tell.end()
    for line in last:
        out(line)
    return FINE


def _sure(place: Place) -> bool:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    sys.stdout.write(text("ask.uninstall", prefix=place.prefix))
    sys.stdout.flush()
    return sys.stdin.readline().strip() == "uninstall"


def show(given: Given) -> int:
    """Which versions there are, and which one is in force."""
    place = place_of(given)
    record, now = place.load(), place.in_force()
    back = record.switch.before if record.switch and record.switch.after == now else ""
    if "--json" in given.flags:
        said = {"schema": 1, "prefix": str(place.prefix), "in_force": now, "versions": place.there(), "offices": record.offices}
        out(json.dumps({**said, "rollback": back or None}, ensure_ascii=False))
        return FINE
    for version in place.there():
        out(text("list.now" if version == now else "list.back" if version == back else "list.there", version=version))
    for folder in record.offices:
        out(text("list.office", office=folder))
    return FINE


def go_back(given: Given) -> int:
    """The version before."""
    return rollback(place_of(given))


COMMAND: dict[str, Callable[[Given], int]] = {
    "install": install,
    "upgrade": upgrade_all,
    "rollback": go_back,
    "uninstall": uninstall,
    "list": show,
}


def main(argv: Sequence[str]) -> int:
    """Carry out one command line; the exit code."""
    os.umask(0o022)  # whatever root's own is: the daemon's and the operators' logins run what is installed here
    try:
        given = parse(argv)
        if "--help" in given.flags or not given.command:
            for line in text("help.all").splitlines():
                out(line)
            return FINE if "--help" in given.flags else WRONG
        if given.command == "list":  # which only looks
            return show(given)
        with alone(place_of(given).prefix, given.command):
            return COMMAND[given.command](given)
    except Problem as found:
        tell_apart(str(found))
        return found.code
    except OSError as error:
        tell_apart(text("problem.system", place=error.filename or "-", why=error.strerror or error))
        return WRONG
    except KeyboardInterrupt:
        return INTERRUPTED
