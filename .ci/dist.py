"""`make dist`: one archive, `dist/kohoban-VERSION.tar.gz`, from which Kohoban is installed where no network is.

    python .ci/dist.py [--out dist] [--source TREE] [--pythons 3.11,3.12,3.13] [--machines x86_64,aarch64]

In it: the project's wheel and, for every Python and machine, the wheels of `requirements-runtime.lock` with its hashes; pip; the installer; the licences
of all of it; a list of parts (CycloneDX); sums. The network is used here and only here, and not at all once `build/wheels` has everything.
The same commit gives the same bytes: names are sorted, times are the commit's (SOURCE_DATE_EPOCH).
"""

from __future__ import annotations

import argparse
import fcntl
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement
from parts import Part, bill_of_materials, licences, part_of
from proved import LIST, list_proofs

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
MACHINES = ("x86_64", "aarch64")
GLIBC = 28
"""The oldest glibc 2.x that the wheels may ask for: RHEL 8, Debian 10, Ubuntu 18.10 and what is younger."""
LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
LOCK, PIP = "requirements-runtime.lock", ".ci/pip.lock"


class Problem(Exception):
    """The archive cannot be built; the message says why, and what to do."""


def locked(path: Path) -> Iterator[tuple[Requirement, list[str]]]:
    """Every requirement of a lock with its hashes (`sha256:…`)."""
    for block in re.split(r"\n(?=[A-Za-z0-9])", path.read_text(encoding="utf-8")):
        if not block.startswith("#"):
            yield Requirement(block.split(" \\\n")[0]), re.findall(r"--hash=(sha256:\w+)", block)


def wanted(lock: Path, python: str, machine: str) -> list[str]:
    """The lines of a lock that count on this Python and machine, without their markers."""
    there = {
        "python_version": python, "python_full_version": f"{python}.0", "platform_machine": machine, "sys_platform": "linux",
        "implementation_name": "cpython", "platform_python_implementation": "CPython", "os_name": "posix", "platform_system": "Linux",
    }  # fmt: skip
    return [
        f"{each.name}{each.specifier} " + " ".join(f"--hash={digest}" for digest in digests)
        for each, digests in locked(lock)
        if each.marker is None or each.marker.evaluate(there)
    ]


def platforms(machine: str) -> list[str]:
    """The names of what wheels for this machine may be built for, the newest first."""
    return [
        name
        for minor in range(GLIBC, 4, -1)
        for name in (f"manylinux_2_{minor}_{machine}", *([f"{LEGACY[minor]}_{machine}"] if minor in LEGACY else []))
    ]


def fetch(lock: Path, python: str, machine: str, store: Path) -> list[Path]:
    """The wheels of a lock for one Python and machine, each held against its hash; from `store` where it has them, else from the index.

    Builds at the same time wait for each other here: what one has fetched the next one finds. Raises Problem where the index cannot be reached, or
    has no wheel."""
    store.mkdir(parents=True, exist_ok=True)
    with (store / ".lock").open("w") as lock_of_store:
        fcntl.flock(lock_of_store, fcntl.LOCK_EX)
        return _fetch(lock, python, machine, store)


def _fetch(lock: Path, python: str, machine: str, store: Path) -> list[Path]:
    lines = wanted(lock, python, machine)
    short = python.replace(".", "")
    target = ["--python-version", python, "--implementation", "cp", *_each("--abi", (f"cp{short}", "abi3", "none"))]
    target += _each("--platform", platforms(machine))
    with tempfile.TemporaryDirectory() as work:
        asked, found = Path(work) / "asked.txt", Path(work) / "found"
        asked.write_text("\n".join(lines) + "\n")
        base = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--only-binary=:all:",
        ]
        command = [*base, "--require-hashes", *target, "--dest", str(found), "-r", str(asked)]
        here = [*command, "--isolated", "--no-index", "--find-links", str(store)]
        if subprocess.run(here, capture_output=True, check=False).returncode:
            shutil.rmtree(found, ignore_errors=True)
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                why = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()[-1:]
                raise Problem(f"the wheels for Python {python} on {machine} cannot be fetched: {' '.join(why)}")
        wheels = sorted(found.iterdir())
        for wheel in wheels:
            if not (store / wheel.name).exists():
                shutil.copyfile(wheel, store / f".{wheel.name}")
                (store / f".{wheel.name}").rename(store / wheel.name)
    return [store / wheel.name for wheel in wheels]


def _each(option: str, values: Iterable[str]) -> list[str]:
    return [word for value in values for word in (option, value)]


