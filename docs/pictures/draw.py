"""Draw the pictures of README and handbook from the real thing: the training day (console/training/day.toml) typed into a console on a pseudo-terminal,
and what a terminal would show, cell by cell, as SVG.

    .venv/bin/python docs/pictures/draw.py        # needs nothing that the tests do not need
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "terminal")]

from ptys import Terminal  # noqa: E402

from console.day import steps  # noqa: E402
from console.tui.commands import by_command  # noqa: E402

SIZE = (80, 24)
WIDE, HIGH = 8, 18
"""Pixels of a cell."""
SENT = {"Enter": "\r", "F12": "\x1b[24~", "Esc": "\x1b"}
BEFORE = {
    "arrival": "queue",
    "approve": "detail",
    "judge": "comments",
    "return": "typhoon",
    "resume": "stopped",
    "drilled": "drill",
}
"""Pictures taken as a step begins."""
SCREENS = (
    "blocks",
    "hours",
    "clauses",
    "record",
    "duties",
    "report",
    "settings",
    "people",
    "reviews",
    "help",
    "messages",
    "policies",
)
"""Screens that are opened at the day's end, by the names of their commands."""
GROUND, INK = "#121212", "#d8d8d8"
NAMED = {
    "black": "#121212", "red": "#d75f5f", "green": "#87af5f", "brown": "#d7af5f", "blue": "#5f87d7", "magenta": "#af87d7", "cyan": "#5fafaf",
    "white": "#d8d8d8",
}  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="kohoban-picture-") as place:
        env = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "KOHOBAN_LANG": "ja",
            "LC_ALL": "C.UTF-8",
            "TMPDIR": place,
        }
        for name in ("NO_COLOR", "COLUMNS", "LINES", "KOHOBAN_OPERATOR"):
            env.pop(name, None)
        with Terminal([str(Path(sys.executable).with_name("kohoban")), "training", "--day"], env, SIZE) as terminal:
            play(terminal)
            for screen in SCREENS:
                opened(terminal, screen)
            say(terminal, "q", "y")
            end = time.monotonic() + 20
            while time.monotonic() < end and terminal.read(0.2):
                pass


def play(terminal: Terminal) -> None:
    day = steps()
    for number, step in enumerate(day, 1):
        wanted = f"研修{number}/{len(day)}"
        terminal.until(lambda wanted=wanted: wanted in words(terminal))
        settle(terminal)
        if step.id in BEFORE:
            picture(terminal, BEFORE[step.id])
        for key in step.keys:
            say(terminal, key)
    terminal.until(lambda: "終わりました" in words(terminal))


def opened(terminal: Terminal, screen: str) -> None:
    """Open a screen by its name, so that no change of its key changes a picture."""
    say(terminal, ":", by_command(screen).aliases[-1], "<Enter>")
    terminal.read(0.5)
    settle(terminal)
    picture(terminal, screen)
    say(terminal, "<Esc>")


def say(terminal: Terminal, *keys: str) -> None:
    for key in keys:
        if key == "<code>":
            found: list[str] = []
            terminal.until(lambda found=found: found.extend(re.findall(r"確認番号(\d{4})", words(terminal))) or found)
            terminal.send(found[0])
        elif key.startswith("{"):
            terminal.send(by_command(key.strip("{}")).keys[0])
        else:
            terminal.send(SENT.get(key.strip("<>"), key))
        settle(terminal)


def settle(terminal: Terminal) -> None:
    seen, end = -1, time.monotonic() + 2
    while seen != len(terminal.raw) and time.monotonic() < end:
        seen = len(terminal.raw)
        terminal.read(0.5)


def words(terminal: Terminal) -> str:
    return "".join(terminal.lines()).replace(" ", "")


def picture(terminal: Terminal, name: str) -> None:
    """What the terminal shows now, as an SVG; every character at the place of its cell, so that no font can shift it."""
    (HERE / f"{name}.svg").write_text("\n".join(drawn(terminal)) + "\n", encoding="utf-8")


def drawn(terminal: Terminal) -> Iterator[str]:
    columns, lines = SIZE
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns * WIDE + 16} {lines * HIGH + 16}" width="{columns * WIDE + 16}">'
    yield '<style>text{font:15px "Noto Sans Mono CJK JP","BIZ UDGothic","MS Gothic","Osaka-Mono",monospace;white-space:pre}.b{font-weight:bold}</style>'
    yield f'<rect width="100%" height="100%" fill="{GROUND}"/>'
    for y in range(lines):
        cells = [(x, terminal.screen.buffer[y][x]) for x in range(columns)]
        for style, run in groupby(cells, key=lambda cell: looks(cell[1])):
            yield from painted(y, style, [(x, cell.data) for x, cell in run])
    yield "</svg>"


def looks(cell: object) -> tuple[str, str, bool]:
    """The colours of a cell, ground and ink, and whether it is bold."""
    ink, ground = colour(cell.fg, INK), colour(cell.bg, GROUND)  # type: ignore[attr-defined]
    return (ink, ground, cell.bold) if cell.reverse else (ground, ink, cell.bold)  # type: ignore[attr-defined]


def colour(name: str, default: str) -> str:
    if name == "default":
        return default
    return NAMED.get(name.removeprefix("bright"), f"#{name}" if re.fullmatch("[0-9a-f]{6}", name) else default)


def painted(y: int, style: tuple[str, str, bool], run: list[tuple[int, str]]) -> Iterator[str]:
    ground, ink, bold = style
    left, top = run[0][0] * WIDE + 8, y * HIGH + 8
    if ground != GROUND:
        yield f'<rect x="{left}" y="{top}" width="{len(run) * WIDE}" height="{HIGH}" fill="{ground}"/>'
    shown = [(x, data) for x, data in run if data.strip()]
    if shown:
        places = " ".join(str(x * WIDE + 8) for x, data in shown)
        said = escape("".join(data[0] for _, data in shown))
        wide = ' class="b"' if bold else ""
        yield f'<text x="{places}" y="{top + 14}" fill="{ink}"{wide}>{said}</text>'


if __name__ == "__main__":
    main()
