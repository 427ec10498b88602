"""What can go wrong between a client and a platform, one request at a time: by count, or as a seeded mix."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from random import Random
from typing import Any, Literal

Answer = Literal[
    "true",
    "status",
    "drop",
    "drop reading",
    "cut",
    "empty",
    "garbage",
    "html",
    "huge",
    "trickle",
    "wrong type",
    "redirect",
    "partial",
    "other shape",
]
"""How the client is answered. `true`: as the platform would; `status`: with `status` and a problem; `drop`: the line is dropped instead;
`drop reading`: the line is dropped before the request's body is read; `cut`: the line is dropped half-way through the answer; `empty`: the
true status without a body; `garbage`: bytes that are no JSON under the type of JSON; `html`: a page of some gateway with status 200; `huge`:
`megabytes` of JSON; `trickle`: the true answer, a byte every `seconds_after`; `wrong type`: the true answer as text/plain; `redirect`: 307 to
another host; `partial`: 200 with `errors` and no `data`; `other shape`: JSON with the true status that says something else."""


@dataclass(frozen=True)
class Fault:
    """One way in which a request goes wrong."""

    answer: Answer = "true"
    taken: bool = True
    """Whether the platform takes the request in: a post is there, whatever the client is told."""
    status: int = 503
    seconds_before: float = 0.0
    """Real seconds between the request's arrival and its being taken in."""
    seconds_after: float = 0.0
    """Real seconds between its being taken in and the answer."""
    lag: float = 0.0
    """Real seconds until what was taken in shows on timelines."""
    reset: float = 900.0
    """Seconds until a limit begins anew, where `status` is 429."""
    megabytes: int = 8
    method: str = "*"
    path: str = "*"
    """Which requests: a method and a path with * and ?, as the shell has them."""
    times: int | None = 1
    """For how many requests; None for all."""

    def meets(self, method: str, path: str) -> bool:
        return self.method in ("*", method) and fnmatch.fnmatchcase(path, self.path)

    def on(self, method: str, path: str, times: int | None = 1) -> Fault:
        return replace(self, method=method, path=path, times=times)

    def plain(self) -> dict[str, Any]:
        return asdict(self)


NONE = Fault()


def drop_before() -> Fault:
    """The line is dropped with nothing taken in."""
    return Fault("drop", taken=False)


def drop_reading() -> Fault:
    return Fault("drop reading", taken=False)


def drop_after() -> Fault:
    """Taken in, and the line is dropped instead of an answer."""
    return Fault("drop")


def cut() -> Fault:
    """Taken in, and the line is dropped half-way through the answer."""
    return Fault("cut")


def refused(status: int = 503, reset: float = 900.0) -> Fault:
    """Answered with a status, and not taken in."""
    return Fault("status", taken=False, status=status, reset=reset)


def taken_but(status: int = 503) -> Fault:
    """Taken in, and answered with a status as if it were not."""
    return Fault("status", status=status)


def slow(seconds: float) -> Fault:
    """Taken in only after some time: a client that waits less is gone by then, and still it is taken in."""
    return Fault(seconds_before=seconds)


def late(seconds: float) -> Fault:
    """Taken in at once, answered late."""
    return Fault(seconds_after=seconds)


def lagging(seconds: float) -> Fault:
    """Taken in and answered, and on timelines only after some time."""
    return Fault(lag=seconds)


class Faults:
    """Which fault meets the next request: those set by count first, oldest first, then the mix."""

    def __init__(self) -> None:
        self._counted: list[Fault] = []
        self._mix: tuple[str, float, Sequence[Fault]] | None = None
        self._drawn = 0

    def add(self, fault: Fault) -> None:
        self._counted.append(fault)

    def mix(self, seed: str, share: float, faults: Iterable[Fault]) -> None:
        """From now on a share of the requests meets a fault, drawn evenly from those that are meant for it. The n-th request draws the same
        with the same seed, whatever happened before it."""
        self._mix, self._drawn = (seed, share, list(faults)), 0

    def clear(self) -> None:
        self._counted, self._mix = [], None

    def draw(self, method: str, path: str) -> Fault:
        for at, fault in enumerate(self._counted):
            if fault.meets(method, path):
                if fault.times is not None:
                    left = replace(fault, times=fault.times - 1)
                    self._counted[at : at + 1] = [left] if left.times else []
                return fault
        if self._mix is not None:
            seed, share, faults = self._mix
            meant = [fault for fault in faults if fault.meets(method, path)]
            if meant:
                self._drawn += 1
                chance = Random(f"{seed} {self._drawn}")
                if chance.random() < share:
                    return chance.choice(meant)
        return NONE
