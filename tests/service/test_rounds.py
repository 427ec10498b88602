"""The rounds of the watch, at a clock that the test sets: due releases, run-out leases, stops by anybody's hand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.gate import Gate
from daemon.wire import (
    Approve,
    Done,
    Released,
    Resume,
    ResumeCode,
    Schedule,
    Settle,
    Status,
    StatusAnswer,
    Stopped,
    StopState,
    Take,
)
from tests.service.live_office import FACEBOOK, MINATO, Office, until

URL = "https://x.com/minato_kunren/status/1"


@pytest.fixture
def now(office: Office) -> Iterator[None]:
    """A test that sets the clock; back at the real time afterwards."""
    yield
    office.ahead(0)


def outbox(office: Office, name: str) -> list[Path]:
    """What lies in the outbox of this draft."""
    folder = office.folder / "outbox" / "minato-facebook"
    return [path for path in folder.iterdir() if path.name.endswith(f"-{name}")] if folder.is_dir() else []


def stopped(office: Office) -> bool:
    return bool(office.status().gate.stopped)


@pytest.mark.usefixtures("now")
def test_a_scheduled_draft_goes_out_when_its_time_has_come_and_not_before(office: Office) -> None:
    office.drop("minato-facebook", "due.txt", "商店街の朝市のご案内です。", **FACEBOOK)
    row = office.approve("due.txt", "azabu", "waiting")
    office.row("due.txt", "released")
    office.drop(
        "minato-facebook",
        "later.txt",
        "創業相談会の日程が決まりました。",
        release_at=office.status().now + timedelta(hours=1),
        **FACEBOOK,
    )
    row = office.approve("later.txt", "azabu")
    assert office.row("later.txt").state == "scheduled"
    office.drop("minato-facebook", "sooner.txt", "工場見学の参加者を募ります。", **FACEBOOK)
    office.approve("sooner.txt", "azabu")
    office.row("sooner.txt", "released")
    assert office.row("later.txt").state == "scheduled"
    assert not outbox(office, "later")
    office.ahead(3601)
    office.row("later.txt", "released")
    assert len(outbox(office, "later")) == 1
    assert office.acts(row.id) == ["receive", "approve", "due", "begin", "released"]


@pytest.mark.usefixtures("now")
def test_a_scheduled_card_can_be_taken_from_its_time_on(office: Office) -> None:
    office.drop("minato-x", "card.txt", "図書館の開館時間が変わります。", **MINATO)
    row = office.approve("card.txt", "shibata")
    author = office.caller("akasaka")
    at = office.status().now + timedelta(minutes=30)
    assert author.ask(Schedule(draft=row.id, hash=row.hash, at=at), Done).state == "scheduled"
    author.refused(Take(draft=row.id, hash=row.hash, handle="minato_kunren"), "time")
    office.ahead(1801)
    office.row("card.txt", "approved")
    assert office.take(row).draft == row.id
    author.ask(Released(draft=row.id, url=URL), Done)


@pytest.mark.usefixtures("now")
def test_a_moment_that_passed_long_ago_is_asked_again(office: Office) -> None:
    release_at = office.status().now + timedelta(hours=1)
    office.drop("minato-facebook", "long-ago.txt", "展示会の会場を移しました。", release_at=release_at, **FACEBOOK)
    office.approve("long-ago.txt", "azabu")
    office.row("long-ago.txt", "scheduled")
    office.stop()
    office.ahead(3 * 3600)
    office.start()
    office.row("long-ago.txt", "held")
    assert not outbox(office, "long-ago")


@pytest.mark.usefixtures("now")
def test_a_card_held_too_long_is_unknown_until_somebody_has_looked(office: Office) -> None:
    office.drop("minato-x", "lease.txt", "プールの利用券を窓口でお渡ししています。", **MINATO)
    row = office.approve("lease.txt", "shibata")
    office.take(row)
    office.ahead(601)
    office.row("lease.txt", "unknown")
    assert row.id in [flight.draft for flight in office.status().gate.in_flight]
    settled = office.caller("akasaka").ask(Settle(draft=row.id, outcome="released", url=URL), Done)
    assert settled.state == "released"
    assert row.id not in [flight.draft for flight in office.status().gate.in_flight]


@pytest.mark.parametrize("folder", ["", "gate"])
def test_a_stop_touched_by_hand_is_recorded_and_stays_when_the_file_is_removed_again(office: Office, folder: str) -> None:
    listener = office.caller(events=True)
    file = office.state / folder / "STOP"
    file.touch()
    listener.event(lambda event: event.kind == "gate")
    assert stopped(office)
    file.unlink(missing_ok=True)
    office.drop("minato-facebook", f"while{folder}.txt", f"産業まつり{folder}の出店者を募ります。", **FACEBOOK)
    office.approve(f"while{folder}.txt", "azabu")
    assert stopped(office)
    assert not outbox(office, f"while{folder}")
    office.resume()


def test_a_permit_removed_by_hand_is_a_stop_and_one_put_back_is_none(office: Office) -> None:
    listener = office.caller(events=True)
    run = office.state / "gate" / "RUN"
    text = run.read_bytes()
    run.rename(run.with_name("RUN.kept"))
    listener.event(lambda event: event.kind == "gate")
    assert stopped(office)
    run.with_name("RUN.kept").rename(run)
    assert stopped(office)
    run.unlink()
    run.write_bytes(text)
    assert stopped(office)
    office.resume()


def test_a_stop_of_one_account_leaves_the_others_at_work(office: Office) -> None:
    listener = office.caller(events=True)
    (office.state / "STOP.minato-facebook").touch()
    listener.event(lambda event: event.kind == "gate")
    assert [a.id for a in office.status().accounts if a.stopped] == ["minato-facebook"]
    assert not stopped(office)
    office.drop("minato-facebook", "narrow.txt", "物産展の品目が増えました。", **FACEBOOK)
    office.drop("minato-x", "wide.txt", "防災訓練の写真を展示しています。", **MINATO)
    office.approve("narrow.txt", "azabu")
    row = office.approve("wide.txt", "shibata")
    office.take(row)
    (office.state / "STOP.minato-facebook").unlink(missing_ok=True)
    assert [a.id for a in office.status().accounts if a.stopped] == ["minato-facebook"]
    assert not outbox(office, "narrow")

    manager = office.caller("azabu")
    code = manager.ask(ResumeCode(), StopState).code
    manager.ask(Resume(code=code, reason="点検を終えたため", scope="minato-facebook"), Done)
    assert office.row("narrow.txt").state == "held", "what was on its way is confirmed by a person, whatever part was stopped"
    assert office.show(row.id).row.state == "releasing"
    office.approve("narrow.txt", "azabu", "held")
    office.row("narrow.txt", "released")


def test_a_stop_while_a_card_is_out_names_its_holder(office: Office) -> None:
    office.drop("minato-x", "out.txt", "花壇の手入れの手伝いを募ります。", **MINATO)
    row = office.approve("out.txt", "shibata")
    office.take(row)
    seen = office.caller("kansa").ask(Stopped(reason="誤って投稿した疑い"), StopState)
    flight = next(flight for flight in seen.in_flight if flight.draft == row.id)
    assert (flight.holder, flight.outcome) == ("akasaka", "unknown")
    # What a person has in hand may have gone out: they say so, stopped or not.
    assert office.caller("akasaka").ask(Released(draft=row.id, url=URL), Done).state == "released"
    office.resume()


def test_a_stop_holds_what_was_on_its_way_and_the_resume_counts_it(office: Office) -> None:
    names = [f"way{n}.txt" for n in range(3)]
    for n, name in enumerate(names):
        office.drop("minato-x", name, f"{n + 2}丁目の掲示板を新しくしました。", **MINATO)
    rows = [office.approve(name, "shibata") for name in names]
    office.caller("kansa").ask(Stopped(), StopState)
    office.resume()
    assert [office.row(name).state for name in names] == ["held"] * 3
    chief = office.caller("shibata")
    for row in rows:
        assert chief.ask(Approve(draft=row.id, hash=row.hash), Done).state == "approved"


def test_a_resume_in_the_same_second_as_the_stop_is_a_resume(office: Office) -> None:
    """A round that meets the stop while it is being ended must not make it whole again."""
    for _ in range(12):
        with office.caller("shibata") as caller:
            caller.ask(Stopped(), StopState)
        assert isinstance(office.resume(), Done)
        assert Gate(office.state).look().open


def test_a_stop_by_hand_right_after_a_resume_is_made_whole_too(office: Office) -> None:
    with office.caller("shibata") as caller:
        caller.ask(Stopped(), StopState)
    until(lambda: office.database("SELECT 1 FROM audit WHERE act = 'gate'"), "a round that has seen the stop")
    office.resume()
    (office.state / "STOP").touch()
    until(lambda: not (office.state / "gate" / "RUN").exists(), "a permit taken away")
    (office.state / "STOP").unlink()
    assert not Gate(office.state).look().open


def test_a_stop_right_after_a_resume_is_made_whole_all_the_same(office: Office) -> None:
    chief = office.caller("shibata")
    for _ in range(20):
        (office.state / "STOP").touch()
        until(lambda: not (office.state / "gate" / "RUN").exists(), "a permit that is taken away")
        code = chief.ask(ResumeCode(), StopState).code
        chief.ask(Resume(code=code, reason="点検を終えたため"), Done)
    assert not stopped(office)


def test_a_resume_right_after_a_stop_is_not_undone_by_the_rounds(office: Office) -> None:
    chief, viewer = office.caller("shibata"), office.caller("kansa")
    for _ in range(50):
        viewer.ask(Stopped(), StopState)
        code = chief.ask(ResumeCode(), StopState).code
        chief.ask(Resume(code=code, reason="点検を終えたため"), Done)
        time.sleep(0.06)  # a round of this daemon
        assert not chief.ask(Status(), StatusAnswer).gate.stopped
