"""One pass over the accounts' folders: the truth about what lies there. Events are only the haste."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Literal, NamedTuple

from daemon.intake.arrival import FORGOTTEN, Identity
from daemon.intake.names import display_name, is_draft, is_picture, passes

EVERY = 1_000
"""After so many names the scan lets its caller do what is urgent."""
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_SHOWN = 3


class Found(NamedTuple):
    """A name whose state is not the one known: to be looked at."""

    account: str
    name: bytes


class Missing(NamedTuple):
    """A name known or left aside that the folder did not show."""

    account: str
    name: bytes


class Folder(NamedTuple):
    """A folder that was seen whole, with device and inode: by these a replaced folder is known."""

    account: str
    identity: tuple[int, int]


class Alarm(NamedTuple):
    """Something about the folders that a person should mend; it stands until a later scan does not bring it."""

    key: str
    ja: str
    en: str


class Pause(NamedTuple):
    """Nothing to do with the folder: the caller may do something urgent."""


Seen = Found | Missing | Folder | Alarm | Pause
Known = Callable[[str], Mapping[bytes, Identity]]


def scan(drafts: Path, accounts: Collection[str], known: Known, aside: Known) -> Iterator[Seen]:
    """Look at every account's folder once, as a generator: the caller acts on each thing before the pass ends.

    `known(account)` and `aside(account)` give the states already reported and those already looked at and left: only other states
    are `Found`. A name is `Missing` only if it was seen on the device that the folder is on now: when a share has come or gone,
    nobody has withdrawn anything. Never raises OSError; a folder that cannot be read is an `Alarm`.
    """
    for account in accounts:
        yield from _scan_account(drafts, account, known(account), aside(account))
    yield from _strangers(drafts, accounts)


def strangers(drafts: Path, accounts: Iterable[str]) -> tuple[list[bytes], list[bytes]]:
    """The folders, and the files, directly under drafts/ that belong to no account: nobody would ever look at them. Raises OSError."""
    ours = set(accounts)
    folders: list[bytes] = []
    files: list[bytes] = []
    with os.scandir(drafts) as entries:
        for entry in entries:
            name = os.fsencode(entry.name)
            if entry.name not in ours and (is_picture(name) or not passes(name)):
                (folders if entry.is_dir(follow_symlinks=True) else files).append(name)
    return sorted(folders), sorted(files)


def open_folder(drafts: Path, account: str) -> int:
    """A descriptor of an account's folder, never through a link. Raises OSError."""
    return os.open(drafts / account, _OPEN)


def _scan_account(drafts: Path, account: str, known: Mapping[bytes, Identity], aside: Mapping[bytes, Identity]) -> Iterator[Seen]:
    try:
        created = _made(drafts / account)
        folder = open_folder(drafts, account)
    except OSError as error:
        yield _lost(drafts / account, account, error)
        return
    try:
        facts = os.fstat(folder)
        names: set[bytes] = set()
        yield from _entries(folder, facts.st_dev, account, known, aside, names)
        yield Folder(account, (facts.st_dev, facts.st_ino))
        absent = [(name, identity) for name, identity in chain(known.items(), aside.items()) if name not in names]
        elsewhere = 0
        for name, identity in absent:
            if identity.dev == facts.st_dev or identity == FORGOTTEN:
                yield Missing(account, name)
            elif name in known:
                elsewhere += 1
        if elsewhere:
            yield _moved_away(account, elsewhere)
        elif created and known:
            yield _created(account)
    except OSError as error:
        yield _lost(drafts / account, account, error)
    finally:
        os.close(folder)


def _made(folder: Path) -> bool:
    """Make an account's folder where it is missing. True if it was made now. Raises OSError."""
    if os.path.lexists(folder):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    return True


def _entries(
    folder: int, dev: int, account: str, known: Mapping[bytes, Identity], aside: Mapping[bytes, Identity], names: set[bytes]
) -> Iterator[Seen]:
    """Every name of the folder into `names`; those in a new state are yielded. Raises OSError if the folder cannot be read on."""
    with os.scandir(folder) as entries:
        for count, entry in enumerate(entries, 1):
            if not count % EVERY:
                yield Pause()
            name = os.fsencode(entry.name)
            if not is_draft(name) and passes(name):
                continue
            try:
                facts = entry.stat(follow_symlinks=False)
            except OSError:
                continue  # gone, or unreadable even as a name: Missing if it was known
            names.add(name)
            # A plain tuple equals an Identity, and is made in half the time.
            identity = (dev, facts.st_ino, facts.st_ctime_ns, facts.st_mtime_ns, facts.st_size)
            if known.get(name) != identity and aside.get(name) != identity:
                yield Found(account, name)


def _strangers(drafts: Path, accounts: Iterable[str]) -> Iterator[Alarm]:
    try:
        folders, files = strangers(drafts, accounts)
    except OSError as error:
        yield _lost(drafts, "", error)
        return
    if folders:
        yield _strange(
            "folders", folders, "という名前のアカウントは rules.toml にありません", "no account of rules.toml has this name"
        )
    if files:
        yield _strange("files", files, "はアカウントのフォルダーに入っていません", "not in any account's folder")


def _strange(kind: Literal["folders", "files"], names: list[bytes], ja: str, en: str) -> Alarm:
    shown = ", ".join(map(display_name, names[:_SHOWN])) + (f" … ({len(names)})" if len(names) > _SHOWN else "")
    return Alarm(f"strange-{kind}", f"drafts/ の「{shown}」{ja}。読まれません。", f"drafts/: {shown}: {en}; it is not read.")


def _lost(path: Path, account: str, error: OSError) -> Alarm:
    shown = display_name(os.fsencode(path))
    if path.is_symlink():
        ja = f"{shown} はリンクなので見ません。フォルダーそのものを置いてください。"
        en = f"{shown} is a link and is not looked into. Put the folder itself there."
    else:
        ja = f"{shown} を見られません（{error.strerror}）。下書きはそのまま保ちます。フォルダーと権限を確かめてください。"
        en = f"{shown} cannot be looked into ({error.strerror}). Its drafts stay as they are. See to the folder and its rights."
    return Alarm(f"lost-{account}", ja, en)


def _moved_away(account: str, count: int) -> Alarm:
    return Alarm(
        f"device-{account}",
        f"drafts/{account} が別の装置になりました（共有が外れたか、つながりました）。見えない下書き {count} 件は取下げとせず、そのまま保ちます。",
        f"drafts/{account} is on another device now (a share came or went). {count} drafts that it does not show stay as they are.",
    )


def _created(account: str) -> Alarm:
    return Alarm(
        f"created-{account}",
        f"drafts/{account} がなくなっていたので作り直しました。",
        f"drafts/{account} had gone and was made again.",
    )
