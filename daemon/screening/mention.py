"""A text that begins with @name: on X that makes it a reply to one user, whatever it was meant to be."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.hit import Hit, Text

_LEADING = lazy_pattern(r"\A\s*(@[a-z0-9_]+)")


def check_mention(text: Text) -> Iterator[Hit]:
    """The name of the user whom the text addresses first, if it does."""
    if match := _LEADING.match(text.folded):
        yield Hit(*text.span(*match.span(1)))
