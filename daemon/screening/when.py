"""Whether a rule looks at an item at all (`when` of a rule)."""

from __future__ import annotations

from daemon.rulebook.model import When
from daemon.screening.hit import Facts


def applies(when: When, facts: Facts, said: bool = False) -> bool:
    """True where every field of `when` that is filled fits. `said`: one of its `text` patterns was found in the text."""
    item = facts.item
    return (
        (not when.kinds or item.kind in when.kinds)
        and (not when.topics or facts.topic in when.topics)
        and (not when.platforms or not facts.platforms or any(platform in when.platforms for platform in facts.platforms))
        and (when.emergency is None or when.emergency == item.emergency)
        and (when.images is None or when.images == bool(item.images))
        and (not when.text or said)
    )
