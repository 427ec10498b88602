"""An office as a service of a real systemd: started, watched, killed and back, and closed to whoever is none of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys

from tests.service.exposition import families
from tests.service_manager.booted import KOHOBAN, LOGINS, OFFICE, Machine, until

HELLO = f"""
import time
from pathlib import Path
from tests.service.live_office import Caller
from daemon.wire import Status, StatusAnswer
began = time.perf_counter()
with Caller(Path("{OFFICE}/state")) as caller:
    caller.hello({{who!r}})
    answer = caller.ask(Status(), StatusAnswer)
print(time.perf_counter() - began, answer.gate.stopped)
"""


HOLD_ALL_BUT_THE_LOOP = """
import ctypes, os, sys, time
ptrace = ctypes.CDLL(None, use_errno=True).ptrace
ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
SEIZE, INTERRUPT, DETACH, ALL = 0x4206, 0x4207, 17, 0x40000000
first = sys.argv[1]
def wakes():
    return next(line for line in open(f"/proc/{first}/task/{first}/status") if line.startswith("voluntary"))
while True:
    since = time.monotonic()
    held = []
    for thread in [int(thread) for thread in os.listdir(f"/proc/{first}/task") if thread != first]:
        if ptrace(SEIZE, thread, None, None) != 0 and ctypes.get_errno() == 3:
            continue  # it has just ended
        held.append(thread)
        assert ptrace(INTERRUPT, thread, None, None) == 0
        os.waitpid(thread, ALL)
    before = wakes()
    time.sleep(0.7)
    if wakes() != before:
        break
    for thread in held:  # one of them was held with the interpreter in its hands
        ptrace(DETACH, thread, None, None)
print("held", since, flush=True)
try:
    while True:
        os.waitpid(-1, ALL)
except ChildProcessError:
    pass
