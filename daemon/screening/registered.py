"""What the office has published of itself (`public` of rules.toml): its telephone numbers, mail addresses and domains are nobody's secret."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.fold import fold

_PHONE = lazy_pattern(r"(?<![0-9])0[0-9](?:[-() ]{0,2}[0-9]){7,9}(?![0-9])")
_MAIL = lazy_pattern(r"[a-z0-9._%+-]+@(?:[a-z0-9-]+\.)+[a-z]{2,}")
_HOST = lazy_pattern(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[:/]|$)")
_DIGITS = lazy_pattern(r"[^0-9]")
_GENERAL = (
    "com",
    "net",
    "org",
    "info",
    "app",
    "io",
    "jp",
    "co.jp",
    "or.jp",
    "ne.jp",
    "ac.jp",
    "go.jp",
    "lg.jp",
    "ed.jp",
    "gr.jp",
)
"""What stands above a name that somebody registered: nobody owns these themselves."""


class Registered(NamedTuple):
    """Telephone numbers as digits alone, mail addresses, and domains without `www.`, all folded."""

    phones: frozenset[str] = frozenset()
    mails: frozenset[str] = frozenset()
    domains: tuple[str, ...] = ()

    def owns(self, host: str) -> bool:
        """True for one of the domains, and for what stands under it."""
        return under(host, self.domains)


@lru_cache(maxsize=16)
def registered(public: tuple[str, ...]) -> Registered:
    """Read from what people wrote: 「電話 03-3578-2111」, `city.minato.tokyo.jp`, a mail address, an https address."""
    phones: set[str] = set()
    mails: set[str] = set()
    domains: dict[str, None] = {}
    for written in public:
        folded = fold(written)
        phones.update(digits(found[0]) for found in _PHONE.finditer(folded))
        mails.update(found[0] for found in _MAIL.finditer(folded))
        for word in folded.split():
            if "@" not in word and (host := _HOST.match(word)) and host[1] not in _GENERAL:
                domains[host[1].removeprefix("www.")] = None
    return Registered(frozenset(phones), frozenset(mails), tuple(domains))


def digits(text: str) -> str:
    """The digits of a folded text."""
    return _DIGITS.sub("", text)


def under(host: str, domains: Iterable[str]) -> bool:
    """True where the host is one of the domains or stands under one."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
