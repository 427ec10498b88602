"""From *look there* to what is brought: one look at one name, with all that is remembered of it."""

from __future__ import annotations

import heapq
import os
import time
from pathlib import Path
from typing import NamedTuple

from daemon.intake.arrival import FORGOTTEN, Brought, Gone, Identity, NotYet, Read, Refused, Renamed, Settled, Unread, Wanted
from daemon.intake.ledger import Ledger
from daemon.intake.looks import ABSENT, EMPTY, EMPTY_LONG, WINDOW, WINDOW_REMOTE, Key, Looks
from daemon.intake.names import is_office
from daemon.intake.reader import empty_file, fetch_wanted, understood
from daemon.intake.scan import open_folder

LARGE = 8 << 10
"""Bytes beyond which a file is left until nothing else waits. Posts are far shorter; what is longer may take long to judge. An office file
is left whatever its size: a small one may unpack to a large one."""
TICK = 0.012
"""Seconds that two changes of a file may lie apart and leave it with the same times (a kernel's clock tick is up to 10 ms)."""
ONCE_MORE = 0.05
"""Seconds after which a file that was read within such a tick is read once more: with whatever has come meanwhile."""


class Folders:
    """The accounts' folders, each opened at most once until `close`: held no longer than one turn, for one may be replaced."""

    def __init__(self, drafts: Path) -> None:
        self._drafts = drafts
        self._open: dict[str, tuple[int, int] | None] = {}

    def of(self, account: str) -> tuple[int, int] | None:
        """Descriptor and device of an account's folder; None where it cannot be opened (the scan says so)."""
        if account not in self._open:
            try:
                folder = open_folder(self._drafts, account)
            except OSError:
                self._open[account] = None
            else:
                self._open[account] = (folder, os.fstat(folder).st_dev)
        return self._open[account]

    def close(self) -> None:
        """Close them all."""
        for opened in self._open.values():
            if opened is not None:
                os.close(opened[0])
        self._open.clear()


class Large:
    """The files that are left until nothing else waits. The smallest goes first: it is the likeliest to be a post after all."""

    def __init__(self) -> None:
        self._sizes: dict[Key, int] = {}
        self._heap: list[tuple[int, Key]] = []

    def __bool__(self) -> bool:
        return bool(self._sizes)

    def leave(self, key: Key, size: int) -> None:
        """Leave this file, of so many bytes, for later."""
        if self._sizes.get(key) != size:
            self._sizes[key] = size
            heapq.heappush(self._heap, (size, key))

    def take(self) -> Key | None:
        """The next of them, which is left no more; None where there is none."""
        while self._heap:
            size, key = heapq.heappop(self._heap)
            if self._sizes.get(key) == size:
                del self._sizes[key]
                return key
        return None


class Reading(NamedTuple):
    """A reading that is under way: what was asked for, and how the file stood before."""

    wanted: Wanted
    identity: Identity


class Begun(NamedTuple):
    """A look up to its reading. `first` says that nothing was done: a reading of the same file under this or another name is under
    way, and has to end first."""

    brought: list[Brought]
    reading: Reading | None = None
    first: bool = False


