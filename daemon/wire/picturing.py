"""An image of a draft as a small picture: what a terminal can draw, and nothing of the file that it was made from."""

from __future__ import annotations

from daemon.wire.answer import Answer
from daemon.wire.query import Query

WIDEST, HIGHEST, MOST_COLOURS = 320, 240, 64
"""Pixels and colours of a small picture, at most, whatever is asked for."""


class PictureOf(Query, frozen=True, kw_only=True, tag="picture_of"):
    """Image number `n` (from 0, in the draft's order) as a picture of at most `width` × `height` pixels, as it was sealed with the draft's
    revision; of one that moves the first frame. `hash`: the sha256 of the image that is meant; where another has taken its place since, the
    question is refused (`stale`). Answer: `SmallPicture`."""

    draft: int
    n: int = 0
    hash: str = ""
    width: int = WIDEST
    height: int = HIGHEST
    colours: int = MOST_COLOURS


class SmallPicture(Answer, frozen=True, kw_only=True, tag="small_picture"):
    """`pixels`: a byte a pixel, row after row, each the number of a colour of `palette` (three bytes each: red, green, blue). Never larger
    than its file's picture."""

    width: int
    height: int
    palette: bytes
    pixels: bytes

    @property
    def sound(self) -> bool:
        """Whether it is what it says, within its bounds. Whoever draws it asks first."""
        return (
            0 < self.width <= WIDEST
            and 0 < self.height <= HIGHEST
            and len(self.pixels) == self.width * self.height
            and len(self.palette) % 3 == 0
            and 0 < len(self.palette) <= 3 * MOST_COLOURS
            and max(self.pixels) < len(self.palette) // 3
        )
