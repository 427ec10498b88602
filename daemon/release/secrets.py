"""What lets in at the platforms: read by the releaser alone, and by nobody before a job needs it (さいたま 6 第3項: 認証情報の厳重な管理).

One file an account, `<account>.toml`: a systemd credential, or in `state/releaser/secrets/`, 0600 in a folder that is 0700. Its contents are
never logged, never put into a message, an argument or an environment.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path

from daemon.release.jobs import Held
from daemon.release.steps import FOLDER

SECRETS = "secrets"
MOST = 1 << 16
"""Bytes of a file with credentials."""


def place_of(state: Path, account: str) -> Path:
    """Where an account's credentials are read from: what the service manager handed over, else the office's own."""
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    if given and (Path(given) / f"{account}.toml").exists():
        return Path(given) / f"{account}.toml"
    return state / FOLDER / SECRETS / f"{account}.toml"


def credentials(state: Path, account: str) -> Mapping[str, str]:
    """The account's credentials by name. Raises Held (`failed`) with what to do, where there are none or others could read them."""
    place = place_of(state, account)
    try:
        fd = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise _no(account, f"{place} がありません", f"there is no {place}") from None
    except OSError as error:
        raise _no(account, f"{place} を読めません（{error.strerror}）", f"{place} cannot be read ({error.strerror})") from None
    with os.fdopen(fd, "rb") as file:
        seen = os.fstat(fd)
        if not stat.S_ISREG(seen.st_mode) or seen.st_mode & 0o077:
            raise _no(
                account,
                f"{place} をほかの人が読めます（chmod 600 で閉じ、中身を取り替えてください）",
                f"others can read {place} (chmod 600 it, and replace what is in it)",
            )
        data = file.read(MOST)
    try:
        found = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):  # what it says there must not be told
        raise _no(account, f"{place} が TOML として読めません", f"{place} is no TOML") from None
    return {name: str(value) for name, value in found.items() if isinstance(value, str | int)}


def _no(account: str, why: str, why_en: str) -> Held:
    return Held(
        "failed",
        f"{account} の認証情報を使えません: {why}",
        f"the credentials of {account} cannot be used: {why_en}",
    )
