"""Which room answers: one handler for each act and each query, after the role that the act names has been checked."""

from __future__ import annotations

from array import array
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from daemon.desk import acts, board, duties
from daemon.desk.refused import Refused
from daemon.rulebook.calendar import opening
from daemon.rulebook.model import Account, Operator
from daemon.service.aftermath import Aftermath
from daemon.service.auditing import Auditing
from daemon.service.cards import Cards
from daemon.service.drilling import Drilling
from daemon.service.halting import Halting
from daemon.service.incoming import Incoming
from daemon.service.keeping import Keeping
from daemon.service.moving import Moving
from daemon.service.once import once
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.service.wholeness import Wholeness
from daemon.store import Tx
from daemon.wire.acts import (
    Act,
    AgreeFollowUp,
    Approve,
    Backup,
    ConfirmResume,
    ConfirmStop,
    DoneFollowUp,
    DrillEnd,
    DrillStart,
    Erase,
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
    AccountStatus,
    AnyAnswer,
    Done,
    DraftDetail,
    Listing,
    Named,
    StatusAnswer,
    Taken,
    ViewOpened,
    ViewPage,
    Who,
)
from daemon.wire.following import DutyList
from daemon.wire.frames import Ask
from daemon.wire.queries import (
    AuditSeal,
    AuditShow,
    AuditVerify,
    BackupState,
    ClauseBoard,
    CloseView,
    Duties,
    FindDraft,
    FollowUps,
    Moved,
    OpenView,
    PageOf,
    Register,
    ResumeCode,
    Show,
    Status,
)

_RANK = {"viewer": 0, "clerk": 1, "manager": 2}
_ROLE_WORDS = {"viewer": "閲覧", "clerk": "担当者", "manager": "管理者"}
VIEWS_MOST = 16
"""Frozen lists that one session may keep; the oldest goes first."""

