"""What people say and do about one comment, each command one act: claim, propose, second, opinion, escalate, tag, gone, undo, erase."""

from __future__ import annotations

import click

from console.cli.bench_words import actions_of, carried_out
from console.cli.command import Session, argument, command, option
from daemon.wire.moderation import (
    AskSecond,
    ClaimComment,
    CommentGone,
    EraseComment,
    EscalateComment,
    Propose,
    SecondOpinion,
    TagComments,
    UnclaimComment,
    UndoJudgement,
)


def number(name: str = "COMMENT") -> click.Argument:
    """The number of a comment."""
    return argument(name, type=click.IntRange(min=1))


def ground() -> click.Option:
    """`--clause`: under which ground."""
    return option("--clause", key="comment_clause", metavar="CLAUSE", default="")


def action() -> click.Option:
    """`--action`: which measures."""
    return option("--action", key="comment_action", metavar="ACTION", required=True)


def reason(*, required: bool = False) -> click.Option:
    """`--reason`."""
    return option("--reason", metavar="TEXT", required=required, default=None if required else "")


@command("comments claim", number(), option("--over", key="comment_over", is_flag=True))
def claim(session: Session, comment: int, over: bool) -> int:
    """着手."""
    return carried_out(session, ClaimComment(comment=comment, over=over))


@command("comments unclaim", number())
def unclaim(session: Session, comment: int) -> int:
    """着手をやめる."""
    return carried_out(session, UnclaimComment(comment=comment))


@command("comments propose", number(), ground(), action(), reason())
def propose(session: Session, comment: int, clause: str, action: str, reason: str) -> int:
    """提案."""
    return carried_out(session, Propose(comment=comment, clause=clause, actions=actions_of(action), reason=reason))


@command(
    "comments second",
    number(),
    option("--to", key="comment_to", metavar="LOGIN", required=True),
    option("--note", key="comment_note", metavar="TEXT", default=""),
)
def second(session: Session, comment: int, to: str, note: str) -> int:
    """意見を求める."""
    return carried_out(session, AskSecond(comment=comment, to=to, note=note))


@command("comments opinion", number(), ground(), action(), reason())
def opinion(session: Session, comment: int, clause: str, action: str, reason: str) -> int:
    """意見."""
    return carried_out(session, SecondOpinion(comment=comment, clause=clause, actions=actions_of(action), reason=reason))


@command("comments escalate", number(), option("--note", key="comment_note", metavar="TEXT", required=True))
def escalate(session: Session, comment: int, note: str) -> int:
    """上申."""
    return carried_out(session, EscalateComment(comment=comment, note=note))


@command(
    "comments tag",
    argument("COMMENT", nargs=-1, required=True, type=click.IntRange(min=1)),
    option("--tag", key="comment_tag", metavar="WORD", required=True),
)
def tag(session: Session, comment: tuple[int, ...], tag: str) -> int:
    """札."""
    return carried_out(session, TagComments(comments=comment, tag=tag))


@command("comments gone", number(), option("--note", key="comment_note", metavar="TEXT", default=""))
def gone(session: Session, comment: int, note: str) -> int:
    """投稿が消えた."""
    return carried_out(session, CommentGone(comment=comment, note=note))


@command("comments undo", number(), reason(required=True))
def undo(session: Session, comment: int, reason: str) -> int:
    """判断の取消し."""
    return carried_out(session, UndoJudgement(comment=comment, reason=reason))


@command("comments erase", number(), reason(required=True))
def erase(session: Session, comment: int, reason: str) -> int:
    """消去."""
    return carried_out(session, EraseComment(comment=comment, reason=reason))


COMMANDS = (claim, unclaim, propose, second, opinion, escalate, undo, tag, gone, erase)
