"""An office that comes to another machine: stopped, until a manager has taken over with the proof that the old one cannot send."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from daemon.gate import Gate
from daemon.service.successors import TakenOver
from daemon.store.anchor import office_of
from daemon.wire import (
    Done,
    Moved,
    MoveState,
    Released,
    Resume,
    ResumeCode,
    StopState,
    TakeOver,
)
from tests.service.live_office import MINATO, NOTICE, PATIENCE, ROOT, Office, until

pytestmark = pytest.mark.timeout(300)

PROGRAM = "import sys; from console.launch import main; sys.exit(main())"
PROOF = "X のトークンを 10:20 に作り直した（情報政策課 田中）"


def kohoban(office: Office, *words: object, who: str = "", lang: str = "ja") -> subprocess.CompletedProcess[str]:
    """One command line, as this operator."""
    said = ["--operator", who] if who else []
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, words), "--office", str(office.folder), *said],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "KOHOBAN_LANG": lang, "PYTHONPATH": str(ROOT)},
        timeout=120,
    )


def move(office: Office, name: str) -> Office:
    """From its next start on, the office finds itself on this machine."""
    (office.folder / "machine").write_text(name)
    return office


def copied(office: Office, to: Path, name: str, *, plain: bool = False) -> Office:
    """The whole folder of an office at rest, on another machine's disk."""
    shutil.copytree(office.folder, to, symlinks=True, ignore=shutil.ignore_patterns("socket*", "*.sock*"))
    other = Office.__new__(Office)
    other.__dict__.update(folder=to, state=to / "state", plain=plain, process=None, _lines=[])
    return move(other, name)


def take_over(office: Office, who: str = "shibata", how: str = "revoked") -> Done:
    with office.line() as caller:
        caller.hello(who)
        code = caller.ask(Moved(), MoveState).code
        return caller.ask(TakeOver(how=how, proof=PROOF, code=code), Done)  # type: ignore[arg-type]


@pytest.fixture
def home(found: Callable[..., Office]) -> Office:
    """An office that runs on the machine `kouhou-1`, with a draft that waits and one that is approved."""
    office = move(found(), "kouhou-1").start()
    for name in ("a.txt", "b.txt"):
        office.drop("minato-x", name, f"{name} {NOTICE}", **MINATO)
    office.all_of(["a.txt", "b.txt"], "waiting")
    office.approve("a.txt", "shibata")
    office.row("a.txt", "approved")
    return office


@pytest.fixture
def away(home: Office, tmp_path: Path) -> Iterator[Office]:
    """The same office, copied to the machine `kouhou-2` and started there."""
    home.stop()
    other = copied(home, tmp_path / "copy", "kouhou-2").start()
    yield other
    other.stop()


def test_a_restart_on_the_same_machine_is_no_move(home: Office) -> None:
    epoch = home.status().gate.epoch
    home.stop()
    home.start()
    status = home.status()
    assert status.gate.stopped is False
    assert status.gate.epoch == epoch
    home.caller("shibata").refused(TakeOver(how="off", proof=PROOF, code="0000"), "no_such")
    assert home.caller().ask(Moved(), MoveState).came_from == ()


def test_an_office_on_another_machine_starts_stopped_says_so_and_refuses_to_resume(away: Office) -> None:
    status = away.status()
    assert status.gate.stopped
    assert any("別の機械（kouhou-1）から移ってきました" in alarm for alarm in status.alarms)
    assert any("another machine (kouhou-1)" in alarm for alarm in status.alarms_en)
    manager = away.caller("shibata")
    code = manager.ask(ResumeCode(), StopState).code
    refusal = manager.refused(Resume(code=code, reason="移したため"), "moved")
    assert "kohoban takeover" in refusal.message
    assert away.status().gate.stopped
    moved = away.database("SELECT actor, record FROM audit WHERE act = 'moved'")
    assert [actor for actor, _ in moved] == ["daemon"]
    assert "kouhou-2" in moved[0][1].decode()
    away.record_is_whole()


