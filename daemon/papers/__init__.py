"""Papers: plain values in, one self-contained HTML page out. Pure functions; no scripts, no addresses, everything escaped.

`html` is the writer that everything printed here goes through; each kind of paper is a module beside it.
"""

from daemon.papers.html import Markup, boxes, element, fields, page, section, table, words
from daemon.papers.visible import visible

__all__ = ["Markup", "boxes", "element", "fields", "page", "section", "table", "visible", "words"]
