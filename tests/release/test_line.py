"""The channel to LINE against a fake one: a broadcast goes out once, whatever happens on the way, and never to the wrong friends."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from daemon.gate import Gate
from daemon.release import line
from daemon.release.hand import Hand
from daemon.release.jobs import Ask, Attached, Job, Report, look_for, moment
from daemon.release.steps import Step
from tests.platforms import faults
from tests.platforms.faults import Fault
from tests.platforms.line import FakeLine
from tests.release.line_office import ACCOUNT, BROADCAST, HANDLE, at, hurry, jobs_for_line, let_in

Make = Callable[..., Job]


@pytest.fixture
def broadcast(state: Path, job: Make, fake_line: FakeLine, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes broadcasts for an account that the fake lets in."""
    hurry(monkeypatch)
    at(state, fake_line)
    return jobs_for_line(job)


def keys(fake: FakeLine) -> list[str | None]:
    return [one["retry_key"] for one in fake.sent()]


# What goes out


def test_a_broadcast_goes_out_once_under_the_key_of_its_revision(state: Path, broadcast: Make, fake_line: FakeLine) -> None:
    report = Hand(state).carry_out(broadcast(1, "あすは訓練です。\n"))
    assert report.outcome == "released", report.why_en
    assert fake_line.texts() == ["あすは訓練です。\n"], "to the last character"
    assert keys(fake_line) == [broadcast(1).key]
    assert report.url == "", "a broadcast has no address"
    assert fake_line.sent()[0]["request"] in report.why, "LINE's number for it is the evidence"
    assert fake_line.sent()[0]["request"] in report.why_en


def test_it_is_validated_by_line_before_it_is_sent(state: Path, broadcast: Make, fake_line: FakeLine) -> None:
    assert Hand(state).carry_out(broadcast(1)).outcome == "released"
    asked = [one["path"] for one in fake_line.log()]
    assert asked.index("/v2/bot/message/validate/broadcast") < asked.index(BROADCAST)
    fake_line.fault(faults.refused(400).on("POST", "/v2/bot/message/validate/broadcast"))
    report = Hand(state).carry_out(broadcast(2))
    assert (report.outcome, len(fake_line.sent())) == ("failed", 1)


def test_the_same_revision_released_again_is_told_to_be_out(state: Path, broadcast: Make, fake_line: FakeLine) -> None:
    assert Hand(state).carry_out(broadcast(1)).outcome == "released"
    again = Hand(state).carry_out(broadcast(1, id="2"))
    assert again.outcome == "released"
    assert "accepted it already" in again.why_en and fake_line.sent()[0]["request"] in again.why_en
    assert len(fake_line.sent()) == 1


# What does not


@pytest.mark.parametrize(
    ("units", "outcome"),
    [("あ" * 5_000, "released"), ("あ" * 5_001, "failed"), ("𠮷" * 2_500, "released"), ("𠮷" * 2_500 + "a", "failed")],
)
def test_a_text_that_is_too_long_is_never_cut_into_several(
    state: Path, broadcast: Make, fake_line: FakeLine, units: str, outcome: str
) -> None:
    report = Hand(state).carry_out(broadcast(1, units))
    assert report.outcome == outcome
    assert fake_line.texts() == ([units] if outcome == "released" else [])


def test_a_draft_with_an_image_is_a_persons(state: Path, broadcast: Make, fake_line: FakeLine, tmp_path: Path) -> None:
    report = Hand(state).carry_out(broadcast(1, images=(Attached(path=str(tmp_path / "a.jpg")),)))
    assert report.outcome == "failed"
    assert "画像" in report.why and "image" in report.why_en
    assert fake_line.log() == [], "not even asked"


@pytest.mark.parametrize("handle", ["@fake", "fake", "@FAKE", "広報"])
def test_the_account_is_known_by_its_id_or_its_name(state: Path, broadcast: Make, handle: str) -> None:
    assert Hand(state).carry_out(broadcast(1, handle=handle)).outcome == "released"


def test_a_token_of_another_account_sends_nothing(state: Path, broadcast: Make, fake_line: FakeLine) -> None:
    report = Hand(state).carry_out(broadcast(1, handle="@somebody-else"))
    assert report.outcome == "failed"
    assert "@fake" in report.why and "@somebody-else" in report.why
    assert fake_line.texts() == []