def test_it_stays_so_over_restarts_until_somebody_has_taken_over(away: Office) -> None:
    for _ in range(2):
        away.stop()
        away.start()
        assert away.status().gate.stopped
        assert away.caller().ask(Moved(), MoveState).came_from == ("kouhou-1",)
    assert len(away.database("SELECT 1 FROM audit WHERE act = 'moved'")) == 1


def test_a_take_over_is_a_managers_with_code_and_proof_and_stays_on_record(away: Office) -> None:
    clerk = away.caller("akasaka")
    assert clerk.ask(Moved(), MoveState).code == ""
    manager = away.caller("shibata")
    state = manager.ask(Moved(), MoveState)
    assert (state.machine, state.came_from, state.taken_by) == ("kouhou-2", ("kouhou-1",), "")
    clerk.refused(TakeOver(how="off", proof=PROOF, code=state.code), "role")
    manager.refused(TakeOver(how="off", proof=PROOF, code="99999"), "code")
    manager.refused(TakeOver(how="off", proof="  ", code=state.code), "reason")
    number = manager.put(TakeOver(how="revoked", proof=PROOF, code=state.code))
    done = manager.answer(number)
    assert isinstance(done, Done) and "停止のまま" in done.message
    assert manager.ask(TakeOver(how="revoked", proof=PROOF, code=state.code), Done, number) == done  # asked again
    assert away.status().gate.stopped
    record = away.database("SELECT actor, record FROM audit WHERE act = 'take_over'")
    assert [actor for actor, _ in record] == ["shibata"]
    assert '"how":"revoked"' in record[0][1].decode()
    proofs = away.database("SELECT text FROM audit_private WHERE field = 'proof'")
    assert [text.decode() for (text,) in proofs] == [PROOF]
    away.record_is_whole()


def test_after_the_take_over_what_may_be_out_already_is_held_and_said_until_somebody_has_looked(away: Office) -> None:
    take_over(away)
    assert {away.row(name).state for name in ("a.txt", "b.txt")} == {"held"}
    assert any("引き継いだ下書き 2 件" in alarm for alarm in away.status().alarms)
    away.resume()
    assert away.status().gate.stopped is False
    assert {away.row(name).state for name in ("a.txt", "b.txt")} == {"held"}
    for name in ("a.txt", "b.txt"):
        away.approve(name, "shibata", "held")
        away.row(name, "approved")
    until(lambda: not any("引き継いだ" in alarm for alarm in away.status().alarms), "no more said of it")
    away.stop()
    assert away.start().status().gate.stopped is False


def test_an_office_that_comes_back_home_has_to_be_taken_over_there_too(away: Office, tmp_path: Path) -> None:
    take_over(away)
    away.resume()
    away.stop()
    move(away, "kouhou-1").start()
    try:
        assert away.status().gate.stopped
        assert away.caller().ask(Moved(), MoveState).came_from == ("kouhou-2",)
    finally:
        away.stop()


def test_a_second_move_before_a_take_over_names_both_machines(away: Office) -> None:
    away.stop()
    move(away, "kouhou-3").start()
    assert away.caller().ask(Moved(), MoveState).came_from == ("kouhou-1", "kouhou-2")
    away.stop()
    move(away, "kouhou-1").start()
    assert away.caller().ask(Moved(), MoveState).came_from == ("kouhou-2", "kouhou-3")


def test_a_card_that_was_out_when_the_disk_was_copied_is_unknown(home: Office, tmp_path: Path) -> None:
    row = home.row("a.txt")
    home.take(row)
    home.kill()
    other = copied(home, tmp_path / "copy", "kouhou-2").start()
    try:
        assert other.row("a.txt").state == "unknown"
        assert [each.draft for each in other.status().gate.in_flight] == [row.id]
        other.caller("akasaka").ask(Released(draft=row.id, url="https://x.com/minato_kunren/status/7"), Done)
    finally:
        other.stop()


