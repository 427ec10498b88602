"""How long the words of an act may be. What somebody writes into one stands in the record for good, and much of it in lists, reports and answers
that everybody gets: whoever has more to say names the document where it is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec import structs

from daemon.wire.act import Act

LONGEST = 500
"""Characters of a reason, a note, a proof, a name: of every text of an act for which nothing else is said here."""
LONGEST_ADDRESS = 2_000
"""Characters of an address or a path."""
LONGEST_TEXT = 20_000
"""Characters of a citizen's comment that is put on the bench by hand."""

_OTHERS: Mapping[str, int] = {
    "text": LONGEST_TEXT,
    **dict.fromkeys(("url", "path", "source", "post", "proof"), LONGEST_ADDRESS),
}
"""By the name of the field."""
_CUT = ("stopped",)
"""Acts that are never refused for their words: of a stop's reason the beginning is kept."""


class Excess(NamedTuple):
    """A text of an act that is too long: the field, how many characters it has, and how many it may have."""

    field: str
    length: int
    limit: int


def too_long(act: Act) -> Excess | None:
    """The first text of this act that is too long; None where none is."""
    config = act.__struct_config__
    if config.tag in _CUT:
        return None
    for field in structs.fields(act):
        limit = _OTHERS.get(field.name, LONGEST)
        if length := next((len(text) for text in _texts(getattr(act, field.name)) if len(text) > limit), 0):
            return Excess(field.name, length, limit)
    return None


def words(excess: Excess) -> tuple[str, str]:
    """That a text is too long, in both languages, and what to do."""
    return (
        f"文が長すぎます（{excess.length:,}字。{excess.limit:,}字まで）。要点だけにし、詳しいことは文書に書いて、その名前を入れてください。何も記録していません。",
        f"Too long ({excess.field}: {excess.length:,} characters of at most {excess.limit:,}). Give the gist, and name the document that has the "
        "rest. Nothing was recorded.",
    )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)
