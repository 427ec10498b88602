"""The machine's clock is set by hours, its zone changes, it sleeps: nothing goes out early, nothing is lost, and it is said."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from daemon.wire import Approve, Done, Except, QueueRow, Refusal, Released, Settle, Take
from tests.service.live_office import FACEBOOK, HANDLES, MINATO, Office, until

HOUR = 3600
FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


@pytest.fixture
def office(found: Callable[..., Office]) -> Office:
    return found(plain=False).start()


def outbox(office: Office, name: str) -> list[Path]:
    """The releases of this draft that lie in the outbox."""
    folder = office.folder / "outbox" / "minato-facebook"
    return [place for place in folder.iterdir() if place.name.endswith(f"-{name}")] if folder.is_dir() else []


def scheduled(office: Office, name: str, after: timedelta) -> QueueRow:
    """A draft that is to go out by itself so much later."""
    at = office.status().now + after
    office.drop("minato-facebook", f"{name}.txt", f"{name}のお知らせを載せました。", release_at=at, **FACEBOOK)
    office.approve(f"{name}.txt", "azabu")
    return office.row(f"{name}.txt", "scheduled")


def said(office: Office, *words: str) -> str:
    """The alarm that has these words, once there is one."""
    return until(lambda: next((a for a in office.status().alarms if all(word in a for word in words)), ""), f"alarm {words}")


def noted(office: Office) -> list[tuple[str]]:
    """Where the office's clock stands, as it has noted it: anew whenever that has moved by more than two seconds."""
    return office.database("SELECT value FROM meta WHERE key = 'clock'")


def rounds_pass(office: Office) -> None:
    """Let the daemon look around a few times, as a draft that comes now shows."""
    name = f"round-{time.monotonic_ns()}"
    office.drop("minato-facebook", f"{name}.txt", f"{name}の案内です。", **FACEBOOK)
    office.row(f"{name}.txt")
    time.sleep(0.3)


def test_a_clock_set_forward_lets_nothing_out_and_a_person_is_asked(office: Office) -> None:
    soon = scheduled(office, "講座", timedelta(hours=2))
    later = scheduled(office, "朝市", timedelta(hours=9))
    office.jump(3 * HOUR)
    assert "保留" in said(office, "時計", "3時間0分進み")
    held = office.row("講座.txt", "held")
    assert office.row("朝市.txt").state == "scheduled"
    assert not outbox(office, "講座")
    assert office.acts(soon.id)[-1] == "hold"
    jumps = office.database("SELECT count(*) FROM audit WHERE act = 'clock'")
    caller = office.caller("azabu")
    approval = caller.put(Approve(draft=held.id, hash=held.hash, reason="時計を確かめた", handle=HANDLES[held.account]))
    # Right behind it: the store's own clock was not set, so that the approval looks as if it came before the moment, and would run out.
    past = caller.put(Except(draft=held.id, hash=held.hash, rule="office.past", reason="時計は正しくなかった"))
    answers = {reply.id: reply.answer for reply in (caller.reply(), caller.reply())}
    assert all(isinstance(answers[number], Done) for number in (approval, past)), answers
    office.row("講座.txt", "released")
    assert len(outbox(office, "講座")) == 1
    assert jumps == [(1,)] == office.database("SELECT count(*) FROM audit WHERE act = 'clock'")
    assert office.show(later.id).row.release_at
    office.record_is_whole()


def test_a_clock_set_back_lets_nothing_out_before_its_time_and_set_right_again_asks(office: Office) -> None:
    scheduled(office, "講座", timedelta(hours=1))
    office.jump(-3 * HOUR)
    said(office, "時計", "3時間0分戻り")
    office.ahead(HOUR + 60)  # its time has come, though no clock here says so
    rounds_pass(office)
    assert office.row("講座.txt").state == "scheduled"
    assert not outbox(office, "講座")
    office.jump(0)
    office.row("講座.txt", "held")
    assert not outbox(office, "講座")
    office.record_is_whole()


@pytest.mark.parametrize("by", [3 * HOUR, -3 * HOUR])
def test_what_waited_to_go_out_by_itself_is_asked_again_after_a_jump(office: Office, by: int) -> None:
    (office.state / "gate" / "STOP.minato-facebook").touch()
    office.drop("minato-facebook", "展示.txt", **FACEBOOK)
    office.approve("展示.txt", "azabu")
    assert office.row("展示.txt").state == "approved"
    office.jump(by)
    office.row("展示.txt", "held")


