"""Whether somebody may ask for an act at all, before its room looks at it: their role, and their appointment today."""

from __future__ import annotations

from datetime import date

from daemon.refused import Refused
from daemon.rulebook.model import Operator
from daemon.wire.act import Act

_RANK = {"viewer": 0, "clerk": 1, "manager": 2}
_ROLE_WORDS = {"viewer": "閲覧", "clerk": "担当者", "manager": "管理者"}


def check_role(act: Act, who: Operator) -> None:
    """Raises Refused for somebody of a lesser role than the act names."""
    if _RANK[who.role] < _RANK[type(act).role]:
        raise Refused(
            "role",
            f"この操作は{_ROLE_WORDS[type(act).role]}の役目です（{who.name}さんは{_ROLE_WORDS[who.role]}）。",
            f"This needs the role {type(act).role}; {who.login} is {who.role}.",
        )


def check_appointment(act: Act, who: Operator, today: date) -> None:
    """Raises Refused outside the appointment: then people look and stop, nothing else."""
    if type(act).role == "viewer" or who.in_office(today):
        return
    begins = who.appointed is not None and today < who.appointed
    day = who.appointed if begins else who.until
    raise Refused(
        "appointment",
        f"{who.name}さんの指名は {day} {'からです' if begins else 'で終わりました'}（名簿）。見ることと停止はできます。"
        "続けるには、管理者に rules.toml の [[operators]] を直してもらってください。",
        f"The appointment of {who.login} {'begins on' if begins else 'ended on'} {day} (register): they look and stop. "
        "To go on, ask the manager to change [[operators]] in rules.toml.",
    )
