"""How the gate stands, in words (Japanese, English): why it is closed, what keeps a resume from opening it and how that is mended,
who stopped and when. It decides nothing, and what it says is no error number: people have to mend something by it.
"""

from __future__ import annotations

import errno
import os
import pwd
import re
import stat
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from daemon.gate import Gate, Odd, boot_id

Words = tuple[str, str]

_KINDS = {
    stat.S_IFDIR: ("フォルダ", "a folder"),
    stat.S_IFLNK: ("シンボリックリンク", "a symbolic link"),
    stat.S_IFIFO: ("名前付きパイプ", "a FIFO"),
    stat.S_IFSOCK: ("ソケット", "a socket"),
    stat.S_IFCHR: ("デバイス", "a device"),
    stat.S_IFBLK: ("デバイス", "a device"),
}

_ERRORS = {
    errno.ENOENT: "ありません",
    errno.EACCES: "読み書きの権限がありません",
    errno.EPERM: "許されていません",
    errno.EISDIR: "ファイルではなくフォルダです",
    errno.ENOTDIR: "途中にあるのはフォルダではありません",
    errno.ENOTEMPTY: "空でないフォルダです",
    errno.EEXIST: "同じ名前のものがあります",
    errno.ELOOP: "シンボリックリンクです",
    errno.ENXIO: "ファイルではありません",
    errno.ENOSPC: "ディスクがいっぱいです",
    errno.EDQUOT: "ディスクの割当てを使い切っています",
    errno.EROFS: "書き込みのできないディスクです",
    errno.EIO: "ディスクの読み書きに失敗しました",
    errno.ESTALE: "置き場所がサーバーから消えています",
    errno.EBUSY: "使用中です",
}


_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
"""How a mark begins that the gate has made."""


class Mark(NamedTuple):
    """The stop that stands: when it was made (seconds since 1970), and by which login (empty: nobody knows)."""

    at: float
    by: str


class Made(NamedTuple):
    """A stop as its oldest mark tells of it: as `Mark`, and what somebody wrote into it by hand (`echo 理由 > state/STOP`)."""

    at: float
    by: str
    said: str


def made(gate: Gate) -> dict[str, Made]:
    """Of each scope that is stopped: when, by whom and why, as far as its marks tell."""
    found: dict[str, Made] = {}
    with suppress(OSError):
        for at, path, scope in sorted((os.lstat(path).st_mtime, path, scope) for path, scope in gate.stops()):
            before = found.get(scope, Made(at, _maker(gate, path), ""))
            found[scope] = before._replace(said=before.said or _written(path))
    return found


def _written(path: str) -> str:
    """What somebody wrote into a mark; empty for what the gate itself writes there (a moment, and who)."""
    with suppress(OSError):
        said = _head(path, 2000).strip()
        return "" if _STAMP.match(said) else said
    return ""


def _head(path: str, most: int) -> str:
    """The beginning of a plain file. Raises OSError, and waits for nothing."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return os.read(fd, most).decode(errors="replace")
    finally:
        os.close(fd)


def last_mark(gate: Gate) -> Mark | None:
    """When the stop that stands was made, and by whom, as its oldest mark tells: the whole stop before narrower ones. None where there
    is no mark. Whose file it is says the kernel; what it says counts only where the daemon's own login made it."""
    with suppress(OSError):
        marks = [(scope != "all", os.lstat(path).st_mtime, path) for path, scope in gate.stops()]
        if marks:
            _, at, path = min(marks)
            return Mark(at, _maker(gate, path))
    return None


def _maker(gate: Gate, path: str) -> str:
    owner = os.lstat(path).st_uid
    if owner != os.stat(gate.home).st_uid:
        return login(owner)
    with suppress(OSError):
        said = _head(path, 200).split("\n")[0].split(" ", 2)
        return said[2].strip() if len(said) == 3 and said[2].strip() != "daemon" else ""
    return ""


def login(uid: int) -> str:
    """The name of a login, its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


NAMED = 5
"""Marks without a scope that are named; a folder may have thousands."""


def why_closed(gate: Gate, hit: Collection[str], trouble: OSError | None, epoch: int | None, granted: int) -> Words:
    """Why the gate is closed, and what has to be mended before a resume. `hit`: the stops that stand for the one who asked; `trouble`:
    what kept the look from an answer; `epoch`: the one that was asked for; `granted`: that of the last resume."""
    reason = _marks(gate, hit) if hit else _no_permit(gate, trouble, epoch, granted)
    return _joined([reason, *(found for found in in_the_way(gate) if found != reason)], "。", ". ")


def _marks(gate: Gate, hit: Collection[str]) -> Words:
    """Which stops stand; a mark that stops everything only because its name is no scope's is named."""
    ja, en = dict.fromkeys("すべて" if scope == "all" else scope for scope in sorted(hit)), dict.fromkeys(sorted(hit))
    with suppress(OSError):
        odd = [
            path for path, scope in gate.stops() if scope == "all" in hit and os.path.basename(path) not in ("STOP", "STOP.all")
        ]
        for path in sorted(odd)[:NAMED]:
            ja[f"{_short(path)} は範囲の名前でないため"] = en[f"{_short(path)} names no scope"] = None
        if (more := len(odd) - NAMED) > 0:
            ja[f"ほか {more} 件"] = en[f"{more} more"] = None
    return f"停止の印があります（{'、'.join(ja)}）", f"a stop stands ({', '.join(en)})"


