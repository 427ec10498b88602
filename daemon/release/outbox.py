"""The outbox channel: one folder a release, complete at the moment when it appears under its final name `<job>-<slug>`.

It is made ready as `.rel-<job>.tmp` beside its place and becomes visible by one rename that replaces nothing. After a crash the
names, and the hand's note that the job might begin, say what happened: the final name, it is out; only the other, it is not; neither,
it was taken by whoever reads the outbox. So each release appears once, and none is asked about that a look can settle.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import shutil
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Literal

import tomli_w

from daemon.release.channel import Became, Here
from daemon.release.jobs import Ask, Held, Job, Look, Outcome, Told
from daemon.release.permit import sync_folder
from daemon.release.steps import Noted
from daemon.rulebook.channels import BUILT_IN
from daemon.standing import words

Settled = Literal["released", "not_released", "unknown"]

_libc = ctypes.CDLL(None, use_errno=True)
_AT_FDCWD = -100
_RENAME_NOREPLACE = 1
_SLUG_BYTES = 120
_CHUNK = 1 << 20


class Outbox:
    """The channel. It needs nobody's leave and no network."""

    can = BUILT_IN["outbox"]

    def prepare(self, job: Job, here: Here) -> Sending:
        """Make a release ready beside its place. Raises Held."""
        return Sending(job)

    def look(self, look: Look, noted: Noted | None, here: Here) -> Became:
        """What the names in the folder say."""
        became = what_became(look.id, Path(look.outbox), noted, look.body)
        return Became(became, look.outbox if became == "released" else "")

    def let_go(self, look: Look, here: Here) -> None:
        """Take away what was put aside."""
        discard(void(look.id, Path(look.outbox)))

    def ask(self, ask: Ask, here: Here) -> Told:
        """A folder can be asked nothing. Raises Held."""
        raise Held("failed", "この媒体への道には尋ねられません", "this channel cannot be asked")


class Tampered(OSError):
    """An attached image is not the one that was approved, or no plain file."""


class Sending:
    """One release into an outbox: made ready beside its place, let appear by one rename."""

    def __init__(self, job: Job) -> None:
        """Make it ready. Raises Held, where something else has its name or it cannot be made ready."""
        self._place = final(job)
        self._ready: Path | None = None
        match lies_there(job):
            case "unknown":
                raise Held("unknown", f"{self._place} に別のものがあります", f"something else lies at {self._place}")
            case "not_released":
                try:
                    self._ready = prepare(job)
                except OSError as error:
                    ja, en = words(error)
                    raise Held("failed", f"発信の準備ができません（{ja}）", f"cannot be made ready ({en})") from None

    def write(self) -> None:
        """Let it appear. Raises Held."""
        if self._ready is None:
            return
        try:
            begin(self._ready, self._place)
        except OSError as error:
            # Over a network an error may come back for a rename that was done.
            outcome: Outcome = "failed" if self._ready.is_dir() else "unknown"
            ja, en = words(error)
            raise Held(outcome, f"発信の場所に置けません（{ja}）", f"cannot be put in its place ({en})") from None

    def finish(self) -> Became:
        """Make it durable. Raises Held."""
        try:
            sync_folder(self._place.parent)
        except OSError as error:
            ja, en = words(error)
            why = f"出ましたが、ディスクに残ったと言えません（{ja}）"
            raise Held("unknown", why, f"out, but perhaps not durably ({en})") from None
        return Became("released", str(self._place))

    def abandon(self) -> None:
        """It did not appear: leave nothing behind."""
        if self._ready is not None:
            discard(self._ready)


def staging(job: str, outbox: Path) -> Path:
    """Where a release is made ready."""
    return outbox / f".rel-{job}.tmp"


def final(job: Job) -> Path:
    """Where a release appears. The slug keeps letters of any script, and nothing that a shell or a path would read as more."""
    slug = re.sub(r"[^\w-]+", "_", job.slug).strip("_").encode()[:_SLUG_BYTES].decode(errors="ignore")
    return Path(job.outbox) / f"{job.id}-{slug or 'post'}"


