"""The states of a draft, and the one table of allowed moves. A return (差戻し) is a state like any other, never a call back."""

from __future__ import annotations

from typing import Literal

State = Literal[
    "received", "to_fix", "waiting", "approved", "scheduled", "releasing", "released", "held", "returned", "withdrawn",
    "expired", "unknown",
]  # fmt: skip

Step = Literal[
    "revise", "judge_block", "judge_wait", "judge_clear", "set_time", "due", "return", "withdraw", "begin", "prevent", "release",
    "lose", "not_released", "hold", "confirm", "expire", "reopen",
]  # fmt: skip

IN_HAND: frozenset[State] = frozenset({"received", "to_fix", "waiting", "approved", "scheduled", "held", "returned", "expired"})
"""A person can still change their mind about these: nothing of them has left the house."""

ENDED: frozenset[State] = frozenset({"released", "withdrawn"})
"""Nothing happens to these any more; the same file name may come again as a new draft."""

NEEDS_SOMEBODY: tuple[State, ...] = (
    "unknown", "releasing", "held", "waiting", "to_fix", "approved", "scheduled", "received", "expired", "returned", "released",
    "withdrawn",
)  # fmt: skip
"""The order of the queue: what cannot wait stands first, what has ended last."""

WORDS: dict[State, tuple[str, str]] = {
    "received": ("受付", "received"),
    "to_fix": ("要修正", "to fix"),
    "waiting": ("承認待ち", "waiting"),
    "approved": ("承認済", "approved"),
    "scheduled": ("予約", "scheduled"),
    "releasing": ("発信中", "releasing"),
    "released": ("発信済", "released"),
    "held": ("保留", "held"),
    "returned": ("差戻し", "returned"),
    "withdrawn": ("取下げ", "withdrawn"),
    "expired": ("期限切れ", "expired"),
    "unknown": ("不明", "unknown"),
}

_JUDGED: tuple[State, ...] = ("received", "to_fix", "waiting", "approved", "scheduled")

MOVES: dict[Step, dict[State, State]] = {
    # A new revision starts again, whatever had been decided about the last one.
    "revise": {state: "received" for state in IN_HAND},
    # What the judge says of a draft that nobody holds back.
    "judge_block": {state: "to_fix" for state in _JUDGED},
    "judge_wait": {state: "waiting" for state in _JUDGED},
    "judge_clear": {
        "received": "approved",
        "to_fix": "approved",
        "waiting": "approved",
        "approved": "approved",
        "scheduled": "scheduled",
    },
    "set_time": {"approved": "scheduled", "scheduled": "scheduled"},
    "due": {"scheduled": "approved"},
    "return": {state: "returned" for state in IN_HAND - {"returned", "expired"}},
    "withdraw": {state: "withdrawn" for state in IN_HAND},
    "begin": {"approved": "releasing"},
    # The hand met a closed gate: nothing has begun.
    "prevent": {"releasing": "approved"},
    "release": {"releasing": "released", "unknown": "released"},
    # Nobody can say whether it went out.
    "lose": {"releasing": "unknown"},
    "not_released": {"releasing": "held", "unknown": "held"},
    # A stop, a moment that has passed: a person is asked again.
    "hold": {"approved": "held", "scheduled": "held"},
    "confirm": {"held": "waiting"},
    # Nobody approved it in time; a person may ask again from the start.
    "expire": {"waiting": "expired", "held": "expired"},
    "reopen": {"expired": "received"},
}


class NotAllowed(Exception):
    """A move that the table does not have."""

    def __init__(self, state: State, step: Step) -> None:
        self.state, self.step = state, step
        super().__init__(f"{step} is not a move from {state}")


def move(state: State, step: Step) -> State:
    """The state that this step leads to. Raises NotAllowed where the table has no such move."""
    try:
        return MOVES[step][state]
    except KeyError:
        raise NotAllowed(state, step) from None
