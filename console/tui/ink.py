"""Ink: the few ways in which the console paints, by meaning. No state is told by colour alone.

With NO_COLOR every ink is a text attribute; nothing is dim there, because many terminals show dim text as none.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Literal

from textual.theme import Theme

from console.guard import text_on

if TYPE_CHECKING:
    from rich.style import Style

Ink = Literal[
    "plain",
    "dim",
    "strong",
    "head",
    "good",
    "warn",
    "alert",
    "stopped",
    "unknown",
    "mark",
    "chosen",
    "bar",
    "barkey",
    "bargood",
    "live",
]


class Colour(str):
    """An account's own colour (`#rrggbb`) as an ink: the ground of its words."""

    __slots__ = ()


class Shade(str):
    """Two colours of a picture as an ink, `#rrggbb on #rrggbb`: that of a sign, and that of the ground it stands on."""

    __slots__ = ()


AnyInk = Ink | Colour | Shade

THEME = Theme(
    name="kohoban",
    primary="#87afd7",
    secondary="#87afaf",
    warning="#d7af5f",
    error="#ff8787",
    success="#87af87",
    accent="#af87d7",
    foreground="#d0d0d0",
    background="#121212",
    surface="#121212",
    panel="#303030",
    dark=True,
    variables={"input-cursor-background": "#d0d0d0", "input-cursor-foreground": "#121212"},
)
"""Colours of the 256-colour cube only, so that tmux and PuTTY show the very same screen as a terminal with all colours."""

_COLOUR: dict[Ink, str] = {
    "plain": "",
    "dim": "#8a8a8a",
    "strong": "bold #eeeeee",
    "head": "bold #87afd7",
    "good": "#87af87",
    "warn": "#d7af5f",
    "alert": "bold #ff8787",
    "stopped": "bold #ffffff on #af0000",
    "unknown": "bold #121212 on #d7af5f",
    "mark": "bold #121212 on #d7d787",
    "chosen": "bold #ffffff on #005f87",
    "bar": "#d0d0d0 on #303030",
    "barkey": "bold #eeeeee on #303030",
    "bargood": "bold #121212 on #87af87",
    "live": "bold #ffffff on #875faf",
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
    "bar": "reverse",
    "barkey": "bold reverse",
    "bargood": "bold",
    "live": "bold reverse",
}


def mono() -> bool:
    """Whether the operator asked for no colour (https://no-color.org: set and not empty)."""
    return bool(os.environ.get("NO_COLOR"))


def spell(ink: AnyInk) -> str:
    """The ink as a style in words, for spans of content."""
    if isinstance(ink, Shade):
        return str(ink)
    if isinstance(ink, Colour):
        return "bold reverse" if mono() else f"bold {text_on(ink)} on {ink}"
    return (_MONO if mono() else _COLOUR)[ink]


@cache
def style(ink: AnyInk) -> Style:
    """The ink as a style of Rich, for lines that the console paints itself: complete, with the ground it stands on."""
    from rich.style import Style

    ground = Style() if mono() else Style.parse(f"{THEME.foreground} on {THEME.background}")
    return ground + Style.parse(spell(ink) or "none")
