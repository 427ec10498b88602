"""A version's own environment, made from an archive: no network, no index, every wheel held against its hash."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from console.installation import documents
from console.installation.archive import Archive
from console.installation.outcome import Progress, problem, text
from console.installation.place import RECORD, Place, sync


def install(place: Place, archive: Archive, tell: Progress) -> bool:
    """Install the archive's version beside what is there; False where it is there already. Raises Problem, OSError; then nothing of it is left."""
    target = place.folder(archive.version)
    if (target / RECORD).is_file():
        known = json.loads((target / RECORD).read_text(encoding="utf-8"))
        if known["archive"] != archive.digest:
            raise problem("other_archive", version=archive.version, folder=target)
        return False
    archive.fits()
    place.prefix.mkdir(mode=0o755, parents=True, exist_ok=True)
    place.versions.mkdir(mode=0o755, exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    try:
        _fill(target, archive, tell)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return True


def _fill(target: Path, archive: Archive, tell: Progress) -> None:
    tell(text("step.environment", version=archive.version))
    _run([sys.executable, "-I", "-m", "venv", "--without-pip", str(target)])
    python = str(target / "bin" / "python")
    tell(text("step.wheels", version=archive.version))
    _run(
        [python, "-I", f"{archive.pip}/pip", "--isolated", "install", "--quiet", "--disable-pip-version-check", "--no-index",
         "--no-deps", "--require-hashes", "--no-compile", "--root-user-action=ignore", "--no-cache-dir",
         "--find-links", str(archive.folder / "wheels"), "-r", str(archive.folder / "requirements.txt")]
    )  # fmt: skip
    tell(text("step.compile", version=archive.version))
    _run([python, "-I", "-m", "compileall", "-q", "-j", "0", str(target / "lib")])
    documents.make(target)
    for name in ("LICENSE", "THIRD-PARTY-LICENCES.txt", "sbom.cdx.json", "INSTALL.md"):
        shutil.copyfile(archive.folder / name, target / name)
    tell(text("step.try", version=archive.version))
    said = _run([str(target / "bin" / "kohoban"), "--version"])
    if said.split() != ["kohoban", archive.version]:
        raise problem("not_this_version", version=archive.version, said=said.strip())
    new = target / f".{RECORD}"
    new.write_text(json.dumps({"version": archive.version, "archive": archive.digest}) + "\n", encoding="utf-8")
    os.sync()  # a version that a power cut has halved must not look whole
    new.rename(target / RECORD)
    sync(target)


def _run(command: list[str]) -> str:
    """Run one step in an environment of nobody's habits; its stdout. Raises Problem with its last words."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False, stdin=subprocess.DEVNULL,
        env={**clean, "PIP_CONFIG_FILE": os.devnull},
    )  # fmt: skip
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()
        said = " ".join(line.strip() for line in last[-6:] if line.strip())
        raise problem("step_failed", command=" ".join(command[:4]), why=said or done.returncode)
    return done.stdout
