"""One grammar for every screen: a key means the same wherever it works, and where it does not, the table says why; and the `:` line."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from console_desk import at_desk
from scripted_peer import Peer, row

from console.tui.command_line import candidates
from console.tui.commands import COMMANDS, HINTS, by_key, by_name
from daemon.wire import Ask, OpenView

pytestmark = pytest.mark.usefixtures("japanese")

SCREENS = {
    "1": "queue", "2": "comments", "3": "blocks", "4": "hours", "5": "stop_view", "6": "clauses", "7": "record", "8": "duties",
    "9": "report", "0": "settings",
}  # fmt: skip

MEANINGS: dict[str, dict[str, str]] = {
    # The same deed, on what the screen is about: its own command, because other things are asked and other acts sent.
    "a": {"approve": "decide for it", "judge": "decide about the comment"},
    "A": {"approve_set": "decide several: a set", "judge_many": "decide several: of the filter"},
    "c": {"claim": "work at the draft", "claim_comment": "work at the comment"},
    "d": {
        "follow_done": "it is done", "duty_done": "it is done", "guided": "it is done", "measure_done": "it is done",
        "review_block": "it is done: the review", "end_reaction": "it is done", "differ": "a draft has nothing to be done: 違い",
    },
    "E": {"declare": "to whoever decides emergencies", "escalate_comment": "to whoever decides above"},
    "enter": {"open": "the main thing of the line", "resume_here": "the main thing of the stop"},
    "i": {"mark_comment": "put in by hand", "add_block": "put in by hand", "report_reaction": "put in by hand"},
    "n": {"next": "the next", "later": "this one later, now the next"},
    "P": {"propose": "the bench prints nothing: 提案", "dossier": "the paper"},
    "t": {
        "take": "take in hand: the card", "take_measure": "take in hand: the measure",
        "tag_comments": "the bench hands out nothing: a tag (札)",
    },
    "tab": {"pane": "to the other part", "other_part": "to the other part"},
    "w": {
        "withdraw": "out of the list: the draft", "comment_gone": "out of the list: it is gone", "drop_measure": "out of the list",
        "remove_block": "out of the list", "remove_override": "out of the list",
    },
    "x": {
        "follow_skip": "not to be done", "leave": "not to be done", "measure_failed": "not to be done: it cannot be",
        "close_day": "nothing goes out that day",
    },
    "z": {
        "undo": "take back one's own", "follow_undo": "take back", "duty_undo": "take back", "undo_judgement": "take back",
    },
    " ": {"page_on": "on: in what is read, a page", "tag_draft": "on: in the list, tagged and to the next"},
    # Letters that are the first of a romaji word, on screens that have nothing else in common.
    "f": {"state": "narrow by state", "narrow_stop": "narrow the stop", "fix": "an open draft is not narrowed: 直す (fix)"},
    "o": {
        "settle": "ask what happened, outside", "ask_second": "ask another opinion", "confirm_stop": "ask a manager: confirmed",
        "open_day": "the counterpart of x on a day: open",
    },
    "s": {"schedule": "予約 (schedule)", "select": "選ぶ (select)", "send_measure": "送る (send)"},
}  # fmt: skip
"""Why a key has more than one command: each has its word here, and a key that is not here has one command alone."""


def test_the_ten_screens_stand_on_the_ten_digits() -> None:
    for place in HINTS:
        for key, name in SCREENS.items():
            command = by_key(key, place)
            assert command is not None and command.name == name, (place, key)


def test_a_key_has_one_meaning_on_all_screens_or_a_reason_for_each() -> None:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for command in COMMANDS:
        for key in command.keys:
            found[key].add(command.name)
    several = {key: names for key, names in found.items() if len(names) > 1}
    assert {key: set(names) for key, names in MEANINGS.items()} == several


def test_the_keys_that_move_and_lead_away_mean_the_same_everywhere() -> None:
    for key in ("up", "down", "j", "k", "pageup", "pagedown", "home", "end", "escape", "q", "?", ":", "m", "R", *SCREENS):
        commands = {command.name for place in HINTS if (command := by_key(key, place))}
        assert len(commands) == 1 and all(by_key(key, place) for place in HINTS), key


def test_every_hint_works_on_its_screen() -> None:
    for place, names in HINTS.items():
        for name in names:
            (command,) = [each for each in COMMANDS if each.name == name]
            assert command.keys and (not command.places or place in command.places), (place, name)


@pytest.mark.parametrize("word", ["違反", "ihan", "ＩＨＡＮ", "要修正"])
def test_what_violates_is_one_word_away(word: str) -> None:
    command = by_name(word)
    assert command is not None and command.name == "violations"


async def test_what_violates_is_the_queue_narrowed_to_it(office: Path, peer: Peer) -> None:
    peer.rows = [row(1, state="to_fix"), row(2)]
    async with at_desk(office) as desk:
        await desk.shows("運用中")
        await desk.press("7", ":")
        await desk.type("違反")
        await desk.until(lambda: desk.console.place == "queue")
        await desk.shows("絞込: 状態:要修正")
    opened: list[Ask] = [ask for ask in peer.asked if isinstance(ask.query, OpenView)]
    assert isinstance(opened[-1].query, OpenView)


async def test_the_arrows_go_through_everything_that_was_typed(office: Path, peer: Peer) -> None:
    async with at_desk(office) as desk:
        await desk.shows("運用中")
        for typed in ("条文", "記録"):
            await desk.press(":")
            await desk.type(typed)
            await desk.until(lambda: not desk.console.bottom.typing)
        entry = desk.console.bottom.input
        await desk.press(":")
        await desk.until(lambda: desk.console.bottom.typing)
        for key, value in (("up", "記録"), ("up", "条文"), ("up", "条文"), ("down", "記録"), ("down", "")):
            await desk.press(key)
            await desk.until(lambda value=value: entry.value == value)  # type: ignore[misc]


async def test_tab_goes_through_the_names_and_comes_back_to_what_was_typed(office: Path, peer: Peer) -> None:
    names = candidates("k")
    assert len(names) > 3 and all(name.startswith("k") for name in names)
    async with at_desk(office) as desk:
        await desk.shows("運用中")
        await desk.press(":", "k")
        entry = desk.console.bottom.input
        await desk.until(lambda: entry.value == "k")
        for name in names[:3]:
            await desk.press("tab")
            await desk.until(lambda name=name: entry.value == name + " ")  # type: ignore[misc]
        await desk.press("shift+tab")
        await desk.until(lambda: entry.value == names[1] + " ")
        for _ in range(len(names) - 1):
            await desk.press("tab")
        await desk.until(lambda: entry.value == "k")
