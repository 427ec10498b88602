"""What `doctor` says of the machine around an office: each check finds what is wrong, and says how to mend it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from console.cli import surroundings
from console.cli.surroundings import door, lease, limits, numbers, numbers_of, service
from console.installation.units import files

GOOD = "forcecommand /usr/local/bin/kohoban\ndisableforwarding yes\npermituserrc no\nusedns no\nusepam yes\n"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", "en")


def test_limits_of_the_kernel_that_are_too_low_are_named_with_what_to_write(tmp_path: Path) -> None:
    for name, value in surroundings.INOTIFY.items():
        (tmp_path / name).write_text(f"{value}\n")
    assert limits(tmp_path)[0] == "ok"
    (tmp_path / "max_user_instances").write_text("8\n")
    level, said = limits(tmp_path)
    assert level == "bad"
    assert "fs.inotify.max_user_instances=32" in said and "max_user_watches" not in said


@pytest.mark.parametrize(("caps", "level"), [("0000000010000000", "ok"), ("0000000000000000", "bad"), (None, "note")])
def test_whether_the_daemon_knows_who_still_writes(tmp_path: Path, caps: str | None, level: str) -> None:
    if caps is not None:
        (tmp_path / "status").write_text(f"Name:\tpython\nCapEff:\t{caps}\n")
    assert lease(tmp_path / "status")[0] == level


def test_an_ssh_that_lets_operators_in_to_nothing_else_is_good() -> None:
    assert door(["akasaka", "shibata"], lambda login: GOOD) == ("ok", "ssh lets 2 operators in to Kohoban and to nothing else")


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("forcecommand /usr/local/bin/kohoban", "forcecommand none"),
        ("disableforwarding yes", "disableforwarding no"),
        ("permituserrc no", "permituserrc yes"),
        ("usedns no", "usedns yes"),
        ("usepam yes", "usepam no"),
    ],
)
def test_one_that_is_open_for_one_of_them_is_named_with_the_setting(good: str, bad: str) -> None:
    level, said = door(["akasaka", "shibata"], lambda login: GOOD.replace(good, bad) if login == "shibata" else GOOD)
    assert level == "bad"
    assert "shibata" in said and bad.split()[0] in said and "terminals.md" in said


def test_where_sshd_cannot_be_asked_nothing_is_claimed() -> None:
    assert door(["akasaka"], lambda login: None)[0] == "note"
    assert door([], lambda login: GOOD)[0] == "note"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    found = tmp_path / "kohoban"
    (found / "state").mkdir(parents=True)
    rules = (Path(surroundings.__file__).parents[1] / "training" / "rules.toml").read_bytes()
    (found / "rules.toml").write_bytes(rules)
    return found


Manager = Callable[..., Mapping[str, str]]


def running(**other: str) -> Manager:
    return lambda unit, user=False: {"ActiveState": "active", "WatchdogUSec": "2s", **other}


@pytest.fixture
def machine(tmp_path: Path, office: Path) -> Path:
    """A machine on which the units of the office are installed."""
    from console.cli.unit_place import place

    for path, said in files(place(office, login="kohoban", group="kohoban-op")).items():
        (at := tmp_path / "root" / path.relative_to("/")).parent.mkdir(parents=True, exist_ok=True)
        at.write_text(said)
    return tmp_path / "root"


def test_units_as_they_should_be_are_good(office: Path, machine: Path) -> None:
    assert service(office, "kohoban", running(), machine)[0] == "ok"


def test_without_units_it_is_said_how_to_get_them(office: Path, tmp_path: Path) -> None:
    level, said = service(office, "kohoban", running(), tmp_path / "empty")
    assert level == "note" and "kohoban service install" in said


def test_a_unit_that_somebody_has_changed_is_named(office: Path, machine: Path) -> None:
    unit = machine / "etc/systemd/system/kohoban.service"
    unit.write_text(unit.read_text().replace("PrivateUsers=no", "PrivateUsers=yes"))
    level, said = service(office, "kohoban", running(), machine)
    assert level == "bad" and "kohoban.service" in said and "kohoban service install" in said


@pytest.mark.parametrize(
    ("seen", "word"),
    [({"ActiveState": "failed"}, "systemctl enable --now kohoban"), ({"WatchdogUSec": "infinity"}, "WatchdogSec")],
)
def test_a_unit_that_is_down_or_unwatched_is_named(office: Path, machine: Path, seen: dict[str, str], word: str) -> None:
    level, said = service(office, "kohoban", running(**seen), machine)
    assert level == "bad" and word in said


NUMBERS = {"up": 1.0, "threads_hung": 0.0, "releaser_up": 1.0, "writer_lag_seconds": 0.001}


@pytest.mark.parametrize(
    ("other", "age", "level"),
    [
        ({}, 1, "ok"),
        ({"up": 0.0}, 1, "note"),
        ({}, 300, "bad"),
        ({"threads_hung": 1.0}, 1, "bad"),
        ({"releaser_up": 0.0}, 1, "bad"),
    ],
)
def test_what_the_daemon_last_wrote_of_itself_is_read(tmp_path: Path, other: dict[str, float], age: float, level: str) -> None:
    now = time.time()
    lines = {**NUMBERS, **other, "written_timestamp_seconds": now - age}
    (tmp_path / "metrics.prom").write_text(
        "# HELP x y\n" + "".join(f"kohoban_{name} {value:.17g}\n" for name, value in lines.items())
    )
    assert numbers(tmp_path / "metrics.prom", now)[0] == level


def test_the_numbers_are_looked_for_where_the_rules_have_them_written(office: Path) -> None:
    assert numbers_of(office) == office / "state" / "metrics.prom"
    rules = office / "rules.toml"
    rules.write_text(rules.read_text().replace("[office]\n", '[office]\nmetrics = "../collector/kohoban.prom"\n', 1))
    assert numbers_of(office) == office / "../collector/kohoban.prom"
