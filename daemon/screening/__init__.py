"""What is in a text: pure functions over plain values, `(draft, policy) → findings`. No I/O, no clock.

text ─► fold ─► literals (one automaton) ─► RE2 set ─► detectors ─► findings with exact spans of the source
"""

from daemon.screening.cite import finding
from daemon.screening.hit import Facts, Hit, Text
from daemon.screening.length import measure, weighted
from daemon.screening.screen import compile_policy, said, screen, screen_many

__all__ = [
    "Facts",
    "Hit",
    "Text",
    "compile_policy",
    "finding",
    "measure",
    "said",
    "screen",
    "screen_many",
    "weighted",
]
