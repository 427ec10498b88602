"""Permit and stop (さいたま 11): whether anything may go out at all. Standard library only; to be read in one go.

`state/gate/RUN` is the permit. The gate is open only while RUN is the very file that the last resume made (`state/epoch` names its
epoch, boot, inode and change time) and no STOP stands in `state/gate/` or `state/`. All else is a stop: missing, unreadable, odd. So
whoever can touch those folders can stop, by any means, and nobody but the daemon can resume: a permit moved away and back is none.
The hand that sends holds `state/send.lock`, shared, from before its last look to the end of its write: who has it alone has silence.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

PATIENCE = 0.1  # seconds in which a hand may end the write it is in, before a stop kills it
SCOPE = re.compile(r"(?!txt$)[a-z0-9][a-z0-9-]*")  # Windows Explorer calls a STOP that it makes STOP.txt: that is no scope
PLAIN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Look(NamedTuple):
    """A look at the gate. `epoch` is the last resume's (0: none is known), `scopes` all stops that stand, for whomever."""

    open: bool
    why: str
    why_en: str
    epoch: int
    scopes: tuple[str, ...]


class Shut(NamedTuple):
    """What a stop achieved, in milliseconds from the call: `latched_ms` until nothing new was allowed, `silent_ms` until it was proved
    that nothing begins any more (None: not proved, `why` says why). `stopped` is False where no step succeeded at all."""

    stopped: bool
    latched_ms: float | None
    silent_ms: float | None
    why: str
    why_en: str


