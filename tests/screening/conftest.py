"""What the tests of screening have at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def municipal(shared: Path) -> list[str]:
    """The texts that real municipalities published (2,094, none of which should be stopped)."""
    lines = (shared / "data/dev/drafts-municipal.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]