@pytest.fixture
def outside(found: Callable[..., Office], tmp_path: Path) -> tuple[Office, Path]:
    """An office on `kouhou-1` whose anchors go to a folder that the other machine has, too."""
    share = tmp_path / "share"
    share.mkdir()
    office = move(found(), "kouhou-1")
    rules = office.folder / "rules.toml"
    text = rules.read_text(encoding="utf-8").replace("[office]\n", f"[office]\nanchors = [{json.dumps(str(share))}]\n", 1)
    rules.write_text(text, encoding="utf-8")
    return office.start(), share


def test_the_old_machine_that_comes_back_finds_who_has_taken_over_and_stops(outside: tuple[Office, Path], tmp_path: Path) -> None:
    old, share = outside
    old.stop()
    new = copied(old, tmp_path / "copy", "kouhou-2").start()
    take_over(new)
    until(lambda: list(share.glob("*.machine")), "a line in the share")
    new.resume()
    old.start()
    try:
        until(lambda: old.status().gate.stopped, "the stop of the old one")
        until(lambda: any("（kouhou-2）がこの部署を引き継いでいます" in alarm for alarm in old.status().alarms), "the reason")
        code = old.caller("shibata").ask(ResumeCode(), StopState).code
        old.caller("shibata").refused(Resume(code=code, reason="戻ったため"), "moved")
        assert new.status().gate.stopped is False
        # … and back: the one that takes over last is the one that sends.
        take_over(old)
        old.resume()
        until(lambda: _lines(share) == 2, "its line in the share")
        new.stop()
        new.start()
        until(lambda: new.status().gate.stopped, "the stop of the other one")
        assert old.status().gate.stopped is False
    finally:
        new.stop()


def test_a_resume_that_meets_the_news_of_a_take_over_opens_nothing(outside: tuple[Office, Path]) -> None:
    old, share = outside
    record = office_of(old.database("SELECT hash FROM audit WHERE seq = 1")[0][0])
    line = TakenOver(office=record, turn=1, machine="f" * 16, name="kouhou-2", at="2026-11-21T10:00:00+09:00", by="shibata")
    manager = old.caller("shibata")
    with closing(sqlite3.connect(old.state / "store" / "kohoban.db", isolation_level=None, timeout=PATIENCE)) as db:
        db.execute("BEGIN IMMEDIATE")
        (share / f"{record}.machine").write_bytes(msgspec.json.encode(line) + b"\n")
        until(lambda: not Gate(old.state).look().open, "a stop that is yet to be written down")
        code = manager.ask(ResumeCode(), StopState).code
        number = manager.put(Resume(code=code, reason="戻ったため"))
        time.sleep(0.2)  # it has come to the gate
        db.execute("ROLLBACK")
    assert manager.answer(number).code == "moved"
    assert not Gate(old.state).look().open


def _lines(share: Path) -> int:
    return sum(path.read_text().count("\n") for path in share.glob("*.machine"))


def test_two_that_have_taken_over_from_the_same_copy_stop_each_other(outside: tuple[Office, Path], tmp_path: Path) -> None:
    old, share = outside
    old.stop()
    lines = share / "lines"
    lines.mkdir()
    offices = [copied(old, tmp_path / name, name) for name in ("kouhou-2", "kouhou-3")]
    try:
        for office in offices:
            for line in share.glob("*.machine"):  # neither may see the other's yet: whoever has seen one takes over after it
                line.rename(lines / f"{office.folder.name}.{line.name}")
            office.start()
            take_over(office)
            until(lambda: list(share.glob("*.machine")), "a line in the share")
            office.resume()
            office.stop()
        name = next(share.glob("*.machine"))
        name.write_text("".join(path.read_text() for path in [*lines.iterdir(), name]))
        for office in offices:
            office.start()
            until(lambda office=office: office.status().gate.stopped, "a stop")  # type: ignore[misc]
    finally:
        for office in offices:
            office.stop()


