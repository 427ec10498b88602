"""Stops of which nobody has told the daemon: what their marks say of them, and the letters that were left beside the gate meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime

from daemon.desk import stops
from daemon.desk.stops import Found
from daemon.letters import Letter, away, letters
from daemon.rulebook.model import Operator
from daemon.service.running import Running
from daemon.standing import made


async def found(office: Running, scopes: Iterable[str]) -> dict[str, Found]:
    """What the marks of these stops tell, for the desk; nothing of one without a mark (its permit alone was taken away)."""
    marks = await asyncio.to_thread(made, office.gate)
    return {
        scope: Found(at=datetime.fromtimestamp(mark.at, UTC), by=mark.by, said=mark.said)
        if (mark := marks.get(scope)) is not None
        else Found()
        for scope in scopes
    }


async def hear(office: Running) -> bool:
    """Write down what the letters tell of stops that stand, and take the letters away; whether there were any. Raises StoreError: then they
    are heard again."""
    lying = await asyncio.to_thread(letters, office.gate)
    for letter in lying:
        if letter.scope in office.setting().stops:
            await office.write_surely(
                stops.reported(
                    letter.scope,
                    _writer(office, letter),
                    letter.reason,
                    office.setting(),
                    at=datetime.fromtimestamp(letter.at, UTC),
                )
            )
        await asyncio.to_thread(away, letter.path)
    return bool(lying)


def _writer(office: Running, letter: Letter) -> Operator:
    """Who wrote it; somebody who may shut the gate need not be on the register."""
    known = office.current.rulebook.operators.get(letter.by)
    return known or Operator(login=letter.by, name=letter.by, unit="", role="viewer", policies=())
