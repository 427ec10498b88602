"""What the tests of papers share: reading a page as a person does."""

from __future__ import annotations

from html.parser import HTMLParser


class Reading(HTMLParser):
    """What stands on an HTML page, without its style; notes apart."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.notes: list[str] = []
        self.tags: list[str] = []
        self._inside: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "br"):
            self._inside.append((tag, dict(attrs).get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if any(tag in ("style", "title", "head") for tag, _ in self._inside):
            return
        (self.notes if any(mark == "note" for _, mark in self._inside) else self.text).append(data)


def read_page(page: str) -> Reading:
    """The page as read."""
    reading = Reading()
    reading.feed(page)
    return reading


def folded(text: str) -> str:
    """The text without white space: where a line breaks is no wording."""
    return "".join(text.split())
