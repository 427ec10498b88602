"""The daemon and its hand, as real processes: what is reported, what a death in between means, and that nothing goes out twice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from daemon.gate import Gate
from daemon.release import outbox
from daemon.release.hands import Releaser
from daemon.release.jobs import Attached, Job

Make = Callable[..., Job]


@pytest.fixture
async def releaser(state: Path) -> AsyncIterator[Releaser]:
    releaser = Releaser(state)
    await releaser.start()
    yield releaser
    await releaser.close()


def pid_of(releaser: Releaser) -> int:
    assert releaser.pid is not None
    return releaser.pid


async def awake(releaser: Releaser, job: Make) -> None:
    """Wait until the hand serves, so that what is done to it next meets it in a job and not in its start."""
    card = job(9999, channel="manual", epoch=Gate(releaser.state).look().epoch)
    while (await releaser.send(card)).outcome != "passed":
        pass  # the one before is still dying


def out(outbox_dir: Path, number: int) -> list[Path]:
    return list(outbox_dir.glob(f"{number}-*")) if outbox_dir.exists() else []


async def test_jobs_go_through_one_hand_and_come_back_reported(releaser: Releaser, job: Make, outbox_dir: Path) -> None:
    pid = releaser.pid
    reports = await asyncio.gather(*(releaser.send(job(n)) for n in range(1, 6)), releaser.send(job(6, channel="manual")))
    assert [report.outcome for report in reports] == ["released"] * 5 + ["passed"]
    assert [report.job for report in reports] == ["1", "2", "3", "4", "5", "6"]
    assert releaser.pid == pid
    assert all(len(out(outbox_dir, n)) == 1 for n in range(1, 6))


async def test_the_hand_is_named_for_whoever_stops_and_unnamed_when_it_goes(state: Path) -> None:
    releaser = Releaser(state)
    await releaser.start()
    assert (state / "hand.pid").read_text().split()[0] == str(releaser.pid)
    await releaser.close()
    assert not (state / "hand.pid").exists()
    assert releaser.pid is None


async def test_a_hand_that_was_killed_is_replaced_at_the_next_job(releaser: Releaser, job: Make, state: Path) -> None:
    killed = pid_of(releaser)
    os.kill(killed, signal.SIGKILL)
    assert (await releaser.send(job(1))).outcome in ("released", "failed", "unknown")
    assert (await releaser.send(job(2))).outcome == "released"
    assert releaser.pid != killed
    assert (state / "hand.pid").read_text().split()[0] == str(releaser.pid)


@pytest.mark.clause("saitama/11")
async def test_a_stop_prevents_what_comes_after_it(releaser: Releaser, job: Make, state: Path, outbox_dir: Path) -> None:
    assert (await asyncio.to_thread(Gate(state).shut)).silent_ms is not None
    report = await releaser.send(job(1))
    assert report.outcome == "prevented"
    assert out(outbox_dir, 1) == []


async def test_a_hand_that_hangs_is_ended_and_the_outbox_says_what_became_of_the_job(
    releaser: Releaser, job: Make, outbox_dir: Path
) -> None:
    os.kill(pid_of(releaser), signal.SIGSTOP)
    report = await releaser.send(job(1), timeout=0.3)
    assert report.outcome == "failed"  # without a note it never began
    assert out(outbox_dir, 1) == []
    assert (await releaser.send(job(2))).outcome == "released"


async def test_a_card_that_was_never_answered_was_never_shown(releaser: Releaser, job: Make) -> None:
    os.kill(pid_of(releaser), signal.SIGSTOP)
    report = await releaser.send(job(1, channel="manual"), timeout=0.3)
    assert report.outcome == "failed"
    assert "カード" in report.why


async def test_a_new_daemon_ends_the_hand_that_a_killed_one_left(state: Path) -> None:
    orphaned = Releaser(state)
    await orphaned.start()
    orphan = pid_of(orphaned)
    os.kill(orphan, signal.SIGSTOP)
    releaser = Releaser(state)
    await releaser.start()
    assert releaser.pid != orphan
    await asyncio.sleep(0)
    with contextlib.suppress(ProcessLookupError):
        os.kill(orphan, signal.SIGCONT)
    await orphaned.close()
    assert releaser.pid is not None
    await releaser.close()


async def test_a_hand_ends_with_its_daemon(releaser: Releaser) -> None:
    pid = pid_of(releaser)
    await releaser.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_name_that_is_no_text_is_a_failure_and_not_a_crash(releaser: Releaser, job: Make) -> None:
    assert (await releaser.send(job(1, images=(Attached(path="/tmp/\udcff.jpg"),)))).outcome == "failed"
    assert (await releaser.send(job(2, slug="\udcff"))).outcome == "released"


def drafts_in(outbox_dir: Path) -> list[int]:
    return [int((folder / "post.txt").read_text().split()[0]) for folder in outbox_dir.iterdir()]


def nothing_yet(outbox_dir: Path, number: int) -> bool:
    return True


def being_made(outbox_dir: Path, number: int) -> bool:
    return outbox.staging(str(number), outbox_dir).exists()


def text_written(outbox_dir: Path, number: int) -> bool:
    return (outbox.staging(str(number), outbox_dir) / "post.txt").exists()


def appeared(outbox_dir: Path, number: int) -> bool:
    return bool(out(outbox_dir, number))


STEPS = {"before it is made": nothing_yet, "being made": being_made, "text written": text_written, "appeared": appeared}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
async def test_a_hand_killed_at_any_step_leaves_a_name_that_tells_the_truth(
    releaser: Releaser, job: Make, outbox_dir: Path, step: Callable[[Path, int], bool]
) -> None:
    # A large body gives the watcher below time to see each step.
    for number in range(1, 4):
        await awake(releaser, job)
        sending = asyncio.ensure_future(releaser.send(job(number, body=os.urandom(1 << 19).hex().encode())))
        while not step(outbox_dir, number) and not sending.done():  # noqa: ASYNC110  a hand tells nobody where it is
            await asyncio.sleep(0)
        with contextlib.suppress(ProcessLookupError, AssertionError):
            os.kill(pid_of(releaser), signal.SIGKILL)
        report = await sending
        there = out(outbox_dir, number)
        assert len(there) <= 1
        assert report.outcome in ("released", "failed", "unknown")
        assert (report.outcome == "released") == bool(there)
        assert not outbox.staging(str(number), outbox_dir).exists()
        if there:
            assert (there[0] / "post.txt").stat().st_size == 1 << 20


async def test_thirty_hands_killed_at_random_send_every_draft_at_most_once_and_know_it(
    releaser: Releaser, job: Make, outbox_dir: Path
) -> None:
    """A release that certainly did not go out is tried again under a new id, as the desk would; nothing else is."""
    dice = random.Random(7)
    released: dict[int, int] = {}
    unknown: set[int] = set()
    number = 0
    await awake(releaser, job)
    began = time.monotonic()
    assert (await releaser.send(job(0, slug="by itself", draft=0, body=b"0\n" * 20_000))).outcome == "released"
    window = max(0.012, 1.5 * (time.monotonic() - began))  # so that the kills fall on every part of a job on any machine
    for draft in range(1, 31):
        while True:
            number += 1
            await awake(releaser, job)
            sending = asyncio.ensure_future(releaser.send(job(number, draft=draft, body=f"{draft}\n".encode() * 20_000)))
            if draft not in released:
                await asyncio.sleep(dice.random() * window)
                with contextlib.suppress(ProcessLookupError, AssertionError):
                    os.kill(pid_of(releaser), signal.SIGKILL)
            report = await sending
            if report.outcome == "released":
                released[draft] = released.get(draft, 0) + 1
            if report.outcome == "unknown":
                unknown.add(draft)
            if report.outcome != "failed":
                break
    delivered = [draft for draft in drafts_in(outbox_dir) if draft]
    assert len(delivered) == len(set(delivered)), "a draft went out twice"
    assert set(delivered) == set(released), "what was reported is not what lies there"
    print(f"released {len(released)}, unknown {len(unknown)}, tried again {number - 30}")
    assert set(released) | unknown == set(range(1, 31)), "a draft was lost without a word"


async def test_nothing_appears_after_a_stop_that_proved_silence_wherever_the_hand_was(
    releaser: Releaser, job: Make, state: Path, outbox_dir: Path
) -> None:
    """The hand is frozen at a random moment of a job, then stopped, then thawed if it still lives."""
    from daemon.release.permit import Keeper

    dice = random.Random(11)
    for number in range(1, 16):
        await awake(releaser, job)
        sending = asyncio.ensure_future(releaser.send(job(number, epoch=6 + number, body=b"x" * 300_000), timeout=5))
        await asyncio.sleep(dice.random() * 0.01)
        pid = pid_of(releaser)
        os.kill(pid, signal.SIGSTOP)
        shut = await asyncio.to_thread(Gate(state).shut)
        before = len(out(outbox_dir, number))
        assert shut.stopped
        assert shut.silent_ms is not None, shut.why_en
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        report = await sending
        assert len(out(outbox_dir, number)) == before
        assert (report.outcome == "released") == bool(before)
        Keeper(state).grant(7 + number)
