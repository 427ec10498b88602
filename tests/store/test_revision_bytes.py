"""The exact bytes of revisions: kept once, found again after any crash, never shown when they are not what they were."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.store import RevisionDamaged, Store, segments

BODIES = [
    "明日は休館日です。\n".encode("cp932"),
    b"",
    b"\x00\xff" * 1000,
    b"kohoban-revision " + b"a" * 64 + b" 3\nabc\n",  # a body that looks like a record
    b"\n",
]


def segment(state: Path, number: int = 1) -> Path:
    return state / "revisions" / f"{number:06d}.seg"


async def keep(state: Path, *bodies: bytes) -> list[str]:
    async with await Store.open(state) as store:
        return [await store.write(lambda tx, body=body: tx.keep(body)) for body in bodies]


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "SEGMENT_BYTES", 1000)


async def test_every_revision_comes_back_exactly_and_the_file_is_readable_without_this_program(store: Store, state: Path) -> None:
    digests = [await store.write(lambda tx, body=body: tx.keep(body)) for body in BODIES]
    assert digests == [sha256(body).hexdigest() for body in BODIES]
    assert [await store.bytes_of(digest) for digest in digests] == BODIES
    assert segment(state).read_bytes() == b"".join(
        f"kohoban-revision {sha256(body).hexdigest()} {len(body)}\n".encode() + body + b"\n" for body in BODIES
    )


async def test_the_same_bytes_are_kept_once(store: Store, state: Path) -> None:
    first = await store.write(lambda tx: (tx.keep(b"same"), tx.keep(b"same")))
    size = segment(state).stat().st_size
    assert first == (await store.write(lambda tx: tx.keep(b"same")),) * 2
    assert segment(state).stat().st_size == size


async def test_bytes_kept_by_an_act_that_failed_leave_nothing_in_the_file(state: Path, store: Store) -> None:
    await store.write(lambda tx: tx.keep(b"one"))
    before = segment(state).read_bytes()
    with pytest.raises(ZeroDivisionError):
        await store.write(lambda tx: (tx.keep(b"x" * 5000), 1 // 0))
    assert segment(state).read_bytes() == before
    again = await store.write(lambda tx: tx.keep(b"x" * 5000))
    assert await store.bytes_of(again) == b"x" * 5000


async def test_a_torn_tail_is_cut_back_to_the_last_whole_record_and_told(state: Path) -> None:
    (digest,) = await keep(state, b"whole")
    whole = segment(state).read_bytes()
    torn = f"kohoban-revision {sha256(b'torn').hexdigest()} 4\n".encode() + b"to"
    segment(state).write_bytes(whole + torn)

    async with await Store.open(state) as store:
        (notice,) = store.notices
        assert f"{len(torn)} bytes" in notice.message_en
        assert "失われていません" in notice.message
        assert segment(state).read_bytes() == whole
        assert await store.bytes_of(digest) == b"whole"
        after = await store.write(lambda tx: tx.keep(b"torn"))
        assert await store.bytes_of(after) == b"torn"


@given(cut=st.integers(min_value=0), body=st.binary(max_size=200))
def test_wherever_a_record_is_torn_only_whole_ones_are_found(cut: int, body: bytes) -> None:
    record = b"kohoban-revision %b %d\n%b\n" % (sha256(body).hexdigest().encode(), len(body), body)
    torn = record[: cut % len(record)]
    found = [block.digest for block in segments.scan(record + torn, 1) if isinstance(block, segments.Revision)]
    assert found == [sha256(body).hexdigest()]


async def test_a_whole_record_whose_commit_was_lost_is_taken_into_the_index(state: Path) -> None:
    await keep(state, b"one")
    with segment(state).open("ab") as file:
        file.write(b"kohoban-revision %b 3\ntwo\n" % sha256(b"two").hexdigest().encode())
    async with await Store.open(state) as store:
        assert store.notices == ()
        assert await store.bytes_of(sha256(b"two").hexdigest()) == b"two"


async def test_a_lost_database_finds_every_revision_again(state: Path, small_segments: None) -> None:
    digests = await keep(state, *(bytes([n]) * 400 for n in range(9)))
    (state / "kohoban.db").unlink()
    async with await Store.open(state) as store:
        assert [await store.bytes_of(digest) for digest in digests] == [bytes([n]) * 400 for n in range(9)]


async def test_a_full_segment_is_followed_by_the_next(state: Path, small_segments: None) -> None:
    digests = await keep(state, *(bytes([n]) * 600 for n in range(5)))
    digests += await keep(state, b"after a restart")
    assert [path.name for path in sorted((state / "revisions").iterdir())] == ["000001.seg", "000002.seg", "000003.seg"]
    async with await Store.open(state) as store:
        assert [len(await store.bytes_of(digest)) for digest in digests] == [600] * 5 + [15]


async def test_an_act_that_fails_after_beginning_a_new_segment_leaves_the_old_one_whole(
    state: Path, small_segments: None
) -> None:
    (old,) = await keep(state, b"o" * 1500)
    async with await Store.open(state) as store:
        with pytest.raises(ZeroDivisionError):
            await store.write(lambda tx: (tx.keep(b"n" * 10), 1 // 0))
        new = await store.write(lambda tx: tx.keep(b"m" * 10))
        assert await store.bytes_of(old) == b"o" * 1500
        assert await store.bytes_of(new) == b"m" * 10
        assert segment(state, 2).read_bytes() == f"kohoban-revision {new} 10\nmmmmmmmmmm\n".encode()
    async with await Store.open(state) as again:
        assert again.notices == ()
        assert await again.bytes_of(new) == b"m" * 10


async def test_a_single_changed_byte_is_noticed_when_the_revision_is_read(state: Path) -> None:
    good, bad = await keep(state, b"the first", b"the second")
    data = segment(state).read_bytes()
    segment(state).write_bytes(data.replace(b"the second", b"the sec0nd"))
    async with await Store.open(state) as store:
        assert await store.bytes_of(good) == b"the first"
        with pytest.raises(RevisionDamaged) as told:
            await store.bytes_of(bad)
        assert "損傷" in told.value.message
        assert "000001.seg" in told.value.message


async def test_unknown_bytes_are_told_as_such(store: Store) -> None:
    with pytest.raises(RevisionDamaged, match="not kept"):
        await store.bytes_of("0" * 64)


@pytest.mark.parametrize("lost", ["file", "tail"])
async def test_a_segment_that_lost_bytes_is_told_and_new_revisions_never_overlap_its_records(state: Path, lost: str) -> None:
    first, second = await keep(state, b"first", b"second")
    if lost == "file":
        segment(state).unlink()
    else:
        segment(state).write_bytes(segment(state).read_bytes()[:-5])
    async with await Store.open(state) as store:
        (notice,) = store.notices
        assert "000001.seg" in notice.message
        third = await store.write(lambda tx: tx.keep(b"third"))
        assert await store.bytes_of(third) == b"third"
        with pytest.raises(RevisionDamaged):
            await store.bytes_of(second)
        if lost == "tail":
            assert await store.bytes_of(first) == b"first"
    assert segment(state, 2).exists()


async def test_the_index_can_be_made_again_and_steps_over_damage(state: Path, small_segments: None) -> None:
    bodies = [bytes([65 + n]) * 300 for n in range(8)]
    digests = await keep(state, *bodies)
    segment(state).write_bytes(segment(state).read_bytes().replace(b"BBB", b"BxB", 1))
    async with await Store.open(state) as store:
        await store.write(lambda tx: tx.db.execute("DELETE FROM revisions"))
        assert await store.rebuild_index() == 7
        for digest, body in zip(digests, bodies, strict=True):
            if body[0] != ord("B"):
                assert await store.bytes_of(digest) == body
        with pytest.raises(RevisionDamaged):
            await store.bytes_of(digests[1])


async def test_files_that_are_no_segments_are_left_alone(state: Path) -> None:
    await keep(state, b"one")
    stray = state / "revisions" / "000002.seg.bak"
    stray.write_bytes(b"somebody's copy")
    await keep(state, b"two")
    assert stray.read_bytes() == b"somebody's copy"