def test_a_token_that_was_revoked_says_what_to_do(state: Path, broadcast: Make, fake_line: FakeLine) -> None:
    fake_line.revoke()
    report = Hand(state).carry_out(broadcast(1))
    assert report.outcome == "failed"
    assert "channel access token" in report.why and "channel access token" in report.why_en


@pytest.mark.parametrize(
    "wrong", [{}, {"channel_access_token": ""}, {"channel_access_token": "zwei Worte"}, {"channel_secret": "abc"}]
)
def test_without_a_usable_token_nothing_is_asked(
    state: Path, broadcast: Make, fake_line: FakeLine, wrong: dict[str, str]
) -> None:
    let_in(state, **wrong, api=fake_line.url)
    report = Hand(state).carry_out(broadcast(1))
    assert report.outcome == "failed"
    assert "channel_access_token" in report.why_en
    assert fake_line.log() == []


@pytest.mark.parametrize("address", ["http://api.line.me", "ftp://127.0.0.1", "api.line.me"])
def test_the_token_goes_to_no_address_without_tls(state: Path, broadcast: Make, address: str) -> None:
    let_in(state, channel_access_token="secret", api=address)
    assert Hand(state).carry_out(broadcast(1)).outcome == "failed"


def test_a_month_that_is_used_up_is_said_with_its_numbers(state: Path, broadcast: Make, fake_line: FakeLine) -> None:
    fake_line.quota(100)
    assert Hand(state).carry_out(broadcast(1)).outcome == "released", "a hundred friends"
    report = Hand(state).carry_out(broadcast(2))
    assert report.outcome == "failed" and report.again_at is None
    assert "100 / 100" in report.why and "100 / 100" in report.why_en
    assert len(fake_line.sent()) == 1


def test_more_friends_than_messages_are_left_is_found_by_line_alone(state: Path, broadcast: Make, fake_line: FakeLine) -> None:
    fake_line.quota(150)
    assert Hand(state).carry_out(broadcast(1)).outcome == "released"
    report = Hand(state).carry_out(broadcast(2))
    assert report.outcome == "failed" and report.again_at is None
    assert "monthly limit" in report.why_en
    assert len(fake_line.sent()) == 1


def test_a_rate_that_is_limited_is_tried_again_later(state: Path, broadcast: Make, fake_line: FakeLine) -> None:
    fake_line.limit("broadcast", 1, 3600.0)
    assert Hand(state).carry_out(broadcast(1)).outcome == "released"
    report = Hand(state).carry_out(broadcast(2))
    assert report.outcome == "prevented"
    assert report.again_at is not None and report.again_at > time.time()
    assert len(fake_line.sent()) == 1


def test_a_platform_that_is_away_is_tried_again_later(state: Path, broadcast: Make, fake_line: FakeLine) -> None:
    let_in(state, channel_access_token="x", api="http://127.0.0.1:9")
    report = Hand(state).carry_out(broadcast(1))
    assert report.outcome == "prevented" and report.again_at is not None


def test_after_a_stop_nothing_goes_out(state: Path, broadcast: Make, fake_line: FakeLine) -> None:
    Gate(state).shut(ACCOUNT)
    assert Hand(state).carry_out(broadcast(1)).outcome == "prevented"
    assert BROADCAST not in [one["path"] for one in fake_line.log()]


# What goes wrong on the way

ONCE = {
    "dropped before": faults.drop_before(),
    "dropped while it was read": faults.drop_reading(),
    "dropped after it was taken in": faults.drop_after(),
    "cut in its answer": faults.cut(),
    "500": faults.refused(500),
    "503": faults.refused(503),
    "taken in, and 500 told": faults.taken_but(500),
    "taken in, and 503 told": faults.taken_but(503),
    "taken in after we had gone": faults.slow(0.9),
    "answered after we had gone": faults.late(0.9),
    "another's page": Fault("html"),
    "garbage": Fault("garbage"),
    "an empty answer": Fault("empty"),
    "another shape": Fault("other shape"),
    "sent elsewhere": Fault("redirect", taken=False),
}


