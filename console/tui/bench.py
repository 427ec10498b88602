"""The bench: the comments that meet the filter, frozen while somebody works through them, and the one under the cursor beside them."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from textual.timer import Timer

from console.link import LinkDown
from console.text import DisplayText
from console.tui.comment_rows import KINDS, STATES, WAITING, CommentLines
from console.tui.comment_sheet import comment_sheet
from console.tui.lines import LineList
from console.tui.news import TOGETHER
from console.tui.pages import PAGE, Pages
from console.tui.part import Part
from console.tui.sheets import line
from console.tui.tell import SPACE, tell
from console.tui.views import PairView
from console.tui.which_account import turned
from console.words import word
from console.words.marks import together
from daemon.wire import CloseView, Refusal
from daemon.wire.bench import BenchOpened, BenchPage, BenchRows, CommentDetail, CommentRow, OpenBench, ShowComment

if TYPE_CHECKING:
    from console.tui.app import Console

BESIDE = 0.05
"""Seconds for which the cursor rests before the comment under it is read: while a key is held nothing is asked."""

_GROUND = re.compile(r"\d[\d-]*[^\s/]*\(\d+\)\S*|\S+/\S+")
_STEPS: tuple[tuple[str, ...], ...] = (WAITING, *((state,) for state in STATES), STATES)
"""What `f` goes through: what waits, each state by itself, everything."""


class Bench:
    """What the bench shows, and how it is asked for. `picked` are the comments that are chosen for one decision."""

    def __init__(self, console: Console) -> None:
        self.list = LineList("lines-comments")
        self.list.chosen = self._chosen
        self.view = PairView("comments", self.list)
        self.view.add_class("even", "tall")
        self.pages: Pages[CommentRow] | None = None
        self.detail: CommentDetail | None = None
        self.wanted = self._shown = OpenBench()
        self.opened: BenchOpened | None = None
        self.picked: dict[int, CommentRow] = {}
        self._console = console
        self._new = self._asked = 0
        self._raw = self._whole = False
        self._over: list[Part] | None = None
        self._resting: Timer | None = None
        self._due = self._missed = False

    # -- what is asked ---------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Freeze the list anew, the cursor on the same comment as before where it still is near. Raises LinkDown."""
        self._asked += 1
        mine, wanted, before = self._asked, self.wanted, self.row()
        place = self.list.cursor if self._shown == wanted else 0
        answer = await self._console.link.ask(wanted)
        if isinstance(answer, Refusal):
            self._console.refused(answer)
            return
        if not isinstance(answer, BenchOpened):
            raise LinkDown
        pages: Pages[CommentRow] = Pages(answer.count, partial(self._page, answer.view), self._console.spawn, self.list.arrived)
        for offset in {0, place // PAGE * PAGE}:
            if offset < answer.count:
                pages.keep(await self._rows(answer.view, offset, PAGE))
        if mine != self._asked:  # the list was asked for anew meanwhile, perhaps under other conditions: the last one counts
            await self._console.link.ask(CloseView(view=answer.view))
            return
        here = self.row()  # where the cursor stands by now; under other conditions it begins at the top
        before = None if self._shown != wanted else here if here and pages.index_of(here.id) is not None else before
        old, self.opened, self._shown = self.opened, answer, wanted
        self.pages, self._new = pages, 0
        self.picked.clear()
        found = pages.index_of(before.id) if before else None
        me = self._console.link.welcome.login if self._console.link.welcome else ""
        self.list.show(
            CommentLines(pages, self._console.now(), self.picked, me, alone=len(wanted.accounts) == 1),
            (place if before else 0) if found is None else found,
        )
        now = self.row()
        await self._beside(top=self.detail is None or now is None or now.id != self.detail.row.id)
        if old is not None:
            await self._console.link.ask(CloseView(view=old.view))

    def forget(self) -> None:
        """The connection is new: the daemon knows no list of ours any more."""
        self.opened = None

    async def page(self, offset: int, limit: int = PAGE) -> BenchRows:
        """Rows of the frozen list as they stand now. Raises LinkDown."""
        if self.opened is None:
            raise LinkDown
        answer = await self._rows(self.opened.view, offset, limit)
        if answer.new != self._new:
            self._new = answer.new
            self.head()
        return answer

    async def _page(self, view: int, offset: int) -> BenchRows:
        """More rows of the list that is shown; none of one that has given way to another, or whose connection is gone."""
        if self.opened is None or self.opened.view != view:
            raise LinkDown
        return await self.page(offset)

    async def _rows(self, view: int, offset: int, limit: int) -> BenchRows:
        answer = await self._console.link.ask(BenchPage(view=view, offset=offset, limit=limit))
        if not isinstance(answer, BenchRows):
            raise LinkDown
        return answer

    async def read(self, row: CommentRow) -> CommentDetail | None:
        """Everything about this comment as it stands now. Raises LinkDown."""
        answer = await self._console.link.ask(ShowComment(comment=row.id))
        if isinstance(answer, Refusal):
            self._console.refused(answer)
            return None
        if not isinstance(answer, CommentDetail):
            raise LinkDown
        return answer

    async def again(self) -> None:
        """What is shown is read again: rows where they stand, and the comment beside them. Raises LinkDown."""
        if self.pages is None or self.opened is None:
            await self.open()
            return
        if self.pages.count:
            self.pages.keep(await self.page(self.list.cursor // PAGE * PAGE))
        self.list.refresh()
        await self._beside(top=False)

    def event(self) -> None:
        """Something on the bench has moved on: look again, once for a burst. An empty list is read anew: nobody works on it."""
        if not self._due:
            self._due = True
            self._console.set_timer(TOGETHER, self._look_again)

    def catch_up(self) -> None:
        """What has moved on while another screen was shown is looked at now."""
        if self._missed:
            self._missed = False
            self.event()

    # -- what is shown ---------------------------------------------------------------------------------------------------

    def row(self) -> CommentRow | None:
        """The comment under the cursor."""
        return self.pages.row(self.list.cursor) if self.pages else None

    def lay(self, sheet: list[Part] | None) -> None:
        """Show this in the place of the comment, with all the room there is; None takes it away."""
        self._over = sheet
        self.view.set_class(sheet is not None or self._whole, "whole")
        self.show(top=True)

    @property
    def whole(self) -> bool:
        """Whether the comment stands alone."""
        return self._whole

    def toggle_whole(self) -> None:
        """The comment alone, or beside the list."""
        self._whole = not self._whole
        self.view.active = self.view.right if self._whole else self.view.left
        self.view.set_class(self._whole, "whole")

    def toggle_raw(self) -> None:
        """The comment as it reads, or character by character."""
        self._raw = not self._raw
        self.show(top=True)

    def show(self, *, top: bool = False) -> None:
        """Paint the comment, or what lies over it."""
        if self._over is not None:
            self.view.right.show(self._over, top=top)
        elif self.detail is not None and self.row() is not None:
            account = self._console.seen.account(self.detail.row.account)
            self.view.right.show(comment_sheet(self.detail, account, raw=self._raw), top=top)
        else:
            self.view.right.show(self._nothing(), top=True)

    def head(self) -> None:
        """The heading: where the cursor stands, the conditions as chips, how many are chosen, what is new."""
        count = self.pages.count if self.pages else 0
        parts = [Part(tell("comments.heading", at=min(self.list.cursor + 1, count), count=count), "strong")]
        for chip in self._chips():
            parts += [Part(SPACE), Part(tell("queue.chip", what=chip), "mark")]
        if self.picked:
            parts += [Part(SPACE), Part(tell("comments.picked", count=len(self.picked)), "mark")]
        if self._new:
            parts += [Part(SPACE), Part(tell("queue.new", count=self._new), "live")]
        self.view.heading.show(parts)

    # -- where the cursor stands -----------------------------------------------------------------------------------------

    async def to_undecided(self, step: int, said: DisplayText | None = None) -> bool:
        """The next comment that waits for this person, or the one before; round the end once. False where none does, which is told behind
        what was `said` of the act before."""
        pages = self.pages
        if pages is None:
            return False
        for turn in range(1, pages.count + 1):
            index = (self.list.cursor + step * turn) % pages.count
            if pages.row(index) is None:
                pages.keep(await self.page(index // PAGE * PAGE))
            row = pages.row(index)
            if row is not None and self.waits(row):
                self.list.go(index)
                return True
        here = self.row()
        if here is None or not self.waits(here):
            done = tell("notice.bench_done_after", said=said) if said else tell("notice.bench_done")
            self._console.notice(done, "good")
        return False

    def waits(self, row: CommentRow) -> bool:
        """Whether this comment waits for whoever sits here: for a judge until it is decided, for others until somebody has looked at it;
        not while somebody else does."""
        me = self._console.link.welcome.login if self._console.link.welcome else ""
        mine = row.state in WAITING if "judge" in row.can else row.state == "open"
        return mine and row.claimed_by in ("", me)

    def turn(self, step: int) -> None:
        """The comments of the next account alone, or of the one before; after the last one all of them."""
        at = self.wanted.accounts[0] if len(self.wanted.accounts) == 1 else ""
        name = turned(self._console, at, step)
        self._narrow(accounts=(name,) if name else ())

    def next_state(self) -> None:
        """What waits, each state by itself, everything."""
        at = _STEPS.index(self.wanted.states) if self.wanted.states in _STEPS else -1
        self._narrow(states=_STEPS[(at + 1) % len(_STEPS)])

    def narrow_to(self, typed: str) -> None:
        """Filter by words: an account, a ground (`7(2)`, of the account under the cursor), 案内, 自分, a kind
        of guidance as its rows are marked (緊急, 相談, 通報, 質問); the rest is looked for in the text."""
        status = self._console.seen.status
        accounts = {account.id: account.policy for account in (status.accounts if status else ())}
        chosen = tuple(each for each in typed.split() if each in accounts)
        row = self.row()
        policy = accounts.get(chosen[0] if chosen else row.account if row else "", "")
        clause, rest = "", []
        guidance, mine, kind = None, False, ""
        kinds = {tell(f"bench_mark.{each}").plain: each for each in KINDS}
        for each in typed.split():
            if each in accounts:
                continue
            if each in (tell("comments.word_guidance").plain, "guidance"):
                guidance = True
            elif each in kinds or each in KINDS:
                kind = kinds.get(each, each)
            elif each in (tell("comments.word_mine").plain, "mine"):
                mine = True
            elif _GROUND.fullmatch(each) and (policy or "/" in each):
                clause = each if "/" in each else f"{policy}/{each}"
            else:
                rest.append(each)
        self._narrow(accounts=chosen, clause=clause, guidance=guidance, kind=kind, mine=mine, text=" ".join(rest))

    def pick(self) -> None:
        """Choose the comment under the cursor for one decision about several, or no longer; and go on."""
        row = self.row()
        if row is None:
            return
        if row.id in self.picked:
            del self.picked[row.id]
        else:
            self.picked[row.id] = row
        self.list.refresh()
        self.list.move("down")
        self.head()

    # -- inside ----------------------------------------------------------------------------------------------------------

    def _narrow(self, **conditions: object) -> None:
        fields = {name: getattr(self.wanted, name) for name in OpenBench.__struct_fields__}
        self.wanted = OpenBench(**fields | conditions)

    def _chips(self) -> list[DisplayText]:
        wanted = self._shown  # what is asked for stands in the heading once its rows stand below it
        chips = [DisplayText.of(each) for each in wanted.accounts]
        if wanted.states != WAITING:
            every = wanted.states == STATES
            chips.append(
                tell("comments.every_state")
                if every
                else DisplayText.of(together(word("bench_state", each) for each in wanted.states))
            )
        chips += [DisplayText.of(each) for each in (wanted.clause, wanted.text) if each]
        if wanted.guidance:
            chips.append(tell("comments.word_guidance"))
        if wanted.kind:
            chips.append(tell("comments.chip_guidance", kind=tell(f"bench_mark.{wanted.kind}")))
        if wanted.mine:
            chips.append(tell("comments.word_mine"))
        return chips

    def _nothing(self) -> list[Part]:
        if self.pages is None or self.pages.count:
            return []
        narrowed = self._shown != OpenBench()
        return line(Part(tell("comments.none_match" if narrowed else "comments.none"), "dim"))

    def _chosen(self) -> None:
        self.head()
        if self._console.place == "comments":
            self._console.look_at_draft()
        if self._resting is not None:
            self._resting.stop()
        self._resting = self._console.set_timer(BESIDE, self._rested)

    def _rested(self) -> None:
        self._resting = None
        row = self.row()
        if self.detail is None or row is None or row.id != self.detail.row.id:
            self._console.spawn(self._console.quietly(self._beside(top=True)))

    async def _beside(self, *, top: bool) -> None:
        row = self.row()
        detail = await self.read(row) if row else None
        here = self.row()
        if row is not None and (here is None or here.id != row.id):
            return  # the cursor has gone on meanwhile, and what is under it now is read by itself
        self.detail = detail
        self.show(top=top)
        self._console.look_at_draft()

    def _look_again(self) -> None:
        self._due = False
        if self.pages is None:
            return
        if self._console.place != "comments":
            self._missed = True
            return
        if not self.pages.count:
            self._console.spawn(self._console.quietly(self.open()))
            return
        # The cursor may be ahead of what is painted: the comment under it never goes while somebody works on it.
        top, cursor = self.list.top, self.list.cursor
        self.pages.again(min(top, cursor), max(top + max(1, self.list.size.height), cursor + 1))
        self._console.spawn(self._console.quietly(self._beside(top=False)))
