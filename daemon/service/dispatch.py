"""Which room answers: one handler for each act and each query, after the role that the act names has been checked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec

from daemon.desk import acts, board, claims, declaring, exceptions, expiring, guard, holding, on_paper, reviews, undoing
from daemon.desk.arrivals import Landed, as_it_stands
from daemon.desk.granting import approving
from daemon.desk.people import with_people
from daemon.desk.ready import countdowns
from daemon.refused import brief
from daemon.rulebook.calendar import TOKYO
from daemon.service.aftermath import Aftermath
from daemon.service.at_a_glance import Known, at_a_glance
from daemon.service.at_terminals import AtTerminals
from daemon.service.auditing import Auditing
from daemon.service.before import before, lets_out
from daemon.service.cards import Cards
from daemon.service.closures import Closures
from daemon.service.comparing import Comparing
from daemon.service.correcting import Correcting
from daemon.service.deciding import Deciding
from daemon.service.deputising import Deputising
from daemon.service.drilling import Drilling
from daemon.service.dutiful import Dutiful
from daemon.service.entitled import check_appointment, check_role
from daemon.service.fanning import Fanning
from daemon.service.finding import Finding, frozen_of
from daemon.service.halting import Halting
from daemon.service.incoming import Incoming
from daemon.service.keeping import Keeping
from daemon.service.letting_in import LettingIn
from daemon.service.looking import Looking
from daemon.service.mentions import Mentions
from daemon.service.moderating import Moderating
from daemon.service.moving import Moving
from daemon.service.once import once
from daemon.service.papering import Papering
from daemon.service.picturing import Picturing
from daemon.service.presence import Presence
from daemon.service.promises import Promises
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.service.sheets import SheetWatch
from daemon.service.telling import Telling
from daemon.service.together import Together
from daemon.service.trying import Trying
from daemon.service.wholeness import Wholeness
from daemon.store import Tx
from daemon.wire.act import Act
from daemon.wire.acts import (
    AgreeFollowUp,
    Approve,
    Backup,
    ConfirmResume,
    ConfirmStop,
    DoneFollowUp,
    DrillEnd,
    DrillStart,
    Except,
    Released,
    Resume,
    Return,
    Schedule,
    Settle,
    SkipFollowUps,
    Stopped,
    Take,
    TakeOver,
    UndoFollowUp,
    Withdraw,
)
from daemon.wire.answers import (
    AnyAnswer,
    Done,
    DraftDetail,
    Listing,
    Named,
    StatusAnswer,
    Taken,
    ViewPage,
    Who,
)
from daemon.wire.approving import Claim, Compare, Hold, Reopen, Unclaim, Undo
from daemon.wire.calendar import AddClosure, AddOpening, MonthOf, RemoveOverride, SpecialDays
from daemon.wire.correcting import Prepare
from daemon.wire.deciding import Countersign, Decide, EnterPaper, PaperOf, SheetFolderList, SheetFolders, WaitingForMe
from daemon.wire.deputising import CloseObjection, Declare, Deputies, Endorse, Reviews
from daemon.wire.duties import Duties, DutyDone, DutyHistory, DutyUndo
from daemon.wire.fanning import DecideSet, ExcuseMember, FanOuts
from daemon.wire.frames import Ask
from daemon.wire.notices import Notices, NoticeTest
from daemon.wire.picturing import PictureOf
from daemon.wire.policies import PolicyDiff, PolicyNow, PolicyTally
from daemon.wire.queries import (
    BackupState,
    CloseView,
    FindDraft,
    FollowUps,
    Moved,
    PageOf,
    Register,
    ResumeCode,
    Show,
    Status,
)
from daemon.wire.terminals import AllowTerminal, RevokeTerminal, Terminals, WhoAmI
from daemon.wire.trying import Try


class Dispatch:
    """Answers the asks of all sessions of one office."""

    def __init__(
        self,
        office: Running,
        cards: Cards,
        incoming: Incoming,
        keeping: Keeping,
        auditing: Auditing,
        drilling: Drilling,
        moving: Moving,
        sheets: SheetWatch,
        promises: Promises,
        fanning: Fanning,
        correcting: Correcting,
        telling: Telling,
        moderating: Moderating,
        letting_in: LettingIn,
        mentions: Mentions,
    ) -> None:
        self._office, self._cards, self._incoming, self._mentions = office, cards, incoming, mentions
        self._halting, self._aftermath = Halting(office, incoming), Aftermath(office)
        self._deputising, self._moderating = Deputising(office, incoming), moderating
        self._terminals = terminals = AtTerminals(office)
        self._guarding = promises.guarding
        self._by_once = set[Callable[[Any, Session, str], Awaitable[AnyAnswer]]]()
        self._whole, self._deciding, self._sheets = Wholeness(office), Deciding(office), sheets
        self._presence, self._statuses = Presence(), Together(self._status_now)
        self._duties = Dutiful(office, incoming.note)
        closures, self._fanning = Closures(office, promises), fanning
        self._handlers: dict[type, Callable[[Any, Session, str], Awaitable[AnyAnswer]]] = {
            Approve: self._approve,
            Return: self._decide(acts.give_back),
            Withdraw: self._decide(acts.withdraw),
            Except: self._decide(exceptions.lift),
            Declare: self._decide(declaring.declare),
            Endorse: self._decide(reviews.endorse),
            CloseObjection: self._decide(reviews.close_objection),
            Reviews: self._deputising.reviews,
            Deputies: self._deputising.deputies,
            Schedule: self._decide(acts.schedule),
            Undo: self._decide(undoing.undo),
            Hold: self._decide(holding.hold),
            Reopen: self._decide(expiring.reopen),
            Claim: self._decide(claims.claim, paper=False),
            Unclaim: self._decide(claims.unclaim, paper=False),
            Compare: Comparing(office).compare,
            Try: Trying(office).tried,
            PictureOf: Picturing(office).small,
            Take: self._take,
            Released: self._released,
            Settle: self._settle,
            Stopped: self._halting.stopped,
            ConfirmStop: self._halting.confirm_stop,
            Resume: self._halting.resume,
            ConfirmResume: self._halting.confirm_resume,
            TakeOver: moving.take_over,
            Prepare: correcting.prepare,
            DecideSet: fanning.decide,
            ExcuseMember: fanning.excuse,
            FanOuts: fanning.listed,
            AddClosure: closures.close,
            AddOpening: closures.open,
            RemoveOverride: closures.remove,
            SpecialDays: closures.listed,
            MonthOf: closures.month,
            AgreeFollowUp: self._aftermath.agree,
            DoneFollowUp: self._aftermath.done,
            SkipFollowUps: self._aftermath.skip,
            UndoFollowUp: self._aftermath.undo,
            DrillStart: drilling.start,
            DrillEnd: drilling.end,
            Status: self._status,
            PolicyNow: promises.guarding.state,
            PolicyDiff: promises.backtests.compare,
            PolicyTally: promises.backtests.tally,
            PageOf: self._page,
            CloseView: self._close_view,
            FindDraft: self._find,
            Show: self._show,
            Register: self._register,
            Backup: keeping.backup,
            BackupState: keeping.state,
            ResumeCode: self._halting.resume_code,
            Moved: moving.moved,
            FollowUps: self._aftermath.listed,
            Duties: self._duties.listed,
            DutyHistory: self._duties.history,
            DutyDone: self._duties.done,
            DutyUndo: self._duties.undo,
            NoticeTest: telling.test,
            Notices: telling.listed,
            **auditing.handlers,
            **Papering(office).handlers,
            **moderating.handlers,
            **letting_in.handlers,
            **Looking(office, terminals).handlers,
            **Finding(office, incoming).handlers,
            AllowTerminal: terminals.allow,
            RevokeTerminal: terminals.revoke,
            WhoAmI: terminals.who_am_i,
            Terminals: terminals.listed,
            EnterPaper: self._decide(on_paper.enter),
            Countersign: self._decide(on_paper.countersign),
            WaitingForMe: self._deciding.waiting,
            Decide: self._deciding.shown,
            PaperOf: self._deciding.paper,
            SheetFolders: self._sheet_folders,
        }

    async def answer(self, ask: Ask, session: Session) -> AnyAnswer:
        """The answer to one ask. Raises Refused."""
        question = ask.act if ask.act is not None else ask.query
        if isinstance(question, Act):
            # The register may have changed since the hello: what counts is what it says now.
            session.who = self._office.current.rulebook.operators.get(session.who.login, session.who)
            brief(question)
            check_role(question, session.who)
            check_appointment(question, session.who, self._office.clock().astimezone(TOKYO).date())
            if not self._nothing_before(question, session):
                known = await before(self._office.store, question, session.who.login, ask.id)
                if known.answer is not None:
                    return known.answer
                await self._terminals.check(question, session, known.account)
                if known.draft is not None:
                    self._whole.heed(known.draft, known.wrong)
        return await self._handlers[type(question)](question, session, ask.id)

    def _nothing_before(self, act: Act, session: Session) -> bool:
        """Whether there is nothing to look up before this act: it lets nothing out, no terminal matters, and whether it was answered before the
        writer sees in its own transaction (`once`)."""
        if lets_out(act) or self._handlers[type(act)] not in self._by_once or self._terminals.matter(act, session):
            return False
        session.terminal = ""
        return True

    # Acts

    def _decide(
        self, make: Callable[..., Callable[[Tx], Done]], *, paper: bool = True
    ) -> Callable[[Any, Session, str], Awaitable[Done]]:
        """The handler of a decision at the desk: one operation, remembered under its request id, said to everybody; without `paper` it
        changes nothing of what the draft's verdict file says."""

        async def handler(act: Any, session: Session, request: str) -> Done:
            office, who = self._office, session.who
            op, landed = make(act, who, office.setting()), list[Landed | None]()

            def decided(tx: Tx) -> Done:
                done = op(tx)
                assert done.draft is not None
                landed.append(as_it_stands(tx.db, done.draft))
                return done

            done = await once(office.store, decided, who, request, session.terminal)
            for each in filter(None, landed):  # nothing where it had been carried out before
                asyncio.get_running_loop().call_soon(partial(self._incoming.tell, each, paper=paper))  # after the answer
            return done

        self._by_once.add(handler)
        return handler

    async def _approve(self, act: Approve, session: Session, request: str) -> Done:
        """承認. Where the machine sends what is approved, the account's handle is typed once a session."""
        known = partial(guard.confirmed, session.handles, typed=act.handle)
        return await self._decide(partial(approving, handle_known=known))(act, session, request)

    async def _take(self, act: Take, session: Session, request: str) -> Taken:
        taken = await self._cards.take(act, session.who, session.handles, request)
        self._incoming.note(taken.account, act.draft)
        return taken

    async def _released(self, act: Released, session: Session, request: str) -> Done:
        return await self._cards.released(act, session.who)

    async def _settle(self, act: Settle, session: Session, request: str) -> Done:
        return await self._cards.settle(act, session.who)

    # Queries

    async def _status(self, query: Status, session: Session, request: str) -> StatusAnswer:
        for draft in self._presence.pulse(id(session), session.who, query.looking):
            self._office.hub.publish("draft", draft=draft)
        return await self._statuses.ask()

    async def _status_now(self) -> StatusAnswer:
        office = self._office
        setting = office.setting()
        due, overdue = await self._duties.at_a_glance()
        alarms = [*self._fanning.alarms(), *office.alarms.values(), *self._incoming.alarms(), *overdue]
        alarms += [*await self._deputising.alarms(), *await self._moderating.alarms()]
        if (following := await self._aftermath.alarm()) is not None:
            alarms.append(following)
        return at_a_glance(
            office.current,
            office.store,
            now=setting.now,
            started=office.started,
            gate=await self._halting.stop_state(),
            stopped=setting.stopped,
            queue=await board.counts(office.store),
            alarms=alarms,
            known=Known(
                spent=setting.spent,
                reading=self._mentions.lines,
                duties=due,
                guards=self._guarding.awake,
                countdowns=await countdowns(office.store, setting),
                broken_sets=self._fanning.broken(),
            ),
        )

    async def _sheet_folders(self, query: SheetFolders, session: Session, request: str) -> SheetFolderList:
        return SheetFolderList(folders=self._sheets.seen())

    async def _page(self, query: PageOf, session: Session, request: str) -> ViewPage:
        frozen = frozen_of(session, query.view)
        offset, limit = max(0, query.offset), max(0, min(query.limit, board.PAGE_MOST))
        await frozen.reaches(offset + 1)
        wanted = frozen.ids[offset : offset + limit]
        rows = await board.page(self._office.store, wanted, self._office.setting(), session.who) if wanted else ()
        rows = await with_people(self._office.store, rows, self._office.setting(), session.who, self._presence.at) if rows else ()
        only_looks = await self._terminals.only_looks(session) if wanted else frozenset()
        rows = tuple(msgspec.structs.replace(row, can=()) if row.account in only_looks else row for row in rows)
        return ViewPage(view=query.view, offset=offset, rows=rows, count=len(frozen.ids))

    async def _close_view(self, query: CloseView, session: Session, request: str) -> Done:
        session.views.pop(query.view, None)
        return Done()

    async def _find(self, query: FindDraft, session: Session, request: str) -> Named:
        return Named(drafts=await board.find(self._office.store, query.name))

    async def _show(self, query: Show, session: Session, request: str) -> DraftDetail:
        detail = await board.detail(self._office.store, query.draft, self._office.setting(), session.who)
        row = (await with_people(self._office.store, (detail.row,), self._office.setting(), session.who, self._presence.at))[0]
        detail = msgspec.structs.replace(detail, row=row, can=row.can)
        if detail.row.account in await self._terminals.only_looks(session):
            detail = msgspec.structs.replace(detail, can=(), row=msgspec.structs.replace(detail.row, can=()))
        return await self._whole.shown(detail)

    async def _register(self, query: Register, session: Session, request: str) -> Listing:
        return Listing(
            people=tuple(
                Who(login=o.login, name=o.name, unit=o.unit, role=o.role, titles=o.titles, policies=o.policies)
                for o in self._office.current.rulebook.operators.values()
            )
        )
