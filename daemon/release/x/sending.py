"""One job on its way to X: connected, written, answered."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from daemon.release.http import Lost, Parted, Unreachable, lost, unreachable
from daemon.release.jobs import Held
from daemon.release.x.access import Access
from daemon.release.x.acts import Act
from daemon.release.x.problems import Refusal, judged

RENEWED_AGAIN_AFTER = 600.0
"""Seconds within which a token that X does not know although it was renewed is for a person to see to."""

_renewed: dict[tuple[Path, str], float] = {}


class Sending:
    """An act, connected and waiting for its leave. `twin` looks for a post with the same words that X says is there."""

    def __init__(self, access: Access, act: Act, twin: Callable[[], str]) -> None:
        """Connect. Raises Held (`prevented`)."""
        self._access, self._act, self._twin = access, act, twin
        content = {} if act.json is None else {"json": act.json}
        self._parted: Parted = access.parted(act.method, act.path, **content)
        self._header = self._parted.request.headers["Authorization"]

    def write(self) -> None:
        """Let it leave. Raises Held."""
        try:
            self._parted.go()
        except Unreachable as error:
            raise self._access.clean(unreachable("X", error)) from None
        except Lost as error:
            raise self._access.clean(lost("X", error)) from None

    def finish(self) -> str:
        """Where it can be read. Raises Held."""
        try:
            answer = self._parted.answer()
        except Lost as error:
            raise self._access.clean(lost("X", error)) from None
        try:
            data = judged(answer).get("data")
        except Refusal as refusal:
            return self._refused(refusal)
        except Held as held:
            raise self._access.clean(held) from None
        place = self._act.place(data) if isinstance(data, dict) else None
        if place is None:
            raise Held("unknown", "X の答えが読めません", "X's answer cannot be read")
        _renewed.pop(self._access.place, None)
        return place

    def abandon(self) -> None:
        """Not a byte leaves."""
        self._parted.abandon()

    def _refused(self, refusal: Refusal) -> str:
        if refusal.kind == "gone" and self._act.gone:
            return self._act.at
        if refusal.kind == "duplicate":
            return self._twin()
        if refusal.kind == "token":
            self._renew()
        raise self._access.clean(refusal.held) from None

    def _renew(self) -> None:
        """X did not know the token: with another one the job may go out by its next try. Raises Held (`prevented`)."""
        account, now = self._access.place, time.time()
        if now - _renewed.get(account, 0.0) < RENEWED_AGAIN_AFTER or not self._access.auth.renew(self._header):
            return
        _renewed[account] = now
        raise Held("prevented", "X の認証を更新しました", "the token for X was renewed", again_at=now)
