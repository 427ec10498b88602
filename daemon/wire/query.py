"""What every query is: the type that all of them share, in a module of its own so that each subject can bring its queries."""

from __future__ import annotations

from msgspec import Struct


class Query(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="query"):
    """A question that changes nothing. What stands at its default is not sent, as of an act."""
