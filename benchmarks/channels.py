"""What becomes of releases to an X that misbehaves: how many arrive, twice or never, and who had to look; how long one takes when it behaves.

    python -m benchmarks.channels [--document OPENAPI.json] [--releases 1000] [--posts 100]

A fake X in a process of its own holds every request against X's own OpenAPI document, which lies beside the project and not in it. A third of
the requests meet a fault: the line dropped before, while or after they are taken in, 429, 500/502/503 before and after, late answers, a timeline
that lags, somebody's page. First with everybody alive, then with the daemon and the releaser killed at every step of a release.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from benchmarks.machine import about, spread
from daemon.release.hand import Hand
from tests.conftest import open_gate
from tests.faults.office_at_x import OfficeAtX, Storm
from tests.platforms.x import FakeX
from tests.release.live_x import AtX

DOCUMENT = Path(__file__).resolve().parents[2] / "shared" / "data" / "x-openapi" / "openapi.json"


def storm(document: Path, releases: int, *, share: float, deaths: bool) -> dict[str, object]:
    """So many releases through a real daemon and its hand."""
    with FakeX(document, process=True) as fake, tempfile.TemporaryDirectory() as folder:
        office = OfficeAtX(Path(folder) / "office", fake)
        try:
            run = Storm(office, 20261122)
            run.run(releases, share=share, deaths=deaths)
            return run.figures()
        finally:
            office.kill()


def one_by_one(document: Path, posts: int) -> dict[str, list[float]]:
    """Seconds of the wall and of this process for one job in the hand, to an X that answers at once."""
    took: dict[str, list[float]] = {"wall": [], "cpu": []}
    with FakeX(document, process=True) as fake, tempfile.TemporaryDirectory() as folder:
        at_x = AtX(open_gate(Path(folder)), fake)
        at_x.signed()
        fake.limit("createPosts", 1_000_000)
        hand, dice = Hand(at_x.state), random.Random(1)
        for number in range(1, posts + 1):
            job = at_x.job(number, f"{number}番 {dice.random()}")
            wall, cpu = time.perf_counter(), time.process_time()
            report = hand.carry_out(job)
            took["wall"].append(time.perf_counter() - wall)
            took["cpu"].append(time.process_time() - cpu)
            assert report.outcome == "released", report.why_en
    return took


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--document", type=Path, default=DOCUMENT)
    parser.add_argument("--releases", type=int, default=1000)
    parser.add_argument("--posts", type=int, default=100)
    options = parser.parse_args()
    if not options.document.is_file():
        raise SystemExit(f"X's OpenAPI document is not beside the project ({options.document}): --document says where it is")
    print(about(Path(tempfile.gettempdir())))
    for name, took in one_by_one(options.document, options.posts).items():
        print(spread(f"one job in the hand, {name}", took))
    for deaths in (False, True):
        who = "daemon and releaser killed" if deaths else "everybody alive"
        print(f"{options.releases} releases, a third of the requests with a fault, {who}:")
        for name, value in storm(options.document, options.releases, share=0.3, deaths=deaths).items():
            print(f"    {name}: {value}")


if __name__ == "__main__":
    main()
