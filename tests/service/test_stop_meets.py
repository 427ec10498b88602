"""A stop that meets something else halfway (a resume, a card, a restart, a platform that hangs) loses nothing of itself."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from daemon.gate import Gate
from daemon.release.simulated import asked
from daemon.release.simulator import Behave
from daemon.wire import ConfirmResume, Done, Refusal, Resume, ResumeCode, Stopped, StopState, Take
from tests.service.live_office import FACEBOOK, MINATO, PATIENCE, Caller, Office, until
from tests.service.test_simulated_release import simulated  # noqa: F401  a fixture

pytestmark = pytest.mark.timeout(300)

WHY = "点検を終えたため"
MARKS = ("STOP", "gate/STOP")


@contextmanager
def slow_disk(office: Office) -> Iterator[None]:
    """Nothing can be written down for so long."""
    with closing(sqlite3.connect(office.state / "store" / "kohoban.db", isolation_level=None, timeout=PATIENCE)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("ROLLBACK")


def open_gate(office: Office) -> bool:
    return Gate(office.state).look().open


def stands(office: Office, scope: str) -> bool:
    return scope in Gate(office.state).look().scopes


def resuming(office: Office, scope: str = "all") -> tuple[Caller, str]:
    """A manager has typed the code, and the resume is being written down."""
    manager = office.caller("shibata")
    code = manager.ask(ResumeCode(), StopState).code
    number = manager.put(Resume(code=code, reason=WHY, scope=scope))
    until(lambda: (office.state / "gate" / "RUN.new").exists(), "a permit that is being prepared")
    return manager, number


def stop_from_outside(office: Office) -> None:
    assert Gate(office.state).shut("all", by="omiya").silent_ms is not None


def touch_again(office: Office) -> None:
    (office.state / "STOP").touch()


@pytest.mark.clause("saitama/11")
@pytest.mark.parametrize("stop", [stop_from_outside, touch_again])
def test_a_stop_that_comes_while_a_resume_is_written_down_wins(fresh: Office, stop: Callable[[Office], None]) -> None:
    fresh.caller("omiya").ask(Stopped(), StopState)
    with slow_disk(fresh):
        manager, number = resuming(fresh)
        stop(fresh)
    answer = manager.answer(number)
    assert isinstance(answer, Refusal), answer
    assert answer.code == "stopped"
    assert not open_gate(fresh)
    for mark in MARKS:
        (fresh.state / mark).unlink(missing_ok=True)
    assert not open_gate(fresh)  # there is no permit either
    fresh.resume()
    assert open_gate(fresh)


def test_a_stop_that_is_reported_while_a_resume_is_written_down_wins_and_stands_on_record(fresh: Office) -> None:
    fresh.caller("omiya").ask(Stopped(), StopState)
    with slow_disk(fresh):
        manager, number = resuming(fresh)
        viewer = fresh.caller("kansa")
        stopped = viewer.put(Stopped(reason="別のアカウントでも"))
        until(lambda: not (fresh.state / "gate" / "RUN.new").exists(), "a stop that has been heard")
    assert manager.answer(number).code == "stopped"
    assert viewer.answer(stopped).stopped
    gate = fresh.status().gate
    assert gate.stopped
    assert gate.unconfirmed == ("all",)
    assert fresh.database("SELECT count(*) FROM stops WHERE ended_at IS NULL") == [(1,)]


def test_a_code_that_was_read_before_another_stop_resumes_nothing(fresh: Office) -> None:
    fresh.caller("omiya").ask(Stopped(), StopState)
    manager = fresh.caller("shibata")
    code = manager.ask(ResumeCode(), StopState).code
    fresh.caller("kansa").ask(Stopped(reason="まだ続いている"), StopState)
    manager.refused(Resume(code=code, reason=WHY), "code")
    assert not open_gate(fresh)
    fresh.resume()


def test_a_stop_while_the_first_person_asks_for_a_resume_makes_the_question_void(found: Callable[..., Office]) -> None:
    office = found()
    rules = office.folder / "rules.toml"
    rules.write_text(rules.read_text().replace("[office]\n", "[office]\nresume_persons = 2\n", 1))
    office.start()
    office.caller("omiya").ask(Stopped(), StopState)
    first, viewer = office.caller("shibata"), office.caller("kansa")
    code = first.ask(ResumeCode(), StopState).code
    with slow_disk(office):
        number = first.put(Resume(code=code, reason=WHY))
        stopped = viewer.put(Stopped(reason="まだ続いている"))
        until(lambda: its_code(office) != code, "a stop that has been heard")
    assert isinstance(first.answer(number), Refusal)
    viewer.answer(stopped)
    assert office.status().gate.asked is None
    office.caller("urano").refused(ConfirmResume(code="0000"), "no_such")


def its_code(office: Office) -> str:
    with Caller(office.state) as caller:
        caller.hello("shibata")
        return str(caller.ask(ResumeCode(), StopState).code)


def watched(office: Office) -> None:
    """Wait until rounds are being made."""
    office.drop("minato-facebook", "first.txt", "児童館の開館時間を延ばします。", **FACEBOOK)
    office.approve("first.txt", "azabu")
    office.row("first.txt", "released")


def both_marks_gone(office: Office) -> None:
    for folder in (office.state, office.state / "gate"):
        (folder / "STOP.minato-facebook").unlink()


def test_the_stop_of_a_part_ends_by_a_resume_and_not_by_taking_its_marks_away(fresh: Office) -> None:
    watched(fresh)
    fresh.caller("omiya").ask(Stopped(scope="minato-facebook"), StopState)
    until(lambda: fresh.database("SELECT 1 FROM audit WHERE act = 'gate'"), "a round that has seen it")
    both_marks_gone(fresh)
    until(lambda: stands(fresh, "minato-facebook"), "a stop put back")
    fresh.stop()
    both_marks_gone(fresh)
    fresh.start()
    until(lambda: stands(fresh, "minato-facebook"), "a stop put back at the start")
    manager = fresh.caller("azabu")
    code = manager.ask(ResumeCode(), StopState).code
    manager.ask(Resume(code=code, reason=WHY, scope="minato-facebook"), Done)
    fresh.drop("minato-facebook", "on.txt", "盆踊りの練習会を開きます。", **FACEBOOK)
    fresh.approve("on.txt", "azabu")
    fresh.row("on.txt", "released")
    assert not stands(fresh, "minato-facebook")


def test_a_stop_that_could_not_be_written_down_is_written_down_later(fresh: Office) -> None:
    watched(fresh)
    with slow_disk(fresh):
        (fresh.state / "gate" / "STOP").touch()
        until(lambda: '"round": "gate"' in fresh.said(), "a round whose writing failed")
    until(lambda: fresh.status().gate.unconfirmed == ("all",), "the stop on record")
    until(lambda: fresh.database("SELECT 1 FROM audit WHERE act = 'gate'"), "what was seen at the gate")
    fresh.resume()


def test_a_platform_that_hangs_does_not_keep_a_lone_mark_from_being_made_whole(simulated: Office) -> None:  # noqa: F811
    platform = str(simulated.state / "platform" / "socket")
    asked(platform, Behave(drop="before", times=1))
    simulated.drop("minato-facebook", "lost.txt", "図書館の返却箱を移しました。", **FACEBOOK)
    simulated.approve("lost.txt", "azabu")
    simulated.row("lost.txt", "unknown")
    pid = next(int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit() and platform in _command(each))
    os.kill(pid, signal.SIGSTOP)
    try:
        before = simulated.steps("looks")
        until(lambda: simulated.steps("looks") > before, "one that is looking, and waits ten seconds for its answer")
        looked = simulated.steps("looked")
        (simulated.state / "STOP").touch()
        until(lambda: not (simulated.state / "gate" / "RUN").exists(), "a stop made whole")
        assert simulated.steps("looked") == looked, "it still waits"
        until(lambda: simulated.status().gate.unconfirmed == ("all",), "the stop on record")
    finally:
        os.kill(pid, signal.SIGCONT)


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_text()
    except OSError:
        return ""


def test_a_release_whose_channel_a_backup_cannot_name_is_not_looked_up_by_the_hand(fresh: Office) -> None:
    fresh.drop("minato-x", "old.txt", "区民まつりの出店者を募ります。", **MINATO)
    row = fresh.row("old.txt", "waiting")
    fresh.stop()
    with closing(sqlite3.connect(fresh.state / "store" / "kohoban.db")) as db, db:
        begun = db.execute("SELECT max(at) FROM audit").fetchone()[0]
        db.execute("UPDATE drafts SET state = 'unknown' WHERE id = ?", (row.id,))
        db.execute(
            "INSERT INTO releases (draft, hash, account, channel, epoch, state, holder, begun_at, ended_at, body, detail) "
            "VALUES (?, ?, 'minato-x', '', 0, 'unknown', '', ?, ?, '', 'begun after the backup')",
            (row.id, row.hash, begun, begun),
        )
    fresh.start()
    fresh.ahead(5)
    until(lambda: fresh.status().gate.in_flight, "what is in flight")
    fresh.drop("minato-facebook", "new.txt", "納涼会の会場を変えました。", **FACEBOOK)
    fresh.approve("new.txt", "azabu")
    fresh.row("new.txt", "released")
    assert "gave no report" not in fresh.said()
    assert fresh.row("old.txt").state == "unknown"


def cards(office: Office) -> list[Path]:
    folder = office.folder / "cards" / "minato-x"
    return [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []


def test_the_files_of_a_card_go_away_when_the_stop_was_made_while_the_daemon_was_down(fresh: Office) -> None:
    fresh.drop("minato-x", "card.txt", "高齢者向けの体操教室の会場を変えました。", **MINATO)
    fresh.take(fresh.approve("card.txt", "shibata"))
    assert cards(fresh)
    fresh.stop()
    Gate(fresh.state).shut(by="omiya")
    fresh.start()
    until(lambda: not cards(fresh), "no files of it")


def test_a_card_whose_lease_is_written_down_after_a_stop_lies_nowhere(fresh: Office) -> None:
    fresh.drop("minato-x", "card.txt", "高齢者向けの体操教室の会場を変えました。", **MINATO)
    row = fresh.approve("card.txt", "shibata")
    hand = int((fresh.state / "hand.pid").read_text().split()[0])
    os.kill(hand, signal.SIGSTOP)
    taker = fresh.caller("akasaka")
    number = taker.put(Take(draft=row.id, hash=row.hash, handle="minato_kunren"))
    fresh.row("card.txt", "releasing")
    with slow_disk(fresh):
        os.kill(hand, signal.SIGCONT)
        until(lambda: fresh.steps("reported"), "a hand that has passed the gate")
        (fresh.state / "STOP.minato-x").touch()
    answer = taker.answer(number)
    assert isinstance(answer, Refusal) or not answer.folder
    until(lambda: not cards(fresh), "no files of it")
    fresh.record_is_whole()
