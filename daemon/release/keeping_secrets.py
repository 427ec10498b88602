"""Credentials put into the releaser's own folder and taken out of it: whole or not at all, closed to everybody else, their day noted.

Only the releaser's login does this, in a process of its own (`secrets_main`). What a platform gives a channel later (a renewed token) lies in
that channel's own folder.
"""

from __future__ import annotations

import fcntl
import glob
import os
import pwd
import stat
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import tomli_w

from daemon.release.permit import sync_folder
from daemon.release.secrets import ABOUT, PUBLIC, fit, folder_of
from daemon.release.steps import FOLDER
from daemon.release.veil import SHORTEST, veil

TOKYO = ZoneInfo("Asia/Tokyo")


class Unkept(Exception):
    """Nothing was changed; why, in both languages."""

    def __init__(self, why: str, why_en: str) -> None:
        super().__init__(why_en)
        self.why, self.why_en = why, why_en


def keep(state: Path, account: str, values: Mapping[str, str], *, kind: str, by: str, at: datetime | None = None) -> Path:
    """Put an account's credentials in the place of what was there, and of what came of those if they were of another kind; where they lie. Raises Unkept for values that can be none, OSError."""
    for name, value in values.items():
        _check(name, value)
    veil(*(value for name, value in values.items() if name not in PUBLIC))
    about = {"at": (at or datetime.now(TOKYO)).replace(microsecond=0), "by": by, "kind": kind}
    with _folder(state) as folder:
        place = _place(folder, account)
        before = _kind_of(place)
        kept = _put(place, {**values, ABOUT: about})
        if before not in (
            "",
            kind,
        ):  # nothing would replace them any more; those of the same kind are replaced at their first use
            _forget_what_came_of_them(state, account)
        return kept


def remove(state: Path, account: str) -> bool:
    """Take an account's credentials away, and what came of them; False where there is neither. What lay on the disk may still be read from
    it by root: they are to be revoked on the platform. Raises Unkept for what is no account's name, OSError."""
    with _folder(state) as folder:
        place = _place(folder, account)
        # First what came of them: whoever is interrupted in between still finds something to remove.
        found = _forget_what_came_of_them(state, account)
        with suppress(FileNotFoundError):
            place.unlink()
            found = True
        sync_folder(folder)
        return found


def _kind_of(place: Path) -> str:
    """Of what kind the credentials there are, as far as it is noted."""
    try:
        about = tomllib.loads(place.read_text()).get(ABOUT)
    except (OSError, ValueError):
        return ""
    return str(about.get("kind", "")) if isinstance(about, dict) else ""


def _forget_what_came_of_them(state: Path, account: str) -> bool:
    """What channels keep of the account in folders of their own (renewed tokens): files named after it. Whether there was any."""
    found = False
    for each in (state / FOLDER).iterdir():
        if each.is_dir() and not each.is_symlink() and each != folder_of(state):
            for file in each.glob(f"{glob.escape(account)}.*"):
                file.unlink(missing_ok=True)
                found = True
            sync_folder(each)
    return found


def _place(folder: Path, account: str) -> Path:
    """Where the account's credentials lie. Raises Unkept for what can be no account's name, and would lead elsewhere."""
    if not account or "/" in account or "\0" in account or account[0] in "._":
        raise Unkept(
            "アカウントの id ではありません（/ や先頭の . _ は不可）", "this is no account's id (no /, no leading . or _)"
        )
    return folder / f"{account}.toml"


def whoever_asks() -> str:
    """The login of the person behind this process: what the kernel noted when they came in, which no sudo changes; else what sudo says, else
    this process's own."""
    with suppress(OSError, ValueError, KeyError):
        number = int(Path("/proc/self/loginuid").read_text())
        if number != (1 << 32) - 1:
            return pwd.getpwuid(number).pw_name
    if os.environ.get("SUDO_USER"):
        return os.environ["SUDO_USER"]
    with suppress(KeyError):
        return pwd.getpwuid(os.geteuid()).pw_name
    return str(os.geteuid())


def _check(name: str, value: str) -> None:
    if not fit(value):
        raise Unkept(
            f"{name} が空か、前後の空白・改行・制御文字を含んでいます",
            f"{name} is empty, or holds blanks around it or control characters",
        )
    if len(value) < SHORTEST:
        raise Unkept(
            f"{name} が {SHORTEST} 文字より短いです。写し間違いではありませんか",
            f"{name} has less than {SHORTEST} characters: was it copied whole?",
        )


@contextmanager
def _folder(state: Path) -> Iterator[Path]:
    """The folder, made where it is not there, closed to others and locked against another writer. Raises Unkept where it is not so."""
    above, folder = state / FOLDER, folder_of(state)
    if not state.is_dir():
        raise Unkept(
            f"{state} がありません。部署を一度起動してから（kohoban daemon --detach）行ってください",
            f"there is no {state}: start the office once (kohoban daemon --detach)",
        )
    with suppress(FileExistsError):
        above.mkdir(mode=0o700)
    if (seen := above.lstat()).st_uid != os.geteuid():
        owner = _login(seen.st_uid)
        raise Unkept(
            f"{above} は {owner} のものです。sudo -u {owner} を付けて行ってください",
            f"{above} belongs to {owner}: do it with sudo -u {owner}",
        )
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        seen = os.fstat(lock)
        if seen.st_uid != os.geteuid():
            raise Unkept(f"{folder} は {_login(seen.st_uid)} のものです", f"{folder} belongs to {_login(seen.st_uid)}")
        if stat.S_IMODE(seen.st_mode) & 0o077:
            os.fchmod(lock, 0o700)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(lock)


def _put(path: Path, document: Mapping[str, object]) -> Path:
    """Written, durable, then under its name: at no moment half a file, at none open to others."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        os.fchmod(fd, 0o600)
        file.write(tomli_w.dumps(document).encode())
        file.flush()
        os.fsync(fd)
    new.rename(path)
    sync_folder(path.parent)
    return path


def _login(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
