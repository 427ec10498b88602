"""An account on LINE for a test: its credentials where the releaser reads them, jobs for it, and quick tries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.release import line
from daemon.release.jobs import Job, key_of, moment
from tests.platforms.line import FakeLine

ACCOUNT = "minato-line"
HANDLE = "@fake"
"""What the fake LINE says of itself (bot info)."""
BROADCAST = "/v2/bot/message/broadcast"

MakeJob = Callable[..., Job]


def let_in(state: Path, account: str = ACCOUNT, **credentials: str) -> Path:
    """Put credentials where the releaser reads them."""
    folder = state / "releaser" / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / f"{account}.toml"
    place.write_text("".join(f'{name} = "{value}"\n' for name, value in credentials.items()))
    place.chmod(0o600)
    return place


def at(state: Path, fake: FakeLine) -> str:
    """Let the account in at the fake; the token."""
    token = fake.token()
    let_in(state, channel_access_token=token, api=fake.url)
    return token


def jobs_for_line(job: MakeJob) -> MakeJob:
    """Makes broadcasts: each number is one revision of one draft."""

    def make(number: int = 1, text: str = "", **given: Any) -> Job:
        mine = {
            "account": ACCOUNT,
            "platform": "line",
            "handle": HANDLE,
            "channel": "line",
            "outbox": "",
            "key": key_of("line", HANDLE, ACCOUNT, str(number), "ab" * 32),
            "deadline": moment() + 30,
        }
        return job(number, body=(text or f"{number}番目のお知らせです。\n").encode(), **{**mine, **given})

    return make


def hurry(monkeypatch: pytest.MonkeyPatch, answer: float = 0.6) -> None:
    """Tries follow each other quickly, so that a test need not wait."""
    monkeypatch.setattr(line, "PAUSE", 0.01)
    monkeypatch.setattr(line, "LONGEST_PAUSE", 0.05)
    monkeypatch.setattr(line, "ANSWER_WITHIN", answer)
