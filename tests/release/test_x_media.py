"""What is attached goes up before the post, as the very bytes that were sealed, with its alternative text; or the post does not go out."""

from __future__ import annotations

import time
from hashlib import sha256
from pathlib import Path

import pytest

from daemon.gate import Gate
from daemon.release.hand import Hand
from daemon.release.jobs import Attached
from daemon.release.permit import Keeper
from daemon.release.x import media
from tests.platforms import faults
from tests.platforms.faults import Fault
from tests.release.live_x import HANDLE, AtX

PNG, JPEG, GIF = b"\x89PNG\r\n\x1a\n picture", b"\xff\xd8\xff picture", b"GIF89a moving"
MP4 = b"\0\0\0\x18ftypmp42 film"


def image(folder: Path, content: bytes = PNG, name: str = "a.png", alt: str = "") -> Attached:
    (folder / name).write_bytes(content)
    return Attached(path=str(folder / name), hash=sha256(content).hexdigest(), alt=alt)


def test_images_are_on_the_post_in_their_order_with_what_they_say(at_x: AtX, tmp_path: Path) -> None:
    attached = tuple(image(tmp_path, PNG + bytes([n]), f"{n}.png", alt=f"{n}枚目の絵" if n else "") for n in range(4))
    report = Hand(at_x.state).carry_out(at_x.job(images=attached))
    assert report.outcome == "released", report.why_en
    up = {one["id"]: one for one in at_x.fake.media()}
    (post,) = at_x.fake.posts(HANDLE)
    assert [up[number]["alt"] for number in post["media"]] == [None, "1枚目の絵", "2枚目の絵", "3枚目の絵"]
    assert {one["category"] for one in up.values()} == {"tweet_image"}


@pytest.mark.parametrize(
    ("content", "category"), [(GIF, "tweet_gif"), (MP4, "tweet_video"), (GIF + b"x" * (3 << 20), "tweet_gif")]
)
def test_what_moves_goes_up_in_pieces_and_is_waited_for(at_x: AtX, tmp_path: Path, content: bytes, category: str) -> None:
    at_x.fake.processing(1.0)
    report = Hand(at_x.state).carry_out(at_x.job(images=(image(tmp_path, content, alt="動くもの"),)))
    assert report.outcome == "released", report.why_en
    (one,) = at_x.fake.media()
    assert (one["category"], one["size"], one["alt"]) == (category, len(content), "動くもの")


def test_what_x_cannot_work_on_fails(at_x: AtX, tmp_path: Path) -> None:
    at_x.fake.processing(0.0, "failed")
    report = Hand(at_x.state).carry_out(at_x.job(images=(image(tmp_path, GIF),)))
    assert report.outcome == "failed"
    assert "処理できません" in report.why
    assert at_x.texts == []


def test_what_x_works_on_longer_than_the_job_may_take_is_tried_again(at_x: AtX, tmp_path: Path) -> None:
    from daemon.release.jobs import moment

    at_x.fake.processing(3600.0)
    report = Hand(at_x.state).carry_out(at_x.job(images=(image(tmp_path, GIF),), deadline=moment() + 2.5))
    assert report.outcome == "prevented"
    assert report.again_at is not None
    assert at_x.texts == []


@pytest.mark.parametrize("content", [PNG, GIF, MP4])
def test_an_image_that_is_not_the_approved_one_is_on_no_post(at_x: AtX, tmp_path: Path, content: bytes) -> None:
    one = image(tmp_path, content)
    Path(one.path).write_bytes(content[:-1] + b"!")
    report = Hand(at_x.state).carry_out(at_x.job(images=(one,)))
    assert report.outcome == "failed"
    assert "承認された画像ではありません" in report.why
    assert at_x.texts == []


@pytest.mark.parametrize("what", ["none", "link", "folder", "empty", "heic", "too large"])
def test_what_cannot_be_attached_keeps_the_whole_post_in(at_x: AtX, tmp_path: Path, what: str) -> None:
    place = tmp_path / "a.png"
    match what:
        case "link":
            place.symlink_to("/etc/passwd")
        case "folder":
            place.mkdir()
        case "empty":
            place.touch()
        case "heic":
            place.write_bytes(b"\0\0\0\x18ftypheic")
        case "too large":
            place.write_bytes(PNG + b"x" * (5 << 20))
    report = Hand(at_x.state).carry_out(at_x.job(images=(Attached(path=str(place)),)))
    assert report.outcome == "failed"
    assert "a.png" in report.why
    assert at_x.fake.log("POST") == []


@pytest.mark.parametrize(
    "contents", [(PNG, JPEG, PNG + b"1", PNG + b"2", PNG + b"3"), (GIF, PNG)], ids=["five", "an animation beside an image"]
)
def test_what_x_takes_on_no_post_fails(at_x: AtX, tmp_path: Path, contents: tuple[bytes, ...]) -> None:
    attached = tuple(image(tmp_path, content, f"{n}.png") for n, content in enumerate(contents))
    assert Hand(at_x.state).carry_out(at_x.job(images=attached)).outcome == "failed"
    assert at_x.texts == []


