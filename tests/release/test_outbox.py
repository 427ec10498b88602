"""After a crash the names in the outbox say what happened."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.release import outbox
from daemon.release.hand import Hand
from daemon.release.jobs import Job, look_for
from daemon.release.steps import Noted, Steps
from tests.release.conftest import BODY

Make = Callable[..., Job]


BEGUN: Noted = "this boot"
OLD: Noted = "an earlier boot"


def test_a_final_name_means_released(job: Make, outbox_dir: Path) -> None:
    outbox.begin(outbox.prepare(job(4)), outbox.final(job(4)))
    assert outbox.what_became("4", outbox_dir, BEGUN, BODY) == "released"
    assert outbox.what_became("4", outbox_dir, OLD, BODY) == "released"


@pytest.mark.parametrize("noted", [None, BEGUN], ids=["never noted", "noted"])
def test_only_a_half_made_folder_means_not_released_and_it_is_put_aside(job: Make, outbox_dir: Path, noted: Noted | None) -> None:
    outbox.prepare(job(4))
    assert outbox.what_became("4", outbox_dir, noted, BODY) == "not_released"
    assert list(outbox_dir.iterdir()) == [outbox.void("4", outbox_dir)]


def test_a_hand_that_still_lives_cannot_bring_out_what_was_settled(job: Make, outbox_dir: Path) -> None:
    ready = outbox.prepare(job(4))
    assert outbox.what_became("4", outbox_dir, BEGUN, BODY) == "not_released"
    with pytest.raises(FileNotFoundError):
        outbox.begin(ready, outbox.final(job(4)))


@pytest.mark.parametrize("make", [True, False], ids=["an empty outbox", "no outbox"])
def test_a_job_without_a_note_never_began(outbox_dir: Path, make: bool) -> None:
    if make:
        outbox_dir.mkdir(parents=True)
    assert outbox.what_became("4", outbox_dir, None, BODY) == "not_released"


def test_a_job_that_began_and_lies_nowhere_any_more_was_taken_by_whoever_reads_the_outbox(job: Make, outbox_dir: Path) -> None:
    outbox.begin(outbox.prepare(job(4)), outbox.final(job(4)))
    shutil.rmtree(outbox.final(job(4)))
    assert outbox.what_became("4", outbox_dir, BEGUN, BODY) == "released"


def test_after_a_boot_the_names_that_are_missing_say_nothing(job: Make, outbox_dir: Path) -> None:
    outbox.prepare(job(4))
    assert outbox.what_became("4", outbox_dir, OLD, BODY) == "unknown"
    outbox.discard(outbox.staging("4", outbox_dir))
    assert outbox.what_became("4", outbox_dir, OLD, BODY) == "unknown"


def test_an_outbox_that_is_gone_says_nothing_of_a_job_that_began(outbox_dir: Path) -> None:
    assert outbox.what_became("4", outbox_dir, BEGUN, BODY) == "unknown"


def test_something_of_that_name_that_never_began_is_nobodys_release(job: Make, outbox_dir: Path) -> None:
    outbox.begin(outbox.prepare(job(4)), outbox.final(job(4)))
    assert outbox.what_became("4", outbox_dir, None, BODY) == "unknown"


def test_another_text_under_its_number_is_not_its_release(job: Make, outbox_dir: Path) -> None:
    outbox.begin(outbox.prepare(job(4, body=b"of a database that a backup has replaced")), outbox.final(job(4)))
    assert outbox.what_became("4", outbox_dir, BEGUN, BODY) == "unknown"


def test_a_job_is_not_taken_for_another_whose_number_begins_like_it(job: Make, outbox_dir: Path) -> None:
    outbox.begin(outbox.prepare(job(44)), outbox.final(job(44)))
    assert outbox.what_became("4", outbox_dir, None, BODY) == "not_released"


def test_settling_can_itself_be_cut_off_and_done_again(job: Make, outbox_dir: Path) -> None:
    outbox.begin(outbox.prepare(job(4)), outbox.final(job(4)))
    (outbox_dir / ".void-4.tmp").mkdir()
    assert outbox.what_became("4", outbox_dir, BEGUN, BODY) == "released"


def test_a_look_that_was_cut_off_before_anybody_heard_of_it_finds_the_same_again(
    state: Path, job: Make, outbox_dir: Path
) -> None:
    outbox.prepare(job(4))
    Steps(state).begins("4")
    assert outbox.what_became("4", outbox_dir, BEGUN, BODY) == "not_released"
    assert outbox.what_became("4", outbox_dir, BEGUN, BODY) == "not_released"
    assert outbox.what_became("4", outbox_dir, OLD, BODY) == "not_released"
    assert Hand(state).look(look_for(job(4), 0.0)).outcome == "failed"
    assert list(outbox_dir.iterdir()) == []
    assert Hand(state).look(look_for(job(4), 0.0)).outcome == "failed"


def test_a_release_never_replaces_what_is_there(job: Make, outbox_dir: Path) -> None:
    ready = outbox.prepare(job(4))
    outbox.final(job(4)).mkdir()
    with pytest.raises(FileExistsError):
        outbox.begin(ready, outbox.final(job(4)))
    assert list(outbox.final(job(4)).iterdir()) == []


def test_the_card_of_a_job_is_always_the_same_bytes(job: Make) -> None:
    assert outbox.card_toml(job(4, deadline=1.0)) == outbox.card_toml(job(4, deadline=2.0))
