"""The units that are made for an office: what they must say, whatever the office is called and wherever it lies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from console.cli import unit_place
from console.installation.units import Place, files, name_of, quoted, user_files

PLACE = Place(name="kohoban", office=Path("/srv/kohoban"), bin=Path("/opt/kohoban/current/bin"), releaser="kohoban-out")
KOHOBAN = str(Path(sys.executable).with_name("kohoban"))
Run = Callable[..., subprocess.CompletedProcess[str]]


def settings(place: Place, unit: str) -> list[tuple[str, str]]:
    text = next(said for path, said in files(place).items() if path.name == unit)
    pairs = [line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#")]
    return [(name, value) for name, _, value in pairs]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`kohoban` in an office in `tmp_path/office`."""
    office = tmp_path / "office"
    subprocess.run([KOHOBAN, "init", str(office)], check=True, capture_output=True)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "KOHOBAN_LANG": "en"}
        return subprocess.run([KOHOBAN, *words, "--office", str(office)], capture_output=True, text=True, check=False, env=env)

    return run


def test_the_daemon_sees_who_speaks_to_it() -> None:
    found = settings(PLACE, "kohoban.service")
    assert {("PrivateUsers", "no"), ("ProtectProc", "default"), ("ProcSubset", "all")} <= set(found)


def test_only_the_releaser_has_a_network_and_only_it_the_credentials() -> None:
    place = Place(name="kohoban", office=Path("/srv/k"), bin=Path("/opt/b"), releaser="out", credentials=("minato-x",))
    daemon, releaser = settings(place, "kohoban.service"), settings(place, "kohoban-releaser.service")
    assert ("RestrictAddressFamilies", "AF_UNIX") in daemon
    assert ("InaccessiblePaths", "-/etc/kohoban") in daemon
    assert not [value for name, value in daemon if name == "LoadCredential"]
    assert ("RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6") in releaser
    assert ("LoadCredential", "minato-x.toml:/etc/kohoban/kohoban/minato-x.toml") in releaser


def test_without_a_releaser_of_its_own_there_is_no_unit_for_it() -> None:
    assert not [path for path in files(Place(name="k", office=Path("/s"), bin=Path("/b"))) if "releaser" in path.name]


def test_the_command_of_the_notices_is_the_postmans_alone() -> None:
    place = Place(name="kohoban", office=Path("/srv/k"), bin=Path("/opt/b"), notices=("/usr/sbin/sendmail", "-t", "-i"))
    (command,) = [value for name, value in settings(place, "kohoban-postman@.service") if name == "ExecStart"]
    assert command == "/opt/b/python -P -m daemon.service.postman 20 /usr/sbin/sendmail -t -i"
    assert ("Environment", "KOHOBAN_POSTMAN=/run/kohoban/kohoban/postman") in settings(place, "kohoban.service")
    assert "NoNewPrivileges" not in dict(settings(place, "kohoban-postman@.service")), "sendmail changes its login"


def test_an_office_in_a_home_is_bound_into_an_empty_one() -> None:
    place = Place(name="k", office=Path("/home/akasaka/office"), bin=Path("/opt/b"))
    found = settings(place, "k.service")
    assert ("ProtectHome", "tmpfs") in found
    assert ("BindPaths", "-/home/akasaka/office") in found
    assert ("ProtectHome", "yes") in settings(PLACE, "kohoban.service")


def test_a_dollar_in_the_name_of_a_folder_is_one_where_systemd_knows_no_variables() -> None:
    place = Place(name="k", office=Path("/srv/a$b"), bin=Path("/opt/b"))
    found = dict(settings(place, "k.service"))
    assert found["RequiresMountsFor"] == "/srv/a$b"
    assert found["ReadWritePaths"].split()[0] == "-/srv/a$b"
    assert found["ExecStart"].endswith("--office /srv/a$$b")


def test_a_trial_keeps_nothing_apart_and_changes_no_login() -> None:
    text = "".join(user_files(PLACE, Path("/home/akasaka")).values())
    assert "WatchdogSec=2s" in text and "Type=notify" in text and "LISTEN" not in text
    assert "User=" not in text and "/etc/" not in text


