"""Which version of the program this is."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import cache

NAME = "kohoban"


@cache
def program_version() -> str:
    """The version of this installation, as the name of its `.dist-info` says it: `importlib.metadata` reads the same, and takes as long to
    import as the whole of asyncio. It is asked where there is none, or more than one."""
    found = next(filter(None, map(_in, sys.path)), [])
    if len(found) == 1:
        return found[0]
    from importlib.metadata import version

    return version(NAME)


def _in(place: str) -> list[str]:
    with suppress(OSError):
        names = [
            name
            for name in (each.name for each in os.scandir(place or "."))
            if name.startswith(f"{NAME}-") and name.endswith(".dist-info")
        ]
        return [name.removeprefix(f"{NAME}-").removesuffix(".dist-info") for name in names]
    return []
