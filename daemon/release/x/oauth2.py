"""OAuth 2 with PKCE: the login by which a person lets this program act for an account, and tokens that are renewed as they run out.

A refresh token is good once. So the new pair is durable before it is first used, room for it is made before it is asked for, and one asks at a
time. Where a crash or a lost answer has swallowed a pair, the account says that it has to be authorised again.
"""

from __future__ import annotations

import base64
import fcntl
import hmac
import os
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

import httpx2
import msgspec

from daemon.release.http import Answer, Lost, Unreachable, asked, cleaned
from daemon.release.jobs import Held
from daemon.release.permit import sync_folder
from daemon.release.veil import veil

KEYS = ("client_id", "refresh_token")
"""What the file with credentials holds for it; `client_secret` besides where X calls the application confidential."""
SCOPES = (
    "tweet.read",
    "tweet.write",
    "users.read",
    "tweet.moderate.write",
    "mute.read",
    "mute.write",
    "block.read",
    "media.write",
    "offline.access",
)
"""The least that the channel needs."""
AUTHORISE = "https://x.com/i/oauth2/authorize"
REDIRECT = "http://127.0.0.1:8765/x"
"""Where X sends the person's browser; nobody listens there: the address is copied from the browser."""
EARLY = 60.0
"""Seconds before its end at which a token is renewed."""
LEAST = 10 * EARLY
"""Seconds for which a token is used in any case, unless X refuses it: one that is said to end at once would be renewed at every request."""
LOCK_WITHIN = 20.0
SEEDS = 20
"""Refresh tokens from the file that are remembered as used."""
ROOM = 8192
"""Bytes that a pair may take."""


class Login(NamedTuple):
    """A login that has begun: the address that the person opens, and what ties the answer to it (secret until it is over)."""

    address: str
    state: str
    verifier: str
    redirect: str


class Tokens(NamedTuple):
    """What X gave: the refresh token that goes into the file with credentials."""

    refresh_token: str
    scopes: tuple[str, ...]


class Pair(msgspec.Struct, frozen=True):
    """The tokens in use. `until`: when the access token runs out (seconds since 1970); `seeds`: sha256 of the refresh tokens of the file that
    have been used."""

    access: str = ""
    refresh: str = ""
    until: float = 0.0
    seeds: tuple[str, ...] = ()


