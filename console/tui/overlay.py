"""A picture that lies over cells of the terminal: what is sent for it, piece by piece, and what takes it away again.

It covers blank cells only. The painter holds that (`painter`), so that nothing that is painted can ever stand behind a picture.
"""

from __future__ import annotations

from collections.abc import Sequence


class Overlay:
    """`pieces` are sent one after the other, each whole; the first row may be painted between any two. `taken_away` undoes them, after
    `broken_off` where some are missing. `again`: from which piece on they are sent anew once the terminal may have lost what it showed."""

    def __init__(
        self, rows: range, columns: range, pieces: Sequence[str], taken_away: str, broken_off: str = "", *, again: int = 0
    ) -> None:
        self.rows, self.columns = rows, columns
        self._pieces = tuple(pieces)
        self._taken_away, self._broken_off = taken_away, broken_off
        self._again = again
        self._next = 0
        self.size = sum(map(len, self._pieces))
        """Bytes of all pieces …"""
        self.sent = 0
        """… and of those that have gone."""

    @property
    def whole(self) -> bool:
        """Whether all of it has gone."""
        return self._next == len(self._pieces)

    def take(self) -> str:
        """The next piece, which goes now."""
        piece = self._pieces[self._next]
        self._next += 1
        self.sent = min(self.size, self.sent + len(piece))
        return piece

    def lost(self) -> None:
        """The terminal was painted whole: what stood on it may be gone."""
        if self.whole or not self._again:
            self._next = self._again

    def anew(self) -> None:
        """It was taken away: all of it is to be sent again."""
        self._next = self.sent = 0

    def end(self) -> str:
        """What takes it away; empty where nothing of it has gone."""
        if not self.sent:
            return ""
        return self._taken_away if self.whole else self._broken_off + self._taken_away
