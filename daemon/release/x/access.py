"""An account's way in at X: its credentials, who they say that we are, and requests that carry them."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import httpx2
import msgspec

from daemon.release.channel import Here
from daemon.release.http import (
    ANSWER_WITHIN,
    TRY_AGAIN_AFTER,
    Answer,
    Lost,
    Parted,
    Unreachable,
    asked,
    lost,
    safe_address,
    unreachable,
)
from daemon.release.jobs import Held, moment
from daemon.release.permit import put
from daemon.release.x import oauth1, oauth2
from daemon.release.x.problems import SOON, Refusal, judged

API = "https://api.x.com"
NAME = "x"
"""The channel's, and that of its folder."""

HANDLE = re.compile("[A-Za-z0-9_]{1,50}")
"""What X's names look like. Anything else is no name, whoever sends it: in an address or on a screen it might pass for something else."""

Query = Mapping[str, str | int]


class Auth(Protocol):
    """How requests show who makes them."""

    def header(self, method: str, url: str) -> str: ...

    def renew(self, worn: str) -> bool: ...


class Me(msgspec.Struct, frozen=True):
    """Whom the credentials let in as."""

    number: str
    handle: str
    name: str = ""


_met: dict[tuple[Path, str], tuple[str, str, Me]] = {}
"""Whom this process has met by an account's credentials: the credentials' first use in a hand's life asks."""


