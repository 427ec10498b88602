"""The evidence of a terminal, gap by gap, over a tree that looks like /proc. (Against a real sshd: tests/terminal/test_who_from_where.py.)"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.rulebook.office import Terminal
from daemon.service.terminals import evidence
from daemon.service.terminals.designated import is_at, within
from daemon.service.terminals.evidence import Places, Proved, Unproved, look
from daemon.service.terminals.peer import Peer
from daemon.service.terminals.process import Unreadable, read
from daemon.service.terminals.words import HOW, UNPROVED

ME = 4001
SSHD, SHELL, KOHOBAN = 100, 102, 103


class Machine:
    """A tree like /proc, with sshd (root), its part of the user's, a shell and a program in one login."""

    def __init__(self, folder: Path) -> None:
        self.places = Places(proc=folder / "proc", hook=folder / "hook", logind=folder / "systemd")
        self.process(1, 0, "systemd", uid=0, login=-1, audit=-1)
        self.process(SSHD, 1, "sshd", uid=0)
        self.process(101, SSHD, "sshd")
        self.process(SHELL, 101, "bash", tty=34817)
        self.process(KOHOBAN, SHELL, "kohoban", tty=34817)
        self.record()

    def process(
        self, pid: int, parent: int, name: str, *, uid: int = ME, login: int = ME, audit: int = 7, tty: int = 0, started: int = 0
    ) -> None:
        place = self.places.proc / str(pid)
        place.mkdir(parents=True, exist_ok=True)
        after = f"S {parent} 0 0 {tty} " + "0 " * 14 + f"{started or pid * 10} 0"
        (place / "stat").write_text(f"{pid} ({name}) {after}")
        (place / "status").write_text(f"Name:\t{name}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n")
        (place / "loginuid").write_text(str(login if login >= 0 else 0xFFFFFFFF))
        (place / "sessionid").write_text(str(audit if audit >= 0 else 0xFFFFFFFF))
        (place / "cgroup").write_text("0::/\n")

    def record(self, **changes: object) -> None:
        self.places.hook.mkdir(exist_ok=True, mode=0o755)
        said = {"user": "sato", "service": "sshd", "address": "192.0.2.21", "tty": "ssh", "key": "SHA256:k", "leader": SSHD}
        said |= {"started": SSHD * 10, **changes}
        path = self.places.hook / "7"
        path.write_text("".join(f"{key}={value}\n" for key, value in said.items()))
        path.chmod(0o644)

    def seen(self, pid: int = KOHOBAN) -> Proved | Unproved:
        peer = Alive(pid=pid, uid=ME, started=pid * 10)
        return look(peer, "sato", self.places)


class Alive(Peer, frozen=True):
    """A peer of the tree: its life is that of its folder."""

    def has_ended(self) -> bool:
        return False


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    if os.geteuid() != 0:
        pytest.skip("only root's records are believed, and only root can write one")
    return Machine(tmp_path)


def test_a_whole_chain_with_roots_record_proves_address_and_key(machine: Machine) -> None:
    assert machine.seen() == Proved("192.0.2.21", "SHA256:k", "ssh", "pam")


def _tmux(machine: Machine) -> None:
    machine.process(200, 1, "tmux: server")
    machine.process(SHELL, 200, "bash", tty=34820)


def _reaper(machine: Machine) -> None:  # a shell that takes in orphans keeps a multiplexer's server below the login
    machine.process(201, SHELL, "tmux: server")
    machine.process(202, 201, "bash", tty=34820)
    machine.process(KOHOBAN, 202, "kohoban", tty=34820)


BREAKS: dict[str, tuple[Callable[[Machine], None], str]] = {
    "it is the sshd": (lambda m: m.process(KOHOBAN, SHELL, "sshd-session"), "forwarded"),
    "no login": (lambda m: m.process(KOHOBAN, SHELL, "kohoban", login=-1, audit=-1, tty=34817), "no_login"),
    "another login": (lambda m: m.process(KOHOBAN, SHELL, "kohoban", login=ME + 1, tty=34817), "su"),
    "su in between": (lambda m: m.process(SHELL, 101, "su", uid=0, tty=34817), "su"),
    "re-parented tmux": (_tmux, "tmux"),
    "a tmux that kept its parent": (_reaper, "nested"),
    "left behind": (lambda m: m.process(SHELL, 1, "bash", tty=0), "detached"),
    "another audit session in between": (lambda m: m.process(SHELL, 101, "bash", audit=8, tty=34817), "su"),
    "the record of an sshd that has ended": (lambda m: m.record(started=5), "detached"),
    "the record of somebody else": (lambda m: m.record(user="suzuki"), "no_witness"),
    "a record without its end": (lambda m: (m.places.hook / "7").write_text("user=sato\n") and None, "no_witness"),
    "a record that others can write": (lambda m: (m.places.hook / "7").chmod(0o666), "no_witness"),
    "a link in the place of a record": (lambda m: _link(m.places.hook / "7"), "no_witness"),
    "a folder that others can write": (lambda m: m.places.hook.chmod(0o777), "no_witness"),
    "an sshd of somebody's own": (lambda m: m.process(SSHD, 1, "sshd", uid=ME), "detached"),
    "another process of that number": (lambda m: m.process(KOHOBAN, SHELL, "kohoban", tty=34817, started=9), "gone"),
}


