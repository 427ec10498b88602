"""From which terminal somebody decides, against a real sshd with PAM: the designated one may, every other one looks and stops, and
whatever is done to look like the designated one is recognised.

Not tried here: a systemd that really runs (its files and control groups are made as it makes them), a login at the machine's own
console, hidepid, and an sshd other than the installed one."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from town_hall import CGROUPS, DESK, HOME, KOHOBAN, LOGINS, OTHER, ROOT, TownHall, told, town_hall

from tests.service.live_office import draft, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CLERK, CHIEF, SAITAMA = "akasaka", "shibata", "urano"
WHEN_TOLD = "until test -e go; do sleep 0.05; done"
"""What is left behind by a login asks only when it is told to, in its home: what it is asked about has happened by then."""


@pytest.fixture(scope="module")
def machine() -> Iterator[TownHall]:
    """The machine, with the office's daemon under a login of its own, as in an installation."""
    with town_hall() as machine:
        machine.open_office()
        yield machine


@pytest.fixture
def hall(machine: TownHall) -> Iterator[TownHall]:
    """The same, with the PAM hook alone as the witness of every login to come."""
    machine.remember(hook=True, logind=False)
    yield machine


def waiting(hall: TownHall, name: str) -> int:
    """A draft of 港区's that waits for its 課長; its number. What the daemon does not know yet is asked for from the desk."""
    place = hall.folder / "office" / "drafts" / "minato-x"
    place.mkdir(parents=True, exist_ok=True)
    for path in (place.parent, place):
        os.chown(path, LOGINS["kohoban"], -1)
    (place / name).write_bytes(
        draft(f"{name} の図書館のお知らせです。児童書コーナーを2階に移しました。", author=CLERK, topic="区政情報")
    )

    def there() -> int:
        listed = hall.run(CHIEF, hall.kohoban("queue", "--json"))
        rows = json.loads(listed.stdout)["drafts"] if listed.returncode == 0 else []
        return next((row["id"] for row in rows if row["path"].endswith(name) and row["state"] == "waiting"), 0)

    found: int = until(there, f"{name} waits")
    return found


def minato(said: dict[str, Any]) -> str:
    at: str = said["at"]["minato-x"]
    return at


@pytest.mark.clause("saitama/6-5", "minato/5", "minato/4(5)")
def test_at_a_designated_terminal_one_decides_and_anywhere_else_one_looks_and_stops(hall: TownHall) -> None:
    number = str(waiting(hall, "desk.txt"))
    from_home = hall.run(CHIEF, hall.kohoban("approve", number), HOME)
    assert from_home.returncode == 4
    assert "指定端末ではありません" in from_home.stderr and HOME in from_home.stderr and "minato/5" in from_home.stderr
    for words in (["return", number, "--reason", "x"], ["withdraw", number], ["schedule", number], ["take", number]):
        refused = hall.run(CHIEF, hall.kohoban(*words), HOME)
        assert (refused.returncode, "指定端末ではありません" in refused.stderr) == (4, True), words
    assert hall.run(CHIEF, hall.kohoban("show", number), HOME).returncode == 0
    at_the_desk = hall.run(CHIEF, hall.kohoban("approve", number), DESK)
    assert at_the_desk.returncode == 0, at_the_desk.stderr
    assert "端末 窓口1番" in hall.run(CHIEF, hall.kohoban("show", number), HOME).stdout


@pytest.mark.clause("saitama/6-5")
def test_a_stop_is_possible_from_everywhere_and_a_resume_is_not(hall: TownHall) -> None:
    assert hall.run(CLERK, hall.kohoban("stop", "--reason", "誤投稿の疑い"), HOME).returncode == 0
    code = json.loads(hall.run(CHIEF, hall.kohoban("resume", "--json", "--reason", "x"), HOME).stdout or "{}").get("code", "0000")
    refused = hall.run(SAITAMA, hall.kohoban("resume", "--code", code, "--reason", "点検が済んだため"), HOME)
    assert refused.returncode == 4
    assert "指定" in refused.stderr


def test_a_terminal_is_known_by_its_key_where_its_address_says_nothing(hall: TownHall) -> None:
    assert minato(hall.whoami(CLERK, HOME, key="one")) == "elsewhere"
    by_key = hall.whoami(CLERK, HOME, key="two")
    assert (minato(by_key), by_key["key"], by_key["address"]) == ("designated", hall.fingerprint("two"), HOME)


