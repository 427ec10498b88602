"""The daemon of one office: `python -m daemon.service.main --office DIR`.

It starts in this order, so that a console has its first answer early: lock, rulebook, store, gate, socket, and whoever waits there is told
how the office stands (`doorway`); then all rooms (`house`), the hand, the folder. It ends on SIGTERM or SIGINT, and records whether the permit stood when it did. Under a service manager it takes over the socket
that is held for it, says when it is ready and how it stands, and that it is alive as long as its threads get on.
"""

from __future__ import annotations

import gc
import sys

if __name__ == "__main__":
    # A third of the time of the imports: structlog takes rich along where it finds it, for coloured tracebacks that no daemon prints, msgspec
    # typing_extensions, asyncio the whole of TLS, for which a daemon without a network has no use; and the collector looks in vain for rubbish.
    for name in ("rich", "typing_extensions", "ssl"):
        sys.modules[name] = None  # type: ignore[assignment]
    gc.disable()

import asyncio
import os
import select
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from daemon.release.permit import Keeper
from daemon.rulebook.current import Current
from daemon.rulebook.model import RulebookError
from daemon.service import handed, logs
from daemon.service.clock import Clock
from daemon.service.doorway import Doorway, Ground
from daemon.service.hub import Hub
from daemon.service.identity import identify
from daemon.service.language import choose
from daemon.service.machine import Machine, this_machine
from daemon.service.notify import Manager
from daemon.service.server import Server
from daemon.service.spawn import BUSY, FAILED
from daemon.service.turned_away import turn_away
from daemon.store import Store, StoreBusy, StoreError

SWITCH = 0.0005
"""Seconds after which a thread that is busy gives the interpreter to one that waits for it. An act passes between threads four times, and
with Python's own 5 ms it waited longer for its turn, beside a burst, than for the disk."""


LONGER, LONGER_EVERY = 20.0, 5.0
"""Seconds more that a start which takes its time (a migration of a large database) asks for, and how often."""


async def run(
    folder: Path,
    ready: int | None = None,
    *,
    clock: Clock | None = None,
    here: Machine | None = None,
    manager: Manager | None = None,
    listener: socket.socket | None = None,
    parent: int | None = None,
) -> None:
    """Run the office in `folder` until a signal ends it. `ready` is a descriptor that gets one line when the socket answers; `here` is
    the machine, where it is not to find out itself which one it is; `manager` manages services, and `listener` is the socket that it holds;
    `parent` is a descriptor whose end ends it, too.

    Raises RulebookError or StoreError when it cannot run here; StoreBusy where this office has a daemon already.
    """
    told = _ears(parent)
    manager = manager or Manager()
    asyncio.get_running_loop().set_exception_handler(logs.unhandled)
    state = folder / "state"
    state.mkdir(mode=0o750, exist_ok=True)
    _move_in(state)
    clock, here = clock or Clock(), here or this_machine()
    current = Current(folder, clock, state / "store")
    async with AsyncExitStack() as at_the_end:
        async with _patience(manager):
            store = await Store.open(state / "store")
        at_the_end.push_async_callback(store.close)
        ground = await Ground.of(current, store, clock, Keeper(state), here)
        hub, door = Hub(), Doorway(ground)
        server = Server(
            state,
            hub,
            lambda uid, plays: identify(uid, plays, state.stat().st_uid, current.rulebook),
            door.answer,
            lambda: current.rulebook.office,
            None if listener is None else listener.dup(),  # should the house not stand, those who call are told so at the other
        )
        called = listener is not None and bool(select.select([listener], [], [], 0)[0])
        await server.start()
        at_the_end.push_async_callback(server.close)
        sys.setswitchinterval(SWITCH)
        if called:
            await door.heard()
        at_work = await asyncio.to_thread(_rooms)
        logs.begin()
        await at_work(folder, ground, hub, server, door, here, manager, told, ready)


def _rooms() -> Callable[..., Awaitable[None]]:
    """What sets the house up, with all that it takes: three quarters of a start, in a thread, while the door answers."""
    from daemon.service.house import at_work

    return at_work


def _move_in(state: Path) -> None:
    """What an office of before `state/store/` keeps in `state/` itself moves there. The database is moved last: it says that all is."""
    store = state / "store"
    if not (state / "kohoban.db").exists() or (store / "kohoban.db").exists():
        return
    store.mkdir(mode=0o700, exist_ok=True)
    for name in ("revisions", "audit.anchor", "kohoban.db-shm", "kohoban.db-wal", "kohoban.db"):
        with suppress(FileNotFoundError):
            (state / name).rename(store / name)


