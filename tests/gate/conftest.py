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

DAEMON, OPERATOR, OPERATORS, RELEASER, COLLEAGUE, STRANGER = 64001, 64002, 64003, 64004, 64005, 64006
"""Logins of an installation; OPERATORS is the group. The stranger is in no group of the office's."""


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
"""Runs Python as another login of the operators' group and gives back what it printed; `state`, Gate, Keeper, permit are at hand.
Everything is imported before the login changes: the interpreter's own files may lie where only root may read."""

AS = """
import fcntl, grp, json, os, select, shlex, shutil, signal, socket, subprocess, sys
import console.cli.stop_news, daemon.letters
from contextlib import suppress
from pathlib import Path
from console.cli.stop import main as stop
from daemon.gate import Gate, permit
from daemon.release.permit import Keeper, put
from daemon.standing import last_mark
state = Path(sys.argv[1])
os.setgroups([]); os.setgid({group}); os.setuid({uid}); os.umask(0o077)
{code}
"""


def login(uid: int, state: Path) -> As:
    def run(code: str) -> str:
        script = AS.format(uid=uid, group=STRANGER if uid == STRANGER else OPERATORS, code=code)
        done = subprocess.run([sys.executable, "-c", script, str(state)], cwd="/", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


@pytest.fixture
def shared_state() -> Iterator[Path]:
    """A state as an installation has it: the daemon's, with a gate on a tmpfs of its own that the operators' group may write, a folder
    for the store that it may not even enter, and RUN."""
    if os.geteuid() != 0:
        pytest.skip("several logins are needed: run as root to prove this")
    with tempfile.TemporaryDirectory(prefix="kohoban-gate-") as folder:
        Path(folder).chmod(0o755)
        state, memory = Path(folder) / "state", Path(folder) / "memory"
        for path in (state, memory):
            path.mkdir()
        tmpfs = ["mount", "-t", "tmpfs", "-o", f"size=64k,mode=0755,uid={DAEMON}", "tmpfs", str(memory)]
        if subprocess.run(tmpfs, check=False).returncode:
            pytest.skip("this machine does not let root mount a tmpfs")
        try:
            (memory / "gate").mkdir()
            (state / "gate").symlink_to(memory / "gate")
            (state / "store").mkdir()
            (state / "store" / "kohoban.db").write_text("the record")
            os.chown(state / "gate", DAEMON, OPERATORS, follow_symlinks=False)
            for path, mode in ((state, 0o3770), (memory / "gate", 0o2770), (state / "store", 0o700)):
                os.chown(path, DAEMON, OPERATORS)
                path.chmod(mode)
            assert login(DAEMON, state)("Keeper(state).know(['minato-x', 'x']); print(Keeper(state).grant(7).open)") == "True"
            yield state
        finally:
            subprocess.run(["umount", "-l", memory], check=True)


@pytest.fixture
def as_daemon(shared_state: Path) -> As:
    return login(DAEMON, shared_state)


@pytest.fixture
def as_operator(shared_state: Path) -> As:
    return login(OPERATOR, shared_state)


@pytest.fixture
def as_colleague(shared_state: Path) -> As:
    """Another operator."""
    return login(COLLEAGUE, shared_state)


@pytest.fixture
def as_releaser(shared_state: Path) -> As:
    return login(RELEASER, shared_state)


@pytest.fixture
def as_stranger(shared_state: Path) -> As:
    return login(STRANGER, shared_state)
