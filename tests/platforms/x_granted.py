"""OAuth 2 at the fake X: the page on which a person agrees, and the tokens. A refresh token is good once."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.platforms.contract import Request
from tests.platforms.serving import Refused, Reply
from tests.platforms.x_signed import ACCESS_SECONDS, App, Token

CODE_SECONDS = 30.0


@dataclass
class Code:
    user: str
    scopes: list[str]
    redirect: str
    challenge: str
    method: str
    until: float


@dataclass
class Granted:
    """What was given out by OAuth 2."""

    app: App
    agrees: str | None = None
    """The user who agrees on the page; None: nobody does."""
    codes: dict[str, Code] = field(default_factory=dict)
    refresh: dict[str, tuple[str, list[str], str]] = field(default_factory=dict)
    """Refresh tokens that are good: user, scopes, and the access token beside it."""
    spent: list[str] = field(default_factory=list)
    """Refresh tokens that were used or taken back."""

    def tokens(self, user: str, scopes: list[str], now: float) -> dict[str, Any]:
        access = secrets.token_urlsafe(48)
        self.app.access[access] = Token(user, scopes, now + ACCESS_SECONDS)
        made: dict[str, Any] = {
            "token_type": "bearer",
            "expires_in": int(ACCESS_SECONDS),
            "access_token": access,
            "scope": " ".join(scopes),
        }
        if "offline.access" in scopes:
            made["refresh_token"] = secrets.token_urlsafe(48)
            self.refresh[made["refresh_token"]] = (user, scopes, access)
        return made

    def page(self, request: Request, now: float) -> Reply:
        """The page on which a person agrees: it goes straight on to where the application wants it to."""
        given = dict(request.query)
        if given.get("client_id") != self.app.client_id or given.get("response_type") != "code" or "redirect_uri" not in given:
            return Reply(400, "<!doctype html><title>Something went wrong</title>", {}, "text/html")
        back = {"state": given["state"]} if "state" in given else {}
        challenge, method = given.get("code_challenge", ""), given.get("code_challenge_method", "plain")
        if not challenge or method not in ("S256", "plain") or not given.get("scope"):
            back |= {"error": "invalid_request"}
        elif self.agrees is None:
            back |= {"error": "access_denied"}
        else:
            code = secrets.token_urlsafe(40)
            self.codes[code] = Code(
                self.agrees, given["scope"].split(), given["redirect_uri"], challenge, method, now + CODE_SECONDS
            )
            back |= {"code": code}
        sign = "&" if "?" in given["redirect_uri"] else "?"
        return Reply(302, None, {"location": f"{given['redirect_uri']}{sign}{urlencode(back)}"})

    def token(self, request: Request, now: float) -> Reply:
        """POST /2/oauth2/token."""
        given = self._form(request)
        self._client(request, given)
        match given.get("grant_type"):
            case "authorization_code":
                return Reply(200, self._of_code(given, now))
            case "refresh_token":
                user, scopes, access = self._spend(given.get("refresh_token", ""))
                self.app.access.pop(access, None)
                return Reply(200, self.tokens(user, scopes, now))
        raise _refused("unsupported_grant_type", "Value passed for the grant type was invalid.")

    def revoke(self, request: Request) -> Reply:
        """POST /2/oauth2/revoke."""
        given = self._form(request)
        self._client(request, given)
        token = given.get("token", "")
        if token in self.refresh:
            self.app.access.pop(self._spend(token)[2], None)
        self.app.access.pop(token, None)
        return Reply(200, {"revoked": True})

    def _form(self, request: Request) -> dict[str, str]:
        if request.method != "POST" or request.content_type != "application/x-www-form-urlencoded":
            raise _refused("invalid_request", "Content type must be application/x-www-form-urlencoded.")
        return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))

    def _client(self, request: Request, given: dict[str, str]) -> None:
        """A public client names itself in the form; a confidential one by Basic. Raises Refused for another."""
        kind, _, rest = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            wanted = base64.b64encode(f"{self.app.client_id}:{self.app.client_secret}".encode()).decode()
            if secrets.compare_digest(rest, wanted):
                return
            raise Refused(Reply(401, {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}))
        if given.get("client_id") != self.app.client_id:
            raise _refused("invalid_client", "Value passed for the client was invalid.")

    def _of_code(self, given: dict[str, str], now: float) -> dict[str, Any]:
        code = self.codes.pop(given.get("code", ""), None)
        verifier = given.get("code_verifier", "")
        if code is None or code.until <= now or code.redirect != given.get("redirect_uri"):
            raise _refused("invalid_request", "Value passed for the authorization code was invalid.")
        if code.method == "S256":
            verifier = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        if verifier != code.challenge:
            raise _refused("invalid_request", "Value passed for the code verifier did not match the code challenge.")
        return self.tokens(code.user, code.scopes, now)

    def _spend(self, token: str) -> tuple[str, list[str], str]:
        found = self.refresh.pop(token, None)
        if found is None:
            raise _refused("invalid_request", "Value passed for the token was invalid.")
        self.spent.append(token)
        return found


def _refused(error: str, description: str) -> Refused:
    return Refused(Reply(400, {"error": error, "error_description": description}))