class Gate:
    """The gate of the office whose daemon keeps the folder `state`."""

    def __init__(self, state: Path | str) -> None:
        self.state = Path(state)
        self.run = self.state / "gate" / "RUN"

    def look(self, account: str = "", platform: str = "", epoch: int | None = None, *, action: bool = False) -> Look:
        """May this account send on this platform now (`action`: hide, delete, block), in a job made in `epoch`? Never raises."""
        text, identity, granted = self._record()
        scopes: tuple[str, ...] = ()
        try:
            scopes = tuple(sorted({scope for _, scope in self._stops()}))
            if hit := sorted({"all", account, platform, "actions" if action else ""} & set(scopes)):
                words = "、".join("すべて" if scope == "all" else scope for scope in hit)
                return Look(False, f"停止の印があります（{words}）", f"a stop stands ({', '.join(hit)})", granted, scopes)
            if text == permit(granted) and epoch in (None, granted) and self._own(self.run) == (text, identity):
                return Look(True, "", "", granted, scopes)
        except FileNotFoundError:
            why = "許可がありません。デーモンがまだ動いたことがないか、state/gate の中身が消されています"
            return Look(False, why, "there is no permit: no daemon has run here yet, or state/gate was emptied", granted, scopes)
        except OSError as error:
            return Look(False, f"許可を確かめられません（{error}）", f"no permit can be seen ({error})", granted, scopes)
        why = "RUN は、今回の起動の最後の再開が作った許可ではありません"
        return Look(False, why, "RUN is not the permit that the last resume made in this boot", granted, scopes)

    def shut(self, scope: str = "all", by: str = "") -> Shut:
        """Stop: `all`, an account, a platform or `actions`. One step that succeeds is enough, and none keeps the next from its turn.

        Takes a millisecond; 0.3 s where the hand hangs. Raises ValueError for what can be no scope."""
        if not SCOPE.fullmatch(scope):
            raise ValueError(f"all, actions, an account or a platform, not {scope!r}")
        start, latched, errors = time.perf_counter(), None, []
        for error in self._latch(scope, by):
            errors.append(str(error))
            if error is None and latched is None:
                latched = (time.perf_counter() - start) * 1e3
        if latched is None:
            return Shut(False, None, None, f"停止できません: {' / '.join(errors)}", f"not stopped: {' / '.join(errors)}")
        loud = self._noise(scope, by)
        return Shut(True, latched, None if loud else (time.perf_counter() - start) * 1e3, *(loud or ("", "")))

    def _latch(self, scope: str, by: str) -> Iterator[Exception | None]:
        """The steps of a stop, one after the other: what went wrong with each, or None."""
        if scope == "all":
            yield _tried(self._revoke)
        for folder in (self.run.parent, self.state):
            yield _tried(_mark, folder / ("STOP" if scope == "all" else f"STOP.{scope}"), by)

    def _revoke(self) -> None:
        self.state.stat()  # an office that is not there has no permit either, but that is no stop
        for spare in (
            self.run.with_name("RUN.new"),
            self.state / "clean",
        ):  # a resume half done, and what a boot would restore from
            _tried(spare.unlink)
        self.run.unlink(missing_ok=True)

    def _noise(self, scope: str, by: str) -> tuple[str, str] | None:
        """None once no hand is in a write and none can begin one; else why that is not proved."""

        def alone() -> None:
            with self.sending(PATIENCE, alone=True):
                list(self._latch(scope, by))  # a resume that was under way when the stop came loses

        if _tried(alone) is None:
            return None
        alive = _tried(self.end_hand)
        if (held := _tried(alone)) is None:
            return None
        if isinstance(held, FileNotFoundError):
            why = "発信係の沈黙を確かめられません。state/send.lock がありません。デーモンがまだ動いたことがない部署です"
            return why, "silence is not proved: there is no state/send.lock, as in an office whose daemon has never run"
        reasons = " / ".join(str(error) for error in (held, alive) if error)
        return f"発信係の沈黙を確かめられません（{reasons}）", f"silence is not proved ({reasons})"

    def end_hand(self) -> None:
        """Kill the hand that `state/hand.pid` names and see it die; nothing where it is dead. Raises OSError, ValueError where it cannot."""
        pid, started, boot = self._own(self.state / "hand.pid")[0].decode().split()
        with suppress(ProcessLookupError, FileNotFoundError):
            hand = os.pidfd_open(int(pid))
            try:
                if (started, boot) == (started_at(int(pid)), boot_id()):  # else the number is another process's by now
                    signal.pidfd_send_signal(hand, signal.SIGKILL)
                    dead = select.poll()
                    dead.register(hand, select.POLLIN)
                    dead.poll(PATIENCE * 1e3)
            finally:
                os.close(hand)

    @contextmanager
    def sending(self, patience: float = 5.0, *, alone: bool = False) -> Iterator[None]:
        """Hold the lock of those who send (`alone`: while nobody does). Raises OSError if it is not to be had in `patience` seconds."""
        lock = os.open(self.state / "send.lock", os.O_RDONLY | PLAIN)
        try:
            until = time.monotonic() + patience
            while _tried(fcntl.flock, lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB):
                if time.monotonic() > until:
                    raise TimeoutError("send.lock is held")
                time.sleep(0.001)
            yield
        finally:
            os.close(lock)

    def since(self) -> float | None:
        """When the stop that stands was made, by the oldest of its marks (seconds since 1970): the whole stop before narrower ones.
        None where there is no mark."""
        with suppress(OSError):
            made = [(scope != "all", path.lstat().st_mtime) for path, scope in self._stops()]
            return min(made)[1] if made else None
        return None

    def _stops(self) -> Iterator[tuple[Path, str]]:
        """Every STOP with its scope. What is called nearly so, and names no scope, stops everything."""
        for path in (*self.run.parent.iterdir(), *self.state.iterdir()):
            if path.name[:4].upper() == "STOP":
                yield path, path.name[5:] if path.name[:5] == "STOP." and SCOPE.fullmatch(path.name[5:]) else "all"

    def _record(self) -> tuple[bytes, str, int]:
        """What the last resume wrote: the permit's text, its file's identity, its epoch. Nothing and 0 where that is not readable."""
        with suppress(OSError, ValueError, IndexError):
            text, _, identity = self._own(self.state / "epoch")[0].rpartition(b"file ")
            return text, identity.decode(), int(text.split()[4])
        return b"", "", 0

    def _own(self, path: Path) -> tuple[bytes, str]:
        """A small file that only the daemon can have made, and its identity. Raises OSError where it is anything else."""
        fd = os.open(path, os.O_RDONLY | PLAIN)
        try:
            seen = os.fstat(fd)
            if (
                not stat.S_ISREG(seen.st_mode)
                or seen.st_uid != self.state.stat().st_uid
                or seen.st_nlink != 1
                or seen.st_mode & 0o022
            ):
                raise PermissionError(f"{path.name} is not the daemon's own plain file")
            return os.read(
                fd, 4096
            ), f"{seen.st_ino} {seen.st_ctime_ns}"  # a rename, link or chmod moves the change time for good
        finally:
            os.close(fd)


def permit(epoch: int) -> bytes:
    """What RUN says in this boot."""
    return f"kohoban permit 1\nepoch {epoch}\nboot {boot_id()}\n".encode()


def boot_id() -> str:
    """The kernel's name for the time since the last boot."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def started_at(pid: int) -> str:
    """When a process started, in clock ticks after boot. Raises FileNotFoundError or ProcessLookupError where there is none."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def _mark(path: Path, by: str) -> None:
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
