"""The office as this console sees it: the gate with its own eyes, everything else as the daemon last told it.

The rule that must never break: unknown is never shown as running. Running needs three things at once: a permit that the console
itself has just seen, a daemon that answers, and a daemon that says so too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from console.words import choose_each, say
from daemon.gate import Look
from daemon.standing import Mark
from daemon.wire import AccountStatus, InFlight, StatusAnswer, StopSeen, StopState

if TYPE_CHECKING:
    from console.link import LinkState

Condition = Literal["running", "stopped", "unknown"]


class OfficeSeen:
    """What is known now. The console sets `look`, `link` and `status`; the rest follows from them."""

    def __init__(self) -> None:
        self.look: Look | None = None
        self.link: LinkState = "connecting"
        self.status: StatusAnswer | None = None
        self.told: StopState | None = None
        self.stopped_by: str = ""
        self.stopped_at: datetime | None = None
        self.latency: float | None = None
        """Seconds that the daemon took to answer the last question for its status; None where it has not."""
        self.names: Mapping[str, str] = {}
        """The people on the register by their logins, as far as the daemon has said."""
        self.phone_at_home = ""
        """Whom to ring by the rules file beside us, where no daemon has ever answered."""
        self.older = ""
        """The version of the daemon, where it is an older one than this console asks for all it knows."""
        self.mark: Mark | None = None
        """What the gate itself tells of the stop, where no daemon runs."""
        self.start = ""
        """The command that starts the daemon, where none runs; empty where one does, or nobody knows."""
        self.drilling = False
        """Whether the stop key is that of a drill now."""

    def answered_in(self, seconds: float) -> None:
        """The daemon took so long to answer. Told only when it is another order of haste: a number that flickers is not read, but sent."""
        if self.latency is None or not self.latency / 2 < seconds < self.latency * 2:
            self.latency = seconds

    def heard(self, status: StatusAnswer, *, since: StopState | None) -> None:
        """The daemon's answer to the question for its status, asked when `since` was the last that it had told of the stop: it is newer."""
        self.status = status
        if self.told is since:
            self.told = None

    @property
    def condition(self) -> Condition:
        """Stopped as soon as anybody says so who can see it; running only if the gate and a living daemon agree."""
        if self.look is not None and not self.look.open and not self.look.blind:
            return "stopped"
        if not self.connected or self.look is None or self.status is None:
            return "unknown"
        gate = self.status.gate.stopped
        if gate is None or (self.look.blind and not gate):
            return "unknown"
        return "stopped" if gate else "running"

    @property
    def connected(self) -> bool:
        """Whether the daemon answers."""
        return self.link == "up"

    @property
    def gate(self) -> StopState | None:
        """What the daemon last said of the stop."""
        return self.told or (self.status.gate if self.status else None)

    @property
    def lasting(self) -> list[str]:
        """What is wrong as long as it lasts, in the operator's language: broken rules, and the daemon's alarms. Not made safe to show."""
        older = [say("tui", "status.older", version=self.older)] if self.older else []
        if self.status is None:
            return older
        problems = choose_each(self.status.problems, self.status.problems_en)
        return [*older, *problems, *choose_each(self.status.alarms, self.status.alarms_en)]

    @property
    def why(self) -> str:
        """Why it is stopped (Japanese): the gate's own reason before the daemon's."""
        return self.look.why if self.look and not self.look.open else self.gate.why if self.gate else ""

    @property
    def why_en(self) -> str:
        """The same in English."""
        return self.look.why_en if self.look and not self.look.open else self.gate.why_en if self.gate else ""

    def person(self, login: str) -> str:
        """What this person is called; the login where nobody has said."""
        return self.names.get(login, login)

    @property
    def by(self) -> str:
        """Who stopped, as far as it is known."""
        known = self.stopped_by or (self.person(self.gate.by) if self.gate else "")
        return known or (self.person(self.mark.by) if self.mark else "")

    @property
    def phone(self) -> str:
        """Whom to ring when the console knows nothing any more; empty where the office names nobody."""
        return self.status.phone if self.status else self.phone_at_home

    @property
    def since(self) -> datetime | None:
        """Since when it is stopped: as the daemon says, else by our own press, else by the mark."""
        known = self.stopped_at or (self.gate.since if self.gate else None)
        return known or (datetime.fromtimestamp(self.mark.at, UTC) if self.mark else None)

    @property
    def scopes(self) -> tuple[str, ...]:
        """The narrower stops that stand: accounts, platforms, actions."""
        return tuple(self.look.scopes) if self.look else ()

    @property
    def stops(self) -> tuple[StopSeen, ...]:
        """The stops that stand, as the record has them: of those that our own eyes see. Empty where the daemon has not said."""
        whole = self.condition == "stopped"
        known = self.gate.stops if self.gate else ()
        return tuple(each for each in known if (whole if each.scope == "all" else each.scope in self.scopes))

    @property
    def in_flight(self) -> tuple[InFlight, ...]:
        """Releases that had begun when it was stopped."""
        return self.gate.in_flight if self.gate else ()

    def account(self, name: str) -> AccountStatus | None:
        """What the daemon last said of an account."""
        return next((a for a in self.status.accounts if a.id == name), None) if self.status else None
