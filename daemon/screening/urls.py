"""Links as X finds them in running text: with a scheme, or bare (`example.jp/a`) where the top-level domain is known.

The rules are those that the conformance suite of twitter-text tests; they differ from RFC 3986, because X weighs what *it* turns
into a link. Every step is linear in the length of the text.
"""

from __future__ import annotations

from collections.abc import Iterator

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.tlds import LONGEST_NATIVE, NATIVE_TLDS, TLDS

LONGEST_LABEL = 63
"""Characters of one label of a host name as DNS carries it (punycode)."""

LONGEST_URL = 4096
"""Characters of a link that X still takes for one."""

LONGEST_SLUG = 40
"""Characters of the path of a t.co link."""

_SURROGATE = lazy_pattern("[\ud800-\udfff]")
_SPACES = "\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_INVALID = "\ufffe\ufeff\uffff"
_DIRECTIONAL = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_LATIN = "\xc0-\xd6\xd8-\xf6\xf8-\xff\u0100-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
_CYRILLIC = "\u0400-\u04ff"
_HOST_CHAR = rf"[^!'#%&()*+,\\\-./:;<=>?@\[\]^_{{|}}~${_SPACES}{_INVALID}{_DIRECTIONAL}]"
_LABEL = rf"(?:{_HOST_CHAR}|[_-])++"

_RUN = lazy_pattern(rf"{_LABEL}(?:\.{_LABEL})*+")
_SCHEME = lazy_pattern(r"(?i)https?://\Z")
_NOT_BEFORE = lazy_pattern(rf"[A-Za-z0-9@＠$#＃{_INVALID}]")
_ASCII_LABELS = lazy_pattern(rf"(?i)(?:[-a-z0-9{_LATIN}]++\.)++")
_ASCII_WORD = lazy_pattern(r"[0-9A-Za-z]+")
_PUNYCODE = lazy_pattern(r"(?i)xn--[-0-9a-z]+")
_STICKS_TO_TLD = lazy_pattern(r"[0-9a-zA-Z@+-]")
_DOT = lazy_pattern(r"\.")
_PORT = lazy_pattern(r":[0-9]+")
_PATH_CHAR = rf"[a-z{_CYRILLIC}0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_LATIN}]"
_PATH = lazy_pattern(rf"(?i)/(?:{_PATH_CHAR}|\((?:{_PATH_CHAR}++|{_PATH_CHAR}*\({_PATH_CHAR}+\){_PATH_CHAR}*)\))*+")
_NOT_AT_PATH_END = "!*';:,.$%[]\u2013~@|&"
_QUERY = lazy_pattern(r"(?i)\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*")
_NOT_AT_QUERY_END = "!?*'@();:+$%[].,~|"
_TCO = lazy_pattern(r"(?i)https?://t\.co/([a-z0-9]+)(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?")


def urls(text: str) -> Iterator[tuple[int, int]]:
    """The spans (code points) of the links that X makes of this text, in order."""
    at = free = 0
    # Labels without a dot are matched, too, and passed over: a pattern that fails on them is tried again from each character.
    while text.find(".", at) >= 0 and (found := _RUN.search(text, at)):
        at = found.end()
        if text.find(".", found.start(), at) >= 0:
            run = _Run(text, free, found.start(), at)
            yield from run.links()
            free = run.free
            at = max(free, at)


