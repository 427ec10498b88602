"""Ink: the few ways in which the console paints, by meaning. No state is told by colour alone.

With NO_COLOR every ink is a text attribute; nothing is dim there, because many terminals show dim text as none.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Literal

from textual.theme import Theme

if TYPE_CHECKING:
    from rich.style import Style

Ink = Literal[
    "plain", "dim", "strong", "head", "good", "warn", "alert", "stopped", "unknown", "mark", "chosen", "rule", "bar", "live"
]

THEME = Theme(
    name="kohoban",
    primary="#7aa2c8",
    secondary="#8fb8a8",
    warning="#e0b060",
    error="#e07a70",
    success="#8fc08a",
    accent="#c8a0d0",
    foreground="#d8dce2",
    background="#14171c",
    surface="#14171c",
    panel="#232932",
    dark=True,
    variables={"input-cursor-background": "#d8dce2", "input-cursor-foreground": "#14171c"},
)

_COLOUR: dict[Ink, str] = {
    "plain": "",
    "dim": "#8a93a0",
    "strong": "bold #f2f4f7",
    "head": "bold #9db8d6",
    "good": "#8fc08a",
    "warn": "#e0b060",
    "alert": "bold #f0948a",
    "stopped": "bold #ffffff on #b3261e",
    "unknown": "bold #14171c on #e0b060",
    "mark": "bold #14171c on #e8c777",
    "chosen": "bold #ffffff on #34506e",
    "rule": "#4a535f",
    "bar": "#d8dce2 on #232932",
    "live": "bold #ffffff on #7a3d8f",
}
_MONO: dict[Ink, str] = {
    "plain": "",
    "dim": "",
    "strong": "bold",
    "head": "bold",
    "good": "",
    "warn": "bold",
    "alert": "bold",
    "stopped": "bold reverse",
    "unknown": "bold reverse",
    "mark": "reverse",
    "chosen": "reverse",
    "rule": "",
    "bar": "",
    "live": "bold reverse",
}


def mono() -> bool:
    """Whether the operator asked for no colour (https://no-color.org: set and not empty)."""
    return bool(os.environ.get("NO_COLOR"))


def spell(ink: Ink) -> str:
    """The ink as a style in words, for spans of content."""
    return (_MONO if mono() else _COLOUR)[ink]


@cache
def style(ink: Ink) -> Style:
    """The ink as a style of Rich, for lines that the console paints itself: complete, with the ground it stands on."""
    from rich.style import Style

    ground = Style() if mono() else Style.parse(f"{THEME.foreground} on {THEME.background}")
    return ground + Style.parse(spell(ink) or "none")
