"""Write one entry into the record of an office at rest: `python -I …/noting_main.py STORE ACTOR ACT DETAIL`.

After a rollback the record goes on from before the switch, and says so itself. The entry must be written by the version that takes over again:
this file is run by *its* Python, and asks only for what every version since 0.1.0 has.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from daemon.store import Store, Tx


async def note(store: Path, actor: str, act: str, detail: dict[str, str | int | list[str]]) -> None:
    """Write the entry, and anchor it at once. Raises StoreError."""

    def op(tx: Tx) -> None:
        tx.record(actor, act, None, **detail)
        tx.anchor()

    async with await Store.open(store) as opened:
        await opened.write(op)


if __name__ == "__main__":
    asyncio.run(note(Path(sys.argv[1]), sys.argv[2], sys.argv[3], json.loads(sys.argv[4])))
