"""What a draft came with: what looking into its images has found, and the office file that its text was read from. Plain values, found once
and kept with the draft: a new rule is asked of what was found, and nothing is decoded again."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Private = Literal["gps", "owner", "serial", "author", "computer", "thumbnail"]
"""What an image can carry along that nobody sees in it: the place, the camera's owner and number, the author, the computer, and the small
picture of before it was cut."""

Wrong = Literal["", "unknown", "bomb", "broken", "ended", "unlooked"]
"""Why an image could not be looked into: none of the kinds that are known, more pixels than any platform takes, damaged, the process that
looked has ended over it, or too large to be looked into."""


class Looked(Struct, frozen=True):
    """What an image holds. `format` is told by its content (jpeg, png, gif, webp, bmp, tiff, heic, avif, ico, mp4, mov), empty where that is
    unknown; `size` is bytes, `width` and `height` pixels (0 where nobody could tell), `codes` what its QR codes say."""

    file: str
    format: str = ""
    size: int = 0
    width: int = 0
    height: int = 0
    frames: int = 1
    private: tuple[Private, ...] = ()
    codes: tuple[str, ...] = ()
    wrong: Wrong = ""


class Origin(Struct, frozen=True):
    """The office file that a draft was read from: the sha256 of its bytes; of a row also the sheet (empty where there is but one) and
    the row's number there, from 1."""

    hash: str
    sheet: str = ""
    row: int = 0