@pytest.mark.clause("saitama/6-5")
def test_where_address_and_key_are_written_both_must_be_there(hall: TownHall) -> None:
    for desk, key, at in ((DESK, "two", "designated"), (DESK, "one", "elsewhere"), (HOME, "two", "elsewhere")):
        assert hall.whoami(SAITAMA, desk, key=key)["at"]["saitama-cvc"] == at, (desk, key)


def test_what_the_client_says_of_itself_counts_for_nothing(hall: TownHall) -> None:
    claim = f"SSH_CONNECTION='{DESK} 5 127.0.0.1 22' SSH_CLIENT='{DESK} 5 22' "
    said = told(hall.run(CLERK, claim + hall.kohoban("whoami", "--json"), HOME).stdout)
    assert (minato(said), said["address"]) == ("elsewhere", HOME)


@pytest.mark.parametrize("witness", ["hook", "logind"])
def test_a_tmux_that_was_started_at_the_desk_is_no_desk(hall: TownHall, witness: str) -> None:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    hall.remember(hook=witness == "hook", logind=witness == "logind")
    home = hall.folder / "home" / CLERK
    out = home / f"tmux-{witness}.json"
    tmux = f"tmux -S {home}/{witness}.tmux -f /dev/null"
    # The session at the desk goes on all the while: environment, login and audit session of the tmux are those of the desk.
    line = [*hall.ssh(CLERK, DESK, options=("-tt",)), f"{tmux} new-session -d sh; echo up; sleep 600"]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as desk:
        assert desk.stdout is not None and b"up" in desk.stdout.readline()
        try:
            ask = f"{hall.kohoban('whoami', '--json')} > {out}.new; mv {out}.new {out}"
            hall.run(CLERK, f"{tmux} send-keys {shlex.quote(ask)} Enter", HOME)
            said = told(until(lambda: out.exists() and out.read_text(), "an answer inside tmux"))
        finally:
            hall.run(CLERK, f"{tmux} kill-server", HOME)
            desk.kill()
    assert (minato(said), said["proved"]) == ("unproved", False)
    assert "tmux" in said["known"] and "tmux" in said["known_en"]


def test_a_terminal_inside_a_terminal_is_not_the_one_that_was_let_in(hall: TownHall) -> None:
    if shutil.which("script") is None:
        pytest.skip("script is not installed")
    command = f"script -qc {shlex.quote(hall.kohoban('whoami', '--json'))} /dev/null"
    said = told(hall.run(CLERK, command, DESK, terminal=True).stdout)
    assert minato(said) == "unproved"
    assert "端末の中で別の端末" in said["known"]
    assert minato(hall.whoami(CLERK, DESK, terminal=True)) == "designated", "and without it the same terminal is"


@pytest.mark.parametrize("witness", ["hook", "logind"])
def test_a_forward_onto_the_socket_is_the_sshd_and_nobody(hall: TownHall, witness: str) -> None:
    hall.remember(hook=witness == "hook", logind=witness == "logind")
    far = hall.folder / f"far-{witness}"
    line = hall.ssh(CLERK, DESK, options=("-N", "-L", f"{far}:{hall.state}/socket"))
    with subprocess.Popen(line, stdin=subprocess.DEVNULL) as forward:
        try:
            until(far.exists, "a forwarded socket")
            client = hall.folder / f"client-{witness}"  # a program on a machine far away, which knows nothing but that socket
            (client / "state").mkdir(parents=True)
            (client / "rules.toml").write_text("")
            (client / "state" / "socket").symlink_to(far)
            ended = subprocess.run(
                [KOHOBAN, "--office", str(client), "whoami", "--json"], capture_output=True, text=True, check=False, timeout=150
            )
        finally:
            forward.kill()
    said = told(ended.stdout)
    assert (said["login"], minato(said)) == (CLERK, "unproved")
    assert "ssh -L" in said["known"]


def test_who_has_become_somebody_else_is_not_the_one_who_came_in(hall: TownHall) -> None:
    for to in (CHIEF, CLERK):  # also back into oneself: the chain to the login goes through root's su
        command = f"su {to} -c {shlex.quote(hall.kohoban('whoami', '--json'))}"
        said = told(hall.run(CLERK, command, DESK).stdout)
        assert (said["login"], minato(said)) == (to, "unproved")
        assert "su" in said["known"]


