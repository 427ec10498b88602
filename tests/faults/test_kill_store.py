"""kill -9 at any moment: what was acknowledged is there, what was not is there whole or not at all, and the next start goes on."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.store import Store

WRITER = Path(__file__).parent / "store_writer.py"


def killed_while_writing(root: Path, state: Path, moment: random.Random) -> list[tuple[str, str, str]]:
    """Let a process write, kill it at a random moment; returns what it had acknowledged: key, bytes' hash, entry's hash."""
    child = subprocess.Popen([sys.executable, WRITER, state], stdout=subprocess.PIPE, cwd=root, env={"PYTHONPATH": str(root)})
    assert child.stdout is not None
    first = child.stdout.readline()
    assert first, "the writer died by itself"
    for _ in range(moment.randrange(400)):
        first += child.stdout.readline()
    child.kill()
    rest = child.stdout.read()
    child.stdout.close()
    assert child.wait() == -9
    # The last line may be torn: then nobody has read it as an acknowledgement.
    whole = [line.split() for line in (first + rest).decode().split("\n")[:-1]]
    return [(key, digest, head) for key, digest, head in whole]


async def nothing_is_lost_or_half_there(state: Path, acknowledged: list[tuple[str, str, str]]) -> None:
    async with await Store.open(state) as store:
        found = await store.verify()
        assert found.ok, found.why_en
        rows = {row["key"]: row["value"] for row in await store.fetch("SELECT key, value FROM meta")}
        heads = {row["hash"] for row in await store.fetch("SELECT hash FROM audit")}
        for key, digest, head in acknowledged:
            assert rows[key] == digest
            assert head in heads
        # Each act was three things at once: a row, an entry, and bytes that can still be read.
        assert len(rows) == found.entries
        for digest in rows.values():
            await store.bytes_of(digest)
        assert (await store.fetch("PRAGMA integrity_check"))[0][0] == "ok"


def rounds(root: Path, state: Path, count: int) -> None:
    moment = random.Random(20261124)
    acknowledged: list[tuple[str, str, str]] = []
    for _ in range(count):
        acknowledged += killed_while_writing(root, state, moment)
    assert len(acknowledged) > count
    asyncio.run(nothing_is_lost_or_half_there(state, acknowledged))


@pytest.mark.timeout(300)
def test_a_store_killed_again_and_again_while_writing_has_lost_nothing_that_it_acknowledged(
    root: Path, tmp_path: Path, trials: Callable[[int], int]
) -> None:
    rounds(root, tmp_path / "state", trials(200))
