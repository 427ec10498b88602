"""What ten consoles cost that nobody touches: the daemon's processor time while 50 things a second happen, the consoles' own, and their memory.

    python -m benchmarks.console_idle [--consoles 10] [--seconds 20] [--drafts 1000] [--rate 50] [--ahead]

Real consoles on pseudo-terminals of their own, a real daemon, its office filled through its folder. What happens: drafts are claimed and given back (an act
that is written to the record, and told to every console), or drafts arrive in the folder (read, judged, made durable, told, and their verdicts written
beside them). Each is measured without any console and with ten, so that what the consoles cost stands apart from what the work itself costs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.console import go_ahead
from benchmarks.machine import about, kill
from benchmarks.office import Listener, burst, drop, office, tree
from benchmarks.terminal import KOHOBAN, Terminal, resident, scheduled
from daemon.service.spawn import start_detached
from daemon.wire import Ask, Claim, Reply, Unclaim, encode_frame

ROW = "お知らせ"


class Happening:
    """Something that happens `rate` times a second for `seconds`."""

    def __init__(self, folder: Path, rate: int, seconds: float) -> None:
        self.folder, self.rate, self.seconds = folder, rate, seconds
        self._first = 100_000

    def nothing(self) -> None:
        """Only the time passes."""
        time.sleep(self.seconds)

    def acts(self) -> None:
        """Drafts are claimed and given back."""
        caller = Listener(self.folder / "state", events=False, operator="shibata")
        for n in self._paced():
            draft = 1 + n // 2 % 20
            act = Unclaim(draft=draft) if n % 2 else Claim(draft=draft)
            caller.socket.sendall(encode_frame(Ask(id=f"act-{self._first}-{n}", act=act)))
            while not isinstance(caller.event(), Reply):
                continue
        self._first += 1
        caller.close()

    def drafts(self) -> None:
        """Drafts arrive."""
        for n in self._paced():
            drop(self.folder, self._first + n)
        self._first += 1_000_000

    def _paced(self) -> Iterator[int]:
        begun = time.perf_counter()
        for n in range(round(self.rate * self.seconds)):
            time.sleep(max(0.0, begun + n / self.rate - time.perf_counter()))
            yield n


def shares(pids: list[int], work: Callable[[], None]) -> list[float]:
    """The share of one processor that each of these (and what it has started) took while something happened, in per cent."""

    def spent() -> list[int]:
        return [sum(scheduled(each)[0] for each in tree(pid)) for pid in pids]

    before, begun = spent(), time.perf_counter()
    work()
    took = time.perf_counter() - begun
    return [(after - was) / took / 1e7 for after, was in zip(spent(), before, strict=True)]


class Drained:
    """Consoles whose output somebody takes."""

    def __init__(self, terminals: list[Terminal]) -> None:
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._take, args=(terminal,)) for terminal in terminals]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _take(self, terminal: Terminal) -> None:
        while not self._over.is_set():
            terminal.read(0.2)


def measure(folder: Path, pid: int, options: argparse.Namespace) -> None:
    """Without consoles, then with them."""
    happens = Happening(folder, options.rate, options.seconds)
    kinds = (("nothing", happens.nothing), ("claims", happens.acts), ("arriving drafts", happens.drafts))
    alone = {name: shares([pid], work)[0] for name, work in kinds}
    terminals = []
    try:
        for _ in range(options.consoles):
            terminals.append(Terminal((KOHOBAN, "--office", folder), (pid,), KOHOBAN_OPERATOR="akasaka"))
            terminals[-1].until(ROW)
        fresh = [resident(terminal.pid) for terminal in terminals]
        with Drained(terminals):
            time.sleep(3)
            for name, work in kinds:
                daemon, *consoles = shares([pid, *(terminal.pid for terminal in terminals)], work)
                print(
                    f"{name if name == 'nothing' else f'{options.rate} {name} a second':<32} the daemon {daemon:5.1f} % of a processor with "
                    f"{options.consoles} consoles, {alone[name]:5.1f} % with none; a console {statistics.median(consoles):4.1f} %",
                    flush=True,
                )
        after = [resident(terminal.pid) for terminal in terminals]
        print(f"{'memory of a console':<32} {max(fresh):.0f} MB when its list stands, {max(after):.0f} MB after all that")
    finally:
        for terminal in terminals:
            terminal.end()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consoles", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--drafts", type=int, default=1_000)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--ahead", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kohoban-bench-") as scratch:
        print(about(Path(scratch)))
        if options.ahead:
            go_ahead()
        folder = office(Path(scratch) / "office")
        pid = start_detached(folder)
        try:
            burst(folder, options.drafts)
            time.sleep(8)  # their verdict files are written behind them, and the judging processes end
            measure(folder, pid, options)
        finally:
            kill(pid)
        print(f"load {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
