"""一斉発信 as a sheet: every set under way, account by account; what is out in part is red, and says so in words."""

from __future__ import annotations

from collections.abc import Sequence

from console.text import DisplayText
from console.tui.ink import Ink
from console.tui.part import Part
from console.tui.sheets import blank, line
from console.tui.tell import tell
from console.words import word
from daemon.wire import FanOutSeen
from daemon.wire.fanning import MemberSeen


def sets_sheet(found: Sequence[FanOutSeen]) -> list[Part]:
    """The sets, the newest first."""
    if not found:
        return line(Part(tell("sets.none"), "dim"))
    parts: list[Part] = []
    for one in found:
        values = {"id": one.id, "out": len(one.members) - len(one.lacking), "of": len(one.members)}
        head = tell("sets.broken" if one.broken else "sets.open", **values, clause=DisplayText.of(one.clause))
        parts += [*line(Part(head, "stopped" if one.broken else "strong")), *line(DisplayText.of(one.title))]
        for each in one.members:
            parts += _member(each, broken=one.broken)
        parts += blank()
    return parts


def _member(each: MemberSeen, *, broken: bool) -> list[Part]:
    ink: Ink = "good" if not each.lacking else "alert" if broken else "plain"
    mark = tell("sets.out") if not each.lacking else tell("sets.lacks")
    state = DisplayText.of(word("state", each.state)) if each.state else tell("sets.no_draft")
    pieces = [Part(mark, ink, 6), Part(DisplayText.of(each.account), "plain", 22)]
    pieces.append(Part(DisplayText.of(f"#{each.draft}" if each.draft is not None else "-"), "dim", 8))
    pieces.append(Part(state, ink, 10))
    if each.excused_by:
        pieces.append(Part(tell("sets.excused", who=DisplayText.of(each.excused_by), reason=DisplayText.of(each.reason)), "dim"))
    elif not each.same:
        pieces.append(Part(tell("sets.differs"), "warn"))
    return line(*pieces)
