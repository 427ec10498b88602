"""A refusal on its way to the person: raised anywhere in a room that decides, it undoes the transaction and becomes the answer. And the two
that every such room asks for: that somebody serves the account, and that they give a reason."""

from __future__ import annotations

from daemon.rulebook.model import Account, Operator
from daemon.wire.act import Act
from daemon.wire.answers import Refusal, RefusalCode
from daemon.wire.limits import LONGEST, Excess, too_long, words


class Refused(Exception):
    """Not done; `refusal` says why and what to do next."""

    def __init__(self, code: RefusalCode, message: str, message_en: str, *, clause: str = "") -> None:
        self.refusal = Refusal(code=code, message=message, message_en=message_en, clause=clause)
        super().__init__(message)


def serves(who: Operator, account: Account, *, manager: bool = False) -> None:
    """Raises Refused (`role`) unless this person serves the account (as a manager, where that is asked)."""
    if account.policy not in who.policies:
        raise Refused(
            "role",
            f"{who.name}さんは、アカウント {account.name} の担当ではありません（rules.toml の policies）。",
            f"{who.login} does not serve the account {account.id} (policies in rules.toml).",
        )
    if who.role == "viewer" or (manager and who.role != "manager"):
        raise Refused(
            "role",
            "この操作は管理者の役目です。" if manager else "閲覧者は見ることと停止することだけできます。",
            "This is for a manager." if manager else "A viewer looks and stops, nothing else.",
        )


def given(reason: str) -> str:
    """The reason, trimmed. Raises Refused where there is none, or where it is too long to stand in lists and in the record."""
    if len(reason := reason.strip()) > LONGEST:
        raise Refused("reason", *words(Excess("reason", len(reason), LONGEST)))
    if reason:
        return reason
    raise Refused(
        "reason", "理由を書いてください（--reason）。記録に残ります。", "Give a reason (--reason): it goes into the record."
    )


def brief(act: Act) -> None:
    """Raises Refused for an act with more words than anybody reads."""
    if (excess := too_long(act)) is not None:
        raise Refused("reason", *words(excess))
