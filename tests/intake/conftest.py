"""A watched folder, and what has been brought from it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from daemon.intake.intake import Arrival, Brought, Gone, Intake, Refused, Renamed


class Desk:
    """Who receives what the intake brings: keeps it, in order, and can wait for it."""

    def __init__(self, drafts: Path) -> None:
        self.drafts = drafts
        self.folder = drafts / "koho"
        self.things: list[Brought] = []
        self.batches: list[int] = []
        self.intake: Intake | None = None

    def start(self, known: Mapping[tuple[str, bytes], tuple[int, int, int, int, int]] | None = None, **options: object) -> Intake:
        """Begin to watch the account `koho`, and wait until the watch is armed."""
        self.intake = Intake(self.drafts, ("koho",), known or {}, self.receive, **options)  # type: ignore[arg-type]
        self.intake.start()
        self.until(lambda: self.intake is not None and self.intake.last_scan is not None)
        return self.intake

    def receive(self, batch: Sequence[Brought]) -> None:
        self.batches.append(len(batch))
        self.things.extend(batch)

    def until(self, true: Callable[[], bool], seconds: float = 20.0) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"waited in vain; brought so far: {[said(t) for t in self.things[-20:]]}"
            time.sleep(0.005)

    def of(self, kind: type, name: str | bytes | None = None) -> list[Brought]:
        wanted = name.encode() if isinstance(name, str) else name
        return [t for t in list(self.things) if isinstance(t, kind) and (wanted is None or name_of(t) == wanted)]

    def arrival(self, name: str | bytes, text: str | None = None) -> Arrival:
        """The last arrival of a name (with this text), waited for."""

        def there() -> list[Arrival]:
            return [
                t for t in self.of(Arrival, name) if isinstance(t, Arrival) and (text is None or t.item.text == text)
            ]

        self.until(lambda: bool(there()))
        return there()[-1]

    def gone(self, name: str | bytes) -> None:
        self.until(lambda: bool(self.of(Gone, name)))

    def refusal(self, name: str | bytes) -> Refused:
        self.until(lambda: bool(self.of(Refused, name)))
        thing = self.of(Refused, name)[-1]
        assert isinstance(thing, Refused)
        return thing

    def settle(self) -> None:
        """Let everything that was set going before this call come through: a later file is brought after it, twice scanned."""
        assert self.intake is not None
        for _ in range(2):
            before = self.intake.last_scan
            self.intake.poke()
            self.until(lambda before=before: self.intake is not None and self.intake.last_scan != before)


def name_of(thing: Brought) -> bytes:
    return thing.new if isinstance(thing, Renamed) else thing.name


def said(thing: Brought) -> str:
    return f"{type(thing).__name__} {name_of(thing)!r}"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "drafts")
    desk.folder.mkdir(parents=True)
    yield desk
    if desk.intake is not None:
        desk.intake.stop()
