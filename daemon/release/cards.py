"""A release card as plain files, for a person at another desk: `cards/<account>/<release>-<slug>/` with the text and the images.

The folder appears once its lease is in the journal, complete, by one rename; with the lease it goes away. Nothing reads it back.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from daemon.release import outbox
from daemon.release.jobs import Job


def place(job: Job) -> Path:
    """Where the files of this job's card lie."""
    return outbox.final(job)


def lay(job: Job) -> None:
    """Lay the text, the images and `card.toml` beside each other. Raises OSError, having left nothing behind."""
    if outbox.lies_there(job) != "released":
        outbox.begin(outbox.prepare(job), place(job))


def clear(folder: Path, held: Collection[int]) -> None:
    """Take away all cards but those of the releases that are still held."""
    if folder.is_dir():
        for one in folder.iterdir():
            number = one.name.partition("-")[0]
            if not (number.isdigit() and int(number) in held):
                outbox.discard(one)


def take_away(release: int, folder: Path) -> None:
    """The card of this release is over: its files go. What cannot be removed hurts nobody."""
    outbox.discard(outbox.staging(str(release), folder))
    for one in folder.glob(f"{release}-*"):
        outbox.discard(one)
