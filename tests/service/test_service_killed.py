"""kill -9 at any moment, and the next start goes on: drafts, approvals, releases in flight, the gate."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.wire import Approve, Done, QueueRow, Released, Stopped, StopState, Take
from tests.service.live_office import FACEBOOK, MINATO, Gone, Office, until


@pytest.fixture
def hand(office: Office) -> Callable[[], int]:
    """The process id of the releaser's hand."""

    def named() -> int:
        """Its process, once it is the one that the present daemon has started: a killed daemon leaves the name of its own behind."""
        file = office.state / "hand.pid"
        assert office.process is not None
        try:
            pid = int(file.read_text().split()[0])
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            return 0
        return pid if parent == office.process.pid else 0

    def find() -> int:
        return until(named, "a hand")

    return find


def releases(office: Office, row: QueueRow) -> list[str]:
    return [state for (state,) in office.database(f"SELECT state FROM releases WHERE draft = {row.id} ORDER BY id")]


def outbox(office: Office, row: QueueRow) -> list[str]:
    folder = office.folder / "outbox" / "minato-facebook"
    return [path.name for path in folder.iterdir() if path.name.endswith(Path(row.path).stem)] if folder.is_dir() else []


def test_killed_again_and_again_in_a_burst_every_draft_is_there_once(office: Office) -> None:
    moment = random.Random(20261124)
    names = [f"burst-{n:04}.txt" for n in range(300)]
    for start in range(0, len(names), 100):
        for n, name in enumerate(names[start : start + 100], start):
            office.drop("minato-x", name, f"{n}番目のお知らせです。図書館の本を{n}冊入れ替えました。", **MINATO)
        time.sleep(moment.uniform(0.0, 0.2))
        office.kill()
        office.start()

    def kept() -> list[tuple[int, bytes, int]]:
        return office.database("SELECT id, name, revision FROM drafts WHERE CAST(name AS TEXT) LIKE 'burst-%' ORDER BY name")

    until(lambda: len(kept()) >= len(names), "every draft")
    assert [name.decode() for _, name, _ in kept()] == names
    assert {revision for _, _, revision in kept()} == {1}
    received = dict(office.database("SELECT draft, count(*) FROM audit WHERE act = 'receive' GROUP BY draft"))
    assert {received[draft] for draft, _, _ in kept()} == {1}
    office.record_is_whole()


def test_killed_amid_approvals_every_one_that_was_answered_stands_and_the_rest_can_be_asked_again(office: Office) -> None:
    moment = random.Random(1124)
    names = [f"approve-{n}.txt" for n in range(30)]
    for n, name in enumerate(names):
        office.drop("minato-x", name, f"{n}番の窓口の場所を変えました。案内板をご覧ください。", **MINATO)
    rows = office.all_of(names, "waiting")
    answered: dict[int, Done] = {}
    while len(answered) < len(rows):
        caller = office.caller("shibata")
        rest = [row for row in rows if row.id not in answered]
        for row in rest:
            caller.put(Approve(draft=row.id, hash=row.hash), f"approve-{row.id}")
        kill_after = moment.randrange(5, 15)
        for _ in rest[:kill_after]:
            reply = caller.hear()
            answered[int(reply.id.removeprefix("approve-"))] = reply.answer  # type: ignore[union-attr]
        if len(rest) > kill_after:
            office.kill()
            office.start()
    for row in rows:
        again = office.caller("shibata").ask(Approve(draft=row.id, hash=row.hash), Done, f"approve-{row.id}")
        assert again == answered[row.id]
        assert office.acts(row.id) == ["receive", "approve"]
    office.record_is_whole()


def test_a_card_that_was_not_shown_yet_comes_back_held(office: Office, hand: Callable[[], int]) -> None:
    office.drop("minato-x", "not-shown.txt", "保健所の待合室に授乳室を設けました。", **MINATO)
    row = office.approve("not-shown.txt", "shibata")
    stuck = hand()
    os.kill(stuck, signal.SIGSTOP)
    caller = office.caller("akasaka")
    caller.put(Take(draft=row.id, hash=row.hash, handle="minato_kunren"))
    until(lambda: releases(office, row) == ["begun"], "a release that has begun")
    office.kill()
    office.start()
    assert office.row("not-shown.txt", "held")
    assert releases(office, row) == ["not_released"]
    assert hand() != stuck
    office.approve("not-shown.txt", "shibata", "held")
    assert office.take(row).draft == row.id


