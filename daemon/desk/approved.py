"""Whether a draft has been approved already: by whoever asks, or by somebody who was faster."""

from __future__ import annotations

from daemon.desk.case import Case, Setting
from daemon.desk.states import WORDS
from daemon.judge import Approval, Capacity, approving, lapsed, step_now
from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Operator


def was_faster(case: Case, who: Operator, setting: Setting) -> None:
    """Raises Refused where it has been approved: by whoever asks, or by somebody who was faster."""
    last = max(case.approvals, key=lambda each: (each.login == who.login, each.at), default=None)
    if last is None or case.state not in ("approved", "scheduled"):
        return
    person = setting.book.operators.get(last.login)
    name = "あなた" if last.login == who.login else f"{person.name if person else last.login}さん"
    ja, en = WORDS[case.state]
    raise Refused(
        "state",
        f"{name}が {last.at.astimezone(TOKYO):%H:%M} に承認し、今は「{ja}」です。承認はもう要りません。",
        f"{'you' if last.login == who.login else last.login} approved it at {last.at.astimezone(TOKYO):%H:%M}; it is “{en}” now and needs no other approval.",
    )


def approved_by(case: Case, who: Operator, setting: Setting) -> Approval | None:
    """The approval of these bytes that this person has given for the step reached, where another would change nothing. A draft in 保留 is
    asked about anew, and so is somebody who holds other posts by now, or approved too long ago."""
    if case.state != "waiting" or not any(each.login == who.login for each in case.approvals):
        return None
    situation = case.situation(setting)
    capacity = approving(who, case.item, situation, setting.book)
    step = step_now(capacity, case.item, situation, setting.book) if isinstance(capacity, Capacity) else 1
    same = (each for each in case.approvals if (each.login, each.titles, each.step) == (who.login, who.titles, step))
    return next((each for each in same if not lapsed(each, situation, setting.book)), None)
