"""What lies in the folders and nobody will ever read: said where whoever put it there will look.

Images that no draft names are a line in their folder's `_広報番.txt`; what lies in `drafts/` itself, or in the folder of no account, is
told by a `_広報番.txt` in that place. All of it is also an alarm of the intake, for the operators; so where nothing can be written,
nothing more is said.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from daemon.desk import board
from daemon.intake.names import FOLDER_NOTICE, display_name, is_picture, passes
from daemon.intake.notice import remove_notice, stray_text, write_notice
from daemon.intake.scan import strangers
from daemon.store import Store

SHOWN = 5
"""Images that are named in one line."""
MOST_FOLDERS = 20
"""Folders of no account that are told so."""


class Astray:
    """Looks after what lies astray in one office. `tell` is for a thread, the rest for the loop."""

    def __init__(self, drafts: Path, store: Store) -> None:
        self._drafts, self._store = drafts, store
        self._named: set[tuple[str, str]] | None = None
        self._told: dict[Path, list[bytes]] = {}

    def named(self, account: str, files: Iterable[str]) -> None:
        """A draft of this account names these images."""
        if self._named is not None:
            self._named |= {(account, _composed(file)) for file in files}

    async def pictures(self, lying: dict[str, list[str]]) -> dict[str, str]:
        """For each account with images that no draft has named, the sentence about them. `lying` is what `pictures_in` has found."""
        if any(lying.values()) and self._named is None:
            # Asked once: from then on every draft that comes is heard of.
            self._named = {(account, _composed(file)) for account, file in await board.images_named(self._store)}
        named = self._named or set()
        left = {account: [file for file in files if (account, _composed(file)) not in named] for account, files in lying.items()}
        return {account: _sentence(files) for account, files in left.items() if files}

    def tell(self, accounts: Collection[str], written: datetime) -> None:
        """Put a notice into each place of which nothing is read, and take ours away from `drafts/` once nothing lies astray there."""
        try:
            folders, files = strangers(self._drafts, accounts)
        except OSError:
            return
        places = {self._drafts / os.fsdecode(name): name for name in folders[:MOST_FOLDERS]}
        lying = {place: _inside(place) for place in places if not place.is_symlink()}
        if files:
            lying[self._drafts] = files
        elif (self._drafts / os.fsdecode(FOLDER_NOTICE)).exists():
            remove_notice(self._drafts, FOLDER_NOTICE)
        for place, names in lying.items():
            if self._told.get(place) != names or not (place / os.fsdecode(FOLDER_NOTICE)).exists():
                shown = display_name(places[place]) if place in places else ""
                write_notice(place, FOLDER_NOTICE, stray_text(place=shown, names=names, accounts=accounts, written=written))
        self._told = lying


def pictures_in(folder: Path) -> list[str]:
    """The names of the images in a folder, in order; none where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if is_picture(os.fsencode(entry.name)))
    except OSError:
        return []


def _inside(folder: Path) -> list[bytes]:
    try:
        with os.scandir(folder) as entries:
            names = [os.fsencode(entry.name) for entry in entries]
    except OSError:
        return []
    return sorted(name for name in names if is_picture(name) or not passes(name))


def _sentence(files: Sequence[str]) -> str:
    shown = "、".join(display_name(os.fsencode(file)) for file in files[:SHOWN])
    more = f" ほか{len(files) - SHOWN}件" if len(files) > SHOWN else ""
    return f"{shown}{more} を使う下書きがありません。使うなら下書きの前書きの images に名前を書き、使わないなら片付けてください。"


def _composed(file: str) -> str:
    """A name in one form: some computers take が apart when they copy a file."""
    return unicodedata.normalize("NFC", file)
