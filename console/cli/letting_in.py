"""What `kohoban doctor` says of credentials: who could read them, how old they are, whose they are, and whether the process that holds them, and
the machine under it, keep them to themselves."""

from __future__ import annotations

import pwd
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

from console.cli.command import text
from console.cli.link import Link
from console.cli.outcome import Failure
from console.cli.place import TOKYO
from console.words import choose
from daemon.gate import Gate
from daemon.rulebook.channels import capabilities
from daemon.rulebook.kept import load_rulebook_kept
from daemon.rulebook.load import today
from daemon.rulebook.model import Rulebook, RulebookError
from daemon.standing import login
from daemon.wire import CredentialList, Credentials, CredentialSeen

Level = Literal["ok", "note", "bad"]
Said = tuple[str, Level, str]

HOUSES = ("store/seal.key", "releaser/secrets")
"""Below `state/`: what lets in, or signs."""


def checks(office: Path, operator: str) -> Iterator[Said]:
    """Each check with its name, level and words. An office that needs no credentials hears only that nothing lies open."""
    state = office / "state"
    with suppress(RulebookError, OSError):  # that the rules cannot be read is said elsewhere
        book = load_rulebook_kept(office, today())
        faults = list(open_to_others(state)) + list(_wrong_hands(state, book))
        said = text("doctor.secrets_open", files=" / ".join(faults)) if faults else text("doctor.secrets_closed")
        yield text("doctor.secrets"), "bad" if faults else "ok", said
        if any(capabilities(account.channel).secret for account in book.accounts.values()):
            yield text("doctor.credentials"), *_kept(office, operator, book)
            yield text("doctor.hand"), *_hand(state)
            yield text("doctor.memory"), *_memory()


def open_to_others(state: Path) -> Iterator[str]:
    """The credentials below `state/` that somebody else could read or change, as far as the caller may look."""
    for name in HOUSES:
        for path in _with_all_inside(state / name):
            with suppress(OSError):
                seen = path.lstat()
                if stat.S_ISLNK(seen.st_mode) or seen.st_mode & 0o077:
                    yield text("letting_in.mode", path=path, mode=f"{stat.S_IMODE(seen.st_mode):o}")
    for path in _with_all_inside(state / "releaser")[1:]:  # each channel's folder, for what the platform gives it
        with suppress(OSError):
            seen = path.lstat()
            if path.name != "secrets" and stat.S_ISDIR(seen.st_mode) and seen.st_mode & 0o077:
                yield text("letting_in.mode", path=path, mode=f"{stat.S_IMODE(seen.st_mode):o}")


def _wrong_hands(state: Path, book: Rulebook) -> Iterator[str]:
    """Credentials that belong to another login than the releaser's: in an installation the daemon's must not be the one that reads them."""
    with suppress(OSError, KeyError):
        home = state.stat()
        wanted = pwd.getpwnam(book.office.releaser).pw_uid if book.office.releaser else home.st_uid
        for path in _with_all_inside(state / HOUSES[1]):
            owner = path.lstat().st_uid
            if owner == wanted:
                continue
            key = "letting_in.daemons" if owner == home.st_uid else "letting_in.foreign"
            yield text(key, path=path, owner=login(owner), releaser=login(wanted))


def _kept(office: Path, operator: str, book: Rulebook) -> tuple[Level, str]:
    """Which credentials there are, through the daemon: missing ones, unusable ones, old ones, those of accounts that have left."""
    try:
        with Link(office, operator) as link:
            told = link.ask(Credentials(), CredentialList, timeout=30)
    except Failure:
        return "note", text("letting_in.not_asked")
    if not told.heard:
        return "bad", text("letting_in.unheard")
    faults = list(_faults(told.credentials, book))
    notes = list(_notes(told.credentials, book))
    if faults or notes:
        return "bad" if faults else "note", " / ".join((*faults, *notes))
    return "ok", text("letting_in.all", accounts=" ".join(each.account for each in told.credentials))


def _faults(found: tuple[CredentialSeen, ...], book: Rulebook) -> Iterator[str]:
    for each in found:
        if each.channel and each.why:
            yield choose(each.why, each.why_en)
        elif each.channel and not each.where:
            yield text("letting_in.missing", account=each.account)


def _notes(found: tuple[CredentialSeen, ...], book: Rulebook) -> Iterator[str]:
    months = book.office.secret_months
    for each in found:
        if not each.channel:
            yield text("letting_in.left", account=each.account)
        elif each.where and not each.why and each.since is None:
            yield text("letting_in.no_day", account=each.account)
        elif each.since is not None and months and _months_since(each.since) >= months:
            yield text("letting_in.old", account=each.account, since=f"{each.since.astimezone(TOKYO):%Y-%m-%d}", months=months)


def _months_since(at: datetime) -> int:
    then, now = at.astimezone(TOKYO), datetime.now(TOKYO)
    return (now.year - then.year) * 12 + now.month - then.month - (now.day < then.day)


def _hand(state: Path) -> tuple[Level, str]:
    """Whether the releaser's process, as it runs, dumps no core and is closed to the other processes of its login."""
    try:
        pid = int(Gate(state).own(str(state / "hand.pid"))[0].split()[0])
        core = next(line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if "core file" in line).split()[4]
        uid = int(
            next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("Uid")).split()[1]
        )
        closed = uid == 0 or Path(f"/proc/{pid}/environ").stat().st_uid == 0
    except (OSError, ValueError, StopIteration, IndexError):
        return "note", text("letting_in.no_hand")
    if core != "0" or not closed:
        return "bad", text("letting_in.hand_open", pid=pid)
    return "ok", text("letting_in.hand_root" if uid == 0 else "letting_in.hand_closed", pid=pid)


def _memory() -> tuple[Level, str]:
    """Where the memory of a process may come to lie on a disk: swap without encryption, cores."""
    found = [text("letting_in.swap", device=device) for device in open_swaps(Path("/proc/swaps"), Path("/sys/block"))]
    pattern = ""
    with suppress(OSError):
        pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    said = text("letting_in.cores", pattern=pattern or "-")
    return ("note", " / ".join((*found, said))) if found else ("ok", " ".join((text("letting_in.no_swap"), said)))


def open_swaps(swaps: Path, blocks: Path) -> Iterator[str]:
    """The swap devices and files that are neither in memory (zram) nor encrypted, as far as the kernel says."""
    try:
        lines = swaps.read_text().splitlines()[1:]
    except OSError:
        return
    for device in (line.split()[0] for line in lines if line.strip()):
        name = Path(device).name
        crypt = ""
        with suppress(OSError):
            crypt = (blocks / name / "dm" / "uuid").read_text()
        if not name.startswith("zram") and not crypt.startswith("CRYPT-"):
            yield device


def _with_all_inside(path: Path) -> list[Path]:
    """A file, or a folder with what lies in it, as far as the caller may look."""
    try:
        return [path, *sorted(path.iterdir())] if path.is_dir() and not path.is_symlink() else [path] if path.exists() else []
    except OSError:
        return [path]
