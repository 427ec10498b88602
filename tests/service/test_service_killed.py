"""kill -9 at any moment, and the next start goes on: drafts, approvals, releases in flight, the gate."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.wire import Approve, Done, Released, Settle, Stopped, StopState, Take
from tests.service.live_office import FACEBOOK, MINATO, Gone, Office, until


@pytest.fixture
def hand(fresh: Office) -> Callable[[], int]:
    """The process id of the releaser's hand."""

    def find() -> int:
        file = fresh.state / "hand.pid"
        return int(until(lambda: file.exists() and file.read_text(), "a hand").split()[0])

    return find


def releases(office: Office) -> list[str]:
    return [state for (state,) in office.database("SELECT state FROM releases ORDER BY id")]


def outbox(office: Office) -> list[str]:
    folder = office.folder / "outbox" / "minato-facebook"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_killed_again_and_again_in_a_burst_every_draft_is_there_once(fresh: Office) -> None:
    moment = random.Random(20261124)
    names = [f"{n:04}.txt" for n in range(400)]
    for start in range(0, len(names), 100):
        for n, name in enumerate(names[start : start + 100], start):
            fresh.drop("minato-x", name, f"{n}番目のお知らせです。図書館の本を{n}冊入れ替えました。", **MINATO)
        time.sleep(moment.uniform(0.0, 0.2))
        fresh.kill()
        fresh.start()
    until(lambda: sum(fresh.status().queue.values()) >= len(names), "every draft")
    rows = fresh.database("SELECT name, state, revision FROM drafts")
    assert sorted(name.decode() for name, _, _ in rows) == names
    assert {revision for _, _, revision in rows} == {1}
    received = fresh.database("SELECT draft, count(*) FROM audit WHERE act = 'receive' GROUP BY draft")
    assert len(received) == len(names)
    assert {times for _, times in received} == {1}
    fresh.record_is_whole()
    fresh.stop()
    fresh.start()
    assert sum(fresh.status().queue.values()) == len(names)


def test_killed_amid_approvals_every_one_that_was_answered_stands_and_the_rest_can_be_asked_again(fresh: Office) -> None:
    moment = random.Random(1124)
    names = [f"{n}.txt" for n in range(40)]
    for n, name in enumerate(names):
        fresh.drop("minato-x", name, f"{n}番の窓口の場所を変えました。案内板をご覧ください。", **MINATO)
    rows = [fresh.row(name, "waiting") for name in names]
    answered: dict[int, Done] = {}
    while len(answered) < len(rows):
        caller = fresh.caller("shibata")
        rest = [row for row in rows if row.id not in answered]
        for row in rest:
            caller.put(Approve(draft=row.id, hash=row.hash), f"approve-{row.id}")
        kill_after = moment.randrange(1, 15)
        for _ in rest[:kill_after]:
            reply = caller.hear()
            answered[int(reply.id.removeprefix("approve-"))] = reply.answer  # type: ignore[union-attr]
        if len(rest) > kill_after:
            fresh.kill()
            fresh.start()
    for row in rows:
        again = fresh.caller("shibata").ask(Approve(draft=row.id, hash=row.hash), Done, f"approve-{row.id}")
        assert again == answered[row.id]
        assert fresh.acts(row.id) == ["receive", "approve"]
    fresh.record_is_whole()


def test_a_card_that_was_not_shown_yet_comes_back_held(fresh: Office, hand: Callable[[], int]) -> None:
    fresh.drop("minato-x", "a.txt", **MINATO)
    row = fresh.approve("a.txt", "shibata")
    stuck = hand()
    os.kill(stuck, signal.SIGSTOP)
    caller = fresh.caller("akasaka")
    caller.put(Take(draft=row.id, hash=row.hash, handle="minato_kunren"))
    until(lambda: releases(fresh) == ["begun"], "a release that has begun")
    fresh.kill()
    fresh.start()
    assert fresh.row("a.txt", "held")
    assert releases(fresh) == ["not_released"]
    assert hand() != stuck
    fresh.approve("a.txt", "shibata", "held")
    assert fresh.take(row).draft == row.id


def test_a_card_in_a_persons_hands_stays_there(fresh: Office) -> None:
    fresh.drop("minato-x", "a.txt", **MINATO)
    row = fresh.approve("a.txt", "shibata")
    taken = fresh.take(row)
    fresh.kill()
    fresh.start()
    shown = fresh.show(row.id)
    assert (shown.row.state, shown.holder, shown.lease_until) == ("releasing", "akasaka", taken.lease_until)
    url = "https://x.com/minato_kunren/status/1"
    assert fresh.caller("akasaka").ask(Released(draft=row.id, url=url), Done).state == "released"


