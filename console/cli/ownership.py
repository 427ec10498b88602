"""A new office in an installation: its folders in the hands of the logins that keep daemon, releaser and operators apart (`kohoban doctor` looks
for the same)."""

from __future__ import annotations

import grp
import json
import os
import pwd
import re
from pathlib import Path
from typing import NamedTuple

from console.cli.command import text
from console.cli.outcome import WRONG, Failure
from console.cli.place import RULES
from console.installation.units import RUN, name_of


class Owners(NamedTuple):
    """Whose the office is: user ids of daemon and releaser, and the operators' group; `name` is the releaser's login, empty where it has none."""

    daemon: int
    releaser: int
    group: int
    name: str


def owners_of(owner: str, group: str, releaser: str) -> Owners:
    """Look the logins up. Raises Failure where one is missing, with the command that makes it, and for anybody but root."""
    if os.geteuid() != 0:
        raise Failure(WRONG, text("init.root"))
    try:
        daemon = pwd.getpwnam(owner).pw_uid
        hand = pwd.getpwnam(releaser).pw_uid if releaser else daemon
        return Owners(daemon, hand, grp.getgrnam(group).gr_gid, releaser)
    except KeyError as missing:
        raise Failure(WRONG, text("init.no_login", missing=str(missing.args[0]).rpartition(" ")[2].strip("'"))) from None


def hand_over(office: Path, owners: Owners) -> None:
    """Give every folder of a new office to those who work in it; the rules stay root's. Raises OSError."""
    daemon, hand, group, _ = owners
    _own(office, 0, group, 0o750)
    _own(office / RULES, 0, group, 0o640)
    _own(office / "policies", 0, group, 0o750)
    for name in ("drafts", "comments", "cards"):
        (office / name).mkdir(exist_ok=True)
        for path in (office / name, *sorted((office / name).rglob("*"))):
            if path.is_symlink():  # of a folder that was there before: whose target it is nobody has said
                continue
            _own(path, daemon, group, 0o2770 if path.is_dir() else 0o660)
    (office / "outbox").mkdir(exist_ok=True)
    _own(office / "outbox", hand, group, 0o2770)
    state = office / "state"
    (state / "store").mkdir(mode=0o700, exist_ok=True)
    _own(state / "store", daemon, group, 0o700)
    if owners.name:
        (state / "releaser").mkdir(exist_ok=True)
        _own(state / "releaser", hand, group, 0o2750)
    gate = gate_of(office)
    gate.mkdir(mode=0o755, parents=True, exist_ok=True)
    _own(gate, daemon, group, 0o2770)
    (state / "gate").symlink_to(gate)
    os.lchown(state / "gate", daemon, group)
    _own(state, daemon, group, 0o3770)


def gate_of(office: Path) -> Path:
    """The folder of the permit: one of its own for each office of the machine, named as its units are."""
    return RUN / name_of(office.absolute()) / "gate"


def with_releaser(rules: bytes, releaser: str) -> bytes:
    """The rules with the releaser's login in them, right behind `training`."""
    line = f"releaser = {json.dumps(releaser, ensure_ascii=False)}\n".encode()  # JSON's strings are TOML's
    return re.sub(rb"(?m)^training = .*\n", lambda found: found[0] + line, rules, count=1)


def _own(path: Path, uid: int, gid: int, mode: int) -> None:
    os.chown(path, uid, gid, follow_symlinks=False)
    path.chmod(mode)
