"""`kohoban stop`, as a process of its own: it stops whatever state the daemon is in, and says what it knows."""

from __future__ import annotations

import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.gate import Gate
from daemon.release.permit import Keeper, put
from daemon.wire import Ask, Done, Frame, Hello, InFlight, Refusal, Reply, Stopped, StopState, decode_frame, encode_frame
from daemon.wire.answers import AnyAnswer
from daemon.wire.frames import Bye
from daemon.wire.place import address

CALM = "from console.cli import stop_news; stop_news.SIGN_OF_LIFE = 20"
"""However busy the machine that tests, the daemon's end of the line (a thread of the test) comes to its turn."""
KOHOBAN = [sys.executable, "-c", f"import sys; {CALM}; from console.launch import main; sys.exit(main())"]
RULES = '[[accounts]]\nid = "minato-x"\nplatform = "x"\n[[accounts]]\nid = "minato-line"\nplatform = "line"\n'


@pytest.fixture
def office(state: Path) -> Path:
    (state.parent / "rules.toml").write_text(RULES)
    return state.parent


def stop(office: Path, *options: str, lang: str = "ja") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KOHOBAN_LANG": lang, "PYTHONUTF8": "1"}
    return subprocess.run(
        [*KOHOBAN, "stop", "--office", str(office), *options], capture_output=True, text=True, check=False, env=environment
    )


def in_flight(state: Path, *flying: tuple[int, str, str]) -> None:
    """The daemon's list of what had begun: draft, holder, title."""
    listed = [
        {"draft": draft, "holder": holder, "title": title, "since": "2026-11-21T10:00:00+09:00"}
        for draft, holder, title in flying
    ]
    put(state / "flight", json.dumps({"schema": 1, "in_flight": listed}).encode())


class Desk(threading.Thread):
    """The daemon's end of the socket, in the daemon's own words (`daemon.wire`): gives one answer to one act."""

    def __init__(self, state: Path, answer: Callable[[Ask], list[Frame]]) -> None:
        super().__init__()
        self.heard: list[Frame] = []
        self._answer = answer
        self._listener = socket.socket(socket.AF_UNIX)
        with address(state) as place:
            self._listener.bind(place)
        self._listener.listen()
        self.start()

    def run(self) -> None:
        line, _ = self._listener.accept()
        with line, self._listener, line.makefile("rwb") as both:
            for _ in range(2):
                self.heard.append(decode_frame(both.readline()))
            ask = self.heard[1]
            assert isinstance(ask, Ask)
            for frame in self._answer(ask):
                both.write(encode_frame(frame))


def reply(answer: AnyAnswer) -> Callable[[Ask], list[Frame]]:
    return lambda ask: [Reply(id="someone-else's", answer=Done()), Reply(id=ask.id, answer=answer)]


@pytest.mark.clause("saitama/11", "shinagawa/欠.緊急停止")
def test_it_stops_without_any_daemon(office: Path, state: Path) -> None:
    done = stop(office, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["schema"] == 1
    assert said["stopped"] is True
    assert 0 < said["latched_ms"] <= said["silent_ms"]
    assert (said["why"], said["daemon_told"]) == ("", False)
    assert (said["in_flight"], said["in_flight_known"]) == ([], False)  # no daemon has ever written its list
    assert not Gate(state).look().open


def test_it_speaks_to_people_in_their_language(office: Path) -> None:
    ja, en = stop(office), stop(office, lang="en_GB.UTF-8")
    assert ja.returncode == en.returncode == 0
    assert "停止しました（すべて）" in ja.stdout
    assert "resume" in ja.stdout
    assert "Stopped (everything)" in en.stdout


def test_status_knows_who_stopped_and_since_when_without_any_daemon(office: Path) -> None:
    def status(*options: str) -> str:
        done = subprocess.run(
            [*KOHOBAN, "status", "--office", str(office), *options],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "KOHOBAN_LANG": "ja"},
        )
        assert done.returncode == 3
        return done.stdout

    assert "停止の印はありません" in status()
    stop(office, "minato-x")
    assert "一部停止中: minato-x" in status()
    stop(office)
    login = pwd.getpwuid(os.getuid()).pw_name
    assert f"停止した人 {login}" in status()
    said = json.loads(status("--json"))
    assert (said["stopped"], said["gate"]["by"], said["gate"]["scopes"]) == (True, login, ["all", "minato-x"])
    assert said["gate"]["since"]


def test_help_comes_in_both_languages_and_stops_nothing(office: Path, state: Path) -> None:
    assert "使い方" in stop(office, "--help").stdout
    assert "Usage" in stop(office, "--help", lang="en").stdout
    assert Gate(state).look().open


@pytest.mark.parametrize("typed", [("--scope", "minato-x"), ("--scope=minato-x",), ("minato-x",), ("--scope", "Minato-X")])
def test_a_scope_stops_one_account(office: Path, state: Path, typed: tuple[str, ...]) -> None:
    done = stop(office, *typed, "--reason", "誤投稿")
    assert done.returncode == 0, done.stderr
    assert not Gate(state).look("minato-x", "x").open
    assert Gate(state).look("minato-line", "line").open


