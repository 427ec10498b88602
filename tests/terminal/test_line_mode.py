"""`kohoban --plain` on a terminal, the banner of a login, and the doctor inside tmux: what is said there, and what one line does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ptys import Terminal

from daemon.gate import Gate
from tests.service.live_office import Office, with_one_waiting

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

KOHOBAN = str(Path(sys.executable).with_name("kohoban"))
ENV = {**os.environ, "KOHOBAN_LANG": "ja", "TERM": "xterm-256color"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with with_one_waiting(tmp_path_factory.mktemp("office")) as office:
        yield office


def lines_of(office: Office, **env: str) -> Terminal:
    """The line mode as the manager who approves for minato-x, in a terminal wide enough not to break a sentence."""
    command = [KOHOBAN, "--plain", "--office", str(office.folder), "--operator", "shibata"]
    return Terminal(command, {**ENV, **env}, (200, 60))


def says(terminal: Terminal, words: str) -> None:
    wanted = words.replace(" ", "")
    terminal.until(lambda: wanted in "".join(terminal.lines()).replace(" ", ""))


def test_a_draft_is_found_read_and_approved_by_numbers_and_nothing_is_painted_over(office: Office) -> None:
    with lines_of(office) as terminal:
        says(terminal, "番号か言葉")
        says(terminal, "【運用中】")
        terminal.send("1\n")
        says(terminal, "番号で開く")
        terminal.send("1\n")
        says(terminal, "1 承認")
        terminal.send("１\n")
        says(terminal, "「１」は分かりません")
        terminal.send("1\n")
        says(terminal, "第 1 版を 承認。")
        terminal.send("ｙ\n")
        says(terminal, "何もしませんでした")
        assert {row.state for row in office.rows()} == {"waiting"}
        terminal.send("1\n")
        terminal.until(lambda: "".join(terminal.lines()).replace(" ", "").count("第1版を承認") == 2)
        terminal.send("y\n")
        says(terminal, "承認済")
        assert {row.state for row in office.rows()} <= {"approved", "scheduled"}
        terminal.send("q\n")
        assert terminal.ended() == 0
        assert b"\x1b" not in terminal.raw


@pytest.mark.parametrize("answer", ["停止\n", ":停止！\n", "\x1c", "\x1b[24~\n"], ids=["word", "wide", "Ctrl+Backslash", "F12"])
def test_a_stop_instead_of_an_answer_stops_and_drops_the_question(office: Office, answer: str) -> None:
    gate = Gate(office.folder / "state")
    states = {row.state for row in office.rows()}
    with lines_of(office) as terminal:
        says(terminal, "番号か言葉")
        terminal.send("#1\n")
        says(terminal, "番号、Enter で戻る")
        assert gate.look().open
        terminal.send(answer)
        says(terminal, "停止しました")
        assert not gate.look().open
        terminal.send("y\n")  # typed for the question that is no more: no command
        says(terminal, "コマンドはありません")
        assert {row.state for row in office.rows()} <= {*states, "held"}
    office.resume()


def test_the_stop_key_stops_while_a_command_waits_for_a_daemon_that_hangs(office: Office) -> None:
    gate, process = Gate(office.folder / "state"), office.process
    assert process is not None
    with lines_of(office) as terminal:
        says(terminal, "番号か言葉")
        process.send_signal(signal.SIGSTOP)
        try:
            terminal.send("status\n")
            terminal.until(lambda: "status" in "".join(terminal.lines()))
            terminal.settle(0.5)  # it waits for the daemon's answer by now
            assert gate.look().open
            terminal.send("\x1c\x1c")  # twice, as the key of the full screen is pressed: the second must not break the first off
            says(terminal, "停止しました")
            assert not gate.look().open
        finally:
            process.send_signal(signal.SIGCONT)
        terminal.until(lambda: "".join(terminal.lines()).count("番号か言葉 >") == 2)  # until it asks again the key is none
        terminal.send("\x1c")  # the key goes on to be one
        terminal.until(lambda: "".join(terminal.lines()).replace(" ", "").count("停止しました") == 2)
        terminal.send("q\n")
        assert terminal.ended() == 0
    office.resume()


def test_the_stop_key_stops_also_where_python_lets_no_exception_out(office: Office) -> None:
    """It is pressed while something is being cleared away: what is raised there is only told of."""
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom console.cli import line_mode\n"
        "class Odd:\n    def __del__(self): os.kill(os.getpid(), signal.SIGQUIT)\n"
        "line_mode.banner = lambda *_: Odd() and None\n"
        "sys.exit(line_mode.LineMode(Path(sys.argv[1]), 'shibata').go())"
    )
    with Terminal([sys.executable, "-c", code, str(office.folder)], ENV, (200, 60)) as terminal:
        says(terminal, "停止しました")
        assert not Gate(office.folder / "state").look().open
        says(terminal, "番号か言葉 >")
        terminal.send("q\n")
        assert terminal.ended() == 0
    office.resume()


def banner(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [KOHOBAN, "status", "--line", "--office", str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, env=ENV, check=False, timeout=120)


def test_the_banner_is_one_line_that_says_how_the_gate_stands(office: Office, tmp_path: Path) -> None:
    running = banner(office.folder)
    assert running.stdout.startswith("【運用中】")
    assert running.stdout.count("\n") == 1
    Gate(office.folder / "state").shut("all", by="test")
    assert banner(office.folder).stdout.startswith("【緊急停止中】")
    office.resume()
    (tmp_path / "rules.toml").write_bytes((office.folder / "rules.toml").read_bytes())
    dead = banner(tmp_path)
    assert dead.returncode == 3
    assert "運用中" not in dead.stdout
    assert dead.stdout.startswith("【停止状態は不明】")


@pytest.mark.parametrize(
    ("tmux", "said"), [("", "曖昧な幅の文字は 1 桁"), ("/tmp/tmux,1,0", "外側の端末が 2 桁で描くと列がずれます")]
)
def test_inside_tmux_the_doctor_says_that_the_terminal_around_it_cannot_be_asked(tmp_path: Path, tmux: str, said: str) -> None:
    env = {name: value for name, value in ENV.items() if name != "TMUX"} | ({"TMUX": tmux} if tmux else {})
    with Terminal([KOHOBAN, "doctor", "--office", str(tmp_path)], env, (300, 40)) as terminal:
        says(terminal, said)
