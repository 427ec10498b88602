"""The house: every room of an office, put together, and what they do until it ends (`service/main.py` has laid the ground, and answers
whoever comes meanwhile).
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path

import structlog

from daemon.release.hands import Releaser
from daemon.service import secrets
from daemon.service.alive import Alive, Worker
from daemon.service.asking import Asking
from daemon.service.auditing import Auditing
from daemon.service.cards import Cards
from daemon.service.comment_watch import CommentWatch
from daemon.service.correcting import Correcting
from daemon.service.dispatch import Dispatch
from daemon.service.doorway import Doorway, Ground
from daemon.service.drilling import Drilling
from daemon.service.fanning import Fanning
from daemon.service.hub import Hub
from daemon.service.incoming import Incoming
from daemon.service.indexing import Indexing
from daemon.service.keeping import Keeping
from daemon.service.left import EPOCH
from daemon.service.letting_in import LettingIn
from daemon.service.machine import Machine
from daemon.service.measuring import Measuring
from daemon.service.mentions import Mentions
from daemon.service.metrics import Asked, Metrics
from daemon.service.moderating import Moderating
from daemon.service.moving import Moving
from daemon.service.notify import Manager
from daemon.service.outgoing import Outgoing
from daemon.service.promises import Promises
from daemon.service.rounds import Rounds
from daemon.service.running import Running
from daemon.service.server import Server
from daemon.service.sheets import SheetWatch
from daemon.service.telling import Telling
from daemon.store import Tx

log = structlog.get_logger()

YOUNG = 10_000
"""Objects after which the collector looks for rings of rubbish. With Python's own 700 it looks at every other draft, and finds none."""


async def at_work(
    folder: Path,
    ground: Ground,
    hub: Hub,
    server: Server,
    door: Doorway,
    here: Machine,
    manager: Manager,
    told: asyncio.Event,
    ready: int | None = None,
) -> None:
    """Set the house up on this ground, let it answer through the door, and be at work until `told`. `ready` is a descriptor that gets one
    line as soon as it answers. Raises StoreError where it cannot run here."""
    state, current, store = folder / "state", ground.current, ground.store
    async with AsyncExitStack() as at_the_end:
        office = Running(folder, current, store, ground.clock, hub=hub, gate=ground.gate, started=ground.started)
        await office.prepare()
        if (open_secrets := secrets.alarm(state)) is not None:
            office.alarms["secrets"] = open_secrets
        moving = Moving(office, here)
        await moving.arrive()
        await _first_permit(office)
        releaser = Releaser(state, current.rulebook.office.releaser)
        outgoing, incoming = Outgoing(office, releaser), Incoming(office)
        asking = Asking(office, outgoing)
        letting_in = LettingIn(office, releaser, asking)
        cards, keeping, auditing = Cards(office, outgoing), Keeping(office), Auditing(office)
        drilling, sheets = Drilling(office), SheetWatch(office, incoming)
        promises, fanning = Promises(office, incoming), Fanning(office, incoming)
        correcting = Correcting(office)
        comments = CommentWatch(office)
        telling, measuring = Telling(office, comments), Measuring(office, outgoing, comments)
        mentions = Mentions(office, asking, comments)
        await promises.start()
        await fanning.refresh()
        await correcting.look()
        dispatch = Dispatch(
            office,
            cards,
            incoming,
            keeping,
            auditing,
            drilling,
            moving,
            sheets,
            promises,
            fanning,
            correcting,
            telling,
            Moderating(office, comments, asking),
            letting_in,
            mentions,
        )
        readers = {name: partial(_same, each) for name, each in store.reading.items()}
        alive = Alive(manager, {"writer": lambda: store.writer, "intake": lambda: incoming.worker, **readers})
        metrics = Metrics(office, manager, lambda: asked(office, incoming, outgoing, promises, alive))
        indexing = Indexing(store)
        for close in (
            partial(_note_the_end, office),
            outgoing.close,
            measuring.close,
            mentions.close,
            incoming.close,
            keeping.close,
            auditing.close,
            drilling.close,
            telling.close,
            moving.close,
            promises.backtests.close,
            metrics.close,
            indexing.close,
            server.close,
            alive.close,
        ):
            at_the_end.push_async_callback(close)
        at_the_end.callback(manager.ending)
        door.open(dispatch.answer)
        office.hub.publish("gate")  # whoever was told what was known at the door asks again
        _say_ready(ready)
        manager.ready()
        alive.start()
        gc.freeze()
        gc.set_threshold(YOUNG)
        gc.enable()
        await moving.look_first()
        await outgoing.start()
        await cards.clear()
        await incoming.start()
        keeping.start()
        auditing.start()
        telling.start()
        metrics.start()
        await asyncio.to_thread(current.keep)
        indexing.start()
        await _until(
            told,
            Rounds(
                office,
                outgoing,
                cards,
                incoming,
                moving,
                sheets,
                promises,
                fanning,
                correcting,
                comments,
                letting_in,
                measuring,
                mentions,
            ),
        )


def _same(worker: Worker) -> Worker:
    return worker


async def _until(told: asyncio.Event, rounds: Rounds) -> None:
    async with asyncio.TaskGroup() as group:
        going = group.create_task(rounds.go())
        await told.wait()
        going.cancel()


async def _note_the_end(office: Running) -> None:
    """Note whether the permit stood. Where that cannot be written, the next boot finds no note, and waits for a manager."""
    if office.look().open:
        try:
            await asyncio.to_thread(office.gate.note_clean_shutdown)
        except OSError as error:
            log.warning("the end cannot be noted", why=str(error))


async def _first_permit(office: Running) -> None:
    """A restart leaves the gate as found. A training office that has never run opens by itself; a real one waits for its manager."""
    await asyncio.to_thread(office.gate.after_boot)
    if office.epoch > 0 or not office.current.rulebook.office.training:
        return
    look = office.gate.look()
    office.epoch = look.epoch + 1
    await office.store.write(_open_training(office.epoch))
    if "all" not in look.scopes:
        await asyncio.to_thread(office.gate.grant, office.epoch)


def _open_training(epoch: int) -> Callable[[Tx], None]:
    def op(tx: Tx) -> None:
        tx.db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (EPOCH, epoch))
        tx.record("daemon", "open_training", None, epoch=epoch)

    return op


def asked(office: Running, incoming: Incoming, outgoing: Outgoing, promises: Promises, alive: Alive) -> Asked:
    """What the rooms tell of themselves, in numbers."""
    worker = incoming.worker
    return Asked(
        canaries=promises.guarding.awake,
        last_scan=worker.last_scan if worker is not None else None,
        alarms=len(office.alarms) + len(incoming.alarms()),
        hung=alive.hung,
        releaser=outgoing.on_the_line,
        listening=len(office.hub.listening()),
    )


def _say_ready(ready: int | None) -> None:
    if ready is not None:
        with suppress(OSError):
            os.write(ready, b"ready\n")
            os.close(ready)
