"""Look into an image: what it is by its content, how large, what it carries along unseen, what its QR codes say. For the process that
decodes (`apart_main`): nothing here is safe from a hostile file."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress

from msgspec.structs import replace
from PIL import ExifTags, Image

from daemon.rulebook.attached import Looked, Private

MOST_PIXELS = 50_000_000
"""Pixels of one picture. No platform shows a twentieth of them; a file of a few bytes may claim any number."""
MOST_FRAMES = 2_000
"""Frames that are counted."""
MOST_UNFOLDED = 1_000_000_000
"""Pixels of all frames together …"""
DECODED = 100_000_000
"""… and those that are decoded, to see that the frames are sound."""
MOST_CODES = 10
LONGEST_CODE = 2_000
"""QR codes of one image that are read, and characters of each."""
READABLE = (2_500, 2_500)
"""Width and height in which QR codes are looked for: a larger picture takes seconds and shows a reader nothing more."""

DECODABLE = {
    "jpeg": "JPEG",
    "png": "PNG",
    "gif": "GIF",
    "webp": "WEBP",
    "bmp": "BMP",
    "tiff": "TIFF",
    "ico": "ICO",
    "avif": "AVIF",
}
_HEADS = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"\0\0\1\0", "ico"),
)
_BRANDS = {
    b"avif": "avif",
    b"avis": "avif",
    b"heic": "heic",
    b"heix": "heic",
    b"hevc": "heic",
    b"heim": "heic",
    b"heis": "heic",
    b"mif1": "heic",
    b"msf1": "heic",
    b"qt  ": "mov",
}
"""The first brand of a file of the ISO family; whatever else it says is a film."""
_FILM_PLACE = re.compile(rb"com\.apple\.quicktime\.location|\xa9xyz.{4}[+-][0-9]{2}", re.DOTALL)
_EXIF = re.compile(rb"Exif\0\0(?=II\*\0|MM\0\*)")
_GPS_PLACES = (2, 4, 20, 22, 28)
"""Latitude, longitude, those of the destination, the name of the area: what of a GPS block says where."""
_TAGS: tuple[tuple[int, Private], ...] = (
    (0xA430, "owner"),
    (0xA431, "serial"),
    (0xA435, "serial"),
    (0xC62F, "serial"),
    (0x013B, "author"),
    (0x9C9D, "author"),
    (0x013C, "computer"),
)


def look(data: bytes) -> Looked:
    """What this image holds; its name is for the caller to fill in. Raises what the decoders raise where nobody thought of it."""
    kind = format_of(data)
    if not kind:
        return Looked("", "", len(data), wrong="unknown")
    if kind not in DECODABLE:
        return Looked("", kind, len(data), private=tuple(_in_film(data)))
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(io.BytesIO(data), formats=(DECODABLE[kind],)) as image:
            return _seen(image, kind, data)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return Looked("", kind, len(data), wrong="bomb")
    except Exception:  # a decoder raises whatever a damaged file leads it to: KeyError, struct.error, SyntaxError
        return Looked("", kind, len(data), wrong="broken")


def format_of(data: bytes) -> str:
    """The kind of an image or film by its first bytes; empty where it is none that is known."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "mp4")
    return next((kind for head, kind in _HEADS if data.startswith(head)), "")


def _seen(image: Image.Image, kind: str, data: bytes) -> Looked:
    width, height = image.size
    # Before it is decoded: a picture that is damaged still says where it was made.
    known = Looked("", kind, len(data), width, height, private=tuple(dict.fromkeys(_private(image, data))))
    if width * height > MOST_PIXELS:
        return _with(known, wrong="bomb")
    try:
        frames = 1 if kind in ("jpeg", "ico") else min(getattr(image, "n_frames", 1), MOST_FRAMES)
        if width * height * frames > MOST_UNFOLDED:
            raise Image.DecompressionBombError
        codes = tuple(_codes(image, frames))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return _with(known, wrong="bomb")
    except Exception:
        return _with(known, wrong="broken")
    return _with(known, frames=frames, codes=codes)


def _with(known: Looked, **more: object) -> Looked:
    return replace(known, **more)


def _private(image: Image.Image, data: bytes) -> Iterator[Private]:
    """What an image carries along that nobody sees in it."""
    exif = Image.Exif()
    with suppress(Exception):  # metadata that cannot be read is nobody's; the picture itself may be sound
        exif = image.getexif()
    yield from _in_exif(exif)
    if b"GPSLatitude" in data or _FILM_PLACE.search(data):  # XMP, and the film in a moving photo
        yield "gps"
    if any(key.lower() == "author" for key in image.info if isinstance(key, str)):
        yield "author"


def _in_exif(exif: Image.Exif) -> Iterator[Private]:
    if ExifTags.IFD.GPSInfo in exif and _says_where(exif):
        yield "gps"
    tags: dict[int, object] = dict(exif)
    with suppress(Exception):
        tags |= exif.get_ifd(ExifTags.IFD.Exif)
    for tag, what in _TAGS:
        if str(tags.get(tag, "")).strip("\0 \t"):
            yield what
    with suppress(Exception):
        if 0x0201 in exif.get_ifd(ExifTags.IFD.IFD1):
            yield "thumbnail"


def _says_where(exif: Image.Exif) -> bool:
    """Whether the GPS block says where the picture was made. One that cannot be read may well."""
    try:
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except Exception:
        return True
    return any(place.get(tag) for tag in _GPS_PLACES)


def _in_film(data: bytes) -> Iterator[Private]:
    """The same of a film or a HEIC picture, which are not decoded."""
    places = [_FILM_PLACE.search(data) is not None]
    for found in _EXIF.finditer(data):
        exif = Image.Exif()
        with suppress(Exception):
            exif.load(data[found.start() : found.start() + (1 << 16)])
        for what in _in_exif(exif):
            if what == "gps":
                places.append(True)
            else:
                yield what
    if any(places):
        yield "gps"


def _codes(image: Image.Image, frames: int) -> Iterator[str]:
    """What the QR codes in a picture say; of one that moves those in its first frame, while the others are decoded to see that they are
    sound."""
    image.seek(0)
    image.draft("L", READABLE)
    image.load()
    yield from _codes_in(image)
    for number in range(1, min(frames, DECODED // max(image.width * image.height, 1))):
        image.seek(number)
        image.load()


def _codes_in(image: Image.Image) -> Iterator[str]:
    import zxingcpp

    grey = image.convert("L") if "A" not in image.getbands() else _on_white(image)
    grey.thumbnail(READABLE)
    kinds = zxingcpp.BarcodeFormat
    codes = zxingcpp.BarcodeFormats([kinds.QRCode, kinds.MicroQRCode, kinds.RMQRCode])
    found = zxingcpp.read_barcodes(grey, formats=codes)
    for code in found[:MOST_CODES]:
        if code.text:
            yield code.text.encode("utf-8", "replace").decode()[:LONGEST_CODE]


def _on_white(image: Image.Image) -> Image.Image:
    """A picture with a see-through ground as it is seen on a light page."""
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image.convert("RGBA"))
    return white.convert("L")
