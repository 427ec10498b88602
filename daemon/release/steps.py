"""How far the hand has come with each job: small files of its own under `state/releaser/`, so that its death leaves no riddle.

Before a job may begin, its note is made durable. No note: it certainly never began.
The desk's journal (発信中) says that a job was given; these notes say whether it was begun.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from daemon.gate import boot_id
from daemon.release.permit import sync_folder

FOLDER = "releaser"
_JOB = re.compile(r"m?[0-9]+")
"""How the daemon calls its jobs: releases by their number, measures with an m before it."""

Step = Literal["sealed", "ready", "noted", "passed", "written", "finished"]
"""The steps of a job in the hand: its seal is good; everything is prepared; its note is durable; the gate let it through (inside the
lock); it is written; its end is known. Between any two of them the hand may die."""

STEPS: tuple[Step, ...] = ("sealed", "ready", "noted", "passed", "written", "finished")


Noted = Literal["this boot", "an earlier boot"]
"""When the hand noted that a job might begin: since the last boot, or before it."""


class Steps:
    """The hand's notes. `at` is told every step that a job reaches (tests of faults let the hand die there)."""

    def __init__(self, state: Path, at: Callable[[Step], None] = lambda step: None) -> None:
        self._folder = state / FOLDER
        self.at = at
        with suppress(FileExistsError):
            self._folder.mkdir(mode=0o700)

    def begins(self, job: str) -> None:
        """From now on the job may have begun. Raises OSError where that cannot be made durable: then it must not begin."""
        fd = os.open(self._folder / job, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, f"{boot_id()}\n".encode())
            os.fsync(fd)
        finally:
            os.close(fd)
        sync_folder(self._folder)

    def never_began(self, job: str) -> None:
        """The gate kept it in: take the note back, before anything that was prepared. Raises OSError."""
        (self._folder / job).unlink(missing_ok=True)

    def of(self, job: str) -> Noted | None:
        """The note of a job; None where there is none, or only its beginning: whoever wrote it died before it was durable, and the job
        may begin only after that. Raises OSError where that cannot be told."""
        try:
            boot, end, _ = (self._folder / job).read_text().partition("\n")
        except FileNotFoundError:
            self._folder.stat()  # a lost folder must not look like jobs that never began
            return None
        if not end:
            return None
        return "this boot" if boot == boot_id() else "an earlier boot"

    def forget(self, jobs: Iterable[str]) -> None:
        """These jobs are over and in the journal."""
        for job in jobs:
            with suppress(OSError):
                (self._folder / job).unlink(missing_ok=True)

    def forget_but(self, jobs: Iterable[str]) -> None:
        """Only these jobs are still open."""
        kept = set(jobs)
        with suppress(OSError):
            self.forget(path.name for path in self._folder.iterdir() if _JOB.fullmatch(path.name) and path.name not in kept)
