"""Fakes for any test: `from tests.platforms.at_hand import fake_x, fake_line` in a conftest. They skip where the official documents are absent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platforms.line import FakeLine
from tests.platforms.x import FakeX


@pytest.fixture
def x_document(shared: Path) -> Path:
    return _there(shared / "data" / "x-openapi" / "openapi.json")


@pytest.fixture
def line_document(shared: Path) -> Path:
    return _there(shared / "data" / "line-openapi" / "line-messaging-api.yml")


@pytest.fixture
def fake_x(x_document: Path) -> Iterator[FakeX]:
    """A fake X beside the test. At the end nobody may have broken X's document, unless the test expected it."""
    with FakeX(x_document) as fake:
        yield fake


@pytest.fixture
def fake_line(line_document: Path) -> Iterator[FakeLine]:
    """A fake LINE beside the test, held to its document likewise."""
    with FakeLine(line_document) as fake:
        yield fake


def _there(path: Path) -> Path:
    if not path.is_file():
        pytest.skip(f"the platform's official document is not beside the project ({path.name} is absent)")
    return path
