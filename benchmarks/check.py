"""How long `kohoban check` of one draft takes as a whole process (issue: at most 0.4 s), and one more draft in a stream.

.venv/bin/python -m benchmarks.check [--rounds 30]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from benchmarks.machine import about

KOHOBAN = Path(sys.executable).with_name("kohoban")
DRAFT = '+++\nauthor = "kato"\ntopic = "区政情報"\n+++\n公園のトイレの改修工事が終わりました。11月24日（火）から使えます。\n'
AS_USED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""The environment of somebody who installed it: Python keeps the byte code of what has changed."""

STREAM = 2_000


def timed(*words: str) -> tuple[float, float]:
    """Seconds of one process, from its start to its end: on the wall, and of the processor."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    ended = subprocess.run([str(KOHOBAN), *words], capture_output=True, check=False, env=AS_USED)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert ended.returncode in (0, 1), ended.stderr.decode()
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def show(name: str, rounds: list[tuple[float, float]]) -> None:
    """One line: the wall clock's spread, and the processor time, which a busy machine does not change as much."""
    wall, cpu = ([pair[n] for pair in rounds] for n in (0, 1))
    p95 = quantiles(wall, n=20)[18]
    print(
        f"{name:<26} wall p50 {median(wall):.3f} s  p95 {p95:.3f}  min {min(wall):.3f}  max {max(wall):.3f}   cpu p50 {median(cpu):.3f}   n {len(rounds)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=30)
    rounds = range(parser.parse_args().rounds)
    with tempfile.TemporaryDirectory() as folder:
        print(about(Path(folder)))
        draft = Path(folder) / "draft.txt"
        draft.write_text(DRAFT, encoding="utf-8")
        timed("check", "--policy", "minato", str(draft))  # once, so that every byte-code file is there
        show("check FILE --policy", [timed("check", "--policy", "minato", str(draft)) for _ in rounds])
        office = Path(folder) / "office"
        subprocess.run([str(KOHOBAN), "init", str(office)], check=True, capture_output=True)
        inside = next((office / "drafts" / "minato-x").iterdir())
        show("check FILE of an office", [timed("check", "--office", str(office), str(inside)) for _ in rounds])
        lines = "".join(
            json.dumps({"id": str(n), "text": f"公園の案内 {n} 号です。", "topic": "区政情報"}) + "\n" for n in range(STREAM)
        )
        stream = Path(folder) / "stream.jsonl"
        stream.write_text(lines, encoding="utf-8")
        whole, _ = timed("check", "--policy", "minato", "--jsonl", str(stream))
        print(f"{'check --jsonl ' + str(STREAM):<26} {STREAM / whole:,.0f} drafts a second, start included")


if __name__ == "__main__":
    main()
