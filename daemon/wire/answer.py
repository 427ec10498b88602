"""What every answer is made of."""

from __future__ import annotations

from msgspec import Struct


class Answer(Struct, frozen=True, kw_only=True, tag_field="answer"):
    """What every answer has. Unknown fields are ignored, so that an older console understands a newer daemon."""
