"""The anchor's lines, laid where the daemon cannot take them back: folders named in `[office] anchors`, and the machine's own log.

A share may hang for minutes, and must keep nobody waiting: each place has a thread of its own, which tries again until the newest line
is there. What does not arrive is an alarm on every screen.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from daemon.store.anchor import Mark, append_line

AGAIN = 10.0
"""Seconds between two attempts at a place that refuses."""

PATIENCE = 60.0
"""Seconds that a place may take before it is an alarm."""

_LOG = Path("/dev/log")
_AUTHPRIV_NOTICE = 10 << 3 | 5


class Witness(threading.Thread):
    """One place: `tell` it the newest line from any thread; `trouble` is what keeps it from lying there, None while all is well."""

    def __init__(self, name: str, put: Callable[[Mark], None]) -> None:
        # A daemon thread: one that hangs in a dead share must not keep the process from ending.
        super().__init__(name=f"witness-{name}", daemon=True)
        self._put = put
        self._changed = threading.Condition()
        self._line: Mark | None = None
        self._since = 0.0
        self._error = ""
        self._closed = False

    def tell(self, mark: Mark) -> None:
        """Lay down `mark`, unless it is the last one told."""
        with self._changed:
            if mark != self._line:
                self._since = self._since or time.monotonic()
                self._line = mark
                self._changed.notify()

    def close(self) -> None:
        """Lay down nothing more."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    @property
    def trouble(self) -> str | None:
        """Why the newest line is not there: what the system said, or "" where it takes too long to say anything."""
        with self._changed:
            waits = self._since and time.monotonic() - self._since > PATIENCE
            return self._error or ("" if waits else None)

    def run(self) -> None:
        """The thread's life."""
        done: Mark | None = None
        while True:
            with self._changed:
                while not self._closed and self._line == done:
                    self._since = 0.0
                    self._changed.wait()
                if self._closed or self._line is None:
                    return
                line = self._line
            try:
                self._put(line)
            except OSError as error:
                with self._changed:
                    self._error = error.strerror or str(error)
                    self._changed.wait(AGAIN)
            else:
                done, self._error = line, ""


class Witnesses:
    """All the places of one office. Used by the loop's thread alone."""

    def __init__(self, log: Path = _LOG) -> None:
        self._folders: dict[str, Witness] = {}
        self._log = _begun("log", partial(_to_log, log)) if log.exists() else None

    def look(self, folders: tuple[str, ...], mark: Mark | None) -> dict[str, tuple[str, str]]:
        """Let the newest line go to these folders and to the log, without waiting; returns the alarms by folder."""
        for gone in self._folders.keys() - set(folders):
            self._folders.pop(gone).close()
        for folder in folders:
            if folder not in self._folders:
                self._folders[folder] = _begun(folder, partial(_to_folder, Path(folder)))
        if mark is not None:
            for witness in (*self._folders.values(), *filter(None, (self._log,))):
                witness.tell(mark)
        return {
            folder: _alarm(folder, trouble)
            for folder, witness in self._folders.items()
            if (trouble := witness.trouble) is not None
        }

    def close(self) -> None:
        """Lay down nothing more, and wait for nobody."""
        for witness in (*self._folders.values(), *filter(None, (self._log,))):
            witness.close()


def _begun(name: str, put: Callable[[Mark], None]) -> Witness:
    witness = Witness(name, put)
    witness.start()
    return witness


def _to_folder(folder: Path, mark: Mark) -> None:
    append_line(folder / f"{mark.office or 'kohoban'}.anchor", mark.line)


def _to_log(log: Path, mark: Mark) -> None:
    """One line for syslog. Raises OSError where nobody reads it: never waits."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as line:
        line.connect(str(log))
        line.send(f"<{_AUTHPRIV_NOTICE}>kohoban[{os.getpid()}]: anchor {mark.line}".encode())


def _alarm(folder: str, trouble: str) -> tuple[str, str]:
    why, why_en = (trouble, trouble) if trouble else ("応答がありません", "it does not answer")
    return (
        f"控えの印を {folder} に書けません（{why}）。フォルダと権限を確かめてください。書けるまで試みます。",
        f"The anchor cannot be written to {folder} ({why}). Check the folder and its permissions; it is tried until it works.",
    )
