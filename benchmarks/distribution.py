"""Installing and upgrading without a network: how long it takes, and how long nobody serves.

    python -m benchmarks.distribution [--rounds 5] [--drafts 1000000] [--entries 10000000] [--folder DIR]

As root (the network is taken away with `unshare --net`). Builds the archives of this tree and of the release before, for this Python alone; installs the
old one so many times; makes the office of years (benchmarks/years.py) under the old version, and upgrades it while somebody asks for its status
twenty times a second. The longest time without an answer is the time of the switch.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.machine import about, spread
from benchmarks.office import Listener

ROOT = Path(__file__).resolve().parent.parent
BEFORE = ("v0.1.0", "cdc3128")
ASK_EVERY = 0.05


def unpacked(source: Path, base: Path, name: str) -> Path:
    """The archive of a tree, for this Python and machine, unpacked."""
    version = "{}.{}".format(*sys.version_info[:2])
    words = [sys.executable, ROOT / ".ci" / "dist.py", "--source", source, "--out", base / name, "--pythons", version]
    subprocess.run([*words, "--machines", os.uname().machine], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (archive,) = (base / name).glob("*.tar.gz")
    print(f"{'archive ' + archive.name + ', this Python alone':<52} {archive.stat().st_size / (1 << 20):8.1f} MiB")
    with tarfile.open(archive) as tar:
        tar.extractall(base / name, filter="data")
    return next(path for path in (base / name).iterdir() if path.is_dir())


def tree_before(base: Path) -> Path:
    """The tree of the release before."""
    for name in BEFORE:
        if (
            subprocess.run(
                ["git", "archive", "-o", base / "before.tar", name], cwd=ROOT, check=False, capture_output=True
            ).returncode
            == 0
        ):
            with tarfile.open(base / "before.tar") as tar:
                tar.extractall(base / "before", filter="data")
            return base / "before"
    raise SystemExit("the release before is not known here")


def installer(archive: Path, base: Path, *words: str) -> float:
    """Run an archive's installer with the network off; its wall time."""
    places = ["--prefix", str(base / "opt"), "--bin", str(base / "bin"), "--backups", str(base / "backups")]
    started = time.perf_counter()
    command = ["unshare", "--net", str(archive / "kohoban-install"), *words, *places]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "KOHOBAN_LANG": "en"})
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    if words[0] != "install":
        print("".join(f"    {line}\n" for line in done.stdout.splitlines()), end="")
    return time.perf_counter() - started


class Asker:
    """Asks an office for its status all the time, and keeps the longest silence: that which lasts at the end is one, too."""

    def __init__(self, office: Path) -> None:
        self.longest, self.answers = 0.0, 0
        self._office, self._going, self._last = office, True, time.perf_counter()
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def _ask(self) -> None:
        line = None
        while self._going:
            try:
                line = line or Listener(self._office / "state", events=False)
                line.status()
            except Exception:  # whatever it is, that was no answer: the silence goes on
                line = None
            else:
                self._heard()
                self.answers += 1
            time.sleep(ASK_EVERY)
        if line is not None:
            line.close()

    def _heard(self) -> None:
        now = time.perf_counter()
        self.longest, self._last = max(self.longest, now - self._last), now

    def end(self) -> None:
        """Ask no more. Raises RuntimeError where nothing ever answered: then there is nothing to report."""
        self._going = False
        self._thread.join()
        self._heard()
        if not self.answers:
            raise RuntimeError("the office has never answered: its silence cannot be measured")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--drafts", type=int, default=1_000_000)
    parser.add_argument("--entries", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("taking the network away needs root")
    os.environ["KOHOBAN_PYTHON"] = f"{sys.base_prefix}/bin/python3"
    base = Path(tempfile.mkdtemp(prefix="kohoban-bench-", dir=options.folder))
    print(about(base))
    try:
        measure(base, options)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def measure(base: Path, options: argparse.Namespace) -> None:
    before, new = tree_before(base), unpacked(ROOT, base, "new")
    old = unpacked(before, base, "old")
    took, used = [], []
    for _ in range(options.rounds):
        shutil.rmtree(base / "opt", ignore_errors=True)
        cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(installer(old, base, "install"))
        now = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(now.ru_utime + now.ru_stime - cpu.ru_utime - cpu.ru_stime)
    print(spread("offline installation, wall", took))
    print(spread("offline installation, processor", used) + f"   load {os.getloadavg()[0]:.1f}")
    python = next((base / "opt" / "versions").iterdir()) / "bin" / "python"
    office = base / "office"
    words = ["--drafts", str(options.drafts), "--entries", str(options.entries)]
    subprocess.run([python, "-m", "benchmarks.years", office, *words], check=True, cwd=before, stdout=subprocess.DEVNULL)
    command = [str(base / "bin" / "kohoban"), "--office", str(office)]
    subprocess.run([*command, "daemon", "--detach"], check=True, stdout=subprocess.DEVNULL, cwd=base)  # not from the checkout
    time.sleep(3)
    for name, archive, what in (
        ("upgrade", new, ("upgrade", "--yes", "--office", str(office))),
        ("rollback", new, ("rollback",)),
    ):
        os.sync()
        asker = Asker(office)
        seconds = installer(archive, base, *what)
        asker.end()
        size = (office / "state" / "store" / "kohoban.db").stat().st_size / (1 << 30)
        print(
            f"{name + f' of {options.drafts:,} drafts ({size:.1f} GiB)':<52} {seconds:8.1f} s, of which nobody served {asker.longest:.1f} s "
            f"({asker.answers} answers; load {os.getloadavg()[0]:.1f})"
        )
    subprocess.run([*command, "status", "--json"], check=True, stdout=subprocess.DEVNULL)
    listed = subprocess.run([base / "bin" / "kohoban-install", "list", "--json"], check=True, capture_output=True)
    print(f"in force at the end: {json.loads(listed.stdout)['in_force']}")
    subprocess.run([base / "bin" / "kohoban-install", "uninstall", "--yes"], check=True, capture_output=True)


if __name__ == "__main__":
    main()
