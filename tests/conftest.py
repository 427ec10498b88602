"""What every test has at hand: the project's root, and the shared material beside it where it is present."""

from __future__ import annotations

import faulthandler
import os
import shutil
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

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

LONG = 300.0
"""Seconds of a test's time limit from which on its file counts as long; tests of no limit of their own have 150."""

GRACE = 120.0
"""Seconds beyond its time limit, and seconds for tidying up after it, until a test that hangs takes its process with it."""

_THE_RUNS_OWN_STDERR = pytest.StashKey[int]()
_CRASHED = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_THE_RUNS_OWN_STDERR] = os.dup(2)  # now, while it is nobody's to capture
    config.stash[_CRASHED] = 0


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    node.config.stash[_CRASHED] += error is not None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run that was given up because too many of its processes had crashed is no run in which a test or two failed (`.ci/tests`)."""
    most = session.config.getoption("maxworkerrestart", None)
    if most is not None and session.config.stash[_CRASHED] > int(most):
        session.exitstatus = pytest.ExitCode.INTERRUPTED


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """No test holds up the others for ever. The time limit raises in the main thread: an event loop may take that for a fault of the callback it
    was in, and a test that has failed has no limit any more while it tidies up. So whoever is still there by then is ended, with where every
    thread stood on stderr; the run names the test as one that crashed, and goes on in a new process."""
    _no_later_than(item, max(float(item.config.getini("timeout") or 0), _limit(item)) + GRACE)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """See `pytest_runtest_protocol`: a failure has put an end to what was set there."""
    _no_later_than(item, GRACE)


def _no_later_than(item: pytest.Item, seconds: float) -> None:
    faulthandler.dump_traceback_later(seconds, file=item.config.stash[_THE_RUNS_OWN_STDERR], exit=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files early, for one that is begun last leaves the other processes with nothing to do; but each between short ones and from another room
    than the one before: most of them wait for a terminal or a disk, and where all processes wait at once, or none does, the machine is put to
    worse use (`--no-loadscope-reorder` keeps this)."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    long = {path: limit for path, its in files.items() if (limit := max(map(_limit, its))) >= LONG}
    short = [path for path in files if path not in long]
    rooms: dict[Path, list[Path]] = {}
    for path in sorted(long, key=lambda path: -long[path]):
        rooms.setdefault(path.parent, []).append(path)
    turns = [path for turn in zip_longest(*rooms.values()) for path in turn if path is not None]
    between = len(short) // (2 * len(turns)) if turns else 0
    order = [path for turn in turns for path in (turn, *(short.pop(0) for _ in range(between)))]
    items[:] = [item for path in (*order, *short) for item in files[path]]


def _limit(item: pytest.Item) -> float:
    """The seconds that a test is given: by its own mark, or as one of the slow ones; 0 for those that never take long."""
    mark = item.get_closest_marker("timeout")
    return max(float(mark.args[0]) if mark else 0, LONG if item.get_closest_marker("slow") else 0)


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
