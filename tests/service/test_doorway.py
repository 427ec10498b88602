"""Who comes while the rooms are still being set up: told how the office stands, as far as that is known; all else waits for its room."""

from __future__ import annotations

import ast
import asyncio
import hashlib
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from daemon.release.permit import Keeper
from daemon.rulebook.current import Current
from daemon.rulebook.model import Operator
from daemon.service.clock import Clock
from daemon.service.doorway import STARTING, Doorway, Ground
from daemon.service.machine import Machine, this_machine
from daemon.service.server import Session
from daemon.service.terminals.peer import Peer
from daemon.store import Store
from daemon.wire import Ask, Done, Register, Status, StatusAnswer
from daemon.wire.answers import AnyAnswer
from tests.service.live_office import ROOT, Office

ROOMS = (
    "daemon.judge",
    "daemon.screening",
    "daemon.intake",
    "daemon.moderation",
    "daemon.papers",
    "daemon.desk.case",
    "daemon.rulebook.lint",
)
LIBRARIES = ("structlog", "importlib.metadata", "argparse", "re2", "watchfiles", "PIL")


@pytest.fixture
async def left_open(found: Callable[..., Office]) -> AsyncIterator[tuple[Office, Store]]:
    """An office that has run, has a draft and was not stopped; its daemon is gone, its store ours."""
    office = found()
    office.drop("minato-x", "a.txt")
    await asyncio.to_thread(lambda: (office.start(), office.row("a.txt", "to_fix", "waiting"), office.kill()))
    async with await Store.open(office.state / "store") as store:
        yield office, store


async def ground(office: Office, store: Store, here: Machine | None = None) -> Ground:
    clock = Clock()
    current = Current(office.folder, clock, office.state / "store")
    return await Ground.of(current, store, clock, Keeper(office.state), here or this_machine())


def session() -> Session:
    who = Operator(login="shibata", name="柴田", unit="", role="manager", policies=())
    return Session(lambda: who, Peer(1, 0, None))


def status(door: Doorway) -> asyncio.Future[AnyAnswer]:
    return asyncio.ensure_future(door.answer(Ask(id="1", query=Status()), session()))


async def test_how_the_office_stands_is_known_before_there_is_a_room(left_open: tuple[Office, Store]) -> None:
    answer = await status(Doorway(await ground(*left_open)))
    assert isinstance(answer, StatusAnswer)
    assert answer.gate.stopped is False
    assert sum(answer.queue.values()) == 1
    assert {account.id for account in answer.accounts} >= {"minato-x"}


async def test_what_is_not_known_yet_is_said_to_be_so(left_open: tuple[Office, Store]) -> None:
    answer = await status(Doorway(await ground(*left_open)))
    assert isinstance(answer, StatusAnswer)
    assert answer.starting
    assert STARTING[0] in answer.alarms and STARTING[1] in answer.alarms_en


KNOWN_IN_THE_ROOMS = {
    "starting",
    "alarms",
    "alarms_en",
    "duties",
    "guards",
    "countdowns",
    "broken_sets",
    "now",
    "policy_since",
    "started",
    "audit_head",
}
"""What the house knows and the door does not, and what another moment changes."""


async def test_the_door_and_the_house_say_the_same_of_all_that_both_know(left_open: tuple[Office, Store]) -> None:
    office, store = left_open
    told = await status(Doorway(await ground(office, store)))
    assert isinstance(told, StatusAnswer)
    await store.close()
    house = await asyncio.to_thread(lambda: office.start().status())
    gates = [msgspec.structs.replace(each.gate, follow_ups=0) for each in (told, house)]
    assert gates[0] == gates[1]
    differ = {
        field.name
        for field in msgspec.structs.fields(StatusAnswer)
        if field.name != "gate" and getattr(told, field.name) != getattr(house, field.name)
    }
    assert differ <= KNOWN_IN_THE_ROOMS


def test_how_the_office_stands_is_put_together_in_one_place() -> None:
    places = {
        path.name
        for path in (ROOT / "daemon").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "StatusAnswer"
    }
    assert places == {"at_a_glance.py"}


async def test_a_stop_made_while_nobody_was_here_is_in_the_first_answer(left_open: tuple[Office, Store]) -> None:
    office, _ = left_open
    (office.state / "gate" / "RUN").unlink()
    (office.state / "STOP.minato-x").touch()
    answer = await status(Doorway(await ground(*left_open)))
    assert isinstance(answer, StatusAnswer)
    assert answer.gate.stopped is True
    assert all(account.stopped for account in answer.accounts)
    assert "minato-x" in answer.gate.scopes


async def test_everything_else_waits_for_its_room_and_is_answered_there(left_open: tuple[Office, Store]) -> None:
    door = Doorway(await ground(*left_open))
    asked = asyncio.ensure_future(door.answer(Ask(id="2", query=Register()), session()))
    await asyncio.sleep(0.01)
    assert not asked.done()

    async def room(ask: Ask, session: Session) -> AnyAnswer:
        return Done(message=ask.id)

    door.open(room)
    assert await asked == Done(message="2")
    assert await status(door) == Done(message="1"), "from now on the house answers all"


async def test_one_who_hangs_up_while_waiting_takes_the_house_from_nobody(left_open: tuple[Office, Store]) -> None:
    door = Doorway(await ground(*left_open))
    first, second = (asyncio.ensure_future(door.answer(Ask(id=n, query=Register()), session())) for n in "12")
    await asyncio.sleep(0.01)
    first.cancel()

    async def room(ask: Ask, session: Session) -> AnyAnswer:
        return Done(message=ask.id)

    await asyncio.sleep(0.01)
    door.open(room)
    assert await second == Done(message="2")


async def test_an_office_on_another_machine_is_not_said_to_run(left_open: tuple[Office, Store]) -> None:
    office, store = left_open
    elsewhere = Machine(hashlib.sha256(b"elsewhere").hexdigest()[:16], "elsewhere")
    asked = status(Doorway(await ground(office, store, elsewhere)))
    await asyncio.sleep(0.05)
    assert not asked.done(), "it will be stopped on its way in, and nobody is told anything else"
    asked.cancel()


async def test_an_office_that_has_never_run_says_nothing_before_it_does(tmp_path: Path) -> None:
    office = Office(tmp_path / "new")
    office.state.mkdir()
    async with await Store.open(office.state / "store") as store:
        asked = status(Doorway(await ground(office, store)))
        await asyncio.sleep(0.05)
        assert not asked.done()
        asked.cancel()


def test_the_door_takes_no_room_and_no_large_library_with_it() -> None:
    asked = f"import sys, daemon.service.main; print([name for name in {ROOMS + LIBRARIES!r} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_ready_is_said_when_everything_is_known(found: Callable[..., Office]) -> None:
    office = found(plain=True)
    for _ in range(2):
        office.start()
        assert not office.status().starting
        office.stop()
