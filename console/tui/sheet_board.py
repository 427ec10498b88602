"""The 決裁フォルダ as a sheet: whose, whether they may be used, and what lies where; what was refused is red, and says so in words."""

from __future__ import annotations

from collections.abc import Sequence

from console.text import DisplayText
from console.tui.ink import Ink
from console.tui.part import Part
from console.tui.sheets import blank, line
from console.tui.tell import either, short_time, tell
from daemon.wire import SheetFolderSeen


def folders_sheet(folders: Sequence[SheetFolderSeen]) -> list[Part]:
    """Every folder, the order that of rules.toml."""
    if not folders:
        return line(Part(tell("folders.none"), "dim"))
    parts: list[Part] = []
    for each in folders:
        parts += line(Part(DisplayText.of(f"{each.name} ({each.login})"), "strong"), DisplayText.of(each.folder))
        if each.usable:
            parts += line(Part(tell("folders.usable", waiting=each.waiting, refused=each.refused), "good"))
        else:
            parts += line(Part(tell("folders.unusable"), "alert"), either(each.why, each.why_en))
        if each.mend:
            parts += line(Part(tell("folders.mend"), "warn"), DisplayText.of(each.mend))
        for one in each.lying:
            where = tell("folders.refused", place=DisplayText.of(one.place)) if one.place else tell("folders.waits")
            number = DisplayText(f"#{one.draft}") if one.draft is not None else DisplayText("-")
            ink: Ink = "alert" if one.place else "plain"
            parts += line(
                Part(where, ink, 20), Part(short_time(one.at), "dim", 12), Part(number, "plain", 6), DisplayText.of(one.file)
            )
        if not each.lying:
            parts += line(Part(tell("folders.empty"), "dim"))
        parts += blank()
    return parts
