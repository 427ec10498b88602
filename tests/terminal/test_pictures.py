"""An image of a draft as a picture, on terminals that can draw one and on those that cannot: never over text, never longer than until the next key."""

from __future__ import annotations

import io
import math
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from beside import PeerBeside
from drawing_terminal import DrawingTerminal
from PIL import Image
from ptys import F12, press_twice

from daemon.gate import Gate
from daemon.wire import Ask, DraftDetail, PictureFacts, Refusal, Show
from daemon.wire.picturing import PictureOf, SmallPicture
from tests.console.scripted_peer import Peer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FACTS = PictureFacts(
    file="koen.jpg", alt="公園の花壇", rights="own", consent="人物なし", seen=True, format="jpeg",
    size=350_000, width=1600, height=1200, private=("gps",), hash="a" * 64,
)  # fmt: skip


def like_a_photograph(width: int, height: int, colours: int) -> SmallPicture:
    """A picture with something in every corner."""
    pixels = bytes(int((math.sin(x / 7) * math.cos(y / 9) + 1) / 2 * (colours - 1)) for y in range(height) for x in range(width))
    palette = bytes(part for n in range(colours) for part in (255 * n // colours, 128, 255 - 255 * n // colours))
    return SmallPicture(width=width, height=height, palette=palette, pixels=pixels)


def within(query: PictureOf) -> tuple[int, int]:
    """The size of a picture of 4 to 3 in this room."""
    width = min(query.width, query.height * 4 // 3)
    return width, max(1, width * 3 // 4)


def with_images(peer: Peer, *images: PictureFacts, make: Callable[[int, int, int], object] = like_a_photograph) -> None:
    """Let every draft have these images."""

    def answer(ask: Ask) -> object | None:
        if isinstance(ask.query, PictureOf):
            return make(*within(ask.query), ask.query.colours)
        answered = peer.answered(ask)
        if isinstance(ask.query, Show) and isinstance(answered, DraftDetail):
            return msgspec.structs.replace(answered, images=images)
        return answered

    peer.answer = answer


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[PeerBeside]:
    with PeerBeside(tmp_path) as it:
        with_images(it.peer, FACTS)
        yield it


def opened(beside: PeerBeside, **kind: object) -> DrawingTerminal:
    """A console on such a terminal, one draft open."""
    terminal = DrawingTerminal(beside.peer.state.parent, **kind)  # type: ignore[arg-type]
    terminal.shows("運用中")
    terminal.shows("下書き 1/300")
    terminal.send("\r")
    terminal.shows("公園の花壇")
    return terminal


def asked_for(beside: PeerBeside) -> list[int]:
    """Which images the console has asked for as pictures, by their numbers."""
    return beside.do(lambda peer: [ask.query.n for ask in peer.asked if isinstance(ask.query, PictureOf)])


def test_the_facts_stand_in_the_draft_with_the_place_that_is_in_the_image(beside: PeerBeside) -> None:
    with opened(beside, size=(120, 40)) as terminal:
        for words in ("koen.jpg", "JPEG  1600x1200 画素  350 kB", "位置情報 撮影場所が入っています", "人物なし", "I で絵を見る"):
            terminal.shows(words)
        assert not {"kitty", "c", "16t"} & set(terminal.asked)  # nobody is asked before a picture is wanted


def test_a_terminal_that_says_so_is_sent_the_picture_by_the_kitty_protocol_and_any_key_takes_it_away(beside: PeerBeside) -> None:
    with opened(beside, kitty=True) as terminal:
        terminal.send("I")
        terminal.until(lambda: terminal.placed)
        terminal.shows("この端末の画像表示（kitty方式）")
        ((rows, columns),) = terminal.placed.values()
        assert rows.start > 1 and rows.stop <= 22 and len(rows) > 8 and len(columns) > 20
        (data,) = terminal.kept.values()
        drawn, meant = Image.open(io.BytesIO(data)).convert("RGB"), like_a_photograph(320, 240, 64)
        assert drawn.size == (320, 240)
        places = [3 * meant.pixels[y * 320 + x] for x, y in ((0, 0), (100, 50), (319, 239))]
        assert [drawn.getpixel(at) for at in ((0, 0), (100, 50), (319, 239))] == [
            tuple(meant.palette[place : place + 3]) for place in places
        ]
        terminal.send("a")  # means nothing here but: away with it
        terminal.until(lambda: not terminal.placed)
        terminal.shows("問い合わせは")
        assert not terminal.kept and not terminal.errors
        assert not any("承認しますか" in line for line in terminal.lines())
        assert beside.do(lambda peer: peer.acts()) == []


@pytest.mark.parametrize("cell", [(10, 20), (8, 17), (7, 15)])
def test_a_terminal_of_sixels_is_measured_and_then_sent_them_and_erased_whole(beside: PeerBeside, cell: tuple[int, int]) -> None:
    with opened(beside, sixel=True, cell=cell, says_cell=cell) as terminal:
        terminal.send("I")
        terminal.shows("この端末の画像表示（Sixel）")
        terminal.settle()
        rows, columns = {y for y, _ in terminal.covered}, {x for _, x in terminal.covered}
        assert len(terminal.covered) == len(rows) * len(columns) > 60  # a whole rectangle
        assert terminal.largest < 6000
        terminal.send("\x1b")
        terminal.until(lambda: not terminal.covered)
        terminal.shows("問い合わせは")


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ({}, "この端末は画像を表示できません"),
        ({"mute": True}, "端末が画像の問い合わせに答えません"),
        ({"sixel": True, "says_cell": None}, "1文字の大きさを答えません"),
        ({"sixel": True, "corner": True}, "Sixel の位置が合いません"),
        ({"sixel": True, "cell": (5, 10)}, "Sixel の位置が合いません"),
        ({"kitty": True, "env": {"TMUX": "/tmp/tmux-0/default,1,0"}}, "tmux か screen が画像を通しません"),
        ({"kitty": True, "env": {"TERM": "screen-256color"}}, "tmux か screen が画像を通しません"),
    ],
    ids=["none", "mute", "no cell", "corner", "small cells", "tmux", "screen"],
)
def test_a_terminal_that_cannot_be_trusted_with_pixels_gets_half_blocks_and_the_reason(
    beside: PeerBeside, kind: dict[str, object], why: str
) -> None:
    with opened(beside, **kind) as terminal:
        terminal.send("I")
        terminal.shows("粗い絵です")
        terminal.shows(why)
        terminal.until(lambda: sum(line.count("▀") for line in terminal.lines()) > 100)
        assert not terminal.drawn and not terminal.kept
        if "env" in kind:
            assert "kitty" not in terminal.asked  # a tmux takes it for the pane's title
        terminal.until(lambda: "▀" not in terminal.lines()[0] and "F12 F12 停止" in terminal.lines()[-1])
        terminal.send("q")
        terminal.until(lambda: not any("▀" in line for line in terminal.lines()))
        assert not any("画面を閉じます" in line for line in terminal.lines())


def test_a_tmux_that_draws_sixels_itself_is_sent_them(beside: PeerBeside) -> None:
    with opened(beside, sixel=True, env={"TERM": "tmux-256color", "TMUX": "/tmp/tmux-0/default,1,0"}) as terminal:
        terminal.send("I")
        terminal.shows("この端末の画像表示（Sixel）")
        terminal.settle()
        assert terminal.covered and "kitty" not in terminal.asked


def test_a_terminal_that_draws_half_blocks_wide_gets_grounds_without_any_sign(beside: PeerBeside) -> None:
    """As Tera Term does for Japanese: the measuring character takes two columns, so does the half block."""
    with DrawingTerminal(beside.peer.state.parent) as terminal:
        terminal.until(lambda: "6n" in terminal.asked)
    wide = "\x1b[1;3R"

    class Wide(DrawingTerminal):
        def _question(self, asked: str) -> None:
            if asked == "6n" and "6n" not in self.asked:
                self.asked.append(asked)
                self.answer(wide)
            else:
                super()._question(asked)

    with Wide(beside.peer.state.parent) as terminal:
        terminal.shows("下書き 1/300")
        terminal.send("\r")
        terminal.shows("公園の花壇")
        terminal.send("I")
        terminal.shows("粗い絵です")
        terminal.settle()
        terminal.until(lambda: len({terminal.screen.buffer[12][x].bg for x in range(2, 20)}) > 2)
        assert not any("▀" in line for line in terminal.lines())


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "vt100"}], ids=["NO_COLOR", "vt100"])
def test_without_colours_there_are_the_facts_and_the_reason(beside: PeerBeside, env: dict[str, str]) -> None:
    with opened(beside, kitty=True, env=env) as terminal:
        terminal.send("I")
        terminal.shows("絵は出しません。色を使わない設定")
        terminal.shows("JPEG  1600x1200")
        assert not terminal.graphics and not beside.do(lambda peer: [a for a in peer.asked if isinstance(a.query, PictureOf)])