def _ears(parent: int | None) -> asyncio.Event:
    """Set by the signals that end a daemon, and by the end of `parent`; heard from the first moment on, so that none finds it half-started."""
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, told.set)
    if parent is not None:

        def alone() -> None:
            loop.remove_reader(parent)
            told.set()

        loop.add_reader(parent, alone)
    return told


@asynccontextmanager
async def _patience(manager: Manager) -> AsyncIterator[None]:
    """Ask for more time again and again while something goes on that may take long: as long as this loop turns."""

    async def ask() -> None:
        while True:
            manager.longer(LONGER)
            manager.status("起動しています（データベースを開いています） / Starting: the database is being opened")
            await asyncio.sleep(LONGER_EVERY)

    asking = asyncio.get_running_loop().create_task(ask())
    try:
        yield
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking


class _Options(NamedTuple):
    """What the command line asks for."""

    office: Path
    ready_fd: int | None = None
    log_file: bool = False
    with_parent: int | None = None


def _options(words: list[str]) -> _Options:
    """The line of the unit is read as it stands; for any other there is time to import what reads command lines."""
    if len(words) == 2 and words[0] == "--office":
        return _Options(Path(words[1]))
    import argparse

    parser = argparse.ArgumentParser(prog="kohoban daemon")
    parser.add_argument("--office", type=Path, default=Path(os.environ.get("KOHOBAN_OFFICE", ".")))
    parser.add_argument("--ready-fd", type=int, default=None, help=argparse.SUPPRESS)
    parser.add_argument("--log-file", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--with-parent", type=int, default=None, help=argparse.SUPPRESS)
    return _Options(**vars(parser.parse_args(words)))


def main(argv: list[str] | None = None) -> int:
    """The process: exit 0 after a signal, 2 when it cannot start (one sentence on stderr, in the caller's language)."""
    options = _options(sys.argv[1:] if argv is None else argv)
    folder = options.office.absolute()
    manager = Manager.named_by(os.environ)
    try:
        listener = handed.taken(folder / "state", os.environ)
    except OSError as error:
        return _cannot(
            options.ready_fd,
            f"渡されたソケットは {error.filename} のものではありません。kohoban service install をやり直してください。",
            f"What was handed over is not the socket {error.filename}: run kohoban service install again.",
        )

    def cannot(message: str, message_en: str, *, word: str = FAILED) -> int:
        code = _cannot(options.ready_fd, message, message_en, word=word)
        if listener is not None:
            turn_away(listener, manager, message, message_en)
        return code

    if not (folder / "rules.toml").is_file():
        return cannot(
            f"{folder} に rules.toml がありません。--office で部署のフォルダを指定するか、kohoban init で作ってください。",
            f"There is no rules.toml in {folder}: name the office with --office, or make one with kohoban init.",
        )
    try:
        logs.configure(folder / "state" if options.log_file else None)
        asyncio.run(run(folder, options.ready_fd, manager=manager, listener=listener, parent=options.with_parent))
    except RulebookError as error:
        ja = "\n".join(f"{p.file}:{p.line}: {p.message}" for p in error.problems)
        en = "\n".join(f"{p.file}:{p.line}: {p.message_en}" for p in error.problems)
        return cannot(f"規則ファイルに誤りがあります。直してから起動してください。\n{ja}", f"The rules cannot be used:\n{en}")
    except StoreError as error:
        return cannot(error.message, error.message_en, word=BUSY if isinstance(error, StoreBusy) else FAILED)
    except OSError as error:
        place = error.filename or folder
        return cannot(
            f"{place} を使えません（{error.strerror or error}）。権限とディスクの空きを確かめてから、もう一度起動してください。",
            f"{place} cannot be used ({error.strerror or error}): check its permissions and the room on the disk, then start again.",
        )
    except Exception as error:
        number = logs.incident("ended by an error", error)
        return cannot(
            f"内部の誤りで終わりました（受付番号 {number}）。下書きと記録は残っています。もう一度起動し、続くなら番号を添えて知らせてください。",
            f"Ended by an internal error (incident {number}). Drafts and record are kept: start again, and report the number if it goes on.",
        )
    return 0


def _cannot(ready: int | None, message: str, message_en: str, *, word: str = FAILED) -> int:
    sentence = choose(message, message_en)
    if ready is not None:
        logs.said("ended", why=message_en)  # once it is ready nobody listens here any more, and its stderr is nowhere
        with suppress(OSError):
            os.write(ready, f"{word} {sentence}".encode())
    with suppress(OSError):
        sys.stderr.write(f"{sentence}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
