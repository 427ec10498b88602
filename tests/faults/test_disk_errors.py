"""ENOSPC, EDQUOT, EIO and EROFS under the database, the revisions and the outbox while the office is at work: it says so, a stop works
meanwhile, and when the disk is mended nothing is lost and nothing has gone out twice."""

from __future__ import annotations

import errno
import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.gate import Gate
from daemon.wire import Approve, Done, Refusal, Status
from tests.faults.disks import LoopDisk, loop_disk
from tests.service.live_office import FACEBOOK, HANDLES, ROOT, Office, until

SHIM = Path(__file__).with_name("failing.c")
ERRORS = {name: getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EIO", "EROFS")}
PLACES = {"database": "/store/kohoban.db", "revisions": "/store/revisions/", "outbox": "/outbox/"}
WORDS = ("空きを作って", "障害", "ディスク", "書けません", "記録できません")


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that makes a disk fail for the process that loads it."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc builds the library that makes a disk fail")
    library = tmp_path_factory.mktemp("shim") / "failing.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-w", "-o", str(library), str(SHIM), "-ldl"], check=True)
    return library


@pytest.fixture
def office(found: Callable[..., Office], shim: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A running office whose disk fails as the file `fault` in its folder says."""
    office = found(plain=False)
    monkeypatch.setenv("KOHOBAN_FAULT", str(office.folder / "fault"))
    monkeypatch.setenv("LD_PRELOAD", str(shim))
    office.start()
    monkeypatch.delenv("LD_PRELOAD")
    return office


def out(office: Office) -> list[str]:
    """The releases that lie in the outbox."""
    outbox = office.folder / "outbox" / "minato-facebook"
    return [folder.name for folder in outbox.iterdir() if not folder.name.startswith(".")] if outbox.is_dir() else []


def stop_by_hand(office: Office) -> None:
    """`kohoban stop` in a process of its own stops, and the daemon sees it."""
    program = "import sys; from console.cli.stop import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", program, "--office", str(office.folder), "--json"], capture_output=True, text=True, cwd=ROOT
    )
    assert json.loads(done.stdout)["stopped"] is True, done.stderr
    assert not Gate(office.state).look().open


EVERY = list(itertools.product(PLACES, ERRORS))
SOME = [("database", "ENOSPC"), ("revisions", "EDQUOT"), ("database", "EIO"), ("outbox", "EROFS")]
"""A quick run's share: each error once, each place."""


@pytest.mark.parametrize(("where", "name"), EVERY if os.environ.get("KOHOBAN_TRIALS_DIVISOR") == "1" else SOME)
def test_a_disk_that_refuses_is_said_lets_a_stop_through_and_loses_nothing(office: Office, where: str, name: str) -> None:
    place, error = PLACES[where], ERRORS[name]
    office.drop("minato-facebook", "before.txt", "歩道橋の点検をします。", **FACEBOOK)
    before = office.row("before.txt", "waiting")
    fault = office.folder / "fault"
    fault.write_text(f"{error} {place}")

    office.drop("minato-facebook", "during.txt", "花壇の苗を配ります。", **FACEBOOK)
    caller = office.caller("azabu")
    answer = caller.answer(caller.put(Approve(draft=before.id, hash=before.hash, handle=HANDLES[before.account])))
    if place == PLACES["outbox"]:
        assert isinstance(answer, Done)
        until(lambda: "begin" in office.acts(before.id), "an attempt")
        assert office.row("before.txt", "approved", "held", "unknown", "releasing").id == before.id
        assert not out(office)
    else:
        assert isinstance(answer, Refusal | Done)
        until(lambda: any(word in alarm for alarm in office.status().alarms for word in WORDS), "an alarm")
        assert isinstance(answer, Done) or (answer.message and not answer.incident), answer
    stop_by_hand(office)
    until(lambda: office.status().gate.stopped, "the stop seen")

    fault.unlink()
    if any("起動し直" in alarm for alarm in office.status().alarms):  # after EIO and EROFS: nobody knows what such a disk did
        office.kill()
        office.start()
    office.row("during.txt")
    decided = {draft for (draft,) in office.database("SELECT draft FROM approvals")}
    assert (before.id in decided) >= isinstance(answer, Done)
    office.record_is_whole()
    office.resume()
    if any("発信できませんでした" in alarm for alarm in office.status().alarms):
        office.rested(before.account)
    state = office.row("before.txt").state
    if state in ("waiting", "held"):
        caller = office.caller("azabu")
        caller.ask(Approve(draft=before.id, hash=before.hash, reason="ディスクを直した", handle=HANDLES[before.account]), Done)
    if state != "unknown":
        office.row("before.txt", "released")
        assert len([name for name in out(office) if name.endswith("-before")]) == 1
    office.record_is_whole()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[LoopDisk]:
    with loop_disk(tmp_path) as disk:
        yield disk


@pytest.mark.parametrize("how", [LoopDisk.cut, LoopDisk.turn_read_only], ids=["gone", "read-only"])
def test_a_real_disk_that_fails_under_the_office_is_said_and_with_the_gate_elsewhere_a_stop_works(
    disk: LoopDisk, found: Callable[..., Office], tmp_path: Path, how: Callable[[LoopDisk], None]
) -> None:
    office = found(disk.place / "office", plain=True)
    gate = tmp_path / "gate"
    gate.mkdir()
    office.state.mkdir()
    (office.state / "gate").symlink_to(gate)  # as in an installation, where it lies on a tmpfs
    disk.sync()
    office.start()
    office.drop("minato-facebook", "before.txt", **FACEBOOK)
    row = office.row("before.txt", "waiting")
    disk.sync()
    how(disk)
    caller = office.caller("azabu")
    refusal = caller.ask(Approve(draft=row.id, hash=row.hash, handle=HANDLES[row.account]), Refusal)
    assert "ディスク" in refusal.message
    assert not refusal.incident
    # A database that cannot even be read answers no status: then the same sentence is the answer.
    status = caller.answer(caller.put(Status()))
    assert any("ディスクを確かめ" in said for said in ([status.message] if isinstance(status, Refusal) else status.alarms))
    stop_by_hand(office)
    office.kill()
    disk.unplug()
    disk.check()
    disk.plug()
    office.start()
    assert office.row("before.txt", "waiting").hash == row.hash
    assert office.status().gate.stopped
    office.record_is_whole()
