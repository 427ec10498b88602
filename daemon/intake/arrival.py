"""What the folder brings, as plain values: a settled file, a removal, another name, or a thing that is no draft and says why."""

from __future__ import annotations

import os
import traceback
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


class Settled(Struct, frozen=True, kw_only=True):
    """A settled file that has been read, whoever read it: a new draft, a new revision, or one whose times alone have changed.

    `sha256` is lower-case hex over the exact bytes.
    """

    account: str
    name: bytes
    sha256: str
    dev: int
    ino: int
    ctime_ns: int
    mtime_ns: int
    size: int

    @property
    def identity(self) -> Identity:
        """What tells this state of the file from any other."""
        return Identity(self.dev, self.ino, self.ctime_ns, self.mtime_ns, self.size)


class Unread(Settled, frozen=True, kw_only=True):
    """A settled file whose bytes have been fetched, once, through one descriptor: `data`, exactly. `uid` is the file's owner
    (`UNKNOWN_OWNER` where `links` > 1)."""

    data: bytes
    uid: int
    links: int = 1
    owner: int = UNKNOWN_OWNER
    """The file's owner, however many links it has: no proof of who wrote it, but reason enough not to let them approve it."""


class Arrival(Unread, frozen=True, kw_only=True):
    """A settled draft with what its bytes say: `data` are those of the file, or of the text draft that an office file means; then `kept` are
    the file's own."""

    item: Item
    kept: tuple[bytes, ...] = ()


class Rows(Unread, frozen=True, kw_only=True):
    """A settled sheet with the drafts in its rows, in their order. Each is named after the sheet and the office's own number of the row;
    one without has no name yet."""

    rows: tuple[Arrival, ...]


class Gone(Struct, frozen=True, kw_only=True):
    """A name that was reported is no longer there, nor anything under it that could be a draft: a withdrawal."""

    account: str
    name: bytes


class Renamed(Struct, frozen=True, kw_only=True):
    """The file known as `old` now has the name `new`, unchanged. An `Arrival` of `new` follows."""

    account: str
    old: bytes
    new: bytes


RefusedCode = Literal["link", "not-a-file", "folder", "kind", "too-large", "empty", "unreadable", "unjudged"]


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

    `nothing` is a thing that concerns nobody until it changes: a folder without drafts. `undone` says that whoever was to read it
    has ended before it was this file's turn, `suspect` that it ended over this very file.
    """

    why: Literal["absent", "writing", "empty", "window", "changing", "nothing", "undone", "suspect"]
    identity: Identity | None = None


class Failed(Struct, frozen=True):
    """A fault of ours over this file: `why` is one line to be shown, `trace` is for the log. The file is looked at again at the next
    scan."""

    why: str
    trace: str = ""

    @classmethod
    def of(cls, error: Exception) -> Failed:
        """The failure that this exception is."""
        return cls(f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error)))


class Wanted(Struct, frozen=True, array_like=True):
    """A file to be read, with what `read_settled` has to know: plain values, for it may be read in another process."""

    account: str
    name: bytes
    steady: Identity | None = None
    empty_counts: bool = False
    leases: bool = True


Read = Settled | NotYet | Refused | Failed
"""What reading a file gives."""

Brought = Settled | Gone | Renamed | Refused