@pytest.mark.parametrize("scope", ["line", "actions", "all"])
def test_a_platform_and_the_actions_are_scopes(office: Path, scope: str) -> None:
    assert stop(office, "--scope", scope).returncode == 0


@pytest.mark.parametrize(
    "typed", [("--scope", "minto-x"), ("--scope", "../../etc"), ("--sope", "x"), ("--scope",), ("x", "line"), ("--scope", "")]
)
def test_what_it_does_not_understand_is_said_loudly_to_have_stopped_nothing(
    office: Path, state: Path, typed: tuple[str, ...]
) -> None:
    done = stop(office, *typed)
    assert done.returncode == 2
    assert "停止していません" in done.stderr
    assert "Traceback" not in done.stderr
    assert Gate(state).look().open
    assert json.loads(stop(office, *typed, "--json").stdout)["stopped"] is False


def test_a_scope_that_nobody_has_names_those_that_there_are(office: Path) -> None:
    assert "minato-x" in stop(office, "minto-x").stderr


@pytest.mark.parametrize("rules", [None, b"[[accounts", b"\xff\xfe", b"accounts = 3", b"[[accounts]]\nid = 3"])
def test_a_broken_rules_file_does_not_keep_a_scope_from_stopping(office: Path, state: Path, rules: bytes | None) -> None:
    (office / "rules.toml").unlink()
    if rules is not None:
        (office / "rules.toml").write_bytes(rules)
    done = stop(office, "--scope", "3" if rules and b"id = 3" in rules else "minato-x")
    assert done.returncode == 0, done.stderr
    assert Gate(state).look().scopes


def test_a_folder_that_is_no_office_is_not_called_stopped(tmp_path: Path) -> None:
    done = stop(tmp_path / "nowhere")
    assert done.returncode == 2
    assert "--office" in done.stderr


def test_the_office_may_come_from_the_environment_and_lie_deep(tmp_path: Path) -> None:
    deep = tmp_path / ("深い" * 20) / ("フォルダ" * 10)
    state = deep / "state"
    state.mkdir(parents=True)
    Keeper(state).after_boot()
    Keeper(state).grant(1)
    desk = Desk(state, reply(StopState(stopped=True)))
    environment = {**os.environ, "KOHOBAN_OFFICE": str(deep)}
    done = subprocess.run([*KOHOBAN, "stop", "--json"], capture_output=True, text=True, check=False, env=environment)
    desk.join(5)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["daemon_told"] is True


def test_it_tells_the_daemon_and_passes_on_what_was_in_flight(office: Path, state: Path) -> None:
    flight = (
        InFlight(draft=12, holder="sato", outcome="unknown"),
        InFlight(draft=13, holder="ito", outcome="prevented", title="給水のお知らせ"),
    )
    desk = Desk(state, reply(StopState(stopped=True, in_flight=flight)))
    said = json.loads(stop(office, "--json", "--reason", "誤った避難情報", "--operator", "sato").stdout)
    desk.join(5)
    hello, ask = desk.heard
    assert isinstance(hello, Hello)
    assert (hello.client, hello.operator) == ("stop", "sato")
    assert isinstance(ask, Ask)
    assert ask.act == Stopped(scope="all", reason="誤った避難情報")
    assert said["daemon_told"] is True
    assert said["in_flight_known"] is True
    assert said["in_flight"] == [
        {"draft": 12, "holder": "sato", "title": "", "outcome": "unknown"},
        {"draft": 13, "holder": "ito", "title": "給水のお知らせ", "outcome": "prevented"},
    ]


@pytest.mark.parametrize(
    "answer",
    [
        lambda ask: [Bye(refusal=Refusal(code="not_on_register", message="いいえ", message_en="no"))],
        lambda ask: [Reply(id=ask.id, answer=Refusal(code="internal", message="x", message_en="x"))],
        lambda ask: [],
    ],
    ids=["turned away", "refused", "hung up"],
)
def test_a_daemon_that_will_not_listen_changes_nothing_about_the_stop(
    office: Path, state: Path, answer: Callable[[Ask], list[Frame]]
) -> None:
    in_flight(state, (5, "sato", "給水"))
    desk = Desk(state, answer)
    said = json.loads(stop(office, "--json").stdout)
    desk.join(5)
    assert said["stopped"] is True
    assert said["daemon_told"] is False
    assert said["in_flight"] == [{"draft": 5, "holder": "sato", "title": "給水", "outcome": "unknown"}]


@pytest.mark.clause("saitama/11")
def test_without_a_daemon_the_list_says_what_had_begun_and_whom_to_call(office: Path, state: Path) -> None:
    in_flight(state, (1, "sato", "避難所の開設について"), (2, "daemon", ""))
    said = json.loads(stop(office, "--json").stdout)
    assert said["in_flight_known"] is True
    assert [(one["draft"], one["holder"], one["title"], one["outcome"]) for one in said["in_flight"]] == [
        (1, "sato", "避難所の開設について", "unknown"),
        (2, "daemon", "", "unknown"),
    ]
    text = stop(office).stdout
    assert "下書き 1「避難所の開設について」　不明　担当 sato に確かめてください" in text
    assert "下書き 2　不明　広報番が発信したものです" in text
    assert "ask sato" in stop(office, lang="en").stdout


