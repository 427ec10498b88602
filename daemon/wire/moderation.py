"""Comments: the acts. A clerk marks and proposes, the role that the clause names judges, and what a judgement asks for is done by a person
or a channel and recorded as what it really was."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

from daemon.wire.act import Act, Role, Terminal

Measure = Literal["hide", "delete", "block", "mute", "report"]
"""措置, as the policies and `rules.toml` write them: 非表示, 削除, ブロック, ミュート, 媒体への通報."""
Guidance = Literal["emergency", "help", "crime", "question"]
"""案内: fire, flood and ambulance; somebody who asks for help for their life; a crime that is reported; a question to the office."""


class MarkComment(Act, frozen=True, kw_only=True, tag="mark_comment"):
    """印を付ける: put a comment on the bench that no machine has found anything in, as it is read on the platform. `conversation` is the post
    under which it stands, `source` and `author` are the platform's own ids where they are known."""

    account: str
    text: str
    handle: str
    source: str = ""
    author: str = ""
    conversation: str = ""
    url: str = ""
    posted_at: datetime | None = None
    guidance: Guidance | Literal[""] = ""


class ClaimComment(Act, frozen=True, kw_only=True, tag="claim_comment"):
    """着手: this comment is mine for some minutes. `over` takes it from somebody else."""

    comment: int
    over: bool = False


class UnclaimComment(Act, frozen=True, kw_only=True, tag="unclaim_comment"):
    """着手をやめる."""

    comment: int


class Propose(Act, frozen=True, kw_only=True, tag="propose"):
    """提案: what a clerk thinks should be decided, for the judge to see. No actions: 措置なし."""

    comment: int
    clause: str = ""
    actions: tuple[Measure, ...] = ()
    reason: str = ""


class Judge(Act, frozen=True, kw_only=True, tag="judge"):
    """判断: the role that the clause names decides, under a ground of this account's own list, with measures of its powers; no clause and no
    actions: 措置なし. `seen` is the hash of what was shown; where it is empty, the comment as it stands."""

    comment: int
    clause: str = ""
    actions: tuple[Measure, ...] = ()
    reason: str = ""
    seen: str = ""


class JudgeMany(Act, frozen=True, kw_only=True, tag="judge_many"):
    """まとめて判断: one decision for these very comments, each of them recorded by itself. `condition` is how they were chosen, in words, and
    `count` how many the person was shown: where the numbers differ, nothing is decided."""

    comments: tuple[int, ...]
    count: int
    condition: str
    clause: str = ""
    actions: tuple[Measure, ...] = ()
    reason: str = ""


class TagComments(Act, frozen=True, kw_only=True, tag="tag_comments"):
    """札: a word of the office's own on these comments (empty: none), to choose by. It says something of the comment, never of its author."""

    comments: tuple[int, ...]
    tag: str


class AskSecond(Act, frozen=True, kw_only=True, tag="ask_second"):
    """別の人の意見を求める."""

    comment: int
    to: str
    note: str = ""


class SecondOpinion(Act, frozen=True, kw_only=True, tag="second_opinion"):
    """別の人の意見: what somebody who was asked thinks; it decides nothing."""

    comment: int
    clause: str = ""
    actions: tuple[Measure, ...] = ()
    reason: str = ""


class EscalateComment(Act, frozen=True, kw_only=True, tag="escalate_comment"):
    """上申: to the manager whom the policy names above the others (統括)."""

    comment: int
    note: str


class Guided(Act, frozen=True, kw_only=True, tag="guided"):
    """案内済: somebody has done what the guidance says (or there was nothing to do: `note`). No reply is ever sent by itself."""

    comment: int
    note: str = ""


class GuideMany(Act, frozen=True, kw_only=True, tag="guide_many"):
    """まとめて案内済: these very comments, all or none, each of them recorded by itself; `condition` and `count` as of `JudgeMany`."""

    comments: tuple[int, ...]
    count: int
    condition: str
    note: str = ""


class CommentGone(Act, frozen=True, kw_only=True, tag="comment_gone"):
    """投稿が消えた: its author or the platform has removed it. Its words are erased here too; decisions stay."""

    comment: int
    note: str = ""


class UndoJudgement(Act, frozen=True, kw_only=True, tag="undo_judgement"):
    """判断の取消し: the last decision about a comment no longer stands. Measures that were not begun fall away; those that were done are
    reversed where the platform can."""

    comment: int
    reason: str


