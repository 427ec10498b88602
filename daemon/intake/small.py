"""A small picture of an image that was sealed with a draft: its bytes, from the store or from the folder, decoded in a process of their own."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from daemon.intake.apart import Ended, decoded_apart
from daemon.intake.looking import LARGEST
from daemon.intake.pictures import read_one
from daemon.intake.scan import open_folder

UNDRAWN = frozenset(("heic", "mp4", "mov"))
"""Kinds of image and film that nothing here decodes."""


class Small(Struct, frozen=True):
    """`pixels`: a byte a pixel, row after row, each the number of a colour of `palette` (red, green, blue)."""

    width: int
    height: int
    palette: bytes
    pixels: bytes


_decode = msgspec.msgpack.Decoder(Small).decode


def drawn_small(data: bytes, width: int, height: int, colours: int) -> Small:
    """The image of these bytes within so many pixels and colours. Raises Ended where nothing comes of it, OSError where no process can be
    started."""
    try:
        answer = _decode(decoded_apart("small", data, *map(str, (width, height, colours))))
    except msgspec.MsgspecError:
        raise Ended(late=False) from None
    within = 0 < answer.width <= width and 0 < answer.height <= height and 0 < len(answer.palette) <= 3 * colours
    if not within or len(answer.pixels) != answer.width * answer.height:  # what decodes is not believed either
        raise Ended(late=False)
    return answer


def read_sealed(drafts: Path, account: str, file: str, digest: str) -> bytes | None:
    """The image as it lies beside its draft, as long as it is the one with this sha256; None where it is another by now, is gone, or is
    larger than what is looked into. Never raises OSError."""
    try:
        folder = open_folder(drafts, account)
    except OSError:
        return None
    try:
        _, data = read_one(folder, file, LARGEST)
    finally:
        os.close(folder)
    return data if data is not None and sha256(data).hexdigest() == digest else None