class _Run:
    """A stretch of labels joined by dots, and what it holds. Which host begins at a label is worked out once, from the right.

    `free` is where the last match ended: the character before a link must not belong to an earlier one.
    """

    def __init__(self, text: str, free: int, start: int, stop: int) -> None:
        self.text = text
        self.free = free
        self.start = start
        self.stop = stop
        starts = [start, *(dot.end() for dot in _DOT.finditer(text, start, stop))]
        self.labels = [*zip(starts, [*(begin - 1 for begin in starts[1:]), stop], strict=True)]
        self.tlds = [0, *(_tld_end(text, begin) for begin, _ in self.labels[1:]), 0]
        self.host_ends = self._host_ends()

    def _host_ends(self) -> list[int]:
        """For each label, where the longest host that begins with it ends; 0 where none does."""
        ends = [0] * (len(self.labels) + 1)
        for index in range(len(self.labels) - 2, -1, -1):
            ends[index] = self._host_end(index, self.labels[index][0], ends[index + 1])
        return ends

    def _host_end(self, index: int, start: int, longer: int) -> int:
        """The same for a host that begins at `start`, in label `index`, where `longer` is what begins at the next label."""
        end = self.labels[index][1]
        if not (start < end and self.text[start] not in "-_" and self.text[end - 1] not in "-_"):
            return 0
        return longer or (self.tlds[index + 1] if self.text.find("_", start, end) < 0 else 0)

    def links(self) -> Iterator[tuple[int, int]]:
        at = self.start
        if scheme := _SCHEME.search(self.text, max(self.free, at - 8), at):
            host_end = self.host_ends[0]
            if host_end and self._may_begin(scheme.start()):
                end = self._end_with_scheme(scheme.start(), host_end)
                if end:
                    yield scheme.start(), end
                at = self.free = max(host_end, end)
        yield from self._bare(at)

    def _may_begin(self, at: int) -> bool:
        return at == 0 or (at > self.free and not _NOT_BEFORE.match(self.text, at - 1))

    def _end_with_scheme(self, start: int, host_end: int) -> int:
        end = _tail(self.text, host_end)
        if not _well_formed(self.text[self.start : host_end], end - start):
            return 0
        if tco := _TCO.match(self.text, start):
            return tco.end() if len(tco[1]) <= LONGEST_SLUG else 0
        return end

    def _bare(self, at: int) -> Iterator[tuple[int, int]]:
        text, index = self.text, 0
        while at < self.stop:
            while self.labels[index][1] < at:
                index += 1
            if text[at] in "-_." or not self._may_begin(at):
                at += 1
                continue
            host_end = self._host_end(index, at, self.host_ends[index + 1])
            if not host_end:
                at = _next_start(text, at, self.stop)
                continue
            # After one of these a match is only the rest of something that is no link.
            if not (at and text[at - 1] in "-_./") and _well_formed(text[at:host_end], 0):
                for span in _ascii_hosts(text, at, host_end):
                    yield span
                    host_end = max(host_end, span[1])
            at = self.free = host_end


def _ascii_hosts(text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Without a scheme only the ASCII hosts inside a host are links; what follows the host belongs to the last of them."""
    found: list[tuple[int, int]] = []
    for labels in _ASCII_LABELS.finditer(text, start, stop):
        end = labels.end()
        while end > labels.start():
            if tld := _tld_end(text, end):
                found.append((labels.start(), tld))
                break
            end = text.rfind(".", labels.start(), end - 1) + 1
    for begin, end in found:
        yield begin, (_tail(text, end) if end == stop else end)


def _tld_end(text: str, at: int) -> int:
    """Where the top-level domain that begins at `at` ends, or 0 where none does."""
    if punycode := _PUNYCODE.match(text, at):
        return punycode.end()
    if (word := _ASCII_WORD.match(text, at)) and word[0].lower() in TLDS and not _STICKS_TO_TLD.match(text, word.end()):
        return word.end()
    for end in range(min(at + LONGEST_NATIVE, len(text)), at, -1):
        if text[at:end] in NATIVE_TLDS and not _STICKS_TO_TLD.match(text, end):
            return end
    return 0


def _next_start(text: str, at: int, stop: int) -> int:
    """The next place where a match could begin: a new label, or what follows `-` or `_`."""
    while at < stop and text[at] not in "-_.":
        at += 1
    return at + 1


def _tail(text: str, at: int) -> int:
    """Where port, path and query that follow a host end."""
    if port := _PORT.match(text, at):
        at = port.end()
    if path := _PATH.match(text, at):
        at += max(1, len(path[0].rstrip(_NOT_AT_PATH_END)))
    if query := _QUERY.match(text, at):
        kept = query[0].rstrip(_NOT_AT_QUERY_END)
        at += len(kept)
    return at


def _well_formed(host: str, length: int) -> bool:
    return length <= LONGEST_URL and all(_dns_length(label) <= LONGEST_LABEL for label in host.split("."))


def _dns_length(label: str) -> int:
    """Characters of a label in DNS; beyond every limit where punycode does not allow it at all."""
    if label.isascii() or len(label) > LONGEST_LABEL:
        return len(label)
    if label[:4].lower() == "xn--" or _SURROGATE.search(label):
        return LONGEST_LABEL + 1
    return len("xn--") + len(label.encode("punycode"))
