"""Examples beside a rule: texts at which it must fire (`must_fire`), and texts that it must let pass (`must_pass`).

They say what a clause means better than its patterns do, and `kohoban policy test` runs them. An example is a text alone, or a table with the
front matter, the account and the moment that its rule looks at. They decide nothing: no judgement ever reads them.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from daemon.rulebook.item import Image, Item, Kind, Poll
from daemon.rulebook.office import Platform


class Example(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text with what else its rule looks at. The keys are those of a draft's front matter, and besides them `account` (an id of
    `rules.toml`), `platform` and `unit` of an account that stands in where there is none, and `at`, the moment at which it is
    judged, in Japan where it names no zone (left out: now, or the next day on which the rule holds); `post`: what the account itself said
    lately."""

    text: str = ""
    kind: Kind = "post"
    topic: str = ""
    emergency: bool | None = None
    release_at: datetime | None = None
    organiser: str = ""
    source: str = ""
    purpose: str = ""
    reference: str = ""
    target: str = ""
    images: tuple[Image, ...] = ()
    poll: Poll | None = None
    account: str = ""
    platform: Platform | None = None
    unit: str = ""
    at: datetime | None = None
    post: str = ""

    @property
    def item(self) -> Item:
        """The draft or comment that is judged."""
        values = {name: getattr(self, name) for name in _MATTER}
        declared = tuple(name for name, value in values.items() if value not in (None, "", ()))
        values["emergency"] = bool(self.emergency)
        return Item(text=self.text, kind=self.kind, declared=declared, **values)


_MATTER = (
    *("topic", "emergency", "release_at", "organiser", "source", "purpose", "reference", "target"),
    *("images", "poll"),
)

R = TypeVar("R", bound=Struct)

Examples = tuple[str | Example, ...]
"""As they are written: a text alone, or a table."""


def example_of(written: str | Example) -> Example:
    """The example as a table, however it was written."""
    return Example(text=written) if isinstance(written, str) else written


def bare(rule: R) -> R:
    """The rule without its examples: what it does, and nothing else."""
    return replace(rule, must_fire=(), must_pass=())
