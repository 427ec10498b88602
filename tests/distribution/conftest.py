"""Archives of this tree and of the release before it, built once for all, and an installation to try them on."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.distribution.installation import BEFORE, Installation, python_here

ROOT = Path(__file__).resolve().parents[2]


def built(name: str, source: Path, common: Path) -> Path:
    """The unpacked archive of the tree `source`, for this Python and machine alone; built by whoever comes first. Skips where a wheel cannot be
    had, because neither `build/wheels` nor an index has it."""
    folder = common / f"archive-{name}"
    with (common / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            packed = common / f"packed-{name}"
            done = subprocess.run(
                [sys.executable, str(ROOT / ".ci" / "dist.py"), "--source", str(source), "--out", str(packed), *python_here()],
                capture_output=True,
                text=True,
                check=False,
                cwd=common,
            )
            if done.returncode == 2 and ("cannot be fetched" in done.stderr or "cannot be built" in done.stderr):
                pytest.skip(f"the archive cannot be built here: {done.stderr.strip().splitlines()[-1]}")
            assert done.returncode == 0, done.stderr
            (archive,) = packed.glob("*.tar.gz")
            with tarfile.open(archive) as tar:
                tar.extractall(common / f"unpacked-{name}", filter="data")
            (inside,) = (common / f"unpacked-{name}").iterdir()
            inside.rename(folder)
    return folder


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of a run have in common."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "distribution"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def new_archive(common: Path) -> Path:
    """The archive of this tree, unpacked."""
    return built("new", ROOT, common)


@pytest.fixture(scope="session")
def old_archive(common: Path) -> Path:
    """The archive of the release before, in today's form: it had none of its own."""
    tree = common / "tree-before"
    with (common / "tree.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not tree.exists():
            for name in BEFORE:
                packed = common / "before.tar"
                done = subprocess.run(["git", "archive", "-o", str(packed), name], cwd=ROOT, capture_output=True, check=False)
                if done.returncode == 0:
                    break
            else:
                pytest.skip(
                    f"neither {' nor '.join(BEFORE)} is known here (a shallow clone, or no git): no release to upgrade from"
                )
            with tarfile.open(packed) as tar:
                tar.extractall(tree, filter="data")
    return built("old", tree, common)


@pytest.fixture(scope="module")
def old_installation(tmp_path_factory: pytest.TempPathFactory, old_archive: Path) -> Installation:
    """The release before, installed without a network."""
    if os.geteuid() != 0:
        pytest.skip("taking the network away (unshare -n) needs root")
    place = Installation(tmp_path_factory.mktemp("machine"))
    place.run(old_archive, "install")
    return place


@pytest.fixture
def installation(old_installation: Installation) -> Iterator[Installation]:
    """The release before in force, an office of its own at work under it."""
    old_installation.open_office()
    yield old_installation
    old_installation.close_office()
