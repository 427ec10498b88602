"""The inks' ground as Textual's theme, for the little that Textual paints by itself: the input line, the frames between two bodies."""

from __future__ import annotations

from textual.theme import Theme

from console.tui.ink import GROUND

THEME = Theme(
    name="kohoban",
    primary="#87afd7",
    secondary="#87afaf",
    warning="#d7af5f",
    error="#ff8787",
    success="#87af87",
    accent="#af87d7",
    foreground=GROUND[0],
    background=GROUND[1],
    surface=GROUND[1],
    panel="#303030",
    dark=True,
    variables={"input-cursor-background": GROUND[0], "input-cursor-foreground": GROUND[1]},
)
