"""A watched folder, and who receives what is brought from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from daemon.intake.intake import Arrival, Brought, Gone, Intake, Refused, Renamed


class Desk:
    """Who receives what the intake brings: keeps it, in order, and can wait for it."""

    def __init__(self, drafts: Path) -> None:
        self.drafts = drafts
        self.folder = drafts / "koho"
        self.things: list[Brought] = []
        self.sentinels: list[Brought] = []
        self._sentinels = 0
        self.batches: list[int] = []
        self.intake: Intake | None = None
        self._hold, self._held, self._go_on = threading.Event(), threading.Event(), threading.Event()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What is done here is done at once for the intake: it stands still, waiting for us to take what it brings."""
        self._sentinels += 1
        self._hold.set()
        (self.folder / f"sentinel{self._sentinels}.txt").write_text("見張り")
        assert self._held.wait(60)
        yield
        self._hold.clear()
        self._go_on.set()

    def start(self, known: Mapping[tuple[str, bytes], tuple[int, int, int, int, int]] | None = None, **options: object) -> Intake:
        """Begin to watch the account `koho`, and wait until the watch is armed."""
        self.intake = Intake(self.drafts, ("koho",), known or {}, self.receive, **options)  # type: ignore[arg-type]
        self.intake.start()
        self.until(lambda: self.intake is not None and self.intake.last_scan is not None)
        return self.intake

    def receive(self, batch: Sequence[Brought]) -> None:
        if self._hold.is_set():
            self._held.set()
            assert self._go_on.wait(60)
        self.batches.append(len(batch))
        for thing in batch:
            (self.sentinels if name_of(thing).startswith(b"sentinel") else self.things).append(thing)

    def until(self, true: Callable[[], bool], seconds: float = 60.0) -> None:
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
            return [t for t in self.of(Arrival, name) if isinstance(t, Arrival) and (text is None or t.item.text == text)]

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
        """Let everything that was set going before this call come through: a later file is brought, removed, and said to be gone,
        and two scans end."""
        assert self.intake is not None
        self._sentinels += 1
        sentinel = self.folder / f"sentinel{self._sentinels}.txt"
        before = len(self.sentinels)
        sentinel.write_text("見張り")
        self.until(lambda: len(self.sentinels) > before)
        sentinel.unlink()
        self.until(lambda: isinstance(self.sentinels[-1], Gone))
        for _ in range(2):
            last = self.intake.last_scan
            self.intake.poke()
            self.until(lambda last=last: self.intake is not None and self.intake.last_scan != last)


def name_of(thing: Brought) -> bytes:
    return thing.new if isinstance(thing, Renamed) else thing.name


def said(thing: Brought) -> str:
    return f"{type(thing).__name__} {name_of(thing)!r}"
