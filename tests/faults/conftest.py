"""What the tests of faults share with those of the rooms, and how many trials they make."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.counted_office import CountedOffice
from tests.release.live_platform import Platform
from tests.service.conftest import found, fresh

__all__ = ["found", "fresh", "trials"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of faults belongs to the slow second stage."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def trials() -> Callable[[int], int]:
    """How many trials to make of so many: all of them under `make faults`, a twentieth otherwise, one at the least.

    KOHOBAN_TRIALS_DIVISOR says by what the number is divided (20; `make faults` sets it to 1).
    """
    divisor = int(os.environ.get("KOHOBAN_TRIALS_DIVISOR", "20"))
    return lambda whole: max(1, whole // divisor)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    """A simulated platform that misbehaves when it is told to."""
    platform = Platform(tmp_path, str(tmp_path / "platform.socket"))
    yield platform
    platform.kill()


@pytest.fixture
def counted(tmp_path: Path, platform: Platform) -> Iterator[CountedOffice]:
    """An office of which everything that leaves it is counted; its daemon is not running yet."""
    office = CountedOffice(tmp_path / "office", platform)
    with office.emptying():
        yield office
    office.kill()
