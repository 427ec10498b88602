"""Live findings: from the end of the pause in typing to the painted finding, in a console over a real socket to a real daemon.

    python -m benchmarks.trying [--rounds 40]

Each round writes another text into the built-in editor of a console without a terminal and takes the time from the question to the moment at which
the screen has been painted with its answer, once for a post of 120 characters and once for 5,000. Says median and 99th percentile, wall clock, and the
daemon's processor time a question; the load of the machine is said with them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

from console.tui.app import Console
from tests.service.live_office import Office

SIZES = (120, 5_000)
SENTENCE = "区役所からのお知らせです。健診を来月から受け付けます。お問い合わせは 090-1234-5678 まで。"


async def measured(office: Office, size: int, rounds: int) -> list[float]:
    """Seconds from question to painted answer, one a round."""
    console = Console(office.folder, "akasaka")
    took = []
    async with console.run_test(size=(80, 24)) as pilot:
        while console.seen.status is None:
            await pilot.pause(0.02)
        composing = console.composing
        composing.account, composing._begin_with = "minato-x", ""
        await console.places.go("compose")
        area = composing.view.area
        assert area is not None
        for number in range(rounds):
            area.put((SENTENCE * (size // len(SENTENCE) + 1))[:size] + f"{number} 03-9999-{number:04}")
            await pilot.pause()  # the change is told; what follows is what happens when the pause is over
            if composing._timer is not None:
                composing._timer.stop()
            painted = asyncio.Event()
            before = time.perf_counter()
            await composing._try()
            console.call_after_refresh(painted.set)
            await painted.wait()
            took.append(time.perf_counter() - before)
            assert composing.tried is not None
            assert composing.tried.text.endswith(f"{number:04}"), "an answer to another text"
            await pilot.pause(0.02)
    return took


def cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure, and say it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_STATE_HOME"] = f"{place}/home"
        office = Office(Path(place) / "office", plain=True).start()
        try:
            assert office.process is not None
            for size in SIZES:
                asyncio.run(measured(office, size, 5))
                before = cpu(office.process.pid)
                took = sorted(asyncio.run(measured(office, size, rounds)))
                spent = (cpu(office.process.pid) - before) / rounds
                median, worst = statistics.median(took), took[max(0, round(len(took) * 0.99) - 1)]
                print(
                    f"{size:>6} characters: {median * 1000:6.1f} ms median, {worst * 1000:6.1f} ms p99 of {rounds}; the daemon's "
                    f"processor {spent * 1000:5.1f} ms a question at most; load {os.getloadavg()[0]:.1f}"
                )
        finally:
            office.stop()


if __name__ == "__main__":
    main()
