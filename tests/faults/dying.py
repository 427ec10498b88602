"""Programs that die by their own hand, at one step of each life, the one at which the fewest have died: kill -9, as from anywhere else.

`fates` in the office's folder says what may be drawn: by program, its steps, and how often one is passed at the most. Whoever dies
writes program and step into `deaths` first.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from collections.abc import Callable
from pathlib import Path

FATES, DEATHS = "fates", "deaths"


def draw(office: Path, program: str) -> Callable[[str], None]:
    """What this life of the program does at each of its steps: nothing, but for the one at which it dies."""
    fate = json.loads((office / FATES).read_text()).get(program)
    if fate is None:
        return lambda step: None
    dice = random.Random(os.urandom(8))
    died = (office / DEATHS).read_text().splitlines() if (office / DEATHS).exists() else []
    fatal = min(fate["steps"], key=lambda step: (died.count(f"{program} {step}"), dice.random()))
    occurrence = dice.randint(1, fate["latest"])
    one_at_a_time = threading.Lock()
    seen = 0

    def at(step: str) -> None:
        nonlocal seen
        if step == fatal:
            with one_at_a_time:
                seen += 1
                if seen == occurrence:
                    die(office, f"{program} {step}")

    return at


def die(office: Path, how: str) -> None:
    """Note it, and be gone before anything else can happen."""
    deaths = os.open(office / DEATHS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(deaths, f"{how}\n".encode())
    os.kill(os.getpid(), signal.SIGKILL)
