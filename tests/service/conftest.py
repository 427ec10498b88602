"""Offices with a daemon: one for all tests of a module that leave it as they found it, and new ones for those that do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.platforms.at_hand import fake_line, line_document
from tests.service.live_office import Office

__all__ = ["fake_line", "line_document"]


def plain(request: pytest.FixtureRequest) -> bool:
    """Whether the tests of a module ask for daemons that are started as people do (`PLAIN = True`)."""
    return bool(getattr(request.module, "PLAIN", False))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Office]:
    """An office whose daemon runs for the whole module."""
    office = Office(tmp_path_factory.mktemp("office"), plain=plain(request)).start()
    yield office
    office.stop()


@pytest.fixture
def found(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Office]]:
    """Make an office whose daemon does not run yet; what still runs at the end is ended."""
    offices: list[Office] = []

    def make(folder: Path | None = None, *, plain: bool = plain(request)) -> Office:
        offices.append(Office(folder or tmp_path / f"office{len(offices)}", plain=plain))
        return offices[-1]

    yield make
    for office in offices:
        office.stop()


@pytest.fixture
def fresh(found: Callable[..., Office]) -> Office:
    """A new office whose daemon runs."""
    return found().start()
