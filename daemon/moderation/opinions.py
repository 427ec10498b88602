"""What people say of a comment before and beside a judgement: 提案, 意見, 上申, 案内済, 札. None of it decides anything."""

from __future__ import annotations

from collections.abc import Callable

from daemon.judge.approvers import holds
from daemon.moderation import measures
from daemon.moderation.comment import forget, load, moved
from daemon.moderation.judges import decided, judges
from daemon.moderation.saying import at_hand, note, say, together, words_for
from daemon.moderation.setting import Setting
from daemon.refused import Refused, given, serves
from daemon.rulebook.model import Operator
from daemon.store import Tx
from daemon.wire.answers import Done
from daemon.wire.moderation import (
    AskSecond,
    CommentGone,
    EscalateComment,
    Guided,
    GuideMany,
    Propose,
    SecondOpinion,
    TagComments,
)

Op = Callable[[Tx], Done]
_TAG_LENGTH = 40


def propose(act: Propose, who: Operator, setting: Setting) -> Op:
    """提案, for the judge to see. What could not be decided cannot be proposed either."""

    def op(tx: Tx) -> Done:
        comment, account = at_hand(tx, act.comment, who, setting)
        found = decided(account, act.clause, act.actions, act.reason, None, setting)
        say(tx, comment, "proposal", who, found.ground, act.actions, act.reason, setting)
        moved(tx, comment.id, "proposed")
        head = note(tx, who, "propose_comment", comment, found.ground, act.actions, act.reason, setting)
        return Done(
            message=f"提案しました: {words_for(found.ground, act.actions)[0]}。判断するのは{judges(account, setting)}です。",
            message_en=f"Proposed: {words_for(found.ground, act.actions)[1]}. {judges(account, setting)} judges.",
            audit_head=head,
        )

    return op


def tag(act: TagComments, who: Operator, setting: Setting) -> Op:
    """札 on these comments: no decision, so the record does not have it."""

    def op(tx: Tx) -> Done:
        word = " ".join(act.tag.split())
        if len(word) > _TAG_LENGTH:
            raise Refused("protocol", f"札は {_TAG_LENGTH} 字までです。", f"A tag has at most {_TAG_LENGTH} characters.")
        for number in dict.fromkeys(act.comments):
            serves(who, setting.account(load(tx.db, number).account))
            tx.db.execute("UPDATE comments SET tag = ? WHERE id = ?", (word, number))
        return Done(message=f"{len(set(act.comments))} 件に札を付けました。", message_en=f"{len(set(act.comments))} tagged.")

    return op


def ask_second(act: AskSecond, who: Operator, setting: Setting) -> Op:
    """意見を求める, of somebody else who serves the account."""

    def op(tx: Tx) -> Done:
        comment, account = at_hand(tx, act.comment, who, setting)
        other = setting.book.operators.get(act.to)
        if other is None or other.login == who.login:
            raise Refused(
                "no_such", "意見を求める相手（ほかの担当者のログイン）を書いてください。", "Name another person on the register."
            )
        serves(other, account)
        say(tx, comment, "ask_second", who, None, (), act.note, setting, to=other.login)
        moved(tx, comment.id, "second")
        head = note(tx, who, "ask_second", comment, None, (), act.note, setting, to=other.login)
        return Done(message=f"{other.name}さんに意見を求めました。", message_en=f"{other.login} is asked.", audit_head=head)

    return op


def second(act: SecondOpinion, who: Operator, setting: Setting) -> Op:
    """意見: by whoever was asked. It decides nothing; the comment waits for its judge again."""

    def op(tx: Tx) -> Done:
        comment, account = at_hand(tx, act.comment, who, setting)
        asked = tx.db.execute(
            "SELECT to_login, login FROM comment_says WHERE comment = ? AND kind = 'ask_second' ORDER BY id DESC LIMIT 1",
            (comment.id,),
        ).fetchone()
        if comment.state != "second" or asked is None or asked["to_login"] != who.login:
            raise Refused("state", "意見を求められていません。", "Your opinion was not asked for.")
        found = decided(account, act.clause, act.actions, act.reason, None, setting)
        say(tx, comment, "second", who, found.ground, act.actions, act.reason, setting)
        moved(tx, comment.id, "proposed")
        head = note(tx, who, "second_opinion", comment, found.ground, act.actions, act.reason, setting)
        return Done(message="意見を記録しました。", message_en="Your opinion is recorded.", audit_head=head)

    return op


