"""What the system calls somebody: the name of a login, by its number."""

from __future__ import annotations

import pwd
from functools import lru_cache


@lru_cache(maxsize=1024)
def login_of(uid: int) -> str:
    """The login of a uid, or `uid:1234` where the system knows none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid:{uid}"