def test_a_su_under_the_name_of_sshd_opens_no_door(hall: TownHall) -> None:
    """The kernel calls a program by the name that it was started under; root's own file of that name it does not become."""
    home = hall.folder / "home" / CLERK
    command = f"ln -sf $(command -v su) {home}/sshd; {home}/sshd {CLERK} -c {shlex.quote(hall.kohoban('whoami', '--json'))}"
    assert minato(told(hall.run(CLERK, command, DESK).stdout)) == "unproved"


@pytest.mark.parametrize("witness", ["hook", "logind"])
def test_what_is_left_behind_at_a_logout_has_no_terminal_any_more(hall: TownHall, witness: str) -> None:
    hall.remember(hook=witness == "hook", logind=witness == "logind")
    out = hall.folder / "home" / CLERK / f"left-{witness}.json"
    later = f"{WHEN_TOLD}; {hall.kohoban('whoami', '--json')} > {out}.new; mv {out}.new {out}"
    hall.run(CLERK, f"rm -f go; setsid nohup sh -c {shlex.quote(later)} > /dev/null 2>&1 < /dev/null & exit 0", DESK)
    hall.logged_out()
    (hall.folder / "home" / CLERK / "go").touch()
    said = told(until(lambda: out.exists() and out.read_text(), "what was left behind"))
    assert minato(said) == "unproved"
    assert ("ログアウト" if witness == "hook" else "終わりかけて") in said["known"]


def test_it_is_asked_at_every_act_and_not_only_at_the_hello(hall: TownHall) -> None:
    """A connection that was opened at the desk outlives its login: from then on it decides nothing."""
    number, home = waiting(hall, "outlived.txt"), hall.folder / "home" / CHIEF
    program = home / "client.py"
    program.write_text(
        "import json, sys, time\nfrom pathlib import Path\n"
        "from console.cli.link import Link, Refused\nfrom daemon.wire import Approve, Done, DraftDetail, Show, WhoAmI, Myself\n"
        f"office, home, number = Path({str(hall.folder / 'office')!r}), Path({str(home)!r}), {number}\n"
        "with Link(office) as link:\n"
        "    here = {a.account: a.at for a in link.ask(WhoAmI(), Myself).accounts}['minato-x']\n"
        "    row = link.ask(Show(draft=number), DraftDetail).row\n"
        "    (home / 'in').write_text(here)\n"
        "    while not (home / 'go').exists(): time.sleep(0.05)\n"
        "    try: link.ask(Approve(draft=row.id, hash=row.hash), Done); said = 'approved'\n"
        "    except Refused as refused: said = refused.refusal.code\n"
        "    (home / 'out.new').write_text(said); (home / 'out.new').rename(home / 'out')\n"
    )
    start = f"cd {ROOT}; setsid nohup {sys.executable} {program} > {home}/err 2>&1 < /dev/null & "
    wait = f"while ! test -s {home}/in; do sleep 0.1; done"
    hall.run(CHIEF, f"{start} {wait}", DESK)
    assert (home / "in").read_text() == "designated", (home / "err").read_text()
    hall.logged_out()
    (home / "go").touch()
    until((home / "out").exists, "its second word")
    assert (home / "out").read_text() == "terminal"


@pytest.mark.clause("saitama/6-5", "minato/5")
def test_an_exception_is_for_one_person_at_one_place_until_a_time(hall: TownHall) -> None:
    until_then = (datetime.now().astimezone() + timedelta(minutes=30)).isoformat(timespec="seconds")
    allow = ["terminals", "allow", "--for", CLERK, "--address", OTHER, "--until", until_then, "--reason", "庁舎の停電のため"]
    assert minato(hall.whoami(CLERK, OTHER)) == "elsewhere"
    assert hall.run(CHIEF, hall.kohoban(*allow), HOME).returncode == 4, "who is not at a designated terminal excepts nobody"
    assert hall.run(CLERK, hall.kohoban(*allow), DESK).returncode == 4, "a clerk excepts nobody"
    made = hall.run(CHIEF, hall.kohoban(*allow), DESK)
    assert made.returncode == 0, made.stderr
    here = hall.whoami(CLERK, OTHER)["at"]
    assert (here["minato-x"], here["minato-facebook"]) == ("excepted", "elsewhere"), "only where 芝田 is the 課長 of the unit"
    assert minato(hall.whoami(CHIEF, OTHER)) == "elsewhere", "for nobody else"
    assert minato(hall.whoami(CLERK, HOME)) == "elsewhere", "and nowhere else"
    hall.office.ahead(31 * 60)
    assert minato(hall.whoami(CLERK, OTHER)) == "elsewhere", "and not a minute longer"
    hall.office.ahead(0)
    number = json.loads(hall.run(CHIEF, hall.kohoban("terminals", "--json"), HOME).stdout)["exceptions"][0]["id"]
    assert hall.run(CHIEF, hall.kohoban("terminals", "revoke", str(number), "--reason", "復旧"), HOME).returncode == 0
    assert minato(hall.whoami(CLERK, OTHER)) == "elsewhere"
    shown = hall.run(CHIEF, hall.kohoban("audit", "show", "--limit", "20"), HOME).stdout
    assert "端末の例外" in shown and "例外の取消し" in shown


