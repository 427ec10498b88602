"""Where the files of a rulebook lie, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from daemon.rulebook.lazy import lazy_pattern

RULES = "rules.toml"
"""The office's own file."""

BUNDLED = Path(__file__).resolve().parent.parent / "policies"
"""The policies that come with the program."""

ADDED = "office.toml"
"""The file, in a policies folder, of the rules that the office adds to every policy because no article carries them."""

EDITION = lazy_pattern(r"(?P<id>[^@]+)(?:@(?P<day>\d{4}-\d{2}-\d{2}))?")
"""The name of a policy's file, without `.toml`: the id, and for an amendment the day from which it is in force."""


def bundled() -> tuple[str, ...]:
    """The ids of the policies that come with the program."""
    return policy_ids(BUNDLED)


def policy_ids(folder: Path) -> tuple[str, ...]:
    """The ids of the policies that lie in a folder, whichever of their editions do."""
    return tuple(sorted({path.stem.partition("@")[0] for path in folder.glob("*.toml") if path.name != ADDED}))


def edition_files(policy_id: str, folders: Iterable[Path]) -> tuple[Path, ...]:
    """The files of this policy's editions: of each name the one in the first folder that has it."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in (folder / f"{policy_id}.toml", *sorted(folder.glob(f"{policy_id}@*.toml"))):
            if path.exists():
                found.setdefault(path.name, path)
    return tuple(found.values())
