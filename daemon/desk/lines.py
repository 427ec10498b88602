"""A line of 「なぜまだ出ないか」 as it crosses the wire."""

from __future__ import annotations

from msgspec.structs import asdict

from daemon.rulebook.model import Rulebook
from daemon.rulebook.verdict import Missing
from daemon.rulebook.whom import in_english
from daemon.wire.seen import MissingSeen


def line_of(line: Missing, book: Rulebook) -> MissingSeen:
    """The line, with whom it names in English, too."""
    return MissingSeen(**asdict(line), who_en=in_english(line.who, book.office.titles_en))
