"""Whether an office is what an installation has to be: daemon, releaser and operators under logins of their own, and every folder and
file of `state/` in the hands that it needs. Each thing that is not so is said together with the command that mends it.
"""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from console.cli.command import text
from console.cli.outcome import system_words
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Rulebook, RulebookError
from daemon.standing import login, made_with

FILES = {"epoch": 0o644, "send.lock": 0o644, "scopes": 0o644, "hand.pid": 0o644, "flight": 0o644, "clean": 0o644, "socket": 0o660}
"""What the daemon keeps in `state/` itself and operators have to reach: its mode, as far as it is there."""

MEMORY = ("tmpfs", "ramfs")
"""File systems on which a stop needs no disk."""


def is_installation(state: Path) -> bool:
    """Whether `state` is meant for several logins: its group may write in it, or it is not the caller's own. Raises OSError."""
    seen = state.stat()
    return bool(seen.st_mode & stat.S_IWGRP) or seen.st_uid != os.geteuid()


def faults(office: Path, file_system: Callable[[Path], str]) -> Iterator[str]:
    """Everything that keeps an office from being an installation, in the operator's language. `file_system` names that of a folder.
    Raises OSError where there is no `state/`."""
    state = office / "state"
    home = state.stat()
    if home.st_uid == 0:
        yield text("separation.root", path=state)
    yield from _folder(state, 0o3770, state)
    yield from _gate(state, file_system)
    yield from _folder(state / "store", 0o700, state)
    yield from _files(state)
    with suppress(RulebookError, OSError):  # that the rules cannot be read is said elsewhere
        book = load_rulebook(office)
        yield from _releaser(state, book)
        yield from _members(home, book)


def _folder(path: Path, mode: int, state: Path) -> Iterator[str]:
    """A folder of the daemon's that is not there, belongs to somebody else or is open in another way."""
    mend = made_with(str(path.absolute()), str(state), f"{mode:o}")
    try:
        seen, home = path.stat(), state.stat()
    except OSError as error:
        yield text("separation.unseen", path=path, why=system_words(error), mend=mend)
        return
    bits = 0o7777 if mode > 0o777 else 0o777  # what is closed to the group may have taken over the setgid bit above it
    if (seen.st_uid, seen.st_gid, seen.st_mode & bits) != (home.st_uid, home.st_gid, mode):
        yield text("separation.folder", path=path, found=_said(seen), mend=mend)


def _gate(state: Path, file_system: Callable[[Path], str]) -> Iterator[str]:
    """The folder of the permit: on a tmpfs, writable for the group, without a sticky bit, and nobody can put another in its place."""
    folder = (state / "gate").resolve()
    mend = made_with(str(folder), str(state))
    try:
        seen, above, home = folder.stat(), folder.parent.stat(), state.stat()
    except OSError as error:
        yield text("separation.unseen", path=state / "gate", why=system_words(error), mend=mend)
        return
    if seen.st_uid not in (0, home.st_uid) or (seen.st_gid, stat.S_IMODE(seen.st_mode)) != (home.st_gid, 0o2770):
        key = "separation.gate_sticky" if seen.st_mode & stat.S_ISVTX else "separation.folder"
        yield text(key, path=folder, found=_said(seen), mend=mend)
    if (kind := file_system(folder)) not in MEMORY:
        link = f"ln -sfn /run/kohoban/gate {shlex.quote(str((state / 'gate').absolute()))}"
        yield text("separation.gate_disk", path=folder, kind=kind, mend=f"{made_with('/run/kohoban/gate', str(state))} && {link}")
    if folder.parent != state.resolve() and (above.st_uid not in (0, home.st_uid) or above.st_mode & 0o022):
        yield text(
            "separation.above", path=folder.parent, found=_said(above), mend=f"chmod go-w {shlex.quote(str(folder.parent))}"
        )


def _files(state: Path) -> Iterator[str]:
    """The daemon's own files that the group has to read."""
    home = state.stat()
    for name, mode in FILES.items():
        path = state / name
        try:
            seen = path.lstat()
        except FileNotFoundError:
            continue
        except OSError as error:
            yield text("separation.unseen", path=path, why=system_words(error), mend=f"chmod {mode:o} {shlex.quote(str(path))}")
            continue
        plain = stat.S_ISSOCK(seen.st_mode) if name == "socket" else stat.S_ISREG(seen.st_mode) and seen.st_nlink == 1
        if not plain or seen.st_uid != home.st_uid:
            yield text("separation.file_foreign", path=path, found=_said(seen), mend=f"rm {shlex.quote(str(path.absolute()))}")
        elif stat.S_IMODE(seen.st_mode) != mode or (name == "socket" and seen.st_gid != home.st_gid):
            put = f"chgrp {home.st_gid} {shlex.quote(str(path))} && " if seen.st_gid != home.st_gid else ""
            yield text("separation.file", path=path, found=_said(seen), mend=f"{put}chmod {mode:o} {shlex.quote(str(path))}")


def _releaser(state: Path, book: Rulebook) -> Iterator[str]:
    """The hand, under a login that is neither the daemon's nor an operator's, and its own folder."""
    home, name = state.stat(), book.office.releaser
    if not name:
        yield text("separation.releaser_none")
        return
    try:
        known = pwd.getpwnam(name)
    except KeyError:
        yield text("separation.no_login", login=name, mend=f"useradd --system --no-create-home -G {group(home.st_gid)} {name}")
        return
    if known.pw_uid in (0, home.st_uid) or name in book.operators:
        yield text("separation.releaser_shared", login=name)
    elif not _in_group(known, home.st_gid):
        yield text("separation.member", login=name, group=group(home.st_gid), mend=f"usermod -aG {group(home.st_gid)} {name}")
    folder = state / "releaser"
    with suppress(FileNotFoundError):
        seen = folder.stat()
        if seen.st_uid != known.pw_uid or seen.st_mode & 0o022:
            mend = f"install -d -o {name} -g {group(home.st_gid)} -m 2750 {shlex.quote(str(folder.absolute()))}"
            yield text("separation.folder", path=folder, found=_said(seen), mend=mend)


def _members(home: os.stat_result, book: Rulebook) -> Iterator[str]:
    """Those on the register who have a login here: in the group, and none of them the daemon."""
    for name in book.operators:
        try:
            known = pwd.getpwnam(name)
        except KeyError:
            continue  # somebody who works on another machine, or has not come yet
        if known.pw_uid == home.st_uid:
            yield text("separation.operator_is_daemon", login=name)
        elif not _in_group(known, home.st_gid):
            yield text("separation.member", login=name, group=group(home.st_gid), mend=f"usermod -aG {group(home.st_gid)} {name}")


def _in_group(known: pwd.struct_passwd, gid: int) -> bool:
    return gid in os.getgrouplist(known.pw_name, known.pw_gid)


def group(gid: int) -> str:
    """The name of a group, its number where it has none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _said(seen: os.stat_result) -> str:
    return f"{login(seen.st_uid)}:{group(seen.st_gid)} {stat.S_IMODE(seen.st_mode):o}"
