"""From Textual's frames to cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.color import ColorSystem
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

from console.tui.canvas import Canvas


def take(canvas: Canvas, update: CompositorUpdate, colours: ColorSystem) -> None:
    """What Textual wants to paint shall stand on the canvas."""
    if isinstance(update, LayoutUpdate):
        canvas.size(*update.region.size)
        for y, line in enumerate(update.strips):
            canvas.put(y, 0, _pieces(line, colours))
    elif isinstance(update, ChopsUpdate):
        for y, x, strip in _chops(update):
            canvas.put(y, x, _pieces((strip,), colours))


def _pieces(strips: Iterable[Strip], colours: ColorSystem) -> Iterator[tuple[str, str]]:
    for strip in strips:
        for text, style, _ in strip:
            yield text, _ink(style, colours)


def _ink(style: Style | None, colours: ColorSystem) -> str:
    if style is None:
        return ""
    return Strip.render_ansi(style, colours) if style._ansi is None else style._ansi


def _chops(update: ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """The pieces of a partial update, cut as Textual cuts them."""
    for y, begin, end in update.spans:
        for upto, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x <= end and upto > begin:
                yield y, x, strip if x >= begin and upto <= end else strip.crop(0, min(upto, end) - x)
