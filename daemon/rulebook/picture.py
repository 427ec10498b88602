"""The images of a draft as bytes, and the seal over the file and all of them: what a decision is bound to."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from msgspec import Struct

_HEAD = b"\0kohoban seal 1"
"""No text file begins so: no file can have the seal of another with images."""


class Picture(Struct, frozen=True, array_like=True):
    """One image as it was read: the name in the front matter, the sha256 of its bytes (empty where it could not be read), bytes, and
    what tells this state of the file from any other. `kept` says that its bytes are in the store."""

    file: str
    hash: str = ""
    size: int = 0
    dev: int = 0
    ino: int = 0
    ctime_ns: int = 0
    mtime_ns: int = 0
    kept: bool = False

    @property
    def identity(self) -> tuple[int, int, int, int, int]:
        """What tells this state of the file from any other; all zero where there was none."""
        return self.dev, self.ino, self.ctime_ns, self.mtime_ns, self.size if self.ino else 0


def seal(digest: str, pictures: Sequence[Picture]) -> str:
    """One sha256 (hex) over a file's bytes, of which `digest` is the hash, and the names, sizes and bytes of its images in their order. A
    file without images is sealed by its own hash."""
    if not pictures:
        return digest
    lines = [f"{picture.hash or '-'} {picture.size} {picture.file}" for picture in pictures]
    return sha256(b"\n".join((_HEAD, digest.encode(), *(line.encode() for line in lines)))).hexdigest()
