"""What a new draft may begin with: nothing, a template of the program, or one of the office's own (`templates/` beside `drafts/`)."""

from __future__ import annotations

from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from console.plain_file import read_plain
from console.tui.tell import tell

MOST, LONGEST = 30, 64_000


class Template(NamedTuple):
    """A name, and the file's text."""

    name: str
    text: str


def templates(office: Path) -> list[Template]:
    """The blank sheet first, then the office's own, then the program's, each by name."""
    found = [Template(tell("compose.blank").plain, "")]
    with suppress(OSError):
        own = sorted(path for path in (office / "templates").iterdir() if path.suffix in (".txt", ".md") and path.is_file())
        for path in own[:MOST]:
            with suppress(OSError, UnicodeDecodeError):
                found.append(Template(path.stem, read_plain(path, 4 * LONGEST)[:LONGEST]))
    bundled = files("console") / "templates"
    for each in sorted(bundled.iterdir(), key=lambda each: each.name):
        if each.name.endswith(".txt"):
            found.append(Template(each.name.removesuffix(".txt").partition("-")[2], each.read_text(encoding="utf-8")))
    return found
