"""Where this installation runs from, and what an office's rules ask of its units."""

from __future__ import annotations

import sys
from pathlib import Path

from console.installation.units import CREDENTIALS, Place, name_of
from daemon.rulebook.channels import capabilities
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Rulebook


def program() -> Path:
    """The folder of the running program's `python`: through the link `current` beside or above its version where there is one, so that an
    upgrade is nothing but another target of that link."""
    prefix = Path(sys.prefix)
    for above in prefix.parents:
        link = above / "current"
        if link.is_symlink() and link.resolve() == prefix.resolve():
            return link / "bin"
        if link.is_symlink() and prefix.resolve().is_relative_to(link.resolve()):
            return link / prefix.resolve().relative_to(link.resolve()) / "bin"
    return prefix / "bin"


def place(office: Path, *, name: str = "", login: str, group: str, also: tuple[Path, ...] = ()) -> Place:
    """What the units of this office have to say. Raises RulebookError where its rules cannot be read."""
    office = office.absolute()
    book, called = load_rulebook(office), name or name_of(office)
    rules = book.notices
    return Place(
        name=called,
        office=office,
        bin=program(),
        python=Path(sys.base_prefix),
        title=book.office.name,
        login=login,
        group=group,
        releaser=book.office.releaser,
        writes=tuple(_written(office, book)),
        also=tuple(each.absolute() for each in also),
        credentials=tuple(sorted(each for each in _secret(book) if _there(CREDENTIALS / called / f"{each}.toml"))),
        notices=rules.command if rules is not None else (),
        notice_seconds=rules.seconds if rules is not None else 20,
    )


def _written(office: Path, book: Rulebook) -> list[Path]:
    """Folders outside the office's own that its rules name."""
    named = [*(each.folder for each in book.sheets), *book.office.anchors]
    folders = [office / folder for folder in named]
    if book.office.metrics:
        folders.append((office / book.office.metrics).parent)
    return sorted({folder for folder in folders if not folder.is_relative_to(office)})


def _secret(book: Rulebook) -> list[str]:
    return [account.id for account in book.accounts.values() if capabilities(account.channel).secret]


def _there(path: Path) -> bool:
    """Whether it is there, or may be: who is not root cannot look."""
    try:
        return path.exists()
    except PermissionError:
        return True
