"""Logins of their own: the installer makes them, an office is put into their hands, and an upgrade works under the office's login. In a mount
namespace with a copy of /etc, so that nothing of the machine that runs the tests is touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.words import catalogue
from tests.distribution.installation import BEFORE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

INSIDE = """\
set -e
mount --make-rprivate /
mkdir -p {folder}/python && mount --bind {base} {folder}/python
{open}
cp -a /etc {folder}/etc && mount --bind {folder}/etc /etc
mount -t tmpfs -o mode=755 tmpfs /run
export KOHOBAN_PYTHON={folder}/python/bin/python3 KOHOBAN_LANG=en PATH={folder}/bin:/usr/sbin:/usr/bin:/sbin:/bin
places="--prefix {folder}/opt --bin {folder}/bin --backups {folder}/backups"
as_daemon() {{ setpriv --reuid kohoban --regid kohoban --groups "$(getent group kohoban-op | cut -d: -f3)" -- "$@"; }}
"""


@pytest.fixture
def machine() -> Iterator[Path]:
    """A folder that every login may look into."""
    if os.geteuid() != 0:
        pytest.skip("logins, and a namespace for them, need root")
    for program in ("unshare", "setpriv", "useradd", "groupadd"):
        if shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin") is None:
            pytest.skip(f"{program} is not installed")
    folder = Path(tempfile.mkdtemp(prefix="kohoban-logins-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def in_namespace(folder: Path, script: str) -> str:
    """Run these lines as root in the namespace, without a network; what they said."""
    base = Path(sys.base_prefix)
    closed = next((above for above in reversed(base.parents) if not above.stat().st_mode & 0o001), None)
    shown = (
        f"mount -t tmpfs -o mode=755 tmpfs {closed} && mkdir -p {base} && mount --bind {folder}/python {base}" if closed else ""
    )
    inside = INSIDE.format(folder=folder, base=base, open=shown)
    # A process namespace of its own: what was started in it ends with it.
    command = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", inside + script]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stdout
    return done.stdout


def shown(archive: Path, folder: Path) -> Path:
    """The archive where the namespace's logins can read it: the tests' own folder is closed to them."""
    return Path(shutil.copytree(archive, folder / archive.name, copy_function=os.link))


def test_daemon_releaser_and_operators_are_kept_apart(machine: Path, new_archive: Path) -> None:
    archive = shown(new_archive, machine)
    said = in_namespace(
        machine,
        f"""
        {archive}/kohoban-install install --users $places
        {archive}/kohoban-install install --users $places > {machine}/again
        kohoban init {machine}/city --owner kohoban
        cd {machine}
        stat -c '%a %U:%G %n' city city/rules.toml city/state city/state/store city/state/releaser city/drafts city/outbox /run/kohoban-city/gate 2>&1 || true
        stat -c '%a %U:%G gate' $(readlink -f city/state/gate)
        id -nG kohoban; id -nG kohoban-out
        as_daemon kohoban daemon --detach --office {machine}/city
        kohoban doctor --office {machine}/city --json > doctor.json || true
        kohoban init {machine}/other --owner nobody-of-that-name 2>&1 && exit 1 || true
        """,
    )
    for line in (
        "750 root:kohoban-op city",
        "640 root:kohoban-op city/rules.toml",
        "3770 kohoban:kohoban-op city/state",
        "700 kohoban:kohoban-op city/state/store",
        "2750 kohoban-out:kohoban-op city/state/releaser",
        "2770 kohoban:kohoban-op city/drafts",
        "2770 kohoban-out:kohoban-op city/outbox",
        "2770 kohoban:kohoban-op gate",
        "kohoban kohoban-op",
        "kohoban-out kohoban-op",
    ):
        assert line in said.splitlines(), (line, said)
    assert "nobody-of-that-name" in said
    assert "Made the" not in (machine / "again").read_text(), "the logins are there already"
    checks = {one["name"]: one for one in json.loads((machine / "doctor.json").read_text())["checks"]}
    apart = checks[catalogue("cli", "en")["doctor.identity"]]
    assert apart["level"] == "ok", apart


def test_an_office_is_upgraded_under_its_own_login(machine: Path, old_archive: Path, new_archive: Path) -> None:
    assert BEFORE
    old, new = shown(old_archive, machine), shown(new_archive, machine)
    said = in_namespace(
        machine,
        f"""
        {old}/kohoban-install install --users $places
        kohoban init {machine}/city && chown -R kohoban:kohoban-op {machine}/city
        as_daemon kohoban daemon --detach --office {machine}/city
        {new}/kohoban-install upgrade --yes --office {machine}/city $places
        kohoban --version
        stat -c '%U %n' {machine}/city/state/socket {machine}/city/state/store/* {machine}/city/state/aside/*/store/kohoban.db {machine}/backups/city/*.tar
        kohoban-install rollback --prefix {machine}/opt
        kohoban --version
        stat -c '%U %n' {machine}/city/state/socket {machine}/city/state/store/*
        """,
    )
    owners = {
        line.split()[0]
        for line in said.splitlines()
        if f" {machine}/" in line and line.split()[0].islower() and len(line.split()) == 2
    }
    assert owners == {"kohoban"}, said
    versions = [line for line in said.splitlines() if line.startswith("kohoban ") and "/" not in line]
    assert versions[0] != versions[1] == "kohoban 0.1.0"
