"""Installed where there is no network: into a versioned folder, every wheel held against its hash, nobody else's files touched."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.distribution.installation import Installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def copied(tmp_path: Path, new_archive: Path) -> Path:
    """The archive, to be damaged."""
    return Path(shutil.copytree(new_archive, tmp_path / "archive", copy_function=os.link))


def rewritten(path: Path, data: bytes) -> None:
    """Other bytes under this name, and under no other."""
    path.unlink()
    path.write_bytes(data)


def test_without_a_network_nothing_can_be_fetched() -> None:
    if os.geteuid() != 0:
        pytest.skip("taking the network away (unshare -n) needs root")
    with socket.create_server(("127.0.0.1", 0)) as server:
        look = f"import socket; socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2).close()"
        here = subprocess.run([sys.executable, "-c", look], capture_output=True, check=False)
        done = subprocess.run(["unshare", "--net", sys.executable, "-c", look], capture_output=True, check=False)
    assert here.returncode == 0
    assert done.returncode != 0, "the other tests would prove nothing"


def test_a_version_lies_in_a_folder_of_its_own_and_the_commands_lead_to_it(old_installation: Installation) -> None:
    place = old_installation
    assert place.version == "0.1.0"
    assert (place.prefix / "current").readlink() == Path("versions/0.1.0")
    assert (place.bin / "kohoban").readlink() == place.prefix / "current" / "bin" / "kohoban"
    assert place.versions()["versions"] == ["0.1.0"]
    inside = {path.name for path in (place.prefix / "versions" / "0.1.0").iterdir()}
    assert {"LICENSE", "THIRD-PARTY-LICENCES.txt", "sbom.cdx.json"} <= inside


def test_installing_it_again_changes_nothing(old_installation: Installation, old_archive: Path) -> None:
    python = old_installation.prefix / "versions" / "0.1.0" / "bin" / "kohoban"
    before = python.stat().st_ino, python.stat().st_mtime_ns
    assert "installed already" in old_installation.run(old_archive, "install")
    assert (python.stat().st_ino, python.stat().st_mtime_ns) == before


def test_a_file_that_is_not_what_its_sum_says_stops_the_installation(old_installation: Installation, copied: Path) -> None:
    wheel = next((copied / "wheels").glob("click-*.whl"))
    rewritten(wheel, wheel.read_bytes() + b"\0")
    said = old_installation.run(copied, "upgrade", code=2)
    assert wheel.name in said and "Nothing was changed" in said
    assert old_installation.versions()["versions"] == ["0.1.0"]


def test_a_wheel_whose_sum_was_forged_along_is_still_refused_by_the_lock(old_installation: Installation, copied: Path) -> None:
    wheel = next((copied / "wheels").glob("click-*.whl"))
    sums = (copied / "SHA256SUMS").read_text()
    before = hashlib.sha256(wheel.read_bytes()).hexdigest()
    rewritten(wheel, wheel.read_bytes() + b"\0")
    rewritten(copied / "SHA256SUMS", sums.replace(before, hashlib.sha256(wheel.read_bytes()).hexdigest()).encode())
    said = old_installation.run(copied, "upgrade", code=2)
    assert "click" in said and "hash" in said.lower()
    assert old_installation.versions()["versions"] == ["0.1.0"], "nothing of it is left"
    assert sorted(path.name for path in (old_installation.prefix / "versions").iterdir()) == ["0.1.0"]


def test_a_file_that_nobody_summed_is_not_overlooked(old_installation: Installation, copied: Path) -> None:
    (copied / "wheels" / "extra-1.0-py3-none-any.whl").write_bytes(b"")
    assert "extra-1.0" in old_installation.run(copied, "upgrade", code=2)


def test_an_archive_for_another_python_says_which_ones_it_has(old_installation: Installation, copied: Path) -> None:
    about = (copied / "archive.json").read_text()
    here = about[about.index('"python": "') :].split('"')[3]
    sums = (copied / "SHA256SUMS").read_text()
    other = about.replace(f'"python": "{here}"', '"python": "3.99"').encode()
    rewritten(copied / "archive.json", other)
    changed = sums.replace(hashlib.sha256(about.encode()).hexdigest(), hashlib.sha256(other).hexdigest())
    rewritten(copied / "SHA256SUMS", changed.encode())
    assert "Python 3.99" in old_installation.run(copied, "upgrade", code=2)


def test_a_command_of_somebody_elses_is_left_alone(tmp_path: Path, old_archive: Path, old_installation: Installation) -> None:
    taken = tmp_path / "bin"
    taken.mkdir()
    (taken / "kohoban").write_text("#!/bin/sh\n")
    other = Installation(tmp_path)
    other.prefix = old_installation.prefix  # what is installed there is not installed again
    record = old_installation.prefix / "installed.json"
    before = record.read_bytes()
    record.unlink()
    try:
        assert str(taken / "kohoban") in other.run(old_archive, "install", code=2)
        assert (taken / "kohoban").read_text() == "#!/bin/sh\n"
    finally:
        record.write_bytes(before)


@pytest.mark.parametrize("words", [["frobnicate"], ["install", "--prefix"], ["upgrade", "--wat"]])
def test_what_is_not_understood_is_said_with_where_to_look(
    old_installation: Installation, old_archive: Path, words: list[str]
) -> None:
    command = [str(old_archive / "kohoban-install"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "KOHOBAN_LANG": "en"})
    assert (done.returncode, done.stdout) == (2, "")
    assert "kohoban-install --help" in done.stderr


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_help_names_every_command_and_exit_code(old_archive: Path, lang: str) -> None:
    command = [str(old_archive / "kohoban-install"), "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "KOHOBAN_LANG": lang}).stdout
    for word in ("install", "upgrade", "rollback", "uninstall", "list", "--office", "--users", "130"):
        assert word in said
