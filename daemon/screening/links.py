"""Links that hide where they lead: shortened ones, credentials before the host, bare IP addresses, names that look like an official one.

A name is held against the office's own domains and those that the rule calls official. What stands under `lg.jp` or `go.jp` belongs to a
public body, whatever it looks like (JPRS, 属性型JPドメイン名).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.hit import Hit, Text
from daemon.screening.lookalikes import ACCENTED, LETTERS, skeleton
from daemon.screening.registered import Registered, under

_LETTER = rf"[a-z0-9{LETTERS.lower()}\-]"
_ANY_LETTER = rf"[a-z0-9ぁ-んァ-ヶー一-鿿{LETTERS.lower()}{ACCENTED}\-]"
_TOP = r"(?:[a-z]{2,24}|xn--[a-z0-9-]{2,59}|[0-9]{1,3})(?![a-z0-9\-])"
# In running text a name without a scheme begins where Japanese ends.
_LINK = lazy_pattern(
    rf"(?:(?<![a-z0-9])(?P<scheme>https?)://(?P<user>[^\s/?#@]{{1,256}}@)?"
    rf"(?P<host>(?:{_ANY_LETTER}{{1,63}}\.){{1,10}}{_TOP}|\[[0-9a-f:.]{{2,45}}\]|0x[0-9a-f]{{8}}|[0-9]{{8,10}}(?=[/:?#]|$))|"
    rf"(?<![a-z0-9@._/{LETTERS.lower()}\-])(?P<bare>(?:{_LETTER}{{1,63}}\.){{1,10}}{_TOP}))"
    r"(?P<port>:[0-9]{1,5})?(?P<path>[/?#][!-~]*)?"
)
_IP = lazy_pattern(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[[0-9a-f:.]+\]|0x[0-9a-f]+|[0-9]+")
_PUBLIC = ("lg.jp", "go.jp")
_IN_FRONT = lazy_pattern(r"(?:^|[.-])(?:lg|go)[.-]jp[.-]|-(?:lg|go)\.jp$")
_PASSES_FOR_LATIN = lazy_pattern(rf"{_LETTER}+")
_SHORTEST = 8
"""Characters of a domain below which one changed letter makes just another name."""
_PROGRAM = lazy_pattern(r"\.(?:exe|scr|bat|cmd|msi|apk|vbs|ps1|jar|dmg|lnk|hta|iso)(?:[?#]|$)")


_SECRET = lazy_pattern(
    r"[?&#;](?:[a-z]+[_-])?(?:token|api_?key|secret|passw(?:or)?d|pwd|session[_-]?id|jsessionid|phpsessid)=[^&#]{4}"
)


class Link(NamedTuple):
    """A link in a text: its span in the folded text, its host without `www.` and user, and what stands around the host."""

    start: int
    end: int
    host: str
    scheme: str
    user: str
    path: str


def links_in(text: Text) -> Iterator[Link]:
    """The links of the text, with a scheme or bare; a file name or an abbreviation may be among the bare ones."""
    folded = text.folded
    if "." not in folded and "://" not in folded:
        return
    for match in _LINK.finditer(folded):
        host = _plain(match["host"] or match["bare"])
        yield Link(match.start(), match.end(), host, match["scheme"] or "", match["user"] or "", match["path"] or "")


def _plain(host: str) -> str:
    """The host as it is read: punycode decoded, without `www.`."""
    labels = [_decoded(label) for label in host.removeprefix("www.").split(".")]
    return ".".join(labels)


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label


class Known(NamedTuple):
    """What a link is held against: the office's own domains and other official ones, those that may carry such a name
    (a translation service), and the services that shorten links."""

    official: tuple[str, ...]
    trusted: tuple[str, ...]
    shorteners: tuple[str, ...]


def resembled(host: str, known: Known) -> str:
    """The official domain that this host passes itself off as; empty where it does not, or is one."""
    if under(host, known.official) or under(host, _PUBLIC) or under(host, known.trusted):
        return ""
    looks, letters = skeleton(host), host.replace(".", "").replace("-", "")
    for domain in known.official:
        if len(domain) < _SHORTEST:
            continue
        shape = skeleton(domain)
        if under(looks, (shape,)) or f".{domain}." in f".{host}." or domain.replace(".", "").replace("-", "") in letters:
            return domain
        labels = domain.count(".") + 1
        if _one_apart(".".join(host.split(".")[-labels:]), domain):
            return domain
    front = _IN_FRONT.search(host)
    return front[0].strip(".-").replace("-", ".") if front else ""


def _one_apart(one: str, other: str) -> bool:
    """True where one letter was changed, left out, put in, or changed places with its neighbour."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    mine, theirs = one[start:], other[start:]
    return (
        mine[1:] == theirs[1:]
        or mine[1:] == theirs
        or mine == theirs[1:]
        or (mine[:2] == theirs[1::-1] and len(mine) > 1 and mine[2:] == theirs[2:])
    )


