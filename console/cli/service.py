"""`kohoban service`: the office as a service of the machine: units made from its rules and this program, installed, taken away, looked at."""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from console.cli.command import Session, command, listing, option, text
from console.cli.outcome import FINE, WRONG, Failure, system_words
from console.cli.place import office_here
from console.cli.terminal import SCHEMA, clean, err, out, out_json, paint
from console.cli.unit_place import place as place_of
from console.installation.units import ADDRESS_MOST, Place, enabled, files, name_of, user_files
from console.words import choose
from daemon.rulebook.model import RulebookError

PROPERTIES = ("ActiveState", "SubState", "StatusText", "NRestarts", "WatchdogUSec", "MainPID", "UnitFileState")

HOW = (
    option("--user", key="service_user", is_flag=True),
    option("--name", key="service_name", metavar="NAME", default=""),
    option("--login", key="service_login", metavar="LOGIN", default="kohoban"),
    option("--group", key="service_group", metavar="GROUP", default="kohoban-op"),
    option("--write", key="service_write", metavar="DIR", multiple=True),
)
WHERE = option("--root", key="service_root", metavar="DIR", default="/")


@listing("service")
def service(session: Session) -> int:
    """How the units of this office stand."""
    return _status(session, "", user=False, root=Path("/"))


@command("service print", *HOW)
def print_units(session: Session, user: bool, name: str, login: str, group: str, write: Sequence[str]) -> int:
    """Every file, with the path where it belongs, on stdout."""
    made = _files(_place(session, name, login, group, write), user=user)
    if session.json:
        out_json({"schema": SCHEMA, "files": {str(path): said for path, said in made.items()}})
        return FINE
    for path, said in made.items():
        out(f"# {path}\n{said}")
    return FINE


@command("service install", *HOW, WHERE, option("--no-start", key="service_no_start", is_flag=True))
def install(
    session: Session, user: bool, name: str, login: str, group: str, write: Sequence[str], root: str, no_start: bool
) -> int:
    """Write the files, and have the manager of services start them now and with the machine."""
    place, base = _place(session, name, login, group, write), Path(root)
    real = base == Path("/")
    if real and not user:
        _need_root()
        _need_logins(place)
    made = _files(place, user=user)
    changed = [path for path, said in made.items() if _write(_under(base, path), said)]
    notes = [] if user else list(_notes(place, real=real))
    if real:
        if not user:
            _lead_to_gate(place)
            _make_folders(place)
        _systemctl(["daemon-reload"], user=user)
        if not user:
            _run(["systemd-tmpfiles", "--create", str(_tmpfiles(made))])
        if not no_start:
            _systemctl(["enable", "--now", *_enabled(place, user=user)], user=user)
    if session.json:
        units = _enabled(place, user=user)
        out_json({"schema": SCHEMA, "name": place.name, "units": units, "written": sorted(map(str, changed)), "notes": notes})
        return FINE
    for path in made:
        out(text("service.written" if path in changed else "service.as_it_was", file=clean(str(_under(base, path)))))
    for note in notes:
        err(note)
    out(text("service.started" if real and not no_start else "service.not_started", units=" ".join(_enabled(place, user=user))))
    return FINE


@command("service uninstall", *HOW[:2], WHERE)
def uninstall(session: Session, user: bool, name: str, root: str) -> int:
    """Stop the services and take their files away. The office stays as it is."""
    office, base = office_here(session.office), Path(root)
    called = name or name_of(office.absolute())
    real = base == Path("/")
    if real and not user:
        _need_root()
    there = _installed(called, base, user=user)
    if real and there:
        _systemctl(["disable", "--now", *installed_units(called, user=user)], user=user)
    for path in there:
        try:
            path.unlink()
        except OSError as error:
            raise Failure(WRONG, text("service.stays", file=path, why=system_words(error))) from None
    if real and there:
        _systemctl(["daemon-reload"], user=user)
    if session.json:
        out_json({"schema": SCHEMA, "name": called, "removed": sorted(map(str, there))})
        return FINE
    for path in there:
        out(text("service.removed", file=clean(str(path))))
    out(text("service.office_stays", office=clean(str(office.absolute()))) if there else text("service.none", name=called))
    return FINE