def test_words_for_an_image_that_x_would_cut_fail(at_x: AtX, tmp_path: Path) -> None:
    assert Hand(at_x.state).carry_out(at_x.job(images=(image(tmp_path, alt="長" * 1001),))).outcome == "failed"
    assert at_x.fake.log("POST") == []


UP = [
    (PNG, "POST", "/2/media/upload"),
    (GIF, "POST", "/2/media/upload/initialize"),
    (GIF, "POST", "/2/media/upload/*/append"),
    (GIF, "POST", "/2/media/upload/*/finalize"),
    (GIF, "GET", "/2/media/upload"),
    (PNG, "POST", "/2/media/metadata"),
]


@pytest.mark.parametrize(("content", "method", "path"), UP)
@pytest.mark.parametrize("fault", [faults.drop_after(), faults.taken_but(503), Fault("html")])
def test_an_upload_that_goes_wrong_is_tried_again_and_shows_nothing(
    at_x: AtX, tmp_path: Path, content: bytes, method: str, path: str, fault: Fault
) -> None:
    at_x.fake.processing(1.0)
    one = image(tmp_path, content, alt="絵")
    at_x.fake.fault(fault.on(method, path))
    report = Hand(at_x.state).carry_out(at_x.job(images=(one,)))
    assert report.outcome == "prevented", report.why_en
    assert report.again_at is not None
    assert at_x.texts == []
    assert Hand(at_x.state).carry_out(at_x.job(2, images=(one,))).outcome == "released"


def test_what_is_up_is_not_sent_up_again(at_x: AtX, tmp_path: Path) -> None:
    one = image(tmp_path, alt="絵")
    Gate(at_x.state).shut("minato-x")
    assert Hand(at_x.state).carry_out(at_x.job(1, images=(one,))).outcome == "prevented"
    assert len(at_x.fake.log("POST", "/2/media/upload")) == 1, "what shows nothing to anybody is made ready before the gate"
    Keeper(at_x.state).lift("minato-x")
    assert Hand(at_x.state).carry_out(at_x.job(2, images=(one,))).outcome == "released"
    assert len(at_x.fake.log("POST", "/2/media/upload")) == 1
    assert len(at_x.fake.log("POST", "/2/media/metadata")) == 1


def test_what_was_up_too_long_ago_goes_up_again_and_is_forgotten(
    at_x: AtX, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = image(tmp_path)
    Hand(at_x.state).carry_out(at_x.job(1, images=(one,)))
    monkeypatch.setattr(media, "KEPT", 0.01)
    time.sleep(0.02)
    assert Hand(at_x.state).carry_out(at_x.job(2, images=(one,))).outcome == "released"
    assert len(at_x.fake.log("POST", "/2/media/upload")) == 2


@pytest.mark.parametrize("alt", ["", "絵"])
def test_what_x_does_not_know_any_more_goes_up_anew_at_once_and_once(at_x: AtX, tmp_path: Path, alt: str) -> None:
    one = image(tmp_path, alt=alt)
    Gate(at_x.state).shut("minato-x")
    assert Hand(at_x.state).carry_out(at_x.job(1, images=(one,))).outcome == "prevented"
    Keeper(at_x.state).lift("minato-x")
    at_x.fake.lose_media()
    first = Hand(at_x.state).carry_out(at_x.job(2, images=(one,)))
    assert (first.outcome, at_x.texts) == ("prevented", [])
    assert first.again_at is not None and first.again_at <= time.time(), "nothing is waited for"
    assert Hand(at_x.state).carry_out(at_x.job(3, images=(one,))).outcome == "released"
    assert len(at_x.fake.log("POST", "/2/media/upload")) == 2
    (post,) = at_x.fake.posts(HANDLE)
    assert [each["alt"] for each in at_x.fake.media() if each["id"] in post["media"]] == [alt or None]


def test_what_x_does_not_know_though_it_has_just_gone_up_fails(
    at_x: AtX, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "_send", lambda *_: "1234567890")
    report = Hand(at_x.state).carry_out(at_x.job(images=(image(tmp_path),)))
    assert report.outcome == "failed", report.why_en
    assert "media IDs are invalid" in report.why


def test_a_refused_image_fails_with_the_words_of_x(at_x: AtX, tmp_path: Path) -> None:
    at_x.fake.fault(Fault("status", taken=False, status=400).on("POST", "/2/media/upload"))
    report = Hand(at_x.state).carry_out(at_x.job(images=(image(tmp_path),)))
    assert report.outcome == "failed"
    assert "a.png" in report.why and "400" in report.why
