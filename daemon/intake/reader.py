"""Read one file once, through one descriptor, when it is settled; or say why not.

The descriptor never follows a link and never waits (a FIFO, a device, a hung writer); what it is, how large, and whose, is asked
of the descriptor, not of the path, so that nothing can be exchanged between the look and the reading.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import signal
import stat
from typing import Any

from daemon.intake.arrival import UNKNOWN_OWNER, Arrival, Identity, NotYet, Refused, RefusedCode, Rows, Unread, Wanted
from daemon.intake.frontmatter import read_item
from daemon.intake.legible import LARGEST_FILE, LARGEST_OFFICE
from daemon.intake.names import display_name, is_draft, is_office, row_name
from daemon.rulebook.item import Item

_CAN_LEASE = hasattr(fcntl, "F_SETLEASE")
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def read_settled(
    folder: int,
    account: str,
    name: bytes,
    *,
    steady: Identity | None = None,
    empty_counts: bool = False,
    leases: bool = True,
) -> Arrival | Rows | NotYet | Refused:
    """Read `name` in the open folder `folder` if it is settled (see `fetch_settled`). Never raises for anything that the folder may
    hold."""
    fetched = fetch_settled(folder, account, name, steady=steady, empty_counts=empty_counts, leases=leases)
    return understood(fetched) if isinstance(fetched, Unread) else fetched


def fetch_wanted(folder: int, wanted: Wanted) -> Unread | NotYet | Refused:
    """Fetch a file that is asked for by plain values. Never raises for anything that the folder may hold."""
    return fetch_settled(
        folder,
        wanted.account,
        wanted.name,
        steady=wanted.steady,
        empty_counts=wanted.empty_counts,
        leases=wanted.leases,
    )


def understood(file: Unread) -> Arrival | Rows:
    """A file that has been fetched, with what its bytes say."""
    if not is_office(file.name):
        return _arrival(file, file.name, file.data, read_item(file.data))
    from daemon.intake.office_files import read_office  # only here: a text draft needs nothing of it

    office = read_office(file.name, file.data)
    if office.whole:
        (draft,) = office.drafts
        return _arrival(file, file.name, draft.data, draft.item)
    rows = tuple(_arrival(file, row_name(file.name, draft.number), draft.data, draft.item) for draft in office.drafts)
    return Rows(**_fetched(file, file.name, file.data), rows=rows)


def _arrival(file: Unread, name: bytes, data: bytes, item: Item) -> Arrival:
    """A draft of a file; the file's own bytes are kept besides where those of the draft are others."""
    kept = (file.data,) if data is not file.data and name == file.name else ()
    return Arrival(**_fetched(file, name, data), item=item, kept=kept)


def _fetched(file: Unread, name: bytes, data: bytes) -> dict[str, Any]:
    return {
        "account": file.account,
        "name": name,
        "sha256": file.sha256 if data is file.data else hashlib.sha256(data).hexdigest(),
        "dev": file.dev,
        "ino": file.ino,
        "ctime_ns": file.ctime_ns,
        "mtime_ns": file.mtime_ns,
        "size": file.size,
        "data": data,
        "uid": file.uid,
        "links": file.links,
        "owner": file.owner,
    }


def fetch_settled(
    folder: int,
    account: str,
    name: bytes,
    *,
    steady: Identity | None = None,
    empty_counts: bool = False,
    leases: bool = True,
) -> Unread | NotYet | Refused:
    """Fetch the bytes of `name` in the open folder `folder` if it is settled.

    Settled is a file that nobody has open for writing (`F_SETLEASE`). Where the kernel cannot say so (no lease, `leases=False` on a
    network file system, several hard links), it is one that still is as it was one stability window ago: `steady`. An empty file is
    not settled unless `empty_counts`. Never raises for anything that the folder may hold.
    """
    try:
        facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISREG(facts.st_mode) or not is_draft(name):
            return _not_a_draft(folder, account, name, facts)
        descriptor = os.open(name, _OPEN, dir_fd=folder)
    except FileNotFoundError:
        return NotYet("absent")
    except BlockingIOError:
        # Another program (a file server) holds a lease of its own on it, and has just been asked to give it back.
        return NotYet("writing")
    except OSError as error:
        return _unreadable(account, name, error)
    try:
        return _fetch(descriptor, folder, account, name, steady, empty_counts, leases)
    except OSError as error:
        return _unreadable(account, name, error)
    finally:
        os.close(descriptor)


def _fetch(
    descriptor: int, folder: int, account: str, name: bytes, steady: Identity | None, empty_counts: bool, leases: bool
) -> Unread | NotYet | Refused:
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        return _not_a_draft(folder, account, name, facts)
    dev = os.fstat(folder).st_dev
    identity = Identity.of(facts, dev)
    if facts.st_nlink == 0:
        return NotYet("absent", identity)
    written = being_written(descriptor) if leases and _CAN_LEASE else None
    if written:
        return NotYet("writing", identity)
    most = LARGEST_OFFICE if is_office(name) else LARGEST_FILE
    if facts.st_size > most:
        return _too_large(account, name, facts.st_size, most)
    if facts.st_size == 0 and not empty_counts:
        return NotYet("empty", identity)
    if (written is None or facts.st_nlink > 1) and identity != steady:
        return NotYet("window", identity)
    data = _bytes(descriptor, most)
    if Identity.of(os.fstat(descriptor), dev) != identity or len(data) != facts.st_size:
        return NotYet("changing", identity)
    return Unread(
        account=account,
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        dev=dev,
        ino=facts.st_ino,
        ctime_ns=facts.st_ctime_ns,
        mtime_ns=facts.st_mtime_ns,
        size=facts.st_size,
        data=data,
        uid=facts.st_uid if facts.st_nlink == 1 else UNKNOWN_OWNER,
        links=facts.st_nlink,
        owner=facts.st_uid,
    )


