"""The account guard on the screen: which city, which account, which platform, and whether it can be taken back. In words always; on the
account's own colour where there is colour.

Everything that approves or releases something shows it: `words` is the long form, `short` fits into a heading of 80 columns.
"""

from __future__ import annotations

from typing import Protocol

from console.words import say, word


class Account(Protocol):
    """What is known of an account wherever something is decided about it."""

    @property
    def municipality(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def handle(self) -> str: ...
    @property
    def platform(self) -> str: ...
    @property
    def irreversible(self) -> bool: ...


def words(account: Account) -> str:
    """City, account, handle, platform, and what can be taken back. Not made safe to show."""
    undo = say("tui", "guard.no_undo" if account.irreversible else "guard.undo")
    return "  ".join(
        filter(None, (account.municipality, account.name, _handle(account), word("platform", account.platform), undo))
    )


def short(account: Account) -> str:
    """City, handle, platform, and in a word whether it can be taken back. Not made safe to show."""
    undo = say("tui", "guard.no_undo_short" if account.irreversible else "guard.undo_short")
    return " ".join(filter(None, (account.municipality, _handle(account), word("platform", account.platform), undo)))


def text_on(colour: str) -> str:
    """The colour of words on this ground: black or white, whichever is read better (at least 4.5 to 1 on any ground)."""
    lightness = _lightness(colour)
    return "#000000" if (lightness + 0.05) / 0.05 >= 1.05 / (lightness + 0.05) else "#ffffff"


def cube(colour: str) -> int:
    """The nearest colour of the 256-colour cube, for a plain terminal."""
    steps = (0, 95, 135, 175, 215, 255)
    red, green, blue = (min(range(6), key=lambda n: abs(steps[n] - part)) for part in _parts(colour))
    return 16 + 36 * red + 6 * green + blue


def _handle(account: Account) -> str:
    return f"@{account.handle.removeprefix('@')}"


def _lightness(colour: str) -> float:
    """Relative luminance (WCAG 2)."""
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in _parts(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
