"""The console on a real pseudo-terminal against a real daemon, beside the least that Textual could do and beside the tables that people take.

    python -m benchmarks.console [FOLDER] [--rounds 6] [--starts 10] [--large 1000000] [--small 1000] [--ahead] [--fastdatatable PYTHON | --no-fastdatatable]
    python -m benchmarks.console FOLDER --profile page.prof [--keys page]      where the console's time goes (cProfile), nothing else

FOLDER keeps the two offices (benchmarks/years.py), which are made there where they are not yet. All programs run at once and are measured in turns: a
block of keys of one, then of the next, several rounds; so whatever the machine does, it does to all of them, and the ratios are told round by round.
A key counts from its write to the pty to the last byte that it brings about, a start from the fork to the first row of the list, and to the answer to a key
pressed when that row stands there. Terminal 140x40.

`--ahead` (root): everything that is measured goes before whatever else runs here (SCHED_RR), as on a machine that is its own. fastdatatable lives in
an environment of its own: the one named, or one made for the run where the package index can be reached.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.machine import about, kill
from benchmarks.terminal import DOWN, HEAD, KOHOBAN, PAGE_DOWN, PAGE_UP, UP, Key, Terminal, middle, p, resident, scheduled, told
from benchmarks.years import office_of_years
from daemon.service.spawn import start_detached

PEERS = Path(__file__).with_name("console_peers.py")
ROW = "お知らせ"
"""Stands in every row, and nowhere else."""
TABLES = 10_000
"""Rows of the tables, which take seconds for more."""
PAUSE = 0.01
HELP = "打つ名前"
"""Stands in the console's list of keys."""
STARTS = ("first rows", "first key")
FIGURES = ("row move", "page", "jump to an uncached page")


class Program(NamedTuple):
    """One of those that are measured. `like`: whose figures its own are divided by."""

    name: str
    command: tuple[str | Path, ...]
    others: tuple[int, ...] = ()
    like: str = ""

    @property
    def ours(self) -> bool:
        """Whether it is the console."""
        return self.command[0] == KOHOBAN

    def start(self) -> Terminal:
        """Run it. As another operator than those of the starts: it remembers where somebody was."""
        return Terminal(self.command, self.others, KOHOBAN_OPERATOR="akasaka")


def first_rows(program: Program) -> Key:
    """Start it, wait for its first row, and end it."""
    terminal = Terminal(program.command, program.others, KOHOBAN_OPERATOR="shibata")
    with terminal:
        took = terminal.until(ROW)
        ran, waited = scheduled(terminal.pid)
    return Key(took, took, 0, ran / 1e9, waited / 1e9)


def first_key(program: Program) -> Key:
    """Start it, ask for its keys as soon as a row stands there, and wait for them."""
    terminal = Terminal(program.command, program.others, KOHOBAN_OPERATOR="shibata")
    with terminal:
        terminal.until(ROW)
        terminal.send(b"?")
        took = terminal.until(HELP)
        ran, waited = scheduled(terminal.pid)
    return Key(took, took, 0, ran / 1e9, waited / 1e9)


def rows(terminal: Terminal, ours: bool) -> list[Key]:
    """Ten down and ten up, twice, within one page."""
    return [pressed(terminal, key) for key in ([DOWN] * 10 + [UP] * 10) * 2]


def pages(terminal: Terminal, ours: bool) -> list[Key]:
    """Six pages down and up again; the console knows none of them but those that it has fetched ahead."""
    if ours:
        anew(terminal)
    return [pressed(terminal, key) for key in [PAGE_DOWN] * 6 + [PAGE_UP] * 6]


def jumps(terminal: Terminal, ours: bool) -> list[Key]:
    """To the end of a list of which only the beginning is known. The peers have everything in memory."""
    found = []
    for _ in range(4 if ours else 0):
        anew(terminal)
        found.append(terminal.key(b"G", silence=0.15))
        terminal.key(b"g")
    return found


BLOCKS: dict[str, Callable[[Terminal, bool], list[Key]]] = dict(zip(FIGURES, (rows, pages, jumps), strict=True))


def pressed(terminal: Terminal, key: bytes) -> Key:
    """One key, and a moment behind it."""
    one = terminal.key(key)
    time.sleep(PAUSE)
    return one


def anew(terminal: Terminal) -> None:
    """Have the list frozen anew: what was known of it is forgotten."""
    terminal.send(b"R")
    terminal.settle(0.4)


def ticks(terminal: Terminal, seconds: float) -> list[int]:
    """Bytes of each frame that comes while nobody does anything."""
    return [frame.size for frame in terminal.frames(terminal.listen(seconds))]


def measure(programs: Sequence[Program], options: argparse.Namespace) -> None:
    """Everything, in turns."""
    found: dict[tuple[str, str], list[list[Key]]] = {(one.name, figure): [] for one in programs for figure in (*STARTS, *FIGURES)}
    for one in programs:
        first_rows(one)  # once, so that every byte-code file is there
    for _ in range(options.starts):
        for one in programs:
            found[one.name, "first rows"].append([first_rows(one)])
            if one.ours:
                found[one.name, "first key"].append([first_key(one)])
    terminals = {}
    try:
        for one in programs:
            terminals[one.name] = one.start()
            terminals[one.name].until(ROW)
        for one in programs:
            terminals[one.name].settle(1.5)
        for _ in range(options.rounds):
            for figure, block in BLOCKS.items():
                for one in programs:
                    if keys := block(terminals[one.name], one.ours):
                        found[one.name, figure].append(keys)
        report(programs, found)
        print()
        for one in programs:
            size = f"{one.name:<44} {resident(terminals[one.name].pid):.0f} MB"
            if one.ours:
                idle = ticks(terminals[one.name], 30)
                size += f"; in 30 s without a key {len(idle)} frames, of {statistics.median(idle or [0]):.0f} bytes, at most {max(idle or [0])}"
            print(size)
    finally:
        for terminal in terminals.values():
            terminal.end()


