"""The logins that keep daemon, releaser and operators apart: made where they are not there, never changed into something else."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
from typing import NamedTuple

from console.installation.outcome import problem, text


class Logins(NamedTuple):
    """Their names: the daemon's login, the releaser's, the operators' group."""

    user: str = "kohoban"
    releaser: str = "kohoban-out"
    group: str = "kohoban-op"


def make(names: Logins) -> list[str]:
    """Make group and logins where they are missing and see that both logins are in the group; what was done, in words. Raises Problem."""
    if os.geteuid() != 0:
        raise problem("not_root")
    done = []
    if not _group(names.group):
        _run("groupadd", "--system", names.group)
        done.append(text("logins.group", name=names.group))
    for login in (names.user, names.releaser):
        if not _login(login):
            nologin = shutil.which("nologin", path="/usr/sbin:/sbin") or "/bin/false"
            # A group of its own with its own name, where that is not taken.
            own = ["--gid", login] if _group(login) else ["--user-group"]
            _run(
                "useradd",
                "--system",
                "--no-create-home",
                "--home-dir",
                "/nonexistent",
                "--shell",
                nologin,
                *own,
                "-G",
                names.group,
                login,
            )
            done.append(text("logins.login", name=login, group=names.group))
        elif not _member(login, names.group):
            _run("usermod", "--append", "--groups", names.group, login)
            done.append(text("logins.member", name=login, group=names.group))
    return done


def _group(name: str) -> bool:
    try:
        return bool(grp.getgrnam(name))
    except KeyError:
        return False


def _login(name: str) -> bool:
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False


def _member(login: str, group: str) -> bool:
    return grp.getgrnam(group).gr_gid in os.getgrouplist(login, pwd.getpwnam(login).pw_gid)


def _run(*command: str) -> None:
    program = shutil.which(command[0], path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        raise problem("no_program", program=command[0])
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise problem("step_failed", command=" ".join(command), why=done.stderr.strip() or done.returncode)
