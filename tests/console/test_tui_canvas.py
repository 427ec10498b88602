"""What is sent to a terminal: what differs, in the fewest bytes, the first row first; and no more than the line carries."""

from __future__ import annotations

import re

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from console.text import DisplayText, fit
from console.tui.canvas import Canvas
from console.tui.frames import take
from console.tui.pace import FIRST, GIVEN_UP, LEAST, Pace

WIDTH, HEIGHT = 20, 5
STYLES = (
    None,
    Style.parse("#d0d0d0 on #121212"),
    Style.parse("bold #ffffff on #005f87"),
    Style.parse("reverse"),
    Style.parse("bold underline #ff8787"),
    Style.parse("dim strike #ff8787 on #121212"),
)
TEXT = st.text(st.sampled_from("ab 1 承認済ｶﾞ※①ー―🙂が"), max_size=14)
ROW = st.lists(st.tuples(TEXT, st.sampled_from(STYLES)), max_size=4)
SCREEN = st.lists(ROW, min_size=HEIGHT, max_size=HEIGHT)
Parts = list[tuple[str, Style | None]]


class Glass:
    """A terminal, and the canvas that paints it."""

    def __init__(self) -> None:
        self.canvas = Canvas()
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.Stream(self.screen)

    def paint(self, rows: list[Parts], room: int = 100_000) -> str:
        """Let it show these rows, and what was sent for that."""
        take(self.canvas, LayoutUpdate([[strip(row)] for row in rows], Region(0, 0, WIDTH, HEIGHT)), ColorSystem.EIGHT_BIT)
        return self.go_on(room)

    def go_on(self, room: int = 100_000) -> str:
        sent = self.canvas.frame(room)
        self._stream.feed(sent)
        return sent

    def cells(self) -> list[list[tuple[str, str, str, bool, bool, bool, bool]]]:
        """What is seen: of a blank only its ground."""
        return [[self._seen(y, x) for x in range(WIDTH)] for y in range(HEIGHT)]

    def _seen(self, y: int, x: int) -> tuple[str, str, str, bool, bool, bool, bool]:
        cell = self.screen.buffer[y][x]
        inked = cell.data != " " or cell.reverse or cell.underscore or cell.strikethrough
        colour, bold = (cell.fg, cell.bold) if inked else ("", False)
        bold = bold and cell.data != " "
        return cell.data, colour, cell.bg, bold, cell.reverse, cell.underscore, cell.strikethrough


def strip(parts: Parts) -> Strip:
    """Parts as a line of exactly the screen's width."""
    segments, room = [], WIDTH
    for text, style in parts:
        piece = fit(text, min(room, Segment(text).cell_length))
        segments.append(Segment(piece, style))
        room -= Segment(piece).cell_length
    return Strip([*segments, Segment(" " * room, STYLES[1])], WIDTH)


def plain(*words: str) -> list[Parts]:
    """A screen of words in one ink."""
    return [[(word, STYLES[1])] for word in (*words, *[""] * (HEIGHT - len(words)))]


@given(st.lists(SCREEN, min_size=2, max_size=4))
def test_what_differs_leaves_the_screen_as_a_whole_painting_would(screens: list[list[Parts]]) -> None:
    glass, anew = Glass(), Glass()
    for rows in screens:
        glass.paint(rows)
    anew.paint(screens[-1])
    assert glass.cells() == anew.cells()


@given(SCREEN, SCREEN, st.integers(1, 60))
def test_a_frame_sent_in_pieces_is_whole_in_the_end(before: list[Parts], after: list[Parts], room: int) -> None:
    glass, anew = Glass(), Glass()
    glass.paint(before)
    glass.paint(after, room)
    while glass.canvas.waiting:
        glass.go_on(room)
    anew.paint(after)
    assert glass.cells() == anew.cells()


@given(SCREEN)
def test_what_is_shown_already_is_not_sent_again(rows: list[Parts]) -> None:
    glass = Glass()
    glass.paint(rows)
    assert glass.paint(rows) == ""


