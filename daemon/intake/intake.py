"""The intake itself: one thread that brings what arrives in the folders to its caller, in batches.

Events name files in haste, the scan finds the rest; both only say *look there*. One thread looks, waits until a file is settled,
reads it once, and calls `on_batch`; while that blocks, the folder waits. Large files, which may take long to judge, wait for all
others, and go one at a time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import structlog

from daemon.intake.arrival import Arrival, Brought, Failed, Gone, Read, Refused, Renamed, Settled
from daemon.intake.lasting import Lasting
from daemon.intake.ledger import Ledger
from daemon.intake.looks import Key
from daemon.intake.mounts import is_remote
from daemon.intake.names import display_name
from daemon.intake.runs import Elsewhere, Runs
from daemon.intake.scan import Alarm, Folder, Found, Missing, scan
from daemon.intake.settling import Reading, Settling
from daemon.intake.watch import Watcher

__all__ = ["Arrival", "Brought", "Elsewhere", "Gone", "Intake", "Refused", "Renamed", "Settled"]

log = structlog.get_logger()

BATCH = 256
"""Things in a batch at most."""
TOGETHER = 0.04
"""Seconds from one batch to the next of what is named in haste. What comes alone is looked at at once, what follows so soon together: one by one,
50 files a second cost nearly twice as much (decision 0049)."""
SCAN_EVERY = 5.0
SCAN_EVERY_BLIND = 1.0
"""Seconds between scans: where events come, and where none do (network file systems, a dead watch)."""
SCAN_SHARE = 10
"""A scan is followed by so many times its own duration at least: a folder of 10⁵ files must not keep a processor busy."""
STANDS = 600.0
"""Seconds for which an alarm about something that has happened (a folder was replaced) stands."""


Doing = Literal["idle", "work", "waits", "away"]
"""What the thread is at: nothing; its own work; something that others carry out for it; a folder of another machine's."""


