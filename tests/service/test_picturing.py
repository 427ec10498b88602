"""Over the socket: an image of a draft as a small picture, as it was sealed, for whoever may read the draft."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from daemon.intake.small import drawn_small
from daemon.wire import Ask, Refusal, encode_frame
from daemon.wire.picturing import PictureOf, SmallPicture
from tests.intake.made_pictures import claiming, moving, plain
from tests.service.live_office import Office, until

RED, BLUE = (200, 0, 0), (0, 0, 200)


def put(office: Office, data: bytes, file: str = "橋.png", name: str = "a.txt") -> Path:
    """A draft that names an image, and the image."""
    image = office.path("minato-x", file)
    image.parent.mkdir(parents=True, exist_ok=True)
    image.write_bytes(data)
    front = f'author = "akasaka"\ntopic = "区政情報"\nimages = [{{ file = "{file}", alt = "橋", rights = "own", consent = "不要" }}]\n'
    office.path("minato-x", name).write_text(f"+++\n{front}+++\n新しい橋の名前を、来年の春まで募集しています。")
    return image


def halves(width: int = 640, height: int = 320, orientation: int = 1) -> bytes:
    """A JPEG, red on the left and blue on the right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


def at(picture: SmallPicture, x: int, y: int) -> tuple[int, ...]:
    """The colour of a pixel."""
    place = 3 * picture.pixels[y * picture.width + x]
    return tuple(picture.palette[place : place + 3])


def near(colour: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(colour, other, strict=True))


def test_whoever_may_read_the_draft_sees_its_image_small_and_the_right_way_up(fresh: Office) -> None:
    put(fresh, halves(orientation=6), "橋.jpg")  # turned: what was left is above
    row = fresh.row("a.txt", "waiting", "to_fix")
    seen = fresh.caller("urano").ask(PictureOf(draft=row.id), SmallPicture)
    assert seen.sound
    assert (seen.width, seen.height) == (120, 240)
    assert near(at(seen, 60, 20), RED) and near(at(seen, 60, 220), BLUE)


def test_more_than_is_allowed_is_not_given_and_less_is(office: Office) -> None:
    put(office, halves(), "橋.jpg")
    row = office.row("a.txt", "waiting", "to_fix")
    caller = office.caller("akasaka")
    most = caller.ask(PictureOf(draft=row.id, width=100_000, height=100_000, colours=100_000), SmallPicture)
    assert most.sound and (most.width, most.height) == (320, 160)
    least = caller.ask(PictureOf(draft=row.id, width=-1, height=0, colours=0), SmallPicture)
    assert least.sound and (least.width, least.height, len(least.palette)) == (1, 1, 3)
    few = caller.ask(PictureOf(draft=row.id, width=40, height=40, colours=4), SmallPicture)
    assert few.sound and (few.width, few.height) == (40, 20) and len(few.palette) <= 12


def test_of_a_moving_image_the_first_frame_is_shown_and_a_small_one_is_not_blown_up(fresh: Office) -> None:
    put(fresh, moving(3), "旗.gif")
    row = fresh.row("a.txt", "waiting", "to_fix")
    seen = fresh.caller("akasaka").ask(PictureOf(draft=row.id), SmallPicture)
    assert (seen.width, seen.height) == (8, 8)
    assert at(seen, 0, 0) == (255, 255, 255) and at(seen, 5, 5) == (0, 0, 0)


@pytest.mark.parametrize(("width", "height"), [(200, 100), (320, 160), (640, 320), (1280, 640)])
def test_a_photograph_is_shown_also_where_nothing_has_to_be_made_smaller(width: int, height: int) -> None:
    """A JPEG is read smaller, or as it is, by its decoder: then nothing is left to scale, and it is to be read all the same."""
    seen = drawn_small(halves(width, height), 320, 240, 64)
    assert (seen.width, seen.height) == (min(width, 320), min(height, 160))


