"""ブロックの見直し: the review dates of the block list, as duties. Each ends by reviewing or removing the entry, never by a tick."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from daemon.desk.case import Setting
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.duty import REMIND_DAYS
from daemon.store import Store
from daemon.wire.duties import DutySeen

ID = "block-review"


async def listed(store: Store, setting: Setting) -> tuple[DutySeen, ...]:
    """A duty for each account whose block list has entries, due on the day of the first of them."""
    rows = await store.fetch(
        "SELECT account, min(review_on) AS first, count(*) AS n FROM block_list WHERE state = 'standing' AND review_on <> '' GROUP BY account"
    )
    return tuple(_lines([(row["account"], date.fromisoformat(row["first"]), row["n"]) for row in rows], setting))


def _lines(found: list[tuple[str, date, int]], setting: Setting) -> Iterator[DutySeen]:
    months = setting.book.moderation.terms.review_months
    for account_id, first, entries in found:
        account = setting.book.accounts.get(account_id)
        if account is None:
            continue
        due = datetime.combine(first, time(23, 59, 59), TOKYO)
        overdue, soon = setting.now > due, setting.now >= due - timedelta(days=REMIND_DAYS)
        people = [who for who in setting.book.operators.values() if account.policy in who.policies and who.role == "manager"]
        own = [who for who in people if who.unit == account.unit] or people
        yield DutySeen(
            id=ID,
            title=f"ブロックリストの見直し（{entries} 件）",
            title_en=f"Review of the block list ({entries} entries)",
            basis=f"rules.toml の review_months = {months}（条文に間隔の定めはありません）",
            basis_en=f"review_months = {months} in rules.toml (no clause names an interval)",
            last=None,
            due=due,
            overdue=overdue,
            account=account_id,
            clause="office/block-review",
            cite="office/block-review",
            standing="overdue" if overdue else "soon" if soon else "ok",
            how="一件ずつ、続けるか解くかを決めます（kohoban blocklist review・remove、画面のブロックリスト）。",
            how_en="Decide for each entry whether it stands on (kohoban blocklist review, remove; the block list on the screen).",
            who="、".join(who.name for who in own),
            logins=tuple(who.login for who in own),
        )
