"""What the tests of faults share with those of the rooms, and how many trials they make."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.service.conftest import found, fresh

__all__ = ["found", "fresh", "trials"]


@pytest.fixture(scope="session")
def trials() -> Callable[[int], int]:
    """How many trials to make of so many: all of them under `make faults`, a tenth otherwise, one at the least.

    KOHOBAN_TRIALS_DIVISOR says by what the number is divided (10; `make faults` sets it to 1).
    """
    divisor = int(os.environ.get("KOHOBAN_TRIALS_DIVISOR", "10"))
    return lambda whole: max(1, whole // divisor)
