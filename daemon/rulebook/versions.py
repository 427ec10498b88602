"""Which version of a policy is in force on a day (施行日)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from daemon.rulebook.model import Version


def version_on(versions: Sequence[Version], day: date) -> Version | None:
    """The last version that is in force on that day; None before the first. A version without a date (施行日記載なし) has always
    been in force. Its `text` tells whether its wording is in hand: a day of an older version can be named, not judged."""
    return next((v for v in reversed(versions) if v.from_ is None or v.from_ <= day), None)