@pytest.mark.parametrize("by", [3 * HOUR, -3 * HOUR])
def test_a_jump_neither_takes_a_card_from_its_holder_nor_leaves_it_to_them_for_ever(office: Office, by: int) -> None:
    office.drop("minato-x", "card.txt", "プールの利用券を窓口でお渡ししています。", **MINATO)
    row = office.approve("card.txt", "shibata")
    taken = office.take(row)
    office.jump(by)
    said(office, "時計")
    until(lambda: office.show(row.id).lease_until != taken.lease_until, "the card's end in the new time")
    left = (office.show(row.id).lease_until or taken.lease_until) - timedelta(seconds=by) - taken.lease_until
    assert abs(left) < timedelta(seconds=5)
    assert office.row("card.txt").state == "releasing"
    other = office.caller("shibata")
    other.refused(Take(draft=row.id, hash=row.hash, handle="minato_kunren"), "state")
    assert isinstance(other.ask(Settle(draft=row.id, outcome="not_released", note="見ていない"), Refusal), Refusal)
    office.ahead(601)
    assert office.row("card.txt", "unknown").id == row.id
    office.caller("akasaka").ask(Released(draft=row.id, url="https://x.com/minato_kunren/status/9"), Done)


def test_a_clock_that_was_set_while_nobody_ran_is_found_at_the_start(office: Office) -> None:
    scheduled(office, "講座", timedelta(hours=2))
    until(lambda: office.database("SELECT 1 FROM meta WHERE key = 'clock'"), "the clock noted")
    office.stop()
    office.jump(2 * HOUR + 60)
    office.start()
    said(office, "時計", "進み")
    office.row("講座.txt", "held")
    assert not outbox(office, "講座")


def test_steps_as_small_as_a_correction_are_followed_in_silence(office: Office) -> None:
    scheduled(office, "講座", timedelta(seconds=30))
    for seconds in (4, 8, 12, 16, 20, 24, 28, 32):
        before = noted(office)
        office.jump(seconds)
        until(lambda before=before: noted(office) != before, "a round that has followed the step")
    office.row("講座.txt", "released")
    assert not office.database("SELECT 1 FROM audit WHERE act = 'clock'")


def test_a_machine_that_slept_lets_out_what_is_a_little_late_asks_about_the_rest_and_says_so(office: Office) -> None:
    scheduled(office, "昼", timedelta(hours=1))
    scheduled(office, "夕方", timedelta(hours=2, minutes=55))
    scheduled(office, "夜", timedelta(hours=5))
    assert office.process is not None
    office.process.send_signal(signal.SIGSTOP)
    office.ahead(3 * HOUR)
    office.process.send_signal(signal.SIGCONT)
    said(office, "3時間0分止まって")
    office.row("夕方.txt", "released")
    office.row("昼.txt", "held")
    assert office.row("夜.txt").state == "scheduled"
    assert not outbox(office, "昼")
    assert office.database("SELECT count(*) FROM audit WHERE act = 'gap'") == [(1,)]
    office.record_is_whole()


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati", "Nowhere/Atall"])
def test_the_zone_of_the_host_changes_nothing(found: Callable[..., Office], zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    office = found(plain=False).start()
    first = scheduled(office, "講座", timedelta(hours=1))
    hours = [(a.id, a.next_open) for a in office.status().accounts]
    office.stop()
    monkeypatch.setenv("TZ", zone)
    office.start()
    status = office.status()
    assert status.now.utcoffset() == timedelta(hours=9)
    assert [(a.id, a.next_open) for a in status.accounts] == hours
    assert office.row("講座.txt").release_at == first.release_at
    assert not [alarm for alarm in status.alarms if "時計" in alarm]
    office.ahead(HOUR + 1)
    office.row("講座.txt", "released")


@pytest.mark.skipif(FAKETIME is None, reason="libfaketime sets the clock of one process")
def test_the_daemon_as_people_start_it_finds_that_its_clock_was_set(
    found: Callable[..., Office], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offset = tmp_path / "offset"
    offset.write_text("+0")
    monkeypatch.setenv("LD_PRELOAD", str(FAKETIME))
    monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(offset))
    monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
    monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    monkeypatch.setenv("FAKETIME_FORCE_MONOTONIC_FIX", "0")
    office = found(plain=True).start()
    monkeypatch.delenv("LD_PRELOAD")
    scheduled(office, "講座", timedelta(hours=2))
    new = tmp_path / "new"
    new.write_text("+3h")
    os.replace(new, offset)
    said(office, "3時間0分進み")
    office.row("講座.txt", "held")
    assert office.status().now - datetime.now().astimezone() > timedelta(hours=2, minutes=59)
    offset.write_text("-4h")
    said(office, "7時間0分戻り")
    office.record_is_whole()