def test_the_first_row_goes_before_all_others_and_the_last_ones_next() -> None:
    sent = Glass().paint(plain("零", "一", "二", "三", "四"))
    assert re.findall("[零一二三四]", sent) == ["零", "二", "三", "四", "一"]


def test_where_there_is_no_room_the_first_row_goes_alone() -> None:
    glass = Glass()
    glass.paint(plain())
    assert re.findall("[零一二]", glass.paint(plain("零", "一", "二"), room=0)) == ["零"]
    assert glass.canvas.waiting


def test_one_digit_costs_a_dozen_bytes() -> None:
    glass = Glass()
    glass.paint(plain("下書き 1/300"))
    assert len(glass.paint(plain("下書き 2/300"))) < 40


@pytest.mark.parametrize("odd", ["🙂", "か゚", "ก"])
def test_a_row_whose_width_terminals_disagree_on_is_sent_whole(odd: str) -> None:
    glass = Glass()
    glass.paint(plain(f"{DisplayText.of(odd).plain} 承認 1"))
    assert "承認" in glass.paint(plain(f"{DisplayText.of(odd).plain} 承認 2"))
    glass.paint(plain("あ 承認 1"))
    assert "承認" not in glass.paint(plain("あ 承認 2"))


def test_without_colours_only_the_plainest_sequences_are_sent() -> None:
    row: Parts = [
        ("aaaaa", Style(reverse=True)),
        ("bbbbb", Style(bold=True)),
        ("ccccc", Style(bold=True, reverse=True)),
        ("ddddd", None),
    ]
    codes = re.findall(r"\x1b\[([0-9;]*)m", Glass().paint([row] * HEIGHT))
    assert codes
    assert set(codes) <= {"7", "0;1", "0;1;7", "0", "0;7"}


class Link:
    """A line of so many bytes a second, on which an answer takes so long, and a pace that paints as much as it may."""

    def __init__(self, rate: float, delay: float) -> None:
        self.now = 100.0
        self.pace = Pace(lambda: self.now)
        self._rate, self._delay = rate, delay
        self._free = 0.0
        self._answers: list[float] = []
        self.behind = 0.0

    def send(self, size: int) -> None:
        asks = self.pace.asks
        self.pace.sent(size, asked=asks)
        self._free = max(self._free, self.now) + size / self._rate
        self.behind = self._free - self.now
        if asks:
            self._answers.append(self._free + self._delay)

    def hold(self, seconds: float, size: int) -> float:
        """A frame thirty times a second wherever there is room; the most that one of them found before it, in seconds, after the first two."""
        end, most, begun = self.now + seconds, 0.0, self.now
        while self.now < end:
            while self._answers and self._answers[0] <= self.now:
                self._answers.pop(0)
                self.pace.answered()
            if self.pace.room > 0:
                self.send(size)
                most = max(most, self.behind) if self.now - begun > 2 else most
            self.now += 1 / 30
        return most


@pytest.mark.parametrize("delay", [0.03, 0.2])
def test_behind_a_slow_line_no_frame_finds_more_than_a_moment_before_it(delay: float) -> None:
    line = Link(16_000, delay)
    line.send(600)
    line.hold(1.0, 600)
    assert line.hold(6.0, 1500) < delay + 0.2
    assert LEAST <= line.pace.window < 8_000


def test_a_fast_line_is_never_waited_for() -> None:
    line = Link(10_000_000, 0.001)
    line.hold(5.0, 4_000)
    assert line.pace.window > 50_000


def test_a_terminal_that_gives_no_answers_is_asked_once_and_not_waited_for() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    assert pace.asks
    pace.sent(FIRST * 3, asked=True)
    assert not pace.asks
    assert pace.room > 0


def test_answers_that_are_lost_are_not_waited_for_for_ever() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    pace.sent(100, asked=True)
    now = 0.1
    pace.answered()
    pace.sent(2 * FIRST, asked=True)
    assert pace.room <= 0
    now += GIVEN_UP + 0.1
    assert pace.room > 0
