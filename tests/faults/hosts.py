"""Machines of a test's own: network namespaces joined by links that can be cut, each with a name and a machine-id of its own."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import md5
from pathlib import Path

import pytest

_number = itertools.count(1)


class Host:
    """One machine. What runs `on` it sees its network, its host name and its machine-id; the disk is everybody's."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.space = f"kohoban-{os.getpid()}-{name}"
        self._identity = folder / f"{name}.machine-id"
        self._identity.write_text(md5(self.space.encode(), usedforsecurity=False).hexdigest() + "\n")
        _ip("netns", "add", self.space)
        self.ip("link", "set", "lo", "up")

    def ip(self, *words: str) -> None:
        """`ip` in this machine's namespace."""
        _ip("-n", self.space, *words)

    def on(self, *command: str) -> list[str]:
        """The command line that runs `command` on this machine, in the process that it is started as."""
        inside = f'mount --bind {self._identity} /etc/machine-id && hostname {self.name} && exec "$@"'
        return ["ip", "netns", "exec", self.space, "unshare", "--mount", "--uts", "sh", "-c", inside, self.name, *command]

    def end(self) -> None:
        """The machine is gone, with its ends of all links."""
        _ip("netns", "del", self.space)


class Link:
    """A cable between two machines, with an address at each end."""

    def __init__(self, ends: Sequence[tuple[Host, str]]) -> None:
        (one, _), (other, _) = ends
        self._one = one
        number = next(_number)
        self.names = [f"kb{number}a", f"kb{number}b"]
        one.ip("link", "add", self.names[0], "type", "veth", "peer", "name", self.names[1], "netns", other.space)
        for (host, address), name in zip(ends, self.names, strict=True):
            host.ip("address", "add", f"{address}/30", "dev", name)
            host.ip("link", "set", name, "up")

    def cut(self) -> None:
        """Nothing passes any more."""
        self._one.ip("link", "set", self.names[0], "down")


@contextmanager
def hosts(folder: Path, *names: str) -> Iterator[list[Host]]:
    """Machines that are gone at the end. Skips, saying so, where this machine cannot make any."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    if not all(map(shutil.which, ("ip", "unshare"))) or not Path("/etc/machine-id").exists():
        pytest.skip("needs iproute2, util-linux and an /etc/machine-id")
    made: list[Host] = []
    try:
        try:
            for name in names:
                made.append(Host(name, folder))
        except subprocess.CalledProcessError as error:
            pytest.skip(f"this machine makes no network namespaces: {error.stderr.decode(errors='replace').strip()}")
        yield made
    finally:
        for host in made:
            host.end()


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
