"""What the releaser asks of a channel: one small protocol. Whoever adds one from outside reads docs/channels.md."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol, cast, runtime_checkable

from daemon.release.jobs import Ask, Held, Job, Look, Told
from daemon.release.secrets import credentials
from daemon.release.steps import FOLDER, Noted
from daemon.rulebook.channels import Capabilities, entry_of


class Here(NamedTuple):
    """Where a channel works: the office's `state`. `memory` is a folder of the channel's own below it, closed to everybody else."""

    state: Path

    def memory(self, channel: str) -> Path:
        """The channel's folder, made where it is not there. Raises OSError."""
        folder = self.state / FOLDER / channel
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def credentials(self, account: str) -> Mapping[str, str]:
        """What lets in at the account's platform. Raises Held (`failed`), with what to do, where there is nothing usable."""
        return credentials(self.state, account)


class Became(NamedTuple):
    """What became of a job, as far as the channel can tell: where it can be read (an address or a folder; empty where there is none), and
    what the record is to say of it besides: why it is so, under which number the platform took it. `read`: how many rows the platform charges
    for that it was looked up, by the name of their price (`Capabilities.prices`)."""

    outcome: Literal["released", "not_released", "unknown"]
    place: str = ""
    why: str = ""
    why_en: str = ""
    read: Mapping[str, int] = MappingProxyType({})


@runtime_checkable
class Sending(Protocol):
    """A job on its way through a channel, prepared up to its first irrevocable step."""

    def write(self) -> None:
        """That step, inside the lock that a stop waits for: short, and nothing that hangs. Raises Held: `unknown` once anything may have
        left, any other outcome where certainly nothing has."""

    def finish(self) -> Became | Sending:
        """Wait for its end, outside the lock, for a bounded time: what became of it; or the same once more, ready to be written, where the
        answer stayed away and the platform takes one key once only. That passes the gate anew. Raises Held."""

    def abandon(self) -> None:
        """It was not written: leave nothing behind. Raises nothing."""


class Channel(Protocol):
    """A way to a platform. Each is one object, used by several threads at once, for different accounts."""

    can: Capabilities
    """What it does by itself. Only such jobs and questions come."""

    def prepare(self, job: Job, here: Here) -> Sending:
        """Make everything ready: credentials, connection, uploads that show nothing to anybody. Raises Held: `prevented` with `again_at`
        where it may be tried again by itself, `failed` where a person has to see to it."""

    def look(self, look: Look, noted: Noted | None, here: Here) -> Became:
        """What became of a job: `noted` tells whether it may have begun. Raises OSError, or Held with the reason, where that cannot be
        told now."""

    def let_go(self, look: Look, here: Here) -> None:
        """It is not out, and nothing says so any more but the journal: take away what was put aside. Raises nothing."""

    def ask(self, ask: Ask, here: Here) -> Told:
        """Answer a question about the platform. Raises Held with the reason."""


OURS: Mapping[str, str] = {
    "outbox": "daemon.release.outbox",
    "simulated": "daemon.release.simulated",
    "x": "daemon.release.x",
    "line": "daemon.release.line",
}
"""Our own channels by name: each module has its `CHANNEL`, and is imported when the first job for it comes (the network libraries are
slow to start, and an office without a contract needs none)."""


def channel(name: str) -> Channel:
    """The channel of this name. Raises Held (`failed`) where there is none, or somebody else's cannot be loaded."""
    try:
        if name in OURS:
            return cast(Channel, import_module(OURS[name]).CHANNEL)
        if (entry := entry_of(name)) is not None:
            return cast(Channel, entry.load())
    except Exception as error:  # whatever somebody else's code raises
        raise Held(
            "failed", f"媒体への道 {name} を読み込めません（{error}）", f"the channel {name} cannot be loaded ({error})"
        ) from error
    raise Held("failed", f"媒体への道 {name} がありません", f"there is no channel {name}")