def test_a_long_list_is_read_to_its_end(office: Path, state: Path) -> None:
    in_flight(state, *((number, "sato", "題" * 80) for number in range(400)))
    assert len(json.loads(stop(office, "--json").stdout)["in_flight"]) == 400


@pytest.mark.parametrize(
    "content", [b"", b"not JSON, " * 100, b"[]", b"{}", b'{"in_flight": [3]}', b'{"in_flight": 3}', b"\xff\xfe"]
)
def test_a_list_that_cannot_be_read_is_not_called_empty(office: Path, state: Path, content: bytes) -> None:
    put(state / "flight", content)
    done = stop(office)
    assert done.returncode == 0
    assert "発信の途中だったものは分かりません（state/flight が読めません）" in done.stdout


@pytest.mark.parametrize(
    "damage", [os.mkdir, os.mkfifo, lambda path: os.symlink("/dev/zero", path)], ids=["folder", "fifo", "link"]
)
def test_a_list_that_is_not_the_daemons_own_file_is_not_believed(
    office: Path, state: Path, damage: Callable[[Path], None]
) -> None:
    damage(state / "flight")
    done = stop(office)
    assert done.returncode == 0
    assert "発信の途中だったものは分かりません（state/flight" in done.stdout


def test_a_holders_name_cannot_play_with_the_terminal(office: Path, state: Path) -> None:
    in_flight(state, (1, "\x1b[2J\x1b]0;x\x07\u202egnp", "\x1b[31m\r\u2066"))
    text = stop(office).stdout
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "下書き 1" in text


def test_a_daemon_that_is_halted_holds_nobody_up_and_finds_the_stop_when_it_goes_on(office: Path, state: Path) -> None:
    """The socket takes the connection and nobody reads it: what a SIGSTOPped daemon looks like. (However long the patience.)"""
    in_flight(state, (5, "sato", "給水"))
    code = (
        "import os, signal, socket, sys; s = socket.socket(socket.AF_UNIX); os.chdir(sys.argv[1]); s.bind('socket'); s.listen();"
        "print('up', flush=True); os.kill(os.getpid(), signal.SIGSTOP); print(s.accept()[0].recv(9999).decode())"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(state)], stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        assert daemon.stdout.readline() == "up\n"
        os.waitpid(daemon.pid, os.WUNTRACED)
        done = stop(office, "--json", "--reason", "誤投稿")
        daemon.send_signal(signal.SIGCONT)
        heard = daemon.stdout.read()
    said = json.loads(done.stdout)
    assert (said["stopped"], said["daemon_told"]) == (True, False)
    assert said["in_flight"] == [{"draft": 5, "holder": "sato", "title": "給水", "outcome": "unknown"}]
    assert json.loads(heard.splitlines()[1])["act"] == {"act": "stopped", "scope": "all", "reason": "誤投稿"}
    assert not Gate(state).look().open


def test_a_hand_that_hangs_is_killed_by_the_command(office: Path, stuck_hand: subprocess.Popen[str]) -> None:
    said = json.loads(stop(office, "--json").stdout)
    assert said["silent_ms"] is not None
    assert stuck_hand.wait(60) == -signal.SIGKILL


def test_a_state_in_which_nothing_can_be_changed_is_not_called_stopped(office: Path, state: Path) -> None:
    if os.geteuid() == 0:
        gate = state / "gate"
        for folder in (gate, state):
            if subprocess.run(["chattr", "+i", folder], capture_output=True, check=False).returncode:
                pytest.skip("this file system has no immutable folders, and root may write everywhere else")
        try:
            done = stop(office, "--json")
        finally:
            for folder in (state, gate):
                subprocess.run(["chattr", "-i", folder], check=True)
    else:
        (state / "gate").chmod(0o500)
        state.chmod(0o500)
        done = stop(office, "--json")
        state.chmod(0o700)
        (state / "gate").chmod(0o700)
    assert done.returncode == 2
    said = json.loads(done.stdout)
    assert (said["stopped"], said["latched_ms"], said["silent_ms"]) == (False, None, None)
    assert "state/gate/RUN: 許されていません" in said["why"] or "state/gate/RUN: 読み書きの権限がありません" in said["why"]
    assert "state/STOP" in said["why"]
    assert Gate(state).look().open


def test_the_process_imports_nothing_that_can_be_slow_or_broken(office: Path) -> None:
    code = (
        "import sys; from console.launch import run; run(['stop', '--office', sys.argv[1], '--json']);"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(office)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["stopped"] is True
    loaded = set(done.stderr.split())
    assert loaded.isdisjoint({"sqlite3", "pathlib", "socket", "datetime", "shlex"}), "and nothing that takes its time"
    assert loaded.isdisjoint({"asyncio", "textual", "click", "msgspec", "argparse", "structlog", "rich", "importlib_metadata"})
