"""Whether a rule looks at an item at all (`when` of a rule)."""

from __future__ import annotations

from daemon.rulebook.model import When
from daemon.rulebook.season import holds_on
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
        and (not when.accounts or facts.account in when.accounts)
        and (not when.units or facts.unit in when.units)
        and (when.irreversible is None or when.irreversible == facts.irreversible)
        and (facts.today is None or holds_on(when, facts.today))
    )


def unmet(when: When, facts: Facts, said: bool = False) -> tuple[str, ...]:
    """The keys of `when` that do not fit; none where `applies` is true. Slower, for those who ask why."""
    keys = {key: getattr(when, key) for key in When.__struct_fields__ if key != "phrases"}
    return tuple(key for key, value in keys.items() if not applies(When(**{key: value}), facts, said))
