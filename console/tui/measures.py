"""措置: what is due and who has it in hand; taking one shows its check-list, and what was seen on the platform is written down."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from console.how_far import how_far
from console.link import LinkDown
from console.text import DisplayText
from console.tui.acting import PATIENCE, put
from console.tui.comment_sheet import MEASURE_INK, both_words, measure_parts
from console.tui.lines import LineList, Lines
from console.tui.part import Part
from console.tui.rows import since
from console.tui.sheets import blank, headline, line, remaining
from console.tui.tell import SPACE, tell
from console.tui.views import PairView
from console.tui.which_account import turned
from console.words import choose_each, word
from daemon.wire import Refusal
from daemon.wire.acts import AnyAct
from daemon.wire.bench import CommentDetail, MeasureCard, MeasureList, Measures, MeasureSeen, ShowComment
from daemon.wire.moderation import DropMeasure, MeasureDone, SendMeasure, TakeMeasure

if TYPE_CHECKING:
    from console.tui.app import Console

_NUMBER, _ACCOUNT, _WHAT, _BY, _STATE, _HANDLE = 4, 14, 16, 4, 8, 16
_CAN = {
    "take_measure": "take_measure",
    "measure_done": "measure_done",
    "measure_failed": "measure_done",
    "drop_measure": "drop_measure",
    "send_measure": "send_measure",
}
"""The commands, and the daemon's names of what they need."""


