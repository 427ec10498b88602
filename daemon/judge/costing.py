"""What a draft costs on its platform, and what an account's monthly budget (予算) says of it: a hold that a manager lifts.

The budget is the office's own rule (`[[accounts]] budget`, US dollars a month of Japan's calendar). A declared emergency goes out over it, and
says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from daemon.judge.emergency import declared
from daemon.judge.situation import Situation
from daemon.rulebook.channels import MILLION, price
from daemon.rulebook.item import Item
from daemon.rulebook.model import ChannelName, Detector, Policy
from daemon.rulebook.verdict import Finding
from daemon.screening.cite import finding
from daemon.screening.urls import urls

RULE = "office.budget"
CLAUSE = "office/budget"


def cost_of(item: Item, channel: ChannelName) -> int:
    """What the channel's platform charges for this draft, in millionths of a US dollar; 0 where it charges nothing, or a person posts it."""
    with_url = next(urls(item.text), None) is not None
    return price(channel, item.kind, with_url=with_url, alts=sum(bool(image.alt) for image in item.images))


def dollars(micros: int) -> str:
    """Millionths of a US dollar as people read them: cents, or what is less than one."""
    whole = f"{micros / MILLION:.2f}"
    exact = f"{micros / MILLION:.6f}".rstrip("0")
    return whole if len(exact) < len(whole) or micros >= MILLION else exact


def over_budget(item: Item, situation: Situation, policy: Policy) -> Iterator[Finding]:
    """That the month's budget of the account would not do for this draft."""
    account = situation.account
    if account is None or not account.budget or not (cost := cost_of(item, account.channel_for(item))):
        return
    budget = round(account.budget * MILLION)
    if situation.spent + cost <= budget:
        return
    ja = f"今月の予算（{dollars(budget)} ドル）を超えます。今月の費用は {dollars(situation.spent)} ドル、これは {dollars(cost)} ドルです。"
    en = f"It exceeds the month's budget of ${dollars(budget)}: ${dollars(situation.spent)} are spent, and it costs ${dollars(cost)}."
    rule = Detector(id=RULE, clause=CLAUSE, level="hold", name="budget", basis=policy.basis, lift=policy.manager)
    if declared(item, situation):
        said = "緊急の宣言があるため、そのまま出ます。"
        yield finding(
            replace(rule, level="warn"), policy, message=f"{ja}{said}", message_en=f"{en} A declared emergency goes out."
        )
        return
    yield finding(
        rule,
        policy,
        message=f"{ja}出すなら、管理者が理由を書いて認めます。",
        message_en=f"{en} A manager may allow it, with a reason.",
    )
