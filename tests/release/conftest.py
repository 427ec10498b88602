"""An office with an open gate, an outbox, and jobs for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.release.jobs import Job, body_hash, moment
from daemon.release.permit import Keeper
from tests.conftest import open_gate
from tests.platforms.at_hand import fake_line, fake_x, line_document, x_document
from tests.platforms.x import FakeX
from tests.release.live_x import AtX

__all__ = ["fake_line", "fake_x", "line_document", "x_document"]

BODY = "【さいたま市】あすの防災訓練は予定どおり行います。\n".encode()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return open_gate(tmp_path)


@pytest.fixture
def keeper(state: Path) -> Keeper:
    return Keeper(state)


@pytest.fixture
def outbox_dir(tmp_path: Path) -> Path:
    return tmp_path / "outbox" / "minato-facebook"


@pytest.fixture
def job(outbox_dir: Path) -> Callable[..., Job]:
    """Makes a job for the outbox; anything may be given differently."""

    def make(number: int = 1, **given: Any) -> Job:
        values = {
            "id": str(number),
            "draft": number,
            "hash": "ab" * 32,
            "body": BODY,
            "body_hash": body_hash(given.get("body", BODY)),
            "account": "minato-facebook",
            "platform": "facebook",
            "handle": "minatokoho",
            "channel": "outbox",
            "epoch": 7,
            "deadline": moment() + 60,
            "outbox": str(outbox_dir),
            "slug": "防災訓練",
        }
        return Job(**{**values, **given})

    return make


@pytest.fixture
def at_x(state: Path, fake_x: FakeX) -> AtX:
    """The account `minato-x` at a fake X, let in by OAuth 1.0a."""
    at_x = AtX(state, fake_x)
    at_x.signed()
    return at_x
