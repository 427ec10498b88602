"""One daemon an office: a second one, a dead one's socket, and places in which none can run, each said in a sentence."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.service.spawn import NotStarted, start_detached
from daemon.wire.place import address
from tests.service.live_office import MINATO, Caller, Office, in_foreground, until

PLAIN = True


def test_a_second_daemon_of_the_office_ends_with_2_and_says_that_one_runs(office: Office) -> None:
    for lang, words in (("ja", "別の広報番が使用中"), ("en", "in use by another Kohoban")):
        ended = in_foreground(office.folder, lang)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert words in ended.stderr and str(office.state) in ended.stderr
    assert office.status().training


def refused(office: Office) -> bool:
    with socket.socket(socket.AF_UNIX) as line, address(office.state) as place:
        return line.connect_ex(place) == errno.ECONNREFUSED


def test_a_socket_that_a_dead_daemon_left_is_replaced(fresh: Office) -> None:
    fresh.kill()
    assert stat.S_ISSOCK((fresh.state / "socket").stat().st_mode)
    until(
        lambda: refused(fresh), "a socket that nobody listens on"
    )  # a child that was just being started may hold it for a moment
    fresh.start()
    assert fresh.status().training


def test_a_file_that_stands_where_the_socket_should_be_is_replaced(found: Callable[..., Office]) -> None:
    office = found()
    (office.state / "store").mkdir(parents=True)
    (office.state / "socket").write_text("left by somebody")
    (office.state / "socket.new").write_text("left half made")
    assert office.start().status().training


def test_an_office_deep_in_the_folders_is_reached_all_the_same(found: Callable[..., Office], tmp_path: Path) -> None:
    office = found(tmp_path / ("とても深いフォルダー" * 5) / ("部署" * 30))
    assert len(os.fsencode(office.state / "socket")) > 200
    office.start()
    office.drop("minato-x", "a.txt", **MINATO)
    office.row("a.txt", "waiting")


def test_told_to_end_it_says_goodbye_and_leaves_no_socket_and_no_hand(fresh: Office) -> None:
    until(lambda: (fresh.state / "hand.pid").exists(), "a hand")
    hand = int((fresh.state / "hand.pid").read_text().split()[0])
    caller = fresh.caller()
    process = fresh.process
    assert process is not None
    process.send_signal(signal.SIGTERM)
    assert caller.goodbye().code == "busy"
    assert process.wait() == 0
    assert not (fresh.state / "socket").exists()
    assert not Path(f"/proc/{hand}").exists()
    assert "Traceback" not in fresh.said()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_at_its_first_word_it_ends_in_order(found: Callable[..., Office], told: signal.Signals) -> None:
    office = found().start()
    process = office.process
    assert process is not None
    process.send_signal(told)
    assert process.wait() == 0, office.said()
    assert not (office.state / "socket").exists()
    assert "Traceback" not in office.said()
    office.process = None


def test_without_an_office_it_says_how_to_name_or_make_one(tmp_path: Path) -> None:
    ended = in_foreground(tmp_path)
    assert ended.returncode == 2
    assert "kohoban init" in ended.stderr and str(tmp_path) in ended.stderr


def test_with_broken_rules_it_does_not_start_and_names_every_line(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(
        '[office]\nname = "x"\ntrainin = true\n\n[[accounts]]\nid = "a"\npolicy = "nowhere"\nplatform = "x"\nhandle = "a"\nname = "a"\nunit = "a"\n'
    )
    ended = in_foreground(tmp_path, "en")
    assert ended.returncode == 2
    assert "rules.toml:3" in ended.stderr and "nowhere" in ended.stderr


def test_a_state_that_is_a_file_is_told_in_a_sentence(found: Callable[..., Office]) -> None:
    office = found()
    office.state.write_text("a file where the folder should be")
    ended = in_foreground(office.folder)
    assert ended.returncode == 2
    assert str(office.state) in ended.stderr


def test_a_database_of_something_else_is_left_untouched_and_told(found: Callable[..., Office]) -> None:
    office = found()
    (office.state / "store").mkdir(parents=True)
    other = b"this is the ledger of somebody else, no database at all" * 100
    (office.state / "store" / "kohoban.db").write_bytes(other)
    ended = in_foreground(office.folder)
    assert ended.returncode == 2
    assert "kohoban.db" in ended.stderr
    assert (office.state / "store" / "kohoban.db").read_bytes() == other


def test_started_beside_its_caller_it_answers_logs_and_is_reaped_when_it_ends(found: Callable[..., Office]) -> None:
    office = found()
    pid = start_detached(office.folder)
    assert office.status().training
    log = office.state / "log" / "kohoban.log"
    assert log.stat().st_mode & 0o777 == 0o640
    assert office.state.stat().st_mode & 0o777 == 0o750
    with pytest.raises(NotStarted, match="another Kohoban|別の広報番"):
        start_detached(office.folder)
    os.kill(pid, signal.SIGTERM)
    until(lambda: not Path(f"/proc/{pid}").exists(), "a child that is gone")
    for line in log.read_text("utf-8").splitlines():
        json.loads(line)


def test_a_daemon_that_cannot_start_says_why_to_whoever_starts_it(tmp_path: Path) -> None:
    with pytest.raises(NotStarted, match=r"rules\.toml"):
        start_detached(tmp_path)


def test_an_installed_office_is_told_ready_to_its_service_manager(found: Callable[..., Office], tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        os.environ["NOTIFY_SOCKET"] = str(tmp_path / "notify")
        try:
            office = found().start()
        finally:
            del os.environ["NOTIFY_SOCKET"]
        said = [manager.recv(500)]
        while said[-1] != b"READY=1":
            said.append(manager.recv(500))
        assert said[0].startswith(b"EXTEND_TIMEOUT_USEC="), "a database may take long to open"
    with Caller(office.state) as caller:
        caller.hello()