@pytest.mark.parametrize("fault", ONCE.values(), ids=ONCE)
def test_whatever_happens_to_one_try_it_is_out_once_and_known_to_be(
    state: Path, broadcast: Make, fake_line: FakeLine, fault: Fault
) -> None:
    fake_line.fault(fault.on("POST", BROADCAST))
    report = Hand(state).carry_out(broadcast(1))
    assert report.outcome == "released", report.why_en
    tries = fake_line.log("POST", BROADCAST)
    assert len(tries) == 2
    assert fake_line.texts() == ["1番目のお知らせです。\n"]
    taken_at_first = tries[0]["taken"]
    assert ("accepted it already" in report.why_en) == taken_at_first


def away_when_leave_is_given(fake: FakeLine, turn: int) -> Callable[[Step], None]:
    """LINE hangs up when the gate has let this try through, before its first byte."""
    passed: list[Step] = []

    def at(step: Step) -> None:
        if step == "passed":
            passed.append(step)
            if len(passed) == turn:
                fake.away(0.0)

    return at


def test_a_line_hung_up_before_the_first_byte_is_no_riddle_and_tried_again_later(
    state: Path, broadcast: Make, fake_line: FakeLine
) -> None:
    report = Hand(state, away_when_leave_is_given(fake_line, 1)).carry_out(broadcast(1))
    assert report.outcome == "prevented" and report.again_at is not None, report.why_en
    assert "LINE" in report.why and Hand(state).look(look_for(broadcast(1), 0.0)).outcome == "failed", "it never began"


def test_a_line_hung_up_before_a_later_try_is_taken_up_once_more(state: Path, broadcast: Make, fake_line: FakeLine) -> None:
    fake_line.fault(faults.drop_after().on("POST", BROADCAST))
    report = Hand(state, away_when_leave_is_given(fake_line, 2)).carry_out(broadcast(1))
    assert report.outcome == "released", report.why_en
    assert len(fake_line.sent()) == 1


