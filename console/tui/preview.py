"""見え方: a text about as X, LINE and Facebook show it, and what each of them would cut, refuse or turn into a link. The columns are those of a
telephone; where exactly a line breaks is each reader's screen's business, which is said."""

from __future__ import annotations

from collections.abc import Sequence

from console.text import DisplayText, cells
from console.tui.guard import guard_of
from console.tui.ink import Ink
from console.tui.paint import lit
from console.tui.part import Part
from console.tui.pictures import picture_parts
from console.tui.sheets import blank, headline, line
from console.tui.tell import NEWLINE, SPACE, tell
from console.tui.wrap import wrap
from console.words import word
from daemon.wire import AccountStatus, Shape, Tried
from daemon.wire.trying import LONGEST_TRIED

COLUMNS = {"x": 42, "line": 30, "facebook": 44}
"""Columns of a post's text on a telephone: 21, 15 and 22 kanji, about."""
OTHER = 40
_LINK_SHOWN = 28
"""Characters of a link that X shows; the rest stands behind it."""


def preview_sheet(tried: Tried, account: AccountStatus | None) -> list[Part]:
    """The account's own platform first, then the others."""
    parts = [*line(*guard_of(account)), *line(Part(tell("preview.about"), "dim")), *blank()]
    for shape in tried.shapes:
        parts += _one(tried, shape, account if shape.platform == tried.platform else None)
    return parts


def _one(tried: Tried, shape: Shape, account: AccountStatus | None) -> list[Part]:
    over = shape.length > shape.limit
    said = tell("preview.platform", platform=word("platform", shape.platform), length=shape.length, limit=shape.limit)
    parts = [*headline(said)]
    if account is not None:
        who = DisplayText.of(f"{account.name}  @{account.handle.removeprefix('@')}")
        parts += _boxed([Part(who, "strong")], COLUMNS.get(shape.platform, OTHER))
    parts += _boxed(_text(tried, shape), COLUMNS.get(shape.platform, OTHER))
    for number, option in enumerate(tried.poll, 1):
        choice = [Part(DisplayText(f"( ) {number}. ")), Part(DisplayText.of(option))]
        parts += _boxed(choice, COLUMNS.get(shape.platform, OTHER))
    if tried.poll:
        parts += _boxed([Part(tell("preview.poll", minutes=tried.poll_minutes), "dim")], COLUMNS.get(shape.platform, OTHER))
    for n, image in enumerate(tried.images, 1):
        words = tell("preview.image", n=n, file=DisplayText.of(image.file))
        parts += _boxed([Part(words, "dim")], COLUMNS.get(shape.platform, OTHER))
    if over:
        words = tell("preview.over", platform=word("platform", shape.platform), more=shape.length - shape.limit)
        parts += line(Part(words, "alert"))
    if shape.platform == "x" and tried.links:
        parts += line(Part(tell("preview.links", count=len(tried.links)), "dim"))
    if shape.platform == tried.platform:
        for image in tried.images:
            parts += picture_parts(image)
    return [*parts, *blank()]


def _text(tried: Tried, shape: Shape) -> list[Part]:
    """The text with its links; what is beyond the limit lit up."""
    text = tried.text
    inked: list[tuple[int, int, Ink]] = []
    shown, at, cut = "", 0, -1
    for start, end in (*(tried.links if shape.platform == "x" else ()), (len(text), len(text))):
        if cut < 0 and shape.end <= start:
            cut = len(shown) + max(0, shape.end - at)
        shown += text[at:start]
        link = text[start:end].partition("://")[2] or text[start:end]
        if link:
            inked.append((len(shown), len(shown) + min(len(link), _LINK_SHOWN), "head"))
            shown += link[:_LINK_SHOWN] + ("..." if len(link) > _LINK_SHOWN else "")
        at = end
    if shape.length > shape.limit:
        inked.append((cut, len(shown), "alert"))
    return lit(DisplayText.of(shown, block=True, limit=LONGEST_TRIED), inked)


def _boxed(parts: Sequence[Part], columns: int) -> list[Part]:
    """In a column of its own, between two bars."""
    out: list[Part] = []
    for row in wrap(parts, columns) or [[]]:
        room = columns - sum(cells(part.text.plain) for part in row)
        out += [
            Part(DisplayText("| "), "dim"),
            *row,
            Part(DisplayText(" " * max(0, room))),
            Part(SPACE),
            Part(DisplayText("|"), "dim"),
        ]
        out.append(Part(NEWLINE))
    return out