def test_the_stop_key_is_seen_at_once_and_takes_the_picture_away(beside: PeerBeside) -> None:
    with opened(beside, kitty=True) as terminal:
        terminal.send("I")
        terminal.until(lambda: terminal.placed)
        terminal.send(F12)
        terminal.until(lambda: "もう一度" in terminal.lines()[0])
        terminal.send(F12)
        terminal.until(lambda: "緊急停止中" in terminal.lines()[0])
        terminal.until(lambda: not terminal.placed)
        assert not Gate(beside.peer.state).look().open


def test_a_window_that_changes_has_the_picture_drawn_anew_in_its_new_place(beside: PeerBeside) -> None:
    with opened(beside, kitty=True, env={"COLUMNS": "", "LINES": ""}) as terminal:
        terminal.send("I")
        terminal.until(lambda: terminal.placed)
        terminal.placed.clear()  # as terminals do that lay their lines out anew
        terminal.resize(120, 40)
        terminal.until(lambda: any(len(rows) > 16 for rows, _ in terminal.placed.values()))
        terminal.until(lambda: "F12 F12 停止" in terminal.lines()[39])
        drawn = terminal.graphics
        terminal.send("\x0c")
        terminal.until(lambda: terminal.graphics > drawn and terminal.placed)
        terminal.send(" ")
        terminal.until(lambda: not terminal.placed)


