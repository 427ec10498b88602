"""The chain of processes from the one that speaks up to the one that let its person in: a multiplexer, a `su`, or the end of the login
breaks it, whatever the environment and the audit session still say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from daemon.service.terminals.process import Process, Unreadable, read

DOORS = frozenset(("sshd", "sshd-session", "login"))
"""Programs that let people in, by the name that the kernel knows them by."""

_DEEPEST = 64


def ancestors(proc: Path, first: Process) -> Iterator[Process]:
    """The parents of a process, the nearest first, as far as they can be read; the first process of the machine is left out."""
    parent = first.parent
    for _ in range(_DEEPEST):
        if parent <= 1:
            return
        try:
            found = read(proc, parent)
        except Unreadable:
            return
        yield found
        parent = found.parent


def below(leader: Process, chain: tuple[Process, ...]) -> tuple[Process, ...]:
    """The processes of the chain below the one that let the person in."""
    return chain[: next(n for n, each in enumerate(chain) if each.pid == leader.pid)]


def one_terminal(inside: tuple[Process, ...]) -> bool:
    """Whether everything below the door has the controlling terminal that the session began with. A multiplexer gives its windows
    terminals of their own, even where it has kept its parent."""
    # Directly below a separated sshd's root part stands its other part, which has no terminal. Nobody but sshd can stand there under
    # its name: it is the door's own child, and no user may write to it.
    session = inside[:-1] if inside[-1].name in DOORS else inside
    return len({each.tty for each in session}) <= 1
