"""Two installers at once in one folder: the second one says who is at work and changes nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from console.installation import main as installer
from console.installation.alone import WHO, alone
from console.installation.outcome import REFUSED, Problem
from console.words import catalogue

ROOT = Path(__file__).resolve().parents[2]
HOLDS = """
import sys
from pathlib import Path
from console.installation.alone import alone
with alone(Path(sys.argv[1]), sys.argv[2]):
    print("at work", flush=True)
    sys.stdin.read()
"""


@contextmanager
def at_work(prefix: Path, command: str = "upgrade") -> Iterator[subprocess.Popen[str]]:
    """Another installer that works in this folder."""
    environment = {**os.environ, "SUDO_USER": "urano", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(prefix), command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "at work\n"
        yield other
        assert other.stdin is not None
        other.stdin.close()


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    (tmp_path / "opt" / "versions").mkdir(parents=True)
    return tmp_path / "opt"


def there(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("command", ["install", "upgrade", "rollback", "uninstall"])
def test_the_second_one_says_who_is_at_work_and_changes_nothing(
    prefix: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with at_work(prefix) as other:
        before = there(prefix)
        assert installer.main([command, "--prefix", str(prefix), "--yes"]) == REFUSED
        said = capsys.readouterr().err
        assert "urano" in said and str(other.pid) in said and "upgrade" in said
        assert there(prefix) == before


def test_to_look_needs_nobody_to_wait(prefix: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with at_work(prefix):
        assert installer.main(["list", "--prefix", str(prefix)]) != REFUSED
    assert WHO not in capsys.readouterr().err


def test_one_that_was_killed_keeps_nobody_out(prefix: Path) -> None:
    with at_work(prefix) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert (prefix / WHO).exists()
        with alone(prefix, "upgrade"):
            pass
    assert not (prefix / WHO).exists()


def test_one_that_ended_in_order_leaves_nothing_behind(prefix: Path, tmp_path: Path) -> None:
    with alone(prefix, "upgrade"):
        assert there(prefix) == [WHO, "versions"]
    assert there(prefix) == ["versions"]
    with pytest.raises(ZeroDivisionError), alone(tmp_path / "new", "install"):
        1 / 0  # noqa: B018
    assert not (tmp_path / "new").exists(), "nothing came of the installation"


def test_where_nothing_is_installed_nothing_is_made(tmp_path: Path) -> None:
    with alone(tmp_path / "nowhere", "upgrade"):
        assert not (tmp_path / "nowhere").exists()


def test_a_note_of_who_works_that_is_none_is_no_hindrance_and_no_help(prefix: Path) -> None:
    with at_work(prefix):
        (prefix / WHO).write_bytes(b"\xff[")
        with pytest.raises(Problem) as found, alone(prefix, "install"):
            pass
    assert found.value.code == REFUSED
    assert "?" in str(found.value)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_documents_name_the_code(lang: str) -> None:
    assert f"{REFUSED} " in catalogue("install", lang)["help.all"]  # type: ignore[arg-type]
    assert "だれがいつから動かしているか" in (ROOT / "docs" / "installation.md").read_text(encoding="utf-8")
