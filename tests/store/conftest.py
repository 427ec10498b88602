"""A store in a folder of its own, and the tricks by which its tests do damage."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemon.store import Store, Tx
from daemon.store.job import Job


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where the store's files are."""
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


@pytest.fixture
async def store(state: Path) -> AsyncIterator[Store]:
    """An open store, closed at the end."""
    async with await Store.open(state) as opened:
        yield opened


@pytest.fixture
def one_batch(monkeypatch: pytest.MonkeyPatch) -> Callable[[Store], object]:
    """`with one_batch(store):` holds the writer back, so that everything asked inside shares one commit, however long that takes."""
    monkeypatch.setattr("daemon.store.writer.BATCH_SECONDS", 60.0)

    @contextmanager
    def held(store: Store) -> Iterator[None]:
        go = threading.Event()

        def wait(_: Tx) -> None:
            go.wait()

        store.post(Job(wait, lambda _: None))
        try:
            yield
        finally:
            go.set()

    return held


@pytest.fixture
def writing() -> Callable[[Path], list[int]]:
    """`writing(path)`: the descriptors of this process that may write `path`."""

    def descriptors(path: Path) -> list[int]:
        found = []
        for name in os.listdir("/proc/self/fd"):
            try:
                is_it = os.readlink(f"/proc/self/fd/{name}") == str(path)
                mode = int(Path(f"/proc/self/fdinfo/{name}").read_text().split("flags:")[1].split()[0], 8)
            except OSError:
                continue  # the descriptor of the listing itself
            if is_it and mode & os.O_ACCMODE != os.O_RDONLY:
                found.append(int(name))
        return found

    return descriptors


@pytest.fixture
def replace_fd(writing: Callable[[Path], list[int]]) -> Callable[[Path, str, int], None]:
    """`replace_fd(path, device, flags)` puts `device` in the place of every descriptor of this process that may write `path`: from
    then on the kernel gives real errors (ENOSPC from /dev/full, EBADF from a device opened to read)."""

    def replace(path: Path, device: str, flags: int) -> None:
        descriptors = writing(path)
        assert descriptors, f"nothing writes {path}"
        other = os.open(device, flags)
        for fd in descriptors:
            os.dup2(other, fd, inheritable=False)
        os.close(other)

    return replace
