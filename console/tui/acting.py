"""An act of whoever sits here, and what the daemon says to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.link import LinkDown
from console.tui.tell import either, tell
from daemon.wire import Done, Refusal
from daemon.wire.acts import AnyAct

if TYPE_CHECKING:
    from console.tui.app import Console

PATIENCE = 10.0
"""Seconds that an answer may take."""


async def put(console: Console, act: AnyAct) -> Done | Refusal | None:
    """Send an act and say what came of it; returns the answer, None where none came."""
    try:
        answer = await console.link.ask(act, patience=PATIENCE)
    except LinkDown:
        console.notice(tell("notice.no_answer"), "alert")
        return None
    if isinstance(answer, Refusal):
        console.refused(answer)
        return answer
    if isinstance(answer, Done):
        console.notice(either(answer.message, answer.message_en), "good")
        return answer
    return None
