"""What every test has at hand: the project's root, and the shared material beside it where it is present."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from console.cli.training import end
from daemon.release.permit import Keeper
from daemon.service.spawn import start_detached
from tests.patience import with_patience

os.environ["KOHOBAN_LANG"] = (
    "ja"  # what is said in English is asked for in English: no locale of a machine decides what a test sees
)

# Hundreds of processes are started here; where each would compile the whole program anew, most of the time went into that.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# No test is to see what another kept, perhaps with a clause switched off (tests/switches.py): no folder of this name can be made.
os.environ["XDG_CACHE_HOME"] = "none"

settings.register_profile("kohoban", deadline=None)  # no test's outcome hangs on how busy the machine is
settings.load_profile("kohoban")
with_patience()

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first: one that is begun last leaves the other processes with nothing to do (`--no-loadscope-reorder` keeps this)."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared material beside the project (policies, test data). Skips, saying so, where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"the shared material is not beside the project ({SHARED.name}/ is absent)")
    return SHARED


@contextmanager
def training_office(folder: Path) -> Iterator[Path]:
    """The training office in `folder`, with its drafts and its daemon, which ends with it."""
    shutil.copy(ROOT / "rules.toml", folder)
    shutil.copytree(ROOT / "console" / "training" / "drafts", folder / "drafts")
    pid = start_detached(folder)
    try:
        yield folder
    finally:
        end(pid)


def open_gate(office: Path) -> Path:
    """The state of an office whose gate is open at epoch 7."""
    state = office / "state"
    (state / "gate").mkdir(parents=True)
    keeper = Keeper(state)
    keeper.know(("minato-x", "minato-line", "minato-x2", "saitama-cvc", "x", "line"))
    assert keeper.grant(7).open
    return state
