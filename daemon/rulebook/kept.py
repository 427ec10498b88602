"""Policies, and rulebooks of offices, that were read before, kept in the user's own cache folder (`$XDG_CACHE_HOME/kohoban`) for `kohoban check`.

To read and look over a policy takes longer than to judge a draft by it. So what was read is kept beside every file and folder that was
looked at, and read again as soon as one of them says something else, on another day (versions begin at midnight), or by another program.
Nobody but the user may be able to write there; what is not theirs, or cannot be read, is as good as absent. The daemon does not look there; it
has a file of its own, in `state/store/`, which it believes for the first second of a restart (decision 0037).
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from zlib import crc32

import msgspec

from daemon.rulebook.load import load_policy, load_rulebook, today
from daemon.rulebook.model import Policy, Rulebook
from daemon.rulebook.required import Needs, remember, required

LARGEST = 16 << 20
"""Bytes of what is kept of one policy; those of the program take 0.3 MB."""
MOST = 32
"""Policies that are kept; after that the oldest goes."""
_SUFFIX = ".policy"
_FILE = b"\0file\0"
"""Before the bytes of a file: no name in a folder begins so."""


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """What was asked for, by which program and on which day; what was looked at (files that were read: whole); what was read, and what its
    patterns need."""

    told: tuple[str, str, str]
    seen: tuple[tuple[str, bool, bytes], ...]
    policy: Policy | None
    book: Rulebook | None
    needs: Mapping[str, tuple[Needs, ...]]


LookedAt = dict[Path, bytes | None]


def load_kept(path: Path, *, office_dir: Path | None = None) -> Policy:
    """`load_policy`, or what it said when nothing was other than now."""

    def read(looked_at: LookedAt) -> Policy:
        return load_policy(path, office_dir=office_dir, looked_at=looked_at)

    asked = repr([(str(each), str(each and each.absolute())) for each in (path, office_dir)])
    found = _kept_or_read(path.stem, (_program(), today().isoformat(), asked), read)
    assert isinstance(found, Policy)
    return found


def load_rulebook_kept(office_dir: Path, day: date) -> Rulebook:
    """The same of `load_rulebook`."""

    def read(looked_at: LookedAt) -> Rulebook:
        return load_rulebook(office_dir, day, looked_at=looked_at)

    asked = repr((str(office_dir), str(office_dir.absolute()), day.isoformat()))
    found = _kept_or_read("office", (_program(), today().isoformat(), asked), read)
    assert isinstance(found, Rulebook)
    return found


class Begun:
    """The rulebook with which a daemon began last, in a folder of its own that nobody else may enter: for an early answer after a restart."""

    def __init__(self, folder: Path, office_dir: Path) -> None:
        self._file = folder / "begun.rulebook"
        self._office_dir = office_dir

    def book(self, day: date) -> Rulebook | None:
        """It, as long as nothing that was read then says anything else now; else None."""
        kept = _read(self._file)
        return kept.book if kept and _stands(kept, self._told(day)) else None

    def keep(self, day: date, book: Rulebook, looked_at: LookedAt) -> None:
        """Keep this one, which was read from these files. What cannot be kept is read anew the next time."""
        with suppress(OSError, ValueError, OverflowError):
            raw = msgspec.msgpack.encode(_Kept(self._told(day), _seen(looked_at), None, book, {}))
            if len(raw) <= LARGEST:
                _put(self._file, raw)

    def _told(self, day: date) -> tuple[str, str, str]:
        return _program(), day.isoformat(), repr((str(self._office_dir), str(self._office_dir.absolute())))


def _stands(kept: _Kept, told: tuple[str, str, str]) -> bool:
    return kept.told == told and all(look(Path(path), whole=whole) == said for path, whole, said in kept.seen)


def _seen(looked_at: LookedAt) -> tuple[tuple[str, bool, bytes], ...]:
    return tuple(
        (str(path), raw is not None, look(path, whole=False) if raw is None else _FILE + raw) for path, raw in looked_at.items()
    )


def _kept_or_read(name: str, told: tuple[str, str, str], read: Callable[[LookedAt], Policy | Rulebook]) -> Policy | Rulebook:
    if (folder := cache_folder()) is None:
        return read({})
    file = folder / f"{name[:32]}-{crc32(told[2].encode(errors='backslashreplace')):08x}{_SUFFIX}"
    kept = _read(file)
    if kept and _stands(kept, told):
        remember(kept.needs)
        if found := kept.policy or kept.book:
            return found
    looked_at: LookedAt = {}
    found = read(looked_at)
    policy, book = (found, None) if isinstance(found, Policy) else (None, found)
    policies = (found,) if isinstance(found, Policy) else found.policies.values()
    needs = {pattern: required(pattern) for each in policies for pattern in _patterns(each)}
    with suppress(OSError, ValueError, OverflowError):
        _write(file, msgspec.msgpack.encode(_Kept(told, _seen(looked_at), policy, book, needs)))
    return found


def cache_folder() -> Path | None:
    """The folder of the user's own in which policies are kept, made where it is not there; None where there can be none."""
    home = os.environ.get("HOME", "")
    base = Path(os.environ.get("XDG_CACHE_HOME") or (Path(home) / ".cache" if home else ""))
    if not base.is_absolute():
        return None
    folder = base / "kohoban"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return None
    own = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077
    return folder if own else None