class Settling:
    """Looks at names one by one; remembers those that are not settled (`looks`) and those that are done with (`ledger`).

    `large` are the names that were left because their files are large: to be looked at again, as such (`even_large`).
    """

    def __init__(self, drafts: Path, ledger: Ledger, *, remote: bool) -> None:
        self._remote = remote
        self._window = WINDOW_REMOTE if remote else WINDOW
        self.ledger = ledger
        self.looks = Looks(self._window)
        self.large = Large()
        self.folders = Folders(drafts)
        self._reading: set[Key] = set()
        self._inodes: set[tuple[str, int]] = set()

    def look(self, key: Key, now: float, *, even_large: bool = False) -> list[Brought]:
        """What there is to bring of this name now (`now` in seconds, monotonic), read here. Never raises OSError."""
        begun = self.begin(key, now, even_large=even_large)
        if begun.reading is None:
            return begun.brought
        return begun.brought + self.end(begun.reading, self.read(begun.reading.wanted), now)

    def begin(self, key: Key, now: float, *, even_large: bool = False) -> Begun:
        """The look at this name up to its reading, which may be done elsewhere: then `end` completes it. Never raises OSError."""
        account, name = key
        opened = self.folders.of(account)
        if opened is None:
            self.looks.drop(key)
            return Begun([])
        folder, dev = opened
        identity = _identity(folder, name, dev)
        if key in self._reading or (identity is not None and (account, identity.ino) in self._inodes):
            return Begun([], first=True)
        if identity is None:
            return Begun(self._absent(key, now))
        look = self.looks.get(key)
        recheck = look is not None and look.why == "recheck"
        if not recheck and identity in (self.ledger.known(account).get(name), self.ledger.aside(account).get(name)):
            self.looks.drop(key)
            return Begun([])
        brought: list[Brought] = []
        old = self.ledger.old_name(account, name, identity)
        if old is not None and _identity(folder, old, dev) is None:
            self.ledger.renamed(account, old, name)
            self.looks.drop((account, old))
            brought.append(Renamed(account=account, old=old, new=name))
        if (identity.size > LARGE or is_office(name)) and not even_large:
            self.large.leave(key, identity.size)
            return Begun(brought)
        self._reading.add(key)
        self._inodes.add((account, identity.ino))
        return Begun(brought, Reading(self._wanted(key, now), identity))

    def read(self, wanted: Wanted) -> Read:
        """Read a file here and now. Never raises OSError."""
        opened = self.folders.of(wanted.account)
        if opened is None:
            return NotYet("undone")
        fetched = fetch_wanted(opened[0], wanted)
        if not isinstance(fetched, Unread) or self._same_again(fetched):
            return fetched
        return understood(fetched)

    def _same_again(self, file: Settled) -> bool:
        """Whether a file that was read a moment ago, within a tick of its last change, is what it was: then it has been brought already."""
        look = self.looks.get((file.account, file.name))
        known = self.ledger.known(file.account).get(file.name) == file.identity
        return known and look is not None and look.why == "recheck" and look.digest == file.sha256

    def end(self, reading: Reading, result: Read, now: float) -> list[Brought]:
        """What there is to bring after a reading that `begin` has asked for."""
        wanted, identity = reading
        key = (wanted.account, wanted.name)
        self._reading.discard(key)
        self._inodes.discard((wanted.account, identity.ino))
        if isinstance(result, Settled):
            return self._arrived(key, result, now)
        if isinstance(result, Refused):
            return self._refused(key, result, identity)
        if isinstance(result, NotYet):
            return self._not_yet(key, result, identity, now)
        self.looks.drop(key)
        return []

    def _wanted(self, key: Key, now: float) -> Wanted:
        account, name = key
        look = self.looks.get(key)
        if look is None:
            return Wanted(account, name, leases=not self._remote)
        return Wanted(
            account,
            name,
            steady=look.steady if look.why == "window" and now >= look.since + self._window else None,
            empty_counts=look.why == "empty" and now >= look.since + EMPTY and name in self.ledger.known(account),
            leases=not self._remote,
        )

    def _arrived(self, key: Key, arrival: Settled, now: float) -> list[Brought]:
        look = self.looks.get(key)
        self.looks.drop(key)
        same = look is not None and look.digest == arrival.sha256
        known = self.ledger.known(arrival.account).get(arrival.name) == arrival.identity
        if not self._remote and abs(time.time_ns() - arrival.ctime_ns) < TICK * 1e9:
            # A write after this reading could leave the same times and size: it is read once more when the clock has moved on.
            self.looks.recheck(key, arrival.sha256, now, ONCE_MORE)
        if same and known:
            return []
        self.ledger.arrived(arrival)
        return [arrival]

    def _refused(self, key: Key, refused: Refused, identity: Identity) -> list[Brought]:
        account, name = key
        self.looks.drop(key)
        brought: list[Brought] = []
        if name in self.ledger.known(account):
            self.ledger.gone(account, name)
            brought.append(Gone(account=account, name=name))
        # What cannot be read may become readable without any change of the file: it is looked at again at each scan.
        self.ledger.set_aside(account, name, FORGOTTEN if refused.code == "unreadable" else identity)
        if self.ledger.tell(account, name, refused.code):
            brought.append(refused)
        return brought

    def _not_yet(self, key: Key, result: NotYet, identity: Identity, now: float) -> list[Brought]:
        account, name = key
        if result.why == "absent":
            return self._absent(key, now)
        if result.why == "nothing":
            self.looks.drop(key)
            told = self.ledger.reported(account, name)
            self.ledger.gone(account, name)
            self.ledger.set_aside(account, name, identity)
            return [Gone(account=account, name=name)] if told else []
        look = self.looks.wait(key, result, now)
        if result.why == "empty" and now >= look.since + EMPTY_LONG and name not in self.ledger.known(account):
            # A new file without content is not a draft yet; its first word changes its state.
            return self._refused(key, empty_file(account, name), identity)
        return []

    def _absent(self, key: Key, now: float) -> list[Brought]:
        account, name = key
        if not self.ledger.reported(account, name):
            self.looks.drop(key)
            self.ledger.gone(account, name)
            return []
        if self._seen_elsewhere(account, name):
            self.looks.drop(key)
            return []
        look = self.looks.get(key)
        if look is None or look.why != "absent" or now < look.since + ABSENT:
            self.looks.wait(key, NotYet("absent"), now)
            return []
        self.looks.drop(key)
        self.ledger.gone(account, name)
        return [Gone(account=account, name=name)]

    def _seen_elsewhere(self, account: str, name: bytes) -> bool:
        """Whether it was seen on another device than that on which the folder is now: a share has come or gone, and nobody has withdrawn anything
        (the scan tells of it)."""
        opened, known = self.folders.of(account), self.ledger.known(account).get(name)
        return opened is not None and known is not None and known != FORGOTTEN and known.dev != opened[1]


def _identity(folder: int, name: bytes, dev: int) -> Identity | None:
    """How a name stands now; None where there is none, or none that may even be looked at."""
    try:
        return Identity.of(os.stat(name, dir_fd=folder, follow_symlinks=False), dev)
    except OSError:
        return None
