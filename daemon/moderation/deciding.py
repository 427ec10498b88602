"""What people decide about a comment: 提案, 判断, まとめて判断, 措置なし, 意見, 上申, 取消し. Each is one operation of the store's writer.

The machine decides nothing: without a named judge there is no measure. An entry of the record has the ground as it read, the policy's hash
and the hash of the comment's words, never the words themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from daemon.moderation import measures
from daemon.moderation.brakes import braked
from daemon.moderation.comment import STATES, Comment, load, moved
from daemon.moderation.judges import Decided, capacity_to_judge, decided
from daemon.moderation.saying import at_hand, note, say, together, words_for
from daemon.moderation.setting import Setting
from daemon.refused import Refused, given, serves
from daemon.rulebook.model import Account, Operator
from daemon.rulebook.powers import powers_of
from daemon.store import Tx
from daemon.wire.answers import Done
from daemon.wire.moderation import (
    Judge,
    JudgeMany,
    UndoJudgement,
)

Op = Callable[[Tx], Done]


def judge(act: Judge, who: Operator, setting: Setting) -> Op:
    """判断 by the role that the clause names; with it every measure is opened that follows."""

    def op(tx: Tx) -> Done:
        comment, account = at_hand(tx, act.comment, who, setting)
        if act.seen and act.seen != comment.evidence:
            raise Refused(
                "stale",
                "見ていたコメントと違います。開き直してください。",
                "This is not the comment that was seen: open it again.",
            )
        found = decided(account, act.clause, act.actions, act.reason, who, setting)
        braked(tx.db, account, len(act.actions), setting)
        opened, head = _judged(tx, comment, account, found, act.actions, act.reason, who, setting, condition="")
        ja, en = words_for(found.ground, act.actions)
        tasks, tasks_en = measures.told(opened)
        return Done(message=f"判断しました: {ja}。{tasks}", message_en=f"Judged: {en}. {tasks_en}", audit_head=head)

    return op


def judge_many(act: JudgeMany, who: Operator, setting: Setting) -> Op:
    """まとめて判断: these comments and no others, all or none. What the person was not shown is not among them: the comments are named one by
    one, and their number is what the person confirmed."""

    def op(tx: Tx) -> Done:
        numbers = together(act)
        every = [at_hand(tx, number, who, setting) for number in numbers]
        by_account: dict[str, int] = {}
        for _, account in every:
            by_account[account.id] = by_account.get(account.id, 0) + len(act.actions)
        for account_id, more in by_account.items():
            braked(tx.db, setting.account(account_id), more, setting)
        opened: list[measures.Opened] = []
        head = ""
        for comment, account in every:
            found = decided(account, act.clause, act.actions, act.reason, who, setting)
            more_opened, head = _judged(
                tx,
                comment,
                account,
                found,
                act.actions,
                act.reason,
                who,
                setting,
                condition=f"{act.condition}（{len(numbers)} 件）",
            )
            opened += more_opened
        ja, en = words_for(found.ground, act.actions)
        tasks, tasks_en = measures.told(opened)
        return Done(
            message=f"{len(numbers)} 件をまとめて判断しました: {ja}。{tasks}",
            message_en=f"{len(numbers)} judged together: {en}. {tasks_en}",
            audit_head=head,
        )

    return op


def undo(act: UndoJudgement, who: Operator, setting: Setting) -> Op:
    """判断の取消し: by whoever may judge it. What was not begun falls away; what was done is reversed, where the platform can."""

    def op(tx: Tx) -> Done:
        comment = load(tx.db, act.comment)
        account = setting.account(comment.account)
        serves(who, account)
        reason = given(act.reason)
        last = tx.db.execute(
            "SELECT id, kind, clause, login FROM comment_says WHERE comment = ? AND undone_at IS NULL "
            "AND kind IN ('judgement', 'left', 'guided') ORDER BY id DESC LIMIT 1",
            (comment.id,),
        ).fetchone()
        if last is None or comment.state not in ("judged", "left", "guided"):
            ja, en = STATES[comment.state]
            raise Refused(
                "state", f"取り消す判断がありません（今「{ja}」）。", f"There is no decision to take back (now “{en}”)."
            )
        if last["kind"] != "guided":
            capacity_to_judge(who, account, powers_of(account, setting.book), setting)
        tx.db.execute("UPDATE comment_says SET undone_at = ? WHERE id = ?", (tx.now, last["id"]))
        back = measures.take_back(tx, last["id"], who, setting)
        say(tx, comment, "undone", who, None, (), reason, setting)
        moved(tx, comment.id, "open")
        head = note(tx, who, "undo_judgement", comment, None, (), reason, setting)
        tasks, tasks_en = measures.told_back(back)
        return Done(
            message=f"判断を取り消しました。{tasks}", message_en=f"The decision is taken back. {tasks_en}", audit_head=head
        )

    return op


def _judged(
    tx: Tx,
    comment: Comment,
    account: Account,
    found: Decided,
    actions: Sequence[str],
    reason: str,
    who: Operator,
    setting: Setting,
    *,
    condition: str,
) -> tuple[list[measures.Opened], str]:
    """Write one judgement, with its measures; returns them and the record's head."""
    kind = "judgement" if found.ground else "left"
    said = say(tx, comment, kind, who, found.ground, actions, reason, setting)
    opened = measures.open_all(tx, comment, account, said, found, actions, setting) if found.ground else []
    moved(tx, comment.id, "judged" if found.ground else "left")
    deputy = found.capacity.entry
    more = {"deputy": deputy.id, "for": found.capacity.holder.login} if deputy else {}
    if condition:
        more["detail"] = (
            condition  # a person's words (it may name somebody): apart from the chain, and erased with its entry's texts
        )
    head = note(
        tx,
        who,
        "judge_comment" if found.ground else "leave_comment",
        comment,
        found.ground,
        actions,
        reason,
        setting,
        powers=[power.clause for power in found.powers],
        **more,
    )
    return opened, head
