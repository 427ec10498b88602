"""Stop and resume, as the daemon carries them: what a stop left standing, who made it, and the way back.

The stop itself is the caller's own system calls (`daemon/gate.py`); here it is recorded, told to everybody, and ended.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from daemon.desk import board, follow_ups, releasing, resuming, stops
from daemon.desk.passed import count_passed
from daemon.desk.stops import Standing
from daemon.moderation import sending, taking
from daemon.moderation.setting import Setting
from daemon.refused import Refused, given
from daemon.rulebook.model import Operator
from daemon.service.incoming import Incoming
from daemon.service.once import once
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.service.untold import found
from daemon.standing import last_mark, not_resumed
from daemon.store import Tx
from daemon.wire.acts import ConfirmResume, ConfirmStop, Resume, Stopped
from daemon.wire.answers import Done, MeasureInHand, ResumeAsked, StopSeen, StopState
from daemon.wire.queries import ResumeCode

SECOND_WITHIN = timedelta(minutes=10)
"""How long a resume that one person has asked for waits for the second."""

_OVERTAKEN = "再開の途中で新しい停止がありました", "another stop came during the resume"

CONFIRMER = "発信確認者"
"""The title of those who may be the second person."""


SHOWN = 50
"""Stops that an answer tells of, that of everything first: whoever stops what has no name a thousand times silences no answer by it."""


class Halting:
    """Stops and resumes of one office."""

    def __init__(self, office: Running, incoming: Incoming) -> None:
        self._office, self._incoming = office, incoming
        self._secret = secrets.token_hex(8)
        self._asked: ResumeAsked | None = None  # in memory only: after a restart the first person asks again

    async def stopped(self, act: Stopped, session: Session, request: str) -> StopState:
        """A caller has stopped by the file already: close the permit behind it, whatever becomes of that file, and record it."""
        office = self._office
        # Whoever asked for a resume, or has read its code, did not know of this.
        self._asked, self._secret = None, secrets.token_hex(8)
        await asyncio.to_thread(office.gate.shut, act.scope, session.who.login)
        async with (
            office.at_the_gate
        ):  # a resume that was under way has ended: whatever it has opened, this came after it was decided
            await asyncio.to_thread(office.gate.shut, act.scope, session.who.login)
            await office.write_surely(stops.reported(act.scope, session.who, act.reason, office.setting(), request=request))
        self._tell()
        return await self.stop_state()

    async def confirm_stop(self, act: ConfirmStop, session: Session, request: str) -> Done:
        """停止の確認 by a manager. Raises Refused."""
        done = await once(self._office.store, stops.confirm(act, session.who), session.who, request)
        self._tell()
        return done

    async def resume(self, act: Resume, session: Session, request: str) -> Done:
        """再開: the typed code, a reason, and everything that was on its way comes back held. Where the office wants two people, the
        second one ends it. Raises Refused."""
        office, who = self._office, session.who
        self._at_home()
        if self._nothing_stands(act.scope):
            if parts := sorted(office.look().scopes):
                raise _only_parts(parts)
            return Done(
                message="停止していません。再開することはありません。", message_en="Nothing is stopped: nothing to resume."
            )
        self._check(act.code, self._code())
        reason = given(act.reason)
        if act.scope == "all" and office.current.rulebook.office.resume_persons > 1:
            return await self._ask_for_second(who, reason)
        return await self._resume(act.scope, who.login, reason, self._code())

    async def confirm_resume(self, act: ConfirmResume, session: Session, request: str) -> Done:
        """The second person of a resume: another manager or a 発信確認者, within ten minutes. Raises Refused."""
        who, asked = session.who, self._waiting()
        if asked is None:
            raise Refused(
                "no_such",
                "確認を待っている再開はありません。管理者がもう一度、再開を申し出てください（10分で期限が切れます）。",
                "No resume waits for a second person: a manager has to ask for it again (it waits ten minutes).",
            )
        if not _may_be_second(who, asked):
            raise Refused(
                "role",
                f"再開の確認は、申し出た {asked.by} さんとは別の管理者か{CONFIRMER}が行います。",
                f"Another manager than {asked.by}, or a {CONFIRMER}, confirms the resume.",
            )
        self._check(act.code, self._code("second"))
        return await self._resume("all", asked.by, asked.reason, self._code("first"), second=who.login)

    async def _ask_for_second(self, who: Operator, reason: str) -> Done:
        office = self._office
        asked, code = ResumeAsked(by=who.login, reason=stops.in_brief(reason), until=office.clock() + SECOND_WITHIN), self._code()
        head = await office.store.write(lambda tx: tx.record(who.login, "ask_resume", None, scope="all", reason=reason))
        self._still_decided(code)
        self._asked = asked
        self._tell()
        return Done(
            message=f"再開を申し出ました。まだ停止のままです。別の管理者か{CONFIRMER}が、{asked.until:%H:%M} までに確認します"
            "（コンソールの停止画面、または kohoban resume --confirm）。",
            message_en=f"A resume is asked for; everything is still stopped. Another manager or a {CONFIRMER} confirms it before "
            f"{asked.until:%H:%M} (stop screen, or kohoban resume --confirm).",
            audit_head=head,
        )

    async def _resume(self, scope: str, by: str, reason: str, code: str, second: str = "") -> Done:
        """Carry out a resume that was decided while `code` was the one to be typed."""
        office = self._office
        async with office.at_the_gate:
            self._still_decided(code)
            held = await self._open_gate(scope, by, reason, second)
            if office.stops_seen is not None:  # no more than this has ended: a stop that stands by now is news to the next round
                office.stops_seen -= {scope}
        self._asked = None
        self._tell()
        if not held:
            return Done(message="再開しました。保留に戻したものはありません。", message_en="Resumed. Nothing had to be held.")
        over = await count_passed(office.store, office.clock(), ("held",))
        late = (f"うち {over} 件は予定の時刻を過ぎています。", f" For {over} of them the time has passed.") if over else ("", "")
        return Done(
            message=f"再開しました。{held} 件を保留に戻しました。{late[0]}一件ずつ確認して承認してください。",
            message_en=f"Resumed. {held} drafts are held: confirm each.{late[1]}",
        )

    async def _open_gate(self, scope: str, by: str, reason: str, second: str) -> int:
        """End a stop; how many drafts came back held. Raises Refused where another stop has come meanwhile: that one wins."""
        office = self._office
        self._at_home()
        try:
            if scope != "all":
                held = await office.store.write(self._and_measures(resuming.hold_part(office.setting(), scope, by=by), scope))
                await asyncio.to_thread(office.gate.lift, scope)
                await office.store.write(_lifted(scope, by, reason))
                return held
            epoch = max(office.epoch, office.gate.look().epoch) + 1
            prepared = await asyncio.to_thread(office.gate.prepare, epoch)
            hold = resuming.hold_all(office.setting(), epoch, by=by, reason=reason)
            held = await office.store.write(self._and_measures(_all_resumed(hold, by, second), "all"))
            office.epoch = epoch
            if (await asyncio.to_thread(office.gate.grant, epoch, prepared)).open:
                return held
            why = _OVERTAKEN
        except (OSError, ValueError) as error:
            why = not_resumed(office.gate, error)
        if scope == "all":
            await office.store.write(stops.seen(await found(office, office.setting().stops), frozenset(), office.setting()))
        raise Refused(
            "stopped",
            f"再開できませんでした（{why[0]}）。停止のままです。状態を確かめ、もう一度再開してください。",
            f"Not resumed ({why[1]}): everything is still stopped. Look at the state and resume again.",
        )

    def _and_measures(self, hold: Callable[[Tx], int], scope: str) -> Callable[[Tx], int]:
        """With what comes back held, the measures that were to go out by machine become people's, in one transaction."""
        desk = self._office.setting()
        setting = Setting(desk.book, desk.now, desk.stops)

        def op(tx: Tx) -> int:
            sending.keep_in(scope, setting)(tx)
            return hold(tx)

        return op

    async def resume_code(self, query: ResumeCode, session: Session, request: str) -> StopState:
        """What stands, and the code that ends it: for a manager, or for whoever may confirm the resume that is asked for."""
        office, who = self._office, session.who
        state = await self.stop_state()
        counts = await board.counts(office.store)
        held = counts.get("approved", 0) + counts.get("scheduled", 0)
        over = await count_passed(office.store, office.clock(), ("approved", "scheduled"))
        code = ""
        if (asked := state.asked) is not None:
            code = self._code("second") if _may_be_second(who, asked) else ""
        elif who.role == "manager":
            code = self._code()
        named = await board.coming_back(office.store)
        return msgspec.structs.replace(state, code=code, held=held, passed=over, would_hold=named)

    async def stop_state(self) -> StopState:
        """The gate as the daemon sees it, who closed it, and what had begun."""
        office = self._office
        look = office.look()
        mark = await asyncio.to_thread(last_mark, office.gate)
        standing = [each for each in await stops.standing(office.store) if each.scope in look.scopes or not look.open][:SHOWN]
        first: Standing | None = next((each for each in standing if look.open or each.scope == "all"), None)
        moments = [each for each in (datetime.fromtimestamp(mark.at, UTC) if mark else None, first.at if first else None) if each]
        return StopState(
            stopped=not look.open,
            why=look.why,
            why_en=look.why_en,
            # Who it was is said by the record, which knows its callers; only of a stop that nobody reported, by the mark itself.
            by=(first.by if first else "") or (mark.by if mark else ""),
            since=min(moments, default=None),  # a mark may be touched again; the first moment is the stop's
            scopes=tuple(sorted(look.scopes)),
            epoch=office.epoch,
            in_flight=await releasing.in_flight(office.store),
            unconfirmed=tuple(each.scope for each in standing if not each.confirmed_by),
            confirmed_by=first.confirmed_by if first else "",
            asked=self._waiting(),
            follow_ups=await follow_ups.count_open(office.store, office.current.rulebook),
            measures=await self._in_hand(),
            stops=tuple(
                StopSeen(scope=each.scope, by=each.by, at=each.at, reason=each.reason, confirmed_by=each.confirmed_by)
                for each in standing
            ),
        )

    async def _in_hand(self) -> tuple[MeasureInHand, ...]:
        """The measures about comments that people have in hand under this stop."""
        office = self._office
        desk = office.setting()
        closed = not office.gate.look(epoch=office.epoch, action=True).open
        setting = Setting(desk.book, desk.now, desk.stops | (frozenset({"actions"}) if closed else frozenset()))
        found = await office.store.read(lambda db: taking.in_hand(db, setting.stops, setting))
        return tuple(
            MeasureInHand(measure=number, account=account, holder=holder, name=setting.name(holder))
            for number, account, holder in found
        )

    def _waiting(self) -> ResumeAsked | None:
        """The resume that waits for its second person."""
        if self._asked is not None and self._office.clock() > self._asked.until:
            self._asked = None
        return self._asked

    def _at_home(self) -> None:
        """Raises Refused where another machine may be the one that sends: a manager takes over first."""
        if self._office.moved is not None:
            raise Refused("moved", *self._office.moved)

    def _nothing_stands(self, scope: str) -> bool:
        if scope == "all":
            return self._office.look().open
        try:
            return scope not in {stopped for _, stopped in self._office.gate.stops()}
        except OSError:  # where nobody can see what stands, nobody is told that nothing does
            return False

    def _still_decided(self, code: str) -> None:
        """Raises Refused where a stop has come, or a resume, since this was the code: who typed it knew nothing of that."""
        if code != self._code():
            raise Refused(
                "stopped",
                f"再開しませんでした（{_OVERTAKEN[0]}）。状態を確かめ、もう一度再開してください。",
                f"Not resumed ({_OVERTAKEN[1]}): look at the state and resume again.",
            )

    def _check(self, typed: str, code: str) -> None:
        if unicodedata.normalize("NFKC", typed).strip() != code:
            raise Refused(
                "code",
                "再開の番号が違います。表示された4桁を入力してください。",
                "That is not the code: type the four digits shown.",
            )

    def _code(self, person: str = "first") -> str:
        """Four digits that stay the same until the next stop or resume; nobody types them by accident."""
        digest = hashlib.sha256(f"{self._secret} {self._office.epoch} {person}".encode()).digest()
        return f"{int.from_bytes(digest[:4]) % 10_000:04d}"

    def _tell(self) -> None:
        self._office.hub.publish("gate")
        self._incoming.note_folders()


