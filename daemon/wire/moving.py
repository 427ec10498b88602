"""The answer about an office that has come to another machine, or has been taken over by one."""

from __future__ import annotations

from datetime import datetime

from daemon.wire.answer import Answer


class MoveState(Answer, frozen=True, kw_only=True, tag="move_state"):
    """Whether this machine is the one that sends. `came_from` are the machines whose right to send has to be over before a resume here;
    none: there is nothing to take over. `taken_by` is the machine that has taken the office over from this one, if one has. `code` is
    what a manager types."""

    machine: str
    came_from: tuple[str, ...] = ()
    taken_by: str = ""
    since: datetime | None = None
    code: str = ""
