"""The HTML writer: every text is escaped, every name of a tag or an attribute comes from a short list, and the page prints on A4.

There is no way to write a script, a link, a form, a style or an address with it. The page forbids them once more by itself, for a
reader that would otherwise go and fetch something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Literal, NamedTuple

from daemon.papers.visible import pieces

Tag = Literal[
    "article", "b", "br", "caption", "dd", "del", "div", "dl", "dt", "footer", "h1", "h2", "h3", "header", "ins", "li", "ol", "p",
    "section", "small", "span", "table", "tbody", "td", "th", "thead", "tr", "ul",
]  # fmt: skip
_EMPTY = frozenset({"br"})
_ATTRIBUTES = frozenset({"class", "lang", "colspan", "rowspan", "id"})


class Markup(NamedTuple):
    """A piece of HTML that this writer has made: the only thing that is not escaped once more."""

    html: str


Child = Markup | str


def words(text: str) -> Markup:
    """A text that anybody may have written: escaped, with a tag in the place of every character that cannot be seen."""
    return Markup("".join(f'<b class="odd">{piece}</b>' if odd else escape(piece) for piece, odd in pieces(text)))


def element(tag: Tag, *children: Child, **attributes: str | int) -> Markup:
    """One element; strings among its children are texts. `class_` stands for the attribute `class`. Raises ValueError for an attribute
    that is not on the list."""
    names = {name.rstrip("_"): value for name, value in attributes.items()}
    if unknown := names.keys() - _ATTRIBUTES:
        raise ValueError(f"no such attribute here: {', '.join(sorted(unknown))}")
    head = "".join(f' {name}="{escape(str(value))}"' for name, value in names.items())
    if tag in _EMPTY:
        return Markup(f"<{tag}{head}>")
    return Markup(f"<{tag}{head}>{''.join(_html(child) for child in children)}</{tag}>")


def section(title: str, *children: Child, class_: str = "part") -> Markup:
    """A part of the page with its heading."""
    return element("section", element("h2", title), *children, class_=class_)


def fields(pairs: Mapping[str, Child] | Iterable[tuple[str, Child]]) -> Markup:
    """Names with their values, one a line."""
    items = pairs.items() if isinstance(pairs, Mapping) else pairs
    rows = (element("tr", element("th", name), element("td", value)) for name, value in items)
    return element("table", element("tbody", *rows), class_="fields")


def table(head: Sequence[str], rows: Iterable[Sequence[Child]], *, caption: str = "") -> Markup:
    """A table with a head that is printed again on every page."""
    title = (element("caption", caption),) if caption else ()
    cells = (element("tr", *(element("td", _cell(cell)) for cell in row)) for row in rows)
    top = element("thead", element("tr", *(element("th", _cell(name)) for name in head)))
    return element("table", *title, top, element("tbody", *cells), class_="list")


def boxes(names: Sequence[str]) -> Markup:
    """A row of empty boxes to be stamped or signed, each under its name."""
    head = element("tr", *(element("th", name) for name in names))
    return element("table", head, element("tr", *(element("td", "") for _ in names)), class_="boxes")


def page(title: str, *body: Child, foot: str = "", lang: Literal["ja", "en"] = "ja", headed: bool = True) -> str:
    """The whole page, to be written as UTF-8. `foot` stands at its end and is printed on every page; without `headed` the title is for
    the window only, because the text has its own."""
    last = element("footer", foot).html if foot else ""
    first = f"{element('h1', title).html}\n" if headed else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="referrer" content="no-referrer">\n<meta name="viewport" content="width=device-width">\n'
        f"<title>{words(title).html}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"{first}" + "\n".join(_html(child) for child in body) + f"\n{last}\n</body>\n</html>\n"
    )


def _html(child: Child) -> str:
    return child.html if isinstance(child, Markup) else words(child).html


_SHORT = 4
"""Characters of a cell that stands in one line whatever else wants room."""
_DIGEST = re.compile(r"[0-9a-f]{12}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _cell(child: Child) -> Child:
    """A cell of a list; a word or two, the first digits of a hash, and a day at its beginning, are never broken in two."""
    if isinstance(child, str) and (0 < len(child) <= _SHORT or _DIGEST.fullmatch(child)):
        return element("span", child, class_="whole")
    if isinstance(child, Markup) or _DAY.match(child) is None:
        return child
    return Markup(element("span", child[:10], class_="whole").html + words(child[10:]).html)


_STYLE = """
@page { size: A4; margin: 14mm 16mm 16mm 16mm; }
* { box-sizing: border-box; }
body { font: 11pt/1.6 "Yu Gothic", "Hiragino Kaku Gothic ProN", "Noto Sans CJK JP", sans-serif; color: #000; background: #fff;
  max-width: 178mm; margin: 8mm auto; padding: 0 4mm; }
h1 { font-size: 17pt; margin: 0 0 3mm; border-bottom: 2pt solid #000; }
h2 { font-size: 12pt; margin: 5mm 0 1.5mm; }
h3 { font-size: 11pt; margin: 3mm 0 1mm; }
p { margin: 0 0 2mm; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 0.6pt solid #555; padding: 1mm 2mm; text-align: left; vertical-align: top; overflow-wrap: anywhere; white-space: pre-line; }
thead { display: table-header-group; }
th { background: #eee; font-weight: bold; }
.fields th { width: 34mm; }
.boxes { width: auto; margin: 0 0 4mm auto; }
.boxes th { width: 24mm; text-align: center; font-size: 9pt; }
.boxes td { height: 22mm; }
.said { border: 1.5pt solid #000; padding: 3mm; white-space: pre-wrap; overflow-wrap: anywhere; direction: ltr; unicode-bidi: isolate;
  font-size: 12pt; }
.clause { border-left: 3pt solid #555; margin: 1mm 0; padding-left: 3mm; white-space: pre-wrap; }
.warn { border: 1.5pt solid #a00; padding: 2mm 3mm; font-weight: bold; }
.changes { white-space: pre-wrap; border: 0.6pt solid #555; padding: 2mm; margin: 0; list-style: none; }
ins { background: #dff0d8; text-decoration: underline; }
del { background: #f5dcdc; text-decoration: line-through; }
.odd { border: 1pt solid #a00; font-size: 9pt; padding: 0 1pt; }
.small, small, footer { font-size: 9pt; }
.note { border: 0.6pt dashed #555; padding: 1mm 2mm; font-size: 9.5pt; }
.number { display: block; text-align: right; }
.whole { white-space: nowrap; }
svg { width: 100%; height: auto; break-inside: avoid; }
footer { margin-top: 6mm; border-top: 0.6pt solid #555; }
section { break-inside: auto; } h2, h3, tr { break-inside: avoid; break-after: auto; }
@media print { body { margin: 0; max-width: none; padding: 0; } }
"""
