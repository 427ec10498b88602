"""Many comments at once: what the evaluator says of each, at the price of one look over all of them."""

from __future__ import annotations

from collections.abc import Sequence

from daemon.judge.approvers import facts_of
from daemon.judge.evaluate import beside_posts, judge, of_comment
from daemon.judge.situation import Judgement, Situation
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.item import Item
from daemon.rulebook.model import Policy, Rulebook
from daemon.rulebook.versions import wording_in_hand
from daemon.screening.screen import screen_many


def judge_comments(
    texts: Sequence[str], situation: Situation, rulebook: Rulebook, *, policy: Policy | None = None
) -> list[Judgement]:
    """What `judge` says of each of these comments, in order: the same rules, asked of all of them at once."""
    if policy is None:
        if situation.account is None:
            raise ValueError("a judgement needs an account or a policy")
        policy = rulebook.policies[situation.account.policy]
    none = Item(text="")
    if situation.now is not None and not wording_in_hand(policy, situation.now.astimezone(TOKYO).date()):
        return [judge(Item(text=text), situation, rulebook, policy=policy, on="comment") for text in texts]
    found = screen_many(policy, texts, beside_posts(facts_of(none, situation, policy), situation))
    out = [Judgement(findings=(), screened=(), missing=(), verdict="pass", text=text, platforms=()) for text in texts]
    for index, said_of_it in found.items():
        out[index] = of_comment(texts[index], said_of_it)
    return out
