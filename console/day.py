"""The training day as it is written (console/training/day.toml): what arrives, what is to be typed, and the state that is waited for."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, NamedTuple


class Step(NamedTuple):
    """One step: its name in the catalogue, the hour in the story, what arrives (a draft, or citizens' comments; empty: nothing), what is typed,
    what is waited for."""

    id: str
    at: str
    put: str
    keys: tuple[str, ...]
    until: dict[str, str | int | bool]


def steps() -> list[Step]:
    """The day, step by step."""
    written = tomllib.loads((_material() / "day.toml").read_text(encoding="utf-8"))
    return [_step(**each) for each in written["step"]]


def arrive(step: Step, office: Path) -> None:
    """Put what comes in this step into its account's folder, whole under its name from the start; over the one that is there."""
    if not step.put:
        return
    *above, account, name = step.put.split("/")
    source = _material() / "day"
    for part in step.put.split("/"):
        source /= part
    folder = office / ("comments" if above == ["comments"] else "drafts") / account
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f".{name}.tmp"
    half.write_bytes(source.read_bytes())
    half.replace(folder / name)


def _step(id: str, at: str, keys: list[str], until: dict[str, Any], put: str = "") -> Step:  # noqa: A002 - the key of the file
    return Step(id, at, put, tuple(keys), until)


def _material() -> Traversable:
    return files("console") / "training"
