"""The queue of notices: each thing once to each person, never again after a restore, and never lost on its way."""

from __future__ import annotations

from datetime import datetime, timedelta

from daemon.desk import mailbag
from daemon.desk.digest import BACK_OFF, at_work, next_try, worked
from daemon.desk.duties import WORKING
from daemon.desk.tidings import Tiding
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.days import ORDINARY
from daemon.rulebook.model import Rulebook
from daemon.store import Store
from tests.desk.conftest import Desk

NOW = datetime(2026, 11, 24, 10, tzinfo=TOKYO)


def tiding(key: str, at: datetime, login: str = "shibata") -> Tiding:
    return Tiding("waits", login, "minato-x", "#1", key, at)


async def states(store: Store) -> dict[str, str]:
    return {row["key"]: row["state"] for row in await store.fetch("SELECT key, state FROM notices", ())}


async def test_a_thing_is_told_once_to_each(desk: Desk) -> None:
    both = [tiding("a", NOW), tiding("a", NOW, "azabu")]
    assert await desk.store.write(mailbag.gather(both, None, NOW, leaves=True)) == 2
    assert await desk.store.write(mailbag.gather(both, None, NOW, leaves=True)) == 0


async def test_after_a_restore_only_what_came_about_since_is_told(desk: Desk) -> None:
    long_ago = desk.now - timedelta(days=1)
    await desk.store.write(mailbag.gather([tiding("queued", long_ago), tiding("mailed", long_ago)], None, NOW, leaves=True))
    rows = await desk.store.fetch("SELECT id FROM notices WHERE key = 'mailed'", ())
    await desk.store.write(mailbag.put_together("shibata", [rows[0]["id"]], NOW, urgent=False))
    await desk.store.write(mailbag.quieten)
    since = desk.now + timedelta(seconds=1)
    later = [tiding("told after the backup", long_ago), tiding("held by the restore", since)]
    await desk.store.write(mailbag.gather(later, None, NOW, leaves=True))
    assert await states(desk.store) == {
        "queued": "settled",
        "mailed": "mailed",
        "told after the backup": "settled",
        "held by the restore": "open",
    }
    assert await mailbag.to_send(desk.store, NOW + timedelta(days=1)) == []


async def test_what_was_on_its_way_at_a_crash_goes_again_and_what_is_given_up_is_recorded(desk: Desk) -> None:
    await desk.store.write(mailbag.gather([tiding("a", NOW)], None, NOW, leaves=True))
    (row,) = await desk.store.fetch("SELECT id FROM notices", ())
    letter = await desk.store.write(mailbag.put_together("shibata", [row["id"]], NOW, urgent=False))
    await desk.store.write(mailbag.begin(letter))
    assert await mailbag.to_send(desk.store, NOW) == []
    assert await desk.store.write(mailbag.recover) == 1
    assert not await mailbag.in_trouble(desk.store)
    now = NOW
    for _ in BACK_OFF:
        assert not await desk.store.write(mailbag.failed(letter, ("届かず", "no"), now))
        await desk.store.write(mailbag.begin(letter))
        now += timedelta(days=1)
    assert await desk.store.write(mailbag.failed(letter, ("届かず", "no"), now))
    assert [each["id"] for each in await mailbag.in_trouble(desk.store)] == [letter]
    assert [row["act"] for row in await desk.store.fetch("SELECT act FROM audit", ())] == ["notice_failed"]


def test_each_try_comes_later_than_the_one_before_and_the_last_is_the_last() -> None:
    tries = [next_try(n, NOW) for n in range(1, len(BACK_OFF) + 2)]
    known = [at for at in tries if at is not None]
    assert known == sorted(known)
    assert tries[-1] is None


def test_waiting_is_counted_in_the_hours_of_the_account(book: Rulebook) -> None:
    account = book.accounts["minato-x"]
    friday, monday = datetime(2026, 11, 20, 17, 0, tzinfo=TOKYO), datetime(2026, 11, 24, 9, 0, tzinfo=TOKYO)
    assert worked(WORKING, friday, monday, account, ORDINARY) == timedelta(minutes=16 + 30)  # Monday the 23rd is a holiday
    assert worked(WORKING, monday, friday, account, ORDINARY) == timedelta(0)
    assert at_work(WORKING, monday, account, ORDINARY)
    assert not at_work(WORKING, friday.replace(hour=20), account, ORDINARY)
