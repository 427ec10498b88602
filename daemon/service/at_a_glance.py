"""The office at a glance: the one place at which the answer to `Status` is put together, for the doorway and for the house.

What everybody may know as soon as there are rules, a store and a gate is said alike by both; what only the rooms know is `Known`, and without it
the answer says that the daemon is only starting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from daemon.rulebook.calendar import LAST_YEAR
from daemon.rulebook.current import Current
from daemon.rulebook.model import Account
from daemon.service.account_line import account_status
from daemon.store import Store
from daemon.wire.answers import StatusAnswer
from daemon.wire.approving import Countdown
from daemon.wire.duties import DutySeen
from daemon.wire.stops import StopState

Words = tuple[str, str]


class Known(Struct, frozen=True, kw_only=True):
    """What the rooms know besides: what the accounts have cost, how far their comments have been read, duties, guards, what begins soon."""

    spent: Callable[[str], int]
    reading: Mapping[str, Words]
    duties: tuple[DutySeen, ...]
    guards: tuple[int, int] | None
    countdowns: tuple[Countdown, ...]
    broken_sets: tuple[int, ...]


def at_a_glance(
    current: Current,
    store: Store,
    *,
    now: datetime,
    started: datetime,
    gate: StopState,
    stopped: Callable[[Account], bool],
    queue: Mapping[str, int],
    alarms: Iterable[Words],
    known: Known | None,
) -> StatusAnswer:
    """How the office stands at this moment: the gate as `gate` says, each account `stopped` or not, drafts by state, what is wrong. What keeps
    the store from writing is the first of the alarms."""
    book = current.rulebook
    problems = [each for each in current.problems if each.severity == "error"]
    said = list(alarms) if (trouble := store.trouble) is None else [(trouble.message, trouble.message_en), *alarms]
    return StatusAnswer(
        starting=known is None,
        office=book.office.name,
        training=book.office.training,
        gate=gate,
        accounts=tuple(
            account_status(
                each,
                book,
                now,
                stopped=stopped(each),
                spent=known.spent(each.id) if known else 0,
                reading=known.reading if known else {},
            )
            for each in book.accounts.values()
        ),
        queue=dict(queue),
        policy_hash=book.hash,
        policy_since=current.since,
        problems=tuple(f"{p.file}:{p.line}: {p.message}" for p in problems),
        problems_en=tuple(f"{p.file}:{p.line}: {p.message_en}" for p in problems),
        alarms=tuple(ja for ja, _ in said),
        alarms_en=tuple(en for _, en in said),
        duties=known.duties if known else (),
        guards=known.guards if known else None,
        countdowns=known.countdowns if known else (),
        audit_head=store.head.hash,
        broken_sets=known.broken_sets if known else (),
        lock_minutes=max(0, book.office.lock_minutes),
        phone=book.office.phone,
        holidays_until=LAST_YEAR,
        now=now,
        started=started,
    )
