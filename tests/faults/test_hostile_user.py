"""A hostile local user, with a real login of their own: refused in each attempt, and meanwhile the others are served."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from daemon.service.server import IN_ALL, OF_ONE_UID, OWN_DESCRIPTORS
from daemon.wire.frames import LINE_LIMIT
from tests.service.live_office import FACEBOOK, MINATO, NOTICE, Office, draft, until

INSIDER, OPERATORS, STRANGER = 64002, 64003, 64006
"""A login in the operators' group that is not on the register, the group, and a login outside it."""

AS = """
import contextlib, json, os, resource, socket, sys, time
from pathlib import Path
from daemon.wire.place import address
office = Path(sys.argv[1]); state = office / 'state'
os.setgroups([]); os.setgid({group}); os.setuid({uid}); os.umask(0o002)
def connect():
    line = socket.socket(socket.AF_UNIX); line.settimeout(60)
    while True:
        try:
            with address(state) as place: line.connect(place)
            return line
        except BlockingIOError: time.sleep(0.01)  # the kernel's own queue is full
HELLO = b'{{"frame":"hello","client":"x","operator":"%s","events":false,"protocol":[1,1]}}\\n'
{code}
"""
"""Everything is imported before the login changes: the interpreter's own files may lie where only root may read."""


@pytest.fixture
def office() -> Iterator[Office]:
    """A running office that is root's, whose state and drafts the operators' group may write, as in an installation."""
    if os.geteuid() != 0:
        pytest.skip("several logins are needed: run as root to prove this")
    with tempfile.TemporaryDirectory(prefix="kohoban-hostile-") as folder:
        Path(folder).chmod(0o755)
        office = Office(Path(folder) / "office")
        for account in ("minato-x", "minato-facebook"):
            (office.folder / "drafts" / account).mkdir(parents=True)
            os.chown(office.folder / "drafts" / account, 0, OPERATORS)
            (office.folder / "drafts" / account).chmod(0o2770)
        office.state.mkdir()
        os.chown(office.state, 0, OPERATORS)
        office.state.chmod(0o3770)
        office.start()
        os.chown(office.state / "socket", 0, OPERATORS)
        try:
            yield office
        finally:
            office.stop()


