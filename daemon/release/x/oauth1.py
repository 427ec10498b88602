"""OAuth 1.0a user context: every request is signed; nothing runs out and nothing is renewed. Bodies of JSON and files are not signed."""

from __future__ import annotations

from collections.abc import Mapping

from oauthlib.oauth1 import Client  # type: ignore[import-untyped]

KEYS = ("api_key", "api_secret", "access_token", "access_token_secret")
"""What the file with credentials holds for it."""


class OAuth1:
    """An account's signature."""

    def __init__(self, given: Mapping[str, str]) -> None:
        """`given` has KEYS."""
        key, secret, token, token_secret = (given[name] for name in KEYS)
        self._client = Client(key, client_secret=secret, resource_owner_key=token, resource_owner_secret=token_secret)

    def header(self, method: str, url: str) -> str:
        """The header `Authorization` of a request without a form. Every call gives another one: X takes each once."""
        _, headers, _ = self._client.sign(url, method)
        return str(headers["Authorization"])

    def renew(self, worn: str) -> bool:
        """There is nothing to renew."""
        return False
