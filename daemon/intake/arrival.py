"""What the folder brings, as plain values: an arrival, a removal, another name, or a thing that is no draft and says why."""

from __future__ import annotations

import os
from typing import Literal, NamedTuple

from msgspec import Struct

from daemon.rulebook.item import Item

UNKNOWN_OWNER = -1
"""The uid of an arrival whose owner proves nothing about who wrote it: a file with several hard links."""


class Identity(NamedTuple):
    """What tells one state of one file from every other: equal means that nothing has been written or moved since.

    `dev` is the device of the *folder*, so that a folder on another device (a share that came or went) is told from an emptied one.
    Times are nanoseconds since 1970 by the file system's clock, `size` is bytes.
    """

    dev: int
    ino: int
    ctime_ns: int
    mtime_ns: int
    size: int

    @classmethod
    def of(cls, facts: os.stat_result, dev: int) -> Identity:
        """The identity in a stat result of a file in a folder on device `dev`."""
        return cls(dev, facts.st_ino, facts.st_ctime_ns, facts.st_mtime_ns, facts.st_size)


FORGOTTEN = Identity(-1, 0, 0, 0, 0)
"""The identity of a name whose last report was not kept: equal to no file's, and on no device in particular."""


class Arrival(Struct, frozen=True, kw_only=True):
    """A settled file, read once through one descriptor: a new draft, a new revision, or one whose times alone have changed.

    `sha256` is lower-case hex over `data`, the exact bytes; `uid` is the file's owner (`UNKNOWN_OWNER` where `links` > 1).
    """

    account: str
    name: bytes
    data: bytes
    sha256: str
    item: Item
    dev: int
    ino: int
    ctime_ns: int
    mtime_ns: int
    size: int
    uid: int
    links: int = 1

    @property
    def identity(self) -> Identity:
        """What tells this state of the file from any other."""
        return Identity(self.dev, self.ino, self.ctime_ns, self.mtime_ns, self.size)


class Gone(Struct, frozen=True, kw_only=True):
    """A name that was reported is no longer there, nor anything under it that could be a draft: a withdrawal."""

    account: str
    name: bytes


class Renamed(Struct, frozen=True, kw_only=True):
    """The file known as `old` now has the name `new`, unchanged. An `Arrival` of `new` follows."""

    account: str
    old: bytes
    new: bytes


RefusedCode = Literal["link", "not-a-file", "folder", "kind", "too-large", "empty", "unreadable"]


class Refused(Struct, frozen=True, kw_only=True):
    """A thing in the folder that will not be read: `message` says what it is and what to do. Said once for each state of it.

    A name that was a draft before is reported `Gone` first.
    """

    account: str
    name: bytes
    code: RefusedCode
    message: str
    message_en: str


class NotYet(Struct, frozen=True):
    """A file that is not settled. `identity` is how it stood; look again after a while (`why` says for what).

    `nothing` is a thing that concerns nobody until it changes: a folder without drafts.
    """

    why: Literal["absent", "writing", "empty", "window", "changing", "nothing"]
    identity: Identity | None = None


Brought = Arrival | Gone | Renamed | Refused