def _no_permit(gate: Gate, trouble: OSError | None, epoch: int | None, granted: int) -> Words:
    """There is no stop, and still nothing may go out."""
    record = os.path.join(gate.home, "epoch")
    if trouble is not None and not (isinstance(trouble, FileNotFoundError) and trouble.filename == gate.permit):
        return next(in_the_way(gate), words(trouble))
    if not granted:
        if os.path.lexists(record):
            return _odd(record, gate.home) or (f"{_short(record)} が読めません", f"{_short(record)} cannot be read")
        return "まだ一度も許可が出ていません", "no permit has ever been given here"
    if trouble is not None:
        return f"許可証 {_short(gate.permit)} が取り除かれています", f"the permit {_short(gate.permit)} has been removed"
    if epoch not in (None, granted):
        return (
            f"許可証は第 {granted} 回の再開のものですが、求められたのは第 {epoch} 回のものです",
            f"the permit is of epoch {granted}, and {epoch} was asked for",
        )
    with suppress(OSError):
        if boot_id().encode() not in gate.own(gate.permit)[0]:
            return (
                "許可証はコンピューターの前回の起動のときのものです。再起動のあとは管理者が再開します",
                "the permit is of an earlier boot: after a boot a manager resumes",
            )
    return (
        f"{_short(gate.permit)} は最後の再開が作った許可証そのものではありません（書き換え、置き直し、部署のフォルダの複製など）",
        f"{_short(gate.permit)} is not the very permit that the last resume made (rewritten, put back, copied with the office)",
    )


def in_the_way(gate: Gate) -> Iterator[Words]:
    """What a resume cannot put right by itself: which thing, and how to mend it."""
    if found := _folder_trouble(gate):
        yield found
        return
    things = [gate.permit, f"{gate.permit}.new", *(os.path.join(gate.home, name) for name in ("epoch", "epoch.new", "clean"))]
    with suppress(OSError):
        things += [path for path, _ in gate.stops()]
    for path in things:
        if os.path.isdir(path) and not os.path.islink(path):
            yield _take_away(path, "フォルダ", "a folder", "rmdir")
    lock = os.path.join(gate.home, "send.lock")
    if os.path.lexists(lock) and (found := _odd(lock, gate.home)):
        yield found


def _folder_trouble(gate: Gate) -> Words | None:
    """What is wrong with the gate's folder, if anything is."""
    folder, short = gate.folder, _short(gate.folder)
    target = os.path.realpath(folder)
    if os.path.islink(folder) and not os.path.lexists(target):
        mend = made_with(target, gate.home)
        return (
            f"{short} のリンク先 {target} がありません。作ってから再開してください: {mend}",
            f"{short} leads to {target}, which is not there: make it, then resume: {mend}",
        )
    with suppress(OSError):
        seen, home = os.stat(folder), os.stat(gate.home)
        if not stat.S_ISDIR(seen.st_mode):
            kind = _KINDS.get(stat.S_IFMT(seen.st_mode), ("ファイル", "a file"))
            return _take_away(folder, *kind, "rm")
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            mend = f"mount -o remount,rw {_quoted(_mount_of(target))}"
            return (
                f"{short} は書き込みのできないディスクにあります。書き込めるようにしてから再開してください: {mend}",
                f"{short} lies on a disk that only reads: mend it, then resume: {mend}",
            )
        if seen.st_uid != home.st_uid and not (seen.st_gid == home.st_gid and seen.st_mode & stat.S_IWGRP) and home.st_uid:
            mend = made_with(target, gate.home)
            return (
                f"{short}（{target}）は {login(seen.st_uid)} のもので、デーモンが書けません。外れたマウントを戻すか、直してください: {mend}",
                f"{short} ({target}) belongs to {login(seen.st_uid)} and the daemon cannot write there: mount it again, or: {mend}",
            )
    return None