@pytest.mark.parametrize(
    ("folder", "name"),
    [("kohoban", "kohoban"), ("minato", "kohoban-minato"), ("港区 広報", "kohoban"), ("A b_c", "kohoban-a-b-c")],
)
def test_what_the_units_are_called_is_a_name_that_systemd_takes(folder: str, name: str) -> None:
    assert name_of(Path("/srv") / folder) == name


@pytest.mark.parametrize("word", ["/srv/a b", "100%", "$HOME", 'he said "no"', "back\\slash", "/srv/港区"])
def test_systemd_reads_a_path_back_as_it_was(word: str, tmp_path: Path) -> None:
    """What systemd undoes: the quotes, the backslashes, `%%` and `$$`."""
    said = quoted(word)
    if said.startswith('"'):
        said = said[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    assert said.replace("%%", "%").replace("$$", "$") == word


def test_the_program_is_named_through_the_link_that_an_upgrade_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = tmp_path / "versions" / "0.2.0"
    (version / "bin").mkdir(parents=True)
    (tmp_path / "current").symlink_to("versions/0.2.0")
    monkeypatch.setattr(sys, "prefix", str(version))
    assert unit_place.program() == tmp_path / "current" / "bin"
    (version / "venv").mkdir()
    monkeypatch.setattr(sys, "prefix", str(version / "venv"))
    assert unit_place.program() == tmp_path / "current" / "venv" / "bin"
    (tmp_path / "current").unlink()
    assert unit_place.program() == version / "venv" / "bin"


def test_systemd_itself_finds_no_fault_in_them(tmp_path: Path, run: Run) -> None:
    root = tmp_path / "root"
    assert run("service", "install", "--root", str(root), "--login", "daemon", "--group", "daemon").returncode == 0
    units = sorted((root / "etc" / "systemd" / "system").iterdir())
    try:
        said = subprocess.run(["systemd-analyze", "verify", *map(str, units)], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("systemd-analyze is not here")
    complaints = [line for line in said.stderr.splitlines() if "kohoban" in line]
    assert complaints == []


def test_a_second_installation_changes_nothing_and_a_removal_leaves_nothing(tmp_path: Path, run: Run) -> None:
    root = tmp_path / "root"
    first = json.loads(run("service", "install", "--root", str(root), "--json").stdout)
    assert len(first["written"]) == 3
    assert json.loads(run("service", "install", "--root", str(root), "--json").stdout)["written"] == []
    assert json.loads(run("service", "status", "--root", str(root), "--json").stdout)["out_of_date"] == []
    assert len(json.loads(run("service", "uninstall", "--root", str(root), "--json").stdout)["removed"]) == 3
    assert not [path for path in root.rglob("*") if path.is_file()]


def test_units_that_no_longer_agree_with_the_rules_are_named(tmp_path: Path, run: Run) -> None:
    root, rules = tmp_path / "root", tmp_path / "office" / "rules.toml"
    run("service", "install", "--root", str(root), "--write", "/var/backups", "--login", "d", "--group", "g")
    assert json.loads(run("service", "status", "--root", str(root), "--json").stdout)["out_of_date"] == []
    rules.write_text(rules.read_text().replace("[office]\n", '[office]\nreleaser = "kohoban-out"\n', 1))
    (named,) = json.loads(run("service", "status", "--root", str(root), "--json").stdout)["out_of_date"]
    assert named.endswith("kohoban-office-releaser.service")


def test_a_place_that_is_too_long_for_a_socket_is_refused_in_words(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 20) / "office"
    subprocess.run([KOHOBAN, "init", str(deep)], check=True, capture_output=True)
    env = {**os.environ, "KOHOBAN_LANG": "en"}
    said = subprocess.run(
        [KOHOBAN, "service", "print", "--office", str(deep)], capture_output=True, text=True, check=False, env=env
    )
    assert said.returncode == 2
    assert "too long" in said.stderr
