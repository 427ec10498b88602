"""What a policy publishes of its account (user name, account name, address), and whether a configured account is that one.

twitter.com is x.com; `www.`, `mobile.` and `m.`, a slash at the end, and case make no other address.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from daemon.rulebook.model import Account, Handle

_PROFILES = {"x": "https://x.com/{}", "facebook": "https://www.facebook.com/{}", "line": "https://line.me/R/ti/p/@{}"}
_SAME_HOST = {"twitter.com": "x.com", "fb.com": "facebook.com"}


class Difference(NamedTuple):
    """Where a configured account is not the published one: the key of `[[accounts]]`, what the policy says, what stands there."""

    key: Literal["handle", "name", "url"]
    published: str
    now: str


def differences(rule: Handle, account: Account) -> Iterator[Difference]:
    """Everything in which this account is not the one that the policy publishes for its platform."""
    handle, name, url = (of.get(account.platform) for of in (rule.handles, rule.names, rule.urls))
    if handle is not None and not same_handle(handle, account.handle):
        yield Difference("handle", handle, account.handle)
    if name is not None and not same_name(name, account.name):
        yield Difference("name", name, account.name)
    if url is not None and not same_address(url, address_of(account)):
        yield Difference("url", url, address_of(account))


def same_handle(one: str, other: str) -> bool:
    """Whether two user names are one: with or without @, in any case and width."""
    return _folded(one).lstrip("@") == _folded(other).lstrip("@")


def same_name(one: str, other: str) -> bool:
    """Whether two account names read the same, whatever their width; case counts."""
    return _plain(one) == _plain(other)


def same_address(one: str, other: str) -> bool:
    """Whether two addresses lead to one account."""
    return _address(one) == _address(other)


def address_of(account: Account) -> str:
    """Where the account can be read."""
    return account.url or profile(account.platform, account.handle)


def profile(platform: str, handle: str) -> str:
    """The page of a user name, as its platform makes it; "" for one that this program does not know."""
    return _PROFILES.get(platform, "").format(_plain(handle).lstrip("@"))


def is_address(url: str) -> bool:
    """Whether this is a whole https address of a page."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and parts.path.strip("/") != ""


def _address(url: str) -> tuple[str, str, str]:
    plain = _plain(url)
    try:
        parts = urlsplit(plain if "//" in plain else f"//{plain}")
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return "", plain, ""
    for before in ("www.", "mobile.", "m."):
        host = host.removeprefix(before)
    host = _SAME_HOST.get(host, host)
    return host, parts.path.strip("/").casefold(), "" if host == "x.com" else parts.query


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _folded(text: str) -> str:
    return _plain(text).casefold()
