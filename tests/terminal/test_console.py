"""The console on a real terminal: what is sent to it, what it takes, and the stop key while the console hangs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ptys import F12, Terminal, console, press_twice

from daemon.gate import Gate
from daemon.release.permit import Keeper

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CTRL_BACKSLASH = "\x1c"
stop_keys = pytest.mark.parametrize("key", [F12, CTRL_BACKSLASH], ids=["F12", "Ctrl+Backslash"])


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """An office whose gate is open, and whose daemon is dead."""
    (tmp_path / "state" / "gate").mkdir(parents=True)
    assert Keeper(tmp_path / "state").grant(1).open
    return tmp_path


def test_it_comes_up_without_a_daemon_and_says_that_it_knows_nothing(office: Path) -> None:
    with console(office) as terminal:
        terminal.shows("停止状態は不明")
        terminal.shows("F12 F12 停止")
        assert not any("運用中" in line for line in terminal.lines())


def test_it_asks_the_terminal_for_no_mouse_and_no_kitty_keys(office: Path) -> None:
    with console(office) as terminal:
        terminal.shows("停止状態は不明")
        assert b"\x1b[?1003h" not in terminal.raw
        assert not re.search(rb"\x1b\[>\d+u", terminal.raw)


@stop_keys
def test_the_stop_key_stops_while_the_console_hangs(office: Path, key: str) -> None:
    """Its event loop stands still for as long as a file lies there."""
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom console.tui import main, news\n"
        "tick, office = news.News.tick, Path(sys.argv[1])\n"
        "def hang(self):\n"
        "    while (office / 'hang').exists(): (office / 'hangs').touch(); time.sleep(0.01)\n"
        "    return tick(self)\n"
        "news.News.tick = hang\n"
        "sys.exit(main.run(office))"
    )
    env = {**os.environ, "TERM": "xterm-256color", "KOHOBAN_LANG": "ja"}
    with Terminal([sys.executable, "-c", code, str(office)], env) as terminal:
        terminal.shows("停止状態は不明")
        (office / "hang").touch()
        terminal.until((office / "hangs").exists)
        press_twice(terminal, key, Gate(office / "state"))
        (office / "hang").unlink()
        terminal.shows("緊急停止中")


@pytest.mark.parametrize(
    "said",
    [
        "\x1b[1;1:3A",  # a key let go, as terminals say it whose last program has left that mode on
        "\x1b[97:65;2u",
        "\x1b[1114112u",
        "\x1b[99999999999999999999u",
        "\x1b[55296u",
        "\x1b[48;60000;60000;0;0t",  # a size of the window
        "\x1b[6;20;10t" * 2000,
        "\x1b[0n" * 5000,
        "\x1b[" + "1;" * 40_000,
    ],
    ids=["let-go", "shifted", "beyond", "overflow", "half", "vast", "cells", "alive", "endless"],
)
def test_the_stop_key_stops_whatever_the_terminal_has_said_before(office: Path, said: str) -> None:
    with console(office) as terminal:
        terminal.shows("F12 F12 停止")
        terminal.send("?")
        terminal.shows("打つ名前")
        for start in range(0, len(said), 2048):
            terminal.send(said[start : start + 2048])
            terminal.read(0.02)
        terminal.settle(0.6)  # what is torn counts as ended then
        press_twice(terminal, F12, Gate(office / "state"))
        terminal.shows("停止しました")


def test_bytes_that_are_no_utf8_are_dropped_and_told(office: Path) -> None:
    with console(office) as terminal:
        terminal.shows("停止状態は不明")
        os.write(terminal.fd, "承認".encode("cp932"))
        terminal.shows("UTF-8")
        terminal.send("?")
        terminal.shows("キー一覧")


def test_without_colour_it_sends_no_colour_and_still_marks_what_is_chosen(office: Path) -> None:
    with console(office, {"NO_COLOR": "1"}) as terminal:
        terminal.shows("停止状態は不明")
        terminal.send("?")
        terminal.shows("のキー")
        terminal.until(lambda: any(line.startswith(" > ") for line in terminal.lines()))
        assert not re.search(rb"\x1b\[[0-9;]*[34]8;[25];", terminal.raw)


def test_a_terminal_that_draws_ambiguous_characters_wide_is_measured(office: Path) -> None:
    from console.tui.width import ambiguous_columns

    read, write = os.openpty()
    try:
        os.write(read, b"\x1b[1;3R\n")
        assert ambiguous_columns(write, write) == (2, b"\n"), "and what was typed behind it is kept"
    finally:
        os.close(read)
        os.close(write)


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"TERM": ""}])
def test_a_terminal_that_can_show_nothing_is_refused_with_the_way_on(office: Path, env: dict[str, str]) -> None:
    with console(office, env) as terminal:
        assert terminal.ended() == 2
        assert "kohoban status" in terminal.raw.decode()


def test_without_a_terminal_it_is_refused_with_the_way_on(office: Path) -> None:
    code = "import sys; from pathlib import Path; from console.tui.main import run; sys.exit(run(Path(sys.argv[1])))"
    done = subprocess.run([sys.executable, "-c", code, str(office)], input="", capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "kohoban" in done.stderr
    assert "Traceback" not in done.stderr


def test_quitting_leaves_the_terminal_as_it_was(office: Path) -> None:
    with console(office) as terminal:
        terminal.shows("停止状態は不明")
        terminal.send("q")
        terminal.shows("画面を閉じます")
        time.sleep(0.5)
        terminal.send("y")
        assert terminal.ended() == 0
        assert b"\x1b[23;2t" in terminal.raw  # the tab's own title
        assert terminal.raw.rstrip().endswith((b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1004l"))


def test_a_window_made_small_and_large_again_shows_the_whole_screen(office: Path) -> None:
    with console(office, {"COLUMNS": "", "LINES": ""}) as terminal:  # they would be believed before the window itself
        terminal.shows("下書き（まだ読めていません）")
        terminal.resize(40, 10)
        terminal.until(lambda: "F12 F12 停止" in terminal.lines()[9] and "停止状態は不明" in terminal.lines()[0])
        terminal.resize(80, 24)
        terminal.until(
            lambda: "F12 F12 停止" in terminal.lines()[23] and any("本文のはじめ" in line for line in terminal.lines())
        )


def test_an_error_shows_a_number_and_no_traceback(office: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom console.tui import main, news\n"
        "def fail(self): raise RuntimeError('内緒の名前')\n"
        "news.News.tick = fail\n"
        "sys.exit(main.run(Path(sys.argv[1])))"
    )
    env = {**os.environ, "TERM": "xterm-256color", "KOHOBAN_LANG": "ja"}
    with Terminal([sys.executable, "-c", code, str(office)], env) as terminal:
        assert terminal.ended() == 2
        said = terminal.raw.decode(errors="replace")
        assert "事件番号" in said
        assert "Traceback" not in said
        assert len(list((office / "state").glob("console-*.log"))) == 1


def test_an_escape_that_comes_with_the_next_key_still_cancels(office: Path) -> None:
    with console(office) as terminal:
        terminal.shows("停止状態は不明")
        terminal.send("q")
        terminal.shows("画面を閉じます")
        terminal.send("\x1by")
        terminal.until(lambda: not any("画面を閉じます" in line for line in terminal.lines()))
        terminal.send("?")
        terminal.shows("キー一覧")


@pytest.mark.parametrize("kind", ["vt100", "xterm-mono"])
def test_a_terminal_without_colours_is_sent_none_and_still_marks_what_is_chosen(office: Path, kind: str) -> None:
    with console(office, {"TERM": kind, "COLORTERM": ""}) as terminal:
        terminal.shows("停止状態は不明")
        terminal.send("?")
        terminal.shows("のキー")
        terminal.until(lambda: any(line.startswith(" > ") for line in terminal.lines()))
        colours = [part for sgr in re.findall(rb"\x1b\[([0-9;]*)m", terminal.raw) for part in sgr.split(b";")]
        assert not {b"%d" % n for n in (*range(30, 39), *range(40, 49), *range(90, 98), *range(100, 108))} & {*colours}


def test_a_terminal_of_sixteen_colours_is_sent_no_others(office: Path) -> None:
    with console(office, {"TERM": "linux", "COLORTERM": ""}) as terminal:
        terminal.shows("停止状態は不明")
        terminal.until(lambda: re.search(rb"\x1b\[[0-9;]*4[0-7m]", terminal.raw))
        terminal.settle()
        assert not re.search(rb"\x1b\[[0-9;]*[34]8;[25];", terminal.raw)


def test_a_terminal_of_all_colours_is_sent_those_of_the_palette(office: Path) -> None:
    with console(office, {"COLORTERM": "truecolor"}) as terminal:
        terminal.shows("停止状態は不明")
        terminal.until(lambda: re.search(rb"\x1b\[[0-9;]*48;5;", terminal.raw))
        terminal.settle()
        assert not re.search(rb"\x1b\[[0-9;]*[34]8;2;", terminal.raw)


LENT = "import console.tui.writer as w; w._opened_again = lambda fd: None; "


@pytest.mark.parametrize("before", ["", LENT], ids=["an opening of its own", "the shell's"])
def test_the_terminal_waits_again_for_the_shell_when_the_console_has_ended(office: Path, before: str) -> None:
    run = f"import sys; {before}from pathlib import Path; from console.tui.main import run; sys.exit(run(Path(sys.argv[1])))"
    waits = "import fcntl, os; print('waits', not any(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK for fd in (0, 1, 2)))"
    script = f'"$1" -c "$2" "{office}"; "$1" -c "$3"'
    env = {**os.environ, "TERM": "xterm-256color", "KOHOBAN_LANG": "ja"}
    with Terminal(["sh", "-c", script, "sh", sys.executable, run, waits], env) as terminal:
        terminal.shows("停止状態は不明")
        terminal.send("q")
        terminal.shows("画面を閉じます")
        time.sleep(0.5)
        terminal.send("y")
        terminal.shows("waits True")


@pytest.mark.parametrize("kind", ["xterm-256color", "linux"])
def test_the_tab_says_that_it_is_stopped(office: Path, kind: str) -> None:
    with console(office, {"TERM": kind}) as terminal:
        terminal.shows("停止状態は不明")
        terminal.send(F12)
        terminal.shows("もう一度")
        terminal.send(F12)
        terminal.shows("停止しました。理由")
        terminal.settle()
        titles = re.findall(r"\x1b\]2;([^\x1b]*)\x1b\\", terminal.raw.decode("utf-8", "ignore"))
        assert titles == (["停止状態は不明 - 広報番", "緊急停止中 - 広報番"] if kind.startswith("xterm") else [])
