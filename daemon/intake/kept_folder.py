"""A folder that only one person may write in, proved by what the file system says of it, and held open while it is looked at.

Whoever may write in a 決裁フォルダ decides in its owner's name. So it is walked to from `/` without following a link; every folder above it
must be such that nobody can put another in its place, and in itself and the folders inside nobody may write but its owner, the daemon
and root. Rights that cannot be read (a share mounted from another machine, which shows whatever owner it was told) prove nothing.
"""

from __future__ import annotations

import os
import pwd
import shlex
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from daemon.intake.mounts import file_system

_PATH = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_KEEPS_OWNERS = frozenset(
    ("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "f2fs", "bcachefs", "jfs", "reiserfs", "nilfs2")
)
"""File systems of this machine that keep owners, modes and POSIX ACLs themselves."""

_ACL = "system.posix_acl_access"
_ENTRY = struct.Struct("<HHI")
_USER_OBJ, _USER, _GROUP_OBJ, _GROUP, _MASK, _OTHER = 1, 2, 4, 8, 16, 32
_WRITE = 2

Kind = Literal["absent", "open", "closed", "odd"]
"""absent: it is not there (a share that has vanished). open: somebody else may write there. closed: whoever looks may not enter it. odd: it
cannot be used for another reason."""


class Fault(Exception):
    """Why a folder proves nothing: in both languages, with the command that mends it (empty where none does)."""

    def __init__(self, kind: Kind, message: str, message_en: str, mend: str = "") -> None:
        self.kind, self.message, self.message_en, self.mend = kind, message, message_en, mend
        super().__init__(message_en)


class Owners(NamedTuple):
    """Who may write: the person, the daemon. Root may everywhere."""

    person: int
    daemon: int

    @property
    def uids(self) -> frozenset[int]:
        """The uids whose hand may be at work in the folder."""
        return frozenset((self.person, self.daemon, 0))


def owners_of(login: str, daemon: int, *, training: bool) -> Owners:
    """Who may write in a person's folder; `daemon` is the uid to which the office belongs. In a training office, whose people are
    fictional, it plays them all. Raises Fault where this machine does not know the login, or where it is the daemon's own."""
    if training:
        return Owners(daemon, daemon)
    try:
        person = pwd.getpwnam(login).pw_uid
    except KeyError:
        message = f"ログイン {login} がこの機械にありません。"
        raise Fault("odd", message, f"this machine does not know the login {login}.") from None
    if person == daemon:
        message = f"ログイン {login} は広報番を動かしているログインです。別にしてください。"
        raise Fault("odd", message, f"{login} is the login of the daemon itself: use another.")
    return Owners(person, daemon)


class Kept(NamedTuple):
    """A folder that has been proved, and those inside it, as open descriptors."""

    itself: int
    inside: dict[str, int]


@contextmanager
def kept(folder: str, inside: tuple[str, ...], owners: Owners) -> Iterator[Kept]:
    """Open a folder and those inside it, each proved. Raises Fault where any of them proves nothing, OSError of a failing disk."""
    opened: list[int] = []
    try:
        itself = _walked(PurePosixPath(folder), owners, opened)
        _check_kind(folder)
        inner = {name: _step(itself, name, f"{folder}/{name}", opened) for name in inside}
        for path, descriptor in ((folder, itself), *((f"{folder}/{name}", fd) for name, fd in inner.items())):
            _check_own(path, descriptor, owners)
        yield Kept(itself, inner)
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _walked(path: PurePosixPath, owners: Owners, opened: list[int]) -> int:
    """The folder of that path, every one above it checked."""
    here = os.open("/", _PATH)
    opened.append(here)
    so_far = PurePosixPath("/")
    for part in path.parts[1:]:
        below = _step(here, part, str(so_far / part), opened)
        _check_above(str(so_far), here, os.fstat(below).st_uid, owners)
        here, so_far = below, so_far / part
    return here


def _step(at: int, name: str, path: str, opened: list[int]) -> int:
    try:
        descriptor = os.open(name, _PATH, dir_fd=at)
    except FileNotFoundError:
        raise Fault(
            "absent",
            f"{path} がありません。共有が外れていないか、フォルダが作られているかを確かめてください。",
            f"{path} is not there: see whether the share is mounted and the folder has been made.",
        ) from None
    except NotADirectoryError:
        raise Fault(
            "odd",
            f"{path} はフォルダではありません（リンクは使えません）。本当の場所を書くか、フォルダを作ってください。",
            f"{path} is no folder (a link will not do): name the real place, or make a folder.",
        ) from None
    except PermissionError:
        raise Fault("closed", f"{path} に入る権限がありません。", f"there is no right to enter {path}.") from None
    opened.append(descriptor)
    return descriptor


def _check_kind(folder: str) -> None:
    kind = file_system(Path(folder))
    if kind not in _KEEPS_OWNERS:
        raise Fault(
            "odd",
            f"{folder} は {kind or '不明な種類'} のファイルシステムにあり、だれが書けるかを確かめられません。この機械のディスクに置いて共有してください。",
            f"{folder} lies on {kind or 'an unknown file system'}, where it cannot be proved who may write: keep it on a disk of this machine "
            "and share it from here.",
        )


def _check_above(path: str, descriptor: int, below: int, owners: Owners) -> None:
    """Nobody but the trusted may put another folder in the place of the one below: not by writing here, unless the sticky bit keeps what
    belongs to others."""
    seen = os.fstat(descriptor)
    if seen.st_uid not in owners.uids:
        raise _open_fault(
            path, f"所有者が uid {seen.st_uid}", f"it belongs to uid {seen.st_uid}", f"chown root {shlex.quote(path)}"
        )
    if seen.st_mode & stat.S_ISVTX and below in owners.uids:
        return
    if who := _strangers(descriptor, seen, owners):
        raise _open_fault(path, *who, f"chmod go-w {shlex.quote(path)}")


def _check_own(path: str, descriptor: int, owners: Owners) -> None:
    """Nobody but the person and the daemon may write here, and both may."""
    seen = os.fstat(descriptor)
    quoted = shlex.quote(path)
    if seen.st_uid not in (owners.person, owners.daemon):
        words = f"所有者が uid {seen.st_uid}", f"it belongs to uid {seen.st_uid}"
        raise _open_fault(path, *words, f"chown {owners.person} {quoted}")
    if who := _strangers(descriptor, seen, owners):
        raise _open_fault(path, *who, f"chmod go-w {quoted}")
    may = {uid for uid, _ in _named(descriptor)} | ({seen.st_uid} if seen.st_mode & stat.S_IWUSR else set())
    for uid, name, name_en in ((owners.person, "決裁者", "the person"), (owners.daemon, "広報番", "the daemon")):
        if uid not in may and uid != 0:
            raise Fault(
                "odd",
                f"{path} に{name}（uid {uid}）が書けません。",
                f"{name_en} (uid {uid}) may not write in {path}.",
                f"setfacl -m u:{uid}:rwx {quoted}",
            )


def _open_fault(path: str, who: str, who_en: str, mend: str) -> Fault:
    return Fault("open", f"{path} に、本人のほかにも書ける人がいます（{who}）。", f"others may write in {path} ({who_en}).", mend)


def _strangers(descriptor: int, seen: os.stat_result, owners: Owners) -> tuple[str, str] | None:
    """Who else may write there, in words; None for nobody."""
    entries = _acl(descriptor)
    if not entries:
        group, other = bool(seen.st_mode & stat.S_IWGRP), bool(seen.st_mode & stat.S_IWOTH)
        named: list[tuple[str, str]] = []
    else:
        mask = next((perm for tag, perm, _ in entries if tag == _MASK), 7)
        group = any(perm & mask & _WRITE for tag, perm, _ in entries if tag == _GROUP_OBJ)
        other = any(perm & _WRITE for tag, perm, _ in entries if tag == _OTHER)
        named = [(f"uid {uid}", f"uid {uid}") for uid, _ in _named(descriptor) if uid not in owners.uids]
        named += [(f"グループ {gid}", f"group {gid}") for tag, perm, gid in entries if tag == _GROUP and perm & mask & _WRITE]
    if other:
        return "だれでも", "everybody"
    if group:
        return f"グループ {seen.st_gid}", f"group {seen.st_gid}"
    return named[0] if named else None


def _named(descriptor: int) -> list[tuple[int, int]]:
    """The users whom an ACL lets write, each with what it lets them do."""
    entries = _acl(descriptor)
    mask = next((perm for tag, perm, _ in entries if tag == _MASK), 7)
    return [(uid, perm & mask) for tag, perm, uid in entries if tag == _USER and perm & mask & _WRITE]


def _acl(descriptor: int) -> list[tuple[int, int, int]]:
    """The entries of a folder's POSIX ACL (tag, rights, id); none where it has only its mode."""
    raw = b""
    with suppress(OSError):  # none there, or a file system without them
        raw = os.getxattr(f"/proc/self/fd/{descriptor}", _ACL)
    return [_ENTRY.unpack_from(raw, at) for at in range(4, len(raw), _ENTRY.size)]
