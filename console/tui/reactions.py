"""反応: what waits at each account, and the reports of hostile reactions to our own posts (港区 7-2(7)), which the manager deals with."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Literal

from console.link import LinkDown
from console.text import DisplayText
from console.tui.acting import put
from console.tui.lines import LineList, Lines
from console.tui.part import Part
from console.tui.sheets import headline, line
from console.tui.tell import SPACE, either, short_time, tell
from console.tui.views import PairView
from console.words import word
from daemon.wire.acts import AnyAct
from daemon.wire.bench import AccountBench, BenchCounts, BenchTally, ReactionSeen
from daemon.wire.limits import LONGEST_ADDRESS
from daemon.wire.moderation import EndReaction, ReportReaction

if TYPE_CHECKING:
    from console.tui.app import Console

OUTCOMES: tuple[Literal["pause", "correct", "watch", "none"], ...] = ("pause", "correct", "watch", "none")
_NUMBER, _ACCOUNT, _BY, _AT = 5, 14, 10, 16


class ReactionBoard:
    """The view: the reports on the left, what waits at each account on the right."""

    def __init__(self, console: Console) -> None:
        self.list = LineList("lines-reactions")
        self.list.chosen = self.paint
        self.view = PairView("reactions", self.list)
        self.view.add_class("tall")
        self._console = console
        self._tally = BenchTally(accounts=(), reactions=())

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """The verbs by the names of their commands."""
        return {"report_reaction": self.report, "end_reaction": self.end}

    @property
    def possible(self) -> set[str]:
        """The commands that would do something here."""
        me = self._console.link.welcome
        found = {"report_reaction"} if me and me.role != "viewer" else set()
        return found | ({"end_reaction"} if me and me.role == "manager" and self.reaction() else set())

    def reaction(self) -> ReactionSeen | None:
        """The report under the cursor."""
        reactions = self._tally.reactions
        return reactions[self.list.cursor] if self.list.cursor < len(reactions) else None

    async def open(self) -> None:
        """Read and show. Raises LinkDown."""
        answer = await self._console.link.ask(BenchCounts())
        if not isinstance(answer, BenchTally):
            raise LinkDown
        self._tally = answer
        self.list.show(Lines([_line(each) for each in answer.reactions]), self.list.cursor)
        waiting = sum(sum(each.states.values()) for each in answer.accounts)
        self.view.heading.show([Part(tell("reactions.heading", count=len(answer.reactions), waiting=waiting), "strong")])
        self.paint()

    def paint(self) -> None:
        """The report under the cursor, and every account."""
        one = self.reaction()
        parts: list[Part] = []
        if one is not None:
            parts += line(
                Part(DisplayText.of(f"{one.id}. {one.account}"), "strong"),
                Part(short_time(one.at), "dim"),
                DisplayText.of(one.by),
            )
            parts += [
                *line(Part(tell("reactions.post"), "dim"), DisplayText.of(one.post or "-")),
                *line(DisplayText.of(one.note)),
            ]
        else:
            parts += line(Part(tell("reactions.none"), "dim"))
        parts += headline(tell("reactions.accounts"))
        for each in self._tally.accounts:
            parts += _account(each)
        self.view.right.show(parts)

    async def report(self, argument: str) -> None:
        """反応の報告: the account, which post, what is going on."""
        console, status = self._console, self._console.seen.status
        accounts = [account.id for account in (status.accounts if status else ())]
        default = next(iter(accounts), "")
        typed = argument or await console.bottom.ask(tell("ask.mark_account", default=DisplayText.of(default)))
        if typed is None:
            return
        account = typed.strip() or default
        if account not in accounts:
            console.notice(tell("notice.no_account", typed=DisplayText.of(account)), "warn")
            return
        post = await console.bottom.ask(tell("ask.reaction_post"), most=LONGEST_ADDRESS)
        note = await console.bottom.ask(tell("ask.reaction_note")) if post is not None else None
        if post is None or not note or not note.strip():
            console.notice(tell("notice.empty"), "warn")
            return
        if await console.bottom.confirm(tell("sure.report_reaction", account=DisplayText.of(account))):
            await self._put(ReportReaction(account=account, post=post.strip(), note=note.strip()))

    async def end(self, argument: str) -> None:
        """対応: a pause, a correction, watching on, or nothing; recorded by this, and carried out by the acts that exist for it."""
        one, console = self.reaction(), self._console
        if "end_reaction" not in self.possible or one is None:
            console.notice(tell("notice.no_reaction" if one is None else "notice.reaction_manager"), "warn")
            return
        choices = "  ".join(f"{n} {word('outcome', each)}" for n, each in enumerate(OUTCOMES, 1))
        typed = argument or await console.bottom.ask(tell("ask.outcome", choices=DisplayText.of(choices)))
        number = unicodedata.normalize("NFKC", typed or "").strip()
        if not number.isdecimal() or not 1 <= int(number) <= len(OUTCOMES):
            console.notice(tell("notice.no_outcome"), "warn")
            return
        outcome = OUTCOMES[int(number) - 1]
        note = await console.bottom.ask(tell("ask.outcome_note"))
        words = tell("sure.end_reaction", number=one.id, outcome=DisplayText.of(word("outcome", outcome)))
        if note is not None and await console.bottom.confirm(words):
            await self._put(EndReaction(reaction=one.id, outcome=outcome, note=note.strip()))

    async def _put(self, act: AnyAct) -> None:
        if await put(self._console, act) is not None:
            await self._console.quietly(self.open())


def _line(one: ReactionSeen) -> list[Part]:
    cells = (
        Part(DisplayText.of(str(one.id)), "dim", _NUMBER),
        Part(DisplayText.of(one.account), "plain", _ACCOUNT),
        Part(DisplayText.of(one.by), "plain", _BY),
        Part(short_time(one.at), "dim", _AT),
        Part(DisplayText.of(one.note, limit=120), "strong"),
    )
    return [part for cell in cells for part in (cell, Part(SPACE))][:-1]


def _account(each: AccountBench) -> list[Part]:
    braked = each.limit > 0 and each.today >= each.limit
    parts = line(
        Part(DisplayText.of(each.account), "plain", _ACCOUNT + 4),
        tell("reactions.waiting", count=sum(each.states.values())),
        tell("reactions.measures", count=sum(each.measures.values())),
        Part(tell("reactions.brake", today=each.today, limit=each.limit), "alert" if braked else "dim"),
    )
    if each.election:
        parts += line(SPACE, Part(tell("comments.election", name=DisplayText.of(each.election)), "warn"))
    if each.powerless:
        parts += line(SPACE, Part(either(each.powerless, each.powerless_en), "dim"))
    return parts