def test_what_is_no_line_in_the_share_is_passed_over(outside: tuple[Office, Path]) -> None:
    old, share = outside
    old.stop()
    record = office_of(old.database("SELECT hash FROM audit WHERE seq = 1")[0][0])
    foreign = {"office": "0" * 16, "turn": 9, "machine": "f" * 16, "name": "x", "at": "", "by": ""}
    (share / f"{record}.machine").write_bytes(b"\xff\x00\n{}\n[]\n" + json.dumps(foreign).encode() + b"\n" + b"x" * 4096)
    old.start()
    assert old.status().gate.stopped is False


def test_a_share_that_is_not_there_keeps_no_take_over_from_being_made_and_is_said(
    outside: tuple[Office, Path], tmp_path: Path
) -> None:
    old, share = outside
    old.stop()
    other = copied(old, tmp_path / "copy", "kouhou-2")
    share.rename(tmp_path / "gone")
    other.start()
    try:
        take_over(other, how="off")
        until(lambda: any("引き継いだことを" in alarm for alarm in other.status().alarms), "what could not be written")
        other.resume()
    finally:
        other.stop()


def test_on_the_command_line_a_take_over_shows_its_code_first(away: Office) -> None:
    nothing = kohoban(away, "takeover", who="shibata")
    assert nothing.returncode == 4
    assert "kouhou-1" in nothing.stdout
    code = away.caller("shibata").ask(Moved(), MoveState).code
    assert code in nothing.stdout
    assert kohoban(away, "takeover", "--code", code, "--proof", PROOF, who="shibata").returncode == 2
    both = kohoban(away, "takeover", "--revoked", "--off", "--code", code, "--proof", PROOF, who="shibata")
    assert both.returncode == 2
    assert kohoban(away, "takeover", "--off", "--code", code, who="shibata").returncode == 4
    done = kohoban(away, "takeover", "--revoked", "--code", code, "--proof", PROOF, who="shibata")
    assert done.returncode == 0, done.stderr
    assert "停止のまま" in done.stdout
    again = kohoban(away, "takeover", who="shibata", lang="en")
    assert (again.returncode, "nothing to take over" in again.stdout) == (0, True)


def test_what_the_old_machine_sent_after_the_backup_is_known_by_its_done_folder(
    home: Office, found: Callable[..., Office]
) -> None:
    backup = home.folder / "backup.tar"
    assert kohoban(home, "backup", backup, who="shibata").returncode == 0
    row = home.row("a.txt")
    home.take(row)
    home.caller("akasaka").ask(Released(draft=row.id, url="https://x.com/minato_kunren/status/7"), Done)
    until(lambda: home.path("minato-x", "done/a.txt").exists(), "its file in done/")
    other = move(found(), "kouhou-2")
    home.kill()
    shutil.copytree(home.folder / "drafts", other.folder / "drafts")
    assert kohoban(other, "restore", backup).returncode == 0
    other.start()
    take_over(other)
    other.resume()
    assert other.row("a.txt").state == "unknown"
    assert other.row("b.txt").state == "held"
    other.drop("minato-x", "again.txt", f"a.txt {NOTICE}", **MINATO)
    again = other.show(other.row("again.txt", "waiting", "to_fix").id)
    assert [f.rule for f in again.findings if f.rule.startswith("office.")], "what may be out is known as said already"


def test_from_the_segments_alone_the_second_machine_knows_what_went_out_and_where_it_comes_from(
    home: Office, found: Callable[..., Office]
) -> None:
    row = home.row("a.txt")
    home.take(row)
    home.caller("akasaka").ask(Released(draft=row.id, url="https://x.com/minato_kunren/status/7"), Done)
    other = move(found(), "kouhou-2")
    home.kill()
    shutil.copytree(home.state / "store" / "revisions", other.state / "store" / "revisions")
    assert kohoban(other, "repair").returncode == 0
    other.start()
    assert other.status().gate.stopped
    assert other.caller().ask(Moved(), MoveState).came_from == ("kouhou-1",)
    take_over(other)
    other.resume()
    states = sorted(row.state for row in other.rows())
    assert states in (
        ["held", "released"],
        ["released", "withdrawn"],
    )  # no segment names a file: a scan may have missed it already
