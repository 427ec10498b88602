"""One look at one name: what is waited for, and how long, by a clock that the test moves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.intake.arrival import Arrival, Brought, Gone, Refused
from daemon.intake.ledger import Ledger
from daemon.intake.looks import ABSENT, EMPTY, EMPTY_LONG, WINDOW_REMOTE, WRITING_LONG
from daemon.intake.settling import LARGE, ONCE_MORE, TICK, Large, Settling

KEY = ("koho", b"a.txt")


class Bench:
    """A folder with one file, looked at when the test says so."""

    def __init__(self, drafts: Path, *, remote: bool = False) -> None:
        self.path = drafts / "koho/a.txt"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.settling = Settling(drafts, Ledger({}), remote=remote)

    def look(self, now: float) -> list[type[Brought]]:
        return [type(thing) for thing in self.settling.look(KEY, now)]

    def arrived(self) -> None:
        """The file is known, and nothing waits for it any more."""
        os.utime(self.path, (1, 1))
        assert self.look(0.0) == [Arrival]
        self.settling.looks.drop(KEY)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.settling.folders.close()


def test_a_missing_file_is_gone_only_after_a_while_however_often_it_is_looked_for(bench: Bench) -> None:
    bench.path.write_text("本文")
    bench.arrived()
    bench.path.unlink()
    assert bench.look(10.0) == []
    assert bench.look(10.0 + ABSENT / 2) == []
    assert bench.look(10.0 + ABSENT) == [Gone]
    assert bench.look(20.0) == []


def test_what_was_seen_on_a_share_that_has_gone_is_missing_and_not_withdrawn(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.path.write_text("本文")
    bench.arrived()
    bench.path.unlink()
    opened = bench.settling.folders.of("koho")
    assert opened is not None
    with monkeypatch.context() as gone:
        gone.setattr(bench.settling.folders, "of", lambda account: (opened[0], opened[1] + 1))
        assert [bench.look(at) for at in (10.0, 10.0 + ABSENT, 20.0)] == [[], [], []]
    assert [bench.look(at) for at in (30.0, 30.0 + ABSENT)] == [[], [Gone]], "back again, and it is not there"


def test_on_a_share_a_file_must_stand_for_the_whole_window_however_often_it_is_looked_at(tmp_path: Path) -> None:
    bench = Bench(tmp_path, remote=True)
    bench.path.write_text("一")
    assert bench.look(10.0) == []
    assert bench.look(10.0 + WINDOW_REMOTE / 2) == []
    bench.path.write_text("二つ")
    assert bench.look(10.0 + WINDOW_REMOTE) == []
    assert bench.look(10.0 + 1.5 * WINDOW_REMOTE) == []
    assert bench.look(10.0 + 2 * WINDOW_REMOTE) == [Arrival]
    bench.settling.folders.close()


def test_a_known_file_found_empty_counts_as_emptied_only_after_a_while(bench: Bench) -> None:
    bench.path.write_text("本文")
    bench.arrived()
    bench.path.write_bytes(b"")
    assert bench.look(10.0) == []
    assert bench.look(10.0 + EMPTY / 2) == []
    assert bench.look(10.0 + EMPTY) == [Arrival]


def test_a_file_read_at_the_moment_of_its_last_change_is_read_once_more(bench: Bench) -> None:
    bench.path.write_text("本文")
    assert bench.look(10.0) == [Arrival]
    due = bench.settling.looks.next_due()
    assert due == pytest.approx(10.0 + ONCE_MORE)
    assert ONCE_MORE > TICK
    assert bench.settling.looks.due(10.0) == []
    assert bench.settling.looks.due(11.0) == [KEY]
    assert bench.look(11.0) == []


def test_a_file_held_open_is_looked_at_ever_less_often_and_named_after_a_while(bench: Bench) -> None:
    with open(bench.path, "w") as writer:
        writer.write("書きかけ")
        writer.flush()
        delays = []
        for _ in range(6):
            assert bench.look(10.0) == []
            delays.append(round((bench.settling.looks.get(KEY) or pytest.fail("nothing waits")).due - 10.0, 3))
        assert delays == [0.005, 0.01, 0.02, 0.04, 0.05, 0.05]
        assert bench.settling.looks.long_written(10.0 + WRITING_LONG) == []
        assert bench.settling.looks.long_written(11.0 + WRITING_LONG) == [KEY]
    assert bench.look(12.0 + WRITING_LONG) == [Arrival]
    assert bench.settling.looks.long_written(13.0 + WRITING_LONG) == []


def test_a_new_file_that_stays_empty_is_told_so_once_and_read_when_it_is_written(bench: Bench) -> None:
    bench.path.touch()
    assert bench.look(10.0) == []
    assert bench.look(10.0 + EMPTY) == []
    (told,) = bench.settling.look(KEY, 10.0 + EMPTY_LONG)
    assert isinstance(told, Refused)
    assert (told.code, "本文を書いて" in told.message) == ("empty", True)
    assert bench.look(20.0 + EMPTY_LONG) == []
    bench.path.write_text("本文")
    assert bench.look(30.0 + EMPTY_LONG) == [Arrival]


def test_an_empty_file_that_was_told_and_is_removed_is_gone(bench: Bench) -> None:
    bench.path.touch()
    assert bench.look(10.0) == []
    assert bench.look(10.0 + EMPTY_LONG) == [Refused]
    bench.path.unlink()
    assert bench.look(20.0 + EMPTY_LONG) == []
    assert bench.look(20.0 + EMPTY_LONG + ABSENT) == [Gone]


def test_a_large_file_is_left_until_somebody_asks_for_the_large_ones(bench: Bench) -> None:
    bench.path.write_bytes(b"x" * (LARGE + 1))
    assert bench.look(10.0) == []
    assert bench.look(11.0) == []
    assert bench.settling.large.take() == KEY
    assert not bench.settling.large
    assert [type(thing) for thing in bench.settling.look(KEY, 12.0, even_large=True)] == [Arrival]


def test_of_the_large_files_the_smallest_goes_first_as_large_as_it_was_last() -> None:
    large = Large()
    sizes = {b"a": 30, b"b": 10, b"c": 20}
    for name, size in sizes.items():
        large.leave(("koho", name), size)
        large.leave(("koho", name), size)
    large.leave(("koho", b"b"), 40)
    assert [large.take() for _ in range(4)] == [("koho", b"c"), ("koho", b"a"), ("koho", b"b"), None]
