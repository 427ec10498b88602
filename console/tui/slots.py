"""Slots: what a row says, each thing at its place, and which of them give way in a narrow terminal.

A thing is said whole, or in a shorter form, or not at all; it is never cut in two. The order on the screen is fixed, so that the eye
finds the hours where they stood yesterday; which slots are left out goes by their weight alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from console.text import cells
from console.tui.part import Part

ALWAYS = 0
"""The weight of what is never left out."""


class Slot(NamedTuple):
    """One thing of the row. `weight`: the larger, the sooner it is left out; `forms`: from the longest to the shortest."""

    weight: int
    forms: tuple[Part, ...]


def slot(weight: int, *forms: Part) -> Slot:
    """A slot of these forms; without any it says nothing."""
    return Slot(weight, forms)


def fitted(slots: Sequence[Slot], room: int) -> list[Part]:
    """The forms that stand in `room` cells, in the order of the slots. First as many slots as there is room for, the weightiest first,
    in their shortest form; then each of them, in the same order, in the longest form for which room is left."""
    chosen: dict[int, Part] = {}
    order = sorted((index for index, each in enumerate(slots) if each.forms), key=lambda index: slots[index].weight)
    for index in order:
        shortest = min(slots[index].forms, key=_cells)
        if slots[index].weight == ALWAYS or _cells(shortest) <= room:
            chosen[index] = shortest
            room -= _cells(shortest)
    for index in order:
        if index in chosen:
            short = _cells(chosen[index])
            longer = next((form for form in slots[index].forms if _cells(form) - short <= room), chosen[index])
            room -= _cells(longer) - short
            chosen[index] = longer
    return [chosen[index] for index in sorted(chosen)]


def _cells(part: Part) -> int:
    return cells(part.text.plain)
