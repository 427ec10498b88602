"""The garbage collector, kept out of the way: not while the console starts, and not in the middle of a key."""

from __future__ import annotations

import gc

SETTLED = 1.5
"""Seconds after the start until memory is put in order; the first rows come before."""


def hold() -> None:
    """Collect nothing until `settle`: a tenth of the start would be spent on looking for rubbish."""
    gc.disable()


def settle() -> None:
    """What is there after the start stays for good, and is not looked through again."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
