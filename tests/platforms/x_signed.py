"""Who asks: OAuth 1.0a signatures, checked by oauthlib's server side, and bearer tokens with their scopes."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from oauthlib.oauth1 import RequestValidator, ResourceEndpoint

from tests.platforms.contract import Operation, Request
from tests.platforms.serving import Refused
from tests.platforms.x_answers import blank, forbidden

ACCESS_SECONDS = 7200.0
"""How long an access token of OAuth 2 holds."""


@dataclass
class Who:
    """Somebody whose token held: a user, or the application alone."""

    user: str | None
    name: str


@dataclass
class Token:
    user: str
    scopes: list[str]
    until: float


@dataclass
class App:
    """The application of the office at X, with everything that was given out to it."""

    consumer_key: str = field(default_factory=lambda: secrets.token_hex(12))
    consumer_secret: str = field(default_factory=lambda: secrets.token_hex(25))
    client_id: str = field(default_factory=lambda: secrets.token_hex(17))
    client_secret: str = field(default_factory=lambda: secrets.token_hex(25))
    bearer: str = field(default_factory=lambda: secrets.token_hex(40))
    signed: dict[str, tuple[str, str]] = field(default_factory=dict)
    """OAuth 1.0a access tokens: secret and user."""
    access: dict[str, Token] = field(default_factory=dict)
    nonces: set[tuple[str, str, str]] = field(default_factory=set)

    def oauth1(self, user: str) -> dict[str, str]:
        token, secret = f"{user}-{secrets.token_hex(20)}", secrets.token_hex(22)
        self.signed[token] = (secret, user)
        return {
            "consumer_key": self.consumer_key,
            "consumer_secret": self.consumer_secret,
            "access_token": token,
            "access_token_secret": secret,
        }


class _Validator(RequestValidator):
    """What oauthlib asks of the platform's own records."""

    enforce_ssl = False
    client_key_length = nonce_length = (1, 200)
    access_token_length = (1, 200)
    dummy_client = dummy_access_token = "nobody"

    def __init__(self, app: App) -> None:
        super().__init__()
        self._app = app

    @property
    def safe_characters(self) -> set[str]:
        return set(string.ascii_letters + string.digits + "-_+/=.~")

    def validate_client_key(self, client_key: str, request: Any) -> bool:
        return client_key == self._app.consumer_key

    def get_client_secret(self, client_key: str, request: Any) -> str:
        return self._app.consumer_secret

    def validate_access_token(self, client_key: str, token: str, request: Any) -> bool:
        return token in self._app.signed

    def get_access_token_secret(self, client_key: str, token: str, request: Any) -> str:
        return self._app.signed.get(token, ("nothing", ""))[0]

    def validate_realms(self, *_: Any, **__: Any) -> bool:
        return True

    def validate_timestamp_and_nonce(self, client_key: str, timestamp: str, nonce: str, request: Any, **_: Any) -> bool:
        # oauthlib itself refuses a moment more than ten minutes off.
        seen = (client_key, timestamp, nonce)
        fresh = seen not in self._app.nonces
        self._app.nonces.add(seen)
        return fresh


def who(app: App, request: Request, operation: Operation, scheme: str, now: float) -> Who:
    """Who asks for an operation. Raises Refused (401 for nobody, 403 for somebody who may not)."""
    said = request.headers.get("authorization", "")
    kind, _, rest = said.partition(" ")
    ways = {name: scopes for way in operation.security for name, scopes in way.items()}
    if kind == "OAuth":
        found = _signed(app, request, scheme)
        if "UserToken" not in ways:
            raise forbidden("Unsupported Authentication")
        return found
    if kind.lower() == "bearer" and rest == app.bearer:
        if "BearerToken" not in ways:
            raise forbidden("Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.")
        return Who(None, "app")
    token = app.access.get(rest) if kind.lower() == "bearer" else None
    if token is None or token.until <= now:
        raise Refused(blank(401))
    if "OAuth2UserToken" not in ways or not set(ways["OAuth2UserToken"]) <= set(token.scopes):
        raise forbidden("Forbidden")
    return Who(token.user, "oauth2")


def _signed(app: App, request: Request, scheme: str) -> Who:
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in request.query)
    uri = f"{scheme}://{request.headers.get('host', '')}{request.path}{'?' if query else ''}{query}"
    headers = {"Authorization": request.headers["authorization"]}
    if request.content_type == "application/x-www-form-urlencoded":
        headers["Content-Type"] = request.content_type
    try:
        body = request.body.decode("utf-8", "replace") if len(headers) == 2 else None
        valid, parsed = ResourceEndpoint(_Validator(app)).validate_protected_resource_request(uri, request.method, body, headers)
    except ValueError:
        valid, parsed = False, None
    if not valid or parsed is None:
        raise Refused(blank(401))
    return Who(app.signed[parsed.resource_owner_key][1], "oauth1")


def _quoted(text: str) -> str:
    return quote(text, safe="-._~")
