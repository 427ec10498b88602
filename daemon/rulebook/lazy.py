"""Regular expressions of the program's own, compiled when they are first asked.

A pattern with classes of Japanese characters takes Python milliseconds to compile, and those of a whole judgement would take a third
of the time of `kohoban check`. One draft needs few of them.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, Generic, cast


class _Lazy(Generic[AnyStr]):
    """Stands for a compiled pattern. A method that was asked for once (`search`, `finditer` …) is its own from then on."""

    def __init__(self, source: AnyStr, flags: int) -> None:
        self._source: AnyStr = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        # Two threads may both come here; what they compile is the same, and `re` keeps it.
        asked = getattr(re.compile(self._source, self._flags), name)
        self.__dict__[name] = asked
        return asked


def lazy_pattern(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """The pattern of this source, compiled at its first use: only then does a wrong one raise re.error (a test asks every one)."""
    return cast("re.Pattern[AnyStr]", _Lazy(source, flags))