def _only_parts(scopes: list[str]) -> Refused:
    """That what is to be resumed does not stand, while these scopes do."""
    named = " ".join(scopes)
    return Refused(
        "no_such",
        f"その範囲は停止していません。停止しているのは {named} です。範囲を指定してください（kohoban resume --scope {scopes[0]}）。",
        f"That is not stopped; these are: {named}. Name the part (kohoban resume --scope {scopes[0]}).",
    )


def _may_be_second(who: Operator, asked: ResumeAsked) -> bool:
    return who.login != asked.by and (who.role == "manager" or (who.role == "clerk" and CONFIRMER in who.titles))


def _lifted(scope: str, by: str, reason: str) -> Callable[[Tx], None]:
    def op(tx: Tx) -> None:
        tx.record(by, "resume", None, scope=scope, reason=reason)
        stops.ended(scope, by)(tx)

    return op


def _all_resumed(hold: Callable[[Tx], int], by: str, second: str) -> Callable[[Tx], int]:
    """The operation of a resume of everything: its second person, what comes back held, the end of the stop."""

    def op(tx: Tx) -> int:
        if second:
            tx.record(second, "confirm_resume", None, scope="all", asked_by=by)
        held = hold(tx)
        stops.ended("all", by)(tx)
        return held

    return op
