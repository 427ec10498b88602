"""Judge again what is in hand, after the policy has changed: a few drafts a transaction, so that nobody waits behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from daemon.desk.acts import rejudge
from daemon.desk.arrivals import Landed
from daemon.desk.case import Setting, load, save
from daemon.refused import Refused
from daemon.rulebook.channels import capabilities
from daemon.store import Store, Tx

AT_ONCE = 64
_STATES = ("received", "to_fix", "waiting", "approved", "scheduled")


async def judge_again(store: Store, setting: Callable[[], Setting]) -> AsyncIterator[Landed]:
    """Every draft that the new policy puts into another state or gives another verdict, once it is written."""
    rows = await store.fetch(f"SELECT id FROM drafts WHERE live = 1 AND state IN ({','.join('?' * len(_STATES))})", _STATES)
    ids = [row["id"] for row in rows]
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        for landed in await store.write(_again(some, setting())):
            yield landed


def _again(ids: Sequence[int], setting: Setting) -> Callable[[Tx], list[Landed]]:
    def op(tx: Tx) -> list[Landed]:
        changed = []
        for draft in ids:
            try:
                before = load(tx.db, draft, setting.book)
            except Refused:  # its account has left the office: the queue says so
                continue
            same = before.policy_hash == before.policy(setting.book).hash
            # What is on its way out is judged anew also when only the register has changed: whoever approved it may have left. So is what
            # waits where a budget may have held it, which a new month or another budget lets go.
            budgeted = before.state == "waiting" and bool(capabilities(before.account.channel).prices)
            if before.state not in _STATES or (same and before.state not in ("approved", "scheduled") and not budgeted):
                continue
            after = rejudge(before, setting)[0] if same and budgeted else before.settled(before.judged(setting), setting)
            if same and after.state == before.state:
                continue
            save(tx.db, after, tx.now)
            if (after.state, after.verdict) == (before.state, before.verdict):
                continue
            tx.record(
                "daemon",
                "rejudge",
                draft,
                account=after.account.id,
                hash=after.hash,
                before=before.verdict,
                verdict=after.verdict,
                state=after.state,
                policy=after.policy_hash,
                version=after.policy(setting.book).edition,
            )
            changed.append(Landed(draft, after.account.id, after.name, after.state, after.verdict, after.hash))
        return changed

    return op
