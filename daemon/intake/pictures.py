"""The images that a draft names, which lie beside it: read once for the seal and looked into, and asked again whether they are still the
same.

Never through a link, only plain files. What cannot be read is a trouble of the draft, told to its author, and never a crash.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from daemon.intake.names import display_name
from daemon.intake.scan import open_folder
from daemon.rulebook.attached import Looked
from daemon.rulebook.item import Item, Trouble
from daemon.rulebook.picture import Picture

MOST = 20
"""Images of one draft that are read; more are refused as a whole."""
LARGEST = 512 * 1024 * 1024
"""Bytes of one image or video that are read."""
LARGEST_KEPT = 8 * 1024 * 1024
"""Bytes of one image that the store keeps besides its hash …"""
MOST_KEPT = 32 * 1024 * 1024
"""… and of all images of one draft together."""

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK = 1 << 20


class Beside(NamedTuple):
    """The images of one draft: what they are, the bytes of those that are kept, what is wrong with them, and what was found in them."""

    pictures: tuple[Picture, ...] = ()
    kept: tuple[bytes, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    looked: tuple[Looked, ...] = ()

    def on(self, item: Item) -> Item:
        """The item with what is to be said of its images."""
        if not (self.troubles or self.looked):
            return item
        return replace(item, troubles=(*item.troubles, *self.troubles), looked=self.looked)


def look_at_pictures(drafts: Path, account: str, item: Item) -> Beside:
    """Read the images that a draft of this account names, and look into them. Never raises OSError."""
    if not item.images:
        return Beside()
    from daemon.intake.looking import LARGEST as LARGEST_LOOKED  # only here: nothing of it is needed for a draft without images
    from daemon.intake.looking import look_into

    images: list[tuple[Picture, bytes | None]] = []
    beside = _all(drafts, account, [image.file for image in item.images], LARGEST_LOOKED, images)
    return beside._replace(looked=look_into(images))


def read_pictures(drafts: Path, account: str, files: Sequence[str]) -> Beside:
    """Read these images from an account's folder, in this order, without looking into them. Never raises OSError."""
    return _all(drafts, account, files, LARGEST_KEPT, [])


def _all(drafts: Path, account: str, files: Sequence[str], most: int, read: list[tuple[Picture, bytes | None]]) -> Beside:
    """Read these images; each goes into `read`, with its bytes where they are no more than `most`."""
    if not files:
        return Beside()
    pictures: list[Picture] = []
    kept: list[bytes] = []
    troubles: list[Trouble] = []
    if len(files) > MOST:
        troubles.append(_too_many(len(files)))
    try:
        folder = open_folder(drafts, account)
    except OSError:
        return Beside(tuple(Picture(file) for file in files), (), (_unreadable(files[0]),))
    try:
        room = MOST_KEPT
        for file in files[:MOST]:
            picture, data = read_one(folder, file, most)
            if not picture.hash:
                troubles.append(_unreadable(file))
            if data is not None and len(data) <= min(room, LARGEST_KEPT):
                picture = replace(picture, kept=True)
                kept.append(data)
                room -= len(data)
            pictures.append(picture)
            read.append((picture, data))
    finally:
        os.close(folder)
    pictures += [Picture(file) for file in files[MOST:]]
    return Beside(tuple(pictures), tuple(kept), tuple(troubles))


def changed(drafts: Path, account: str, pictures: Iterable[Picture]) -> tuple[tuple[int, ...], ...]:
    """How the images stand now, where that is not how they were read; empty where all are the same. Never raises OSError."""
    try:
        folder = open_folder(drafts, account)
    except OSError:
        return ()  # nobody has changed an image by taking a share away: the folder's alarm says what is wrong
    try:
        before, now = [], []
        for picture in pictures:
            before.append(picture.identity)
            now.append(_identity(folder, picture.file))
    finally:
        os.close(folder)
    return tuple(now) if before != now else ()


def read_one(folder: int, file: str, room: int) -> tuple[Picture, bytes | None]:
    """One image, with its bytes where they are no more than `room`. The state noted is the one before reading: an image that is still
    being written is another one at the next look."""
    try:
        descriptor = os.open(file, _OPEN, dir_fd=folder)
    except (OSError, ValueError):
        return Picture(file), None
    try:
        facts = os.fstat(descriptor)
        noted = Picture(file, "", facts.st_size, facts.st_dev, facts.st_ino, facts.st_ctime_ns, facts.st_mtime_ns)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > LARGEST:
            return noted, None
        return _bytes(descriptor, noted, room)
    except OSError:
        return Picture(file), None
    finally:
        os.close(descriptor)


def _bytes(descriptor: int, noted: Picture, room: int) -> tuple[Picture, bytes | None]:
    """What is read of an open image. Raises OSError."""
    digest, size, parts = sha256(), 0, []
    while chunk := os.read(descriptor, _CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if size <= room:
            parts.append(chunk)
    data = b"".join(parts) if size <= room else None
    return _filled(noted, digest.hexdigest(), size), data


def _filled(noted: Picture, digest: str, size: int) -> Picture:
    if size != noted.size:  # it grew or shrank while it was read: what is noted equals no state of the file
        return Picture(noted.file, digest, size)
    return Picture(noted.file, digest, size, noted.dev, noted.ino, noted.ctime_ns, noted.mtime_ns)


def _identity(folder: int, file: str) -> tuple[int, int, int, int, int]:
    try:
        facts = os.stat(file, dir_fd=folder, follow_symlinks=False)
    except (OSError, ValueError):
        return 0, 0, 0, 0, 0
    if stat.S_ISLNK(facts.st_mode):
        return 0, 0, 0, 0, 0
    return facts.st_dev, facts.st_ino, facts.st_ctime_ns, facts.st_mtime_ns, facts.st_size


def _unreadable(file: str) -> Trouble:
    shown = display_name(os.fsencode(file))
    return Trouble(
        "image-missing",
        f"前書きの images にある「{shown}」が、下書きと同じフォルダーにないか、読めません（リンクと 512 MB を超えるものは読みません）。"
        "画像を置くか、images を直してください。",
        f"The image '{shown}' named in `images` is not beside the draft, or cannot be read (links and files over 512 MB are not). Put it "
        "there, or mend `images`.",
    )


def _too_many(count: int) -> Trouble:
    return Trouble(
        "image-missing",
        f"画像が多すぎます（{count} 個、上限 {MOST}）。下書きを分けてください。",
        f"Too many images ({count}, at most {MOST}): make several drafts of it.",
    )
