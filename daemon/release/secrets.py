"""What lets in at the platforms: read by the releaser alone, and by nobody before a job needs it (さいたま 6 第3項: 認証情報の厳重な管理).

One file an account, `<account>.toml`: a systemd credential, or in `state/releaser/secrets/`, 0600 in a folder that is 0700. Its contents are
never logged, never put into a message, an argument or an environment.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

from daemon.release.jobs import Held, Holding
from daemon.release.steps import FOLDER
from daemon.release.veil import veil

SECRETS = "secrets"
MOST = 1 << 16
"""Bytes of a file with credentials."""


ABOUT = "set"
"""The table in which `kohoban secrets` notes when, by whom and as what kind the values beside it were set."""


PUBLIC = ("api", "client_id")
"""What may stand there and is no secret: the address of the interface, the name of the application."""


class Read(NamedTuple):
    """What a file with credentials holds: the values, and what is noted of them."""

    values: Mapping[str, str]
    about: Mapping[str, Any]


def folder_of(state: Path) -> Path:
    """The folder of the office's own credentials."""
    return state / FOLDER / SECRETS


def handed() -> Path | None:
    """The folder of credentials that the service manager has handed over to this process (systemd's LoadCredential=)."""
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(given) if given else None


def place_of(state: Path, account: str) -> Path:
    """Where an account's credentials are read from: what the service manager handed over, else the office's own."""
    given = handed()
    if given is not None and (given / f"{account}.toml").exists():
        return given / f"{account}.toml"
    return folder_of(state) / f"{account}.toml"


def credentials(state: Path, account: str) -> Mapping[str, str]:
    """The account's credentials by name. Raises Held (`failed`) with what to do, where there are none or others could read them."""
    return read(state, account).values


def read(state: Path, account: str) -> Read:
    """The same with what is noted of them. Whatever is read here is said nowhere any more. Raises Held (`failed`)."""
    place = place_of(state, account)
    try:
        fd = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise _no(
            account,
            f"{place} がありません（kohoban secrets set {account}）",
            f"there is no {place} (kohoban secrets set {account})",
        ) from None
    except OSError as error:
        raise _no(account, f"{place} を読めません（{error.strerror}）", f"{place} cannot be read ({error.strerror})") from None
    with os.fdopen(fd, "rb") as file:
        if _open_to_others(os.fstat(fd), handed_over=place.parent == handed()):
            raise _no(
                account,
                f"{place} をほかの人が読み書きできます（chmod 600 で閉じ、中身を取り替えてください）",
                f"others can read or write {place} (chmod 600 it, and replace what is in it)",
            )
        data = file.read(MOST)
    try:
        found = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):  # what it says there must not be told
        raise _no(account, f"{place} が TOML として読めません", f"{place} is no TOML") from None
    values = {name: str(value) for name, value in found.items() if isinstance(value, str | int)}
    veil(*(value for name, value in values.items() if name not in PUBLIC))
    if odd := next((name for name, value in values.items() if not fit(value)), ""):
        raise _no(
            account,
            f"{place} の {odd} に改行などの文字が混じっています。取り替えてください",
            f"{odd} in {place} holds a line break or the like: set it again",
        )
    about = found.get(ABOUT)
    return Read(values, about if isinstance(about, dict) else {})


def fit(value: str) -> bool:
    """Whether a value can be one: a library shows an illegal header whole in its error."""
    return bool(value) and value == value.strip() and value.isprintable()


def holdings(state: Path) -> Iterator[Holding]:
    """What credentials there are, for which account, since when and from where; never a value."""
    places = [folder for folder in (handed(), folder_of(state)) if folder is not None]
    names: dict[str, None] = {}
    for folder in places:
        try:
            names.update(dict.fromkeys(sorted(path.stem for path in folder.glob("*.toml") if not path.name.startswith("."))))
        except OSError:
            continue
    for account in names:
        place = place_of(state, account)
        where: Literal["file", "handed"] = "handed" if place.parent == handed() else "file"
        try:
            about = read(state, account).about
        except Held as held:
            yield Holding(account=account, where=where, place=str(place), why=held.why, why_en=held.why_en)
            continue
        at = about.get("at")
        yield Holding(
            account=account,
            where=where,
            place=str(place),
            kind=str(about.get("kind", "")),
            since=at.timestamp() if isinstance(at, datetime) and at.tzinfo is not None else None,
            by=str(about.get("by", "")),
        )


def _open_to_others(seen: os.stat_result, *, handed_over: bool) -> bool:
    """Whether anybody but the releaser and root could read or change it. What systemd hands over is root's, and its group bits are only the
    mask of the one entry that lets the service read it."""
    ours = seen.st_uid in (0, os.geteuid())
    others = 0o037 if handed_over and (seen.st_uid, seen.st_gid) == (0, 0) else 0o077
    return not stat.S_ISREG(seen.st_mode) or not ours or bool(seen.st_mode & others)


def _no(account: str, why: str, why_en: str) -> Held:
    return Held(
        "failed",
        f"{account} の認証情報を使えません: {why}",
        f"the credentials of {account} cannot be used: {why_en}",
    )
