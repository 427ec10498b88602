"""The power goes at a random instant while the office is at work: whatever it had told anybody is still so when it comes back.

Told is what a console was shown: a draft that is there (an event), an approval that was answered, the record's head (a status), a
release that was reported. The files of the drafts themselves are dropped as people drop them: nobody syncs them.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import subprocess
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest

from daemon.store import Store
from daemon.wire import Approve, Done, Event, Except, Refusal, Reply, Status, StatusAnswer
from tests.faults.disks import LoopDisk, loop_disk
from tests.service.live_office import FACEBOOK, HANDLES, PATIENCE, Gone, Office, until

WORDS = ("図書館", "公園", "窓口", "講座", "体育館", "保育園", "駐輪場", "バス停", "朝市", "花壇", "広場", "会議室", "資料室", "食堂", "受付")  # fmt: skip


@dataclass
class Told:
    """What anybody has been told, and must still be so."""

    drafts: dict[int, str] = field(default_factory=dict)
    """By number, the hash under which a draft was last shown."""
    approved: dict[int, str] = field(default_factory=dict)
    lifted: dict[int, str] = field(default_factory=dict)
    released: set[int] = field(default_factory=set)
    heads: set[str] = field(default_factory=set)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[LoopDisk]:
    with loop_disk(tmp_path) as disk:
        yield disk


def dropping(office: Office, numbers: Iterator[int], moment: random.Random, enough: threading.Event) -> None:
    """Drop drafts until it is enough; a disk without power takes none."""
    while not enough.is_set():
        n = next(numbers)
        text = f"{n}番、{'、'.join(moment.sample(WORDS, 6))}の案内を{n * 7919}号に載せました。"
        try:
            office.drop("minato-facebook", f"draft{n}.txt", text, **FACEBOOK)
        except OSError:
            return
        time.sleep(moment.random() * 0.02)


def work_until_the_cut(
    office: Office, disk: LoopDisk, told: Told, numbers: Iterator[int], moment: random.Random, *, told_of_all: bool
) -> None:
    """Drafts come, a manager approves each, the daemon releases them, and in the midst of it the power goes; `told_of_all`: not before
    somebody has been told of something of each kind, however slow the machine is."""
    enough = threading.Event()
    desk = threading.Thread(target=dropping, args=(office, numbers, moment, enough))
    caller = office.caller("azabu", events=True)
    over = threading.Event()

    def cut() -> None:
        end = time.monotonic() + PATIENCE
        while told_of_all and not (told.released and len(told.heads) > 1) and time.monotonic() < end:
            time.sleep(0.01)
        over.set()
        disk.cut()

    power = threading.Timer(0.5 + moment.random() * 3.5, cut)
    desk.start()
    power.start()
    asked: dict[str, Approve | Except] = {}

    def decide(act: Approve | Except) -> None:
        asked[caller.put(act)] = act

    status = caller.put(Status())
    try:
        # A machine without power tells nobody anything. Here it goes on, and a sync that is under way when ext4 is shut down may answer well
        # although its pages are never found again: they are written, and the extents that hold them stay marked as unwritten.
        while True:
            frame = caller.hear()
            if over.is_set():
                break
            if isinstance(frame, Event) and frame.kind == "draft" and frame.hash:
                told.drafts[frame.draft or 0] = frame.hash
                if frame.state == "waiting" and frame.draft not in told.approved:
                    decide(Approve(draft=frame.draft or 0, hash=frame.hash, handle=HANDLES[frame.account]))
                if frame.state == "released":
                    told.released.add(frame.draft or 0)
            elif isinstance(frame, Reply) and isinstance(frame.answer, StatusAnswer):
                told.heads.add(frame.answer.audit_head)
                status = caller.put(Status())
            elif isinstance(frame, Reply) and isinstance(frame.answer, Done):
                act = asked.pop(frame.id)
                (told.approved if isinstance(act, Approve) else told.lifted)[act.draft] = act.hash
                if frame.answer.state == "waiting":  # the guard against bursts, which is right
                    decide(Except(draft=act.draft, hash=act.hash, rule="office.burst", reason="試験のため"))
            else:
                assert isinstance(frame, Event) or (isinstance(frame, Reply) and isinstance(frame.answer, Refusal)), frame
                if isinstance(frame, Reply) and frame.id == status:
                    status = caller.put(Status())
    except Gone:
        pass
    finally:
        power.join()
        enough.set()
        desk.join()


def cards(office: Office) -> list[int]:
    """The drafts whose releases lie in the outbox, whole: each card says which."""
    outbox = office.folder / "outbox" / "minato-facebook"
    folders = [folder for folder in outbox.iterdir() if not folder.name.startswith(".")] if outbox.is_dir() else []
    assert all((folder / "post.txt").stat().st_size for folder in folders)
    return [tomllib.loads((folder / "card.toml").read_text())["draft"] for folder in folders]


def is_still_so(office: Office, told: Told) -> None:
    """Nothing that was told is otherwise now."""
    office.record_is_whole()
    kept = office.database("SELECT draft, hash FROM draft_revisions")
    assert told.drafts.items() <= set(kept)
    assert told.heads <= {head for (head,) in office.database("SELECT hash FROM audit")}
    assert told.approved.items() <= set(office.database("SELECT draft, hash FROM approvals"))
    assert told.lifted.items() <= set(office.database("SELECT draft, hash FROM lifts"))
    out = cards(office)
    assert sorted(out) == sorted(set(out)), "a draft lies twice in the outbox"
    assert told.released <= set(out)
    # The daemon has gone on meanwhile: what it has just let out is on its way to being released.
    until(
        lambda: {state_of(office)[draft] for draft in out} <= {"released", "unknown"}, "it is known what became of each release"
    )
    # The files as well: one that came back empty or not at all would look like somebody's edit or removal.
    lies = {
        draft: (state, name, digest) for draft, state, name, digest in office.database("SELECT id, state, name, hash FROM drafts")
    }
    for draft, told_digest in told.drafts.items():
        state, name, digest = lies[draft]
        assert digest == told_digest
        assert state != "withdrawn"
        if state not in ("approved", "releasing", "released"):  # it goes out, and its file is moved, at any moment
            data = office.path("minato-facebook", name).read_bytes()
            assert sha256(data).hexdigest() == digest, (draft, state, len(told.drafts))


def state_of(office: Office) -> dict[int, str]:
    return dict(office.database("SELECT id, state FROM drafts"))


@pytest.mark.timeout(600)
def test_a_power_cut_at_any_instant_loses_nothing_that_anybody_was_told(
    disk: LoopDisk, found: Callable[..., Office], trials: Callable[[int], int]
) -> None:
    office = found(disk.place / "office", plain=True)
    (office.folder / "drafts" / "minato-facebook").mkdir(parents=True)
    disk.sync()
    moment, numbers, told = random.Random(20261121), itertools.count(1), Told()
    for left in reversed(range(trials(60))):
        office.start()
        work_until_the_cut(office, disk, told, numbers, moment, told_of_all=left == 0)
        office.kill()
        disk.unplug()
        disk.plug()
        office.start()
        is_still_so(office, told)
        office.stop()
    assert told.drafts and told.approved and told.released and len(told.heads) > 1
    asyncio.run(every_byte_is_kept(office, told))


def test_a_disk_is_let_go_although_another_test_has_a_copy_of_its_mount(disk: LoopDisk) -> None:
    """Whoever makes a mount namespace gets one, and would keep the disk until they end."""
    with subprocess.Popen(["unshare", "--mount", "sh", "-c", "echo up; exec sleep 600"], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"up\n"
        try:
            disk.unplug()
            disk.plug()
        finally:
            other.kill()


async def every_byte_is_kept(office: Office, told: Told) -> None:
    async with await Store.open(office.state / "store") as store:
        for digest in told.drafts.values():
            assert await store.bytes_of(digest)
