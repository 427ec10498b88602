"""Is there somebody to approve whatever may be drafted? Every kind of every topic needs a line of the approver table.

The judge never takes a missing line for leave to publish: it asks the policy's managers. So a gap is a warning; but a gap is a reading of
the policy that nobody made, and the table has to say whom the text means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from daemon.rulebook.item import KINDS, Kind
from daemon.rulebook.model import Approvers, Kinds, Platform, Problem, Topics, When
from daemon.rulebook.parse import Header, PolicyFile, Written
from daemon.rulebook.titles import APPROVER


def check_approver_table(file: PolicyFile, every: Sequence[Written], head: Header) -> Iterator[Problem]:
    """A warning for a policy without an approver table, or one for each topic of which some kind has no line."""
    rules = [written for written in every if written.rule.on == "draft" and not written.rule.shadow]
    table = [w for w in rules if isinstance(w.rule, Approvers) and APPROVER not in w.rule.titles]
    if not table:
        message = (
            f"承認者を定める規則（approvers）がありません。どの下書きも、管理者（{'、'.join(file.managers)}）の承認を待ちます。"
        )
        message_en = "No rule names who approves (approvers): every draft will wait for the policy's managers."
        yield file.source.problem(file.source.line("policy"), message, message_en, warning=True)
        return
    yield from _mixed(table)
    topics = tuple(dict.fromkeys(t for w in rules if isinstance(w.rule, Topics) for t in w.rule.topics)) or ("",)
    allowed = [kind for kind in KINDS if kind not in _never_allowed(rules)]
    for topic in topics:
        lacking = [kind for kind in allowed if not _has_approver(kind, topic, head.platforms, table)]
        if lacking:
            yield _gap(table[0], topic, lacking)


def _mixed(table: Sequence[Written]) -> Iterator[Problem]:
    """Lines that serve surveys and posts alike although the policy has a table for surveys alone (広聴): the two may diverge one day."""
    kinds = [frozenset(w.rule.when.kinds) for w in table]
    if frozenset(("poll",)) not in kinds:
        return
    for written, of in zip(table, kinds, strict=True):
        if "poll" in of and len(of) > 1:
            yield written.problem(
                "when",
                "広聴（poll）だけの行がほかにあるのに、この行は poll とほかの種別を一緒に受けています。二つの表に分けてください。",
                "this line serves polls and other kinds alike, though other lines are for polls alone: keep the two tables apart.",
                warning=True,
            )


def _never_allowed(rules: Sequence[Written]) -> frozenset[Kind]:
    """The kinds that this policy blocks whatever the draft is: nobody needs to approve them."""
    return frozenset(
        kind
        for w in rules
        if isinstance(w.rule, Kinds) and w.rule.level == "block" and w.rule.when == When()
        for kind in w.rule.kinds
    )


def _has_approver(kind: Kind, topic: str, platforms: tuple[Platform, ...], table: Sequence[Written]) -> bool:
    """True where every draft of this kind and topic finds a line, on whichever platform, emergency or not, with images or without."""
    return all(
        any(_covers(w.rule.when, kind, topic, platform, emergency, images) for w in table)
        for platform, emergency, images in product(platforms, (False, True), (False, True))
    )


def _covers(when: When, kind: Kind, topic: str, platform: Platform, emergency: bool, images: bool) -> bool:
    """True where a line surely applies. One that asks for words in the text, for an account or a season does not:
    another draft will lack them."""
    return (
        (not when.kinds or kind in when.kinds)
        and (not when.topics or topic in when.topics)
        and (not when.platforms or platform in when.platforms)
        and when.emergency in (None, emergency)
        and when.images in (None, images)
        and not (when.text or when.accounts or when.units)
        and when.irreversible is None
        and not (when.since or when.until or when.season)
    )


def _gap(first: Written, topic: str, kinds: Sequence[Kind]) -> Problem:
    """The warning, at the first line of the table."""
    of_topic, of_topic_en = (f"分野「{topic}」の ", f" of topic '{topic}'") if topic else ("", "")
    named = "、".join(kinds)
    return first.problem(
        "when",
        f"{of_topic}{named} を承認する者が、どの approvers の規則にもありません。管理者の承認を待つことになります。要綱が定める者の行を足してください。",
        f"no approvers rule names who approves {', '.join(kinds)}{of_topic_en}: the managers will be asked. Add the line that the policy means.",
        warning=True,
    )