def test_what_stays_unanswered_is_asked_about_and_safe_to_send_again(
    state: Path, broadcast: Make, fake_line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_line.fault(faults.drop_after().on("POST", BROADCAST, times=None))
    job, hand = broadcast(1, deadline=moment() + 4), Hand(state)
    report = hand.carry_out(job)
    assert report.outcome == "unknown"
    assert moment() < job.deadline, "said before whoever gave the job loses patience"
    assert "Official Account Manager" in report.why and "Official Account Manager" in report.why_en
    assert len(fake_line.log("POST", BROADCAST)) > 2
    assert {one["retry_key"] for one in fake_line.sent()} == {job.key} and len(fake_line.sent()) == 1
    asked = len(fake_line.log())
    looked = hand.look(look_for(job, time.time()))
    assert looked.outcome == "unknown" and "24時間" in looked.why and "24 hours" in looked.why_en
    assert len(fake_line.log()) == asked, "a look sends nothing"
    fake_line.clear()
    assert hand.carry_out(broadcast(1, id="2")).outcome == "released"
    assert len(fake_line.sent()) == 1


def test_a_stop_between_two_tries_ends_them(
    state: Path, broadcast: Make, fake_line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_line.fault(faults.drop_before().on("POST", BROADCAST, times=None))
    pause = line.time.sleep

    def somebody_stops(seconds: float) -> None:
        Gate(state).shut()
        pause(seconds)

    monkeypatch.setattr(line.time, "sleep", somebody_stops)
    report = Hand(state).carry_out(broadcast(1))
    assert report.outcome == "unknown"
    assert len(fake_line.log("POST", BROADCAST)) == 1, "the second try met a closed gate"


def test_a_refusal_after_a_lost_answer_proves_nothing_about_the_first(state: Path, broadcast: Make, fake_line: FakeLine) -> None:
    fake_line.fault(faults.drop_after().on("POST", BROADCAST))
    fake_line.fault(faults.refused(400).on("POST", BROADCAST))
    report = Hand(state).carry_out(broadcast(1))
    assert report.outcome == "unknown"
    assert len(fake_line.sent()) == 1


def test_a_job_that_never_began_is_not_out(state: Path, broadcast: Make) -> None:
    assert Hand(state).look(look_for(broadcast(1), 0.0)).outcome == "failed"


MIX = [
    *(one for name, one in ONCE.items() if "gone" not in name),
    faults.slow(0.3),
    faults.late(0.3),
    faults.refused(429),
    faults.taken_but(429),
    faults.taken_but(400),
]


@pytest.mark.parametrize(
    ("seed", "count"),
    [("零", 30), *(pytest.param(seed, 100, marks=pytest.mark.slow) for seed in ("一", "二", "三"))],
)
def test_broadcasts_in_a_storm_go_out_once_each(
    state: Path, broadcast: Make, fake_line: FakeLine, monkeypatch: pytest.MonkeyPatch, seed: str, count: int
) -> None:
    """Whatever was said of a broadcast, nobody has it twice; what is said to be out is out; what is said not to be, or to be unknown, is
    sent again with the same key and out once in the end."""
    hurry(monkeypatch, answer=0.2)
    fake_line.limit("broadcast", 100_000, 3600.0)
    fake_line.mix(seed, 0.4, MIX)
    hand, chance = Hand(state), Random(seed)
    said: Counter[str] = Counter()
    for number in range(1, count + 1):
        text, turn = f"{number}番目のお知らせです。\n", 0
        while True:
            turn += 1
            job = broadcast(number, id=f"{number}_{turn}", deadline=moment() + line.AT_THE_END + chance.choice((1.1, 1.4, 5.0)))
            report = hand.carry_out(job)
            said[report.outcome] += 1
            out = fake_line.texts().count(text)
            assert out <= 1
            match report.outcome:
                case "released":
                    assert out == 1, report.why_en
                    break
                case "unknown":
                    assert "Official Account Manager" in report.why_en or "not sent again" in report.why_en
                    assert hand.look(look_for(job, 0.0)).outcome == "unknown", "it is never called settled"
                case "prevented" | "failed":
                    assert report.why and report.why_en
                case other:
                    raise AssertionError(other)
    fake_line.clear()
    assert Counter(fake_line.texts()) == {f"{number}番目のお知らせです。\n": 1 for number in range(1, count + 1)}
    assert said["released"] == count
    assert said["unknown"] > 0 and said["prevented"] > 0, "the storm was one"


# What is asked, and what is never told


def asked(state: Path, what: str) -> dict[str, str]:
    told = Hand(state).ask(Ask(id="q", channel="line", account=ACCOUNT, handle=HANDLE, what=what))  # type: ignore[arg-type]
    assert told.ok, told.why_en
    return told.facts


def test_who_the_token_belongs_to_and_what_is_left_can_be_asked(state: Path, broadcast: Make, fake_line: FakeLine) -> None:
    assert asked(state, "account") == {"handle": "@fake", "name": "広報", "number": "U" + "0" * 32}
    assert asked(state, "quota") == {"used": "0"}
    fake_line.quota(1_000)
    assert Hand(state).carry_out(broadcast(1)).outcome == "released"
    assert asked(state, "quota") == {"used": "100", "limit": "1000", "left": "900"}
    told = Hand(state).ask(Ask(id="q", channel="line", account=ACCOUNT, handle=HANDLE, what="quota"))
    assert "not known" in told.why_en, "how many friends there are"


def test_the_token_is_in_nothing_that_is_said(state: Path, broadcast: Make, fake_line: FakeLine) -> None:
    secret = "TOPSECRET-" + "x" * 30
    let_in(state, channel_access_token=secret, api=fake_line.url)
    hand = Hand(state)
    said: list[Report] = [hand.carry_out(broadcast(1))]
    let_in(state, channel_access_token=secret, api="http://127.0.0.1:9")
    said += [hand.carry_out(broadcast(2)), hand.look(look_for(broadcast(2), 0.0))]
    let_in(state, channel_access_token=f"{secret} \u3042", api=fake_line.url)
    said.append(hand.carry_out(broadcast(3)))
    assert {report.outcome for report in said} == {"failed", "prevented"}
    assert not any(secret in repr(report) for report in said)
