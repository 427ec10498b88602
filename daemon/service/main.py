"""The daemon of one office: `python -m daemon.service.main --office DIR`.

It starts in this order, so that a console has its first answer early: lock, rulebook, store, gate, socket; then the hand, then
the folder. It ends on SIGTERM or SIGINT, and records whether the permit stood when it did.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

import structlog

from daemon.rulebook.current import Current
from daemon.rulebook.model import RulebookError
from daemon.service import logs
from daemon.service.dispatch import Dispatch
from daemon.service.identity import identify
from daemon.service.incoming import Incoming
from daemon.service.outgoing import Outgoing
from daemon.service.rounds import Rounds
from daemon.service.running import Running, tokyo_now
from daemon.service.server import Server
from daemon.store import Store, StoreError

log = structlog.get_logger()

LOCK = "daemon.lock"


class CannotStart(Exception):
    """The daemon cannot run here; the message says what, where and what to do, in both languages."""

    def __init__(self, message: str, message_en: str) -> None:
        self.message, self.message_en = message, message_en
        super().__init__(message)


def lock(state: Path) -> int:
    """Take the office's lock, which lives exactly as long as this process. Raises CannotStart when another daemon has it."""
    held = os.open(state / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = os.read(held, 32).decode(errors="replace").strip()
        os.close(held)
        raise CannotStart(
            f"この部署のデーモンはもう動いています（プロセス {other}、{state / LOCK}）。止めてから起動してください。",
            f"A daemon of this office is already running (process {other}, {state / LOCK}): end that one first.",
        ) from None
    os.ftruncate(held, 0)
    os.write(held, f"{os.getpid()}\n".encode())
    return held


async def run(folder: Path, ready: int | None = None) -> None:
    """Run the office in `folder` until a signal ends it. `ready` is a descriptor that gets one line when the socket answers.

    Raises CannotStart, RulebookError or StoreError before anything has been touched that a second try would miss.
    """
    state = folder / "state"
    state.mkdir(mode=0o750, exist_ok=True)
    held = lock(state)
    current = Current(folder)
    store = await Store.open(state)
    try:
        office = Running(folder, current, store, tokyo_now)
        await office.prepare()
        await _first_permit(office)
        outgoing, incoming = Outgoing(office), Incoming(office)
        dispatch = Dispatch(office, outgoing, incoming)
        book = current.rulebook.office

        server = Server(
            state,
            office.hub,
            lambda uid, plays: identify(uid, plays, office.owner_uid, current.rulebook),
            dispatch.answer,
            lambda: (book.name, book.training),
        )
        rounds = Rounds(office, outgoing, incoming)
        await server.start()
        _say_ready(ready)
        try:
            await outgoing.start()
            await incoming.start()
            await _until_told(rounds)
        finally:
            await server.close()
            await incoming.close()
            await outgoing.close()
            if office.look().open:
                await asyncio.to_thread(office.gate.note_clean_shutdown)
    finally:
        await store.close()
        os.close(held)


async def _first_permit(office: Running) -> None:
    """A restart leaves the gate as found. A training office that has never run opens by itself; a real one waits for its manager."""
    await asyncio.to_thread(office.gate.after_boot)
    if office.epoch == 0 and office.current.rulebook.office.training:

        def op(tx: object) -> None:
            from daemon.store import Tx

            assert isinstance(tx, Tx)
            tx.db.execute("INSERT INTO meta VALUES ('epoch', 1) ON CONFLICT DO UPDATE SET value = excluded.value")
            tx.record("daemon", "open_training", None, epoch=1)

        await office.store.write(op)
        office.epoch = 1
        if not any(office.look().scopes) and not office.gate.stop_stands():
            await asyncio.to_thread(office.gate.grant, 1)


async def _until_told(rounds: Rounds) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, told.set)
    async with asyncio.TaskGroup() as group:
        going = group.create_task(rounds.go())
        await told.wait()
        going.cancel()


def _say_ready(ready: int | None) -> None:
    if ready is not None:
        with suppress(OSError):
            os.write(ready, b"ready\n")
            os.close(ready)
    if place := os.environ.get("NOTIFY_SOCKET"):
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.connect("\0" + place[1:] if place.startswith("@") else place)
            notify.send(b"READY=1")


def main(argv: list[str] | None = None) -> int:
    """The process: exit 0 after a signal, 2 when it cannot start (one sentence on stderr, in the caller's language)."""
    import argparse

    parser = argparse.ArgumentParser(prog="kohoban daemon")
    parser.add_argument("--office", type=Path, default=Path(os.environ.get("KOHOBAN_OFFICE", ".")))
    parser.add_argument("--ready-fd", type=int, default=None, help=argparse.SUPPRESS)
    parser.add_argument("--log-file", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    folder: Path = options.office.absolute()
    if not (folder / "rules.toml").is_file():
        return _cannot(
            options.ready_fd,
            f"{folder} に rules.toml がありません。--office で部署のフォルダを指定するか、kohoban init で作ってください。",
            f"There is no rules.toml in {folder}: name the office with --office, or make one with kohoban init.",
        )
    try:
        logs.configure(folder / "state" if options.log_file else None)
        asyncio.run(run(folder, options.ready_fd))
    except CannotStart as error:
        return _cannot(options.ready_fd, error.message, error.message_en)
    except RulebookError as error:
        ja = "\n".join(f"{p.file}:{p.line}: {p.message}" for p in error.problems)
        en = "\n".join(f"{p.file}:{p.line}: {p.message_en}" for p in error.problems)
        return _cannot(
            options.ready_fd,
            f"規則ファイルに誤りがあります。直してから起動してください。\n{ja}",
            f"The rules cannot be used:\n{en}",
        )
    except StoreError as error:
        return _cannot(options.ready_fd, error.message, error.message_en)
    except OSError as error:
        return _cannot(
            options.ready_fd,
            f"{error.filename or folder} を使えません: {error.strerror}。",
            f"{error.filename or folder} cannot be used: {error.strerror}.",
        )
    return 0


def _cannot(ready: int | None, message: str, message_en: str) -> int:
    lang = next((os.environ[n] for n in ("KOHOBAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(n)), "")
    sentence = message_en if lang.lower().startswith("en") else message
    if ready is not None:
        with suppress(OSError):
            os.write(ready, f"failed {sentence}".encode())
    sys.stderr.write(f"{sentence}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
