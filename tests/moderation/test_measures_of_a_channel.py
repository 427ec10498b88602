"""What becomes of measures that a channel is to take: who takes them away from it, and what a restored office does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from daemon.moderation import sending
from daemon.refused import Refused
from daemon.rulebook.model import Rulebook
from daemon.store import Store, to_db
from daemon.wire.answers import Done
from tests.moderation.conftest import CLERK, JUDGE, MORNING, SAITAMA, Bench, refused

ABUSE = "お前ら全員死ね。市民をなめるな。"


@pytest.fixture
async def desk(tmp_path: Path, book: Rulebook) -> AsyncIterator[Bench]:
    """The bench of an office whose さいたま account speaks to a channel that hides and mutes."""
    account = msgspec.structs.replace(book.accounts[SAITAMA], channel="simulated")
    book = msgspec.structs.replace(book, accounts={**book.accounts, SAITAMA: account})
    now = [MORNING]
    async with await Store.open(tmp_path / "state", clock=lambda: to_db(now[0])) as store:
        yield Bench(store, book, now)


async def judged(desk: Bench, source: str = "501") -> int:
    """The measure of a comment that was judged."""
    own = "https://x.com/SaitamaCvcCoop/status/1"
    comment = await desk.marked(SAITAMA, f"{ABUSE}{source}", source=source, author="9", conversation=own)
    assert isinstance(await desk.judge(comment, JUDGE[SAITAMA], "7(2)", "delete"), Done)
    (row,) = await desk.rows("SELECT id FROM measures WHERE comment = ?", comment)
    return int(row["id"])


async def begun(desk: Bench, measure: int) -> sending.Ticket | None:
    return await desk.store.write(sending.begin(measure, 7, desk.setting))


async def columns(desk: Bench, measure: int) -> tuple[str, str, str, str]:
    (row,) = await desk.rows("SELECT state, channel, sent, why FROM measures WHERE id = ?", measure)
    return tuple(row)  # type: ignore[return-value]


async def test_it_begins_when_the_time_to_take_it_back_is_over_and_once(desk: Bench) -> None:
    measure = await judged(desk)
    assert await begun(desk, measure) is None
    desk.pass_time(seconds=desk.book.office.undo_seconds)
    ticket = await begun(desk, measure)
    assert ticket is not None and (ticket.kind, ticket.target, ticket.job) == ("hide", "501", "m1")
    assert await begun(desk, measure) is None


async def test_a_person_who_takes_it_takes_it_from_the_channel(desk: Bench) -> None:
    measure = await judged(desk)
    await desk.take(measure, CLERK[SAITAMA])
    desk.pass_time(hours=1)
    assert await begun(desk, measure) is None
    assert (await columns(desk, measure))[1] == ""


async def test_nobody_takes_what_the_machine_has_in_hand_and_it_is_not_taken_back(desk: Bench) -> None:
    measure = await judged(desk)
    desk.pass_time(minutes=5)
    await begun(desk, measure)
    refused(await desk.take(measure, CLERK[SAITAMA]), "lease")
    refused(await desk.undo(1, JUDGE[SAITAMA]), "lease")
    refused(await desk.done(measure, CLERK[SAITAMA]), "lease")


async def test_a_stop_of_measures_keeps_it_in(desk: Bench) -> None:
    measure = await judged(desk)
    desk.pass_time(minutes=5)
    desk.stops = frozenset({"actions"})
    with pytest.raises(Refused):
        await begun(desk, measure)
    await desk.store.write(sending.keep_in("actions", desk.setting))
    state, channel, _, why = await columns(desk, measure)
    assert (state, channel, "停止" in why) == ("due", "", True)


async def test_a_stop_of_another_account_leaves_it_to_the_channel(desk: Bench) -> None:
    measure = await judged(desk)
    await desk.store.write(sending.keep_in("minato-line", desk.setting))
    assert (await columns(desk, measure))[1] == "simulated"


async def test_in_a_restored_office_what_was_to_go_out_is_a_persons_and_what_had_begun_is_unknown(desk: Bench) -> None:
    waiting = await judged(desk, "501")
    under_way = await judged(desk, "502")
    desk.pass_time(minutes=5)
    await begun(desk, under_way)
    await desk.store.write(sending.restored)
    assert (await columns(desk, waiting))[:3] == ("due", "", "")
    assert (await columns(desk, under_way))[:3] == ("taken", "simulated", "unknown")
    assert [each.state for each in await desk.store.read(sending.still_open)] == ["unknown"]


async def test_what_certainly_was_not_taken_is_tried_three_times_and_then_a_persons(desk: Bench) -> None:
    measure = await judged(desk)
    for _ in range(3):
        desk.pass_time(minutes=5)
        ticket = await begun(desk, measure)
        assert ticket is not None
        await desk.store.write(sending.not_begun(ticket.number, ("死んだ", "died"), desk.setting))
    assert (await columns(desk, measure))[:2] == ("due", "")


async def test_without_a_number_or_address_a_comment_is_a_persons(desk: Bench) -> None:
    measure = await judged(desk, "")
    assert (await columns(desk, measure))[1] == ""


async def test_a_reversal_waits_until_it_is_known_whether_there_is_anything_to_reverse(desk: Bench) -> None:
    measure = await judged(desk)
    desk.pass_time(minutes=5)
    ticket = await begun(desk, measure)
    assert ticket is not None
    await desk.store.write(sending.end(ticket.number, "unknown", ("切れた", "cut"), desk.setting))
    assert isinstance(await desk.undo(1, JUDGE[SAITAMA]), Done)
    desk.pass_time(minutes=5)
    assert await desk.store.read(lambda db: sending.ready(db, desk.now)) == {}
    await desk.store.write(sending.end(ticket.number, "released", ("", ""), desk.setting))
    assert list(await desk.store.read(lambda db: sending.ready(db, desk.now))) == [SAITAMA]