def begin(client_id: str, *, redirect: str = REDIRECT, authorise: str = AUTHORISE, scopes: tuple[str, ...] = SCOPES) -> Login:
    """Begin a login. The person opens `address` as the account, agrees, and copies the address at which the browser then stands."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked_for = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect,
        "scope": " ".join(scopes),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return Login(f"{authorise}?{urlencode(asked_for)}", state, verifier, redirect)


def exchange(login: Login, pasted: str, client_id: str, client_secret: str = "", *, api: str = "https://api.x.com") -> Tokens:
    """The tokens for the address that was pasted back. Raises Held (`failed`) with what to do: it is another login's, the person declined,
    the code has run out, or X cannot be reached."""
    said = parse_qs(pasted.strip().partition("#")[0].partition("?")[2])
    code, state, error = (said.get(name, [""])[0] for name in ("code", "state", "error"))
    if not hmac.compare_digest(state.encode(), login.state.encode()):
        raise Held(
            "failed",
            "貼り付けたアドレスが、このログインのものではありません。最初からやり直してください",
            "the address that was pasted is not this login's: begin again",
        )
    if error or not code:
        raise Held(
            "failed",
            f"X での許可がありません（{cleaned(error) or 'code なし'}）。最初からやり直してください",
            f"there was no consent at X ({cleaned(error) or 'no code'}): begin again",
        )
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": login.redirect,
        "code_verifier": login.verifier,
        "client_id": client_id,
    }
    try:
        answer = asked(_request(api, form, client_id, client_secret))
    except (Unreachable, Lost) as error_:
        raise Held("failed", f"X につながりません（{error_}）", f"X cannot be reached ({error_})") from None
    given = answer.body or {}
    refresh, scope = given.get("refresh_token"), given.get("scope")
    veil(*(str(value) for value in (login.verifier, refresh, given.get("access_token")) if value))
    if answer.status != 200 or not isinstance(refresh, str) or not refresh:
        why = cleaned(str(given.get("error_description") or given.get("error") or ""))
        raise Held(
            "failed",
            f"X が許可のコードを受け付けません（{answer.status}）。最初からやり直してください。{why}",
            f"X does not take the code ({answer.status}): begin again. {why}",
        )
    return Tokens(refresh, tuple(scope.split()) if isinstance(scope, str) else ())


_locks: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)


class OAuth2:
    """An account's tokens: those of the file with credentials, or the pair that came of them."""

    def __init__(self, given: Mapping[str, str], api: str, place: Path) -> None:
        """`given` has KEYS; `place` is the file in which the pair is kept."""
        self._id, self._secret = given["client_id"], given.get("client_secret", "")
        self._first, self._api, self._place = given["refresh_token"], api, place

    def header(self, method: str, url: str) -> str:
        """The header `Authorization` of a request, with a token that has not run out. Raises Held."""
        pair = _kept(self._place)
        if self._seed() not in pair.seeds or not pair.access or pair.until < time.time() + EARLY:
            pair = self._renewed(pair.access)
        return f"Bearer {pair.access}"

    def renew(self, worn: str) -> bool:
        """X does not know the token of this header any more: another one. Raises Held where there is none to be had."""
        self._renewed(worn.removeprefix("Bearer "))
        return True

    def _seed(self) -> str:
        return sha256(self._first.encode()).hexdigest()

    def _renewed(self, worn: str) -> Pair:
        with self._alone():
            pair = _kept(self._place)
            new_file = self._seed() not in pair.seeds
            if not new_file and pair.access and pair.access != worn and pair.until >= time.time() + EARLY:
                return pair  # somebody else was quicker
            refresh = self._first if new_file or not pair.refresh else pair.refresh
            draft = _room(self._place)
            try:
                pair = self._asked(refresh, pair.seeds)
                _keep(draft, self._place, pair)
            finally:
                with suppress(OSError):
                    draft.unlink(missing_ok=True)
            return pair

    def _asked(self, refresh: str, seeds: tuple[str, ...]) -> Pair:
        form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": self._id}
        try:
            answer = asked(_request(self._api, form, self._id, self._secret))
        except (Unreachable, Lost) as error:
            raise _later(str(error)) from None
        given = answer.body or {}
        access, new, lasts = given.get("access_token"), given.get("refresh_token"), given.get("expires_in")
        if answer.status == 200 and isinstance(access, str) and access:
            veil(access, *((new,) if isinstance(new, str) else ()))
            until = time.time() + (max(float(lasts), LEAST) if isinstance(lasts, int | float) and 0 < lasts < 1e7 else 7200.0)
            new = new if isinstance(new, str) and new else refresh
            return Pair(access, new, until, (*(s for s in seeds if s != self._seed()), self._seed())[-SEEDS:])
        raise _no_pair(answer)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time, in this process and in any other. Raises Held."""
        lock = self._place.with_suffix(".lock")
        until = time.monotonic() + LOCK_WITHIN
        if not _locks[lock].acquire(timeout=LOCK_WITHIN):
            raise _later("the tokens are being renewed")
        try:
            fd = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                while True:
                    try:
                        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        break
                    except BlockingIOError:
                        if time.monotonic() > until:
                            raise _later("the tokens are being renewed") from None
                        time.sleep(0.02)
                yield
            finally:
                os.close(fd)
        except OSError as error:
            raise _no_room(error) from None
        finally:
            _locks[lock].release()


def _request(api: str, form: Mapping[str, str], client_id: str, client_secret: str) -> httpx2.Request:
    headers = {"Accept": "application/json"}
    if client_secret:
        headers["Authorization"] = f"Basic {base64.b64encode(f'{client_id}:{client_secret}'.encode()).decode()}"
    return httpx2.Request("POST", f"{api}/2/oauth2/token", data=dict(form), headers=headers)


def _kept(place: Path) -> Pair:
    """The pair that is kept; an empty one where there is none, or what is there is damaged."""
    try:
        pair = msgspec.json.decode(place.read_bytes().strip(), type=Pair)
    except (OSError, msgspec.DecodeError):
        return Pair()
    veil(pair.access, pair.refresh)
    return pair


def _room(place: Path) -> Path:
    """A file beside it with room for a pair, durable. Raises OSError: then no token may be spent."""
    draft = place.with_suffix(".new")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        os.fchmod(fd, 0o600)
        os.write(fd, b" " * ROOM)
        os.fsync(fd)
    finally:
        os.close(fd)
    return draft


def _keep(draft: Path, place: Path, pair: Pair) -> None:
    """Make a pair durable in its place, in the room that was made for it. Raises OSError."""
    data = msgspec.json.encode(pair)
    fd = os.open(draft, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        os.pwrite(fd, data.ljust(ROOM), 0)
        os.fsync(fd)
    finally:
        os.close(fd)
    draft.rename(place)
    sync_folder(place.parent)


def _later(why: str) -> Held:
    return Held(
        "prevented",
        f"X の認証の更新ができません（{why}）",
        f"the token for X cannot be renewed now ({why})",
        again_at=time.time() + 30.0,
    )


def _no_room(error: OSError) -> Held:
    return Held(
        "prevented",
        f"X の認証情報を控える場所に書けません（{error.strerror}）。空きと権限を確かめてください",
        f"the new token for X could not be kept ({error.strerror}): see to the room on the disk and the permissions",
        again_at=time.time() + 30.0,
    )


def _no_pair(answer: Answer) -> Held:
    if answer.status == 429 or not 400 <= answer.status < 500:
        return _later(f"{answer.status}")
    given = answer.body or {}
    said = cleaned(str(given.get("error_description") or given.get("error") or ""))
    return Held(
        "failed",
        f"X の許可が失効しています。kohoban secrets authorise で認証し直してください（{answer.status}）{said}",
        f"the consent at X has ended: authorise the account again with kohoban secrets authorise ({answer.status}) {said}",
    )
