"""One machine for all tests of this folder, with an office installed on it as an IT department does."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service_manager.booted import KOHOBAN, OFFICE, Machine, machine, until


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A real systemd belongs to the slow second stage, and to one worker: booting takes less than a test, but an office takes a processor."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(600))  # the first one boots a machine and installs an office on it


@pytest.fixture(scope="module")
def bare() -> Iterator[Machine]:
    """A machine with the logins of an installation, and nothing installed."""
    with tempfile.TemporaryDirectory(prefix="kohoban-boot-") as folder:
        (place := Path(folder) / "machine").mkdir()
        with machine(place) as found:
            yield found


@pytest.fixture(scope="module")
def installed(bare: Machine) -> Machine:
    """A training office under its own logins, its services running."""
    bare.run(KOHOBAN, "init", str(OFFICE))
    rules = bare.inside(OFFICE / "rules.toml")
    rules.write_text(
        rules.read_text().replace(
            "[office]\n", '[office]\nreleaser = "kohoban-out"\nundo_seconds = 0\ncountdown_seconds = 0\n', 1
        )
    )
    bare.run("chown", "-R", "kohoban:kohoban-op", str(OFFICE))
    bare.run("chmod", "3770", str(OFFICE / "state"))
    bare.kohoban("service", "install")
    until(lambda: bare.status().get("daemon") == "up", "an office that answers")
    return bare
