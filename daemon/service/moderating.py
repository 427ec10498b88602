"""The handlers of the bench: each act one operation of the store's writer, each query one trip to a thread that reads."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from daemon.judge import Situation, judge
from daemon.moderation import (
    bench,
    blocks,
    claiming,
    comparing,
    deciding,
    erasing,
    keeping,
    measures,
    opinions,
    privacy,
    reactions,
    sending,
    taking,
    why,
)
from daemon.moderation.machine import MACHINE
from daemon.moderation.setting import Setting
from daemon.refused import Refused, serves
from daemon.release.jobs import Told
from daemon.rulebook.item import Item
from daemon.rulebook.model import Account, Operator
from daemon.screening.guidance import Marks
from daemon.service.asking import Asking
from daemon.service.comment_watch import CommentWatch
from daemon.service.once import once
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.store import Tx
from daemon.wire.answers import AnyAnswer, Done
from daemon.wire.bench import (
    BenchCounts,
    BenchOpened,
    BenchPage,
    BenchRows,
    BenchTally,
    CommentDetail,
    ImportList,
    Imports,
    ImportSeen,
    MeasureCard,
    MeasureList,
    Measures,
    OpenBench,
    Privacy,
    PrivacyList,
    ShowComment,
    WhyPage,
    WhySeen,
)
from daemon.wire.blocks import BlockList, Blocks, BlocksCompared, CompareBlocks
from daemon.wire.moderation import (
    AddBlock,
    AskSecond,
    ClaimComment,
    CommentGone,
    ConfirmBlocks,
    DropMeasure,
    EndReaction,
    EraseComment,
    EscalateComment,
    Guided,
    GuideMany,
    ImportBlocks,
    Judge,
    JudgeMany,
    MarkComment,
    MeasureDone,
    Propose,
    RemoveBlock,
    ReportReaction,
    ReviewBlock,
    SecondOpinion,
    SendMeasure,
    TagComments,
    TakeMeasure,
    UnclaimComment,
    UndoJudgement,
)

VIEWS_MOST = 8
BLOCKED_MOST = 5_000
"""Handles that a platform is asked for at once; a longer list is compared in part, which is said."""
Make = Callable[[Any, Operator, Setting], Callable[[Tx], Done]]
Handler = Callable[[Any, Session, str], Awaitable[AnyAnswer]]


class Moderating:
    """The bench of one office."""

    def __init__(self, office: Running, watch: CommentWatch, asking: Asking) -> None:
        self._office, self._watch, self._asking = office, watch, asking
        self.handlers: Mapping[type, Handler] = {
            Propose: self._act(opinions.propose),
            Judge: self._act(deciding.judge),
            JudgeMany: self._act(deciding.judge_many),
            TagComments: self._act(opinions.tag),
            AskSecond: self._act(opinions.ask_second),
            SecondOpinion: self._act(opinions.second),
            EscalateComment: self._act(opinions.escalate),
            Guided: self._act(opinions.guided),
            GuideMany: self._act(opinions.guide_many),
            CommentGone: self._act(opinions.gone),
            UndoJudgement: self._act(deciding.undo),
            ClaimComment: self._act(claiming.claim),
            UnclaimComment: self._act(claiming.unclaim),
            MeasureDone: self._act(taking.done),
            DropMeasure: self._act(measures.drop),
            SendMeasure: self._act(sending.give),
            AddBlock: self._act(blocks.add),
            RemoveBlock: self._act(blocks.remove),
            ReviewBlock: self._act(blocks.review),
            ImportBlocks: self._act(blocks.take_over),
            ReportReaction: self._act(reactions.report),
            EndReaction: self._act(reactions.end),
            EraseComment: self._act(erasing.erase),
            MarkComment: self._mark,
            TakeMeasure: self._take,
            OpenBench: self._open,
            BenchPage: self._page,
            ShowComment: self._show,
            BenchCounts: self._counts,
            Measures: self._measures,
            Imports: self._imports,
            Blocks: self._blocks,
            CompareBlocks: self._compare,
            ConfirmBlocks: self._confirm,
            Privacy: self._privacy,
            WhyPage: self._why,
        }

    async def alarms(self) -> list[tuple[str, str]]:
        """What every screen says of comments: reports of reactions, reviews of the block list that are late, backups past their term."""
        setting, folder = self._watch.setting(), self._office.folder
        return await self._office.store.read(lambda db: list(alarming(db, setting, folder)))

    # Acts

    def _act(self, make: Make) -> Handler:
        return partial(self._carry_out, make)

    async def _carry_out(self, make: Make, act: Any, session: Session, request: str) -> Done:
        """One operation, remembered under its request id, said to everybody."""
        done = await once(
            self._office.store, make(act, session.who, self._watch.setting()), session.who, request, session.terminal
        )
        self._office.hub.publish("comment", account=getattr(act, "account", ""))
        return done

    async def _mark(self, act: MarkComment, session: Session, request: str) -> Done:
        setting = self._watch.setting()
        account = setting.account(act.account)
        judged = judge(Item(text=act.text), Situation(now=setting.now, account=account), setting.book, on="comment")
        guidance = act.guidance or Marks(setting.book.guidance).of(act.text)
        kept = keeping.Kept(keeping.evidence_of(act), judged.verdict, judged.findings, guidance)
        return await self._carry_out(partial(keeping.mark, kept=kept), act, session, request)

    async def _take(self, act: TakeMeasure, session: Session, request: str) -> MeasureCard:
        """The gate is looked at in the same operation in which the card is written: a stop that comes before it is seen."""
        office, watch, who = self._office, self._watch, session.who

        def op(tx: Tx) -> tuple[MeasureCard, taking.InHand]:
            tx.terminal = session.terminal
            try:
                before = taking.hands(tx.db, act.measure)
                return taking.take(act, who, watch.setting())(tx), before
            finally:
                tx.terminal = ""

        card, before = await office.store.write(op)
        setting = watch.setting()
        if setting.stopped(setting.account(card.measure.account)):  # it came while this was written: nobody gets the steps
            await office.store.write(taking.never_taken(act.measure, before))
            raise Refused("stopped", "停止しました。措置は行わないでください。", "Stopped: do not carry it out.")
        office.hub.publish("comment", account=card.measure.account)
        return card

    # Queries

    async def _open(self, query: OpenBench, session: Session, request: str) -> BenchOpened:
        setting, who = self._watch.setting(), session.who
        found, newest = await self._office.store.read(lambda db: (bench.view(db, query, setting, who), bench.newest(db)))
        frozen = [number for number, each in session.views.items() if isinstance(each, Frozen)]
        if len(frozen) >= VIEWS_MOST:
            session.views.pop(frozen[0])
        number = session.number()
        session.views[number] = Frozen(found, query, newest)
        ja, en = bench.condition(query, setting)
        return BenchOpened(view=number, count=len(found), condition=ja, condition_en=en)

    async def _page(self, query: BenchPage, session: Session, request: str) -> BenchRows:
        frozen = session.views.get(query.view)
        if not isinstance(frozen, Frozen):
            raise Refused("no_such", "この一覧はもうありません。開き直してください。", "This list is gone: open it again.")
        offset = max(0, query.offset)
        wanted = frozen.ids[offset : offset + max(0, min(query.limit, bench.PAGE_MOST))]
        setting, who = self._watch.setting(), session.who
        rows, new = await self._office.store.read(
            lambda db: (
                bench.rows(db, wanted, setting, who),
                len(bench.view(db, frozen.query, setting, who, after=frozen.newest)),
            )
        )
        return BenchRows(view=query.view, offset=offset, count=len(frozen.ids), rows=rows, new=new)

    async def _show(self, query: ShowComment, session: Session, request: str) -> CommentDetail:
        setting, who = self._watch.setting(), session.who
        return await self._office.store.read(lambda db: bench.detail(db, query.comment, setting, who))

    async def _counts(self, query: BenchCounts, session: Session, request: str) -> BenchTally:
        setting = self._watch.setting()
        return await self._office.store.read(lambda db: bench.tally(db, setting))

    async def _measures(self, query: Measures, session: Session, request: str) -> MeasureList:
        setting, who = self._watch.setting(), session.who
        return MeasureList(
            measures=await self._office.store.read(
                lambda db: bench.measures_of(db, setting, who, account=query.account, done=query.done)
            )
        )

    async def _imports(self, query: Imports, session: Session, request: str) -> ImportList:
        found = await self._office.store.read(lambda db: bench.imports(db, query.hash))
        now = self._office.clock()
        going = (
            ImportSeen(account="", hash=digest, by="", at=now, lines=lines, kept=0, clean=0, known=0, broken=0, done=False)
            for digest, lines in self._watch.under_way.items()
            if query.hash in ("", digest)
        )
        return ImportList(imports=(*going, *found))

    async def _blocks(self, query: Blocks, session: Session, request: str) -> BlockList:
        setting, who = self._watch.setting(), session.who
        return BlockList(
            blocks=await self._office.store.read(lambda db: blocks.listed(db, query.account, query.removed, setting, who))
        )

    async def _compare(self, query: CompareBlocks, session: Session, request: str) -> BlocksCompared:
        account, told = await self._blocked_there(query.account, session)
        setting, who = self._watch.setting(), session.who
        listed = [(each.number, each.handle) for each in told.listed]
        return await self._office.store.read(lambda db: comparing.compared(db, account, listed, told.whole, setting, who))

    async def _confirm(self, act: ConfirmBlocks, session: Session, request: str) -> Done:
        account, told = await self._blocked_there(act.account, session)
        listed = [(each.number, each.handle) for each in told.listed]
        make = partial(comparing.confirm, account, listed, told.whole)
        return await self._carry_out(lambda act, who, setting: make(who, setting), act, session, request)

    async def _blocked_there(self, name: str, session: Session) -> tuple[Account, Told]:
        """Whom the account blocks, as its platform says. Raises Refused where that cannot be asked, or for those who do not serve it."""
        account = self._watch.setting().account(name)
        serves(session.who, account)
        if not self._asking.can(account, "blocking"):
            raise Refused(
                "way",
                f"{account.name} の媒体への道では、ブロックの一覧を読めません。一覧を書き出し、kohoban blocklist import --read-back で取り込んでください。",
                f"The channel of {account.id} cannot read whom it blocks: import a list with kohoban blocklist import --read-back.",
            )
        told = await self._asking.ask(account, "blocking", most=BLOCKED_MOST)
        if not told.ok:
            raise Refused("busy", f"媒体の一覧を読めません: {told.why}", f"The platform's list cannot be read: {told.why_en}")
        return account, told

    async def _privacy(self, query: Privacy, session: Session, request: str) -> PrivacyList:
        setting, folder = self._watch.setting(), self._office.folder
        return await self._office.store.read(lambda db: privacy.listed(db, setting, folder))

    async def _why(self, query: WhyPage, session: Session, request: str) -> WhySeen:
        setting, who = self._watch.setting(), session.who
        return await self._office.store.read(lambda db: why.page(db, query.comment, setting, who))


class Frozen(NamedTuple):
    """A frozen list of the bench, by which conditions, and the newest comment that there was then."""

    ids: array[int]
    query: OpenBench
    newest: int


def alarming(db: sqlite3.Connection, setting: Setting, folder: Path) -> Iterator[tuple[str, str]]:
    """What is wrong with comments now, in both languages."""
    for each in sending.still_open(db):
        if each.state == "unknown":
            yield (
                f"措置 {each.measure}（{each.account}）は不明です。媒体の画面を見て、されたかどうかを記録してください"
                "（kohoban comments measures）。",
                f"Nobody knows whether measure {each.measure} ({each.account}) was taken: look at the platform and record it "
                "(kohoban comments measures).",
            )
    for number, _, holder in taking.in_hand(db, setting.stops, setting):
        if holder == MACHINE:
            continue
        yield (
            f"停止中ですが、措置 {number} は{setting.name(holder)}さんが行っている途中です。本人に、行ったかどうかを確かめてください。",
            f"Stopped, but {holder} has measure {number} in hand: ask them whether it was done.",
        )
    for report in reactions.listed(db):
        yield (
            f"反応の報告 {report.id} 番（{report.account}）に、管理者の対応が要ります（kohoban comments reactions）。",
            f"Report {report.id} of reactions ({report.account}) waits for the manager (kohoban comments reactions).",
        )
    if late := blocks.overdue(db, setting):
        yield (
            f"ブロックリストの見直しが {late} 件、期限を過ぎています（kohoban blocklist list）。",
            f"{late} reviews of the block list are over due (kohoban blocklist list).",
        )
    for held in privacy.backups(db, setting, folder):
        if held.late and held.there:
            yield (
                f"控え {held.name} は {held.until} までに破棄するものです。消してください（kohoban privacy）。",
                f"The backup {held.name} was to be destroyed by {held.until}: delete it (kohoban privacy).",
            )
