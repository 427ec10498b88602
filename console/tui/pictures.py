"""Images as facts: what a terminal can say of a picture, in words: what it is, what its author says of it, what it carries along."""

from __future__ import annotations

from collections.abc import Sequence

from console.text import DisplayText
from console.tui.part import Part
from console.tui.rows import VERDICT_INK, verdict_word
from console.tui.sheets import line
from console.tui.tell import SPACE, either, tell
from console.words import word
from console.words.marks import listed
from daemon.wire import FindingSeen, PictureFacts


def pictures_sheet(images: Sequence[PictureFacts], findings: Sequence[FindingSeen] = ()) -> list[Part]:
    """Every image of a draft, with what the rules found in each; nothing where there is none."""
    if not images:
        return []
    parts = line(Part(tell("picture.heading", count=len(images)), "head"), Part(tell("picture.see"), "good"))
    for image in images:
        parts += picture_parts(image)
        for finding in findings:
            if f"「{image.file}」" in finding.message:  # as every rule on images names the one that it means
                ink = "dim" if finding.lifted else VERDICT_INK.get(finding.verdict, "plain")
                parts += line(SPACE, Part(verdict_word(finding.verdict), ink), either(finding.message, finding.message_en))
    return parts


def picture_parts(image: PictureFacts) -> list[Part]:
    """One image: its name and measures, its alternative text in full, rights and consent, and what speaks against it."""
    name = Part(DisplayText.of(image.file), "strong")
    if image.wrong:
        parts = line(name, Part(tell("picture.wrong", why=DisplayText.of(word("picture_wrong", image.wrong))), "alert"))
    elif image.seen:
        kind = image.format.upper() or tell("picture.no_format").plain
        said = {"kind": DisplayText.of(kind), "size": kilobytes(image.size)}
        known = image.width and image.height  # of what is not decoded nobody knows
        measures = (
            tell("picture.measures", width=image.width, height=image.height, **said)
            if known
            else tell("picture.unmeasured", **said)
        )
        parts = line(name, measures)
    else:
        parts = line(name, Part(tell("picture.unseen"), "warn"))
    for key, value in (("alt", image.alt), ("rights", word("picture_rights", image.rights)), ("consent", image.consent)):
        told = Part(DisplayText.of(value)) if value.strip() else Part(tell("picture.none"), "warn")
        parts += line(SPACE, Part(tell(f"picture.{key}"), "dim", 8), told)
    if image.seen and not image.wrong:
        found = Part(tell("picture.place_in"), "alert") if "gps" in image.private else Part(tell("picture.place_none"))
        parts += line(SPACE, Part(tell("picture.place"), "dim", 8), found)
    if image.private:
        carried = listed(word("picture_private", each) for each in image.private)
        parts += line(SPACE, Part(tell("picture.private", what=DisplayText.of(carried)), "alert"))
    for code in image.codes:
        parts += line(SPACE, Part(tell("picture.code", what=DisplayText.of(code)), "warn"))
    if image.frames > 1:
        parts += line(SPACE, Part(tell("picture.frames", count=image.frames), "dim"))
    if image.hash:
        parts += line(SPACE, Part(DisplayText.of(f"sha256:{image.hash[:16]}"), "dim"))
    return parts


def kilobytes(size: int) -> str:
    """So many bytes, as people say it."""
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1000))} kB" if size else "-"