def made_with(folder: str, home: str, mode: str = "2770") -> str:
    """The command that makes a folder as an installation needs it: the owner and the group of `state`."""
    import grp

    seen = os.stat(home)
    group = str(seen.st_gid)
    with suppress(KeyError):
        group = grp.getgrgid(seen.st_gid).gr_name
    return f"install -d -o {login(seen.st_uid)} -g {group} -m {mode} {_quoted(folder)}"


def _odd(path: str, home: str) -> Words | None:
    """What keeps a file from being the daemon's own plain one, and how to mend it; None where nothing does."""
    try:
        seen, owner = os.lstat(path), os.stat(home).st_uid
    except OSError as error:
        return words(error)
    if kind := _KINDS.get(stat.S_IFMT(seen.st_mode)):
        return _take_away(path, *kind, "rmdir" if stat.S_ISDIR(seen.st_mode) else "rm")
    short = _short(path)
    if seen.st_uid != owner:
        ja = f"{short} はデーモンのファイルではありません（所有者 {login(seen.st_uid)}）。取り除いてください: rm {_quoted(path)}"
        return ja, f"{short} is not the daemon's (owner {login(seen.st_uid)}): remove it: rm {_quoted(path)}"
    if seen.st_nlink != 1:
        return f"{short} にもう一つの名前（ハードリンク）があります", f"{short} has a second name (hard link)"
    if seen.st_mode & 0o022:
        return f"{short} にデーモンのほかも書き込めます", f"{short} can be written by others than the daemon"
    return None


def _take_away(path: str, kind: str, kind_en: str, command: str) -> Words:
    short, mend = _short(path), f"{command} {_quoted(os.path.abspath(path))}"
    return (
        f"{short} が{kind}になっています。中を確かめ、取り除いてから再開してください: {mend}",
        f"{short} is {kind_en}: look into it, remove it, then resume: {mend}",
    )


def _mount_of(path: str) -> str:
    while not os.path.ismount(path):
        path = os.path.dirname(path)
    return path


def _quoted(path: str) -> str:
    import shlex

    return shlex.quote(path)


def not_stopped(errors: Iterable[Exception]) -> Words:
    """No step of a stop succeeded: why not, one after the other."""
    ja, en = _joined([words(error) for error in errors], " / ", " / ")
    return f"停止できません: {ja}", f"not stopped: {en}"


def not_proved(errors: Iterable[Exception]) -> Words:
    """The stop stands; that no write is under way could not be proved."""
    ja, en = _joined([words(error) for error in errors], " / ", " / ")
    return f"発信係の沈黙を確かめられません（{ja}）", f"silence is not proved ({en})"


def not_resumed(gate: Gate, error: BaseException) -> Words:
    """Why a resume did not succeed: what stands in its way and how to mend that, else what the system said."""
    return next(in_the_way(gate), words(error))


def words(error: BaseException) -> Words:
    """Why something at the gate could not be done, without a number that only a programmer can read."""
    if isinstance(error, Odd):
        return _odd(error.path, error.home) or (f"{_short(error.path)} はデーモンが作ったままのものではありません", str(error))
    if isinstance(error, TimeoutError) and error.errno is None:
        return "発信の鍵 state/send.lock が放されません", "state/send.lock is not let go of"
    if not isinstance(error, OSError):
        return "state/hand.pid が読めません", f"state/hand.pid cannot be read ({error})"
    if not isinstance(error.filename, str | bytes):  # none, or an open descriptor's number, which says nobody anything
        if error.errno == errno.EPERM and error.filename is None:
            return "発信係を終わらせる権限がありません", "ending the hand is not permitted to you"
        return _ERRORS.get(error.errno or 0, f"システムの誤り {error.errno}"), error.strerror or str(error)
    path = os.fsdecode(error.filename)
    if error.errno in (errno.EISDIR, errno.EPERM) and os.path.isdir(path) and not os.path.islink(path):
        return _take_away(path, "フォルダ", "a folder", "rmdir")
    ja, en = _ERRORS.get(error.errno or 0, f"システムの誤り {error.errno}"), error.strerror
    if error.errno == errno.ENOENT and os.path.basename(path) == "send.lock":
        ja, en = f"{ja}。デーモンがまだ動いたことがない部署です", f"{en} (no daemon has run here yet)"
    return f"{_short(path)}: {ja}", f"{_short(path)}: {en}"


def _joined(said: Iterable[Words], between: str, between_en: str) -> Words:
    ja, en = zip(*dict.fromkeys(said), strict=True)
    return between.join(ja), between_en.join(en)


def _short(path: str) -> str:
    """A path as people of the office call it: from `state` on."""
    _, state, rest = path.rpartition("/state/")
    return f"state/{rest}" if state else path