def prepare(job: Job) -> Path:
    """Make a release ready and durable beside its place. Raises OSError, having left nothing behind; Tampered for an image."""
    ready = staging(job.id, Path(job.outbox))
    ready.parent.mkdir(parents=True, exist_ok=True)
    discard(ready)
    try:
        ready.mkdir()
        _write(ready / "post.txt", job.body)
        _write(ready / "card.toml", card_toml(job))
        for number, image in enumerate(job.images, 1):
            source = Path(image.path)
            _copy(source, ready / f"{number:02}-{source.name}", image.hash)
        sync_folder(ready)
    except OSError:
        discard(ready)
        raise
    return ready


def begin(ready: Path, place: Path) -> None:
    """Let a release appear: one rename. Raises FileExistsError where that name is taken, OSError for the rest."""
    if _libc.renameat2(_AT_FDCWD, os.fsencode(ready), _AT_FDCWD, os.fsencode(place), _RENAME_NOREPLACE) == 0:
        return
    problem = ctypes.get_errno()
    if problem not in (errno.EINVAL, errno.ENOSYS):
        raise OSError(problem, os.strerror(problem), str(place))
    # A file system that cannot promise it (NFS, some FUSE): one hand sends at a time, so a look before is enough against ourselves.
    if place.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place))
    ready.rename(place)


def lies_there(job: Job) -> Settled:
    """What the final name of a job says, before anything is written: `released` where this very release lies there, `unknown`
    where something else does, `not_released` where the name is free."""
    place = final(job)
    if not os.path.lexists(place):
        return "not_released"
    try:
        same = (place / "post.txt").read_bytes() == job.body and (place / "card.toml").read_bytes() == card_toml(job)
    except OSError:
        return "unknown"
    return "released" if same else "unknown"


def what_became(job: str, outbox: Path, noted: Noted | None, body: bytes) -> Settled:
    """What became of a job that the journal calls begun, once its hand is dead. What lies half made is put aside (`void`): from then
    on not even a hand that still lived could let it appear.

    A job without a note never began. One with a note stands under its final name, or is not out while it still lies ready or aside;
    where it is nowhere, whoever reads the outbox has taken it. After a boot the file system may have forgotten the last names: then
    only one that is there is an answer, and all else is `unknown`. So is a final name over another text than `body`: the number may have
    been given before, by a database that a backup has replaced.
    """
    try:
        for place in outbox.iterdir():
            if place.name.startswith(f"{job}-"):
                return "unknown" if noted is None or _says_something_else(place, body) else "released"
        if os.path.lexists(void(job, outbox)):
            return "not_released"
        if noted == "an earlier boot":
            return "unknown"
        with suppress(FileNotFoundError):
            staging(job, outbox).rename(void(job, outbox))
            return "not_released"
    except FileNotFoundError:
        return "not_released" if noted is None else "unknown"
    except OSError:
        return "unknown"
    return "not_released" if noted is None else "released"


def _says_something_else(place: Path, body: bytes) -> bool:
    """Whether another text lies there. Whoever reads the outbox may just be taking it: what is gone says nothing."""
    try:
        return (place / "post.txt").read_bytes() != body
    except OSError:
        return False


def void(job: str, outbox: Path) -> Path:
    """Where lies what has been found not to be out. It may be taken away once its note is gone, and not before: it would look as if
    somebody had taken the release."""
    return outbox / f".void-{job}.tmp"


def discard(folder: Path) -> None:
    """Take away a folder that never became a release; one that cannot be taken away is hidden and hurts nobody."""
    shutil.rmtree(folder, ignore_errors=True)


def card_toml(job: Job) -> bytes:
    """`card.toml`: what a consumer has to know beside the text. The same job always gives the same bytes."""
    card: dict[str, object] = {
        "schema": 1,
        "job": job.id,
        "draft": job.draft,
        "revision": job.hash,
        "body": job.body_hash,
        "account": job.account,
        "platform": job.platform,
        "handle": job.handle,
        "epoch": job.epoch,
        "images": [f"{number:02}-{Path(image.path).name}" for number, image in enumerate(job.images, 1)],
        "card": job.card,
    }
    return tomli_w.dumps(card).encode(errors="replace")


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _copy(source: Path, target: Path, wanted: str) -> None:
    """Copy one image through one descriptor, hashing what is really copied."""
    fd = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as file, target.open("xb") as out:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise Tampered(errno.EBADMSG, "no plain file", str(source))
        digest = sha256()
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if wanted and digest.hexdigest() != wanted:
        raise Tampered(errno.EBADMSG, "not the image that was approved", str(source))


CHANNEL = Outbox()
