"""How fast a stop is: in a running console, and as a whole `kohoban stop` process with the daemon dead.

    python -m benchmarks.stop [--shuts 1000] [--processes 60] [--loaded]

`latched`: the permit is gone. `silent`: proved that nothing begins any more. `--loaded` runs two busy processes a core beside it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import about, spread
from daemon.gate import Gate
from daemon.release.permit import Keeper

MEMORY = Path("/dev/shm")
KOHOBAN = Path(sys.executable).with_name("kohoban")


def shuts(keeper: Keeper, n: int) -> tuple[list[float], list[float], list[float]]:
    """Looks, and stops of an open gate, each followed by a resume: seconds to look, to latch, to silence."""
    looked, latched, silent = [], [], []
    for _ in range(n):
        epoch = keeper.look().epoch
        assert keeper.grant(epoch + 1).open
        time.sleep(0.005)  # a resume syncs its files; nobody stops in that very moment
        started = time.perf_counter()
        keeper.look()
        looked.append(time.perf_counter() - started)
        shut = Gate(keeper.state).shut()
        assert shut.latched_ms is not None and shut.silent_ms is not None
        latched.append(shut.latched_ms / 1e3)
        silent.append(shut.silent_ms / 1e3)
    return looked, latched, silent


def processes(office: Path, keeper: Keeper, n: int) -> list[float]:
    """Whole `kohoban stop` processes, from the fork to the exit code."""
    took = []
    for _ in range(n):
        assert keeper.grant(keeper.look().epoch + 1).open
        started = time.perf_counter()
        subprocess.run([KOHOBAN, "stop", "--office", office, "--json"], check=True, stdout=subprocess.DEVNULL)
        took.append(time.perf_counter() - started)
        assert not keeper.look().open
    return took


def gate_in(office: Path, memory: Path | None) -> Keeper:
    """A new office; its gate is a plain folder (a trial), or lies in `memory` (an installation)."""
    state = office / "state"
    state.mkdir(parents=True)
    if memory is not None:
        (state / "gate").symlink_to(memory)
    keeper = Keeper(state)
    keeper.after_boot()
    return keeper


def report(where: str, keeper: Keeper, n: int) -> None:
    """Measure and print the stops of one office."""
    looked, latched, silent = shuts(keeper, n)
    print(spread(f"{where}: look", looked))
    print(spread(f"{where}: stop in a console -> latched", latched))
    print(spread(f"{where}: stop in a console -> silent", silent))


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shuts", type=int, default=1000)
    options.add_argument("--processes", type=int, default=60)
    options.add_argument("--loaded", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="kohoban-stop-") as folder:
        print(about(Path(folder)))
        busy = [
            subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * (os.cpu_count() or 1) * chosen.loaded)
        ]
        try:
            office = Path(folder)
            keeper = gate_in(office, None)
            report("gate in a plain folder", keeper, chosen.shuts)
            print(spread("kohoban stop, whole process, daemon dead", processes(office, keeper, chosen.processes)))
            with tempfile.TemporaryDirectory(prefix="kohoban-stop-", dir=MEMORY) as memory:
                report("gate on tmpfs", gate_in(office / "second", Path(memory)), chosen.shuts)
        finally:
            for process in busy:
                process.kill()
                process.wait()


if __name__ == "__main__":
    main()
