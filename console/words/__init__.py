"""The string catalogue: every sentence that a person reads, Japanese first, with its English twin.

Files `ja/<part>.toml` and `en/<part>.toml` hold the same keys (a test holds them together). `say("queue.empty", count=3)` gives
the sentence in the language of the locale: English where LC_ALL / LC_MESSAGES / LANG names it, Japanese everywhere else.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

Language = Literal["ja", "en"]


def language() -> Language:
    """The language of the interface: `KOHOBAN_LANG`, else the locale; Japanese unless it asks for English."""
    for name in ("KOHOBAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "en" if value.lower().startswith("en") else "ja"
    return "ja"


@cache
def catalogue(part: str, lang: Language) -> dict[str, str]:
    """All sentences of one part (`cli`, `tui`), flat: `table.key` → sentence."""
    flat: dict[str, str] = {}

    def flatten(prefix: str, value: object) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                flatten(f"{prefix}.{key}" if prefix else str(key), inner)
        else:
            flat[prefix] = str(value)

    flatten("", tomllib.loads((files(__package__) / lang / f"{part}.toml").read_text(encoding="utf-8")))
    return flat


def say(part: str, key: str, /, **values: object) -> str:
    """The sentence `key` of `part` in the operator's language, with `{name}` places filled. Raises KeyError for an unknown key."""
    return catalogue(part, language())[key].format(**values)


def choose(ja: str, en: str) -> str:
    """Of two sentences that the daemon sent together, the one in the operator's language."""
    return en if en and language() == "en" else ja
