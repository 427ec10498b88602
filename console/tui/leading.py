"""Which command leads to which place: for the keys that go there, and for whoever asks for a thing in a place where it is not."""

from __future__ import annotations

from console.text import DisplayText
from console.tui.commands import Command, Place, by_command, keys_of
from console.tui.hints import key_word
from console.tui.tell import tell
from console.words.marks import together

GO: dict[str, Place] = {
    "queue": "queue",
    "clauses": "clauses",
    "hours": "hours",
    "settings": "settings",
    "record": "record",
    "stop_view": "stop",
    "people": "people",
    "reviews": "reviews",
    "policies": "policies",
    "duties": "duties",
    "help": "help",
    "messages": "messages",
    "decide": "decide",
    "terminal": "terminal",
    "measures": "measures",
    "blocks": "blocks",
    "reactions": "reactions",
}
_LEADS: dict[Place, str] = {place: name for name, place in GO.items()} | {
    "detail": "queue",
    "card": "take",
    "comments": "comments",
    "reports": "report",
    "compose": "compose",
    "side_by_side": "side_by_side",
    "preview": "preview",
}
"""The command that leads to a place."""


def elsewhere(command: Command) -> DisplayText:
    """That a command belongs to other screens: to which, and how one gets to the first of them."""
    names = DisplayText.of(together(tell(f"place.{place}").plain for place in command.places))
    leads = by_command(_LEADS[command.places[0]])
    way = key_word(keys_of(leads)[0]) if keys_of(leads) else DisplayText.of(f":{leads.aliases[0]}")
    return tell("notice.not_here", command=tell(f"command.{command.name}"), places=names, way=way)
