"""How far a measure on a comment is, as one word of the catalogues: also of one that a channel takes by itself."""

from __future__ import annotations

from daemon.wire.bench import MeasureSeen


def how_far(measure: MeasureSeen) -> str:
    """The state, told apart for the machine's: `auto` (it goes out by itself), `sending`, `unknown`."""
    if measure.sent:
        return measure.sent
    return "auto" if measure.state == "due" and measure.by == "channel" else measure.state