class Intake:
    """What arrives in `drafts/<account>/` for these accounts, until `stop`.

    `known` holds, by account and name, the state of every file that was kept before (dev, ino, ctime_ns, mtime_ns, size): it is
    not read again. `on_batch` is called on the intake's own thread with at most 256 things, in the order in which they must be
    applied; it may block. If it raises, its batch is brought again at a later scan. `remote` says that the folder shows no events,
    which is else found out from the mount table. `elsewhere` reads files when there are many.
    """

    def __init__(
        self,
        drafts: Path,
        accounts: Iterable[str],
        known: Mapping[tuple[str, bytes], tuple[int, int, int, int, int]],
        on_batch: Callable[[Sequence[Brought]], None],
        *,
        remote: bool = False,
        scan_every: float = SCAN_EVERY,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._drafts = drafts.absolute()
        self._accounts = tuple(accounts)
        self._on_batch = on_batch
        self._remote = remote or is_remote(self._drafts)
        self._scan_every = min(scan_every, SCAN_EVERY_BLIND) if self._remote else scan_every
        self._settling = Settling(self._drafts, Ledger(known), remote=self._remote)
        self._runs = Runs(self._settling, elsewhere, self._read)
        self._lasting = Lasting(self._drafts)
        self._watcher = Watcher(self._drafts, () if self._remote else self._accounts, self._hurry, self.poke)
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._wake = threading.Condition()
        self._hasty: dict[Key, None] = {}
        self._not_before = 0.0
        self._forgotten: list[Key] = []
        self._scan_now = True
        self._nudged = False
        self._ending = False
        self._next_scan = 0.0
        self._batch: list[Brought] = []
        self._seen: dict[str, tuple[int, int]] = {}
        self._standing: tuple[tuple[str, str], ...] = ()
        self._happened: dict[str, tuple[float, str, str]] = {}
        self._failures: dict[str, tuple[str, str]] = {}
        self._last_scan: datetime | None = None
        self.turns = 0
        self._at_work: Doing = "away" if self._remote else "work"
        self._doing: Doing = self._at_work

    def start(self) -> None:
        """Begin with a scan, and go on watching."""
        self._thread.start()
        if not self._remote:
            self._watcher.start()

    def stop(self, timeout: float = 10.0) -> None:
        """End both threads. Returns after `timeout` seconds at the latest, even if `on_batch` never returns."""
        with self._wake:
            self._ending = True
            self._wake.notify()
        self._watcher.stop()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def nudge(self) -> None:
        """Have the thread take notice, though there is nothing to do; whoever holds its door at this moment is at work anyway."""
        if self._wake.acquire(blocking=False):
            try:
                self._nudged = True
                self._wake.notify()
            finally:
                self._wake.release()

    def set_accounts(self, accounts: Iterable[str]) -> None:
        """From now on, the folders of these accounts."""
        self._accounts = tuple(accounts)
        self._watcher.rearm(() if self._remote else self._accounts)
        self.poke()

    def poke(self) -> None:
        """Scan now."""
        with self._wake:
            self._scan_now = True
            self._wake.notify()

    def forget(self, account: str, name: bytes) -> None:
        """The last thing said of this name was not kept: bring it again at the next scan, or its `Gone`."""
        with self._wake:
            self._forgotten.append((account, name))

    @property
    def thread(self) -> threading.Thread:
        """The thread; `turns` grows with every name that it looks at, `doing` says whether it has nothing to do, works, waits for
        others, or has to do with another machine's folder, which may take for ever. For whoever sees whether it gets on."""
        return self._thread

    @property
    def doing(self) -> Doing:
        """Nothing while it waits, until something is named to it or its next scan is due."""
        due = self._nudged or self._hasty or self._scan_now or time.monotonic() > self._next_scan
        return self._at_work if self._doing == "idle" and due else self._doing

    @property
    def last_scan(self) -> datetime | None:
        """When the folders were last seen whole (UTC); None before the first scan has ended."""
        return self._last_scan

    @property
    def alarms(self) -> tuple[tuple[str, str], ...]:
        """What is wrong with the folders now, each as a sentence in Japanese and in English."""
        now = time.monotonic()
        happened = tuple((ja, en) for until, ja, en in tuple(self._happened.values()) if until > now)
        blind = (self._watcher.alarm,) if self._watcher.alarm is not None else ()
        return tuple(self._failures.values()) + blind + self._standing + happened

    def _hurry(self, named: Iterable[Key]) -> None:
        with self._wake:
            first = not self._hasty
            self._hasty.update(dict.fromkeys(named))
            if first:  # else it knows already that there is something to do, and when
                self._wake.notify()

    # On the intake's own thread

    def _run(self) -> None:
        while self._wait():
            self._turn()
            self._settling.folders.close()
            self._runs.prepare()
        self._lasting.close()

    def _wait(self) -> bool:
        """Wait for something to do. False when the end has come."""
        self._doing = "idle"
        try:
            return self._woken()
        finally:
            self._doing = self._at_work

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """While others work for this thread: the writer, the processes that read, the threads that sync."""
        before, self._doing = self._doing, "waits" if self._doing == "work" else self._doing
        try:
            yield
        finally:
            self._doing = before

    def _woken(self) -> bool:
        with self._wake:
            while not (self._ending or self._scan_now or self._settling.large):
                self.turns += self._nudged
                self._nudged = False
                times = (self._settling.looks.next_due(), self._not_before if self._hasty else None, self._next_scan)
                rest = min(at for at in times if at is not None) - time.monotonic()
                if rest <= 0:
                    break
                self._wake.wait(rest)
            return not self._ending

    def _turn(self) -> None:
        self._urgent()
        with self._wake:
            due = self._scan_now or time.monotonic() >= self._next_scan
            self._scan_now = False
        if due:
            self._scan()
        self._flush()
        self._one_large()

    def _urgent(self) -> None:
        """What cannot wait for the end of a scan: names in haste, and files that may have settled."""
        with self._wake:
            hasty, self._hasty = self._hasty, {}
            forgotten, self._forgotten = self._forgotten, []
        for key in forgotten:
            self._settling.ledger.forget(*key)
        now = time.monotonic()
        for key in (*hasty, *self._settling.looks.due(now)):
            self._look(key)
        self._flush()

    def _one_large(self) -> None:
        """One of the large files that were left, by itself: whatever has come meanwhile goes before the next."""
        if (key := self._settling.large.take()) is not None:
            self._look(key, even_large=True)
            self._flush()

    def _look(self, key: Key, *, even_large: bool = False) -> None:
        """Look at one name and have it read where that is needed. A failure of ours over one file must not end the intake for all
        others."""
        self.turns += 1
        try:
            begun = self._settling.begin(key, time.monotonic(), even_large=even_large)
            if begun.first:
                with self._waiting():
                    self._runs.finish()
                begun = self._settling.begin(key, time.monotonic(), even_large=even_large)
        except Exception as error:
            self._failed(key, Failed.of(error))
            return
        self._bring(begun.brought)
        if begun.reading is not None:
            with self._waiting():
                self._runs.add(begun.reading, large=even_large)
        elif self._failures:
            self._failures.pop(_shown(key), None)

    def _read(self, reading: Reading, result: Read) -> None:
        """A file has been read, here or elsewhere."""
        key = reading.wanted.account, reading.wanted.name
        try:
            things = self._settling.end(reading, result, time.monotonic())
        except Exception as error:
            result, things = Failed.of(error), []
        if isinstance(result, Failed):
            self._failed(key, result)
        elif self._failures:
            self._failures.pop(_shown(key), None)
        self._bring(things)

    def _failed(self, key: Key, failure: Failed) -> None:
        shown = _shown(key)
        log.error("look failed", file=shown, why=failure.why, trace=failure.trace)
        self._failures[shown] = (
            f"{shown} を調べられませんでした（{failure.why}）。次の見回りでやり直します。",
            f"{shown} could not be examined ({failure.why}); tried again at the next scan.",
        )

    def _scan(self) -> None:
        begun = time.monotonic()
        ledger = self._settling.ledger
        alarms: list[Alarm] = []
        accounts = self._accounts
        for seen in scan(self._drafts, accounts, ledger.known, ledger.aside):
            if self._ending:
                return
            if isinstance(seen, Found | Missing):
                self._look((seen.account, seen.name))
            elif isinstance(seen, Folder):
                self._place(seen)
            elif isinstance(seen, Alarm):
                alarms.append(seen)
            else:
                self._urgent()
        ended = time.monotonic()
        self._next_scan = ended + max(self._pause(), SCAN_SHARE * (ended - begun))
        self._note(alarms, ended)
        self._rearm_if_moved(accounts)
        self._last_scan = datetime.now(UTC)

    def _pause(self) -> float:
        return self._scan_every if self._watcher.alarm is None else min(self._scan_every, SCAN_EVERY_BLIND)

    def _place(self, folder: Folder) -> None:
        before = self._seen.get(folder.account)
        self._seen[folder.account] = folder.identity
        if before is not None and before != folder.identity:
            self._happened[f"replaced-{folder.account}"] = (
                time.monotonic() + STANDS,
                f"drafts/{folder.account} が別のフォルダーに置き換わりました。新しいフォルダーを見ています。",
                f"drafts/{folder.account} has been replaced by another folder; the new one is watched now.",
            )

    def _rearm_if_moved(self, accounts: Collection[str]) -> None:
        """Watch anew if a folder is another one than the watch was set on."""
        if self._remote:
            return
        here = {account: self._seen[account] for account in accounts if account in self._seen}
        armed = self._watcher.armed
        if any(armed.get(account) != identity for account, identity in here.items()):
            self._watcher.rearm()

    def _note(self, alarms: Iterable[Alarm], now: float) -> None:
        standing = [(alarm.ja, alarm.en) for alarm in alarms]
        for account, name in self._settling.looks.long_written(now):
            shown = f"{account}/{display_name(name)}"
            standing.append(
                (
                    f"{shown} は書き込み中のままなので、まだ読んでいません。保存して閉じてください。",
                    f"{shown} is still open for writing and has not been read. Save and close it.",
                )
            )
        self._standing = tuple(standing)

    def _bring(self, things: Sequence[Brought]) -> None:
        for thing in things:
            self._batch.append(thing)
            if len(self._batch) >= BATCH:
                self._hand_over()

    def _flush(self) -> None:
        """Hand over everything that has been looked at so far."""
        with self._waiting():
            self._runs.finish()
        self._hand_over()

    def _hand_over(self) -> None:
        batch, self._batch = tuple(self._batch), []
        if not batch:
            return
        self._not_before = time.monotonic() + TOGETHER
        self._make_last(batch)
        try:
            with self._waiting():
                self._on_batch(batch)
        except Exception as error:
            # The caller's failure (a full disk, say) is shown and tried again; the intake goes on for what it can take.
            self._not_taken(batch, error)
        else:
            self._failures.pop("", None)

    def _make_last(self, batch: Sequence[Brought]) -> None:
        """Sync the files before anybody is told that they are here. Where that fails they are taken in all the same: the store has
        their bytes. A server's own folder is synced by the server."""
        if self._remote:
            return
        try:
            with self._waiting():
                self._lasting.make(batch)
        except OSError as error:
            log.warning("drafts not synced", why=str(error))
            self._failures["sync"] = (
                f"drafts/ のファイルがディスクに残ったと言えません（{error.strerror}）。内容は記録してあります。ディスクを確かめてください。",
                f"The files in drafts/ may not survive a power cut ({error.strerror}). Their contents are recorded. See to the disk.",
            )
        else:
            self._failures.pop("sync", None)

    def _not_taken(self, batch: Iterable[Brought], error: Exception) -> None:
        log.error("batch not taken", exc_info=error)
        for thing in batch:
            if isinstance(thing, Renamed):
                self._settling.ledger.forget(thing.account, thing.old)
            self._settling.ledger.forget(thing.account, thing.new if isinstance(thing, Renamed) else thing.name)
        self._failures[""] = (
            f"届いた下書きを受け取れませんでした（{type(error).__name__}: {error}）。次の見回りでやり直します。",
            f"What arrived could not be taken in ({type(error).__name__}: {error}); tried again at the next scan.",
        )


def _shown(key: Key) -> str:
    return f"{key[0]}/{display_name(key[1])}"
