"""The last line of a draft that lacks nothing any more: a card to be taken, a time that still has to pass, or the release itself."""

from __future__ import annotations

from datetime import datetime

from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Account, Author
from daemon.rulebook.verdict import Missing


def counting(account: Account, at: datetime) -> Missing:
    """Nothing is missing but the time in which it can still be halted."""
    moment = f"{at.astimezone(TOKYO):%H:%M:%S}"
    if account.final:
        return Missing(
            what=f"取り消せない媒体のため、{moment} まで待ちます。それまでは、だれでも取下げ（w）や保留（:保留）で止められます",
            what_en=f"it cannot be taken back, and so waits until {moment}: until then anybody may withdraw (w) or hold it (:hold)",
            who="広報番",
            clause="office/irreversible",
            act="wait",
        )
    return Missing(
        what=f"{moment} に自動で発信します。それまでは、決めた人が取り消せます（z）",
        what_en=f"goes out by itself at {moment}: until then whoever decided can take it back (z)",
        who="広報番",
        clause="",
        act="wait",
    )


def last(channel: str, left_to: Author | None) -> Missing:
    """What happens next, by the account's channel; a rule may leave the release by hand to some units."""
    if channel == "manual":
        return Missing(
            what="発信カードを取って投稿し、URL を記録する",
            what_en="take its release card, post it, record the URL",
            who=f"{'・'.join(left_to.units)}の担当者" if left_to else "担当者",
            clause=left_to.clause if left_to else "",
            act="take",
        )
    return Missing(what="まもなく自動で発信します", what_en="goes out by itself", who="広報番", clause="", act="wait")
