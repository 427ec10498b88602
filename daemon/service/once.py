"""An act is carried out once: asked again under the same id, its caller gets the same answer."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from daemon.rulebook.model import Operator
from daemon.store import Store, Tx
from daemon.wire.answers import Done


async def once(store: Store, op: Callable[[Tx], Done], who: Operator, request: str, terminal: str = "") -> Done:
    """Carry out an operation whose answer is remembered under this login's request id, in the same transaction; its entries name the
    terminal where one is given. Raises what `op` does."""

    def remembered(tx: Tx) -> Done:
        if before := tx.answered(request, who.login):
            return msgspec.json.decode(before, type=Done)
        tx.terminal = terminal
        try:
            done = op(tx)
        finally:
            tx.terminal = ""  # the batch goes on with what others do
        tx.remember(request, who.login, msgspec.json.encode(done))
        return done

    return await store.write(remembered)
