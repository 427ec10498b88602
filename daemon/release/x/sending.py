"""One job on its way to X: connected, written, answered."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from daemon.release.channel import Became
from daemon.release.http import Lost, Parted, Unreachable, lost, unreachable
from daemon.release.jobs import Held
from daemon.release.x.access import Access
from daemon.release.x.acts import Act
from daemon.release.x.media import Uploads
from daemon.release.x.problems import Refusal, judged

RENEWED_AGAIN_AFTER = 600.0
"""Seconds within which a token that X does not know although it was renewed is for a person to see to."""

_renewed: dict[tuple[Path, str], float] = {}


class Already:
    """A job that is out: an earlier try had put it there."""

    def __init__(self, place: str) -> None:
        self._place = place

    def write(self) -> None:
        """Nothing leaves."""

    def finish(self) -> Became:
        """Where it can be read."""
        return Became("released", self._place, "前の試みで出ていました", "an earlier try had put it out")

    def abandon(self) -> None:
        """There is nothing."""


class Sending:
    """An act, connected and waiting for its leave. `twin` looks for a post with the same words that X says is there."""

    def __init__(self, access: Access, act: Act, twin: Callable[[], str], uploads: Uploads) -> None:
        """Connect. Raises Held (`prevented`)."""
        self._access, self._act, self._twin, self._uploads = access, act, twin, uploads
        content = {} if act.json is None else {"json": act.json}
        self._parted: Parted = access.parted(act.method, act.path, **content)
        self._header = self._parted.request.headers["Authorization"]

    def write(self) -> None:
        """Let it leave. Raises Held."""
        try:
            self._parted.go()
        except Unreachable as error:
            raise unreachable("X", error) from None
        except Lost as error:
            raise lost("X", error) from None

    def finish(self) -> Became:
        """What became of it. Raises Held."""
        try:
            answer = self._parted.answer()
        except Lost as error:
            raise lost("X", error) from None
        try:
            data = judged(answer).get("data")
        except Refusal as refusal:
            return self._refused(refusal)
        except Held as held:
            raise held from None
        place = self._act.place(data) if isinstance(data, dict) else None
        if place is None:
            raise Held("unknown", "X の答えが読めません", "X's answer cannot be read")
        _renewed.pop(self._access.place, None)
        return Became("released", place)

    def abandon(self) -> None:
        """Not a byte leaves."""
        self._parted.abandon()

    def _refused(self, refusal: Refusal) -> Became:
        if refusal.kind == "gone" and self._act.gone:
            return Became("released", self._act.at)
        if refusal.kind == "duplicate":
            return Became("released", self._twin())
        if refusal.kind == "token":
            self._renew()
        if refusal.kind == "media" and self._uploads.forget():
            why, why_en = (
                "前に上げた画像を X がもう知りません。上げ直します",
                "X does not know an earlier upload any more: it goes up anew",
            )
            raise Held("prevented", why, why_en, again_at=time.time())
        raise refusal.held from None

    def _renew(self) -> None:
        """X did not know the token, so certainly nothing went out: with another one it may by the next try. Raises Held (`prevented`)."""
        place, now = self._access.place, time.time()
        if now - _renewed.get(place, 0.0) < RENEWED_AGAIN_AFTER or not self._access.auth.renew(self._header):
            return
        _renewed[place] = now
        raise Held("prevented", "X の認証を更新しました", "the token for X was renewed", again_at=now)
