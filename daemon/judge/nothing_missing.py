"""The last line of a draft that lacks nothing any more: a card to be taken, a time that still has to pass, or the release itself."""

from __future__ import annotations

from datetime import datetime

from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.channels import capabilities, carries_out
from daemon.rulebook.item import KIND_NAMES, Item
from daemon.rulebook.model import Account, Author
from daemon.rulebook.platforms import NAMES
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


def by_hands_only(account: Account, item: Item) -> tuple[str, str]:
    """Why a person releases this though the account's channel puts out other drafts by itself; empty where that is not so."""
    can = capabilities(account.channel)
    if account.channel == "manual" or carries_out(account.channel, item.kind, len(item.images)):
        return "", ""
    name = NAMES.get(account.platform, account.platform)
    if item.kind not in can.kinds:
        word = KIND_NAMES[item.kind]
        return (
            f"この種別は人が行います（{name} への自動の発信（{account.channel}）では{word}ができません）",
            f"a person does this kind (the channel {account.channel} does no {item.kind})",
        )
    return (
        f"画像が {len(item.images)} 枚あるため、人が行います（{name} への自動の発信は {can.images} 枚まで）",
        f"a person does it: {len(item.images)} images (the channel {account.channel} takes {can.images})",
    )


def last(channel: str, left_to: Author | None, why: tuple[str, str] = ("", "")) -> Missing:
    """What happens next, by the account's channel; a rule may leave the release by hand to some units. `why`: for what reason a person
    does it."""
    if channel == "manual":
        return Missing(
            what="。".join(filter(None, (why[0], "発信カードを取って投稿し、URL を記録する"))),
            what_en=": ".join(filter(None, (why[1], "take its release card, post it, record the URL"))),
            who=f"{'・'.join(left_to.units)}の担当者" if left_to else "担当者",
            clause=left_to.clause if left_to else "",
            act="take",
        )
    return Missing(what="まもなく自動で発信します", what_en="goes out by itself", who="広報番", clause="", act="wait")
