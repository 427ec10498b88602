"""The tests that prove each clause are known in an installation, too, which has none of them."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from daemon.rulebook.coverage import proofs
from daemon.rulebook.proved import LIST, as_listed, known_proofs

ROOT = Path(__file__).resolve().parents[2]
PLACE = f"daemon/rulebook/{LIST}"
INFO = "kohoban-0.dist-info"
RUN = "import sys; from console.launch import run; sys.exit(run(sys.argv[1:]))"
PACKED = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from proved import list_proofs
list_proofs(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def wheel_of(folder: Path) -> Path:
    """A wheel of this tree's two packages, as a build backend makes it: files, and the record of them."""
    files = [path for room in ("console", "daemon") for path in sorted((ROOT / room).rglob("*"))]
    names = [str(path.relative_to(ROOT)) for path in files if path.is_file() and path.suffix != ".pyc"]
    wheel = folder / "kohoban-0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        for name in names:
            packed.write(ROOT / name, name)
        packed.writestr(f"{INFO}/RECORD", "".join(f"{name},,\n" for name in (*names, f"{INFO}/RECORD")))
    return wheel


def list_into(wheel: Path, tests: Path) -> bytes:
    """Put the list of these tests into a wheel as `make dist` does; the wheel's bytes."""
    command = [sys.executable, "-c", PACKED, str(wheel), str(tests), str(ROOT), str(ROOT / ".ci")]
    subprocess.run(command, check=True, cwd=wheel.parent)
    return wheel.read_bytes()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an installation of this tree has: its packages with the list, and no tests beside them."""
    folder = tmp_path_factory.mktemp("installed")
    wheel = wheel_of(folder)
    list_into(wheel, ROOT / "tests")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def there(site: Path, *command: str) -> str:
    """What this program of the installation says."""
    env = {**os.environ, "PYTHONPATH": str(site), "KOHOBAN_LANG": "en"}
    done = subprocess.run([sys.executable, *command], cwd=site.parent, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_an_installation_knows_are_this_trees_own_tests(installed: Path) -> None:
    said = there(
        installed, "-c", "import daemon.rulebook.proved as p; print(p.__file__); print(p.as_listed(p.known_proofs() or {}))"
    )
    file, _, listed = said.partition("\n")
    assert Path(file).is_relative_to(installed)
    assert json.loads(listed) == {clause: list(tests) for clause, tests in proofs(ROOT / "tests").items()}


def test_its_command_names_the_tests_of_every_clause(installed: Path) -> None:
    said = json.loads(there(installed, "-c", RUN, "policy", "coverage", "saitama", "--json"))
    known = proofs(ROOT / "tests")
    assert {one["id"]: tuple(one["tests"]) for one in said["clauses"]} == {
        one["id"]: known.get(one["id"], ()) for one in said["clauses"]
    }
    assert sum(bool(one["tests"]) for one in said["clauses"]) > 30


def test_the_record_of_the_wheel_has_the_list_and_the_same_tree_gives_the_same_bytes(tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path)
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_it.py").write_text('@pytest.mark.clause("saitama/4")\ndef test_it(): ...\n', "utf-8")
    first = list_into(wheel, tests)
    assert list_into(wheel, tests) == first, "put in twice, it is there once"
    with zipfile.ZipFile(wheel) as packed:
        assert packed.testzip() is None
        assert packed.namelist().count(PLACE) == 1
        data = packed.read(PLACE)
        record = [row for row in csv.reader(io.StringIO(packed.read(f"{INFO}/RECORD").decode())) if row[0] == PLACE]
    assert json.loads(data) == {"saitama/4": ["tests/test_it.py::test_it"]}
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    assert record == [[PLACE, f"sha256={digest}", str(len(data))]]


def test_a_list_that_is_not_there_is_no_list_of_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.rulebook.proved.own_tests", lambda: None)
    assert known_proofs(listed=tmp_path / LIST) is None
    (tmp_path / LIST).write_text(as_listed({"saitama/4": ("tests/x.py::test_it",)}), "utf-8")
    assert known_proofs(listed=tmp_path / LIST) == {"saitama/4": ("tests/x.py::test_it",)}
