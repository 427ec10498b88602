"""What the office has published of itself (`public` of rules.toml): its telephone numbers, mail addresses and domains are nobody's secret,
nor are the names of its mayor and councillors."""

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


TITLES = (
    "都知事|府知事|県知事|道知事|知事|副市長|副区長|副町長|副村長|市長|区長|町長|村長|教育長|議長|議員|首相|大臣|長官|大使|理事長|組合長|委員長|会長|社長|校長|園長|館長|院長|所長|"
    "部長|課長|係長|准教授|教授|博士|医師|弁護士|監督|容疑者|被告"
)
"""What people are called by their office or calling (the body of a pattern)."""
_TITLE = lazy_pattern(f"(?:{TITLES})$")
_NAME = lazy_pattern("[一-鿿々〆ヶぁ-ゖァ-ヺー・= ]+")


class Registered(NamedTuple):
    """Telephone numbers as digits alone, mail addresses, domains without `www.`, and names of persons without spaces, all folded."""

    phones: frozenset[str] = frozenset()
    mails: frozenset[str] = frozenset()
    domains: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()

    def has_named(self, person: str, *, titled: bool) -> bool:
        """True for the name of somebody whom the office has named, and with a title for the surname alone."""
        name = _closed(person)
        return name in self.names or (titled and any(known.startswith(name) for known in self.names))

    def owns(self, host: str) -> bool:
        """True for one of the domains, and for what stands under it."""
        return under(host, self.domains)


@lru_cache(maxsize=16)
def registered(public: tuple[str, ...]) -> Registered:
    """Read from what people wrote: 「電話 03-3578-2111」, `city.minato.tokyo.jp`, a mail address, an https address, 「市長 山田太郎」."""
    phones: set[str] = set()
    mails: set[str] = set()
    domains: dict[str, None] = {}
    names: set[str] = set()
    for written in public:
        folded = fold(written)
        phones.update(digits(found[0]) for found in _PHONE.finditer(folded))
        mails.update(found[0] for found in _MAIL.finditer(folded))
        for word in folded.split():
            if "@" not in word and (host := _HOST.match(word)) and host[1] not in _GENERAL:
                domains[host[1].removeprefix("www.")] = None
        if _NAME.fullmatch(folded):
            names.add(_closed(" ".join(word for word in folded.split() if not _TITLE.search(word)) or _TITLE.sub("", folded)))
    return Registered(frozenset(phones), frozenset(mails), tuple(domains), frozenset(names - {""}))


def _closed(name: str) -> str:
    return name.replace(" ", "").replace("・", "").replace("=", "")


def digits(text: str) -> str:
    """The digits of a folded text."""
    return _DIGITS.sub("", text)


def under(host: str, domains: Iterable[str]) -> bool:
    """True where the host is one of the domains or stands under one."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
