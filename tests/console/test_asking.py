"""A question at a terminal: the stop key is heard while nobody has typed anything, at whatever instant it is pressed."""

from __future__ import annotations

import os
import pty
import signal
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from console.cli.asking import StopTyped, ask


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The keyboard of the terminal at which this process sits, as a descriptor."""
    ours, its = pty.openpty()
    with os.fdopen(its, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield ours
    os.close(ours)


@pytest.fixture
def stop_key() -> Iterator[None]:
    """Ctrl+\\ is the stop key."""

    def pressed(*_: object) -> None:
        raise StopTyped

    before = signal.signal(signal.SIGQUIT, pressed)
    yield
    signal.signal(signal.SIGQUIT, before)


def later(seconds: float, do: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, do)
    timer.daemon = True
    timer.start()
    return timer


def test_a_stop_key_that_python_heard_before_it_began_to_read_is_not_left_until_the_next_line(keys: int, stop_key: None) -> None:
    """The kernel gives the signal to another thread, so nothing breaks off what this one waits for: as where it comes just before."""

    def press() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGQUIT})
        signal.pthread_kill(threading.get_ident(), signal.SIGQUIT)

    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGQUIT})
    late = later(20, lambda: os.write(keys, "次の行\n".encode()))
    try:
        with pytest.raises(StopTyped):
            later(0.2, press)
            ask("番号、Enter で戻る > ")
        assert late.is_alive(), "it was heard before anything else was typed"
    finally:
        late.cancel()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_a_signal_that_is_no_stop_leaves_the_question_standing(keys: int) -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGWINCH, lambda number, _: seen.append(number))
    try:
        later(0.05, lambda: os.kill(os.getpid(), signal.SIGWINCH))
        later(0.3, lambda: os.write(keys, "３\n".encode()))
        assert ask("番号 > ") == "３"
        assert seen == [signal.SIGWINCH]
    finally:
        signal.signal(signal.SIGWINCH, before)


def test_lines_typed_ahead_are_all_heard_and_the_end_is_the_end(keys: int) -> None:
    os.write(keys, b"1\n2\n\x04")
    assert (ask(""), ask(""), ask("")) == ("1", "2", None)