def test_a_card_in_a_persons_hands_stays_there(office: Office) -> None:
    office.drop("minato-x", "in-hands.txt", "区内の公園でドッグランの利用登録を受け付けています。", **MINATO)
    row = office.approve("in-hands.txt", "shibata")
    taken = office.take(row)
    office.kill()
    office.start()
    shown = office.show(row.id)
    assert (shown.row.state, shown.holder, shown.lease_until) == ("releasing", "akasaka", taken.lease_until)
    url = "https://x.com/minato_kunren/status/1"
    assert office.caller("akasaka").ask(Released(draft=row.id, url=url), Done).state == "released"


def test_a_release_that_the_hand_never_noted_did_not_begin_and_comes_back_to_be_confirmed(
    office: Office, hand: Callable[[], int]
) -> None:
    os.kill(hand(), signal.SIGSTOP)
    office.drop("minato-facebook", "unseen.txt", "商店街のスタンプラリーの台紙を配っています。", **FACEBOOK)
    row = office.approve("unseen.txt", "azabu")
    until(lambda: releases(office, row) == ["begun"], "a release that has begun")
    office.kill()
    office.start()
    assert office.row("unseen.txt", "held")
    assert releases(office, row) == ["failed"]
    assert outbox(office, row) == []
    office.approve("unseen.txt", "azabu", "held")
    office.row("unseen.txt", "released")
    assert len(outbox(office, row)) == 1


def test_a_release_that_was_out_before_the_daemon_heard_of_it_is_released_and_not_sent_again(
    office: Office, hand: Callable[[], int]
) -> None:
    os.kill(hand(), signal.SIGSTOP)
    given = office.steps("given")
    office.drop("minato-facebook", "out.txt", "創業相談の窓口は予約なしで使えます。", **FACEBOOK)
    row = office.approve("out.txt", "azabu")
    until(lambda: office.steps("given") > given, "a hand that has been told: what is in the journal is only about to be")
    assert releases(office, row) == ["begun"]
    assert office.process is not None
    office.process.send_signal(signal.SIGSTOP)
    os.kill(hand(), signal.SIGCONT)
    until(lambda: outbox(office, row), "a release that is out")
    office.kill()
    office.start()
    assert office.row("out.txt", "released").id == row.id
    assert len(outbox(office, row)) == 1
    assert releases(office, row) == ["released"]


def test_a_hand_that_is_killed_is_replaced_and_the_next_card_comes(office: Office, hand: Callable[[], int]) -> None:
    os.kill(hand(), signal.SIGKILL)
    office.drop("minato-x", "hand.txt", "粗大ごみの申込みは電話でも受け付けます。", **MINATO)
    row = office.approve("hand.txt", "shibata")
    assert office.take(row).text


@pytest.mark.parametrize("stopped", [False, True])
def test_the_gate_is_found_as_it_was_left(office: Office, stopped: bool) -> None:
    if stopped:
        office.caller("kansa").ask(Stopped(), StopState)
    office.kill()
    office.start()
    assert office.status().gate.stopped is stopped
    office.stop()
    office.start()
    assert office.status().gate.stopped is stopped
    if stopped:
        office.resume()


def test_a_stop_made_while_no_daemon_runs_is_found(office: Office) -> None:
    office.kill()
    (office.state / "gate" / "RUN").unlink()
    office.start()
    assert office.status().gate.stopped is True
    office.resume()


def test_what_changed_in_the_folder_while_no_daemon_ran_is_found(office: Office) -> None:
    for name in ("gone.txt", "edited.txt", "old.txt"):
        office.drop("minato-x", name, f"{name}のお知らせです。", **MINATO)
    rows = {name: office.approve(name, "shibata") for name in ("gone.txt", "edited.txt", "old.txt")}
    office.kill()
    office.path("minato-x", "gone.txt").unlink()
    office.drop("minato-x", "edited.txt", "直したお知らせです。", **MINATO)
    office.path("minato-x", "old.txt").rename(office.path("minato-x", "new.txt"))
    office.drop("minato-x", "added.txt", "足したお知らせです。", **MINATO)
    office.start()
    office.row("added.txt", "waiting")
    assert office.row("gone.txt", "withdrawn").id == rows["gone.txt"].id
    assert office.row("edited.txt", "waiting", revision=2).id == rows["edited.txt"].id
    renamed = office.row("new.txt", "approved")
    assert renamed.id == rows["old.txt"].id
    assert office.acts(renamed.id) == ["receive", "approve", "rename"]


def test_a_caller_hears_that_its_daemon_was_killed(office: Office) -> None:
    caller = office.caller(events=True)
    assert office.process is not None
    office.process.kill()
    with pytest.raises(Gone):
        caller.hear()
    office.kill()
    office.start()
