"""The simulated channel against the simulated platform, both as real processes: what is reported, and what had really arrived."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from daemon.gate import Gate
from daemon.release import simulated
from daemon.release.hand import Hand
from daemon.release.hands import Releaser
from daemon.release.jobs import Job, look_for
from daemon.release.simulated import asked
from daemon.release.simulator import Revoke
from daemon.release.steps import Steps
from tests.release.live_platform import Platform
from tests.service.live_office import until

Make = Callable[..., Job]
ACCOUNT = "minato-facebook"


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    platform = Platform(tmp_path, str(tmp_path / "a folder with a long name, as an office may have one" / "platform.socket"))
    yield platform
    platform.kill()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> None:
    (tmp_path / "a folder with a long name, as an office may have one").mkdir()


@pytest.fixture
def post(job: Make, platform: Platform) -> Make:
    """Makes a job for the simulated platform."""

    def make(number: int = 1, text: str = "", **given: Any) -> Job:
        body = (text or f"{number}番目のお知らせです。").encode()
        return job(number, channel="simulated", body=body, platform_at=platform.at, **given)

    return make


@pytest.fixture
async def releaser(state: Path) -> AsyncIterator[Releaser]:
    releaser = Releaser(state)
    await releaser.start()
    yield releaser
    await releaser.close()


def test_a_post_arrives_once_and_its_address_comes_back(state: Path, post: Make, platform: Platform) -> None:
    report = Hand(state).carry_out(post(1))
    assert (report.outcome, report.place) == ("released", "https://simulated.invalid/minatokoho/status/1")
    assert platform.texts(ACCOUNT) == ["1番目のお知らせです。"]


def test_it_listens_on_the_network_too(state: Path, job: Make, tmp_path: Path) -> None:
    with __import__("socket").create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    platform = Platform(tmp_path, f"127.0.0.1:{port}")
    try:
        made = job(1, channel="simulated", platform_at=platform.at)
        assert Hand(state).carry_out(made).outcome == "released"
        assert len(platform.texts(ACCOUNT)) == 1
    finally:
        platform.kill()


def test_after_a_stop_nothing_arrives(state: Path, post: Make, platform: Platform) -> None:
    Gate(state).shut(ACCOUNT)
    assert Hand(state).carry_out(post(1)).outcome == "prevented"
    assert platform.texts(ACCOUNT) == []


@pytest.mark.parametrize(
    ("how", "outcome", "arrived"),
    [
        ({"drop": "before"}, "unknown", 0),
        ({"drop": "during"}, "unknown", 0),
        ({"drop": "after"}, "unknown", 1),
        ({"status": 500}, "unknown", 0),
        ({"status": 503}, "unknown", 0),
        ({"status": 403}, "unknown", 0),
        ({"status": 400}, "failed", 0),
        ({"status": 429}, "prevented", 0),
    ],
)
def test_what_the_platform_does_with_it_is_reported_as_what_one_can_know(
    state: Path, post: Make, platform: Platform, how: dict[str, Any], outcome: str, arrived: int
) -> None:
    platform.behaves(**how, times=1)
    report = Hand(state).carry_out(post(1))
    assert report.outcome == outcome
    assert report.why and report.why_en
    assert len(platform.texts(ACCOUNT)) == arrived
    assert Hand(state).carry_out(post(2)).outcome == "released", "it behaves again"


def test_an_answer_that_comes_after_the_client_gave_up_is_unknown_and_found_by_looking(
    state: Path, post: Make, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulated.Sending.__init__, "__defaults__", (0.2,))
    platform.behaves(late=60.0, times=1)
    job, since = post(1), time.time()
    assert Hand(state).carry_out(job).outcome == "unknown"
    until(lambda: platform.texts(ACCOUNT), "the post, which may still have been on its way")
    looked = Hand(state).look(look_for(job, since))
    assert (looked.outcome, looked.place) == ("released", "https://simulated.invalid/minatokoho/status/1")


def test_a_post_taken_in_late_is_not_found_until_it_is_there(
    state: Path, post: Make, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulated.Sending.__init__, "__defaults__", (0.1,))
    platform.behaves(delay=60.0, times=1)
    job, since = post(1), time.time()
    hand = Hand(state)
    assert hand.carry_out(job).outcome == "unknown"
    assert hand.look(look_for(job, since)).outcome == "unknown"
    platform.behaves()
    until(lambda: platform.texts(ACCOUNT), "the post taken in")
    assert hand.look(look_for(job, since)).outcome == "released"


def test_looking_takes_no_other_post_for_it(state: Path, post: Make, platform: Platform) -> None:
    hand = Hand(state)
    assert hand.carry_out(post(1, "同じ文面です。")).outcome == "released"
    time.sleep(0.01)
    since = time.time()
    platform.behaves(drop="before", times=1)
    again = post(2, "同じ文面です。")
    assert hand.carry_out(again).outcome == "unknown"
    assert hand.look(look_for(again, since)).outcome == "unknown", "an earlier post of the same words is no trace of this one"
    assert hand.look(look_for(post(3, "別の文面です。"), since)).outcome == "failed", "what was never noted never began"


def test_a_platform_that_cannot_be_reached_is_a_definite_failure(state: Path, post: Make, platform: Platform) -> None:
    made = post(1)
    platform.kill()
    report = Hand(state).carry_out(made)
    assert report.outcome == "failed"
    assert report.why_en
    assert Steps(state).of("1") is None
    platform.start()
    assert Hand(state).carry_out(post(2)).outcome == "released"


def test_a_right_that_was_revoked_sends_nothing(state: Path, post: Make, platform: Platform) -> None:
    hand = Hand(state)
    (state / "releaser" / "token").write_text("old host\n")
    assert hand.carry_out(post(1)).outcome == "released"
    asked(platform.at, Revoke(token="old host"))
    assert hand.carry_out(post(2)).outcome == "failed"
    (state / "releaser" / "token").write_text("new host\n")
    assert hand.carry_out(post(3)).outcome == "released"
    assert platform.texts(ACCOUNT) == ["1番目のお知らせです。", "3番目のお知らせです。"]


def test_the_platform_remembers_over_its_own_death(state: Path, post: Make, platform: Platform) -> None:
    assert Hand(state).carry_out(post(1)).outcome == "released"
    platform.kill()
    platform.start()
    assert platform.texts(ACCOUNT) == ["1番目のお知らせです。"]


async def test_a_platform_that_hangs_holds_up_no_other_account(
    releaser: Releaser, post: Make, job: Make, platform: Platform
) -> None:
    platform.behaves(delay=60.0, times=1)
    hanging = asyncio.ensure_future(releaser.send(post(1)))
    await asyncio.to_thread(until, lambda: Steps(releaser.state).of("1"), "a post that has begun")
    report = await releaser.send(job(2))
    assert report.outcome == "released"
    assert not hanging.done()
    await asyncio.to_thread(platform.behaves)
    assert (await hanging).outcome == "released"
    assert await asyncio.to_thread(platform.texts, ACCOUNT) == ["1番目のお知らせです。"]


async def test_a_stop_while_a_platform_keeps_its_answer_back_is_silent_at_once(
    releaser: Releaser, post: Make, platform: Platform, state: Path
) -> None:
    """The lock is held for the write only: a stop does not wait for an answer, and does not kill a hand that waits for one."""
    assert (await releaser.send(post(1))).outcome == "released"
    platform.behaves(late=60.0, times=1)
    waiting = asyncio.ensure_future(releaser.send(post(2)))
    while len(await asyncio.to_thread(platform.texts, ACCOUNT)) < 2:  # noqa: ASYNC110  a platform tells nobody what it has
        await asyncio.sleep(0.01)
    pid = releaser.pid
    shut = await asyncio.to_thread(Gate(state).shut)
    assert shut.silent_ms is not None, shut.why_en
    await asyncio.to_thread(platform.behaves)
    assert (await waiting).outcome == "released"
    assert releaser.pid == pid
