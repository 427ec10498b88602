"""Whatever stands in what other people wrote: to the terminal go characters, and control sequences that are the console's own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import msgspec
import pytest
from beside import PeerBeside
from drawing_terminal import DrawingTerminal
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ptys import Terminal, console

from daemon.wire import Ask, DraftDetail, MissingSeen, PictureFacts, Refusal, Show
from daemon.wire.picturing import PictureOf, SmallPicture
from tests.console.scripted_peer import Peer, row

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

OURS = re.compile(
    r"\x1b(?:"
    r"\[\d+;\d+H"  # the cursor goes there
    r"|\[[0-9;]*m"  # colours and attributes
    r"|\[\?(?:25|7|1004|1049|2004|2026)[hl]"  # modes: cursor, wrapping, focus, other screen, paste, frames
    r"|\[\?2026\$p|\[[56]n"  # questions
    r"|\[2[23];2t|\]2;(?:広報番|緊急停止中 - 広報番|停止状態は不明 - 広報番)\x1b\\"  # the tab's title
    r"|\[K|\[<u"  # behind the measured character; the end of a protocol that is not asked for
    r")"
)
DRAWN = re.compile(
    OURS.pattern + r"|\x1b(?:"
    r"\[16t|\[c"  # how large is a cell, what are you
    r"|_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"  # do you know the kitty protocol
    r"|_Ga=t,f=100,t=d,i=4711,q=2,m=[01];[A-Za-z0-9+/]{4,4096}={0,2}\x1b\\"  # a picture begins,
    r"|_Gq=2,m=[01];[A-Za-z0-9+/]{0,4096}={0,2}\x1b\\"  # goes on,
    r"|_Ga=p,i=4711,p=1,c=\d+,r=\d+,C=1,q=2\x1b\\"  # is shown,
    r"|_Ga=d,d=I,i=4711,q=2\x1b\\"  # and taken away
    r'|P0;1;0q"1;1;\d+;\d+(?:#\d+;2;\d+;\d+;\d+)+(?:#\d+(?:!\d+[?-~]|[?-~])*[$-]?)+\x1b\\'  # sixels
    r")"
)
"""The same, and what is sent for a picture, once one was asked for: signs of base64 and of sixels, in sequences that end."""
SEEN_THOUGH_FORMAT = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Signs that are written and seen, and that Unicode counts among the formatting ones."""

EVIL = st.sampled_from(
    [
        "\x1b]52;c;RVZJTA==\x07",
        "\x1b[2J\x1b[H 運用中 ",
        "\x1b]2;EVIL\x1b\\",
        "\x9b31m",
        "\x9d2;EVIL\x9c",
        "\x1bP+q544e\x1b\\",
        "\x1b[5n",
        "\x1b[6n",
        "\x1bc",
        "\x0e",
        "\r",
        "\n",
        "\t",
        "\x08\x08\x08",
        "\x00",
        "\x7f",
        "\u202e承認済",
        "\u2066",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\U000e0041",
        "\u2028",
        "か\u3099\u3099\u3099",
        "👨\u200d👩\u200d👧",
        "❤\ufe0f",
    ]
)
TEXT = st.lists(EVIL | st.text(max_size=4), max_size=6).map("".join)
FIELDS = ("title", "body", "who", "account", "author", "message", "clause", "alarm", "office", "mark")


def others(stream: str, own: re.Pattern[str] = OURS) -> list[str]:
    """The pieces of a terminal's input that are neither a sequence of the console's own nor a character to be seen."""
    odd, at = [], 0
    while at < len(stream):
        if stream[at] == "\x1b":
            ours = own.match(stream, at)
            if ours is None:
                odd.append(stream[at : at + 12])
            at = ours.end() if ours else at + 1
            continue
        character = stream[at]
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and character not in SEEN_THOUGH_FORMAT:
            odd.append(stream[max(0, at - 6) : at + 6])
        at += 1
    return odd


def write(peer: Peer, number: int, texts: dict[str, str]) -> None:
    """Let the office hold these texts, each behind a mark by which it is known on the screen."""
    seen = row(number)
    waiting = MissingSeen(what=texts["who"], what_en="", who=texts["who"], clause=texts["clause"], act="approve")
    peer.rows = [
        msgspec.structs.replace(
            seen,
            title=f"品{number:05}{texts['title']}",
            account=texts["account"] or "x",
            author=texts["author"],
            path=f"{texts['account']}/{texts['title']}.txt",
            clauses=(texts["clause"],),
            waiting=(waiting,),
            marks=(f"品{number:05}{texts['mark']}",),
            marks_en=(f"品{number:05}",),
            watching=(texts["author"],),
        )
    ]
    peer.text = f"文{number:05}{texts['body']}"
    peer.findings = (
        msgspec.structs.replace(
            peer.findings[0],
            message=texts["message"],
            cite=texts["clause"],
            text=texts["clause"],
            fix=texts["who"],
            rule=texts["mark"],
        ),
    )
    peer.status = lambda: msgspec.structs.replace(  # type: ignore[method-assign]
        Peer.status(peer), office=texts["office"], alarms=(f"警{number:05}{texts['alarm']}",), alarms_en=(texts["alarm"],)
    )
    refusal = Refusal(code="stale", message=f"拒{number:05}{texts['message']}", message_en="", clause=texts["clause"])
    refused = number % 3 == 0

    def answer(ask: Ask) -> object | None:
        return refusal if refused and isinstance(ask.query, Show) else peer.answered(ask)

    peer.answer = answer
    peer.tell(kind="resync")


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PeerBeside, Terminal]]:
    office: Path = tmp_path_factory.mktemp("office")
    with PeerBeside(office) as beside, console(office, size=(120, 30)) as terminal:
        terminal.shows("運用中")
        yield beside, terminal


