"""The garbage collector, kept out of the way: not while the console starts, and between the keys rather than in the middle of one."""

from __future__ import annotations

import asyncio
import gc

SETTLED = 1.5
"""Seconds after the start until memory is put in order; the first rows come before."""
BEHIND = 0.02
"""Seconds after a key: what it brings about is on the screen, and the next one of a held key is still to come."""
LEAST = 1_000
"""Things made since the last time below which it is not worth while."""
_ROUND = 20
"""Every so many times those that were there the last time are looked through, too; after so many of these, all."""


def hold() -> None:
    """Collect nothing until `settle`: a tenth of the start would be spent on looking for rubbish."""
    gc.disable()


def settle() -> None:
    """What is there after the start stays for good, and is not looked through again."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


class Tidying:
    """Rubbish is looked for while nobody waits: a little after each key, a millisecond of what it left. Where Python itself chose the moment, a key in
    thirty waited for 20 to 45."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None
        self._times = 0

    def soon(self) -> None:
        """A key has come: look when it has had its effect."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(BEHIND, self.now)

    def now(self) -> None:
        """Look, where there is enough to look for, and once the start is over."""
        if gc.isenabled() and gc.get_count()[0] >= LEAST:
            self._times += 1
            gc.collect(2 if self._times % (_ROUND * _ROUND) == 0 else 1 if self._times % _ROUND == 0 else 0)