"""
"""What a debugger does, to every thread but the first: they stand still, and only they."""


def numbers(machine: Machine) -> dict[str, float]:
    """The office in numbers, as its file for Prometheus has them."""
    text = machine.inside(OFFICE / "state" / "metrics.prom").read_text()
    return {sample.name: sample.value for family in families(text) for sample in family.samples if not sample.labels}


def is_back(machine: Machine, before: int) -> int:
    """Wait until another daemon than `before` answers; its process."""
    pid = until(lambda: machine.pid() not in (0, before) and machine.pid(), "another daemon")
    until(lambda: machine.status().get("daemon") == "up", "an office that answers")
    return pid


def resume(machine: Machine) -> None:
    """As a manager does who has been shown the code."""
    code = json.loads(machine.kohoban("resume", "--json", "--operator", "shibata", login="kohoban", check=False))["code"]
    machine.kohoban("resume", "--code", code, "--reason", "test", "--operator", "shibata", login="kohoban")


def test_it_says_that_it_is_ready_and_how_it_stands_in_words(installed: Machine) -> None:
    seen = until(
        lambda: (
            (found := installed.shown("kohoban.service", "ActiveState", "StatusText", "Type", "WatchdogUSec"))[
                "StatusText"
            ].startswith("稼働")
            and found
        ),
        "a state in words",
    )
    assert (seen["ActiveState"], seen["Type"], seen["WatchdogUSec"]) == ("active", "notify", "2s")
    until(lambda: "承認待ち" in installed.shown("kohoban.service", "StatusText")["StatusText"], "the queue in words")


def test_the_daemon_keeps_a_reader_of_drafts_off_by_a_lease_and_can_do_nothing_else_of_roots(installed: Machine) -> None:
    status = installed.inside(f"/proc/{installed.pid()}/status").read_text()
    assert re.search(r"CapEff:\s*0000000010000000\n", status), "CAP_LEASE alone"
    assert "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status
    assert re.search(rf"Uid:\t{LOGINS['kohoban']}\t", status)


def test_it_is_as_closed_as_the_documents_say(installed: Machine) -> None:
    said = installed.run("systemd-analyze", "security", "--no-pager", "kohoban.service", "kohoban-releaser.service")
    assert {name: float(score) for name, score in re.findall(r"exposure level for (\S+): ([\d.]+)", said)}.items() <= {
        "kohoban.service": 1.0,
        "kohoban-releaser.service": 1.5,
    }.items()


def test_a_daemon_that_is_killed_is_back_with_the_permit_as_it_found_it(installed: Machine) -> None:
    for stopped in (True, False):
        if stopped:
            installed.kohoban("stop", login="shibata")
        else:
            resume(installed)
        pid = installed.pid()
        installed.run("kill", "-9", str(pid))
        is_back(installed, pid)
        assert installed.status()["stopped"] is stopped


def test_the_first_caller_starts_an_office_that_does_not_run(installed: Machine) -> None:
    installed.run("systemctl", "stop", "kohoban.service")
    until(lambda: installed.pid() == 0, "no daemon")
    assert installed.inside(OFFICE / "state" / "socket").is_socket(), "its socket stays"
    assert "False" in installed.python(HELLO.format(who="shibata"), login="kohoban")


def test_whoever_calls_between_two_daemons_waits_and_is_answered(installed: Machine) -> None:
    for _ in range(3):
        pid = installed.pid()
        installed.run("kill", "-9", str(pid))
        assert "False" in installed.python(HELLO.format(who="shibata"), login="kohoban")
        is_back(installed, pid)


def test_a_daemon_that_is_halted_is_killed_and_back(installed: Machine) -> None:
    pid = installed.pid()
    installed.run("kill", "-STOP", str(pid))
    is_back(installed, pid)
    until(lambda: "Watchdog timeout" in installed.journal(), "a line in the journal")


def test_threads_that_hang_are_noticed_though_the_loop_goes_on(installed: Machine) -> None:
    for _ in range(5):  # a thread may be held with something in its hands that the loop needs; then the loop hangs, too
        pid = installed.pid()
        until(
            lambda: installed.shown("kohoban.service", "StatusText")["StatusText"].startswith(("稼働", "停止")),
            "an office at work",
        )
        holding = subprocess.Popen(installed.on(sys.executable, "-c", HOLD_ALL_BUT_THE_LOOP, str(pid)), stdout=subprocess.PIPE)
        with holding:
            assert holding.stdout is not None and holding.stdout.readline().startswith(b"held ")
            is_back(installed, pid)
        if "Watchdog request" in (said := installed.journal()):
            break
    # On a machine that is busy enough, the two seconds may be over before the daemon has come to say so of itself.
    assert '"event": "hung"' in said and "Watchdog request" in said or "Watchdog timeout" in said, said


def test_the_stop_works_while_the_daemon_comes_and_goes(installed: Machine) -> None:
    pid = installed.pid()
    installed.run("kill", "-9", str(pid))
    said = json.loads(installed.kohoban("stop", "--json", login="shibata"))
    assert said["stopped"] is True and said["silent_ms"] is not None
    is_back(installed, pid)
    assert installed.status()["stopped"] is True
    assert numbers(installed)["kohoban_up"] == 1
    until(lambda: numbers(installed)["kohoban_stopped"] == 1, "a stop in the numbers")


def test_who_is_none_of_its_people_gets_no_further_than_the_door(installed: Machine) -> None:
    code, said = installed.code(KOHOBAN, "--office", str(OFFICE), "status", login="stranger")
    assert code != 0
    assert "Traceback" not in said
    refused = "import socket; socket.socket(socket.AF_UNIX).connect('/srv/kohoban/state/socket')"
    assert "PermissionError" in installed.code("python3", "-c", refused, login="stranger")[1]


def test_the_releaser_runs_under_its_own_login_and_reaches_the_daemon(installed: Machine) -> None:
    until(lambda: numbers(installed).get("kohoban_releaser_up") == 1, "a releaser on the line")
    pid = installed.pid("kohoban-releaser.service")
    assert installed.inside(f"/proc/{pid}/status").read_text().split("Uid:\t")[1].startswith(f"{LOGINS['kohoban-out']}\t")
    hand = installed.inside(OFFICE / "state" / "hand.pid")
    until(lambda: hand.read_text().split()[:1] == [str(pid)], "its number beside the gate")


def test_an_office_whose_rules_are_broken_says_so_to_callers_and_comes_back_by_itself(installed: Machine) -> None:
    rules = installed.inside(OFFICE / "rules.toml")
    good = rules.read_text()
    pid = installed.pid()
    try:
        rules.write_text(good + "\n[[accounts]\n")
        installed.run("kill", "-9", str(pid))
        code, said = until(
            lambda: (seen := installed.code(KOHOBAN, "--office", str(OFFICE), "status", login="kohoban"))[0] == 4 and seen,
            "a reason",
        )
        assert "rules.toml" in said
        until(lambda: "誤り" in installed.shown("kohoban.service", "StatusText")["StatusText"], "the same in its state")
    finally:
        rules.write_text(good)
    is_back(installed, pid)


def test_a_notice_leaves_by_the_postman_which_may_do_what_the_daemon_may_not(installed: Machine) -> None:
    letters = installed.inside("/srv/letters")
    letters.mkdir()
    installed.run("chown", "kohoban:kohoban-op", "/srv/letters")
    rules = installed.inside(OFFICE / "rules.toml")
    hook = '\n[notices]\nhook = ["/usr/bin/tee", "-a", "/srv/letters/all"]\n'
    rules.write_text(rules.read_text() + hook)
    said = installed.kohoban("service", "install")
    assert "kohoban-postman.socket" in said
    pid = installed.pid()
    installed.run("systemctl", "restart", "kohoban.service")
    is_back(installed, pid)
    installed.kohoban("notices", "test", "shibata", "--operator", "shibata", login="kohoban")
    until(lambda: (letters / "all").exists() and "shibata" in (letters / "all").read_text(), "a letter")


def test_a_stop_is_drilled_also_by_a_daemon_that_is_closed(installed: Machine) -> None:
    resume(installed)
    said = json.loads(installed.kohoban("drill", "--json", "--operator", "shibata", login="kohoban"))
    assert said["passed"] and said["silent_ms"] is not None, said


def test_a_backup_goes_where_it_was_allowed_and_nowhere_else(installed: Machine) -> None:
    installed.run("install", "-d", "-o", "kohoban", "-g", "kohoban-op", "/var/backups/kohoban", "/var/backups/other")
    installed.kohoban("service", "install", "--write", "/var/backups/kohoban")
    pid = installed.pid()
    installed.run("systemctl", "restart", "kohoban.service")
    is_back(installed, pid)
    installed.kohoban("backup", "/var/backups/kohoban/a.kohoban", "--operator", "shibata", login="kohoban")
    assert installed.inside("/var/backups/kohoban/a.kohoban").stat().st_size > 10_000
    code, said = installed.code(
        KOHOBAN, "--office", str(OFFICE), "backup", "/var/backups/other/a.kohoban", "--operator", "shibata", login="kohoban"
    )
    assert code != 0
    assert "Traceback" not in said and "/var/backups/other" in said


def test_doctor_finds_the_service_as_it_should_be_and_a_unit_that_was_changed(installed: Machine) -> None:
    def service() -> dict[str, str]:
        code, said = installed.code(KOHOBAN, "--office", str(OFFICE), "doctor", "--json")
        found: dict[str, str] = next(each for each in json.loads(said[said.index("{") :])["checks"] if each["name"] == "service")
        return found

    assert service()["level"] == "ok", service()
    unit = installed.inside("/etc/systemd/system/kohoban.service")
    good = unit.read_text()
    unit.write_text(good.replace("ProtectProc=default", "ProtectProc=invisible"))
    try:
        assert service()["level"] == "bad" and "kohoban.service" in service()["said"]
    finally:
        unit.write_text(good)


def test_an_orderly_end_is_told_to_the_numbers(installed: Machine) -> None:
    installed.run("systemctl", "stop", "kohoban.service")
    assert numbers(installed)["kohoban_up"] == 0
    installed.run("systemctl", "start", "kohoban.service")
    until(lambda: numbers(installed).get("kohoban_up") == 1, "an office that is up")


def lies(machine: Machine) -> list[str]:
    """What lies in the folders of the drafts, but for what the daemon is just writing there."""
    found = (path.relative_to(machine.inside(OFFICE)) for path in machine.inside(OFFICE / "drafts").rglob("*"))
    return sorted(str(path) for path in found if not path.name.startswith("."))


def test_taken_away_it_leaves_the_office_as_it_is(installed: Machine) -> None:
    before = lies(installed)
    installed.kohoban("service", "uninstall")
    assert installed.pid() == 0
    for path in ("/etc/systemd/system/kohoban.service", "/etc/tmpfiles.d/kohoban.conf"):
        assert not installed.inside(path).exists()
    assert lies(installed) == before
    assert installed.inside(OFFICE / "state" / "store" / "kohoban.db").exists()
