"""A fresh office of 北市 for each test."""

from __future__ import annotations

from pathlib import Path

import pytest
from north_city import Kita, found


@pytest.fixture
def kita(tmp_path: Path) -> Kita:
    """An office with one account, one manager and a policy of its own, without any problem."""
    return found(tmp_path / "office")
