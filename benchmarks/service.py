"""The office as a service of a real systemd, booted for the purpose: how soon it is back, and how soon a first caller is answered.

    python -m benchmarks.service [--rounds 12] [--strain 0]

Needs root and systemd. `back` is the time from the kill (or the hang) to the answer to a question by a new connection; `started by a
caller` is from the connection to a daemon that does not run to that answer. The asker is a process that runs already.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.machine import about, spread
from tests.service_manager.booted import KOHOBAN, OFFICE, Machine, machine, until
from tests.service_manager.test_as_a_service import HOLD_ALL_BUT_THE_LOOP

ASKER = f"""
import sys, time
from pathlib import Path
from daemon.wire import Status, StatusAnswer
from tests.service.live_office import Caller, Gone
state = Path("{OFFICE}/state")
def ask():
    with Caller(state) as caller:
        caller.hello("shibata")
        return caller.ask(Status(), StatusAnswer)
print("here", flush=True)
for line in sys.stdin:
    began, pid = line.split()
    began = float(began)
    while True:
        try:
            answer = ask()
        except (OSError, Gone):
            continue
        if f"{{answer.started.timestamp()}}" != pid:
            break
    print(time.clock_gettime(time.CLOCK_MONOTONIC) - began, answer.started.timestamp(), flush=True)
"""
"""Asks until another daemon than the one that is named answers; on stdin the moment that counts, and that daemon's start."""


class Asker:
    """A process on the machine that asks as soon as it is told."""

    def __init__(self, there: Machine) -> None:
        env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
        self._process = subprocess.Popen(
            there.on(sys.executable, "-c", ASKER, login="kohoban"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=env,
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()
        self._last = "-"

    def another(self, since: float | None = None) -> float:
        """Seconds from `since` (now, unless said) until another daemon than the last one answers."""
        assert self._process.stdin is not None and self._process.stdout is not None
        print(time.monotonic() if since is None else since, self._last, file=self._process.stdin, flush=True)
        took, self._last = self._process.stdout.readline().split()
        return float(took)


def office(there: Machine) -> None:
    """A training office of its own logins, installed."""
    there.run(KOHOBAN, "init", str(OFFICE))
    rules = there.inside(OFFICE / "rules.toml")
    rules.write_text(rules.read_text().replace("[office]\n", '[office]\nreleaser = "kohoban-out"\n', 1))
    there.run("chown", "-R", "kohoban:kohoban-op", str(OFFICE))
    there.run("chmod", "3770", str(OFFICE / "state"))
    there.kohoban("service", "install")
    until(lambda: there.status().get("daemon") == "up", "an office that answers")


def outside(there: Machine, inside: int) -> int:
    """The number of a process of the machine's, as it is known out here: a signal from here needs no process of its own."""
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                said = (path / "status").read_text()
            except OSError:
                continue
            numbers = next(line for line in said.splitlines() if line.startswith("NSpid:")).split()[1:]
            if numbers[-1] == str(inside) and os.readlink(path / "ns" / "pid") == os.readlink(f"/proc/{there.init}/ns/pid"):
                return int(path.name)
    raise ProcessLookupError(inside)


def settled(there: Machine) -> int:
    """Wait until the daemon has done what it does after a start; its number out here."""
    until(lambda: there.shown("kohoban.service", "StatusText")["StatusText"].startswith(("稼働", "停止")), "an office at work")
    time.sleep(2)
    return outside(there, there.pid())


def back(there: Machine, asker: Asker, rounds: int, do: Callable[[int], float | None]) -> list[float]:
    """Do something to the daemon; seconds from then, or from the moment that it names, until the next one answers."""
    took = []
    for _ in range(rounds):
        daemon = settled(there)
        began = time.monotonic()
        took.append(asker.another(do(daemon) or began))
    return took


SYNCS = """
import os
fd = os.open("strain", os.O_WRONLY | os.O_CREAT)
while True:
    os.pwrite(fd, bytes(64 << 20), 0)
    os.fsync(fd)
"""


def strained(there: Machine, seconds: float, folder: str) -> int:
    """How often a daemon is started anew while eight times as many processes as there are processors want one, and four write and sync
    all the time, and drafts arrive: each time it was taken for one that hangs."""
    before = int(there.shown("kohoban.service", "NRestarts")["NRestarts"])
    programs = ["while True: pass"] * (8 * (os.cpu_count() or 1)) + [SYNCS] * 4
    busy = [subprocess.Popen([sys.executable, "-c", each], cwd=folder) for each in programs]
    try:
        until = time.monotonic() + seconds
        for number in range(1_000_000):
            if time.monotonic() > until:
                break
            (there.inside(OFFICE / "drafts" / "minato-x") / f"{number}.txt").write_text(f"図書館のお知らせ {number}")
            time.sleep(0.02)
        print(f"strained for {seconds:.0f} s: load {os.getloadavg()[0]:.0f}, {number} drafts arrived")
    finally:
        for each in busy:
            each.kill()
            each.wait()
    return int(there.shown("kohoban.service", "NRestarts")["NRestarts"]) - before


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--strain", type=float, default=0.0)
    options = parser.parse_args()
    rounds = options.rounds
    print(about(Path(tempfile.gettempdir())))
    with tempfile.TemporaryDirectory(prefix="kohoban-boot-") as folder:
        (place := Path(folder) / "machine").mkdir()
        with machine(place) as there:
            office(there)
            asker = Asker(there)
            asker.another()
            killed = back(there, asker, rounds, lambda daemon: os.kill(daemon, 9))
            print(spread("back after kill -9", killed))
            halted = back(there, asker, rounds, lambda daemon: os.kill(daemon, 19))
            print(spread("back after SIGSTOP", halted))

            def hold(daemon: int) -> float:
                """The moment from which on all of them stood still: what was held and let go before, because the loop stood still with
                it, is no part of this hang."""
                holding = subprocess.Popen(
                    [sys.executable, "-c", HOLD_ALL_BUT_THE_LOOP, str(daemon)], stdout=subprocess.PIPE, text=True
                )
                assert holding.stdout is not None
                said = holding.stdout.readline().split()
                assert said[:1] == ["held"], "the daemon was gone before all its threads were held"
                return float(said[1])

            print(spread("back after all threads but the loop were held", back(there, asker, max(3, rounds // 3), hold)))
            first = []
            for _ in range(rounds):
                there.run("systemctl", "stop", "kohoban.service")
                time.sleep(0.5)
                first.append(asker.another())
            print(spread("first answer, started by a caller", first))
            if options.strain:
                print(f"taken for one that hangs: {strained(there, options.strain, folder)} times")
            said = there.run("systemd-analyze", "security", "--no-pager", "kohoban.service", "kohoban-releaser.service")
            print("\n".join(line.strip() for line in said.splitlines() if "exposure" in line.lower() and "→" in line))
            print(f"median of all ends: back {statistics.median(killed):.2f} s killed, {statistics.median(halted):.2f} s halted")


if __name__ == "__main__":
    main()
