"""Permit and stop (さいたま 11): whether anything may go out at all. Standard library only; to be read in one go.

`state/gate/RUN` is the permit. The gate is open only while RUN is the very file that the last resume made (`state/epoch` names its
epoch, boot, inode and change time, and the state it was made for) and no STOP stands in `state/gate/` or `state/`. All else is a
stop: missing, unreadable, odd. So whoever can touch those folders can stop, by any means, and nobody but the daemon can resume: a
permit moved away and back, or copied together with the whole office, is none.
The hand that sends holds `state/send.lock`, shared, from before its last look to the end of its write: who has it alone has silence.
Why something is so, `daemon/standing.py` says in words; it is imported only when there is something to say.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import NamedTuple

PATIENCE = 0.1  # seconds in which a hand may end the write it is in, before a stop kills it; one that is halted is killed at once
PLAIN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


class Look(NamedTuple):
    """A look at the gate. `epoch` is the last resume's (0: none is known), `scopes` all stops that stand, for whomever. `blind`: whoever
    looked may not look there, so that it is shut to them, and says nothing of whether others may send."""

    open: bool
    why: str
    why_en: str
    epoch: int
    scopes: tuple[str, ...]
    blind: bool = False


class Shut(NamedTuple):
    """What a stop achieved, in milliseconds from the call: `latched_ms` until nothing new was allowed, `silent_ms` until it was proved
    that nothing begins any more (None: not proved, `why` says why). `stopped` is False where no step succeeded at all."""

    stopped: bool
    latched_ms: float | None
    silent_ms: float | None
    why: str
    why_en: str


class Odd(OSError):
    """A file, `path`, that is not the plain one of whoever owns the state, `home`."""

    def __init__(self, path: str, home: str) -> None:
        super().__init__(f"{os.path.basename(path)} is not the daemon's own plain file")
        self.path, self.home = path, home


class Gate:
    """The gate of the office whose daemon keeps the folder `state`."""

    def __init__(self, state: str | os.PathLike[str]) -> None:
        self.home = os.fspath(state)
        self.folder = os.path.join(self.home, "gate")
        self.permit = os.path.join(self.folder, "RUN")

    def look(self, account: str = "", platform: str = "", epoch: int | None = None, *, action: bool = False) -> Look:
        """May this account send on this platform now (`action`: hide, delete, block), in a job made in `epoch`? Never raises."""
        text, made, granted = self.record()
        scopes: tuple[str, ...] = ()
        hit: set[str] = set()
        trouble: OSError | None = None
        try:
            scopes = tuple(sorted({scope for _, scope in self.stops()}))
            hit = {"all", account, platform, "actions" if action else ""} & set(scopes)
            if not hit and text == permit(granted) and epoch in (None, granted) and self.own(self.permit) == (text, made):
                return Look(True, "", "", granted, scopes)
        except OSError as error:
            trouble = error
        from daemon.standing import why_closed

        blind = isinstance(trouble, PermissionError)
        return Look(False, *why_closed(self, hit, trouble, epoch, granted), granted, scopes, blind)

    def shut(self, scope: str = "all", by: str = "") -> Shut:
        """Stop: `all`, an account, a platform or `actions`. One step that succeeds is enough, and none keeps the next from its turn.

        Takes a millisecond; 0.3 s where the hand hangs. Raises ValueError for what can be no scope."""
        if not is_scope(scope):
            raise ValueError(f"all, actions, an account or a platform, not {scope!r}")
        start, latched, errors = time.perf_counter(), None, []
        for error in self._latch(scope, by):
            if error is not None:
                errors.append(error)
            elif latched is None:
                latched = (time.perf_counter() - start) * 1e3
        if latched is not None and not (errors := self._noise(scope, by)):
            return Shut(True, latched, (time.perf_counter() - start) * 1e3, "", "")
        from daemon.standing import not_proved, not_stopped

        return Shut(latched is not None, latched, None, *(not_stopped if latched is None else not_proved)(errors))

    def _latch(self, scope: str, by: str) -> Iterator[Exception | None]:
        """The steps of a stop, one after the other: what went wrong with each, or None."""
        if scope == "all":
            yield _tried(self.revoke)
        for folder in (self.folder, self.home):
            yield _tried(_mark, os.path.join(folder, "STOP" if scope == "all" else f"STOP.{scope}"), by)

    def revoke(self) -> None:
        """Take the permit away, and what a resume half done or a boot would make one from. Raises OSError."""
        os.stat(self.home)  # an office that is not there has no permit either, but that is no stop
        for spare in (f"{self.permit}.new", os.path.join(self.home, "clean")):
            _tried(os.unlink, spare)
        with suppress(FileNotFoundError):
            os.unlink(self.permit)

    def _noise(self, scope: str, by: str) -> list[Exception]:
        """Nothing once no hand is in a write and none can begin one; else why that is not proved."""

        def alone(patience: float) -> None:
            with self.sending(patience, alone=True):
                list(self._latch(scope, by))  # a resume that was under way when the stop came loses

        until = time.monotonic() + PATIENCE
        while (held := _tried(alone, 0)) and isinstance(held, TimeoutError) and time.monotonic() < until and not self._halted():
            time.sleep(0.001)
        if held is None:
            return []
        alive = _tried(self.end_hand) if isinstance(held, TimeoutError) else None
        return [error for error in (held, alive) if error] if (held := _tried(alone, PATIENCE)) else []

    def _halted(self) -> bool:
        """Whether the hand has been halted (SIGSTOP, a debugger): it will not end its write by itself."""
        with suppress(OSError, ValueError):
            return self._hand()[1] in "Tt"
        return False

    def _hand(self) -> tuple[int, str]:
        """The hand that `state/hand.pid` names: its number, and the kernel's letter for what it is doing.

        Raises OSError where none is named, ProcessLookupError where the named one is dead, ValueError where the file is garbage."""
        pid, started, boot = self.own(os.path.join(self.home, "hand.pid"))[0].decode().split()
        doing, now = process(int(pid))
        if (started, boot) == (now, boot_id()):
            return int(pid), doing
        raise ProcessLookupError("the number is another process's by now")

    def end_hand(self) -> None:
        """Kill the hand that `state/hand.pid` names and see it die; nothing where it is dead. Raises OSError, ValueError where it cannot."""
        import select
        import signal

        with suppress(ProcessLookupError):
            pid, _ = self._hand()
            hand = os.pidfd_open(pid)
            try:
                if self._hand()[0] == pid:  # seen again through the descriptor: it is still the one that was named
                    signal.pidfd_send_signal(hand, signal.SIGKILL)
                    dead = select.poll()
                    dead.register(hand, select.POLLIN)
                    dead.poll(PATIENCE * 1e3)
            finally:
                os.close(hand)

    @contextmanager
    def sending(self, patience: float = 5.0, *, alone: bool = False) -> Iterator[None]:
        """Hold the lock of those who send (`alone`: while nobody does). Raises OSError if it is not to be had in `patience` seconds."""
        lock = os.open(os.path.join(self.home, "send.lock"), os.O_RDONLY | PLAIN)
        try:
            until = time.monotonic() + patience
            while _tried(fcntl.flock, lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB):
                if time.monotonic() >= until:
                    raise TimeoutError("send.lock is held")
                time.sleep(0.001)
            yield
        finally:
            os.close(lock)

    def stops(self) -> list[tuple[str, str]]:
        """Every STOP, by its path, with its scope. Raises OSError where it cannot be seen what stands.

        What is called nearly so, or names nobody whom the daemon knows (`state/scopes`), stops everything."""
        found = [(at, name) for at in (self.folder, self.home) for name in os.listdir(at) if name[:4].upper() == "STOP"]
        known = self.known() if any(name != "STOP" for _, name in found) else frozenset()
        scopes = {f"STOP.{scope}": scope for scope in known}
        return [(os.path.join(folder, name), scopes.get(name, "all")) for folder, name in found]

    def known(self) -> frozenset[str]:
        """The scopes of which the daemon says that they exist: accounts and platforms, and always `actions`."""
        with suppress(OSError, ValueError):
            return frozenset(self.own(os.path.join(self.home, "scopes"))[0].decode().split()) | {"actions"}
        return frozenset({"actions"})

    def record(self) -> tuple[bytes, str, int]:
        """What the last resume wrote: the permit's text, its file's identity, its epoch. Nothing and 0 where that is not readable."""
        with suppress(OSError, ValueError, IndexError):
            text, _, identity = self.own(os.path.join(self.home, "epoch"))[0].rpartition(b"file ")
            return text, identity.decode(), int(text.split()[4])
        return b"", "", 0

    def own(self, path: str, most: int = 4096) -> tuple[bytes, str]:
        """A file (`most` bytes of it) that only the daemon can have made, and its identity in this very state: a rename, link or chmod moves the
        change time for good, and a copy of the state is another folder. Raises OSError where it is anything else."""
        fd = os.open(path, os.O_RDONLY | PLAIN)
        try:
            seen, home = os.fstat(fd), os.stat(self.home)
            plain = stat.S_ISREG(seen.st_mode) and seen.st_nlink == 1 and not seen.st_mode & 0o022
            if not plain or seen.st_uid != home.st_uid:
                raise Odd(path, self.home)
            return os.read(fd, most), f"{seen.st_ino} {seen.st_ctime_ns} in {home.st_dev} {home.st_ino}"
        finally:
            os.close(fd)


def is_scope(name: str) -> bool:
    """Whether a stop can be made for what is called so. (Windows Explorer calls a STOP that it makes STOP.txt: that is no scope.)"""
    return bool(name) and LETTERS.issuperset(name) and name[0] != "-" and name != "txt"


def permit(epoch: int) -> bytes:
    """What RUN says in this boot."""
    return f"kohoban permit 1\nepoch {epoch}\nboot {boot_id()}\n".encode()


@cache
def boot_id() -> str:
    """The kernel's name for the time since the last boot, which no process outlives."""
    with open("/proc/sys/kernel/random/boot_id") as file:
        return file.read().strip()


def process(pid: int) -> tuple[str, str]:
    """What a process does (the kernel's letter), when it started (clock ticks after boot). Raises ProcessLookupError where it is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except FileNotFoundError:
        raise ProcessLookupError(f"there is no process {pid}") from None
    return fields[0], fields[19]


def _mark(path: str, by: str) -> None:
    """Make a STOP. That it is there is all that counts; what it says needs disk space, and may be missing."""
    with suppress(FileExistsError):
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | PLAIN, 0o664)
        _tried(os.write, fd, f"{time.strftime('%F %T%z')} {by}\n".encode(errors="replace"))
        os.close(fd)


def _tried(step: Callable[..., object], *args: object) -> Exception | None:
    try:
        step(*args)
    except (OSError, ValueError, OverflowError) as error:
        return error
    return None
