"""Time for what the program gives ten seconds of the clock: on a machine as busy as one that tests, that may be too few. And an end to waiting
where a test fails in the middle."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from daemon.intake import apart, looking

ENOUGH = 60.0


def with_patience() -> None:
    """Whoever decodes an image or an office file in this process waits so long for the process that does it."""
    defaults = apart.decoded_apart.__kwdefaults__
    assert defaults.keys() == {"seconds"}
    defaults["seconds"] = looking.SECONDS = looking.TOGETHER = ENOUGH


@contextmanager
def let_go(event: threading.Event) -> Iterator[threading.Event]:
    """Whoever waits for this event waits no longer than the block goes on, however it ends: what is closed after it waits for those threads."""
    try:
        yield event
    finally:
        event.set()
