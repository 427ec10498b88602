"""What was read of a platform costs: written down by the price list of its channel, for whoever asks something there or looks up what became of
a job."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from daemon.desk import costs
from daemon.release.hands import Releaser
from daemon.release.jobs import Look, Report
from daemon.rulebook.channels import capabilities
from daemon.service.running import Running
from daemon.store import Tx


async def charge_reading(office: Running, ref: str, account: str, channel: str, rows: Mapping[str, int]) -> None:
    """Write down what so many rows cost, by the names of their prices; once for a `ref`, however often it is told. Raises StoreError."""
    prices = capabilities(channel).prices
    dear = {what: micros for what, count in sorted(rows.items()) if (micros := max(0, count) * prices.get(what, 0))}
    if not dear:
        return

    def op(tx: Tx) -> None:
        for what, micros in dear.items():
            costs.charge(tx, "ask", f"{ref}-{what}", account, channel, what, micros, office.clock())

    await office.store.write(op)
    await office.refresh_spent()


async def looked(office: Running, releaser: Releaser, look: Look) -> Report:
    """What became of a job, looked up, and paid for. Raises StoreError where the cost cannot be written down."""
    report = await releaser.look(look)
    await charge_reading(office, f"l{uuid.uuid4().hex}", look.account, look.channel, report.read)
    return report
