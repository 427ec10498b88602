"""A watched folder for every test that wants one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from listening_desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "drafts")
    desk.folder.mkdir(parents=True)
    yield desk
    if desk.intake is not None:
        desk.intake.stop()
