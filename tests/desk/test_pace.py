"""After a resume the machine goes slowly, for ten minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from daemon.desk import releasing
from daemon.desk.pace import PACED_FOR, may_release
from daemon.rulebook.calendar import TOKYO
from tests.desk.conftest import Desk, refused

RESUMED = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)
SECOND = timedelta(seconds=1)


def test_an_office_that_was_never_stopped_keeps_no_pace() -> None:
    assert may_release(RESUMED, None, RESUMED, 10)


def test_the_first_release_after_a_resume_does_not_wait() -> None:
    assert may_release(RESUMED, RESUMED, None, 10)
    assert may_release(RESUMED, RESUMED, RESUMED - SECOND, 10)


def test_the_second_waits_until_the_pace_has_passed() -> None:
    assert not may_release(RESUMED + 9 * SECOND, RESUMED, RESUMED, 10)
    assert may_release(RESUMED + 10 * SECOND, RESUMED, RESUMED, 10)


def test_ten_minutes_after_the_resume_nothing_is_paced_any_more() -> None:
    late = RESUMED + PACED_FOR
    assert not may_release(late - SECOND, RESUMED, late - 2 * SECOND, 10)
    assert may_release(late, RESUMED, late, 10)


def test_a_pace_of_nought_paces_nothing() -> None:
    assert may_release(RESUMED, RESUMED, RESUMED, 0)


@given(st.lists(st.integers(0, 900), max_size=200), st.integers(0, 60))
def test_whatever_the_moments_the_machine_is_asked_no_two_releases_are_nearer_than_the_pace(
    moments: list[int], pace: int
) -> None:
    released: list[datetime] = []
    for moment in sorted(moments):
        now = RESUMED + moment * SECOND
        if may_release(now, RESUMED, released[-1] if released else None, pace):
            released.append(now)
    early = [at for at in released if at < RESUMED + PACED_FOR]
    assert all(later - earlier >= pace * SECOND for earlier, later in zip(early, early[1:], strict=False))


async def test_what_waited_for_the_opening_goes_out_one_by_one(desk: Desk) -> None:
    """さいたま市 opens at 8:30: the machine begins one release, and the next only after the pace."""
    book = desk.book
    account = structs.replace(book.accounts["saitama-cvc"], channel="simulated")
    desk.book = structs.replace(book, accounts={**book.accounts, "saitama-cvc": account})
    desk.now = datetime(2026, 11, 24, 8, 30, tzinfo=TOKYO)
    texts = ("市民活動講座を開きます。", "交流会の参加者を募ります。", "会議室の予約を受け付けます。")
    drafts = [
        (await desk.drop("saitama-cvc", text, f"{n}.txt", author="omiya", topic="施策・事業")).draft
        for n, text in enumerate(texts)
    ]
    for draft in drafts:
        await desk.approve(draft, "urano")
    desk.pass_time(minutes=1)  # in which each could be taken back
    first = await desk.begin(drafts[0], None)
    assert isinstance(first, releasing.Ticket), first
    assert refused(await desk.begin(drafts[1], None), "pace")
    desk.pass_time(seconds=10)
    assert isinstance(await desk.begin(drafts[1], None), releasing.Ticket)
    desk.pass_time(minutes=11)
    assert isinstance(await desk.begin(drafts[2], None), releasing.Ticket)
