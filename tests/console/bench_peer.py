"""A daemon's bench for the console's tests: comments, a detail for each, and whatever acts are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from scripted_peer import NOW, Peer

from daemon.wire import Ask, Done, FindingSeen
from daemon.wire.bench import (
    BenchCounts,
    BenchOpened,
    BenchPage,
    BenchRows,
    BenchTally,
    CommentDetail,
    CommentRow,
    GroundSeen,
    MeansSeen,
    MeasureList,
    Measures,
    MeasureSeen,
    OpenBench,
    ShowComment,
)
from daemon.wire.moderation import ClaimComment, GuideMany, Judge, JudgeMany, UnclaimComment

ALL = ("claim_comment", "tag_comments", "ask_second", "escalate_comment", "comment_gone", "propose", "judge")
WORDS = "お前ら全員死ね。"


def comment(number: int, **more: Any) -> CommentRow:
    """A comment of the list."""
    fields: dict[str, Any] = {
        "account": "saitama-x",
        "state": "open",
        "verdict": "act",
        "words": f"{WORDS}{number}",
        "handle": f"shimin_{number}",
        "posted_at": NOW,
        "arrived_at": NOW,
        "clauses": ("7 禁止事項 (2)",),
        "can": ALL,
    }
    return CommentRow(id=number, **fields | more)


def measure(number: int, **more: Any) -> MeasureSeen:
    """A measure that is due."""
    fields: dict[str, Any] = {
        "comment": 1,
        "account": "saitama-x",
        "platform": "x",
        "asked": "delete",
        "really": "hide",
        "reverses": None,
        "handle": "shimin_1",
        "url": "",
        "clause": "saitama/7(2)",
        "state": "due",
        "at": NOW,
        "can": ("take_measure", "drop_measure"),
    }
    return MeasureSeen(id=number, **fields | more)


class Bench:
    """What the peer answers about comments; the rows that are judged are decided from then on."""

    def __init__(self, peer: Peer, rows: Sequence[CommentRow]) -> None:
        self.peer = peer
        self.rows = list(rows)
        self.new = 0
        self.measures: tuple[MeasureSeen, ...] = ()
        self.detail: dict[str, Any] = {}
        self.opened: list[OpenBench] = []
        self._before = peer.answer
        peer.answer = self.answer

    def acts(self) -> list[object]:
        """The acts that were asked for, besides the claims of dialogs."""
        return [act for act in self.peer.acts() if not isinstance(act, ClaimComment | UnclaimComment)]

    def answer(self, ask: Ask) -> object | None:
        match ask.act or ask.query:
            case OpenBench() as query:
                self.opened.append(query)
                return BenchOpened(view=9, count=len(self.rows), condition="未確認", condition_en="new")
            case BenchPage(offset=offset, limit=limit):
                rows = tuple(self.rows[offset : offset + limit])
                return BenchRows(view=9, offset=offset, count=len(self.rows), rows=rows, new=self.new)
            case ShowComment(comment=number):
                return self.whole(next(row for row in self.rows if row.id == number))
            case Judge(comment=number):
                return self._decided((number,))
            case JudgeMany(comments=numbers) | GuideMany(comments=numbers):
                return self._decided(numbers)
            case Measures():
                return MeasureList(measures=self.measures)
            case BenchCounts():
                return BenchTally(accounts=(), reactions=())
            case _:
                return self._before(ask)

    def whole(self, row: CommentRow) -> CommentDetail:
        """One comment in full."""
        fields: dict[str, Any] = {
            "text": row.words,
            "hash": f"{row.id:064x}",
            "source": str(row.id),
            "conversation": "https://x.com/PublicRelations/status/9",
            "url": "",
            "author": f"u{row.id}",
            "own": True,
            "findings": (
                FindingSeen(
                    clause="saitama/7(2)",
                    cite="7 禁止事項 (2)",
                    text="特定の個人・団体等を誹謗中傷するもの",
                    rule="abuse",
                    verdict="act",
                    start=0,
                    end=7,
                    message="誹謗中傷に当たるか確認してください。",
                    message_en="Check whether this is abuse.",
                ),
            ),
            "grounds": (
                GroundSeen(id="saitama/7(1)", cite="7 禁止事項 (1)", text="法律、法令等に違反する内容"),
                GroundSeen(id="saitama/7(2)", cite="7 禁止事項 (2)", text="特定の個人・団体等を誹謗中傷するもの", suggested=True),
                GroundSeen(id="saitama/7(15)", cite="7 禁止事項 (15)", text="その他不適切と判断したもの", catch_all=True),
            ),
            "means": (
                _means("delete", "hide", "Xでは非表示にできるだけです。", must=True),
                _means("block", "block", "ブロックは人が行います。"),
            ),
            "judges": "市民協働推進課長",
            "said": (),
            "measures": (),
        }
        return CommentDetail(row=row, **fields | self.detail)

    def _decided(self, numbers: tuple[int, ...]) -> Done:
        gone = set(numbers)
        self.rows = [replace(row, state="judged", can=("undo_judgement",)) if row.id in gone else row for row in self.rows]
        return Done(message="判断しました", message_en="judged")


def _means(action: str, really: str, what: str, *, must: bool = False) -> MeansSeen:
    return MeansSeen(
        action=action,
        really=really,
        by="person",
        clause=f"saitama/7 {action}",
        cite="7 禁止事項 柱書",
        what=what,
        what_en="",
        must=must,
    )
