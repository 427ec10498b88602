"""A store in a folder of its own, and the tricks by which its tests do damage."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemon.store import Store, Tx


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
def one_batch() -> Callable[[Store], object]:
    """`with one_batch(store):` holds the writer back, so that everything asked inside shares one commit."""

    @contextmanager
    def held(store: Store) -> Iterator[None]:
        go = threading.Event()

        def wait(_: Tx) -> None:
            go.wait()

        store.post(wait, lambda _: None)
        try:
            yield
        finally:
            go.set()

    return held


@pytest.fixture
def replace_fd() -> Iterator[Callable[[Path, str, int], None]]:
    """`replace_fd(path, device, flags)` puts `device` in the place of every descriptor of this process that may write `path`: from
    then on the kernel gives real errors (ENOSPC from /dev/full, EBADF from a device opened to read)."""

    def replace(path: Path, device: str, flags: int) -> None:
        other = os.open(device, flags)
        count = 0
        for name in os.listdir("/proc/self/fd"):
            fd = int(name)
            try:
                is_it = os.readlink(f"/proc/self/fd/{fd}") == str(path)
                mode = int(Path(f"/proc/self/fdinfo/{fd}").read_text().split("flags:")[1].split()[0], 8)
            except OSError:
                continue  # the descriptor of the listing itself
            if is_it and mode & os.O_ACCMODE != os.O_RDONLY:
                os.dup2(other, fd, inheritable=False)
                count += 1
        os.close(other)
        assert count, f"nothing writes {path}"

    return replace
