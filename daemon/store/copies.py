"""The copies of the record in the segments, walked beside the chain: each entry must have its copy, byte for byte."""

from __future__ import annotations

from pathlib import Path

from daemon.store.segments import Block, Cut, Entry, block_at, entry_block, whole_segments


class Copies:
    """The copies from entry `first` on, up to `until` (segment, offset: what was committed when the walk began)."""

    def __init__(self, folder: Path, first: int, until: tuple[int, int]) -> None:
        self.first = first
        self._segments = whole_segments(folder, until)
        self._number, self._data, self._position = 0, b"", 0

    def lacks(self, seq: int, digest: str, record: bytes) -> tuple[str, str] | None:
        """What is wrong with the copy of entry `seq`, in Japanese and English; None when it is `record` under its hash. To be asked
        for one entry after the other. Raises OSError."""
        if seq < self.first:
            return None
        expected = entry_block(seq, digest, record)
        # Revisions lie between the entries; and what a crash left uncommitted stands before the line that strikes it out.
        other: Entry | None = None
        while self._more():
            if other is None and self._data.startswith(expected, self._position):
                self._position += len(expected)
                return None
            block = self._next()
            if isinstance(block, Entry):
                other = other or block
            elif isinstance(block, Cut) and block.seq == seq - 1:
                other = None
        if other is not None and other.seq == seq:
            return f"記録 {seq} 番が revisions/ にある写しと違います", f"entry {seq} differs from its copy in revisions/"
        return f"記録 {seq} 番の写しが revisions/ にありません", f"entry {seq} has no copy in revisions/"

    def further(self, last: int) -> bool:
        """Whether entries behind `last` have copies, though the record ends there. Raises OSError."""
        found = False
        while self._more():
            block = self._next()
            if isinstance(block, Entry | Cut):
                found = isinstance(block, Entry) or block.seq > last
        return found

    def _more(self) -> bool:
        """Whether anything comes next; reads the next segment where one ends."""
        while self._position >= len(self._data):
            following = next(self._segments, None)
            if following is None:
                return False
            self._number, self._data = following
            self._position = 0
        return True

    def _next(self) -> Block:
        """The next block, whatever it is."""
        block = block_at(self._data, self._position, self._number)
        self._position = block.end
        return block
