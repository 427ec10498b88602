"""An office's state with a gate, and the processes that stand at it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.gate import Gate
from daemon.release.permit import Keeper
from tests.conftest import open_gate

DAEMON, OPERATOR, OPERATORS = 64001, 64002, 64003


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state whose gate is open at epoch 7."""
    return open_gate(tmp_path)


@pytest.fixture
def gate(state: Path) -> Gate:
    return Gate(state)


@pytest.fixture
def run(state: Path) -> Path:
    """The permit."""
    return state / "gate" / "RUN"


@pytest.fixture
def keeper(state: Path) -> Keeper:
    return Keeper(state)


HAND = """
import os, signal, sys
from pathlib import Path
from daemon.gate import Gate
state = Path(sys.argv[1])
with Gate(state).sending():
    look = Gate(state).look()
    print("looked", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
    if look.open:
        (state / "sent").write_text("out")
"""
"""A hand that is stopped at the worst moment: it holds the lock, has seen the gate open, and has not yet written."""


@pytest.fixture
def stuck_hand(state: Path) -> Iterator[subprocess.Popen[str]]:
    hand = subprocess.Popen([sys.executable, "-c", HAND, str(state)], stdout=subprocess.PIPE, text=True)
    assert hand.stdout is not None
    assert hand.stdout.readline() == "looked\n"
    os.waitpid(hand.pid, os.WUNTRACED)
    Keeper(state).note_hand(hand.pid)
    yield hand
    hand.kill()
    hand.wait()
    hand.stdout.close()


As = Callable[[str], str]
"""Runs Python as another login of the operators' group and gives back what it printed; `state`, Gate, Keeper, permit are at hand."""

AS = """
import fcntl, os, subprocess, sys
from pathlib import Path
from daemon.gate import Gate, permit
from daemon.release.permit import Keeper
from tests.conftest import open_gate
state = Path(sys.argv[1])
os.setgroups([]); os.setgid({group}); os.setuid({uid}); os.umask(0o077)
{code}
"""


def login(uid: int, state: Path) -> As:
    def run(code: str) -> str:
        script = AS.format(uid=uid, group=OPERATORS, code=code)
        done = subprocess.run([sys.executable, "-c", script, str(state)], cwd="/", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


@pytest.fixture
def shared_state() -> Iterator[Path]:
    """A state as an installation has it: the daemon's, with a gate folder in which the operators' group may write, and RUN in it."""
    if os.geteuid() != 0:
        pytest.skip("two different owners are needed: run as root to prove this")
    with tempfile.TemporaryDirectory(prefix="kohoban-gate-") as folder:
        Path(folder).chmod(0o755)
        state = Path(folder) / "state"
        (state / "gate").mkdir(parents=True)
        for path, mode in ((state, 0o755), (state / "gate", 0o2770)):
            os.chown(path, DAEMON, OPERATORS)
            path.chmod(mode)
        assert login(DAEMON, state)("print(Keeper(state).grant(7).open)") == "True"
        yield state


@pytest.fixture
def as_daemon(shared_state: Path) -> As:
    return login(DAEMON, shared_state)


@pytest.fixture
def as_operator(shared_state: Path) -> As:
    return login(OPERATOR, shared_state)
