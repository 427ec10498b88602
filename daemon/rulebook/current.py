"""The rulebook in force: swapped whole when its files change or an amendment begins, kept when the files are broken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.kept import Begun
from daemon.rulebook.load import rulebook_of
from daemon.rulebook.model import Problem, Rulebook
from daemon.rulebook.versions import as_of

if (
    TYPE_CHECKING
):  # and all that reads TOML: an office that begins with the rules of a moment ago needs none of it for its first answer
    from daemon.rulebook.lint import Looked
    from daemon.rulebook.overrides import Overrides
    from daemon.rulebook.parse import PolicyFile
    from daemon.rulebook.source import Stamp


def _now() -> datetime:
    return datetime.now(TOKYO)


def look_at_office(office_dir: Path, day: date) -> Looked:
    """What the files say now (`lint.look_at_office`)."""
    from daemon.rulebook import lint

    return lint.look_at_office(office_dir, day)


class Current:
    """The rulebook of an office, now. Not thread-safe: one owner reloads and turns, anyone may read.

    `rulebook` is what is in force, `since` the moment at which it was put in force (Japan), `problems` what the last look at the files found: the warnings
    of the rulebook in force, or the errors that keep the files as they are now from it. `clock` gives the office's time. Raises
    RulebookError at the start if there is no good rulebook to begin with.

    With `private`, a folder that nobody else may enter, it begins with the rulebook that was kept there, where no file says anything else;
    the files are read as soon as somebody asks for what only they tell, and put in force by `reload` should they say anything else after all.
    """

    def __init__(self, office_dir: Path, clock: Callable[[], datetime] = _now, private: Path | None = None) -> None:
        self.office_dir = office_dir
        self._clock = clock
        self._begun = None if private is None else Begun(private, office_dir)
        self._reading, self._other = threading.Lock(), False
        self._by_hash: dict[str, Rulebook] = {}
        self._seen: Mapping[Path, Stamp] = {}
        begun = self._begun.book(self._day()) if self._begun is not None else None
        self._read: Looked | None = None if begun is not None else look_at_office(office_dir, self._day())
        self.rulebook: Rulebook = self.on(self._day(), begun or rulebook_of(self._looked))
        self.since: datetime = clock()
        self.problems: tuple[Problem, ...] = self.rulebook.problems

    @property
    def _looked(self) -> Looked:
        """What the files say, read now where they have not been. From any thread."""
        with self._reading:
            if self._read is None:
                self._read = look_at_office(self.office_dir, self._day())
                self._other = bool(self._read.errors) or as_of(rulebook_of(self._read), self._day()).hash != self.rulebook.hash
            return self._read

    def keep(self) -> None:
        """Keep what is in force for the next start. From any thread; takes a moment, and reads the files where they have not been."""
        looked = self._looked
        if self._begun is not None and not (looked.errors or self._other or looked.reader.changed()):
            self._begun.keep(self._day(), self.rulebook, looked.reader.looked_at())

    @property
    def broken(self) -> bool:
        """Whether the files as they are now cannot be put in force: the last good rulebook stands."""
        return bool(self._looked.errors)

    def on(self, day: date, book: Rulebook | None = None) -> Rulebook:
        """The rulebook as its editions stand on a day: the same object for the same rules, so that what is kept of it stays good."""
        found = as_of(book or self.rulebook, day)
        return self._by_hash.setdefault(found.hash, found)

    def now(self, moment: datetime) -> Rulebook:
        """The rulebook at a moment: at midnight an amendment is in force before any round has seen it."""
        return self.on(moment.astimezone(TOKYO).date())

    def turn(self) -> bool:
        """Put in force the editions of this day; tell whether they are others than before. Then everything is looked over anew: what
        stands under an amended policy, and what is wrong with the office on this day."""
        day = self._day()
        return self.on(day) is not self.rulebook and (self.reload() or self._put(self.on(day)))

    @property
    def overrides(self) -> Overrides:
        """The overrides as they were last read; those in force unless `broken`."""
        return self._looked.overrides

    @property
    def policy_files(self) -> Mapping[str, PolicyFile]:
        """The policies as they were last read, for checks of what is to be added to them."""
        return self._looked.policies

    def changed_on_disk(self) -> bool:
        """Whether any file or folder of the rulebook looks different from when it was last read. A few dozen `stat` calls."""
        return self._looked.reader.changed() or self._other

    def written(self) -> bool:
        """Whether any of these files looks different from when it was read, and looks as it did when last asked here: nobody is in the
        midst of writing it. Half of a file may read like a whole one, with fewer accounts."""
        from daemon.rulebook.source import stamp

        reader = self._looked.reader
        before, self._seen = self._seen, {path: stamp(path) for path in reader.stamps} if reader.changed() else {}
        return self._other or (bool(self._seen) and self._seen == before)

    def reload(self) -> bool:
        """Read everything anew and put it in force if it is without errors; tell whether a different rulebook is in force now.

        With an error the last good rulebook stays, untouched, and `problems` says why. Nothing is raised.
        """
        looked = look_at_office(self.office_dir, self._day())
        if looked.reader.changed():  # while it was read: the next look tells
            return False
        self._read, self._other = looked, False
        if self.broken:
            self.problems = tuple(looked.problems)
            return False
        fresh = rulebook_of(looked)
        self.problems = fresh.problems
        return self._put(self.on(self._day(), fresh))

    def _put(self, book: Rulebook) -> bool:
        if book.hash == self.rulebook.hash:
            return False
        self.rulebook, self.since = book, self._clock()
        self._by_hash = {book.hash: book}
        return True

    def _day(self) -> date:
        return self._clock().astimezone(TOKYO).date()