def test_a_release_of_which_nothing_can_be_seen_is_unknown_until_a_person_has_looked(
    fresh: Office, hand: Callable[[], int]
) -> None:
    os.kill(hand(), signal.SIGSTOP)
    fresh.drop("minato-facebook", "a.txt", **FACEBOOK)
    row = fresh.approve("a.txt", "azabu")
    until(lambda: releases(fresh) == ["begun"], "a release that has begun")
    fresh.kill()
    fresh.start()
    assert fresh.row("a.txt", "unknown")
    assert [flight.draft for flight in fresh.status().gate.in_flight] == [row.id]
    settled = fresh.caller("azabu").ask(Settle(draft=row.id, outcome="not_released", note="画面に出ていない"), Done)
    assert settled.state == "held"
    assert outbox(fresh) == []
    fresh.approve("a.txt", "azabu", "held")
    fresh.row("a.txt", "released")
    assert len(outbox(fresh)) == 1


def test_a_release_that_was_out_before_the_daemon_heard_of_it_is_released_and_not_sent_again(
    fresh: Office, hand: Callable[[], int]
) -> None:
    os.kill(hand(), signal.SIGSTOP)
    fresh.drop("minato-facebook", "a.txt", **FACEBOOK)
    row = fresh.approve("a.txt", "azabu")
    until(lambda: releases(fresh) == ["begun"], "a release that has begun")
    assert fresh.process is not None
    fresh.process.send_signal(signal.SIGSTOP)
    os.kill(hand(), signal.SIGCONT)
    until(lambda: any(not name.startswith(".") for name in outbox(fresh)), "a release that is out")
    fresh.kill()
    fresh.start()
    assert fresh.row("a.txt", "released").id == row.id
    assert len(outbox(fresh)) == 1
    assert releases(fresh) == ["released"]


def test_a_hand_that_is_killed_is_replaced_and_the_next_card_comes(fresh: Office, hand: Callable[[], int]) -> None:
    os.kill(hand(), signal.SIGKILL)
    fresh.drop("minato-x", "a.txt", **MINATO)
    row = fresh.approve("a.txt", "shibata")
    assert fresh.take(row).text


@pytest.mark.parametrize("stopped", [False, True])
def test_the_gate_is_found_as_it_was_left(fresh: Office, stopped: bool) -> None:
    if stopped:
        fresh.caller("kansa").ask(Stopped(), StopState)
    for end in (fresh.kill, fresh.stop):
        end()
        fresh.start()
        assert fresh.status().gate.stopped is stopped


def test_a_stop_made_while_no_daemon_runs_is_found(fresh: Office) -> None:
    fresh.kill()
    (fresh.state / "gate" / "RUN").unlink()
    fresh.start()
    assert fresh.status().gate.stopped is True


def test_what_changed_in_the_folder_while_no_daemon_ran_is_found(fresh: Office) -> None:
    for name in ("gone.txt", "edited.txt", "old.txt"):
        fresh.drop("minato-x", name, f"{name}のお知らせです。", **MINATO)
    rows = {name: fresh.approve(name, "shibata") for name in ("gone.txt", "edited.txt", "old.txt")}
    fresh.kill()
    fresh.path("minato-x", "gone.txt").unlink()
    fresh.drop("minato-x", "edited.txt", "直したお知らせです。", **MINATO)
    fresh.path("minato-x", "old.txt").rename(fresh.path("minato-x", "new.txt"))
    fresh.drop("minato-x", "added.txt", "足したお知らせです。", **MINATO)
    fresh.start()
    fresh.row("added.txt", "waiting")
    assert fresh.row("gone.txt", "withdrawn").id == rows["gone.txt"].id
    assert fresh.row("edited.txt", "waiting", revision=2).id == rows["edited.txt"].id
    renamed = fresh.row("new.txt", "approved")
    assert renamed.id == rows["old.txt"].id
    assert fresh.acts(renamed.id) == ["receive", "approve", "rename"]


def test_a_caller_hears_that_its_daemon_was_killed(fresh: Office) -> None:
    caller = fresh.caller(events=True)
    assert fresh.process is not None
    fresh.process.kill()
    with pytest.raises(Gone):
        caller.hear()
    fresh.process.wait()
    fresh.process = None
    assert Path(fresh.state / "socket").exists()
