"""What every test has at hand: the project's root, and the shared material beside it where it is present."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


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
