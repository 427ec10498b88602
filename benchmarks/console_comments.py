"""The bench of comments on a real pseudo-terminal: the same keys as of the queue, in a list beside a comment.

    python -m benchmarks.console_comments [--comments 5000] [--keys 100] [--ahead]

Of an export every comment is kept, so that the bench is long. The comment beside the list is read when the cursor has rested for 50 ms: the keys of the
first figures come faster, as of a key that is held; the last one waits for the comment to be painted.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from benchmarks.console import go_ahead
from benchmarks.machine import about, kill
from benchmarks.office import office
from benchmarks.terminal import DOWN, HEAD, KOHOBAN, PAGE_DOWN, UP, Terminal, told
from daemon.service.spawn import start_detached


def kept(folder: Path, count: int) -> float:
    """Seconds until an export of so many comments has been read, screened and kept (with two to settle)."""
    place = folder / "comments" / "saitama-cvc"
    place.mkdir(parents=True, exist_ok=True)
    new = folder / "export.jsonl"
    with new.open("w", encoding="utf-8") as file:
        for n in range(count):
            line = {"id": str(n), "text": f"お前ら全員死ね。市民をなめるな。 {n}", "author": f"shimin_{n}", "author_id": str(n)}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    path, begun = new.rename(place / "export.jsonl"), time.perf_counter()
    while path.exists():
        time.sleep(0.05)
    return time.perf_counter() - begun


def measure(folder: Path, pid: int, options: argparse.Namespace) -> None:
    """The keys of the bench."""
    print(f"export of {options.comments} read, screened, kept: {kept(folder, options.comments):.1f} s")
    with Terminal((KOHOBAN, "--office", folder), (pid,), KOHOBAN_OPERATOR="urano") as terminal:
        terminal.until("浦野")
        terminal.settle(1.0)
        pressed = terminal.send(b"K")
        print(f"K -> the bench: {terminal.until(f'コメント 1/{options.comments}', since=pressed) * 1e3:.0f} ms\n{HEAD}")
        terminal.settle(1.0)
        for name, key, times in (
            ("row down", DOWN, options.keys),
            ("row up", UP, options.keys),
            ("page down", PAGE_DOWN, options.keys // 4),
        ):
            print(told(f"bench: {name}", [terminal.key(key) for _ in range(times)]))
            terminal.settle(0.5)
        print(told("bench: the comment beside it, whole", [terminal.key(DOWN, silence=0.2) for _ in range(options.keys // 4)]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--comments", type=int, default=5_000)
    parser.add_argument("--keys", type=int, default=100)
    parser.add_argument("--ahead", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kohoban-bench-") as scratch:
        print(about(Path(scratch)))
        if options.ahead:
            go_ahead()
        folder = office(Path(scratch) / "office")
        pid = start_detached(folder)
        try:
            measure(folder, pid, options)
        finally:
            kill(pid)
        print(f"load {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
