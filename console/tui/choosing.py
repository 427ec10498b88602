"""Putting a decision about a comment together: the ground by its number, the measures by single keys, a reason where one is due."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from console.cite import cite_words
from console.text import DisplayText
from console.tui.bench import Bench
from console.tui.comment_sheet import actions_sheet, both_words, choosing_sheet, standing_proposal
from console.tui.tell import either, tell
from console.words.marks import together
from daemon.wire.bench import CommentDetail, GroundSeen
from daemon.wire.moderation import Measure

if TYPE_CHECKING:
    from console.tui.app import Console


class Choice(NamedTuple):
    """A decision as it was put together; no ground: 措置なし. `words` say it."""

    clause: str
    actions: tuple[Measure, ...]
    reason: str
    words: DisplayText


class Choosing:
    """The questions. They lie over the comment while they stand, and leave it as it was."""

    def __init__(self, console: Console, bench: Bench) -> None:
        self._console, self._bench = console, bench

    async def decision(self, detail: CommentDetail, who: DisplayText, typed: str = "", *, none: bool = False) -> Choice | None:
        """Ground, measures, reason; None when it was cancelled, or where there is nothing to choose. `typed` is the number of the ground
        where it was named already; with `none` 0 stands for 措置なし."""
        if not detail.grounds:
            self._console.notice(either(detail.powerless, detail.powerless_en) or tell("comments.no_ground"), "warn")
            return _none() if none else None
        try:
            ground = await self._ground(detail, who, typed, none=none)
            if ground is None or isinstance(ground, Choice):
                return ground
            actions = await self._actions(detail, ground, who)
            if actions is None:
                return None
            reason = await self._reason(detail, ground, actions, who)
            return None if reason is None else Choice(ground.id, actions, reason, _said(detail, ground, actions))
        finally:
            self._bench.lay(None)

    async def reason(self, key: str, who: DisplayText, *, due: bool, **values: object) -> str | None:
        """A line of text; None when it was cancelled, or left empty though it is due, which is then said."""
        typed = await self._console.bottom.ask(tell(key, comment=who, **values))
        if typed is None:
            return None
        if due and not typed.strip():
            self._console.notice(tell("notice.empty"), "warn")
            return None
        return typed.strip()

    async def _ground(self, detail: CommentDetail, who: DisplayText, typed: str, *, none: bool) -> GroundSeen | Choice | None:
        """The ground of this number; where nothing is typed, the one that was proposed, or the only one that is suggested. 措置なし is a choice already."""
        suggested = [(n, each) for n, each in enumerate(detail.grounds, 1) if each.suggested and not each.catch_all]
        only = suggested[0] if len(suggested) == 1 else None
        if (proposed := standing_proposal(detail)) is not None and proposed.clause:
            only = next(((n, each) for n, each in enumerate(detail.grounds, 1) if each.id == proposed.clause), only)
        if not typed:
            self._bench.lay(choosing_sheet(detail, max(20, self._console.size.width - 3)))
            key = "ask.ground_or_none" if none else "ask.ground"
            default = tell("ask.ground_default", number=only[0]) if only else DisplayText("")
            answer = await self._console.bottom.ask(tell(key, comment=who, count=len(detail.grounds), default=default))
            if answer is None:
                return None
            typed = answer.strip()
        typed = unicodedata.normalize("NFKC", typed).strip()
        if not typed and only:
            return only[1]
        if typed == "0" and none:
            return _none()
        found = [each for n, each in enumerate(detail.grounds, 1) if typed in (str(n), each.id, each.id.partition("/")[2])]
        if not found:
            self._console.notice(tell("notice.no_ground", typed=DisplayText.of(typed), count=len(detail.grounds)), "warn")
        return found[0] if found else None

    async def _actions(self, detail: CommentDetail, ground: GroundSeen, who: DisplayText) -> tuple[Measure, ...] | None:
        """The measures: what was proposed is ticked already, or what is due (of several that would do, the first of the policy's order), each number turns one on or off."""
        names: list[Measure] = [each.action for each in detail.means]  # type: ignore[misc]
        chosen: set[str] = set({each.clause: each.action for each in reversed(detail.means) if each.must}.values())
        if (proposed := standing_proposal(detail)) is not None and proposed.clause == ground.id:
            chosen = {each for each in proposed.actions if each in names}

        def question() -> DisplayText:
            self._bench.lay(actions_sheet(detail, ground, chosen))
            boxes = "  ".join(
                f"{n}[{'x' if each.action in chosen else ' '}]{both_words(each.action, each.really).plain}"
                for n, each in enumerate(detail.means, 1)
            )
            return tell("ask.actions", comment=who, boxes=DisplayText.of(boxes))

        def pressed(key: str) -> DisplayText:
            if key.isascii() and key.isdecimal() and 1 <= int(key) <= len(names):
                chosen.symmetric_difference_update({names[int(key) - 1]})
            return question()

        if not await self._console.bottom.choose(question(), pressed):
            return None
        return tuple(name for name in names if name in chosen)

    async def _reason(
        self, detail: CommentDetail, ground: GroundSeen, actions: tuple[Measure, ...], who: DisplayText
    ) -> str | None:
        """Asked where the policy wants one; for a block in any case, because the block list shows it."""
        due = ground.catch_all or any(each.reason for each in detail.means if each.action in actions)
        if not due and "block" not in actions:
            return ""
        key = "ask.reason_catch_all" if ground.catch_all else "ask.reason_due" if due else "ask.reason_block"
        return await self.reason(key, who, due=due)


def _none() -> Choice:
    return Choice("", (), "", tell("comments.leave"))


def _said(detail: CommentDetail, ground: GroundSeen, actions: tuple[Measure, ...]) -> DisplayText:
    """The decision in words, with what is really done on this platform."""
    really = {each.action: each.really for each in detail.means}
    done = [both_words(each, really.get(each, "")).plain for each in actions]
    words = together(done) or tell("comments.no_measure").plain
    cite, text = DisplayText.of(cite_words(ground.cite)), DisplayText.of(ground.text, limit=120)
    return tell("comments.decision", cite=cite, text=text, measures=DisplayText.of(words))
