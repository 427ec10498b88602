"""Make a small picture of an image: for the process that decodes (`apart_main`), as `picture_content` is."""

from __future__ import annotations

import io
import warnings

from PIL import Image

from daemon.intake.picture_content import DECODABLE, MOST_PIXELS, format_of
from daemon.intake.small import Small

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes upright what a camera noted as lying, by EXIF; from 5 on width and height change places."""


def small(data: bytes, width: int, height: int, colours: int) -> Small:
    """The image's first frame, the way up in which it is meant to be seen, within so many pixels and colours. Raises what the decoders
    raise; the process ends by it."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(io.BytesIO(data), formats=(DECODABLE[format_of(data)],)) as image:
        if image.width * image.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        orientation = image.getexif().get(_ORIENTATION, 1)
        box = (height, width) if orientation in (5, 6, 7, 8) else (width, height)
        image.draft("RGB", (2 * box[0], 2 * box[1]))
        plain = _in_colours(image)
        plain.thumbnail(box, Image.Resampling.BICUBIC)
        plain.load()  # what was small enough has not been read yet
    plain = _on_white(plain)  # only now: of a large one there is no room for two
    if orientation in _TURNS:
        plain = plain.transpose(_TURNS[orientation])
    drawn = plain.quantize(colours)
    palette = bytes(drawn.getpalette("RGB") or ())[: 3 * colours]
    return Small(drawn.width, drawn.height, palette, drawn.tobytes())


def _in_colours(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):  # 16 bits of grey and more: the upper ones
        return image.convert("F").point(lambda value: value / 256).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == mode else image.convert(mode)  # a copy of a large one is another 200 MB


def _on_white(image: Image.Image) -> Image.Image:
    """What can be seen through, as it is seen on a light page."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image)
    return white.convert("RGB")