class TakeMeasure(Act, frozen=True, kw_only=True, tag="take_measure"):
    """措置に着手: pass the gate and get the check-list of one measure, for some minutes. Refused while a stop covers it."""

    measure: int


class MeasureDone(Act, frozen=True, kw_only=True, tag="measure_done"):
    """措置の結果: done, as confirmed on the platform (`proof`: what was seen there), or not done (and why)."""

    measure: int
    done: bool
    proof: str


class DropMeasure(Act, frozen=True, kw_only=True, tag="drop_measure"):
    """措置の取消し: one that was not begun falls away; one that was done is reversed by a measure of its own."""

    measure: int
    reason: str


class SendMeasure(Act, frozen=True, kw_only=True, tag="send_measure"):
    """自動に戻す: a measure that waits for a person goes (again) to the account's channel, which can take it."""

    measure: int


class AddBlock(Act, frozen=True, kw_only=True, tag="add_block"):
    """ブロックリストに載せる: an account that has been blocked on the platform already, under a ground, with its judge."""

    account: str
    handle: str
    clause: str
    reason: str
    author: str = ""


class RemoveBlock(Act, frozen=True, kw_only=True, tag="remove_block"):
    """ブロックの解除: by the manager, with the reason. Where it stands on the platform a measure to lift it there is opened."""

    entry: int
    reason: str
    role: ClassVar[Role] = "manager"


class ReviewBlock(Act, frozen=True, kw_only=True, tag="review_block"):
    """ブロックの見直し: it is to stand on, until the next review."""

    entry: int
    reason: str
    until: date | None = None
    role: ClassVar[Role] = "manager"


class ImportBlocks(Act, frozen=True, kw_only=True, tag="import_blocks"):
    """ブロックリストの取込み: handles, each with the platform's id where it is known. What this list does not have yet is 根拠未確認; an entry
    whose id is known keeps it under its new name. `read_back`: the list is the platform's own, and confirms what stands there."""

    account: str
    handles: tuple[tuple[str, str], ...]
    read_back: bool = False


class ConfirmBlocks(Act, frozen=True, kw_only=True, tag="confirm_blocks"):
    """ブロックの確認: the platform is asked whom the account blocks; what people have blocked and stands there is done."""

    account: str


class ReportReaction(Act, frozen=True, kw_only=True, tag="report_reaction"):
    """反応の報告 (港区 7-2(7)): hostile reactions to a post of our own; told to the manager at once."""

    account: str
    post: str
    note: str


class EndReaction(Act, frozen=True, kw_only=True, tag="end_reaction"):
    """反応の報告への対応: a pause (a stop of the account), a correction, watching on, or nothing; recorded, not carried out, by this."""

    reaction: int
    outcome: Literal["pause", "correct", "watch", "none"]
    note: str = ""
    role: ClassVar[Role] = "manager"


class EraseComment(Act, frozen=True, kw_only=True, tag="erase_comment"):
    """消去: the words of one comment, before their term."""

    comment: int
    reason: str
    role: ClassVar[Role] = "manager"
    terminal: ClassVar[Terminal] = "designated"


MODERATION_ACTS = (
    MarkComment,
    ClaimComment,
    UnclaimComment,
    Propose,
    Judge,
    JudgeMany,
    TagComments,
    AskSecond,
    SecondOpinion,
    EscalateComment,
    Guided,
    GuideMany,
    CommentGone,
    UndoJudgement,
    TakeMeasure,
    MeasureDone,
    DropMeasure,
    SendMeasure,
    AddBlock,
    RemoveBlock,
    ReviewBlock,
    ImportBlocks,
    ConfirmBlocks,
    ReportReaction,
    EndReaction,
    EraseComment,
)

AnyModerationAct = (
    MarkComment
    | ClaimComment
    | UnclaimComment
    | Propose
    | Judge
    | JudgeMany
    | TagComments
    | AskSecond
    | SecondOpinion
    | EscalateComment
    | Guided
    | GuideMany
    | CommentGone
    | UndoJudgement
    | TakeMeasure
    | MeasureDone
    | DropMeasure
    | SendMeasure
    | AddBlock
    | RemoveBlock
    | ReviewBlock
    | ImportBlocks
    | ConfirmBlocks
    | ReportReaction
    | EndReaction
    | EraseComment
)
