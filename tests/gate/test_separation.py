"""`kohoban doctor` on an installation: it finds whatever breaks the separation, and the command that it names mends it."""

from __future__ import annotations

import os
import pwd
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.cli.doctor import file_system
from console.cli.separation import faults, is_installation
from daemon.release.permit import Keeper
from tests.gate.conftest import DAEMON

RULES = '[office]\nname = "試し"\nreleaser = "nobody"\n'


@pytest.fixture
def installed() -> Iterator[Path]:
    """An office whose daemon has a login of its own, whose releaser is `nobody`, and whose operators' group is `nobody`'s."""
    if os.geteuid() != 0:
        pytest.skip("several logins are needed: run as root to prove this")
    group = pwd.getpwnam("nobody").pw_gid
    with tempfile.TemporaryDirectory(prefix="kohoban-office-") as folder:
        office = Path(folder)
        office.chmod(0o755)
        state, memory = office / "state", office / "memory"
        for path in (state, memory, office / "drafts"):
            path.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=0755", "tmpfs", memory], check=False).returncode:
            pytest.skip("this machine does not let root mount a tmpfs")
        try:
            (office / "rules.toml").write_text(RULES)
            (memory / "gate").mkdir()
            (state / "gate").symlink_to(memory / "gate")
            (state / "store").mkdir()
            (state / "releaser").mkdir()
            assert Keeper(state).grant(1).open
            Keeper(state).know(())
            for path, mode in ((state, 0o3770), (memory / "gate", 0o2770), (state / "store", 0o700)):
                os.chown(path, DAEMON, group)
                path.chmod(mode)
            for name in ("epoch", "send.lock", "scopes", "gate/RUN"):
                os.chown(state / name, DAEMON, group)
            os.chown(state / "releaser", pwd.getpwnam("nobody").pw_uid, group)
            yield office
        finally:
            subprocess.run(["umount", "-l", memory], check=True)


def found(office: Path) -> list[str]:
    return list(faults(office, file_system))


def test_an_installation_as_it_should_be_has_no_faults(installed: Path) -> None:
    assert is_installation(installed / "state")
    assert found(installed) == []


def test_a_trial_is_none(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o750)
    assert not is_installation(tmp_path / "state")


DAMAGE: dict[str, Callable[[Path], object]] = {
    "state without the sticky bit": lambda office: (office / "state").chmod(0o2770),
    "state closed to the group": lambda office: (office / "state").chmod(0o700),
    "state open to everybody": lambda office: (office / "state").chmod(0o3777),
    "a store that others may read": lambda office: (office / "state" / "store").chmod(0o755),
    "a store of somebody else": lambda office: os.chown(office / "state" / "store", 64002, -1),
    "no store": lambda office: (office / "state" / "store").rmdir(),
    "a gate that only the daemon may write": lambda office: (office / "memory" / "gate").chmod(0o755),
    "a sticky gate": lambda office: (office / "memory" / "gate").chmod(0o3770),
    "a gate of an operator": lambda office: os.chown(office / "memory" / "gate", 64002, -1),
    "a gate of another group": lambda office: os.chown(office / "memory" / "gate", -1, 0),
    "a gate that can be exchanged whole": lambda office: (office / "memory").chmod(0o777),
    "a lock that operators cannot open": lambda office: (office / "state" / "send.lock").chmod(0o600),
    "a record that all may write": lambda office: (office / "state" / "epoch").chmod(0o666),
    "scopes by an operator": lambda office: os.chown(office / "state" / "scopes", 64002, -1),
    "a list that is a link": lambda office: (office / "state" / "flight").symlink_to("/etc/passwd"),
    "a releaser's folder of the daemon": lambda office: os.chown(office / "state" / "releaser", DAEMON, -1),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_breaks_the_separation_is_found_and_the_named_command_mends_it(
    installed: Path, damage: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", "en")
    damage(installed)
    (said,) = found(installed)
    command = re.search(r": ((?:install|chmod|chgrp|rm) .*)$", said)
    assert command is not None, said
    subprocess.run(["sh", "-c", command.group(1)], check=True)
    assert found(installed) == []


def test_a_gate_on_a_disk_is_told_to_move(installed: Path) -> None:
    (installed / "state" / "gate").unlink()
    subprocess.run(
        [
            "install",
            "-d",
            "-o",
            str(DAEMON),
            "-g",
            str(pwd.getpwnam("nobody").pw_gid),
            "-m",
            "2770",
            installed / "state" / "gate",
        ],
        check=True,
    )
    (said,) = found(installed)
    assert "tmpfs" in said
    assert "ln -sfn" in said


def test_a_dangling_gate_is_told_how_to_be_made(installed: Path) -> None:
    (installed / "memory" / "gate" / "RUN").unlink()
    (installed / "memory" / "gate").rmdir()
    (said,) = found(installed)
    assert "install -d" in said


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ('[office]\nname = "x"\n', "releaser"),
        ('[office]\nname = "x"\nreleaser = "no-such-login"\n', "useradd"),
        ('[office]\nname = "x"\nreleaser = "root"\n', "root"),
        ('[office]\nname = "x"\nreleaser = "daemon"\n', "usermod -aG"),
    ],
    ids=["none", "no login", "root", "not in the group"],
)
def test_a_releaser_without_a_login_of_its_own_is_found(installed: Path, rules: str, expected: str) -> None:
    (installed / "rules.toml").write_text(rules)
    assert [said for said in found(installed) if expected in said]


def test_an_operator_outside_the_group_is_found(installed: Path) -> None:
    person = '[[operators]]\nlogin = "daemon"\nname = "佐藤"\nunit = "広報課"\nrole = "manager"\ntitles = []\npolicies = []\n'
    (installed / "rules.toml").write_text(RULES + person)
    assert [said for said in found(installed) if "usermod -aG" in said and "daemon" in said]


def test_a_daemon_that_is_root_is_found(installed: Path) -> None:
    for path in (installed / "state", *(installed / "state").iterdir()):
        if path.name not in ("releaser", "gate"):
            os.chown(path, 0, -1)
    assert [said for said in found(installed) if "root" in said]