@command("service status", *HOW[:2], WHERE)
def status(session: Session, user: bool, name: str, root: str) -> int:
    """The units as they are installed, and as the manager of services sees them."""
    return _status(session, name, user=user, root=Path(root))


def _status(session: Session, name: str, *, user: bool, root: Path) -> int:
    office = office_here(session.office)
    called = name or name_of(office.absolute())
    there = _installed(called, root, user=user)
    units = {unit: unit_state(unit, user=user) for unit in installed_units(called, root, user=user)}
    drift = sorted(map(str, drifted(office, called, root, user=user)))
    if session.json:
        out_json({"schema": SCHEMA, "name": called, "units": units, "out_of_date": drift})
        return FINE
    if not there:
        out(text("service.none", name=called))
    for unit, seen in units.items():
        state = seen.get("ActiveState", "?")
        style = {"active": "pass", "failed": "block"}.get(state, "warn")
        said = clean(seen.get("StatusText", ""))
        restarts = text("service.restarts", count=seen.get("NRestarts", "0"))
        out(f"{paint(style, unit)}  {state} ({seen.get('SubState', '?')})  {restarts}  {said}".rstrip())
    for path in drift:
        out(paint("warn", text("service.drift", file=path)))
    return FINE


def unit_state(unit: str, *, user: bool = False) -> dict[str, str]:
    """What the manager of services knows of a unit; empty where there is no manager to ask."""
    try:
        said = _systemctl(["show", unit, f"--property={','.join(PROPERTIES)}"], user=user, quiet=True)
    except Failure:
        return {}
    return dict(line.split("=", 1) for line in said.splitlines() if "=" in line)


def installed_units(name: str, root: Path = Path("/"), *, user: bool = False) -> list[str]:
    """The units of this office that are installed and meant to run."""
    return [
        path.name for path in _installed(name, root, user=user) if path.suffix in (".service", ".socket") and "@" not in path.name
    ]


def drifted(office: Path, name: str, root: Path = Path("/"), *, user: bool = False) -> Iterator[Path]:
    """Installed files that say something else than `service print` would say now. What was chosen at the installation is read out of the
    files themselves."""
    there = _installed(name, root, user=user)
    if not there:
        return
    try:
        chosen = _chosen(next((path for path in there if path.name == f"{name}.service"), there[0]))
        place = place_of(office, name=name, login=chosen.login, group=chosen.group, also=chosen.also)
    except (RulebookError, OSError):
        return  # that the rules cannot be read is said elsewhere
    wanted = {_under(root, path): said for path, said in _files(place, user=user).items()}
    for path in sorted({*wanted, *there}):
        if _read(path) != wanted.get(path):
            yield path


class Chosen(NamedTuple):
    """What was chosen when a unit was installed."""

    login: str = "kohoban"
    group: str = "kohoban-op"
    also: tuple[Path, ...] = ()


def _chosen(unit: Path) -> Chosen:
    """Read out of the daemon's unit."""
    lines = [line.partition("=") for line in _read(unit).splitlines()]
    said = {name: value for name, _, value in lines}
    also = tuple(Path(value) for name, _, value in lines if name == "X-Kohoban-Write")
    return Chosen(said.get("User", Chosen.login), said.get("SupplementaryGroups", Chosen.group), also)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _place(session: Session, name: str, login: str, group: str, write: Sequence[str]) -> Place:
    office = office_here(session.office)
    try:
        place = place_of(office, name=name, login=login, group=group, also=tuple(map(Path, write)))
    except RulebookError as error:
        first = error.problems[0]
        raise Failure(
            WRONG, text("service.rules", file=first.file, line=first.line, why=choose(first.message, first.message_en))
        ) from None
    if len(os.fsencode(place.state / "socket")) > ADDRESS_MOST:
        raise Failure(WRONG, text("service.long", place=place.state / "socket", most=ADDRESS_MOST))
    return place


def _files(place: Place, *, user: bool) -> dict[Path, str]:
    return user_files(place, Path.home()) if user else files(place)


def _enabled(place: Place, *, user: bool) -> list[str]:
    return enabled(place)[:2] if user else enabled(place)