class MeasureBoard:
    """The view. The card of a measure that was taken stays beside it until it is over."""

    def __init__(self, console: Console) -> None:
        self.list = LineList("lines-measures")
        self.list.chosen = self.paint
        self.view = PairView("measures", self.list)
        self.view.add_class("tall")
        self._console = console
        self._measures: tuple[MeasureSeen, ...] = ()
        self._cards: dict[int, MeasureCard] = {}
        self._words: dict[int, str] = {}
        self._account, self._done, self._proof = "", False, ""

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """The verbs by the names of their commands."""
        return {
            "take_measure": self.take,
            "measure_done": self.done,
            "measure_failed": self.failed,
            "drop_measure": self.drop,
            "send_measure": self.send,
        }

    @property
    def possible(self) -> set[str]:
        """The commands that would do something here."""
        one = self.measure()
        return {"right"} | {name for name, act in _CAN.items() if one and act in one.can}

    def measure(self) -> MeasureSeen | None:
        """The measure under the cursor."""
        return self._measures[self.list.cursor] if self.list.cursor < len(self._measures) else None

    async def open(self) -> None:
        """Read and show. Raises LinkDown."""
        before = self.measure()
        answer = await self._console.link.ask(Measures(account=self._account, done=self._done))
        if isinstance(answer, Refusal):
            self._console.refused(answer)
            return
        if not isinstance(answer, MeasureList):
            raise LinkDown
        self._measures = answer.measures
        numbers = [each.id for each in answer.measures]
        cursor = numbers.index(before.id) if before and before.id in numbers else self.list.cursor
        now = self._console.now()
        self.list.show(Lines([_line(each, since(each.at, now)) for each in answer.measures]), cursor)
        due = sum(each.state == "due" for each in answer.measures)
        parts = [Part(tell("measures.heading", due=due, count=len(numbers)), "strong")]
        for chip in (DisplayText.of(self._account), tell("measures.with_done") if self._done else DisplayText("")):
            parts += [Part(SPACE), Part(tell("queue.chip", what=chip), "mark")] if chip else []
        self.view.heading.show(parts)
        self.paint()

    def turn(self, step: int) -> None:
        """The measures of the next account alone, or of the one before; after the last one all of them."""
        self._account = turned(self._console, self._account, step)

    def next_state(self) -> None:
        """Also those that are over, or no longer."""
        self._done = not self._done

    def paint(self) -> None:
        """The measure under the cursor: what to do where it is in one's hands."""
        one, now = self.measure(), self._console.now()
        if one is None:
            self.view.right.show(line(Part(tell("measures.none"), "dim")), top=True)
            return
        parts = [
            *line(*measure_parts(one)),
            *line(Part(DisplayText.of(one.account), "strong"), DisplayText.of(word("platform", one.platform))),
        ]
        parts += line(Part(tell("measures.ground"), "dim"), DisplayText.of(one.clause or "-"))
        parts += line(Part(tell("measures.whom"), "dim"), DisplayText.of(f"@{one.handle.lstrip('@')}" if one.handle else "-"))
        if one.url:
            parts += line(DisplayText.of(one.url))
        if one.comment is not None:
            parts += line(Part(tell("measures.comment", number=one.comment), "dim"))
        card = self._cards.get(one.id)
        me = self._console.link.welcome.login if self._console.link.welcome else ""
        if one.state == "taken" and one.holder == me and card is not None and one.until is not None:
            parts += [*blank(), *line(Part(tell("measures.left", time=remaining(one.until, now)), "live"))]
            for number, step in enumerate(choose_each(card.steps, card.steps_en), 1):
                parts += line(DisplayText(f"{number}."), DisplayText.of(step))
            if words := self._words.get(one.id):
                parts += line(Part(tell("comments.text"), "dim"), Part(DisplayText.of(words, limit=400), "strong"))
            (confirm,) = choose_each((card.confirm,), (card.confirm_en,))
            parts += [
                *headline(tell("measures.confirm")),
                *line(DisplayText.of(confirm)),
                *line(Part(tell("measures.then"), "good")),
            ]
        elif one.state == "due" and ("take_measure" not in one.can or self._stopped(one)):
            parts += [*blank(), *line(Part(self._why_not_taken(), "warn"))]
        self.view.right.show(parts)

    # -- acts ------------------------------------------------------------------------------------------------------------

    async def take(self, argument: str) -> None:
        """措置に着手: pass the gate and get the check-list."""
        one, console = self.measure(), self._console
        if one is None or "take_measure" not in one.can or self._stopped(one):
            console.notice(tell("notice.no_measure") if one is None else self._why_not_taken(), "warn")
            return
        if not await console.bottom.confirm(tell("sure.take_measure", measure=_named(one))):
            return
        try:
            answer = await console.link.ask(TakeMeasure(measure=one.id), patience=PATIENCE)
        except LinkDown:
            console.notice(tell("notice.no_answer"), "alert")
            return
        if isinstance(answer, Refusal):
            console.refused(answer)
        elif isinstance(answer, MeasureCard):
            self._cards[one.id] = answer
            await console.quietly(self._read_words(one))
            console.notice(tell("notice.measure_taken"), "good")
        await console.quietly(self.open())

    async def done(self, argument: str) -> None:
        """済: what was seen on the platform."""
        one = self._open("measure_done")
        proof = (argument or await self._seen_there(one)) if one else ""
        if one and proof and await self._sure("measure_done", one, proof=DisplayText.of(proof, limit=80)):
            self._proof = proof
            await self._put(MeasureDone(measure=one.id, done=True, proof=proof))

    async def failed(self, argument: str) -> None:
        """できなかった, and why."""
        one = self._open("measure_done")
        why = (argument or await self._line("ask.measure_failed", one)) if one else ""
        if one and why and await self._sure("measure_failed", one):
            await self._put(MeasureDone(measure=one.id, done=False, proof=why))

    async def drop(self, argument: str) -> None:
        """取消し: falls away, or, where it was done, is reversed."""
        one = self._open("drop_measure")
        reason = (argument or await self._line("ask.drop_measure", one)) if one else ""
        if one and reason and await self._sure("drop_measure", one):
            await self._put(DropMeasure(measure=one.id, reason=reason))

    async def send(self, argument: str) -> None:
        """自動に戻す: the account's channel takes it."""
        one = self._open("send_measure")
        if one and await self._sure("send_measure", one):
            await self._put(SendMeasure(measure=one.id))

    async def _read_words(self, one: MeasureSeen) -> None:
        """The words of its comment: without an address it is found on the platform by them. Raises LinkDown."""
        answer = await self._console.link.ask(ShowComment(comment=one.comment)) if one.comment is not None else None
        if isinstance(answer, CommentDetail) and answer.text:
            self._words[one.id] = answer.text

    def _open(self, act: str) -> MeasureSeen | None:
        """The measure under the cursor if this may be done with it; else why not is said."""
        one = self.measure()
        if one is not None and act in one.can:
            return one
        if one is None:
            words = tell("notice.no_measure")
        elif act == "send_measure" and one.state == "due":
            words = tell("notice.no_channel")
        elif one.state not in ("due", "taken") or one.sent:
            words = tell("notice.measure_over", state=DisplayText.of(word("measure_state", how_far(one))))
        else:
            words = tell("notice.take_first" if act == "measure_done" and one.state == "due" else "notice.only_look")
        self._console.notice(words, "warn")
        return None

    def _stopped(self, one: MeasureSeen) -> bool:
        """Whether a stop covers it, as far as our own eyes see."""
        seen = self._console.seen
        return seen.condition == "stopped" or bool({"actions", "all", one.account, one.platform} & set(seen.scopes))

    def _why_not_taken(self) -> DisplayText:
        one = self.measure()
        if one is not None and self._stopped(one):
            return tell("notice.measures_stopped")
        over = one is not None and (one.state not in ("due", "taken") or bool(one.sent))
        return (
            tell("notice.measure_over", state=DisplayText.of(word("measure_state", how_far(one))))
            if one and over
            else tell("notice.only_look")
        )

    async def _seen_there(self, one: MeasureSeen) -> str:
        """What was seen on the platform: an empty answer says the same as of the measure before, which is shown."""
        if not self._proof:
            return await self._line("ask.measure_proof", one)
        question = tell("ask.measure_proof_again", measure=_named(one), before=DisplayText.of(self._proof, limit=40))
        typed = await self._console.bottom.ask(question)
        return "" if typed is None else typed.strip() or self._proof

    async def _line(self, key: str, one: MeasureSeen) -> str:
        typed = await self._console.bottom.ask(tell(key, measure=_named(one)))
        if typed is not None and not typed.strip():
            self._console.notice(tell("notice.empty"), "warn")
        return (typed or "").strip()

    async def _sure(self, verb: str, one: MeasureSeen, **values: object) -> bool:
        return await self._console.bottom.confirm(tell(f"sure.{verb}", measure=_named(one), **values))

    async def _put(self, act: AnyAct) -> None:
        if await put(self._console, act) is not None:
            await self._console.quietly(self.open())


def _named(one: MeasureSeen) -> DisplayText:
    return tell("measures.named", number=one.id, what=both_words(one.asked, one.really), handle=DisplayText.of(one.handle))


def _line(one: MeasureSeen, at: DisplayText) -> list[Part]:
    cells = (
        Part(DisplayText.of(str(one.id)), "dim", _NUMBER),
        Part(DisplayText.of(one.account), "plain", _ACCOUNT),
        Part(both_words(one.asked, one.really), "strong", _WHAT),
        Part(DisplayText.of(word("measure_by", one.by)), "mark" if one.by == "channel" else "plain", _BY),
        Part(DisplayText.of(word("measure_state", how_far(one))), MEASURE_INK.get(how_far(one), "dim"), _STATE),
        Part(DisplayText.of(f"@{one.handle.lstrip('@')}" if one.handle else ""), "plain", _HANDLE),
        Part(at, "dim"),
    )
    return [part for cell in cells for part in (cell, Part(SPACE))][:-1]