def look(path: Path, *, whole: bool) -> bytes:
    """What there is under this path: the policies in a folder, a file (`whole`: its bytes, else whether it has any), or nothing. Bytes are
    compared as they are: to hash them would take longer, because of what has to be imported for it."""
    try:
        if path.is_dir():
            return b"\0".join(sorted(os.fsencode(each.name) for each in path.iterdir() if each.suffix == ".toml"))
        if not path.is_file():
            return b""
        size = path.stat().st_size
        if not whole:
            return b"\0filled" if size else b"\0empty"
        return _FILE + path.read_bytes() if size <= LARGEST else b"\0large"
    except OSError as error:
        return b"\0%d" % (error.errno or 0)


def _patterns(policy: Policy) -> Iterator[str]:
    """Every pattern that a draft is asked for."""
    for rule in policy.rules:
        if rule.on == "draft":
            yield from (*getattr(rule, "any", ()), *rule.when.text)


def _program() -> str:
    """What reads policies: another program, or another Python, may read them otherwise."""
    own = Path(__file__).parent
    modules = sorted(
        (each.name, each.stat()) for folder in (own, own / "lint") for each in os.scandir(folder) if each.name.endswith(".py")
    )
    return repr((sys.version, msgspec.__version__, [(name, status.st_size, status.st_mtime_ns) for name, status in modules]))


def _read(file: Path) -> _Kept | None:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as kept:
        status = os.fstat(descriptor)
        if (
            not stat.S_ISREG(status.st_mode)
            or status.st_uid != os.geteuid()
            or status.st_mode & 0o022
            or status.st_size > LARGEST
        ):
            return None
        try:
            return msgspec.msgpack.decode(kept.read(), type=_Kept)
        except (msgspec.MsgspecError, OSError, RecursionError):
            return None


def _write(file: Path, raw: bytes) -> None:
    """Whole or not at all; two who write at once write the same."""
    if len(raw) > LARGEST:
        return
    kept = sorted(file.parent.glob(f"*{_SUFFIX}"), key=lambda each: each.lstat().st_mtime_ns)
    for old in kept[: max(0, len(kept) - MOST + 1)]:
        old.unlink(missing_ok=True)
    _put(file, raw)


def _put(file: Path, raw: bytes) -> None:
    from tempfile import NamedTemporaryFile

    with NamedTemporaryFile(dir=file.parent, delete=False) as into:  # for the user alone
        try:
            into.write(raw)
            into.flush()
            Path(into.name).replace(file)
        except OSError:
            Path(into.name).unlink(missing_ok=True)
            raise
