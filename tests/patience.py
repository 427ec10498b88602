"""Time for what the program gives ten seconds of the clock: on a machine as busy as one that tests, that may be too few."""

from __future__ import annotations

from daemon.intake import apart, looking

ENOUGH = 60.0


def with_patience() -> None:
    """Whoever decodes an image or an office file in this process waits so long for the process that does it."""
    defaults = apart.decoded_apart.__kwdefaults__
    assert defaults.keys() == {"seconds"}
    defaults["seconds"] = looking.SECONDS = looking.TOGETHER = ENOUGH
