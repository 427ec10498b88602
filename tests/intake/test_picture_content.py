"""What is found in an image: its kind by its content, its size, what it carries along unseen, where its QR codes lead."""

from __future__ import annotations

import io
import random
import struct
from pathlib import Path

import pytest
from made_pictures import claiming, code, jpeg, moving, plain, with_names, with_place
from PIL import ExifTags, Image

from daemon.intake.picture_content import MOST_PIXELS, look

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "images"
PICTURES = sorted(SHARED.glob("*/*.*")) if SHARED.is_dir() else []


@pytest.mark.parametrize(
    ("form", "kind"), [("JPEG", "jpeg"), ("PNG", "png"), ("GIF", "gif"), ("WEBP", "webp"), ("BMP", "bmp"), ("TIFF", "tiff")]
)
def test_the_kind_is_told_by_the_content(form: str, kind: str) -> None:
    found = look(plain(form))
    assert (found.format, found.width, found.height, found.private, found.wrong) == (kind, 64, 48, (), "")


def test_films_and_heic_are_known_by_their_heads() -> None:
    assert [look(b"\0\0\0\x18ftyp" + brand + b"\0" * 40).format for brand in (b"heic", b"mif1", b"qt  ", b"isom")] == [
        "heic",
        "heic",
        "mov",
        "mp4",
    ]


def test_what_is_no_image_is_said_to_be_none() -> None:
    assert [look(data).wrong for data in (b"", b"MZ\x90\0", "お知らせ".encode())] == ["unknown"] * 3


def test_coordinates_are_found() -> None:
    assert look(jpeg(exif=with_place())).private == ("gps",)


def test_coordinates_are_found_in_a_picture_that_is_cut_off() -> None:
    data = jpeg((600, 400), with_place())
    found = look(data[: len(data) * 2 // 3])
    assert (found.private, found.wrong) == (("gps",), "broken")


def test_coordinates_are_found_in_xmp_and_in_a_film() -> None:
    xmp = b"\xff\xe1\x00\x40http://ns.adobe.com/xap/1.0/\0<exif:GPSLatitude>35,36N</exif>" + b" " * 20
    data = jpeg()
    assert look(data[:2] + xmp[:66] + data[2:]).private == ("gps",)
    assert look(b"\0\0\0\x18ftypqt  " + b"\0" * 30 + b"com.apple.quicktime.location.ISO6709").private == ("gps",)
    assert look(b"\0\0\0\x18ftypheic" + b"\0" * 30 + b"Exif\0\0" + with_place().tobytes()[6:]).private == ("gps",)


def test_names_numbers_and_computers_are_found() -> None:
    assert set(look(jpeg(exif=with_names())).private) == {"owner", "serial", "author", "computer"}


@pytest.mark.parametrize("see_through", [False, True])
def test_a_qr_code_says_where_it_leads(see_through: bool) -> None:
    assert look(code("https://example.jp/申込", see_through=see_through)).codes == ("https://example.jp/申込",)


def test_the_frames_of_a_moving_image_are_counted() -> None:
    assert look(moving(12)).frames == 12


def test_a_picture_that_claims_too_many_pixels_is_not_decoded() -> None:
    assert look(claiming(60_000, 60_000)).wrong == "bomb"
    assert look(claiming(10_000, MOST_PIXELS // 10_000 + 1)).wrong == "bomb"


def test_a_damaged_picture_is_said_to_be_damaged() -> None:
    assert look(claiming(200, 200)).wrong == "broken"
    assert look(jpeg((300, 200))[:-200]).wrong == "broken"


def test_whatever_a_picture_of_ours_becomes_it_is_looked_at_to_an_end() -> None:
    chance = random.Random(5)
    for data in (
        jpeg((90, 60), with_place()),
        plain("PNG", (90, 60)),
        moving(4),
        plain("WEBP", (90, 60)),
        plain("TIFF", (20, 20)),
    ):
        for _ in range(25):
            broken = bytearray(data[: chance.randrange(8, len(data) + 1)])
            for _ in range(chance.randrange(6)):
                broken[chance.randrange(4, len(broken))] = chance.randrange(256)
            assert look(bytes(broken)).size == len(broken)


@pytest.mark.skipif(not PICTURES, reason="../shared/data/images is not here")
@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_every_picture_of_the_shared_data_is_looked_at_to_an_end(path: Path) -> None:
    data = path.read_bytes()
    found = look(data)
    assert (found.size, found.wrong == "bomb") == (len(data), path.name.startswith("decompression_bomb"))
    assert ("gps" in found.private) == (path.name.startswith(("DSCN00", "exif_gps.")))


def test_a_gps_block_that_cannot_be_read_may_say_where_it_was_made() -> None:
    """Its place is written as a negative number: no reader comes to it, and nobody can tell what it holds."""
    block = struct.pack("<2sHIHHHIiI", b"II", 42, 8, 1, ExifTags.IFD.GPSInfo, 9, 1, -1, 0)
    file = io.BytesIO()
    Image.new("RGB", (40, 30)).save(file, "JPEG", exif=b"Exif\0\0" + block)
    assert "gps" in look(file.getvalue()).private
