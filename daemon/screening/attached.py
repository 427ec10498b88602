"""What was found in the images of a draft, against what a rule allows. Nothing is decoded here: `item.looked` is what intake has found.

A hit has no place in the text; it names the file. What an image must not carry, and what a platform takes, stands in the rule's options.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from daemon.rulebook.attached import Looked, Private, Wrong
from daemon.rulebook.platforms import NAMES
from daemon.screening.hit import Facts, Hit, Text

FILMS = frozenset(("mp4", "mov"))

_FORMATS = {
    "jpeg": "JPEG",
    "png": "PNG",
    "gif": "GIF",
    "webp": "WebP",
    "bmp": "BMP",
    "tiff": "TIFF",
    "heic": "HEIC",
    "avif": "AVIF",
    "ico": "ICO",
    "mp4": "MP4",
    "mov": "MOV",
}
_ENDINGS = {"jpg": "jpeg", "jpe": "jpeg", "tif": "tiff", "heif": "heic", "qt": "mov", "m4v": "mp4"}
_PRIVATE: Mapping[Private, tuple[str, str]] = {
    "gps": ("撮影場所（位置情報）", "where it was taken (coordinates)"),
    "owner": ("カメラの持ち主の名前", "the camera owner's name"),
    "serial": ("カメラやレンズの製造番号", "the serial number of camera or lens"),
    "author": ("作成者の名前", "the author's name"),
    "computer": ("使ったパソコンの名前", "the name of the computer"),
    "thumbnail": ("切り抜く前かもしれない小さな見本画像", "a small preview, perhaps of before it was cropped"),
}
_WRONG: Mapping[Wrong, tuple[str, str]] = {
    "unknown": ("画像や動画として読めません（中身がほかの種類のファイルです）", "is no image or film that is known"),
    "bomb": ("画素が多すぎます（50メガピクセルまで）", "has too many pixels (50 million at most)"),
    "broken": ("壊れていて最後まで読めません", "is damaged and cannot be read to its end"),
    "ended": ("調べている途中で読み取りが止まりました", "made its reader stop"),
}
_MEBI = 1 << 20

Options = Mapping[str, int | float | str | tuple[str, ...]]


def check_private(_: Text, facts: Facts, options: Options) -> Iterator[Hit]:
    """What an image carries along unseen, of the kinds in the option `holds`."""
    for image in facts.item.looked:
        found = [_PRIVATE[what] for what in image.private if what in _words(options, "holds")]
        if found:
            ja, en = "、".join(ja for ja, _ in found), ", ".join(en for _, en in found)
            yield _hit(
                image,
                f"に、{ja}が入っています。この情報を除いて保存し直した画像に差し替えてください（広報番は画像を書き換えません）。",
                f"carries {en}. Replace it with a copy saved without (Kohoban never changes an image).",
            )


def check_format(_: Text, facts: Facts, options: Options) -> Iterator[Hit]:
    """A kind of image that a platform does not take; the option named like the platform lists those that it does."""
    for platform in facts.platforms:
        taken = _words(options, platform)
        for image in facts.item.looked if taken else ():
            if image.format and image.format not in taken:
                name, names = _FORMATS[image.format], "・".join(_FORMATS.get(kind, kind) for kind in taken)
                yield _hit(
                    image,
                    f"は {name} です。{NAMES[platform]} に出せるのは {names} です。JPEG か PNG に変換して置き、images の名前も直してください。",
                    f"is {name}; {NAMES[platform]} takes {names}. Convert it to JPEG or PNG, and mend its name in `images`.",
                )


def check_size(_: Text, facts: Facts, options: Options) -> Iterator[Hit]:
    """More bytes or frames than a platform takes: the options `x`, `x_moving`, `x_film` (bytes) and `x_frames`, named after platforms."""
    for platform in facts.platforms:
        for image in facts.item.looked:
            kind = "_film" if image.format in FILMS else "_moving" if image.frames > 1 else ""
            most, frames = options.get(f"{platform}{kind}"), options.get(f"{platform}_frames")
            if isinstance(most, int) and image.size > most:
                yield _hit(
                    image,
                    f"は {_shown(image.size)} あり、{NAMES[platform]} の上限 {_shown(most)} を超えています。小さくしたものに差し替えてください。",
                    f"has {_shown(image.size)}, more than the {_shown(most)} that {NAMES[platform]} takes. Replace it with a smaller one.",
                )
            if isinstance(frames, int) and image.frames > frames and image.format not in FILMS:
                yield _hit(
                    image,
                    f"は {image.frames} コマあり、{NAMES[platform]} の上限 {frames} コマを超えています。短くしてください。",
                    f"has {image.frames} frames, more than the {frames} that {NAMES[platform]} takes. Shorten it.",
                )


def check_sound(_: Text, facts: Facts, options: Options) -> Iterator[Hit]:
    """An image that could not be looked into, for one of the reasons in the option `wrong`."""
    for image in facts.item.looked:
        if image.wrong and image.wrong in _words(options, "wrong"):
            if image.wrong == "unlooked":
                yield _hit(
                    image,
                    f"は、大きい（{_shown(image.size)}）か時間が足りないため、中を調べていません。位置情報などが入っていないか、人が確かめてください。",
                    f"({_shown(image.size)}) was not looked into: too large, or no time was left. See for yourself that it carries no coordinates.",
                )
                continue
            ja, en = _WRONG[image.wrong]
            yield _hit(image, f"は、{ja}。正しく開ける画像に差し替えてください。", f"{en}. Replace it with an image that opens.")


def check_name(_: Text, facts: Facts, __: Options) -> Iterator[Hit]:
    """An image whose name ends otherwise than its content says."""
    for image in facts.item.looked:
        ending = PurePosixPath(image.file).suffix.lower().lstrip(".")
        if image.format and _ENDINGS.get(ending, ending) != image.format:
            name = _FORMATS[image.format]
            yield _hit(
                image,
                f"の中身は {name} ですが、名前の終わりが違います。正しい拡張子に直してください。",
                f"is {name} by its content, and its name says otherwise. Mend its ending.",
            )


def check_codes(_: Text, facts: Facts, __: Options) -> Iterator[Hit]:
    """Where the QR codes of an image lead: for whoever approves it, because nobody can read them."""
    for image in facts.item.looked:
        for code in image.codes:
            yield _hit(
                image,
                f"の QR コードの行き先は「{_visible(code)}」です。意図した行き先か確かめてください。",
                f"has a QR code that leads to “{_visible(code)}”. Make sure that it is the one meant.",
            )


def _hit(image: Looked, ja: str, en: str) -> Hit:
    return Hit(0, 0, message=f"画像「{image.file}」{ja}", message_en=f"The image “{image.file}” {en}")


def _words(options: Options, name: str) -> tuple[str, ...]:
    found = options.get(name, ())
    return tuple(found) if isinstance(found, tuple | list) else ()


def _shown(size: int) -> str:
    return f"{size / _MEBI:.1f} MB" if size >= _MEBI else f"{max(size >> 10, 1)} KB"


def _visible(code: str) -> str:
    """What a QR code says, on one line, with what steers a terminal as escapes."""
    return "".join(c if c.isprintable() or c == "\u3000" else c.encode("unicode_escape").decode("ascii") for c in code)