def report(programs: Sequence[Program], found: dict[tuple[str, str], list[list[Key]]]) -> None:
    """The table, and the ratios round by round."""
    for figure in (*STARTS, *FIGURES):
        print(f"\n{figure}\n{HEAD}")
        for one in programs:
            if keys := [key for block in found[one.name, figure] for key in block]:
                print(told(one.name, keys))
        for one in programs:
            theirs = found.get((one.like, figure), [])
            if ours := found[one.name, figure] if theirs else []:
                each = [middle(a) / middle(b) for a, b in zip(ours, theirs, strict=True)]
                whole = middle([key for keys in ours for key in keys]) / middle([key for keys in theirs for key in keys])
                print(
                    f"  {one.name} : {one.like}  {whole:.2f}; by the processor {_by_processor(ours, theirs)}; round by round "
                    f"{' '.join(f'{ratio:.2f}' for ratio in each)} (median {statistics.median(each):.2f}, at most {p(each, 1):.2f})"
                )


def _by_processor(ours: list[list[Key]], theirs: list[list[Key]]) -> str:
    a, b = (statistics.median(key.cpu for keys in rounds for key in keys) for rounds in (ours, theirs))
    return f"{a / b:.2f}" if b else "-"


def fast_python(scratch: Path) -> Path | None:
    """A Python that has fastdatatable, in an environment made for the run; None, and why, where it cannot be had."""
    here = scratch / "fastdatatable"
    install: list[str | Path] = [
        here / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "textual==8.2.8",
        "textual-fastdatatable",
    ]
    try:
        subprocess.run([sys.executable, "-m", "venv", here], check=True, capture_output=True)
        subprocess.run(install, check=True, capture_output=True, timeout=600)
    except (subprocess.SubprocessError, OSError):
        print("fastdatatable is left out: the package index is out of reach")
        return None
    return here / "bin" / "python"


def programs_of(options: argparse.Namespace, offices: Sequence[Path], pids: Sequence[int], scratch: Path) -> list[Program]:
    """Who is measured, the console beside its control."""
    found = []
    for count, office, pid in zip((options.small, options.large), offices, pids, strict=True):
        found.append(Program(f"console, {count:,}", (KOHOBAN, "--office", office), (pid,), f"bare Textual, {count:,}"))
        found.append(Program(f"bare Textual, {count:,}", (Path(sys.executable), PEERS, "bare", str(count))))
    found.append(Program(f"DataTable, {TABLES:,}", (Path(sys.executable), PEERS, "datatable", str(TABLES)), (), found[-1].name))
    if not options.no_fastdatatable and (python := options.fastdatatable or fast_python(scratch)):
        found.append(Program(f"fastdatatable, {TABLES:,}", (python, PEERS, "fastdatatable", str(TABLES)), (), found[-1].like))
    return found


def profile(office: Path, pid: int, options: argparse.Namespace) -> None:
    """The console under cProfile through one kind of key, its statistics written to a file when it is left."""
    code = (
        "import cProfile, sys\nfrom pathlib import Path\nfrom console.tui.main import run\n"
        "cProfile.runctx('run(Path(sys.argv[1]))', globals(), {}, sys.argv[2])"
    )
    terminal = Terminal((Path(sys.executable), "-c", code, office, options.profile), (pid,), KOHOBAN_OPERATOR="akasaka")
    terminal.until(ROW)
    terminal.settle(1.5)
    figure = next(figure for figure in FIGURES if figure.startswith(options.keys))
    keys = [key for _ in range(options.rounds) for key in BLOCKS[figure](terminal, True)]
    print(f"{HEAD}\n{told(figure, keys)}")
    terminal.send(b"q")
    time.sleep(1)
    terminal.send(b"y")
    while not Path(options.profile).exists():
        try:
            terminal.read(0.1)
        except OSError:
            time.sleep(0.1)
    terminal.end()


def go_ahead() -> None:
    """Before whatever else runs here; those that are started from here, too."""
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--starts", type=int, default=10)
    parser.add_argument("--ahead", action="store_true")
    parser.add_argument("--fastdatatable", type=Path)
    parser.add_argument("--no-fastdatatable", action="store_true")
    parser.add_argument("--profile", type=Path)
    parser.add_argument("--keys", default="row")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kohoban-bench-") as scratch:
        folder = options.folder or Path(scratch)
        offices = [office_of_years(folder / f"office-{count}", count, 1000) for count in (options.small, options.large)]
        print(about(Path(scratch)))
        if options.ahead:
            go_ahead()
            print("everything that is measured goes before whatever else runs here")
        pids: list[int] = []
        try:
            for office in offices:
                pids.append(start_detached(office))
            if options.profile:
                profile(offices[-1], pids[-1], options)
            else:
                measure(programs_of(options, offices, pids, Path(scratch)), options)
        finally:
            for pid in pids:
                kill(pid)
        print(f"load {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