def test_the_next_image_takes_the_place_of_the_one_before(beside: PeerBeside) -> None:
    other = msgspec.structs.replace(FACTS, file="hashi.png", hash="b" * 64, width=100, height=75, private=())
    beside.do(lambda peer: with_images(peer, FACTS, other))
    with opened(beside, sixel=True) as terminal:
        terminal.send("I")
        terminal.shows("画像 1/2")
        terminal.shows("この端末の画像表示")
        terminal.send("I")
        terminal.shows("画像 2/2")
        terminal.shows("hashi.png")
        terminal.shows("位置情報 見つかりません")
        terminal.until(lambda: (asked := asked_for(beside))[0] == 0 and asked[-1] == 1)
        terminal.shows("この端末の画像表示")
        terminal.until(lambda: terminal.covered)
        terminal.send("x")
        terminal.until(lambda: not terminal.covered)


def test_while_the_terminal_takes_nothing_the_stop_stops_and_afterwards_no_pixel_is_left(beside: PeerBeside) -> None:
    beside.do(lambda peer: with_images(peer, FACTS, make=lambda w, h, c: like_a_photograph(w, h, c)))
    with opened(beside, sixel=True) as terminal:
        terminal.send("I")
        terminal.until(lambda: terminal.covered)
        terminal.take_no_output()
        time.sleep(1.5)
        gate = Gate(beside.peer.state)
        press_twice(terminal, F12, gate)
        terminal.take_output()
        terminal.until(lambda: "緊急停止中" in terminal.lines()[0] and not terminal.covered)


def test_what_cannot_be_drawn_or_is_refused_is_said_in_the_daemons_words(beside: PeerBeside) -> None:
    refusal = Refusal(code="stale", message="画像が差し替えられています。", message_en="another")
    beside.do(lambda peer: with_images(peer, FACTS, make=lambda *_: refusal))
    with opened(beside, kitty=True) as terminal:
        terminal.send("I")
        terminal.shows("画像が差し替えられています。")
        assert not terminal.placed


@pytest.mark.parametrize(
    "odd",
    [
        SmallPicture(width=320, height=240, palette=b"\0" * 192, pixels=b"\0" * 10),
        SmallPicture(width=4, height=4, palette=b"\0\0\0", pixels=b"\x01" * 16),
        SmallPicture(width=0, height=0, palette=b"", pixels=b""),
        SmallPicture(width=100_000, height=1, palette=b"\0\0\0", pixels=b"\0" * 100_000),
    ],
    ids=["too few pixels", "no such colour", "nothing", "too wide"],
)
def test_a_picture_that_is_not_what_it_says_is_not_drawn(beside: PeerBeside, odd: SmallPicture) -> None:
    beside.do(lambda peer: with_images(peer, FACTS, make=lambda *_: odd))
    with opened(beside, kitty=True) as terminal:
        terminal.send("I")
        terminal.shows("絵にできません")
        assert not terminal.placed


def test_noise_is_sent_smaller_until_a_slow_line_carries_it_in_seconds(beside: PeerBeside) -> None:
    """Each pixel another one than its neighbours: nothing can be made of it that is small."""

    def noise(width: int, height: int, colours: int) -> SmallPicture:
        pixels = bytes((x * 7919 + y * 104729 + (x * y) % 251) % colours for y in range(height) for x in range(width))
        return SmallPicture(width=width, height=height, palette=bytes(range(3 * colours)), pixels=pixels)

    beside.do(lambda peer: with_images(peer, FACTS, make=noise))
    with opened(beside, sixel=True) as terminal:
        terminal.send("I")
        terminal.until(lambda: any(re.search("この端末の画像表示|粗い絵です", line) for line in terminal.lines()))
        terminal.settle()
        assert terminal.graphics <= 256_000 + 2000
        widths = beside.do(lambda peer: [a.query.width for a in peer.asked if isinstance(a.query, PictureOf)])
        assert widths[0] == 320 and len(widths) > 1
