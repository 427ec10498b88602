"""Why a person cannot do with a draft what they cannot do: the other side of `possible`, for the page of keys."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from daemon.desk import by_hand, manner
from daemon.desk.acts import manages
from daemon.desk.approved import approved_by
from daemon.desk.case import Case, Setting
from daemon.desk.declaring import DECLARABLE
from daemon.desk.possible import possible
from daemon.desk.states import MOVES, WORDS, Step
from daemon.judge import Judgement, declaring_as, may_approve, may_lift
from daemon.judge.approvers import No
from daemon.refused import Refused, serves
from daemon.rulebook.model import Operator
from daemon.wire.reasons import CannotSeen

Said = tuple[str, str]

_STEPS: dict[str, Step] = {
    "return": "return",
    "withdraw": "withdraw",
    "claim": "withdraw",
    "hold": "hold",
    "reopen": "reopen",
    "schedule": "set_time",
    "take": "begin",
    "released": "release",
    "settle": "not_released",
}
"""The move that each act makes; those that are not here ask for more than a state."""
_ACTS = ("approve", "except", "declare", *_STEPS)
_ASKING = ("correct", "delete_post", "enter_paper", "countersign", "approve_set", "declare_set", "excuse_member")
"""Acts that `possible` names to nobody, because whether they succeed depends on what is typed for them."""
EVERY = (*_ACTS, *_ASKING, "undo")
"""Every act of which anything is said here, or by whoever knows the last decision."""


def why_not(case: Case, judgement: Judgement, who: Operator, setting: Setting) -> tuple[CannotSeen, ...]:
    """Of every act that `possible` does not name, the first thing that stands in its way; of those for which more has to be typed, what
    stands in their way whatever that is."""
    can = possible(case, judgement, who, setting)
    found = [(act, _why(act, case, judgement, who, setting)) for act in _ACTS if act not in can]
    found += [(act, said) for act in _ASKING if (said := _from_the_start(act, case, who, setting)) is not None]
    return tuple(CannotSeen(act=act, why=said[0], why_en=said[1]) for act, said in found)


def _from_the_start(act: str, case: Case, who: Operator, setting: Setting) -> Said | None:
    try:
        serves(who, case.account)
        if act == "enter_paper":
            manner.allowed(manner.Manner("paper"), case.account)
    except Refused as refused:
        return refused.refusal.message, refused.refusal.message_en
    if act in ("correct", "delete_post") and case.state != "released":
        return _state(case, ("released",))
    if act == "countersign" and not case.papers:
        return "副署を待っている紙の決裁はありません。", "No decision on paper waits for a countersignature."
    if act in ("approve_set", "declare_set", "excuse_member") and setting.sets is not None and case.id not in setting.sets:
        return "一斉発信の組の下書きではありません。", "The draft belongs to no set that goes out together."
    return None


def _why(act: str, case: Case, judgement: Judgement, who: Operator, setting: Setting) -> Said:
    try:
        serves(who, case.account)
        if act in ("approve", "return") and "console" not in case.account.decide:
            return (
                "このアカウントの決裁は、画面ではしません（rules.toml の decide）。",
                "This account's drafts are not decided here (decide).",
            )
        if act in _STEPS and case.state not in (states := MOVES[_STEPS[act]]):
            return _state(case, states)
        return next(_more(act, case, judgement, who, setting), ("いまはできません。", "Not now."))
    except Refused as refused:
        return refused.refusal.message, refused.refusal.message_en


def _more(act: str, case: Case, judgement: Judgement, who: Operator, setting: Setting) -> Iterator[Said]:
    """What stands in the way beyond the state. Raises Refused where the desk's own refusal says it best."""
    if act == "approve":
        yield from _approve(case, who, setting)
    elif act == "return" and manages(who, case, setting) is None:
        yield "差戻しは管理者の役目です。", "Only a manager returns a draft."
    elif act == "except":
        yield from _except(case, judgement, who, setting)
    elif act == "declare":
        yield from _declare(case, who, setting)
    elif case.channel != "manual":
        yield "機械が送るアカウントです。予約か自動の発信を待ちます。", "A machine sends for this account: schedule it, or wait."
    elif act == "take":
        by_hand.allowed(who, case, setting)
        for line in judgement.missing:
            if line.act != "take" and (line.act != "wait" or line.rule):
                yield f"まだ足りないもの: {line.what}", f"Still missing: {line.what_en}"


def _approve(case: Case, who: Operator, setting: Setting) -> Iterator[Said]:
    if case.state not in ("waiting", "held"):
        yield _state(case, ("waiting", "held"))
    if approved_by(case, who, setting) is not None:
        yield "この版はもう承認しています。", "You have approved this revision."
    yield from _no(may_approve(who, case.item, case.situation(setting), setting.book))


def _except(case: Case, judgement: Judgement, who: Operator, setting: Setting) -> Iterator[Said]:
    holds = [each for each in judgement.findings if each.verdict == "hold" and not each.lifted]
    if not holds:
        yield "例外を認める保留（要判断）の指摘がありません。", "There is no hold that an exception could lift."
    for finding in holds:
        yield from _no(may_lift(who, finding, case.item, case.situation(setting), setting.book))


def _declare(case: Case, who: Operator, setting: Setting) -> Iterator[Said]:
    if not case.item.emergency:
        yield "緊急（emergency）の下書きではありません。", "The draft is no emergency."
    if case.declaration is not None:
        yield "もう宣言されています。", "It has been declared."
    if case.state not in DECLARABLE:
        yield _state(case, DECLARABLE)
    answer = declaring_as(who, case.item, case.situation(setting), setting.book)
    yield from _no(answer if isinstance(answer, No) else None)


def _no(answer: No | None) -> Iterator[Said]:
    if answer is not None:
        yield answer.message, answer.message_en


def _state(case: Case, states: Collection[str]) -> Said:
    ja, en = WORDS[case.state]
    wanted = [WORDS[state] for state in WORDS if state in states]
    most = wanted[:4]
    more = ("など", ", …") if len(wanted) > len(most) else ("", "")
    return (
        f"状態が「{ja}」です（できるのは {'・'.join(each for each, _ in most)}{more[0]}）。",
        f"It is {en} (possible while {', '.join(each for _, each in most)}{more[1]}).",
    )
