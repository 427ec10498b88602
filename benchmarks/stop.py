"""How fast a stop is: in a running console, and as a whole `kohoban stop` process with the daemon dead.

    python -m benchmarks.stop [--shuts 1000] [--processes 60] [--paused 60] [--burst 10000] [--loaded]

`latched`: the permit is gone. `silent`: proved that nothing begins any more. Measured idle, with a hand that is halted in the middle of
its write, with the office's daemon halted (SIGSTOP), and beside a burst of drafts that a daemon judges. `--loaded` runs two busy
processes a core beside all of it.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import about, kill, spread
from benchmarks.office import ACCOUNT
from benchmarks.office import office as new_office
from daemon.gate import Gate, Shut
from daemon.release.permit import Keeper
from daemon.service.spawn import start_detached

HAND = """
import os, signal, sys
from daemon.gate import Gate
with Gate(sys.argv[1]).sending():
    os.kill(os.getpid(), signal.SIGSTOP)
"""
"""A hand that is halted with the lock in it."""

BURST = """
import sys
from pathlib import Path
from benchmarks.office import burst
folder = Path(sys.argv[1])
print(f"{burst(folder, int(sys.argv[2])):,.0f}")
"""

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
        keep(Gate(keeper.state).shut(), latched, silent)
    return looked, latched, silent


def halted_hand(keeper: Keeper, n: int) -> tuple[list[float], list[float]]:
    """Stops while the hand hangs in its write: seconds to latch, to silence."""
    latched, silent = [], []
    for _ in range(n):
        assert keeper.grant(keeper.look().epoch + 1).open
        hand = subprocess.Popen([sys.executable, "-c", HAND, keeper.state])
        os.waitid(os.P_PID, hand.pid, os.WSTOPPED | os.WNOWAIT)
        keeper.note_hand(hand.pid)
        shut = Gate(keeper.state).shut()
        hand.wait()
        keep(shut, latched, silent)
    return latched, silent


def halted_daemon(folder: Path, n: int) -> tuple[list[float], list[float], list[float]]:
    """Stops of an office whose daemon is halted: seconds to latch, to silence, and of the whole command."""
    pid = start_detached(new_office(folder))
    keeper, latched, silent, whole = Keeper(folder / "state"), [], [], []
    try:
        while not (folder / "state" / "hand.pid").exists():
            time.sleep(0.01)
        os.kill(pid, signal.SIGSTOP)
        for _ in range(n):
            assert keeper.grant(keeper.look().epoch + 1).open
            time.sleep(0.005)
            keep(Gate(keeper.state).shut(), latched, silent)
        whole = processes(folder, keeper, n)
    finally:
        kill(pid)
        keeper.end_hand()
    return latched, silent, whole


def beside_a_burst(folder: Path, keeper: Keeper, drafts: int) -> tuple[list[float], list[float], str]:
    """Stops while the daemon of a neighbouring office judges a burst: seconds to latch, to silence; the burst's drafts a second."""
    pid, latched, silent = start_detached(new_office(folder)), [], []
    try:
        command = [sys.executable, "-c", BURST, folder, str(drafts)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as busy:
            waiting = folder / "waiting"
            while busy.poll() is None and (waiting.exists() or not any((folder / "drafts" / ACCOUNT).iterdir())):
                time.sleep(0.01)
            while busy.poll() is None:
                assert keeper.grant(keeper.look().epoch + 1).open
                time.sleep(0.005)
                keep(Gate(keeper.state).shut(), latched, silent)
            assert busy.stdout is not None
            return latched, silent, busy.stdout.read().strip()
    finally:
        kill(pid)
        Keeper(folder / "state").end_hand()


def keep(shut: Shut, latched: list[float], silent: list[float]) -> None:
    """Note one stop, in seconds."""
    assert shut.latched_ms is not None and shut.silent_ms is not None, shut.why_en
    latched.append(shut.latched_ms / 1e3)
    silent.append(shut.silent_ms / 1e3)


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
    told(where, latched, silent)


def told(where: str, latched: list[float], silent: list[float]) -> None:
    """Print two lines of stops."""
    print(spread(f"{where}: stop -> latched", latched))
    print(spread(f"{where}: stop -> silent", silent))


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shuts", type=int, default=1000)
    options.add_argument("--processes", type=int, default=60)
    options.add_argument("--paused", type=int, default=60)
    options.add_argument("--burst", type=int, default=10_000)
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
            told("hand halted within its write", *halted_hand(keeper, chosen.paused))
            latched, silent, whole = halted_daemon(office / "halted", chosen.processes)
            told("daemon halted", latched, silent)
            print(spread("kohoban stop, whole process, daemon halted", whole))
            with tempfile.TemporaryDirectory(prefix="kohoban-stop-", dir=MEMORY) as memory:
                on_tmpfs = gate_in(office / "second", Path(memory))
                report("gate on tmpfs", on_tmpfs, chosen.shuts)
                if chosen.burst:
                    latched, silent, rate = beside_a_burst(office / "burst", on_tmpfs, chosen.burst)
                    told(f"beside a burst of {chosen.burst} drafts ({rate}/s)", latched, silent)
        finally:
            for process in busy:
                process.kill()
                process.wait()


if __name__ == "__main__":
    main()
