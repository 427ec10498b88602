"""The gate's files and a daemon that lives: what people put there it sees, and says; what it cannot clear away it names."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.gate import Gate
from daemon.wire import Done, Resume, ResumeCode, StopState
from tests.service.conftest import found
from tests.service.live_office import Office, until

__all__ = ["found"]

Found = Callable[..., Office]
ME = pwd.getpwuid(os.getuid()).pw_name


def stop(office: Office, *options: str) -> None:
    command = [sys.executable, "-c", "import sys; from console.launch import main; sys.exit(main())"]
    subprocess.run([*command, "stop", "--office", office.folder, *options], check=True, capture_output=True)


def resume(office: Office, scope: str = "all") -> Done:
    caller = office.caller("shibata")
    return caller.ask(Resume(code=caller.ask(ResumeCode(), StopState).code, reason="点検を終えたため", scope=scope), Done)


def refusal(office: Office) -> str:
    caller = office.caller("shibata")
    code = caller.ask(ResumeCode(), StopState).code
    return caller.refused(Resume(code=code, reason="点検を終えたため"), "stopped").message


@pytest.mark.clause("saitama/11")
def test_who_stopped_while_the_daemon_was_dead_is_known_when_it_comes_back(found: Found) -> None:
    office = found().start()
    office.kill()
    stop(office)
    gate = office.start().status().gate
    assert (gate.stopped, gate.by) == (True, ME)
    assert gate.since is not None
    resume(office)
    assert office.status().gate.stopped is False


@pytest.mark.clause("saitama/11")
def test_what_keeps_a_resume_from_opening_is_named_until_it_is_taken_away(found: Found) -> None:
    office = found().start()
    odd = office.state / "STOP"
    odd.mkdir()
    until(lambda: office.status().gate.stopped, "the stop")
    mend = f"state/STOP がフォルダになっています。中を確かめ、取り除いてから再開してください: rmdir {odd}"
    assert mend in office.status().gate.why
    assert mend in refusal(office)
    assert not Gate(office.state).look().open
    odd.rmdir()
    resume(office)
    assert Gate(office.state).look().open


def test_a_gate_that_leads_nowhere_is_named_and_comes_back_by_a_resume(found: Found, tmp_path: Path) -> None:
    office = found().start()
    shutil.rmtree(office.state / "gate")
    (office.state / "gate").symlink_to(tmp_path / "lost")
    until(lambda: office.status().gate.stopped, "the stop")
    assert f"state/gate のリンク先 {tmp_path / 'lost'} がありません" in refusal(office)
    (tmp_path / "lost").mkdir()
    resume(office)
    assert (tmp_path / "lost" / "RUN").exists()


def test_parts_stopped_by_hand_are_seen_and_resumed_one_by_one(found: Found) -> None:
    office = found().start()
    for name in ("STOP.minato-x", "gate/STOP.facebook", "STOP.actions"):
        (office.state / name).touch()
    until(lambda: len(office.status().gate.scopes) == 3, "the stops")
    seen = office.status()
    assert (seen.gate.stopped, seen.gate.scopes) == (False, ("actions", "facebook", "minato-x"))
    assert {account.id for account in seen.accounts if account.stopped} >= {"minato-x", "minato-facebook"}
    resume(office, "facebook")
    assert office.status().gate.scopes == ("actions", "minato-x")
    assert not (office.state / "gate" / "STOP.facebook").exists()
    (office.state / "gate" / "STOP.MINATO-X").touch()
    until(lambda: office.status().gate.stopped, "a stop of everything")
    until(lambda: not (office.state / "gate" / "RUN").exists(), "the permit to go with it")
    resume(office)
    assert office.status().gate.scopes == ("actions", "minato-x")


def test_the_gate_learns_of_accounts_as_the_rules_change(found: Found) -> None:
    office = found().start()
    assert "minato-x" in Gate(office.state).known()
    rules = office.folder / "rules.toml"
    rules.write_text(rules.read_text().replace('"minato-x"', '"minato-neu"'))
    until(lambda: "minato-neu" in Gate(office.state).known(), "the new account")
    assert "minato-x" not in Gate(office.state).known()


@pytest.mark.parametrize("running", [True, False], ids=["of a running office", "of one that went down in order"])
def test_a_copy_of_an_office_starts_stopped_and_leaves_the_original_alone(found: Found, tmp_path: Path, running: bool) -> None:
    office = found().start()
    if not running:
        office.stop()
    if office.process is not None:
        office.process.send_signal(signal.SIGSTOP)  # while it is copied no file of it comes or goes
    subprocess.run(["cp", "-a", office.folder, tmp_path / "copy"], check=True)
    if office.process is not None:
        office.process.send_signal(signal.SIGCONT)
    copy = found(tmp_path / "copy").start()
    assert copy.status().gate.stopped is True
    assert Gate(office.state).look().open
    resume(copy)
    assert Gate(office.state).look().open


@pytest.mark.parametrize("end", [Office.stop, Office.kill], ids=["in order", "kill -9"])
def test_a_restart_leaves_the_gate_as_it_was_found(found: Found, end: Callable[[Office], None]) -> None:
    office = found().start()
    before = (office.state / "gate" / "RUN").stat()
    end(office)
    assert office.start().status().gate.stopped is False
    assert (office.state / "gate" / "RUN").stat().st_ctime_ns == before.st_ctime_ns
    stop(office)
    end(office)
    assert office.start().status().gate.stopped is True
