"""The haste: watchfiles in a thread of its own, which names files that may have changed.

It may miss anything (overflows are silent), name a file too early, or die (one name that is not UTF-8 is enough): the scan is the
truth, and every doubt here ends in a call for one. Each account's folder is watched by itself, not recursively and never through a
link, so that no link can lead the watch out of the folder.
"""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from watchfiles import Change, watch

from daemon.intake.names import is_draft, passes

DEBOUNCE_MS = 10
STEP_MS = 5
"""An event is passed on when no other has come for a step, and after the debounce however many come: where files come faster than a
step, each would else wait for all of the debounce."""
LOOK_UP_MS = 100
"""How long the watch may wait inside watchfiles before this thread looks up: until then nobody knows that it is armed."""
REST_FIRST, REST_MOST = 0.05, 2.0
"""Seconds of rest after the watch has died; doubled each time it dies again soon."""

Named = tuple[str, bytes]
"""An account and a file name in its folder."""


class Watcher:
    """Names files in haste. `on_haste` gets (account, name) pairs, `on_blind` is called when a scan must fill a gap; both on this thread.

    `armed` is, by account, device and inode of the folder that the watch was set on: a folder that is another one now must be
    watched anew (`rearm`). `alarm` is a pair of sentences while there are no events, else None.
    """

    def __init__(
        self, drafts: Path, accounts: Collection[str], on_haste: Callable[[list[Named]], None], on_blind: Callable[[], None]
    ) -> None:
        self._drafts = drafts
        self._accounts = tuple(accounts)
        self._on_haste = on_haste
        self._on_blind = on_blind
        self._again = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="intake-watch", daemon=True)
        self.armed: dict[str, tuple[int, int]] = {}
        self.alarm: tuple[str, str] | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, and wait for it."""
        self._ending.set()
        self._again.set()
        if self._thread.is_alive():
            self._thread.join()

    def rearm(self, accounts: Collection[str] | None = None) -> None:
        """Set the watch anew: on other accounts, or because a folder is another one now."""
        if accounts is not None:
            self._accounts = tuple(accounts)
        self._again.set()

    def _run(self) -> None:
        rest = REST_FIRST
        while not self._ending.is_set():
            self._again.clear()
            if self._ending.is_set():
                return
            begun = time.monotonic()
            try:
                if self._watch_until_again():
                    continue
            except (OSError, RuntimeError, ValueError) as error:
                # RuntimeError is also watchfiles' own WatchfilesRustInternalError, for a file name that is not UTF-8; ValueError
                # means that the folder's own path is not.
                self._dead(error)
            rest = REST_FIRST if time.monotonic() - begun > REST_MOST else min(rest * 2, REST_MOST)
            self._again.wait(rest)

    def _watch_until_again(self) -> bool:
        """Watch until told to watch anew. False if there was nothing to watch. Raises OSError and RuntimeError when the watch dies."""
        self.armed = self._folders()
        if not self.armed:
            return False
        paths = [self._drafts / account for account in self.armed]
        armed = False
        for changes in watch(
            *paths,
            watch_filter=None,
            debounce=DEBOUNCE_MS,
            step=STEP_MS,
            stop_event=self._again,
            rust_timeout=LOOK_UP_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            force_polling=False,
            recursive=False,
        ):
            if not armed:
                # What came between the last scan and the arming has shown no event.
                armed = True
                self.alarm = None
                self._on_blind()
            if hasty := self._named(changes):
                self._on_haste(hasty)
        return True

    def _folders(self) -> dict[str, tuple[int, int]]:
        found = {}
        for account in self._accounts:
            try:
                facts = os.lstat(self._drafts / account)
            except OSError:
                continue
            if stat.S_ISDIR(facts.st_mode):
                found[account] = (facts.st_dev, facts.st_ino)
        return found

    def _named(self, changes: Iterable[tuple[Change, str]]) -> list[Named]:
        """The files that events name, in order of name; what passes in silence, and the folders themselves, are left out."""
        hasty = []
        for path in sorted({path for _, path in changes}):
            folder, _, base = path.rpartition("/")
            account = folder.rpartition("/")[2]
            name = os.fsencode(base)
            if account in self.armed and (is_draft(name) or not passes(name)):
                hasty.append((account, name))
        return hasty

    def _dead(self, error: Exception) -> None:
        self.alarm = (
            f"フォルダーの変更の知らせを受けられません（{error}）。数秒ごとに見て回ります。",
            f"The folder sends no events ({error}); it is looked over every few seconds instead.",
        )
        self._on_blind()