def _shortened(link: Link, known: Known) -> tuple[str, str] | None:
    if len(link.path) > 1 and link.host in known.shorteners:
        return (
            f"「{link.host}」の短縮URLで、行き先が見えません。元のURLに置き換えてください。",
            f"A shortened link ({link.host}): where it leads cannot be seen. Put the full address in its place.",
        )
    return None


def _credentials(link: Link, _: Known) -> tuple[str, str] | None:
    if link.user:
        return (
            f"URL の @ の前に文字があります。実際の行き先は「{link.host}」です。行き先を確かめ、@ より前を消してください。",
            f"There is something before an @ in this address; it really leads to {link.host}. Make sure of it, and take that part out.",
        )
    return None


def _secret(link: Link, _: Known) -> tuple[str, str] | None:
    if _SECRET.search(link.path):
        return (
            "URL の中に、合言葉や鍵と読める値（token、password など）があります。だれでも開けるページの URL に置き換えてください。",
            "The address holds what reads as a password or a key (`token`, `password` …). Use the address of a page that is open to all.",
        )
    return None


def _bare_ip(link: Link, _: Known) -> tuple[str, str] | None:
    if link.scheme and _IP.fullmatch(link.host):
        return (
            f"行き先が名前でなく番号（{link.host}）の URL です。だれのサイトか確かめ、名前のある URL に置き換えてください。",
            f"This address is a bare number ({link.host}), not a name. Find out whose it is, and use an address with a name.",
        )
    return None


def _alike(link: Link, known: Known) -> tuple[str, str] | None:
    if "." in link.host and (domain := resembled(link.host, known)):
        return (
            f"「{link.host}」は「{domain}」に似ていますが、別のサイトです。正しい URL か確かめてください。",
            f"{link.host} looks like {domain}, but is another site. Make sure of the address.",
        )
    return None


def _mixed(link: Link, _: Known) -> tuple[str, str] | None:
    if any(_PASSES_FOR_LATIN.fullmatch(label) and not label.isascii() for label in link.host.split(".")):
        return (
            f"URL の名前「{link.host}」に、英字に似た別の文字が混じっています。行き先を確かめてください。",
            f"The name {link.host} mixes in letters of another script that look Latin. Make sure where it leads.",
        )
    return None


def _program(link: Link, _: Known) -> tuple[str, str] | None:
    if (link.scheme or link.path) and _PROGRAM.search(link.path):
        return (
            "開くとプログラムが実行されるおそれのあるファイルへのリンクです。行き先を確かめてください。",
            "A link to a file that may run a program when opened. Make sure where it leads.",
        )
    return None


def _insecure(link: Link, _: Known) -> tuple[str, str] | None:
    if link.scheme == "http" and not _IP.fullmatch(link.host):
        return (
            "http の URL です（暗号化されません）。https で開けるか確かめて、置き換えてください。",
            "An http address (not encrypted). See whether it opens with https, and use that.",
        )
    return None


CHECKS: Mapping[str, Callable[[Link, Known], tuple[str, str] | None]] = {
    "shortened": _shortened,
    "credentials": _credentials,
    "secret": _secret,
    "ip": _bare_ip,
    "look-alike": _alike,
    "mixed": _mixed,
    "program": _program,
    "http": _insecure,
}
"""What a rule may ask of links (`of` of the detector), each with what it says of one."""


def check_links(text: Text, wanted: tuple[str, ...], ours: Registered, known: Known) -> Iterator[Hit]:
    """Every link of which one of the wanted checks has something to say; the first that does speaks."""
    known = known._replace(official=(*ours.domains, *known.official))
    for link in links_in(text):
        for name in wanted:
            if said := CHECKS[name](link, known):
                yield Hit(*text.span(link.start, link.end), message=said[0], message_en=said[1], fix=_mended(name, text, link))
                break


def _mended(name: str, text: Text, link: Link) -> str | None:
    """The link with https, where that is all there is to mend."""
    if name != "http":
        return None
    start, end = text.span(link.start, link.end)
    written = text.source[start:end]
    return f"https{written[4:]}" if written.startswith("http:") else None
