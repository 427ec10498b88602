"""ブロックリスト: who is blocked under which ground, by whose judgement, until which review; nothing else is kept of anybody."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import date
from typing import TYPE_CHECKING, Any

from console.cite import cite_words
from console.link import LinkDown
from console.text import DisplayText
from console.tui.acting import put
from console.tui.commands import fold
from console.tui.lines import LineList, Lines
from console.tui.part import Part
from console.tui.sheets import line
from console.tui.tell import SPACE, short_time, tell
from console.tui.views import PairView
from console.tui.which_account import asked_account, turned
from console.words import word
from daemon.wire import Refusal
from daemon.wire.acts import AnyAct
from daemon.wire.blocks import BlockList, Blocks, BlockSeen
from daemon.wire.moderation import AddBlock, RemoveBlock, ReviewBlock

if TYPE_CHECKING:
    from console.tui.app import Console

_NUMBER, _ACCOUNT, _HANDLE, _STATE, _REVIEW = 4, 14, 16, 10, 15


class BlockBoard:
    """The view. `text` narrows it to handles, ids, grounds and reasons that hold it."""

    def __init__(self, console: Console) -> None:
        self.list = LineList("lines-blocks")
        self.list.chosen = self.paint
        self.view = PairView("blocks", self.list)
        self.view.add_class("brief")
        self._console = console
        self._blocks: tuple[BlockSeen, ...] = ()
        self._account, self._removed, self._text = "", False, ""

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """The verbs by the names of their commands."""
        return {"add_block": self.add, "review_block": self.review, "remove_block": self.remove}

    @property
    def possible(self) -> set[str]:
        """The commands that would do something here."""
        one = self.entry()
        me = self._console.link.welcome
        return {"right"} | set(one.can if one else ()) | ({"add_block"} if me and me.role != "viewer" else set())

    def entry(self) -> BlockSeen | None:
        """The entry under the cursor."""
        return self._blocks[self.list.cursor] if self.list.cursor < len(self._blocks) else None

    async def open(self) -> None:
        """Read and show. Raises LinkDown."""
        answer = await self._console.link.ask(Blocks(account=self._account, removed=self._removed))
        if isinstance(answer, Refusal):
            self._console.refused(answer)
            return
        if not isinstance(answer, BlockList):
            raise LinkDown
        wanted = fold(self._text)
        self._blocks = tuple(each for each in answer.blocks if wanted in fold(_said(each)))
        self.list.show(Lines([_line(each) for each in self._blocks]), self.list.cursor)
        late = sum(each.late for each in self._blocks)
        parts = [Part(tell("blocks.heading", count=len(self._blocks), late=late), "strong")]
        chips = (DisplayText.of(self._account), tell("blocks.with_removed") if self._removed else DisplayText(""))
        for chip in (*chips, DisplayText.of(self._text)):
            parts += [Part(SPACE), Part(tell("queue.chip", what=chip), "mark")] if chip else []
        self.view.heading.show(parts)
        self.paint()

    def turn(self, step: int) -> None:
        """The entries of the next account alone, or of the one before; after the last one all of them."""
        self._account = turned(self._console, self._account, step)

    def next_state(self) -> None:
        """Also what was lifted, or no longer."""
        self._removed = not self._removed

    def narrow_to(self, typed: str) -> None:
        """Filter by a text; an empty one shows all."""
        self._text = typed.strip()

    def paint(self) -> None:
        """Everything about the entry under the cursor."""
        one = self.entry()
        if one is None:
            self.view.right.show(line(Part(tell("blocks.none"), "dim")), top=True)
            return
        parts = line(
            Part(DisplayText.of(f"{one.id}. @{one.handle.lstrip('@')}"), "strong"),
            Part(DisplayText.of(one.author), "dim"),
            DisplayText.of(f"{one.account} {word('platform', one.platform)}"),
        )
        ground = DisplayText.of(cite_words(one.cite)) if one.clause else tell("blocks.unfounded")
        parts += line(Part(tell("blocks.ground"), "dim"), Part(ground, "plain" if one.clause else "alert"))
        parts += line(Part(tell("blocks.judge"), "dim"), DisplayText.of(one.judge or "-"), Part(short_time(one.at), "dim"))
        parts += line(Part(tell("blocks.because"), "dim"), DisplayText.of(one.reason or "-"))
        parts += line(Part(tell("blocks.review_on"), "dim"), Part(_review(one), "alert" if one.late else "plain"))
        if one.ended_at is not None:
            who = DisplayText.of(f"{one.ended_by} {one.ended_why}")
            parts += line(Part(tell("blocks.ended"), "dim"), short_time(one.ended_at), who)
        self.view.right.show(parts, top=True)

    # -- acts ------------------------------------------------------------------------------------------------------------

    async def add(self, argument: str) -> None:
        """載せる: an account that is blocked on the platform already, under a ground, by whoever may judge."""
        bottom, one = self._console.bottom, self.entry()
        account = await asked_account(self._console, argument, self._account or (one.account if one else ""))
        if account is None:
            return
        handle = await bottom.ask(tell("ask.block_handle"))
        author = await bottom.ask(tell("ask.block_author")) if handle else None
        clause = await bottom.ask(tell("ask.block_clause")) if author is not None else None
        reason = await bottom.ask(tell("ask.block_reason")) if clause else None
        if not handle or not clause or not reason:
            self._console.notice(tell("notice.empty"), "warn")
            return
        said = {"account": DisplayText.of(account), "handle": DisplayText.of(handle), "clause": DisplayText.of(clause)}
        if await bottom.confirm(tell("sure.add_block", **said)):
            act = AddBlock(account=account, handle=handle, clause=clause.strip(), reason=reason, author=(author or "").strip())
            await self._put(act)

    async def review(self, argument: str) -> None:
        """見直し: it stands on until a day, or for the usual time."""
        one = self._one("review_block")
        reason = (argument or await self._line("ask.review_block", one)) if one else ""
        typed = await self._console.bottom.ask(tell("ask.review_until", entry=_named(one))) if one and reason else None
        if one is None or typed is None:
            return
        try:
            until = date.fromisoformat(typed.strip().replace("/", "-")) if typed.strip() else None
        except ValueError:
            self._console.notice(tell("notice.no_day", typed=DisplayText.of(typed)), "warn")
            return
        if await self._console.bottom.confirm(tell("sure.review_block", entry=_named(one))):
            await self._put(ReviewBlock(entry=one.id, reason=reason, until=until))

    async def remove(self, argument: str) -> None:
        """解除, with the reason."""
        one = self._one("remove_block")
        reason = (argument or await self._line("ask.remove_block", one)) if one else ""
        if one and reason and await self._console.bottom.confirm(tell("sure.remove_block", entry=_named(one))):
            await self._put(RemoveBlock(entry=one.id, reason=reason))

    def _one(self, act: str) -> BlockSeen | None:
        """The entry under the cursor if this may be done with it; else why not is said."""
        one = self.entry()
        if one is not None and act in one.can:
            return one
        key = "notice.no_block" if one is None else "notice.block_over" if one.state == "removed" else "notice.block_manager"
        self._console.notice(tell(key), "warn")
        return None

    async def _line(self, key: str, one: BlockSeen) -> str:
        typed = await self._console.bottom.ask(tell(key, entry=_named(one)))
        if typed is not None and not typed.strip():
            self._console.notice(tell("notice.empty"), "warn")
        return (typed or "").strip()

    async def _put(self, act: AnyAct) -> None:
        if await put(self._console, act) is not None:
            await self._console.quietly(self.open())


def _named(one: BlockSeen) -> DisplayText:
    return DisplayText.of(f"{one.id}. @{one.handle.lstrip('@')}")


def _said(one: BlockSeen) -> str:
    return " ".join((one.account, one.handle, one.author, one.clause, one.cite, one.judge, one.reason))


def _review(one: BlockSeen) -> DisplayText:
    day = DisplayText.of(one.review_on.isoformat())
    return tell("blocks.late", day=day) if one.late else day


def _line(one: BlockSeen) -> list[Part]:
    state = DisplayText.of(word("block_state", one.state))
    cells = (
        Part(DisplayText.of(str(one.id)), "dim", _NUMBER),
        Part(DisplayText.of(one.account), "plain", _ACCOUNT),
        Part(DisplayText.of(f"@{one.handle.lstrip('@')}"), "strong", _HANDLE),
        Part(state, "warn" if one.state == "pending" else "dim" if one.state == "removed" else "plain", _STATE),
        Part(_review(one) if one.state != "removed" else DisplayText(""), "alert" if one.late else "dim", _REVIEW),
        Part(
            DisplayText.of(cite_words(one.cite)) if one.clause else tell("blocks.unfounded"), "plain" if one.clause else "alert"
        ),
    )
    return [part for cell in cells for part in (cell, Part(SPACE))][:-1]
