"""The monthly budget (予算) of each account, watched: a warning on every screen before it is spent, and what follows when it is.

From `WARN` on it is said; from `NO_READING` on nobody polls for mentions; above it drafts are held for a manager (`judge/costing.py`).
"""

from __future__ import annotations

from daemon.desk import costs
from daemon.judge.costing import dollars
from daemon.rulebook.model import Account
from daemon.service.account_line import budget_of
from daemon.service.incoming import Incoming
from daemon.service.running import Running

WARN = 0.8
NO_READING = 0.9


class Spending:
    """What the accounts of one office spend this month."""

    def __init__(self, office: Running, incoming: Incoming) -> None:
        self._office, self._incoming = office, incoming
        self._month = ""
        self._over: frozenset[str] | None = None

    async def look(self) -> None:
        """A round: a new month begins anew; whoever crosses the limit has their drafts judged again."""
        office, now = self._office, self._office.clock()
        accounts, turned = office.current.rulebook.accounts, False
        if (month := costs.month_of(now)) != self._month:
            await office.refresh_spent()
            turned = self._month != "" and any(account.budget for account in accounts.values())
            self._month = month
        over = set()
        for account in accounts.values():
            key, spent, budget = f"budget:{account.id}", office.spent_of(account.id, now), budget_of(account)
            if not budget or spent < WARN * budget:
                office.alarms.pop(key, None)
                continue
            if spent >= budget:
                over.add(account.id)
            office.alarms[key] = _words(account, spent, budget)
        before, self._over = self._over, frozenset(over)
        if turned or (before is not None and before != self._over):
            await self._incoming.judge_again()


def may_read(office: Running, account: Account) -> bool:
    """Whether the budget still lets anybody poll for mentions."""
    budget = budget_of(account)
    return not budget or office.spent_of(account.id, office.clock()) < NO_READING * budget


def _words(account: Account, spent: int, budget: int) -> tuple[str, str]:
    ja = f"{account.name}（{account.id}）の今月の費用は {dollars(spent)} ドルです（予算 {dollars(budget)} ドル）。"
    en = f"{account.id} has cost ${dollars(spent)} this month (budget ${dollars(budget)})."
    if spent >= budget:
        return (
            f"{ja}予算を使い切りました。発信は、管理者が理由を書いて認めたものと、宣言された緊急だけが出ます。",
            f"{en} It is spent: only what a manager allows with a reason, and declared emergencies, go out.",
        )
    if spent >= NO_READING * budget:
        return f"{ja}コメントの読み取りを止めています。", f"{en} Comments are not read any more."
    return f"{ja}予算の {WARN:.0%} を超えました。", f"{en} That is more than {WARN:.0%} of it."
