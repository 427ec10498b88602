"""The other end of the line, as a test needs it: it speaks the daemon's protocol over a real socket and can be slow, mute,
hostile or gone. What the daemon itself does is tested against the daemon."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from daemon.wire import (
    PROTOCOL,
    AccountStatus,
    Ask,
    Bye,
    Claim,
    ClauseBoard,
    ClauseHeld,
    DaySeen,
    Done,
    DraftDetail,
    Event,
    FindingSeen,
    Hello,
    Listing,
    MissingSeen,
    Month,
    MonthOf,
    OpenView,
    PageOf,
    QueueRow,
    Refusal,
    Register,
    Reply,
    RevisionSeen,
    Show,
    SpecialDayList,
    SpecialDays,
    Status,
    StatusAnswer,
    Stopped,
    StopState,
    Take,
    Taken,
    Unclaim,
    ViewOpened,
    ViewPage,
    Welcome,
    Who,
    decode_frame,
    encode_frame,
)
from daemon.wire.finding import KeepScreen, StepAway
from daemon.wire.place import address
from daemon.wire.reasons import CannotSeen, NotNow, WhyNot
from daemon.wire.recording import FindInRecord, RecordFound
from daemon.wire.settings import RulesNow, RulesSeen

NOW = datetime(2026, 11, 20, 5, 2, tzinfo=UTC)


def row(number: int, *, title: str = "", state: str = "waiting", verdict: str = "warn") -> QueueRow:
    """A draft in the list."""
    return QueueRow(
        id=number,
        account="saitama-x",
        path=f"saitama-x/{number}.txt",
        title=title or f"防災訓練のお知らせ その{number}",
        state=state,
        verdict=verdict,
        revision=1,
        hash=f"{number:064x}",
        author="sato",
        since=NOW,
        clauses=("saitama/7(9)",),
        waiting=(MissingSeen(what="承認", what_en="approval", who="課長", clause="saitama/5", act="approve"),),
        can=()
        if state in ("released", "withdrawn", "expired")
        else ("approve", "return", "except", "schedule", "take", "withdraw"),
    )


class Peer:
    """A daemon's end of the socket. `rows` are its drafts; `answer` may be replaced to answer otherwise (None: say nothing)."""

    def __init__(self, state: Path, rows: list[QueueRow] | None = None) -> None:
        self.state = state
        self.rows = [row(n) for n in range(300, 0, -1)] if rows is None else rows
        self.text = "問い合わせは 090-1234-5678 まで"
        self.findings = (
            FindingSeen(
                clause="saitama/7(9)",
                cite="7 禁止事項 (9)",
                text="個人情報に関するもの",
                rule="pii.phone",
                verdict="warn",
                start=7,
                end=20,
                message="電話番号に当たるか確認してください",
                message_en="Check whether this is a telephone number",
                fix="広報課",
            ),
        )
        self.asked: list[Ask] = []
        self.bye: Refusal | None = None
        self.bye_to = ""
        self.protocol = PROTOCOL[1]
        self.answer: Callable[[Ask], object | None] = self.answered
        self.stopped: bool | None = False
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._seq = 0

    async def __aenter__(self) -> Peer:
        self.state.mkdir(parents=True, exist_ok=True)
        (self.state / "socket").unlink(missing_ok=True)
        with address(self.state) as path:
            self._server = await asyncio.start_unix_server(self._serve, path)
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up()
        (self.state / "socket").unlink(missing_ok=True)

    def hang_up(self) -> None:
        """Close every connection."""
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    def tell(self, **event: object) -> None:
        """Send an event to everybody."""
        self._seq += 1
        for writer in self._writers:
            writer.write(encode_frame(msgspec.convert({"frame": "event", "seq": self._seq, **event}, Event)))

    def say(self, ask: Ask, answer: object) -> None:
        """Answer to the console what was asked before and left without an answer."""
        self._writers[-1].write(encode_frame(Reply(id=ask.id, answer=answer)))  # type: ignore[arg-type]

    def acts(self) -> list[object]:
        """The acts that were asked for, besides those by which a dialog keeps others away (`claims`)."""
        return [
            ask.act
            for ask in self.asked
            if ask.act is not None and not isinstance(ask.act, Claim | Unclaim | KeepScreen | StepAway)
        ]

    def claims(self) -> list[object]:
        """The drafts that were claimed and given back."""
        return [ask.act for ask in self.asked if isinstance(ask.act, Claim | Unclaim)]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = decode_frame(await reader.readline())
        assert isinstance(hello, Hello)
        if self.bye is not None and self.bye_to in ("", hello.operator):
            writer.write(encode_frame(Bye(refusal=self.bye)))
            writer.close()
            return
        name = hello.operator or "sato"
        writer.write(
            encode_frame(
                Welcome(
                    protocol=self.protocol,
                    login=name,
                    name=name,
                    role="manager",
                    titles=("課長",),
                    office="訓練市",
                    training=True,
                    seq=self._seq,
                    version="0",
                )
            )
        )
        self._writers.append(writer)
        while line := await reader.readline():
            ask = decode_frame(line)
            assert isinstance(ask, Ask)
            self.asked.append(ask)
            if (answer := self.answer(ask)) is not None:
                writer.write(encode_frame(Reply(id=ask.id, answer=answer)))  # type: ignore[arg-type]
        writer.close()

    def answered(self, ask: Ask) -> object | None:
        """What an office in good order answers."""
        match ask.act or ask.query:
            case Status():
                return self.status()
            case OpenView(text=text):
                self._view = [r for r in self.rows if text in r.title]
                return ViewOpened(view=1, count=len(self._view), seq=self._seq)
            case PageOf(view=view, offset=offset, limit=limit):
                return ViewPage(view=view, offset=offset, rows=tuple(self._view[offset : offset + limit]), count=len(self._view))
            case Show(draft=number):
                return self.detail(next(r for r in self.rows if r.id == number))
            case ClauseBoard(policy=policy):
                return Listing(clauses=(_clause(policy, 1), _clause(policy, 2)))
            case MonthOf():
                days = tuple(DaySeen(day=date(2026, 11, n), accounts=(), planned=()) for n in range(1, 31))
                return Month(month="2026-11", today=date(2026, 11, 20), days=days, last_year=2027)
            case WhyNot(draft=number):
                return NotNow(draft=number, reasons=(CannotSeen(act="settle", why="状態が「承認待ち」です", why_en="waiting"),))
            case FindInRecord():
                return RecordFound(entries=(), reached=1)
            case RulesNow():
                return RulesSeen(looked=NOW, since=NOW, hash="sha256:0", in_force=True, files=("rules.toml",))
            case SpecialDays():
                return SpecialDayList(days=(), last_year=2027)
            case Register():
                return Listing(people=(_person("sato"), _person("tanaka")))
            case Take(draft=number):
                return self.card(number)
            case Stopped():
                return StopState(stopped=True, by="sato", since=NOW)
            case _:
                return Done(message="記録しました", message_en="recorded")

    def status(self) -> StatusAnswer:
        """The office at a glance."""
        account = AccountStatus(
            id="saitama-x",
            name="さいたま市",
            policy="saitama",
            platform="x",
            handle="@PublicRelations",
            channel="manual",
            open=True,
            reason="平日",
            next_close=NOW + timedelta(hours=3),
        )
        return StatusAnswer(
            office="訓練市",
            training=True,
            gate=StopState(stopped=self.stopped),
            accounts=(account,),
            queue={"waiting": len(self.rows), "to_fix": 2},
            policy_hash="sha256:0",
            policy_since=NOW,
            now=NOW,
            started=NOW,
        )

    def detail(self, seen: QueueRow) -> DraftDetail:
        """Everything about a draft."""
        return DraftDetail(
            row=seen,
            text=self.text,
            item={"kind": "post"},
            findings=self.findings,
            revisions=(RevisionSeen(n=1, hash=seen.hash, at=NOW, encoding="utf-8", size=40),),
            history=(),
            policy="saitama",
        )

    def card(self, number: int) -> Taken:
        """A release card."""
        return Taken(
            draft=number,
            text=self.text,
            hash=f"{number:064x}",
            account="saitama-x",
            platform="x",
            handle="@PublicRelations",
            name="さいたま市",
            lease_until=datetime.now(UTC) + timedelta(minutes=10),
            holder="sato",
            checklist=("名前とアカウントを確かめる",),
        )


def _clause(policy: str, n: int) -> ClauseHeld:
    return ClauseHeld(
        id=f"{policy}/{n}",
        cite=f"第{n}条",
        class_="AUTO",
        text=f"条文{n}の言葉",
        note="",
        status="enforced",
        held_by=("pii.phone",),
        open_findings=n,
        last_fired=NOW,
        last_draft=300,
        tests=("tests/screening/test_phone.py::test_a_mobile_number",),
    )


def _person(login: str) -> Who:
    return Who(login=login, name=login, unit="広報課", role="manager", titles=("課長",), policies=("saitama",))
