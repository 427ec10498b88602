"""Ink: the few ways in which the console paints, by meaning. No state is told by colour alone.

With NO_COLOR every ink is a text attribute; nothing is dim there, because many terminals show dim text as none.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Literal

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

GROUND = ("#d0d0d0", "#121212")
"""What is written in `plain`, and what everything stands on. Colours of the 256-colour cube only, so that tmux and PuTTY show the very same screen as
a terminal with all colours."""

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


COLOURS = {"256": "EIGHT_BIT", "standard": "STANDARD"}
"""What the terminal has of them, as Textual's environment says it and as Rich calls it: all that the console paints with is among the 256; spelt in
full, each colour costs ten bytes more."""


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

    ground = Style() if mono() else Style.parse(" on ".join(GROUND))
    return ground + Style.parse(spell(ink) or "none")


@cache
def ansi(ink: AnyInk) -> str:
    """The same as the terminal is told it: the parameters of SGR."""
    from rich.color import ColorSystem

    return style(ink)._make_ansi_codes(ColorSystem[COLOURS[os.environ.get("TEXTUAL_COLOR_SYSTEM", "256")]])
