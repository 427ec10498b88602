"""The rulebook in force: swapped whole when its files change, kept when they are broken."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.lint import look_at_office
from daemon.rulebook.load import rulebook_of
from daemon.rulebook.model import Problem, Rulebook


class Current:
    """The rulebook of an office, now. Not thread-safe: one owner reloads, anyone may read the attributes.

    `rulebook` is what is in force, `since` the moment at which it was put in force (Japan), `problems` what the last look at the files found: the warnings
    of the rulebook in force, or the errors that keep the files as they are now from it. Raises RulebookError at the start if
    there is no good rulebook to begin with.
    """

    def __init__(self, office_dir: Path) -> None:
        self.office_dir = office_dir
        self._looked = look_at_office(office_dir)
        self.rulebook: Rulebook = rulebook_of(self._looked)
        self.since: datetime = datetime.now(TOKYO)
        self.problems: tuple[Problem, ...] = self.rulebook.problems

    @property
    def broken(self) -> bool:
        """Whether the files as they are now cannot be put in force: the last good rulebook stands."""
        return bool(self._looked.errors)

    def changed_on_disk(self) -> bool:
        """Whether any file or folder of the rulebook looks different from when it was last read. A few dozen `stat` calls."""
        return self._looked.reader.changed()

    def reload(self) -> bool:
        """Read everything anew and put it in force if it is without errors; tell whether a different rulebook is in force now.

        With an error the last good rulebook stays, untouched, and `problems` says why. Nothing is raised.
        """
        self._looked = looked = look_at_office(self.office_dir)
        if self.broken:
            self.problems = tuple(looked.problems)
            return False
        fresh = rulebook_of(looked)
        self.problems = fresh.problems
        if fresh.hash == self.rulebook.hash:
            return False
        self.rulebook, self.since = fresh, datetime.now(TOKYO)
        return True
