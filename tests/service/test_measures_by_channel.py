"""Measures that an account's channel takes: the same human decision, the same hand and gate, once; what it cannot take stays a person's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.release.simulated import asked
from daemon.release.simulated import measures as taken_there
from daemon.release.simulator import Behave, Speak
from daemon.release.simulator import Measure as SimulatedMeasure
from daemon.wire.acts import Resume, Stopped
from daemon.wire.answers import Done, Refusal, StopState
from daemon.wire.bench import (
    BenchOpened,
    BenchPage,
    BenchRows,
    CommentDetail,
    CommentRow,
    MeasureCard,
    MeasureList,
    Measures,
    MeasureSeen,
    OpenBench,
    ShowComment,
)
from daemon.wire.blocks import BlocksCompared, CompareBlocks
from daemon.wire.moderation import (
    AddBlock,
    ConfirmBlocks,
    Judge,
    MarkComment,
    MeasureDone,
    SendMeasure,
    TakeMeasure,
    UndoJudgement,
)
from daemon.wire.queries import ResumeCode
from tests.service.live_office import AT_ONCE, ROOT, Caller, Office, until

ACCOUNT, MANAGER, CLERK = "saitama-cvc", "urano", "omiya"
ABUSE = "お前ら全員死ね。市民をなめるな。"
OWN = "https://x.com/SaitamaCvcCoop/status/1"


@pytest.fixture
def made(found: Callable[..., Office]) -> Callable[..., Office]:
    """An office whose さいたま account speaks to the simulated platform."""

    def make(**given: str) -> Office:
        office = found()
        rules = office.folder / "rules.toml"
        head, account, rest = rules.read_text().partition(f'id = "{ACCOUNT}"')
        text = head + account + rest.replace('channel = "manual"', 'channel = "simulated"', 1)
        for old, new in given.items():
            text = text.replace(f"{old} = 0\n", new, 1)
        assert AT_ONCE.split("\n")[1] in text
        rules.write_text(text)
        office.start()
        until(lambda: _listens(office), "a platform")
        return office

    return make


@pytest.fixture
def office(made: Callable[..., Office]) -> Office:
    return made()


def platform(office: Office) -> str:
    return str(office.state / "platform" / "socket")


def behaves(office: Office, **how: Any) -> None:
    assert asked(platform(office), Behave(**how)).status == 200


def arrived(office: Office) -> list[tuple[str, str]]:
    """What has been done on the platform: measure and number."""
    return [(each.what, each.target) for each in taken_there(platform(office), ACCOUNT)]


def _listens(office: Office) -> bool:
    try:
        arrived(office)
    except OSError:
        return False
    return True


def judged(office: Office, number: int, *actions: str) -> list[int]:
    """A comment is entered and judged; the numbers of its measures."""
    said = MarkComment(
        account=ACCOUNT,
        text=f"{ABUSE}（{number}）",
        handle=f"shimin_{number}",
        source=str(number),
        author=f"9{number}",
        conversation=OWN,
    )
    done = office.caller(CLERK).ask(said, Done)
    comment = int("".join(filter(str.isdigit, done.message)))
    act = Judge(comment=comment, clause="7(2)", actions=actions, reason="")  # type: ignore[arg-type]
    office.caller(MANAGER).ask(act, Done)
    return [each.id for each in office.caller(MANAGER).ask(ShowComment(comment=comment), CommentDetail).measures]


def measure(office: Office, number: int) -> MeasureSeen:
    with Caller(office.state) as caller:
        caller.hello(MANAGER)
        found = caller.ask(Measures(done=True), MeasureList).measures
    return next(each for each in found if each.id == number)


def ended(office: Office, number: int, *states: str) -> MeasureSeen:
    def look() -> MeasureSeen | None:
        seen = measure(office, number)
        return seen if (seen.sent or seen.state) in states else None

    return until(look, f"measure {number} in {states}")


def flying(office: Office) -> list[int]:
    return [one["measure"] for one in json.loads((office.state / "flight").read_text())["measures"]]


def test_what_the_channel_can_it_does_and_a_block_stays_a_persons_task(office: Office) -> None:
    hide, block = judged(office, 501, "delete", "block")
    seen = ended(office, hide, "done")
    assert (seen.asked, seen.really, seen.by, seen.done_by) == ("delete", "hide", "channel", "daemon")
    assert arrived(office) == [("hide", "501")]
    left = measure(office, block)
    assert (left.really, left.by, left.state) == ("block", "person", "due")
    until(lambda: flying(office) == [], "a flight that is over")  # it is done before the file says so
    office.record_is_whole()


def test_the_bench_says_beforehand_by_whom_each_measure_would_be_taken(office: Office) -> None:
    done = office.caller(CLERK).ask(
        MarkComment(account=ACCOUNT, text=ABUSE, handle="a", source="77", author="8", conversation=OWN), Done
    )
    comment = int("".join(filter(str.isdigit, done.message)))
    means = office.caller(MANAGER).ask(ShowComment(comment=comment), CommentDetail).means
    assert {each.action: each.by for each in means} == {"delete": "channel", "block": "person"}


def test_until_the_time_for_taking_back_is_over_nothing_goes_out(made: Callable[..., Office]) -> None:
    office = made(undo_seconds="undo_seconds = 600\n")
    (hide,) = judged(office, 502, "delete")
    seen = measure(office, hide)
    assert seen.begins_at is not None and seen.state == "due"
    assert seen.comment is not None
    office.caller(MANAGER).ask(UndoJudgement(comment=seen.comment, reason="取り違え"), Done)
    office.ahead(700)
    assert measure(office, hide).state == "dropped"
    (other,) = judged(office, 503, "delete")
    office.ahead(1400)
    ended(office, other, "done")
    assert arrived(office) == [("hide", "503")]


def test_what_was_done_is_reversed_by_the_channel_too(office: Office) -> None:
    (hide,) = judged(office, 504, "delete")
    seen = ended(office, hide, "done")
    assert seen.comment is not None
    office.caller(MANAGER).ask(UndoJudgement(comment=seen.comment, reason="取り違え"), Done)
    until(lambda: arrived(office) == [("hide", "504"), ("unhide", "504")], "it is shown again")


def test_a_platform_that_asks_to_wait_gets_it_later_by_itself_with_one_alarm(office: Office) -> None:
    behaves(office, status=429, times=1, again=25.0)
    numbers = [judged(office, 510 + n, "delete")[0] for n in range(3)]
    until(lambda: any("429" in alarm for alarm in office.status().alarms), "the alarm")
    assert sum("429" in alarm for alarm in office.status().alarms) == 1
    office.ahead(30)
    for number in numbers:
        ended(office, number, "done")
    assert sorted(arrived(office)) == [("hide", "510"), ("hide", "511"), ("hide", "512")]
    until(lambda: not any("429" in alarm for alarm in office.status().alarms), "the end of the alarm")


def test_what_the_platform_refuses_becomes_a_persons_task_with_the_reason(office: Office) -> None:
    behaves(office, status=400, times=1)
    (hide,) = judged(office, 520, "delete")
    until(lambda: measure(office, hide).by == "person", "a person's task")
    seen = measure(office, hide)
    assert (seen.state, "400" in seen.why, "400" in seen.why_en) == ("due", True, True)
    assert "send_measure" in seen.can
    assert office.caller(CLERK).ask(TakeMeasure(measure=hide), MeasureCard).steps
    office.caller(CLERK).ask(MeasureDone(measure=hide, done=True, proof="見た"), Done)
    assert arrived(office) == []


def test_one_that_is_given_back_to_the_channel_goes_out(office: Office) -> None:
    behaves(office, status=400, times=1)
    (hide,) = judged(office, 521, "delete")
    until(lambda: measure(office, hide).by == "person", "a person's task")
    office.caller(CLERK).refused(SendMeasure(measure=hide), "not_approver")
    office.caller(MANAGER).ask(SendMeasure(measure=hide), Done)
    ended(office, hide, "done")
    assert arrived(office) == [("hide", "521")]


def test_one_whose_answer_was_cut_off_is_unknown_until_a_look_has_found_it_and_never_sent_twice(office: Office) -> None:
    behaves(office, drop="after", times=1)
    (hide,) = judged(office, 530, "delete")
    ended(office, hide, "done")
    assert arrived(office) == [("hide", "530")]
    tries = office.database(f"SELECT state FROM measure_tries WHERE measure = {hide}")
    assert tries == [("released",)]


def test_one_that_cannot_be_found_is_asked_of_a_person(office: Office) -> None:
    behaves(office, drop="before", times=1)
    (hide,) = judged(office, 531, "delete")
    ended(office, hide, "unknown")
    assert any(f"措置 {hide}" in alarm and "不明" in alarm for alarm in office.status().alarms)
    assert flying(office) == [hide]
    office.caller(CLERK).refused(TakeMeasure(measure=hide), "state")
    office.caller(CLERK).ask(MeasureDone(measure=hide, done=False, proof="まだ見えている"), Done)
    assert measure(office, hide).by == "person"
    office.caller(MANAGER).ask(SendMeasure(measure=hide), Done)
    ended(office, hide, "done")
    assert arrived(office) == [("hide", "531")]


def test_a_stop_of_measures_keeps_them_in_and_after_it_a_person_is_asked(office: Office) -> None:
    (office.state / "gate" / "STOP.actions").touch()
    (hide,) = judged(office, 540, "delete")
    office.ahead(60)
    seen = until(lambda: measure(office, hide) if office.status().gate.scopes == ("actions",) else None, "the stop")
    assert (seen.state, seen.sent, seen.by) == ("due", "", "channel")
    office.resume(MANAGER, "actions")
    seen = measure(office, hide)
    assert (seen.by, "停止" in seen.why) == ("person", True)
    assert arrived(office) == []


def test_whoever_stops_is_told_of_a_measure_in_flight(office: Office) -> None:
    behaves(office, late=60.0, times=1)
    (hide,) = judged(office, 541, "delete")
    until(lambda: arrived(office), "it has arrived, and is not answered")
    assert flying(office) == [hide], "noted before the hand is told"
    told = office.caller("osaki").ask(Stopped(scope="all"), StopState)
    assert [(each.measure, each.holder) for each in told.measures] == [(hide, "daemon")]
    behaves(office)
    ended(office, hide, "done")


def test_after_a_kill_in_the_middle_it_is_looked_for_and_not_sent_again(office: Office) -> None:
    behaves(office, late=60.0, times=1)
    (hide,) = judged(office, 550, "delete")
    until(lambda: arrived(office) == [("hide", "550")], "it has arrived")
    office.kill()
    office.start()
    ended(office, hide, "done")
    assert arrived(office) == [("hide", "550")]
    assert Path(office.state / "releaser").is_dir()


def test_the_code_of_a_resume_is_asked_for_as_ever(office: Office) -> None:
    (office.state / "gate" / "STOP.actions").touch()
    code = until(lambda: office.asked(ResumeCode(), StopState, MANAGER).code, "a code")
    wrong = f"{(int(code) + 1) % 10_000:04d}"
    office.caller(MANAGER).refused(Resume(code=wrong, reason="点検", scope="actions"), "code")


def test_the_block_list_is_held_against_the_platforms_own_and_confirms_what_people_have_blocked(office: Office) -> None:
    _, block = judged(office, 560, "delete", "block")
    on_the_platform(office, "9560", "shimin_560")
    on_the_platform(office, "777", "dareka")
    clerk = office.caller(CLERK)
    clerk.ask(AddBlock(account=ACCOUNT, handle="inai_hito", author="555", clause="7(2)", reason="前から"), Refusal)
    office.caller(MANAGER).ask(
        AddBlock(account=ACCOUNT, handle="inai_hito", author="555", clause="7(2)", reason="前から載っていたため"), Done
    )
    found = clerk.ask(CompareBlocks(account=ACCOUNT), BlocksCompared)
    assert [each.handle for each in found.there] == ["dareka"]
    assert [each.handle for each in found.here] == ["inai_hito"]
    assert [each.handle for each in found.confirmed] == ["shimin_560"]
    assert measure(office, block).state == "due"
    clerk.ask(ConfirmBlocks(account=ACCOUNT), Done)
    assert measure(office, block).state == "done"
    after = clerk.ask(CompareBlocks(account=ACCOUNT), BlocksCompared)
    assert (after.both, after.confirmed) == (1, ())
    clerk.refused(CompareBlocks(account="taisho-gyosei"), "role")


def on_the_platform(office: Office, number: str, handle: str) -> None:
    """Somebody whom a person has blocked there."""
    asked(platform(office), Speak(account=ACCOUNT, text="…", handle=handle, author=number))
    asked(platform(office), SimulatedMeasure(account=ACCOUNT, what="block", target=number))


def test_in_the_training_office_one_account_has_a_channel_that_takes_what_was_judged(found: Callable[..., Office]) -> None:
    account, office = "taisho-kosodate", found()
    to = office.folder / "comments" / account
    to.mkdir(parents=True)
    for sample in (ROOT / "console" / "training" / "comments" / account).iterdir():
        (to / sample.name).write_bytes(sample.read_bytes())
    office.start()
    caller = office.caller("chiba")

    def rows() -> tuple[CommentRow, ...]:
        opened = caller.ask(OpenBench(accounts=(account,)), BenchOpened)
        return caller.ask(BenchPage(view=opened.view), BenchRows).rows

    (abuse,) = until(rows, "what may meet a ground; thanks and criticism are not kept")
    caller.ask(Judge(comment=abuse.id, clause="3.削除等(3)", actions=("hide",), reason=""), Done)
    (made,) = caller.ask(ShowComment(comment=abuse.id), CommentDetail).measures
    until(
        lambda: caller.ask(ShowComment(comment=abuse.id), CommentDetail).measures[0].state == "done", "a measure by the channel"
    )
    seen = caller.ask(ShowComment(comment=abuse.id), CommentDetail).measures[0]
    assert (seen.id, seen.really, seen.by, seen.done_by) == (made.id, "hide", "channel", "daemon")
    assert [(each.what, each.target) for each in taken_there(platform(office), account)] == [
        ("hide", "https://x.com/kunren_taki/status/2602")
    ]