def _under(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")


def _tmpfiles(made: Mapping[Path, str]) -> Path:
    return next(path for path in made if path.suffix == ".conf")


def _installed(name: str, root: Path, *, user: bool) -> list[Path]:
    """The files of this office that are there, whatever the rules ask for today."""
    empty = Place(name=name, office=Path("/"), bin=Path("/"), releaser="-", notices=("-",))
    return [path for path in (_under(root, each) for each in _files(empty, user=user)) if path.is_file()]


def _write(path: Path, said: str) -> bool:
    """Put a file in its place, whole; False where it is as it should be. Raises Failure."""
    if _read(path) == said:
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        new.write_text(said, encoding="utf-8")
        new.chmod(0o644)
        new.replace(path)
    except OSError as error:
        raise Failure(WRONG, text("service.unwritten", file=path, why=system_words(error))) from None
    return True


def _need_root() -> None:
    if os.geteuid() != 0:
        raise Failure(WRONG, text("service.root"))


def _need_logins(place: Place) -> None:
    """The logins and the group that the units name must be there. Raises Failure with the commands that make them."""
    missing = []
    try:
        grp.getgrnam(place.group)
    except KeyError:
        missing.append(f"groupadd --system {place.group}")
    for login in filter(None, (place.login, place.releaser)):
        try:
            pwd.getpwnam(login)
        except KeyError:
            missing.append(f"useradd --system --no-create-home --shell /usr/sbin/nologin -G {place.group} {login}")
    if missing:
        raise Failure(WRONG, text("service.logins", commands=" && ".join(missing)))


def _notes(place: Place, *, real: bool) -> Iterator[str]:
    """What an admin has to know or to do besides."""
    if not place.releaser:
        yield text("service.no_releaser")
    if real:
        with suppress(OSError):
            if place.state.stat().st_uid != pwd.getpwnam(place.login).pw_uid:
                yield text("service.owner", state=place.state, mend=f"chown -R {place.login}:{place.group} {place.state}")


def _lead_to_gate(place: Place) -> None:
    """`state/gate` leads to the tmpfs. Where an office has a folder there, it stays: its permit would be lost with it."""
    gate = place.state / "gate"
    if os.path.lexists(gate):
        if gate.is_dir() and not gate.is_symlink():
            err(text("service.gate_plain", gate=gate, mend=f"rm -r {gate} && ln -s {place.gate} {gate}"))
        return
    try:
        _folder(place.state, 0o3770, place.login, place.group)
        gate.symlink_to(place.gate)
        os.lchown(gate, place.state.stat().st_uid, place.state.stat().st_gid)
    except OSError as error:
        raise Failure(WRONG, text("service.unwritten", file=gate, why=system_words(error))) from None


def _make_folders(place: Place) -> None:
    """The folders in which the releaser writes: a closed unit could not make them itself. What is there stays as it is."""
    if not place.releaser:
        return
    state = place.state / "releaser"
    wanted = ((state, 0o2750), (state / "secrets", 0o700), (place.office / "outbox", 0o2770))
    for folder, mode in wanted:
        try:
            _folder(folder, mode, place.releaser, place.group)
        except OSError as error:
            raise Failure(WRONG, text("service.unwritten", file=folder, why=system_words(error))) from None


def _folder(path: Path, mode: int, login: str, group: str) -> None:
    """Make a folder that is not there. Raises OSError."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        return
    os.chown(path, pwd.getpwnam(login).pw_uid, grp.getgrnam(group).gr_gid, follow_symlinks=False)
    path.chmod(mode)


def _systemctl(words: Sequence[str], *, user: bool, quiet: bool = False) -> str:
    return _run(["systemctl", *(["--user"] if user else []), *words], quiet=quiet)


def _run(words: Sequence[str], *, quiet: bool = False) -> str:
    """Run a command of the machine's; what it says. Raises Failure with its own last words."""
    try:
        ended = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False, timeout=90)
    except (OSError, subprocess.TimeoutExpired) as error:
        why = system_words(error) if isinstance(error, OSError) else str(error)
        raise Failure(WRONG, text("service.command", command=" ".join(words), why=why)) from None
    if ended.returncode and not quiet:
        raise Failure(WRONG, text("service.command", command=" ".join(words), why=clean(ended.stderr.strip()[-300:])))
    return ended.stdout


for _each in (print_units, install, uninstall, status):
    service.add_command(_each)
