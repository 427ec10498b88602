"""`kohoban init`: make an office in a folder of its own, outside the program's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from console.cli.command import Session, argument, command, option, text
from console.cli.outcome import FINE, WRONG, Failure, system_words
from console.cli.ownership import gate_of, hand_over, owners_of, with_releaser
from console.cli.place import RULES
from console.cli.terminal import SCHEMA, clean, out, out_json


@command(
    "init",
    argument("DIR"),
    option("--empty", is_flag=True),
    option("--owner", key="init_owner", metavar="LOGIN", default=""),
    option("--group", key="init_group", metavar="GROUP", default="kohoban-op"),
    option("--releaser", key="init_releaser", metavar="LOGIN", default="kohoban-out"),
)
def init(session: Session, dir: str, empty: bool, owner: str, group: str, releaser: str) -> int:  # noqa: A002 - the name of the argument in the contract
    """Make the folder, its `rules.toml` and its drafts; with `--owner` as an installation needs it. Never overwrites a file."""
    folder = Path(dir)
    if (folder / RULES).exists():
        raise Failure(WRONG, text("init.exists", folder=folder))
    owners = owners_of(owner, group, releaser) if owner else None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        rules = (training_material() / ("empty.toml" if empty else RULES)).read_bytes()
        place(folder / RULES, with_releaser(rules, releaser) if owners and releaser else rules)
        count = 0 if empty else place_drafts(folder)
        for name in ("drafts", "policies", "state"):
            (folder / name).mkdir(exist_ok=True, mode=0o750)
        if owners is not None:
            hand_over(folder, owners)
    except OSError as error:
        raise Failure(WRONG, text("init.failed", folder=error.filename or folder, why=system_words(error))) from None
    if session.json:
        out_json({"schema": SCHEMA, "office": str(folder.absolute()), "drafts": count})
    else:
        out(text("init.done", folder=clean(str(folder)), drafts=count))
        if owners is not None:
            out(text("init.owned", owner=owner, group=group, gate=gate_of(folder), folder=clean(str(folder.absolute()))))
    return FINE


def training_material() -> Traversable:
    """The training office as it comes with the program: `rules.toml`, `empty.toml`, `drafts/`."""
    return files("console") / "training"


def place_drafts(office: Path) -> int:
    """Copy the training drafts, and citizens' comments to judge, into an office that has none; returns how many drafts. A second time nothing
    is copied: what people have done with them stays."""
    drafts = office / "drafts"
    if drafts.exists():
        return 0
    _place_all("comments", office)
    return _place_all("drafts", office)


def _place_all(kind: str, office: Path) -> int:
    count = 0
    for account, file in _material(kind):
        folder = office / kind / account
        folder.mkdir(parents=True, exist_ok=True)
        count += place(folder / file.name, file.read_bytes())
    return count


def training_drafts() -> Iterator[tuple[str, Traversable]]:
    """Every training draft with its account."""
    return _material("drafts")


def _material(kind: str) -> Iterator[tuple[str, Traversable]]:
    """The files of a kind (drafts, comments) that come with the program, each with its account."""
    for account in sorted((training_material() / kind).iterdir(), key=lambda entry: entry.name):
        if account.is_dir():
            for draft in sorted(account.iterdir(), key=lambda entry: entry.name):
                if draft.is_file():
                    yield account.name, draft


def place(path: Path, data: bytes) -> bool:
    """Write a file that is not there yet, whole under its name from the start; False where one is there."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    return True
