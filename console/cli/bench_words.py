"""The bench in words: states, measures, guidance, and what people type for a measure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from console.cli.command import Session, text
from console.cli.decisions import say_done
from console.cli.outcome import WRONG, Failure
from console.cli.place import TOKYO
from console.cli.terminal import clean
from console.words import known
from daemon.wire import Done
from daemon.wire.acts import AnyAct
from daemon.wire.moderation import Measure

ACTIONS: tuple[Measure, ...] = ("hide", "delete", "block", "mute", "report")
NONE = "none"


def carried_out(session: Session, act: AnyAct) -> int:
    """One act, and what came of it."""
    with session.link() as link:
        done = link.ask(act, Done)
    return say_done(session, done)


def actions_of(typed: str) -> tuple[Measure, ...]:
    """`hide,delete` or 「非表示、削除」 as measures; `none` or 「なし」: none at all. Raises Failure (usage)."""
    names = {text(f"action.{each}"): each for each in ACTIONS}
    found: list[Measure] = []
    pieces = typed.replace("、", ",").replace("・", ",").casefold().split(",")
    words = [piece.strip() for piece in pieces if piece.strip()]
    nothing = [word for word in words if word in (NONE, text("action.none"))]
    for word in words:
        if word in ACTIONS:
            found.append(msgspec.convert(word, Measure))
        elif word in names:
            found.append(names[word])
        elif word not in nothing:
            raise Failure(WRONG, text("comments.no_action", action=clean(word), known=", ".join((*ACTIONS, NONE))))
    if not words or (nothing and found):
        raise Failure(WRONG, text("comments.none_alone"))
    return tuple(dict.fromkeys(found))


def action_words(actions: Iterable[str]) -> str:
    """Measures as people call them; none: 措置なし."""
    return text("comments.and").join(named(f"action.{each}") for each in actions) or text("action.nothing")


def named(key: str) -> str:
    """A word of the bench (`table.value`); one that this program does not know stays as it came."""
    return text(key) if known("cli", key) else clean(key.partition(".")[2])


def at(moment: datetime | None) -> str:
    """A time as the office's clock shows it."""
    return f"{moment.astimezone(TOKYO):%Y-%m-%d %H:%M}" if moment else "-"


def day_typed(typed: str) -> date | None:
    """A day that a person typed; None where they typed none. Raises Failure."""
    if not typed:
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise Failure(WRONG, text("duties.no_day", value=clean(typed))) from None