def test_systemds_record_of_a_login_is_a_witness_too(hall: TownHall) -> None:
    hall.remember(hook=False, logind=True)
    said = hall.whoami(CLERK, DESK)
    assert (minato(said), said["address"], said["key"]) == ("designated", DESK, "")
    assert "logind" in said["known"]
    assert minato(hall.whoami(CLERK, HOME)) == "elsewhere"
    assert minato(hall.whoami(CLERK, HOME, key="two")) == "elsewhere", "it knows of no key"


def test_what_a_users_own_systemd_starts_is_no_login(hall: TownHall) -> None:
    """A user may make control groups of any name below their own manager, also one that reads like a session's."""
    hall.remember(hook=False, logind=True)
    manager = CGROUPS / f"user.slice/user-{LOGINS[CLERK]}.slice/user@{LOGINS[CLERK]}.service"
    for name in ("app.slice/run-1.service", "session-c7.scope", f"user.slice/user-{LOGINS[CLERK]}.slice/session-c7.scope"):
        (manager / name).mkdir(parents=True, exist_ok=True)
        out = hall.folder / "home" / CLERK / "manager.json"
        out.unlink(missing_ok=True)
        ask = f"{WHEN_TOLD}; {hall.kohoban('whoami', '--json')} > {out}.new; mv {out}.new {out}"
        started = hall.run(CLERK, f"rm -f go; setsid nohup sh -c {shlex.quote(ask)} > /dev/null 2>&1 < /dev/null & echo $!", DESK)
        (manager / name / "cgroup.procs").write_text(started.stdout.strip())
        (hall.folder / "home" / CLERK / "go").touch()
        said = told(until(lambda: out.exists() and out.read_text(), "an answer"))  # noqa: B023
        assert minato(said) == "unproved"
        assert "systemd-run" in said["known"]


def test_without_any_witness_nobody_decides_and_everybody_is_told_what_is_missing(hall: TownHall) -> None:
    hall.remember(hook=False, logind=False)
    said = hall.whoami(CLERK, DESK)
    assert minato(said) == "unproved"
    assert "docs/terminals.md" in said["known"]


def test_a_record_that_somebody_else_could_have_written_is_none(hall: TownHall) -> None:
    hall.run(CLERK, "true", DESK)
    folder = ["sh", "-c", "chmod 777 /run/kohoban-sessions"]
    subprocess.run(hall.command(*folder), check=True)
    try:
        assert minato(hall.whoami(CLERK, DESK)) == "unproved"
    finally:
        subprocess.run(hall.command("chmod", "755", "/run/kohoban-sessions"), check=True)
    assert minato(hall.whoami(CLERK, DESK)) == "designated"


def test_a_login_leaves_no_record_behind(hall: TownHall) -> None:
    hall.run(CLERK, "true", DESK)

    def left() -> str:
        return subprocess.run(
            hall.command("ls", "-A", "/run/kohoban-sessions"), capture_output=True, text=True, check=True
        ).stdout

    until(lambda: left() == "", "no record of a login that is over")


def test_a_daemon_that_is_root_asks_the_sshd_itself() -> None:
    with town_hall() as hall:
        hall.remember(hook=False, logind=False)
        hall.open_office("root")
        said = hall.whoami(CLERK, DESK)
        assert (minato(said), said["address"]) == ("designated", DESK)
        assert "sshd" in said["known"]
        assert minato(hall.whoami(CLERK, HOME)) == "elsewhere"
        home = hall.folder / "home" / CLERK
        command = f"ln -sf $(command -v su) {home}/sshd; {home}/sshd {CLERK} -c {shlex.quote(hall.kohoban('whoami', '--json'))}"
        assert minato(told(hall.run(CLERK, command, DESK).stdout)) == "unproved"


def test_nothing_of_this_machine_was_touched(machine: TownHall) -> None:
    assert not Path("/run/kohoban-sessions").exists()
    assert "townhall" not in Path("/etc/group").read_text()