def _bytes(descriptor: int, most: int) -> bytes:
    """All bytes, at most one over the limit."""
    first = os.read(descriptor, most + 1)
    parts = [first]
    have = len(first)
    while parts[-1] and have <= most:
        parts.append(os.read(descriptor, most + 1 - have))
        have += len(parts[-1])
    return b"".join(parts)


def being_written(descriptor: int) -> bool | None:
    """Has anybody this file open for writing (or mapped writable)? None where the kernel or the file's owner does not let us ask."""
    try:
        # Who opens the file for writing in the few microseconds of the lease makes the kernel signal us, and the default, SIGIO,
        # ends a process that does not handle it. SIGURG is ignored by default.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return True if error.errno == errno.EAGAIN else None
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def _refused(account: str, name: bytes, code: RefusedCode, ja: str, en: str) -> Refused:
    shown = display_name(name)
    return Refused(account=account, name=name, code=code, message=f"{shown}: {ja}", message_en=f"{shown}: {en}")


def _unreadable(account: str, name: bytes, error: OSError) -> Refused:
    if error.errno == errno.ELOOP:
        return _link(account, name)
    why = error.strerror or "?"
    return _refused(
        account,
        name,
        "unreadable",
        f"読めません（{why}）。広報番がこのファイルを読めるように、権限を直してください。",
        f"cannot be read ({why}). Let the daemon read this file.",
    )


def _too_large(account: str, name: bytes, size: int, most: int) -> Refused:
    return _refused(
        account,
        name,
        "too-large",
        f"大きすぎるため読みません（{size:,} バイト、上限 {most:,}）。投稿の文だけを入れてください。",
        f"too large to be read ({size:,} bytes, limit {most:,}). Put only the text of the post into it.",
    )


def empty_file(account: str, name: bytes) -> Refused:
    """The refusal of a file that has stayed without a byte for longer than any program takes to write one."""
    return _refused(
        account,
        name,
        "empty",
        "中身がありません（0 バイト）。本文を書いて保存してください。書かれれば読みます。",
        "is empty (0 bytes). Write the text and save it; it is read then.",
    )


def unjudged(account: str, name: bytes) -> Refused:
    """The refusal of a file over which two processes have ended, or have come to no end, one after the other."""
    return _refused(
        account,
        name,
        "unjudged",
        "判定が終わりませんでした（二度試しました）。このファイルは受け付けていません。文を短くするか書き直して保存してください。"
        "続くときは、このファイルを添えて知らせてください。",
        "could not be judged (tried twice) and has not been taken in. Shorten or rewrite it and save it; if that goes on, report it "
        "with this file.",
    )


def _link(account: str, name: bytes) -> Refused:
    return _refused(
        account,
        name,
        "link",
        "リンクなので読みません。ファイルそのものを入れてください。",
        "is a link and is not followed. Put the file itself here.",
    )


def _not_a_draft(folder: int, account: str, name: bytes, facts: os.stat_result) -> Refused | NotYet:
    """What lies under this name, in words; NotYet for what concerns nobody (a folder without drafts)."""
    if stat.S_ISLNK(facts.st_mode):
        return _link(account, name)
    if stat.S_ISDIR(facts.st_mode):
        return _folder(folder, account, name)
    if stat.S_ISREG(facts.st_mode):
        return _refused(
            account,
            name,
            "kind",
            "この形式は下書きとして読めません。.txt、.md、.docx、.xlsx、.csv のどれかで保存してください。",
            "this kind of file is not read as a draft. Save it as .txt, .md, .docx, .xlsx or .csv.",
        )
    return _refused(
        account,
        name,
        "not-a-file",
        "ふつうのファイルではない（パイプ、ソケット、装置など）ため読みません。ファイルを入れてください。",
        "is no ordinary file (a pipe, socket or device) and is not read. Put a file here.",
    )


def _folder(folder: int, account: str, name: bytes) -> Refused | NotYet:
    """A folder among the drafts: told when its name or its content looks like drafts, which would else wait in it for ever."""
    if not is_draft(name) and not _holds_drafts(folder, name):
        return NotYet("nothing")
    return _refused(
        account,
        name,
        "folder",
        "フォルダーの中の下書きは読みません。アカウントのフォルダーに直接入れてください。",
        "drafts inside a folder are not read. Put them directly into the account's folder.",
    )


def _holds_drafts(folder: int, name: bytes) -> bool:
    inner = os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=folder)
    try:
        with os.scandir(inner) as entries:
            return any(is_draft(os.fsencode(entry.name)) for entry in entries)
    finally:
        os.close(inner)
