"""A real sshd for a test: keys of its own, one login, this machine only."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def sshd(folder: Path) -> Iterator[int]:
    """The port that it listens at; `folder` is made, and holds its keys and the user's."""
    if SSHD is None or shutil.which("ssh") is None:
        pytest.skip("sshd is not installed")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd will not start as root without it
    folder.mkdir(mode=0o700)
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)], check=True)
    server, port = _listening(folder)
    try:
        yield port
    finally:
        server.terminate()
        server.communicate()


def _listening(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """The server and its port. It cannot be given a socket: between our finding a free port and its taking it, another may have taken it."""
    said = b""
    for _ in range(10):
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        (folder / "config").write_text(
            f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\nPidFile none\n"
            "StrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n"
        )
        server = subprocess.Popen([str(SSHD), "-D", "-e", "-f", str(folder / "config")], stderr=subprocess.PIPE)
        assert server.stderr is not None
        said = server.stderr.readline()
        if b"listening" in said:
            return server, port
        server.kill()
        said += server.communicate()[1]
        if b"in use" not in said:
            break
    raise AssertionError(said.decode(errors="replace"))


def ssh(folder: Path, port: int, command: str) -> list[str]:
    """The command that logs in by that port and runs another there, on a terminal."""
    options = ["-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={folder}/known", "-o", "LogLevel=ERROR"]
    way = ["ssh", "-tt", "-F", "/dev/null", "-i", str(folder / "user"), "-p", str(port), *options]
    return [*way, f"{getpass.getuser()}@127.0.0.1", command]
