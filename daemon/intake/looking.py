"""Look into the images of a draft, each in a process of its own (`apart`); what was found in the same bytes before is known."""

from __future__ import annotations

import time
from collections.abc import Iterable
from threading import Lock

import msgspec
from msgspec.structs import replace

from daemon.intake.apart import SECONDS, Ended, decoded_apart
from daemon.rulebook.attached import Looked
from daemon.rulebook.picture import Picture

LARGEST = 32 << 20
"""Bytes of an image that is looked into. X takes an image of 5 MiB and a moving one of 15; what is larger is a film."""
TOGETHER = 12.0
"""Seconds for all images of one draft; those that are left then have not been looked into, and that is said."""
_REMEMBERED = 256

_decode = msgspec.msgpack.Decoder(Looked).decode
_known: dict[str, Looked] = {}
_knowing = Lock()


def look_into(images: Iterable[tuple[Picture, bytes | None]]) -> tuple[Looked, ...]:
    """What these images hold, of which the bytes are given where they are few enough. One that could not be read has nothing in it."""
    until = time.monotonic() + TOGETHER
    return tuple(replace(_looked(picture, data, until), file=picture.file) for picture, data in images if picture.hash)


def _looked(picture: Picture, data: bytes | None, until: float) -> Looked:
    if (known := _known.get(picture.hash)) is not None:
        return known
    left = until - time.monotonic()
    if data is None or left <= 0:
        return Looked("", size=picture.size, wrong="unlooked")
    try:
        found = _decode(decoded_apart("picture", data, seconds=min(SECONDS, left)))
    except (Ended, msgspec.MsgspecError):
        return Looked("", size=picture.size, wrong="ended")
    except OSError:
        return Looked("", size=picture.size, wrong="unlooked")
    with _knowing:
        if len(_known) >= _REMEMBERED:
            _known.pop(next(iter(_known)))
        _known[picture.hash] = found
    return found