def _link(path: Path) -> None:
    path.rename(path.with_name("other"))
    path.symlink_to(path.with_name("other"))


@pytest.mark.parametrize(("what", "why"), BREAKS.values(), ids=BREAKS)
def test_every_gap_is_a_no_with_its_own_reason(machine: Machine, what: Callable[[Machine], None], why: str) -> None:
    what(machine)
    assert machine.seen() == Unproved(why)  # type: ignore[arg-type]


def test_a_hidden_proc_is_said_to_be_hidden(machine: Machine) -> None:
    for name in ("stat", "status"):
        (machine.places.proc / str(KOHOBAN) / name).unlink()
    assert machine.seen() == Unproved("hidden")


def test_a_local_login_is_known_by_its_console(machine: Machine) -> None:
    machine.process(SSHD, 1, "login", uid=0)
    machine.process(SHELL, SSHD, "bash", tty=1025)
    machine.process(KOHOBAN, SHELL, "kohoban", tty=1025)
    machine.record(service="login", address="", tty="tty1", key="")
    here = machine.seen()
    assert here == Proved("", "", "tty1", "pam")
    console = Terminal(id="c", name="c", ttys=("tty1",))
    assert is_at(console, here)
    assert not is_at(console, Proved("192.0.2.1", "", "tty1", "pam")), "what comes from afar sits at no console"


def test_a_name_of_a_process_may_hold_anything(machine: Machine) -> None:
    machine.process(KOHOBAN, SHELL, "a) S 1 (b", tty=34817)
    assert read(machine.places.proc, KOHOBAN).parent == SHELL
    assert isinstance(machine.seen(), Proved)


def test_everything_that_is_written_of_a_terminal_must_hold() -> None:
    place = Proved("192.0.2.21", "SHA256:k", "ssh", "pam")
    for terminal, at in (
        ({"addresses": ("192.0.2.16/28",)}, True),
        ({"addresses": ("192.0.2.21",), "keys": ("SHA256:k",)}, True),
        ({"addresses": ("192.0.2.21",), "keys": ("SHA256:other",)}, False),
        ({"addresses": ("192.0.2.22",), "keys": ("SHA256:k",)}, False),
        ({"keys": ("SHA256:k",)}, True),
        ({}, False),
    ):
        assert is_at(Terminal(id="t", name="t", **terminal), place) is at, terminal
    assert not is_at(Terminal(id="t", name="t", keys=("",)), Proved("192.0.2.21", "SHA256:k", "", "pam"))


def test_an_address_is_one_also_as_ipv6_writes_it_and_a_name_is_none() -> None:
    assert within(("192.0.2.21",), "::ffff:192.0.2.21")
    assert within(("2001:db8::/64",), "2001:db8::7")
    assert not within(("192.0.2.0/24",), "desk.example")
    assert not within(("192.0.2.0/24",), "")


def test_this_machine_itself_lies_in_no_network() -> None:
    """Whoever has come in from anywhere could come in again from here."""
    assert not within(("127.0.0.0/8",), "127.0.0.1")
    assert within(("127.0.0.1",), "127.0.0.1"), "unless the office has written just that"


def test_a_peer_is_the_process_that_connected_and_is_gone_with_it() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        peer = Peer.of(ours)
        assert (peer.pid, peer.uid) == (os.getpid(), os.getuid())
        assert not peer.has_ended()
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert Peer(pid=child, uid=0, started=None).has_ended()
    with pytest.raises(Unreadable):
        read(Path("/proc"), child)


def test_every_reason_is_said_in_both_languages_and_says_what_to_do() -> None:
    for words in (UNPROVED, HOW):
        for ja, en in words.values():  # type: ignore[attr-defined]
            assert ja and en and ja != en
    assert set(UNPROVED) == set(evidence.Why.__args__)  # type: ignore[attr-defined]