def build_wheel(source: Path, into: Path, epoch: int) -> Path:
    """The project's own wheel, from a clean copy of what is committed or lies in `source`, with the list of the tests that prove each clause."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--disable-pip-version-check",
            "-w",
            str(into),
            str(source.absolute()),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch)},
    )
    if done.returncode:
        raise Problem(f"the wheel cannot be built: {done.stderr.strip().splitlines()[-1:]}")
    (wheel,) = into.glob("kohoban-*.whl")
    if (source / "daemon" / "rulebook" / LIST).with_suffix(".py").exists():  # else it is of a version that reads no such list
        list_proofs(wheel, source / "tests")
    return wheel


def epoch_of(source: Path) -> int:
    """The moment that everything in the archive bears: SOURCE_DATE_EPOCH, else that of the last commit, else 2020."""
    if said := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(said)
    done = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=source, capture_output=True, text=True, check=False)
    return int(done.stdout) if done.returncode == 0 and done.stdout.strip() else 1_577_836_800


def installer(tree: Path, into: Path) -> None:
    """The installer, a folder that Python runs: the standard library is all that it needs."""
    sources = [tree / "console" / "__init__.py", *(tree / "console" / "installation").glob("*.py")]
    sources += [*(tree / "console" / "words").glob("*.py"), *(tree / "console" / "words").glob("*/*.toml")]
    for path in sources:
        to = into / path.relative_to(tree)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
    (into / "__main__.py").write_text(
        "import sys\n\nfrom console.installation.main import main\n\nsys.exit(main(sys.argv[1:]))\n"
    )


def requirements(lock: Path, wheel: Path) -> str:
    """What is installed, with hashes: the lock as it stands, and the project's wheel of this archive."""
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    name, version = wheel.name.split("-")[:2]
    text = re.sub(r"(?m)^ *#.*\n", "", lock.read_text(encoding="utf-8"))
    return f"{text}{name}=={version} \\\n    --hash=sha256:{digest}\n"


def write_tar(folder: Path, to: Path, epoch: int) -> None:
    """The folder as a tar.gz whose bytes depend on nothing but its content and `epoch`. Wheels are compressed already: the least does."""
    part = to.with_name(f".{to.name}.part")
    with (
        part.open("wb") as raw,
        gzip.GzipFile("", "wb", 1, raw, mtime=epoch) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        for path in [folder, *sorted(folder.rglob("*"))]:
            info = tar.gettarinfo(path, str(path.relative_to(folder.parent)))
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            info.mtime = epoch
            info.mode = 0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644
            with path.open("rb") if path.is_file() else io.BytesIO() as data:
                tar.addfile(info, data if path.is_file() else None)
    part.rename(to)


def build(out: Path, source: Path, pythons: Iterable[str], machines: Iterable[str], store: Path) -> Path:
    """Build the archive; returns its path. Raises Problem."""
    epoch = epoch_of(source)
    out.mkdir(parents=True, exist_ok=True)
    lock = source / LOCK if (source / LOCK).exists() else ROOT / LOCK
    with tempfile.TemporaryDirectory(dir=out, prefix=".dist-") as work:
        own = build_wheel(source, Path(work), epoch)
        version = own.name.split("-")[1]
        folder = Path(work) / f"kohoban-{version}"
        (folder / "wheels").mkdir(parents=True)
        shutil.copyfile(own, folder / "wheels" / own.name)
        targets = [(python, machine) for machine in machines for python in pythons]
        for python, machine in targets:
            say(f"wheels for Python {python} on {machine}")
            for wheel in fetch(lock, python, machine, store):
                if not (folder / "wheels" / wheel.name).exists():
                    shutil.copyfile(wheel, folder / "wheels" / wheel.name)
        (folder / "pip").mkdir()
        for wheel in fetch(ROOT / PIP, targets[0][0], targets[0][1], store):
            shutil.copyfile(wheel, folder / "pip" / wheel.name)
        parts = [part_of(path) for path in sorted((*(folder / "wheels").iterdir(), *(folder / "pip").iterdir()))]
        describe(folder, version, source, lock, own, parts, targets, epoch)
        to = out / f"kohoban-{version}.tar.gz"
        say("packing")
        write_tar(folder, to, epoch)
    return to


def describe(
    folder: Path, version: str, source: Path, lock: Path, own: Path, parts: list[Part], targets: list[tuple[str, str]], epoch: int
) -> None:
    """Everything in the archive that is no wheel."""
    about = {"schema": 1, "version": version, "targets": [{"python": p, "machine": m} for p, m in targets], "glibc": f"2.{GLIBC}"}
    texts: dict[str, str | bytes] = {
        "archive.json": json.dumps(about, indent=1) + "\n",
        "requirements.txt": requirements(lock, own),
        "kohoban-install": (ROOT / "console" / "installation" / "kohoban-install.sh").read_bytes(),
        "INSTALL.md": (ROOT / "docs" / "installation.md").read_bytes(),
        "LICENSE": (source / "LICENSE").read_bytes(),
        "THIRD-PARTY-LICENCES.txt": licences([part for part in parts if part.name != "kohoban"]),
        "sbom.cdx.json": bill_of_materials(version, parts, epoch),
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    (folder / "kohoban-install").chmod(0o755)
    installer(ROOT, folder / "installer")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n" for path in files)
    (folder / "SHA256SUMS").write_text(sums)


def say(words: str) -> None:
    """How far it is, on stderr."""
    sys.stderr.write(f"{words}\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--source", type=Path, default=ROOT)
    parser.add_argument("--pythons", default=",".join(PYTHONS))
    parser.add_argument("--machines", default=",".join(MACHINES))
    parser.add_argument("--wheels", type=Path, default=ROOT / "build" / "wheels")
    options = parser.parse_args()
    version = tomllib.loads((options.source / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    say(f"kohoban {version}")
    try:
        made = build(options.out, options.source, options.pythons.split(","), options.machines.split(","), options.wheels)
    except Problem as problem:
        say(str(problem))
        return 2
    digest = hashlib.sha256(made.read_bytes()).hexdigest()
    sys.stdout.write(f"{digest}  {made}  {made.stat().st_size / (1 << 20):.1f} MiB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
