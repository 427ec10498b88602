"""The training office as the tests of the policies use it: its hours, an ordinary draft per account, and what stops a draft."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from daemon.judge import Judgement
from daemon.rulebook.calendar import TOKYO

OPEN = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)
"""A Tuesday morning."""

EVENING = datetime(2026, 11, 25, 20, 30, tzinfo=TOKYO)
"""The Wednesday after, long closed."""

ORDINARY = {
    "taisho-gyosei": ("tsuruta", "行政情報（全般）"),
    "taisho-somu": ("oda", "総務・区政方針・事業情報"),
    "taisho-chiiki": ("okajima", "地域活動・地域活動支援情報"),
    "taisho-madoguchi": ("izumi", "窓口サービス情報"),
    "taisho-fukushi": ("yuasa", "保健福祉情報"),
    "taisho-kosodate": ("chiba", "子育て・教育情報"),
    "saitama-cvc": ("omiya", "施策・事業"),
    "minato-x": ("akasaka", "区政情報"),
    "minato-facebook": ("konan", "区政情報"),
    "minato-line": ("mita", "災害・緊急情報"),
    "shinagawa-koho": ("osaki", ""),
}
"""Per account: a registered author, and the topic that an ordinary draft of it declares."""

Judge = Callable[..., Judgement]


def stopped_by(judgement: Judgement) -> dict[str, str]:
    """The clause of every unlifted block or hold, with its level; the stronger one where a clause says both."""
    found: dict[str, str] = {}
    for finding in judgement.findings:
        if finding.verdict in ("block", "hold") and not finding.lifted and found.get(finding.clause) != "block":
            found[finding.clause] = finding.verdict
    return found


def stopping_rules(judgement: Judgement) -> set[str]:
    """The rules behind every unlifted block or hold."""
    return {f.rule for f in judgement.findings if f.verdict in ("block", "hold") and not f.lifted}
