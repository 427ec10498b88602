"""From where a process speaks: the evidence in layers, and where it breaks. Every gap is a no, with the reason that its person can act on.

First who it is: the process that connected, still there, of the login that PAM let in, and no sshd that passes on what somebody sends
from elsewhere. Then the chain from it to the process that let the login in, which root's own records name. Last what those records say
of the far end: the PAM hook's (address and key), logind's (address), or, where the daemon is root, the sshd's own socket.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from msgspec import Struct

from daemon.service.terminals import ancestry, logind, records, sshd_socket
from daemon.service.terminals.peer import PROC, Peer
from daemon.service.terminals.process import UNSET, Process, Unreadable, cgroups, read

How = Literal["pam", "logind", "sshd"]
Why = Literal["gone", "hidden", "forwarded", "no_login", "su", "manager", "tmux", "detached", "nested", "ended", "no_witness"]

_FORWARDERS = ("sshd", "sshd-session", "sshd-auth")
_MULTIPLEXERS = ("tmux", "screen", "SCREEN", "byobu", "zellij", "abduco", "dtach")


class Places(Struct, frozen=True):
    """Where the evidence lies."""

    proc: Path = PROC
    hook: Path = records.HOOK
    logind: Path = logind.LOGIND


class Proved(Struct, frozen=True):
    """From where somebody speaks, as root's records have it: an address ("" at the machine itself), the key they came with ("" where
    that is not known), and the terminal of the machine; `how` names the witness."""

    address: str
    key: str
    tty: str
    how: How


class Unproved(Struct, frozen=True):
    """It cannot be told from where somebody speaks, and why (`words.UNPROVED`)."""

    why: Why


class _Witness(NamedTuple):
    """Who let the person in, and what is known of the far end."""

    leader: int
    started: int | None
    proved: Proved


def look(peer: Peer, login: str, places: Places) -> Proved | Unproved:
    """Where this peer, whose uid is that of `login`, speaks from at this moment."""
    try:
        first = read(places.proc, peer.pid)
    except Unreadable:
        return Unproved("gone" if peer.has_ended() else "hidden")
    if peer.has_ended() or first.started != peer.started:
        return Unproved("gone")
    if first.name in _FORWARDERS:
        return Unproved("forwarded")
    if first.login_uid == UNSET:
        return Unproved("no_login")
    if first.login_uid != peer.uid or not _is(first, peer.uid):
        return Unproved("su")
    chain = (first, *ancestry.ancestors(places.proc, first))
    witness = _witness(first, chain, login, places)
    return witness if isinstance(witness, Unproved) else _through(witness, chain, peer.uid, places)


def _witness(first: Process, chain: tuple[Process, ...], login: str, places: Places) -> _Witness | Unproved:
    """What root's records say of the login that this process belongs to."""
    groups = cgroups(places.proc, first.pid)
    if (hooked := records.record(places.hook, first.audit)) is not None and hooked.user == login:
        return _Witness(hooked.leader, hooked.started, Proved(hooked.address, hooked.key, hooked.tty, "pam"))
    if (session := logind.session(places.logind, groups, first.login_uid)) is not None:
        if session.state == "closing" or session.kind != "user":
            return Unproved("ended")
        return _Witness(session.leader, None, Proved(session.address, "", session.tty, "logind"))
    if (door := sshd_socket.door(places.proc, chain)) is not None:
        address = sshd_socket.address(places.proc, door)
        return _Witness(door.pid, door.started, Proved(address, "", "", "sshd")) if address else Unproved("no_witness")
    if any(each.uids[0] == 0 and each.name in ancestry.DOORS for each in chain):
        return Unproved("no_witness")
    return _loose(chain, places)


def _through(witness: _Witness, chain: tuple[Process, ...], uid: int, places: Places) -> Proved | Unproved:
    """What the witness says, if an unbroken chain of this person's own processes leads to whom it names."""
    first = chain[0]
    leader = next((each for each in chain if each.pid == witness.leader), None)
    if leader is None or witness.started not in (None, leader.started) or leader.uids[0] != 0 or leader.audit != first.audit:
        return _loose(chain, places)
    inside = ancestry.below(leader, chain)
    if not inside:
        return Unproved("forwarded")
    if not all(_is(each, uid) and each.audit == first.audit for each in inside):
        return Unproved("su")
    return witness.proved if ancestry.one_terminal(inside) else Unproved("nested")


def _loose(chain: tuple[Process, ...], places: Places) -> Unproved:
    """Why a process hangs on no login that is still there."""
    if any(each.name.startswith(_MULTIPLEXERS) for each in chain):
        return Unproved("tmux")
    if logind.by_the_manager(cgroups(places.proc, chain[0].pid)):
        return Unproved("manager")
    return Unproved("detached")


def _is(process: Process, uid: int) -> bool:
    return set(process.uids) == {uid}