def hostile(office: Office, code: str, uid: int = INSIDER, group: int = OPERATORS) -> subprocess.Popen[str]:
    """Start this Python as another login; it says "ready" when it has done its worst, and ends when its stdin does."""
    script = AS.format(uid=uid, group=group, code=code + "\nprint('ready', flush=True)\nsys.stdin.read()")
    return subprocess.Popen(
        [sys.executable, "-c", script, str(office.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/"
    )


@contextmanager
def attacked(office: Office, code: str) -> Iterator[list[str]]:
    """While the attack stands; gives what the attacker has printed so far."""
    attacker = hostile(office, code)
    assert attacker.stdin is not None and attacker.stdout is not None
    said: list[str] = []
    try:
        while (line := attacker.stdout.readline().strip()) not in ("ready", ""):
            said.append(line)
        assert line == "ready"
        yield said
    finally:
        attacker.kill()
        attacker.communicate()


def once(office: Office, code: str, uid: int = INSIDER, group: int = OPERATORS) -> str:
    """What this Python prints, run as another login."""
    attacker = hostile(office, code, uid, group)
    said, _ = attacker.communicate("")
    assert attacker.returncode == 0
    return said.removesuffix("ready\n").strip()


def the_others_are_served(office: Office, name: str) -> None:
    """An operator's questions are answered, and a draft that comes is judged."""
    office.drop("minato-facebook", name, **FACEBOOK)
    office.row(name)
    for _ in range(20):
        assert office.status().training


def descriptors(office: Office) -> int:
    assert office.process is not None
    return len(os.listdir(f"/proc/{office.process.pid}/fd"))


def memory(office: Office) -> int:
    """Kilobytes that the daemon has in memory."""
    assert office.process is not None
    return int(Path(f"/proc/{office.process.pid}/statm").read_text().split()[1]) * 4


def memory_at_work(office: Office) -> int:
    """The same of a daemon that has what it judges with: rules, patterns and the dictionary are read while it already answers."""
    the_others_are_served(office, f"warm-{time.monotonic_ns()}.txt")

    def at_rest() -> int:
        before, worked = memory(office), processor(office)
        time.sleep(1)  # it reads on where it has a processor; where it has none, somebody waits for one
        now = memory(office)
        return now if now - before <= 1024 and processor(office) - worked < 0.2 and not runs(office) else 0

    return until(at_rest, "a daemon that has read everything")


def processor(office: Office) -> float:
    """Seconds of a processor that the daemon has had."""
    assert office.process is not None
    fields = Path(f"/proc/{office.process.pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def runs(office: Office) -> bool:
    """Whether one of the daemon's threads works, or waits for a processor."""
    assert office.process is not None
    threads = Path(f"/proc/{office.process.pid}/task")
    with suppress(OSError):  # one that has just ended
        return any((each / "stat").read_text().rpartition(") ")[2].startswith("R") for each in threads.iterdir())
    return True


def test_a_login_outside_the_group_does_not_even_reach_the_socket(office: Office) -> None:
    assert once(office, "try: connect()\nexcept PermissionError: print('refused')", STRANGER, STRANGER) == "refused"


@pytest.mark.parametrize("plays", ["", "azabu", "root"])
def test_a_login_that_is_not_on_the_register_is_told_so_whoever_it_says_it_is(office: Office, plays: str) -> None:
    said = once(office, f"line = connect(); line.sendall(HELLO % b'{plays}'); print(line.makefile().readline())")
    assert '"refused"' in said and ("not_on_register" in said or "not_training" in said)
    the_others_are_served(office, "served.txt")


FLOODS = {
    "silent": "",
    "half a hello": "line.sendall(HELLO[:20])",
    "noise": "line.sendall(os.urandom(1000))",
    "half a line of a megabyte": "line.settimeout(0.2)\n  with contextlib.suppress(OSError): line.sendall(b'x' * 1000000)",
}


@pytest.mark.parametrize("how", FLOODS.values(), ids=FLOODS)
def test_a_flood_of_connections_takes_nobody_elses_place(office: Office, trials: Callable[[int], int], how: str) -> None:
    many = OF_ONE_UID + trials(3000)
    code = f"""
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
lines = []
for n in range({many}):
  line = connect(); lines.append(line)
  with contextlib.suppress(OSError):
   {how.replace(chr(10) + "  ", chr(10) + "   ") or "pass"}
line.settimeout(60)
with contextlib.suppress(OSError): print(line.recv(4096).decode().replace(chr(10), ' '))
"""
    with attacked(office, code) as said:
        the_others_are_served(office, "served.txt")
        assert descriptors(office) <= IN_ALL + OWN_DESCRIPTORS
        assert "接続が多すぎます" in "".join(said) or "hello" in "".join(said)
        assert office.acts(office.row("served.txt").id) == ["receive"]
    until(lambda: descriptors(office) < 100, "the attacker's connections forgotten")


def test_a_line_of_a_gigabyte_costs_the_daemon_next_to_nothing(office: Office, trials: Callable[[int], int]) -> None:
    before = memory_at_work(office)
    megabytes = max(100, trials(1000))
    code = f"""
for _ in range(5):
  line = connect()
  with contextlib.suppress(OSError):
    for _ in range({megabytes}): line.sendall(b'x' * (1 << 20))
"""
    with attacked(office, code):
        the_others_are_served(office, "served.txt")
    assert memory(office) - before < 64 * LINE_LIMIT // 1024


def test_whoever_asks_and_never_reads_keeps_nobody_waiting(office: Office) -> None:
    """The daemon's own login here, which is on the register: the worst that somebody who is let in can do."""
    before = memory_at_work(office)
    deaf = [office.caller("azabu", events=True) for _ in range(50)]
    for caller in deaf:
        for _ in range(60):
            caller.send(b'{"frame":"ask","id":"1","query":{"query":"register"}}\n')
    the_others_are_served(office, "served.txt")
    assert memory(office) - before < 128 * 1024


def test_a_name_that_is_now_a_file_and_now_a_link_never_shows_what_its_owner_may_not_read(office: Office) -> None:
    secret = office.folder.parent / "secret"
    secret.write_text("秘密の計画です。" * 20)
    secret.chmod(0o600)
    code = f"""
place = office / 'drafts' / 'minato-x'
until = time.monotonic() + 3
while time.monotonic() < until:
  (place / '.f').write_bytes({draft(NOTICE, **MINATO)!r}); os.rename(place / '.f', place / 'race.txt')
  with contextlib.suppress(FileExistsError): os.symlink({str(secret)!r}, place / '.l')
  os.rename(place / '.l', place / 'race.txt')
"""
    with attacked(office, code):
        the_others_are_served(office, "served.txt")
    bodies = "".join(str(body) for (body,) in office.database("SELECT body FROM drafts"))
    assert "秘密" not in bodies
    kept = b"".join(path.read_bytes() for path in (office.state / "store").rglob("*") if path.is_file())
    assert "秘密の計画".encode() not in kept


def test_another_persons_file_under_a_second_name_proves_nothing_about_who_wrote_it(office: Office) -> None:
    """With fs.protected_hardlinks off, anybody may link anybody's file: here root's, which is on the register by nobody's wish."""
    mine = office.folder.parent / "somebody.txt"
    mine.write_bytes(draft(NOTICE, **MINATO))
    mine.chmod(0o644)
    os.link(mine, office.path("minato-x", "linked.txt"))
    row = office.row("linked.txt")
    assert office.database(f"SELECT author_verified FROM drafts WHERE id = {row.id}") == [(0,)]
    mine.write_bytes(draft("ほかの文に差し替えました。", **MINATO))
    office.row("linked.txt", revision=2)


def test_pipes_devices_and_sockets_are_no_drafts_and_keep_nobody_waiting(office: Office) -> None:
    place = office.folder / "drafts" / "minato-x"
    os.mknod(place / "null.txt", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    os.mknod(place / "zero.txt", 0o666 | stat.S_IFCHR, os.makedev(1, 5))
    os.mkfifo(place / "pipe.txt", 0o666)
    os.link(place / "pipe.txt", place / "pipe2.txt")
    (place / "proc.txt").symlink_to("/proc/self/mem")
    the_others_are_served(office, "served.txt")
    names = ("null", "zero", "pipe", "pipe2", "proc")
    until(lambda: all((place / f"{name}.判定.txt").exists() for name in names), "an answer beside each")
    assert {row.path.rpartition("/")[2] for row in office.rows()} == {"served.txt"}


def test_what_the_daemon_keeps_in_state_can_be_neither_replaced_nor_removed_by_an_operator(office: Office) -> None:
    code = """
print(json.dumps(sorted(name for name in os.listdir(state))))
for name in os.listdir(state):
  for attempt in (lambda: os.rename(state / name, state / 'away'), lambda: os.unlink(state / name),
                  lambda: (open(state / 'mine', 'w').close(), os.rename(state / 'mine', state / name)),
                  lambda: open(state / name, 'w')):
    try: attempt()
    except OSError: continue
    print('did it to', name)
for place in ('store', 'store/kohoban.db', 'log', 'releaser'):
  try: print('read', place, os.listdir(state / place) if place != 'store/kohoban.db' else open(state / place).read(1))
  except OSError: pass
def at_last(put):  # the daemon's own may be there for a moment: whoever attacks tries again
  for attempt in range(500):
    try: return put()
    except OSError: time.sleep(0.01)
  put()
at_last(lambda: os.symlink('/etc/passwd', state / 'epoch.new'))
at_last(lambda: open(state / 'hand.pid.new', 'w').write('1 1 1'))
"""
    said = once(office, code)
    assert "did it to" not in said.replace("did it to gate", "")
    assert "read store" not in said
    the_others_are_served(office, "served.txt")
    assert once(office, "(state / 'STOP').touch()") == ""
    until(lambda: office.status().gate.stopped, "the stop, which is every operator's right")
    before = Path("/etc/passwd").read_bytes()
    office.resume()
    assert Path("/etc/passwd").read_bytes() == before
