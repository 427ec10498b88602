"""Images written for the tests: with coordinates, with names, with a QR code, moving, or claiming to be huge."""

from __future__ import annotations

import io
import struct
import zlib

import zxingcpp
from PIL import ExifTags, Image


def jpeg(size: tuple[int, int] = (64, 48), exif: Image.Exif | None = None) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "green").save(out, "JPEG", **({"exif": exif} if exif else {}))
    return out.getvalue()


def with_place() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (35.0, 36.0, 33.0), 3: "E", 4: (139.0, 43.0, 48.0)}
    return exif


def with_names() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Sato Hanako"
    exif[ExifTags.Base.HostComputer] = "SATO-PC"
    exif.get_ifd(ExifTags.IFD.Exif).update({0xA430: "Sato Hanako", 0xA431: "1234567"})
    return exif


def plain(form: str, size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "green").save(out, form)
    return out.getvalue()


def moving(frames: int) -> bytes:
    out = io.BytesIO()
    pages = [Image.new("P", (8, 8), n % 2) for n in range(frames)]
    for n, page in enumerate(pages):
        page.putpalette([0, 0, 0, 255, 255, 255])
        page.putpixel((n % 8, n // 8 % 8), 1 - n % 2)
    pages[0].save(out, "GIF", save_all=True, append_images=pages[1:])
    return out.getvalue()


def code(words: str, *, see_through: bool = False) -> bytes:
    """A PNG of a QR code; drawn in black on nothing where `see_through`."""
    drawn = zxingcpp.create_barcode(words, zxingcpp.BarcodeFormat.QRCode).to_image(scale=6)
    grey = Image.frombuffer("L", (drawn.shape[1], drawn.shape[0]), bytes(drawn), "raw", "L", 0, 1)
    framed = Image.new("L", (grey.width + 80, grey.height + 80), 255)
    framed.paste(grey, (40, 40))
    if see_through:
        shown = Image.new("RGBA", framed.size, (0, 0, 0, 0))
        shown.paste((0, 0, 0, 255), mask=framed.point(lambda value: 255 - value))
        framed = shown
    out = io.BytesIO()
    framed.save(out, "PNG")
    return out.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims so many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