_answers: msgspec.json.Decoder[AnyAnswer] = msgspec.json.Decoder(AnyAnswer)


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
    ) -> None:
        self._office, self._cards, self._incoming = office, cards, incoming
        self._halting, self._aftermath = Halting(office, incoming), Aftermath(office)
        self._whole = Wholeness(office)
        self._handlers: dict[type, Callable[[Any, Session, str], Awaitable[AnyAnswer]]] = {
            Approve: self._decide(acts.approve),
            Return: self._decide(acts.give_back),
            Withdraw: self._decide(acts.withdraw),
            Except: self._decide(acts.lift),
            Schedule: self._decide(acts.schedule),
            Take: self._take,
            Released: self._released,
            Settle: self._settle,
            Stopped: self._halting.stopped,
            ConfirmStop: self._halting.confirm_stop,
            Resume: self._halting.resume,
            ConfirmResume: self._halting.confirm_resume,
            TakeOver: moving.take_over,
            AgreeFollowUp: self._aftermath.agree,
            DoneFollowUp: self._aftermath.done,
            SkipFollowUps: self._aftermath.skip,
            UndoFollowUp: self._aftermath.undo,
            DrillStart: drilling.start,
            DrillEnd: drilling.end,
            Status: self._status,
            OpenView: self._open_view,
            PageOf: self._page,
            CloseView: self._close_view,
            FindDraft: self._find,
            Show: self._show,
            ClauseBoard: self._clauses,
            Register: self._register,
            Backup: keeping.backup,
            BackupState: keeping.state,
            ResumeCode: self._halting.resume_code,
            Moved: moving.moved,
            FollowUps: self._aftermath.listed,
            Duties: self._duties,
            AuditVerify: auditing.verify,
            AuditShow: auditing.show,
            AuditSeal: auditing.seal,
            Erase: auditing.erase,
        }

    async def answer(self, ask: Ask, session: Session) -> AnyAnswer:
        """The answer to one ask. Raises Refused."""
        question = ask.act if ask.act is not None else ask.query
        if isinstance(question, Act):
            # The register may have changed since the hello: what counts is what it says now.
            session.who = self._office.current.rulebook.operators.get(session.who.login, session.who)
            self._check_role(question, session.who)
            known = await self._answered(ask.id, session.who)
            if known is not None:
                return known
            if isinstance(question, Approve | Except | Schedule | Take):
                await self._whole.proved(question.draft)
        return await self._handlers[type(question)](question, session, ask.id)

    @staticmethod
    def _check_role(act: Act, who: Operator) -> None:
        if _RANK[who.role] < _RANK[type(act).role]:
            raise Refused(
                "role",
                f"この操作は{_ROLE_WORDS[type(act).role]}の役目です（{who.name}さんは{_ROLE_WORDS[who.role]}）。",
                f"This needs the role {type(act).role}; {who.login} is {who.role}.",
            )

    async def _answered(self, request: str, who: Operator) -> AnyAnswer | None:
        rows = await self._office.store.fetch("SELECT answer FROM requests WHERE id = ? AND login = ?", (request, who.login))
        return _answers.decode(rows[0]["answer"]) if rows else None

    # Acts

    def _decide(self, make: Callable[..., Callable[[Tx], Done]]) -> Callable[[Any, Session, str], Awaitable[Done]]:
        """The handler of a decision at the desk: one operation, remembered under its request id, said to everybody."""

        async def handler(act: Any, session: Session, request: str) -> Done:
            office, who = self._office, session.who
            done = await once(office.store, make(act, who, office.setting()), who, request)
            await self._after(done)
            return done

        return handler

    async def _after(self, done: Done) -> None:
        """Say what has moved."""
        assert done.draft is not None
        for row in await board.page(self._office.store, (done.draft,), self._office.setting()):
            self._office.hub.publish(
                "draft", draft=row.id, account=row.account, state=row.state, verdict=row.verdict, path=row.path, digest=row.hash
            )
            self._incoming.note(row.account, row.id)

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
        office = self._office
        book, now = office.current.rulebook, office.clock()
        setting = office.setting()
        problems = [p for p in office.current.problems if p.severity == "error"]
        trouble = office.store.trouble
        alarms = [*office.alarms.values(), *self._incoming.alarms()]
        due = await duties.duties(office.store, setting)
        alarms += [duties.alarm(duty) for duty in due if duty.overdue]
        if (following := await self._aftermath.alarm()) is not None:
            alarms.append(following)
        if trouble is not None:
            alarms.insert(0, (trouble.message, trouble.message_en))
        return StatusAnswer(
            office=book.office.name,
            training=book.office.training,
            gate=await self._halting.stop_state(),
            accounts=tuple(_account(a, office, setting.stopped(a)) for a in book.accounts.values()),
            queue=await board.counts(office.store),
            policy_hash=book.hash,
            policy_since=office.current.since,
            problems=tuple(f"{p.file}:{p.line}: {p.message}" for p in problems),
            problems_en=tuple(f"{p.file}:{p.line}: {p.message_en}" for p in problems),
            alarms=tuple(ja for ja, _ in alarms),
            alarms_en=tuple(en for _, en in alarms),
            duties=due,
            audit_head=office.store.head.hash,
            now=now,
            started=office.started,
        )

    async def _duties(self, query: Duties, session: Session, request: str) -> DutyList:
        return DutyList(duties=await duties.duties(self._office.store, self._office.setting()))

    async def _open_view(self, query: OpenView, session: Session, request: str) -> ViewOpened:
        seq = self._office.hub.seq
        ids = await board.view(self._office.store, query)
        if len(session.views) >= VIEWS_MOST:
            session.views.pop(next(iter(session.views)))
        number = session.number()
        session.views[number] = ids
        return ViewOpened(view=number, count=len(ids), seq=seq)

    async def _page(self, query: PageOf, session: Session, request: str) -> ViewPage:
        ids = session.views.get(query.view)
        if not isinstance(ids, array):
            raise Refused("no_such", "この一覧はもうありません。開き直してください。", "This list is gone: open it again.")
        offset = max(0, query.offset)
        wanted = ids[offset : offset + max(0, min(query.limit, board.PAGE_MOST))]
        rows = await board.page(self._office.store, wanted, self._office.setting(), session.who) if wanted else ()
        return ViewPage(view=query.view, offset=offset, rows=rows, count=len(ids))

    async def _close_view(self, query: CloseView, session: Session, request: str) -> Done:
        session.views.pop(query.view, None)
        return Done()

    async def _find(self, query: FindDraft, session: Session, request: str) -> Named:
        return Named(drafts=await board.find(self._office.store, query.name))

    async def _show(self, query: Show, session: Session, request: str) -> DraftDetail:
        detail = await board.detail(self._office.store, query.draft, self._office.setting(), session.who)
        return await self._whole.shown(detail)

    async def _clauses(self, query: ClauseBoard, session: Session, request: str) -> Listing:
        return Listing(clauses=await board.clauses(self._office.store, query.policy, self._office.setting()))

    async def _register(self, query: Register, session: Session, request: str) -> Listing:
        return Listing(
            people=tuple(
                Who(login=o.login, name=o.name, unit=o.unit, role=o.role, titles=o.titles, policies=o.policies)
                for o in self._office.current.rulebook.operators.values()
            )
        )


def _account(account: Account, office: Running, stopped: bool) -> AccountStatus:
    book = office.current.rulebook
    state = opening(book.policies[account.policy], office.clock(), closed=book.office.closed, account=account)
    return AccountStatus(
        id=account.id,
        name=account.name,
        policy=account.policy,
        platform=account.platform,
        handle=account.handle,
        channel=account.channel,
        open=state.open,
        reason=state.reason,
        reason_en=state.reason_en,
        next_open=state.next_open,
        next_close=state.next_close,
        stopped=stopped,
    )