NUMBERS = count(1)


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(texts=st.fixed_dictionaries({field: TEXT for field in FIELDS}))
def test_no_control_byte_but_our_own_reaches_the_terminal(at_work: tuple[PeerBeside, Terminal], texts: dict[str, str]) -> None:
    beside, terminal = at_work
    number = next(NUMBERS)
    looked_at(terminal)
    beside.do(lambda peer: write(peer, number, texts))
    comes(terminal, f"品{number:05}")
    terminal.send("\r")
    comes(terminal, f"{'拒' if number % 3 == 0 else '文'}{number:05}")
    if number % 3:
        terminal.send("\x1b")
        terminal.until(lambda: any("下書き 1/1" in line for line in terminal.lines()))
    if number % 4 == 0:
        terminal.send("m")
        comes(terminal, f"警{number:05}")
        terminal.send("\x1b")
        terminal.until(lambda: any("下書き 1/1" in line for line in terminal.lines()))
    assert others(whole(terminal.raw)) == []


def test_the_scanner_sees_what_is_not_ours() -> None:
    for evil in ("\x1b]52;c;RVZJTA==\x07", "\x1b[2J", "\x9b31m", "\x1b]2;EVIL\x1b\\", "a\x07", "a\x7f", "\u202e", "\n", "\x1b"):
        assert others(f"よ{evil}い"), repr(evil)
    assert others("\x1b[2;14H\x1b[1;38;5;255;48;5;24m防災訓練\x1b[0m\x1b[5n") == []


@pytest.fixture(params=["kitty", "sixel", "blocks"])
def drawing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[PeerBeside, DrawingTerminal]]:
    can = {request.param: True} if request.param != "blocks" else {}
    with PeerBeside(tmp_path) as beside, DrawingTerminal(tmp_path, (120, 30), **can) as terminal:
        terminal.shows("運用中")
        yield beside, terminal


PICTURES = st.builds(
    lambda width, height, palette, data: SmallPicture(
        width=width, height=height, palette=palette[: len(palette) // 3 * 3], pixels=_pixels(width * height, palette, data)
    ),
    st.integers(1, 320),
    st.integers(1, 240),
    st.binary(min_size=3, max_size=192),
    st.binary(min_size=1, max_size=200),
)


def _pixels(count: int, palette: bytes, data: bytes) -> bytes:
    colours = len(palette) // 3
    return bytes(data[n % len(data)] % colours for n in range(count))


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    texts=st.fixed_dictionaries({field: TEXT for field in ("file", "alt", "rights", "consent", "format", "code")}),
    picture=PICTURES,
)
def test_of_an_image_only_our_own_signs_reach_the_terminal_whatever_it_is_called_and_whatever_it_shows(
    drawing: tuple[PeerBeside, DrawingTerminal], texts: dict[str, str], picture: SmallPicture
) -> None:
    beside, terminal = drawing
    number = next(NUMBERS)
    image = PictureFacts(
        file=texts["file"],
        alt=f"絵{number:05}{texts['alt']}",
        rights=texts["rights"],
        consent=texts["consent"],
        codes=(texts["code"],),
        format=texts["format"],
        seen=True,
        width=picture.width,
        height=picture.height,
        hash=f"{number:064x}",
    )

    def answered(peer: Peer) -> None:
        def answer(ask: Ask) -> object | None:
            if isinstance(ask.query, PictureOf):
                return picture
            shown = peer.answered(ask)
            return msgspec.structs.replace(shown, images=(image,)) if isinstance(shown, DraftDetail) else shown

        peer.answer = answer

    beside.do(answered)
    looked_at(terminal, DRAWN)
    terminal.send("I")
    comes(terminal, f"絵{number:05}")
    terminal.until(lambda: any(words in line for line in terminal.lines() for words in ("この端末の画像表示", "粗い絵です")))
    terminal.send("x")
    terminal.until(lambda: not terminal.drawn and any("下書き 1/300" in line for line in terminal.lines()))
    assert others(whole(terminal.raw, DRAWN), DRAWN) == []
    assert terminal.errors == []


def test_the_scanner_sees_what_is_not_a_picture_of_ours() -> None:
    for evil in (
        "\x1b_Ga=t,t=f,f=100;L2V0Yy9wYXNzd2Q=\x1b\\",
        "\x1b_Ga=d\x1b\\",
        "\x1bPq#0~\x1b\\",
        "\x1bP+q544e\x1b\\",
        "\x1b]1337;x\x07",
    ):
        assert others(f"よ{evil}い", DRAWN), repr(evil)


def comes(terminal: Terminal, mark: str) -> None:
    """Wait for a mark, whose digits may be painted in pieces: on the screen."""
    terminal.until(lambda: any(mark in line.replace(" ", "") for line in terminal.lines()))


def looked_at(terminal: Terminal, own: re.Pattern[str] = OURS) -> None:
    """Forget what has come, but for the piece of a sequence or a character at its end: its rest is still to come."""
    terminal.raw = terminal.raw[len(whole(terminal.raw, own).encode()) :]


def whole(raw: bytes, own: re.Pattern[str] = OURS) -> str:
    """What came, without the piece of a sequence or a character at its end."""
    text = raw.decode("utf-8", "ignore")
    last = text.rfind("\x1b")
    return text if last < 0 or own.match(text, last) else text[:last]
