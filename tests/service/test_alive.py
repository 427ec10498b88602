"""A thread gets on while it has nothing to do, does something, or is at the disk; one that sleeps in the middle of its work hangs."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from daemon.service.alive import ASLEEP, LONGEST, LOOK, WAITING, Alive, Doing, Watched, _state, _used
from daemon.service.notify import Manager
from daemon.store import Store
from daemon.store.readers import Reading
from tests.patience import let_go
from tests.service.live_office import until


class Hand:
    """A thread that does what a test wants of it; one that comes to rest has by the time it is there: what it does to begin is work, too."""

    def __init__(self, work: Callable[[], None], *, rests: bool = True) -> None:
        self.thread = threading.Thread(target=work, daemon=True)
        self.turns = self.nudges = 0
        self.doing: Doing = "work"
        self.thread.start()
        if rests:
            until(lambda: at_rest(self.thread), "a thread at rest")

    def goes_on(self) -> None:
        """Wait until it has used the processor once more."""
        before = _used(self.thread)
        until(lambda: _used(self.thread) > before, "a thread at work")

    def nudge(self) -> None:
        self.nudges += 1


def at_rest(thread: threading.Thread) -> bool:
    before = _used(thread)
    time.sleep(0.05)
    return _state(thread) == "S" and _used(thread) == before


@pytest.fixture
def end() -> Iterator[threading.Event]:
    with let_go(threading.Event()) as end:
        yield end


def looks(watched: Watched, seconds: float) -> bool:
    """Look for so long, as far as the one who looks can tell; whether it got on at the last."""
    return [watched.gets_on() for _ in range(int(seconds / LOOK) + 1)][-1]


def test_one_that_sleeps_in_its_work_hangs(end: threading.Event) -> None:
    hand = Hand(lambda: end.wait() and None)
    watched = Watched(lambda: hand)
    assert looks(watched, 0), "at the first look nobody can tell"
    assert not looks(watched, ASLEEP + LOOK)


def test_one_that_gets_on_again_hangs_no_more(end: threading.Event) -> None:
    hand = Hand(lambda: end.wait() and None)
    watched = Watched(lambda: hand)
    assert not looks(watched, ASLEEP + LOOK)
    hand.turns += 1
    assert watched.gets_on()


def test_one_that_has_nothing_to_do_may_sleep_for_ever(end: threading.Event) -> None:
    hand = Hand(lambda: end.wait() and None)
    hand.doing = "idle"
    assert looks(Watched(lambda: hand), 2 * LONGEST)


def test_one_that_has_nothing_to_do_is_nudged_at_each_look_and_one_at_work_is_left_alone(end: threading.Event) -> None:
    hand = Hand(lambda: end.wait() and None)
    watched = Watched(lambda: hand)
    watched.gets_on()
    assert hand.nudges == 0
    hand.doing = "idle"
    watched.gets_on()
    watched.gets_on()
    assert hand.nudges == 2


def test_one_that_a_nudge_does_not_wake_hangs_as_if_it_were_needed(end: threading.Event) -> None:
    class Deaf(Hand):
        def nudge(self) -> None:
            self.doing = "work"  # until it has taken notice, which it never does

    hand = Deaf(lambda: end.wait() and None)
    hand.doing = "idle"
    watched = Watched(lambda: hand)
    assert watched.gets_on()
    assert not looks(watched, ASLEEP + LOOK)


def test_one_that_waits_for_others_has_patience_and_no_more(end: threading.Event) -> None:
    hand = Hand(lambda: end.wait() and None)
    hand.doing = "waits"
    watched = Watched(lambda: hand)
    assert looks(watched, WAITING - 2 * LOOK)
    assert not looks(watched, 3 * LOOK)


def test_a_folder_of_another_machine_that_does_not_answer_is_no_hang_of_ours(end: threading.Event) -> None:
    hand = Hand(lambda: end.wait() and None)
    hand.doing = "away"
    assert looks(Watched(lambda: hand), 2 * LONGEST)


def test_one_that_uses_the_processor_gets_on_without_a_turn(end: threading.Event) -> None:
    def work() -> None:
        while not end.is_set():
            pass

    hand = Hand(work, rests=False)
    watched = Watched(lambda: hand)
    for _ in range(int(ASLEEP / LOOK) + 3):
        hand.goes_on()
        assert watched.gets_on()


def test_but_not_for_ever(end: threading.Event) -> None:
    def work() -> None:
        while not end.is_set():
            pass

    hand = Hand(work, rests=False)
    watched = Watched(lambda: hand)
    assert watched.gets_on()
    assert not watched.gets_on(LONGEST + 1)


def test_one_that_has_died_hangs() -> None:
    hand = Hand(lambda: None)
    hand.thread.join()
    hand.doing = "idle"
    assert not Watched(lambda: hand).gets_on()


def test_one_that_is_never_started_hangs_in_the_end() -> None:
    watched = Watched(lambda: None)
    assert looks(watched, WAITING - 2 * LOOK)
    assert not looks(watched, 3 * LOOK)


class Ear:
    """A manager of services that listens."""

    def __init__(self, folder: Path) -> None:
        self.place = str(folder / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.place)
        self._socket.settimeout(60)

    def heard(self, count: int) -> list[str]:
        return [self._socket.recv(4096).decode() for _ in range(count)]

    def nothing(self) -> bool:
        self._socket.setblocking(False)
        try:
            return not self._socket.recv(4096)
        except BlockingIOError:
            return True
        finally:
            self._socket.settimeout(60)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Ear]:
    ear = Ear(tmp_path)
    yield ear
    ear.close()


def test_there_are_signs_of_life_while_all_get_on_and_none_once_one_hangs(ear: Ear, end: threading.Event) -> None:
    hand = Hand(lambda: end.wait() and None)
    hand.doing = "idle"
    manager = Manager(ear.place, 2.0)
    alive = Alive(manager, {"writer": lambda: hand, "intake": lambda: hand})
    alive.look()
    assert ear.heard(1) == ["WATCHDOG=1"]
    hand.doing = "work"
    for _ in range(int(ASLEEP / LOOK) + 1):
        alive.look()
    said = ear.heard(int(ASLEEP / LOOK) + 2)
    assert "WATCHDOG=trigger" in said and any("STATUS=" in each and "writer" in each for each in said)
    assert said.index("WATCHDOG=trigger") > said.index("WATCHDOG=1")
    assert alive.hung == {"writer", "intake"}
    manager.close()


def test_what_names_the_manager_is_not_left_to_the_processes_that_are_started(ear: Ear) -> None:
    environment = {"NOTIFY_SOCKET": ear.place, "WATCHDOG_USEC": "2000000", "WATCHDOG_PID": str(os.getpid()), "PATH": "/bin"}
    manager = Manager.named_by(environment)
    assert environment == {"PATH": "/bin"}
    assert manager.listens and manager.patience == 2.0
    manager.ready()
    manager.status("稼働")
    manager.status("稼働")
    manager.longer(20)
    manager.ending()
    assert ear.heard(4) == ["READY=1", "STATUS=稼働", "EXTEND_TIMEOUT_USEC=20000000", "STOPPING=1"]
    assert ear.nothing()
    manager.close()


def test_a_watchdog_that_is_meant_for_another_process_gets_no_signs(ear: Ear) -> None:
    manager = Manager.named_by({"NOTIFY_SOCKET": ear.place, "WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"})
    manager.alive()
    assert manager.patience == 0
    assert ear.nothing()
    manager.close()


def test_where_nobody_listens_nothing_is_said_and_nothing_fails(tmp_path: Path) -> None:
    for manager in (Manager(), Manager(str(tmp_path / "nobody"), 2.0)):
        manager.ready()
        manager.alive()
        manager.hung()
        assert not manager.listens


async def test_a_reader_that_never_comes_back_from_a_question_hangs_and_the_others_do_not(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "store") as store:
        with let_go(threading.Event()) as end:
            await hangs_alone(store, end)


async def hangs_alone(store: Store, end: threading.Event) -> None:
    assert set(store.reading) == {"reader-1", "reader-2", "walker-1", "walker-2"}
    watched = {name: Watched(partial(same, each)) for name, each in store.reading.items()}
    asked = asyncio.ensure_future(store.read(lambda db: end.wait()))
    await asyncio.to_thread(until_asleep, store)
    assert all(looks(each, WAITING - 1) for each in watched.values()), "it may wait for what others have in hand"
    (hung,) = [name for name, each in watched.items() if not looks(each, 2)]
    assert hung.startswith("reader")
    assert (await store.fetch("SELECT 1 AS one"))[0]["one"] == 1, "the other one answers meanwhile"
    end.set()
    assert await asked
    until(lambda: all([each.gets_on() for each in watched.values()]), "all of them get on again")


def same(each: Reading) -> Reading:
    return each


def until_asleep(store: Store) -> None:
    """One of them is asked, and all that it does on the way to where it waits is done: that, too, is a sign of life."""
    asked = until(lambda: [each for each in store.reading.values() if each.asked], "a reader with a question")
    until(lambda: at_rest(asked[0].thread), "a reader that sleeps over it")
