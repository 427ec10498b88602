"""Which machine this is: what tells an office that its folder has come to stand on another one.

The name in `/etc/machine-id` is meant for this machine's own ears (machine-id(5)), so only a hash of it is kept. Two machines cloned
from one image have the same one until `systemd-machine-id-setup` gives the copy its own: `docs/standby.md` says so.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

NAMED_IN = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
CARDS = Path("/sys/class/net")


class Machine(Struct, frozen=True):
    """A machine: `id` tells it from any other (16 hex digits), `name` is what people call it."""

    id: str
    name: str


def this_machine(named_in: Sequence[Path] = NAMED_IN, cards: Path = CARDS) -> Machine:
    """The machine that this process runs on. Where it has no machine-id, its network cards stand for it."""
    name = socket.gethostname()
    known = next(filter(None, map(_machine_id, named_in)), "") or f"{name} {' '.join(_addresses(cards))}"
    return Machine(hashlib.sha256(f"kohoban machine {known}".encode()).hexdigest()[:16], name)


def _machine_id(path: Path) -> str:
    """The 32 hex digits of a machine-id; empty where there are none (yet: a first boot says `uninitialized`)."""
    try:
        said = path.read_text(errors="replace").strip()
    except OSError:
        return ""
    return said if len(said) == 32 and set(said) <= set("0123456789abcdef") else ""


def _addresses(cards: Path) -> list[str]:
    """The hardware addresses of the machine's own cards: those with a device behind them, which bridges and tunnels have not."""
    return sorted(_read(card / "address") for card in _in(cards) if (card / "device").exists())


def _in(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
