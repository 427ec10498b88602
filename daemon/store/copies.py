"""The copies of the record in the segments, walked beside the chain: each entry must have its copy, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from daemon.store.segments import Block, Cut, Entry, read_segments


class Copies:
    """The copies from entry `first` on, up to `until` (segment, offset: what was committed when the walk began)."""

    def __init__(self, folder: Path, first: int, until: tuple[int, int]) -> None:
        self.first = first
        self._blocks = _of_the_record(read_segments(folder, until))

    def lacks(self, seq: int, record: bytes) -> tuple[str, str] | None:
        """What is wrong with the copy of entry `seq`, in Japanese and English; None when it is `record`. To be asked for one entry
        after the other. Raises OSError."""
        if seq < self.first:
            return None
        block, data = next(self._blocks, (None, b""))
        if isinstance(block, Entry) and block.seq == seq and data == record:
            return None
        told = isinstance(block, Entry) and block.seq == seq
        # What a crash left uncommitted stands before the line that strikes it out; the record goes on behind that line.
        while block is not None and not (isinstance(block, Cut) and block.seq == seq - 1):
            block, data = next(self._blocks, (None, b""))
        if block is not None:
            return self.lacks(seq, record)
        if told:
            return f"記録 {seq} 番が revisions/ にある写しと違います", f"entry {seq} differs from its copy in revisions/"
        return f"記録 {seq} 番の写しが revisions/ にありません", f"entry {seq} has no copy in revisions/"

    def further(self, last: int) -> bool:
        """Whether entries behind `last` have copies, though the record ends there. Raises OSError."""
        found = False
        for block, _ in self._blocks:
            found = not (isinstance(block, Cut) and block.seq <= last)
        return found


def _of_the_record(blocks: Iterator[tuple[Block, bytes]]) -> Iterator[tuple[Entry | Cut, bytes]]:
    for block, data in blocks:
        if isinstance(block, Entry | Cut):
            yield block, data