class Access:
    """One account, for one job, look or question."""

    def __init__(self, here: Here, account: str, handle: str, until: float) -> None:
        """`until`: when it all has to be over (of `moment`). Raises Held (`failed`) where the credentials are of no use."""
        self.account, self.handle, self.until = account, handle.lstrip("@"), until
        given = here.credentials(account)
        try:
            self.api = safe_address(given.get("api", API))
        except ValueError:
            raise Held(
                "failed",
                f"{account} の認証情報の api は https で始まるアドレスにしてください",
                f"the address api in the credentials of {account} has to begin with https",
            ) from None
        self.memory = _memory(here)
        self.read: Counter[str] = Counter()
        """How many rows X charges for what has been read so far, by the names of their prices."""
        self.place = here.state, account
        self._mark = repr(sorted(given.items()))
        self.auth = _auth(account, given, self.api, self.memory / f"{account}.json")

    # Requests

    def request(self, method: str, path: str, *, query: Query | None = None, **content: Any) -> httpx2.Request:
        """A request in the account's name; `content` is what httpx2 makes a body of (json, files). Raises Held."""
        plain = httpx2.Request(method, f"{self.api}{path}", params=dict(query) if query else None, **content)
        plain.headers["Authorization"] = self.auth.header(method, str(plain.url))
        plain.headers["Accept"] = "application/json"
        plain.headers["User-Agent"] = "Kohoban"
        return plain

    def parted(self, method: str, path: str, **content: Any) -> Parted:
        """A request that changes something, connected. Raises Held (`prevented`) where nobody is there."""
        request = self.request(method, path, **content)
        try:
            return Parted(request, self._within())
        except Unreachable as error:
            raise unreachable("X", error) from None

    def asked(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        """The body of X's answer to a request that may be made twice and shows nothing to anybody. Raises Refusal, Held: whatever leaves
        open what became of it may be tried again."""
        try:
            try:
                return judged(self._answer(method, path, content))
            except Refusal as refusal:
                if refusal.kind != "token" or not self.auth.renew(self._worn):
                    raise
            return judged(self._answer(method, path, content))
        except Held as held:
            if held.outcome != "unknown":
                raise
            raise Held("prevented", held.why, held.why_en, again_at=time.time() + SOON) from None

    def _answer(self, method: str, path: str, content: Mapping[str, Any]) -> Answer:
        request = self.request(method, path, **content)
        self._worn = request.headers["Authorization"]
        within = self._within(uploading="files" in content)
        try:
            return asked(request, within, writing=within)
        except Unreachable as error:
            raise unreachable("X", error) from None
        except Lost as error:
            raise lost("X", error) from None

    _worn = ""

    def _within(self, *, uploading: bool = False) -> float:
        """Seconds that a request may take. Raises Held (`prevented`) where no time is left."""
        left = self.until - moment()
        if left < 1:
            raise Held(
                "prevented",
                "X とのやり取りに時間がかかりすぎました",
                "what had to be asked of X took too long",
                again_at=time.time() + TRY_AGAIN_AFTER,
            )
        return left if uploading else min(ANSWER_WITHIN, left)

    # Who we are

    def me(self) -> Me:
        """Whom the credentials let in as, asked of X. Raises Held."""
        try:
            data = self.asked("GET", "/2/users/me").get("data")
            self.read["account"] += 1
        except Refusal as refusal:
            raise refusal.held from None
        me = user_of(data)
        if me is None:
            raise Held(
                "prevented", "X の答えが読めません（users/me）", "X's answer to users/me cannot be read", time.time() + SOON
            )
        return me

    def own(self) -> Me:
        """The account itself: whom the credentials let in is asked once in a hand's life, and has to be the account. Raises Held (`failed`)
        with both names where it is another one's."""
        known = _met.get(self.place)
        if known is not None and known[:2] == (self._mark, self.handle.lower()):
            return known[2]
        me = self.me()
        if me.handle.lower() != self.handle.lower():
            raise Held(
                "failed",
                f"認証情報は @{me.handle} のもので、@{self.handle} のものではありません。kohoban secrets で登録し直してください",
                f"the credentials are those of @{me.handle}, not of @{self.handle}: register them again with kohoban secrets",
            )
        _met[self.place] = self._mark, self.handle.lower(), me
        self._remember(me)
        return me

    def number(self) -> str:
        """The account's number, remembered from whenever it was last asked; for what only reads. Raises Held."""
        with suppress(OSError, msgspec.DecodeError):
            me = msgspec.json.decode(self._memo().read_bytes(), type=Me)
            if me.handle.lower() == self.handle.lower() and me.number.isdigit():
                return me.number
        return self.own().number

    def _memo(self) -> Path:
        return self.memory / f"{self.account}.me"

    def _remember(self, me: Me) -> None:
        with suppress(OSError):  # asked again next time
            put(self._memo(), msgspec.json.encode(me))


def _memory(here: Here) -> Path:
    try:
        return here.memory(NAME)
    except OSError as error:
        raise Held(
            "prevented",
            f"発信係のフォルダに書けません（{os.strerror(error.errno or 0)}）",
            f"the releaser's folder cannot be written ({os.strerror(error.errno or 0)})",
            again_at=time.time() + TRY_AGAIN_AFTER,
        ) from None


def _auth(account: str, given: Mapping[str, str], api: str, place: Path) -> Auth:
    if all(given.get(name) for name in oauth1.KEYS):
        return oauth1.OAuth1(given)
    if all(given.get(name) for name in oauth2.KEYS):
        return oauth2.OAuth2(given, api, place)
    raise Held(
        "failed",
        f"{account} の認証情報が足りません。{'・'.join(oauth1.KEYS)} か、{'・'.join(oauth2.KEYS)} が要ります",
        f"the credentials of {account} are not complete: {', '.join(oauth1.KEYS)}, or {', '.join(oauth2.KEYS)}",
    )


def user_of(data: object) -> Me | None:
    """A user of X's, as an answer has one; None for what is none."""
    if not isinstance(data, dict):
        return None
    number, handle, name = data.get("id"), data.get("username"), data.get("name")
    if not (isinstance(number, str) and number.isascii() and number.isdigit() and len(number) < 20):
        return None
    if not (isinstance(handle, str) and HANDLE.fullmatch(handle)):
        return None
    return Me(number, handle, name[:100] if isinstance(name, str) else "")
