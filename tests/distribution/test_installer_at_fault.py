"""What the installer does where something goes wrong, or is not as it seems: it never says that something is done which is not, ends nobody else's
process, and follows no link."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from console.installation import offices, services, upgrading
from console.installation.going_back import rollback
from console.installation.main import main
from console.installation.offices import Office, units_of
from console.installation.outcome import Problem, Progress
from console.installation.place import Place, Record, Switch
from console.installation.units import Place as Units
from console.installation.units import files

LISTENS = """
import os, signal, socket, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.chdir(sys.argv[1])
line = socket.socket(socket.AF_UNIX)
line.bind("state/socket")
line.listen()
print("up", flush=True)
signal.pause()
"""


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """The folder of an office."""
    folder = tmp_path / "office"
    (folder / "state").mkdir(parents=True)
    (folder / "rules.toml").touch()
    return folder


@pytest.fixture
def place(tmp_path: Path, office: Path) -> Place:
    """An installation that knows it."""
    place = Place(tmp_path / "opt")
    for version in ("0.9", "1.0"):
        place.folder(version).mkdir(parents=True)
        (place.folder(version) / "installed.json").touch()
    place.switch_to("1.0")
    place.save(Record(str(tmp_path / "bin"), [str(office)]))
    return place


@contextmanager
def listening(folder: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process at the office's socket that does not end when it is told to, with these words in its command line."""
    with subprocess.Popen([sys.executable, "-c", LISTENS, str(folder), *words], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"up\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_daemon_that_does_not_end_keeps_its_program(
    place: Place, office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(offices, "ENDS_WITHIN", 0.2)
    with listening(office, "daemon.service.main") as process:
        assert main(["uninstall", "--yes", "--prefix", str(place.prefix)]) == 2
        assert process.poll() is None
    said = capsys.readouterr()
    assert str(office) in said.err and said.out == ""
    assert place.in_force() == "1.0" and place.load().offices == [str(office)]
    assert main(["uninstall", "--yes", "--prefix", str(place.prefix)]) == 0
    assert not place.prefix.exists()


def test_whoever_holds_the_socket_for_a_daemon_is_not_told_to_end(office: Path) -> None:
    with listening(office) as manager:
        with pytest.raises(Problem, match=str(manager.pid)):
            Office(office).stop(Progress())
        status = Path(f"/proc/{manager.pid}/status").read_text()
        pending = int(next(line for line in status.splitlines() if line.startswith("ShdPnd")).split()[1], 16)
        assert manager.poll() is None and not pending & 1 << (signal.SIGTERM - 1)


def test_an_office_that_is_gone_hinders_nobody_but_its_units_do(
    place: Place, office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed(office, tmp_path, monkeypatch)
    (office / "rules.toml").unlink()
    assert main(["uninstall", "--yes", "--prefix", str(place.prefix)]) == 2
    assert "city-hall.service" in capsys.readouterr().err
    assert place.in_force() == "1.0"
    for unit in (tmp_path / "units").iterdir():
        unit.unlink()
    assert main(["uninstall", "--yes", "--prefix", str(place.prefix)]) == 0


def installed(office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, also: tuple[Path, ...] = ()) -> None:
    """Units of this office under a name of the admin's, as `kohoban service install --name` writes them; and one that only mentions it."""
    units = tmp_path / "units"
    units.mkdir()
    made = files(Units(name="city-hall", office=office, bin=Path("/opt/bin"), releaser="out", also=also))
    for path, said in made.items():
        if path.suffix in (".service", ".socket"):
            (units / path.name).write_text(said)
    (units / "save.service").write_text(f"[Service]\nExecStart=/usr/bin/tar -cf /backup.tar {office}\n")
    monkeypatch.setattr(offices, "UNITS", units)
    monkeypatch.setattr(offices, "BOOTED", tmp_path)


def test_units_are_made_anew_under_the_name_and_with_the_folders_that_were_chosen(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(office, tmp_path, monkeypatch, (Path("/var/backups/kohoban"), Path("/srv/the other")))
    assert units_of(office) == ["city-hall-releaser.service", "city-hall.service", "city-hall.socket"]
    asked: list[list[str]] = []
    monkeypatch.setattr(services, "_service", lambda program, words, office: asked.append(words))
    services.install(Place(tmp_path), Office(office), start=False)
    services.uninstall("kohoban", Office(office))
    chosen = ["--name", "city-hall", "--write", "/var/backups/kohoban", "--write", "/srv/the other"]
    assert asked[0][-7:] == [*chosen, "--no-start"]
    assert asked[1] == ["uninstall", "--name", "city-hall"]


def test_the_folder_of_a_backup_is_never_what_somebody_has_put_in_its_place(office: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("giving a folder to another login needs root")
    os.chown(office / "state", 4711, 4711)
    ours, theirs = Office(office), tmp_path / "theirs"
    theirs.mkdir()
    (tmp_path / "link").symlink_to(theirs)
    with pytest.raises(OSError, match="link"):
        ours.folder_of_its_own(tmp_path / "link")
    assert theirs.stat().st_uid == 0
    # Two offices of one name, of two logins: the backups of the one are not given to the other.
    made = ours.folder_of_its_own(tmp_path / "backups")
    os.chown(office / "state", 4712, 4712)
    other = Office(office).folder_of_its_own(tmp_path / "backups")
    assert (made.stat().st_uid, other.stat().st_uid) == (4711, 4712)
    assert (made.stat().st_mode | other.stat().st_mode) & 0o077 == 0


def test_what_is_installed_can_be_run_by_other_logins_whatever_the_umask_of_root(tmp_path: Path) -> None:
    here = Path(__file__).resolve().parents[2]
    program = (
        "import os, subprocess, sys; from pathlib import Path; os.umask(0o077)\n"
        "from console.installation.main import main\n"
        "from console.installation.offices import Office\n"
        f"main(['list', '--prefix', {str(tmp_path)!r}])\n"
        "Path('made').mkdir()\n"
        f"print(Office(Path({str(tmp_path)!r})).run(['sh', '-c', 'umask'])[1])\n"
    )
    (tmp_path / "rules.toml").touch()
    said = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(here)},
    )
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o755
    assert said.stdout.strip() == "0077", "what is started for an office has the caller's own"


def test_what_went_wrong_is_said_without_anybody_elses_control_characters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["uninstall", "--prefix", str(tmp_path / "a\x1b[2Jb")]) == 2
    said = capsys.readouterr().err
    assert "\x1b" not in said and "a�[2Jb" in said


class Returning(Office):
    """An office whose database comes back by a work of its own; `fails` says how often that goes wrong."""

    def __init__(self, folder: Path, fails: int) -> None:
        super().__init__(folder)
        self.fails, self.up, self.done = fails, True, list[str]()

    def pid(self) -> int | None:
        return 4711 if self.up else None

    def stop(self, tell: Progress) -> list[str]:
        self.up = False
        return []

    def start(self, place: Place, version: str, units: Any, tell: Progress) -> None:
        self.up = True
        self.done.append(version)

    def work(self, python: Path, module: str, words: Any, tell: Progress) -> dict[str, Any]:
        if words[0] == "back":
            if self.fails:
                self.fails -= 1
                raise Problem("no room")
            Path(words[2], "upgrade.json").unlink()
        return {"out": [], "decided": [], "comments": [], "aside": "/newer", "seq": 7}

    def run(self, command: Any) -> tuple[int, str]:
        return 0, ""


def test_a_rollback_that_fails_half_way_is_taken_up_again_where_it_was(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asides = {}
    for name in ("first", "second"):
        (tmp_path / name / "aside").mkdir(parents=True)
        (tmp_path / name / "aside" / "upgrade.json").touch()
        (tmp_path / name / "rules.toml").touch()
        asides[str(tmp_path / name)] = {"aside": str(tmp_path / name / "aside"), "backup": "/b.tar"}
    (scripts := place.folder("1.0") / "lib/python3.11/site-packages/daemon/service").mkdir(parents=True)
    (scripts / "noting_main.py").touch()
    record = place.load()
    record.switch = Switch("0.9", "1.0", asides)
    place.save(record)
    found = {
        str(tmp_path / "first"): Returning(tmp_path / "first", 0),
        str(tmp_path / "second"): Returning(tmp_path / "second", 1),
    }
    first, second = found.values()
    monkeypatch.setattr("console.installation.going_back.Office", lambda folder: found[str(folder)])

    with pytest.raises(Problem, match="no room") as half:
        rollback(place)
    assert str(first.folder) in str(half.value) and str(second.folder) not in str(half.value)
    assert place.in_force() == "1.0"
    assert (first.up, second.up) == (False, True), (
        "on its old database the one must not run under the new program; the other goes on"
    )
    assert second.done == ["1.0"]

    assert rollback(place) == 0
    assert place.in_force() == "0.9" and place.load().switch is None
    assert (first.done, second.done) == (["0.9"], ["1.0", "0.9"])
    assert str(first.folder) in capsys.readouterr().out


def test_only_the_last_switch_is_ever_taken_for_one_that_was_broken_off(place: Place, office: Path) -> None:
    for name, before in (("20261101-090000", "1.0"), ("20261102-090000", "0.9")):
        (aside := office / "state" / "aside" / name).mkdir(parents=True)
        (aside / "upgrade.json").write_text(json.dumps({"before": before}))
    asked: list[list[str]] = []

    class Asked(Office):
        def work(self, python: Path, module: str, words: Any, tell: Progress) -> dict[str, Any]:
            asked.append(list(words))
            return {"out": [], "aside": "/elsewhere"}

    # 1.0, then 0.9 after it, then back to 1.0: what 1.0 once left is no half upgrade of it.
    upgrading._put_right(place, Asked(office), "1.0", "1.1", Progress())
    assert asked == []
    upgrading._put_right(place, Asked(office), "0.9", "1.0", Progress())
    assert asked == [["back", "--aside", str(office / "state" / "aside" / "20261102-090000")]]
