"""A backup looked into and laid out again: every hash, the record's chain and the database's own check, before anything is believed."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import IO

import msgspec

from daemon.store import database, verifying
from daemon.store.anchor import ANCHOR
from daemon.store.backup import Progress, new_file
from daemon.store.database import DATABASE
from daemon.store.faults import StoreFull, StoreNewer, StoreUnfit, told
from daemon.store.manifest import FIRST, FORMAT, MANIFEST, MEMBER, SEAL, Manifest, Member
from daemon.store.schema import MIGRATIONS

_PIECE = 1 << 20
_SPARE = 32 << 20
"""Room that must be left on the disk beside what is laid out: the office goes on in it."""


def unpack(backup: Path, into: Path, tell: Progress) -> Manifest:
    """Lay the backup out in the new folder `into`, and check all of it: nothing else is touched.

    Raises StoreUnfit where it is no backup, cut short, changed or damaged inside, StoreNewer where a newer Kohoban made it, StoreFull
    where there is no room, StoreError where it cannot be read. Then `into` is gone again.
    """
    with told(str(backup)):
        if not backup.is_file():
            raise StoreUnfit(
                f"{backup} というファイルはありません。名前と場所を確かめてください。何も変更していません。",
                f"There is no file {backup}: see to its name and place. Nothing was changed.",
            )
        size = backup.stat().st_size
    with told(str(into), writing=True):
        if shutil.disk_usage(into.parent).free < size + _SPARE:
            raise _no_room(into, size)
        into.mkdir(mode=0o700)
    try:
        manifest = _lay_out(backup, into, size, tell)
        _check(backup, into, manifest, tell)
    except BaseException:
        shutil.rmtree(into, ignore_errors=True)
        raise
    return manifest


def _lay_out(backup: Path, into: Path, size: int, tell: Progress) -> Manifest:
    """Write every member to its place, and hold what was read against the manifest at the end."""
    found: dict[str, Member] = {}
    try:
        with backup.open("rb") as file, tarfile.open(fileobj=file, mode="r:") as tar:
            for info in _members(tar, backup):
                source = tar.extractfile(info) if info.isreg() and info.name not in found else None
                if source is None:
                    raise _unfit(
                        backup, f"中に {info.name} という扱えないものがあります", f"it holds {info.name}, which no backup does"
                    )
                with told(str(into), writing=True):
                    found[info.name] = _extract(source, into / info.name, partial(tell, "unpack", info.offset_data, size))
    except tarfile.TarError as error:
        raise _unfit(backup, "途中で切れているか、控えではありません", "it is cut short, or no backup") from error
    except OSError as error:  # tarfile's own for a member that ends too early
        if error.errno is None:
            raise _unfit(backup, "途中で切れています", "it is cut short") from error
        with told(str(backup)):
            raise
    return _manifest(backup, into, found)


def _members(tar: tarfile.TarFile, backup: Path) -> Iterator[tarfile.TarInfo]:
    for number, info in enumerate(tar):
        if number == 0 and info.name != FIRST:
            raise _unfit(backup, "広報番の控えではありません", "it is not a backup of Kohoban")
        if not MEMBER.fullmatch(info.name):
            raise _unfit(backup, f"中に {info.name} という扱えないものがあります", f"it holds {info.name}, which no backup does")
        yield info


def _extract(source: IO[bytes], to: Path, tell: Callable[[], None]) -> Member:
    to.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with new_file(to) as out:
        while piece := source.read(_PIECE):
            out.write(piece)
            digest.update(piece)
            size += len(piece)
            tell()
        out.flush()
        os.fsync(out.fileno())
    return Member(size, digest.hexdigest())


def _manifest(backup: Path, into: Path, found: dict[str, Member]) -> Manifest:
    """What the backup says of itself, if it is what was found in it."""
    if MANIFEST not in found or SEAL not in found:
        raise _unfit(backup, "途中で切れています（目録がありません）", "it is cut short: its manifest is missing")
    if (into / SEAL).read_bytes()[:64] != found[MANIFEST].sha256.encode():
        raise _unfit(backup, "目録が書き換わっています", "its manifest was changed")
    try:
        manifest = msgspec.json.decode((into / MANIFEST).read_bytes(), type=Manifest)
    except msgspec.DecodeError as error:
        raise _unfit(backup, "目録を読めません", "its manifest cannot be read") from error
    if manifest.format > FORMAT or manifest.schema > len(MIGRATIONS):
        raise StoreNewer(
            f"{backup} は新しい版の広報番（{manifest.program}）の控えです。広報番をその版にしてから戻してください。何も変更していません。",
            f"{backup} was made by a newer Kohoban ({manifest.program}): bring this one to that version first. Nothing was changed.",
        )
    wanted = {name: member for name, member in found.items() if name not in (MANIFEST, SEAL)}
    differing = sorted(name for name in wanted.keys() | manifest.members.keys() if wanted.get(name) != manifest.members.get(name))
    if differing or DATABASE not in wanted:
        names = ", ".join(differing or [DATABASE])
        raise _unfit(backup, f"中身が目録と違います（{names}）", f"it differs from its manifest ({names})")
    return manifest


def _check(backup: Path, into: Path, manifest: Manifest, tell: Progress) -> None:
    """The database's own check, and the record from its first entry to the head that the manifest names."""
    tell("check", 0, manifest.seq)
    wrong = flaws(into / DATABASE)
    if wrong:
        raise _unfit(backup, f"中のデータベースが壊れています（{wrong[0]}）", f"its database is damaged ({wrong[0]})")
    found = verifying.verify(into / DATABASE, into / ANCHOR, lambda done: tell("check", done, manifest.seq))
    if not found.ok or (found.entries, found.head) != (manifest.seq, manifest.head):
        raise _unfit(
            backup,
            f"記録の連鎖が合いません（{found.why or '目録の先頭と違います'}）",
            f"its record does not verify ({found.why_en or 'its head is not that of the manifest'})",
        )


def flaws(path: Path, *, quick: bool = False) -> list[str]:
    """What SQLite's own check finds wrong with a database, in its words; nothing where all is well. Raises StoreError where it cannot
    even be opened."""
    with closing(database.open_reader(path)) as db, told(str(path)):
        rows = [str(row[0]) for row in db.execute("PRAGMA quick_check(20)" if quick else "PRAGMA integrity_check(20)")]
        if rows == ["ok"] and not quick:
            rows = [f"foreign key: {row[0]} {row[1]}" for row in db.execute("PRAGMA foreign_key_check")] or rows
    return [] if rows == ["ok"] else rows


def _unfit(backup: Path, why: str, why_en: str) -> StoreUnfit:
    return StoreUnfit(
        f"{backup} は戻せません: {why}。別の控えを使ってください。何も変更していません。",
        f"{backup} cannot be restored: {why_en}. Use another backup. Nothing was changed.",
    )


def _no_room(into: Path, size: int) -> StoreFull:
    free = shutil.disk_usage(into.parent).free
    return StoreFull(
        f"{into.parent} に空きが足りません（要る {(size + _SPARE) >> 20} MiB、空き {free >> 20} MiB）。空きを作ってください。何も変更していません。",
        f"Not enough room in {into.parent} ({(size + _SPARE) >> 20} MiB needed, {free >> 20} MiB free): make some. Nothing was changed.",
    )