def escalate(act: EscalateComment, who: Operator, setting: Setting) -> Op:
    """上申, to the manager whom the policy names above the others (統括)."""

    def op(tx: Tx) -> Done:
        comment, account = at_hand(tx, act.comment, who, setting)
        why = given(act.note)
        named = setting.book.policies[account.policy].manager
        above = [each for each in setting.book.operators.values() if holds(each, named, account)]
        say(tx, comment, "escalation", who, None, (), why, setting)
        moved(tx, comment.id, "escalated")
        head = note(tx, who, "escalate_comment", comment, None, (), why, setting, to=",".join(each.login for each in above))
        people = "、".join(each.name for each in above) or "・".join(named)
        return Done(
            message=f"{people}に上げました。", message_en=f"Escalated to {', '.join(e.login for e in above)}.", audit_head=head
        )

    return op


def guided(act: Guided, who: Operator, setting: Setting) -> Op:
    """案内済. A comment in which the machine has found something else, too, stays on the bench for that."""

    def op(tx: Tx) -> Done:
        head = _guide(tx, act.comment, act.note, who, setting)
        return Done(message="案内済にしました。", message_en="Recorded as guided.", audit_head=head)

    return op


def guide_many(act: GuideMany, who: Operator, setting: Setting) -> Op:
    """まとめて案内済: all of these or none, each with an entry of its own."""

    def op(tx: Tx) -> Done:
        numbers, head = together(act), ""
        for number in numbers:
            head = _guide(tx, number, act.note, who, setting, detail=f"{act.condition}（{len(numbers)} 件）")
        many = len(numbers)
        return Done(message=f"{many} 件をまとめて案内済にしました。", message_en=f"{many} recorded as guided.", audit_head=head)

    return op


def _guide(tx: Tx, number: int, why: str, who: Operator, setting: Setting, **more: str) -> str:
    """Record one; returns the record's head. Raises Refused."""
    comment, _ = at_hand(tx, number, who, setting)
    if not comment.guidance:
        raise Refused("state", "案内の印のないコメントです。", "There is no guidance mark on it.")
    say(tx, comment, "guided", who, None, (), why, setting)
    if comment.verdict == "pass":
        moved(tx, comment.id, "guided")
    else:
        tx.db.execute("UPDATE comments SET guidance = '', changed_at = ? WHERE id = ?", (tx.now, comment.id))
    return note(tx, who, "guided", comment, None, (), why, setting, **more)


def gone(act: CommentGone, who: Operator, setting: Setting) -> Op:
    """投稿が消えた: measures that were not begun fall away, and its words are erased here as well."""

    def op(tx: Tx) -> Done:
        comment = load(tx.db, act.comment)
        serves(who, setting.account(comment.account))
        if comment.state == "gone" or comment.erased_at is not None:
            raise Refused("state", "もう記録されています。", "That is recorded already.")
        say(tx, comment, "gone", who, None, (), act.note, setting)
        dropped = measures.drop_open(tx, comment.id, who.login)
        forget(tx, comment)
        if comment.state in ("judged", "left", "guided"):
            tx.db.execute("DELETE FROM comment_claims WHERE comment = ?", (comment.id,))
        else:
            moved(tx, comment.id, "gone")
        head = note(tx, who, "comment_gone", comment, None, (), act.note, setting)
        more = f"始めていない措置 {dropped} 件は取りやめました。" if dropped else ""
        return Done(
            message=f"投稿が消えたことを記録し、手元の本文も消去しました。{more}",
            message_en="Recorded as gone; its words are erased here, too."
            + (f" {dropped} measures fall away." if dropped else ""),
            audit_head=head,
        )

    return op
