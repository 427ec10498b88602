"""One job: nothing goes out that is not sealed, in time, of this epoch and let through; and what goes out is whole."""

from __future__ import annotations

import io
import os
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.gate import Gate
from daemon.release import outbox
from daemon.release.hand import Hand, serve
from daemon.release.jobs import Attached, Job, body_hash, decode_answer, encode, look_for, moment
from daemon.release.permit import Keeper

Make = Callable[..., Job]


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_release_appears_whole_under_its_final_name(state: Path, job: Make, outbox_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8 picture")
    report = Hand(state).carry_out(
        job(images=(Attached(path=str(tmp_path / "a.jpg"), hash=body_hash(b"\xff\xd8 picture")),), card={"by": "佐藤"})
    )
    assert report.outcome == "released", report.why_en
    assert leftovers(outbox_dir) == ["1-防災訓練"]
    place = outbox_dir / "1-防災訓練"
    assert report.place == str(place)
    assert (place / "post.txt").read_bytes() == job().body
    assert (place / "01-a.jpg").read_bytes() == b"\xff\xd8 picture"
    card = tomllib.loads((place / "card.toml").read_text())
    assert (card["job"], card["account"], card["handle"], card["epoch"]) == ("1", "minato-facebook", "minatokoho", 7)
    assert card["images"] == ["01-a.jpg"]
    assert card["card"] == {"by": "佐藤"}


def test_the_manual_channel_passes_the_gate_and_writes_nothing(state: Path, job: Make, outbox_dir: Path) -> None:
    assert Hand(state).carry_out(job(channel="manual")).outcome == "passed"
    assert leftovers(outbox_dir) == []


@pytest.mark.clause("saitama/11", "shinagawa/欠.緊急停止")
@pytest.mark.parametrize("channel", ["manual", "outbox"])
@pytest.mark.parametrize("scope", ["all", "minato-facebook", "facebook"])
def test_after_a_stop_nothing_goes_out(state: Path, job: Make, outbox_dir: Path, channel: str, scope: str) -> None:
    Gate(state).shut(scope)
    report = Hand(state).carry_out(job(channel=channel))
    assert report.outcome == "prevented"
    assert report.why
    assert report.why_en
    assert leftovers(outbox_dir) == []


def test_a_stop_of_somebody_else_does_not_prevent_it(state: Path, job: Make) -> None:
    Gate(state).shut("minato-x")
    assert Hand(state).carry_out(job()).outcome == "released"


def test_a_job_made_before_the_last_resume_does_not_go_out(state: Path, keeper: Keeper, job: Make, outbox_dir: Path) -> None:
    keeper.shut()
    keeper.grant(8)
    assert Hand(state).carry_out(job(epoch=7)).outcome == "prevented"
    assert Hand(state).carry_out(job(epoch=8)).outcome == "released"


def test_a_job_that_lay_too_long_does_not_go_out(state: Path, job: Make, outbox_dir: Path) -> None:
    report = Hand(state).carry_out(job(deadline=moment() - 0.001))
    assert report.outcome == "prevented"
    assert "期限" in report.why
    assert leftovers(outbox_dir) == []


def test_a_body_that_is_not_the_sealed_one_does_not_go_out(state: Path, job: Make, outbox_dir: Path) -> None:
    assert Hand(state).carry_out(job(body_hash=body_hash(b"approved"))).outcome == "failed"
    assert leftovers(outbox_dir) == []


def test_without_the_lock_nothing_goes_out(state: Path, job: Make, outbox_dir: Path) -> None:
    (state / "send.lock").unlink()
    assert Hand(state).carry_out(job()).outcome == "prevented"
    assert leftovers(outbox_dir) == []


def an_image_that_is_not_there(folder: Path) -> Attached:
    return Attached(path=str(folder / "none.jpg"))


def an_image_that_is_a_link(folder: Path) -> Attached:
    (folder / "link.jpg").symlink_to("/etc/passwd")
    return Attached(path=str(folder / "link.jpg"))


def an_image_that_is_a_folder(folder: Path) -> Attached:
    return Attached(path=str(folder))


def an_image_that_was_changed(folder: Path) -> Attached:
    (folder / "b.jpg").write_bytes(b"another picture")
    return Attached(path=str(folder / "b.jpg"), hash=body_hash(b"the approved picture"))


@pytest.mark.parametrize(
    "image", [an_image_that_is_not_there, an_image_that_is_a_link, an_image_that_is_a_folder, an_image_that_was_changed]
)
def test_an_image_that_is_not_the_approved_one_keeps_the_whole_release_in(
    state: Path, job: Make, outbox_dir: Path, tmp_path: Path, image: Callable[[Path], Attached]
) -> None:
    report = Hand(state).carry_out(job(images=(image(tmp_path),)))
    assert report.outcome == "failed"
    assert report.why_en
    assert leftovers(outbox_dir) == []


def test_the_same_job_given_twice_goes_out_once(state: Path, job: Make, outbox_dir: Path) -> None:
    first = Hand(state).carry_out(job())
    made = (outbox_dir / "1-防災訓練").stat().st_ino
    again = Hand(state).carry_out(job())
    assert first.outcome == again.outcome == "released"
    assert (outbox_dir / "1-防災訓練").stat().st_ino == made
    assert leftovers(outbox_dir) == ["1-防災訓練"]


def test_a_name_that_something_else_has_is_never_overwritten(state: Path, job: Make, outbox_dir: Path) -> None:
    (outbox_dir / "1-防災訓練").mkdir(parents=True)
    report = Hand(state).carry_out(job())
    assert report.outcome == "unknown"
    assert list((outbox_dir / "1-防災訓練").iterdir()) == []


def test_what_a_killed_hand_left_half_made_is_made_anew(state: Path, job: Make, outbox_dir: Path) -> None:
    half = outbox.staging("1", outbox_dir)
    half.mkdir(parents=True)
    (half / "post.txt").write_bytes(b"half")
    assert Hand(state).carry_out(job()).outcome == "released"
    assert (outbox_dir / "1-防災訓練" / "post.txt").read_bytes() == job().body


def test_a_hand_killed_while_it_wrote_its_note_never_began(state: Path, job: Make, outbox_dir: Path) -> None:
    outbox.prepare(job(1))
    (state / "releaser").mkdir()
    (state / "releaser" / "1").touch()
    assert Hand(state).look(look_for(job(1), 0.0)).outcome == "failed"
    assert not outbox.final(job(1)).exists()


@pytest.mark.parametrize(
    "slug", ["../../../etc/cron.d/x", "a/b", "", ".", "..", "\x00\n", "長" * 300, "-rf", "\udcff\udcfe", "a'b;$(rm)"]
)
def test_a_slug_cannot_lead_out_of_the_outbox(state: Path, job: Make, outbox_dir: Path, slug: str) -> None:
    report = Hand(state).carry_out(job(slug=slug))
    assert report.outcome == "released", report.why_en
    assert Path(report.place).parent == outbox_dir
    assert leftovers(outbox_dir) == [Path(report.place).name]


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a-b", "x" * 65, "あ"])
def test_an_id_that_could_be_no_file_name_makes_no_job(job: Make, name: str) -> None:
    with pytest.raises(ValueError, match="id"):
        job(id=name)


def test_an_outbox_that_cannot_be_made_fails_with_a_reason(state: Path, job: Make, outbox_dir: Path) -> None:
    outbox_dir.parent.write_text("a file where the folder should be")
    report = Hand(state).carry_out(job())
    assert report.outcome == "failed"
    assert report.why_en


@pytest.fixture
def full_disk(outbox_dir: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    outbox_dir.mkdir(parents=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", outbox_dir], check=False).returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    yield outbox_dir
    subprocess.run(["umount", "-l", outbox_dir], check=True)


def test_a_full_disk_is_a_definite_failure_that_leaves_nothing(state: Path, job: Make, full_disk: Path) -> None:
    report = Hand(state).carry_out(job(body=b"x" * 100_000))
    assert report.outcome == "failed"
    assert "space" in report.why_en
    assert leftovers(full_disk) == []
    assert Hand(state).carry_out(job(body=b"short")).outcome == "released"


def test_a_line_that_is_no_job_is_answered_and_the_next_one_is_served(state: Path, job: Make) -> None:
    reports = io.BytesIO()
    serve(Hand(state), io.BytesIO(b"garbage\n{}\n\n" + encode(job(channel="manual"))), reports)
    outcomes = [decode_answer(line).outcome for line in reports.getvalue().splitlines()]
    assert sorted(outcomes) == ["failed", "failed", "failed", "passed"]
