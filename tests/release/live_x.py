"""An account whose channel is the fake X: credentials as an office has them, jobs for it, and what really arrived."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import tomli_w

from daemon.release.jobs import Job, body_hash, moment
from daemon.release.steps import FOLDER
from daemon.release.x.access import _met
from tests.platforms.x import FakeX

ACCOUNT, HANDLE = "minato-x", "minatokoho"


class AtX:
    """The account `minato-x` of an office at a fake X."""

    def __init__(self, state: Path, fake: FakeX) -> None:
        self.state, self.fake = state, fake
        self.number = fake.user(HANDLE, "港区")
        _met.clear()

    def lets_in(self, account: str = ACCOUNT, **given: str) -> Path:
        """Write these credentials; the address of the fake is among them."""
        folder = self.state / FOLDER / "secrets"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = folder / f"{account}.toml"
        fd = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(tomli_w.dumps({"api": self.fake.url, **given}).encode())
        return place

    def signed(self, handle: str = HANDLE, account: str = ACCOUNT) -> dict[str, str]:
        """OAuth 1.0a."""
        keys = self.fake.oauth1(handle)
        given = {"api_key": keys["consumer_key"], "api_secret": keys["consumer_secret"]}
        given |= {name: keys[name] for name in ("access_token", "access_token_secret")}
        self.lets_in(account, **given)
        return given

    def granted(self, handle: str = HANDLE, account: str = ACCOUNT) -> dict[str, str]:
        """OAuth 2."""
        app = self.fake.application()
        given = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
        given["refresh_token"] = self.fake.oauth2(handle)["refresh_token"]
        self.lets_in(account, **given)
        return given

    def job(self, number: int = 1, text: str = "", **given: Any) -> Job:
        """A job for X; anything may be given differently."""
        body = given.pop("body", (text or f"{number}番目のお知らせです。").encode())
        values: dict[str, Any] = {
            "id": str(number),
            "draft": number,
            "hash": "ab" * 32,
            "body": body,
            "body_hash": body_hash(body),
            "account": ACCOUNT,
            "platform": "x",
            "handle": HANDLE,
            "channel": "x",
            "epoch": 7,
            "deadline": moment() + 30,
            "since": time.time(),
        }
        return Job(**{**values, **given})

    @property
    def texts(self) -> list[str]:
        return self.fake.texts(HANDLE)