def test_what_can_be_seen_through_is_seen_on_white(fresh: Office) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(out, "PNG")
    put(fresh, out.getvalue())
    row = fresh.row("a.txt", "waiting", "to_fix")
    seen = fresh.caller("akasaka").ask(PictureOf(draft=row.id), SmallPicture)
    assert {at(seen, x, y) for x in range(40) for y in range(40)} == {(255, 255, 255)}


@pytest.mark.parametrize(
    "data",
    [claiming(100_000, 100_000), plain("PNG")[:-40], b"\x89PNG\r\n\x1a\n" + os.urandom(2000), b"no image at all" * 20],
    ids=["bomb", "broken", "noise", "text"],
)
def test_what_hurts_its_reader_is_refused_and_the_office_goes_on(fresh: Office, data: bytes) -> None:
    put(fresh, data)
    row = fresh.row("a.txt", "to_fix", "waiting")
    caller = fresh.caller("akasaka")
    refusal = caller.refused(PictureOf(draft=row.id), "state")
    assert refusal.message and refusal.message_en
    fresh.drop("minato-x", "after.txt")
    assert fresh.row("after.txt", "waiting", "to_fix")


def test_a_film_of_two_gigabytes_is_never_read_for_it(fresh: Office) -> None:
    image = put(fresh, plain("PNG"), "祭.mp4")
    with image.open("wb") as film:
        film.truncate(2 << 30)
    row = fresh.row("a.txt", "to_fix", "waiting")
    fresh.caller("akasaka").refused(PictureOf(draft=row.id), "state")


def test_an_image_too_large_to_be_kept_is_shown_only_while_it_is_the_one_that_was_judged(fresh: Office) -> None:
    noise = Image.frombytes("RGB", (1800, 1800), os.urandom(1800 * 1800 * 3))
    out = io.BytesIO()
    noise.save(out, "BMP")
    assert len(out.getvalue()) > 8 << 20
    image = put(fresh, out.getvalue(), "空.bmp")
    row = fresh.row("a.txt", "to_fix", "waiting")
    (kept,) = (each.kept for each in fresh.show(row.id).revisions[-1].pictures)
    assert not kept
    caller = fresh.caller("akasaka")
    assert caller.ask(PictureOf(draft=row.id), SmallPicture).width == 240
    image.unlink()
    answer = caller.answer(caller.put(PictureOf(draft=row.id)))
    assert isinstance(answer, Refusal) and answer.code in ("stale", "state")


def test_what_is_meant_is_the_image_that_was_seen_and_not_its_successor(fresh: Office) -> None:
    image = put(fresh, halves(), "橋.jpg")
    row = fresh.row("a.txt", "waiting", "to_fix")
    (facts,) = fresh.show(row.id).images
    caller = fresh.caller("akasaka")
    assert caller.ask(PictureOf(draft=row.id, hash=facts.hash), SmallPicture).width == 320
    image.write_bytes(plain("PNG"))
    until(lambda: [each.hash for each in fresh.show(row.id).images] not in ([facts.hash], []), "another revision")
    caller.refused(PictureOf(draft=row.id, hash=facts.hash), "stale")
    caller.refused(PictureOf(draft=row.id, n=1), "no_such")
    caller.refused(PictureOf(draft=row.id, n=-1), "no_such")
    caller.refused(PictureOf(draft=999_999), "no_such")


def test_one_connection_waits_for_one_image_at_a_time(fresh: Office) -> None:
    put(fresh, halves(), "橋.jpg")
    row = fresh.row("a.txt", "waiting", "to_fix")
    caller = fresh.caller("akasaka")
    asks = [Ask(id=f"picture{n}", query=PictureOf(draft=row.id, width=100 + n)) for n in range(6)]
    caller.send(b"".join(map(encode_frame, asks)))  # in one piece: else the first might be drawn before the second is there
    answers = {reply.id: reply.answer for reply in (caller.reply() for _ in asks)}
    drawn = [answer for answer in answers.values() if isinstance(answer, SmallPicture)]
    refused = [answer for answer in answers.values() if isinstance(answer, Refusal)]
    assert drawn and refused and {answer.code for answer in refused} == {"busy"}
