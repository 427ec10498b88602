"""The tests that prove each clause, wherever this program runs from: read from the tests of a checkout; an installation has them in a list that
was written when its wheel was built (`.ci/dist.py`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from daemon.rulebook.coverage import proofs

LIST = "proved.json"
"""The list beside this module: `{clause: [test, …]}`."""


def own_tests() -> Path | None:
    """The tests of the checkout that this program runs from; None in an installation."""
    checkout = Path(__file__).resolve().parents[2]
    return checkout / "tests" if (checkout / "pyproject.toml").is_file() else None


def known_proofs(tests: Path | None = None, listed: Path | None = None) -> Mapping[str, tuple[str, ...]] | None:
    """By clause, the ids of the tests that prove it (those of `tests`, where a folder is named); None where nobody knows. Raises OSError, or
    RulebookError for a test file that is not Python."""
    folder = tests or own_tests()
    if folder is not None:
        return proofs(folder)
    try:
        text = (listed or Path(__file__).with_name(LIST)).read_text(encoding="utf-8")
        return {clause: tuple(ids) for clause, ids in json.loads(text).items()}
    except FileNotFoundError:
        return None


def as_listed(found: Mapping[str, tuple[str, ...]]) -> str:
    """What `known_proofs` reads in an installation."""
    return json.dumps(found, ensure_ascii=False, indent=0, sort_keys=True) + "\n"
