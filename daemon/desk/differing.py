"""What has changed from one revision to the next: texts line by line and, within a line, character by character, because Japanese has no
spaces; front matter key by key; images by their hashes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Literal

from daemon.rulebook.picture import Picture
from daemon.wire.approving import LineSeen, MatterChange, Piece

AROUND = 2
"""Lines that are the same, shown before and after one that is not."""
LONGEST = 4_000
"""Characters of a line that are compared one by one; longer ones are shown whole."""
MOST_LINES = 4_000
_ALIKE = 0.35
"""From here on two lines are the same one, changed; below, one went and another came."""


def lines(old: str, new: str) -> tuple[LineSeen, ...]:
    """The lines of both texts, those far from any change left out."""
    before, after = old.splitlines()[:MOST_LINES], new.splitlines()[:MOST_LINES]
    every: list[LineSeen] = []
    for tag, i, i_end, j, j_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            every += [LineSeen(kind="same", pieces=(Piece(kind="same", text=line),)) for line in before[i:i_end]]
        else:
            every += _replaced(before[i:i_end], after[j:j_end])
    return tuple(_near_changes(every))


def matter(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[MatterChange, ...]:
    """The keys of the front matter that differ."""
    keys = dict.fromkeys((*old, *new))
    return tuple(
        MatterChange(key=key, old=old.get(key, ""), new=new.get(key, "")) for key in keys if old.get(key, "") != new.get(key, "")
    )


def pictures(old: Sequence[Picture], new: Sequence[Picture]) -> tuple[MatterChange, ...]:
    """The images that came, went, or are other bytes under the same name."""
    before, after = ({picture.file: _words(picture) for picture in some} for some in (old, new))
    found = matter(before, after)
    if not found and [p.file for p in old] != [p.file for p in new]:
        return (MatterChange(key="images", old=" ".join(before), new=" ".join(after)),)
    return tuple(MatterChange(key=f"image:{each.key}", old=each.old, new=each.new) for each in found)


def _words(picture: Picture) -> str:
    return f"{picture.hash[:12] or '-'} ({picture.size:,})"


def _replaced(before: Sequence[str], after: Sequence[str]) -> Iterator[LineSeen]:
    """Lines that took the place of others: paired in their order where they are alike."""
    for old, new in zip(before, after, strict=False):
        yield from _changed(old, new)
    for line in before[len(after) :]:
        yield _whole("gone", line)
    for line in after[len(before) :]:
        yield _whole("come", line)


def _changed(old: str, new: str) -> Iterator[LineSeen]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if max(len(old), len(new)) > LONGEST or not old or not new or matcher.ratio() < _ALIKE:
        yield _whole("gone", old)
        yield _whole("come", new)
        return
    pieces: list[Piece] = []
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece(kind="same", text=old[i:i_end]))
            continue
        if i < i_end:
            pieces.append(Piece(kind="gone", text=old[i:i_end]))
        if j < j_end:
            pieces.append(Piece(kind="come", text=new[j:j_end]))
    yield LineSeen(kind="changed", pieces=tuple(pieces))


def _whole(kind: Literal["gone", "come"], line: str) -> LineSeen:
    return LineSeen(kind=kind, pieces=(Piece(kind=kind, text=line),))


def _near_changes(every: Sequence[LineSeen]) -> Iterator[LineSeen]:
    near = {
        at + off for at, line in enumerate(every) if line.kind != "same" for off in range(-AROUND, AROUND + 1) if at + off >= 0
    }
    skipped = 0
    for at, line in enumerate(every):
        if at in near:
            yield LineSeen(kind=line.kind, pieces=line.pieces, skipped=skipped) if skipped else line
            skipped = 0
        else:
            skipped += 1
