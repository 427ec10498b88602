"""Hours that none of the four policies has: two stretches a day, named days, a moved day off, another ordinance, on the hour only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from msgspec.structs import replace
from north_city import Kita

from daemon.rulebook.calendar import TOKYO, Opening, opening
from daemon.rulebook.days import Closure, Extra, SpecialDays
from daemon.rulebook.lint import lint_policy
from daemon.rulebook.load import load_policy

Ask = Callable[[str, str], Opening]

DAY = "open = 09:00:00\nclose = 17:00:00\n"


@pytest.fixture
def hours(kita: Kita) -> Ask:
    def ask(keys: str, moment: str) -> Opening:
        kita.edit(kita.policy, DAY, keys)
        found = opening(load_policy(kita.policy), datetime.fromisoformat(moment).replace(tzinfo=TOKYO))
        kita.edit(kita.policy, keys, DAY)
        return found

    return ask


NOON_OFF = "open = 09:00:00\nclose = 12:00:00\nmore = [{ open = 13:00:00, close = 17:00:00 }]\n"
EVENING = f'{DAY}more = [{{ open = 17:00:00, close = 19:00:00, days = ["thu"] }}]\n'
LIBRARY = f'{DAY}days = ["tue", "wed", "thu", "fri", "sat", "sun"]\nmoved = true\nclosed = ["3fri", "2026-11-28", "last wed"]\n'
ORDINANCE = f'{DAY}closed = ["06-02"]\nclosed_by = "北市の休日を定める条例"\n'
ON_THE_HOUR = f"{DAY}minutes = [0, 30]\n"
BETWEEN = "open = 09:10:00\nclose = 16:45:00\nminutes = [0, 30]\n"


@pytest.mark.parametrize(
    ("keys", "moment", "is_open"),
    [
        (NOON_OFF, "2026-11-24T12:00:59", True),
        (NOON_OFF, "2026-11-24T12:01", False),
        (NOON_OFF, "2026-11-24T13:00", True),
        (EVENING, "2026-11-26T18:59", True),  # Thursday
        (EVENING, "2026-11-25T18:59", False),
        (LIBRARY, "2026-11-21T10:00", True),  # Saturday
        (LIBRARY, "2026-11-16T10:00", False),  # Monday
        (LIBRARY, "2026-11-23T10:00", True),  # Monday, 勤労感謝の日
        (LIBRARY, "2026-11-24T10:00", False),  # off in its place
        (LIBRARY, "2026-11-25T10:00", False),  # the last Wednesday
        (LIBRARY, "2026-11-20T10:00", False),  # the third Friday
        (LIBRARY, "2026-11-28T10:00", False),
        (LIBRARY, "2026-05-04T10:00", True),  # Monday, みどりの日, with two holidays behind it
        (LIBRARY, "2026-05-05T10:00", True),
        (LIBRARY, "2026-05-07T10:00", False),
        (ORDINANCE, "2026-06-02T10:00", False),
        (ORDINANCE, "2026-12-29T10:00", True),  # this ordinance says nothing of the turn of the year
        (ON_THE_HOUR, "2026-11-24T09:00:59", True),
        (ON_THE_HOUR, "2026-11-24T09:01", False),
        (ON_THE_HOUR, "2026-11-24T16:30", True),
    ],
)
def test_the_office_is_open_as_its_own_policy_says(hours: Ask, keys: str, moment: str, is_open: bool) -> None:
    assert hours(keys, moment).open is is_open


@pytest.mark.parametrize(
    ("keys", "moment", "next_open"),
    [
        (NOON_OFF, "2026-11-24T12:30", "2026-11-24T13:00"),
        (EVENING, "2026-11-26T16:00", "2026-11-26T17:00"),
        (LIBRARY, "2026-11-23T18:00", "2026-11-26T09:00"),
        (ON_THE_HOUR, "2026-11-24T09:01", "2026-11-24T09:30"),
        (ON_THE_HOUR, "2026-11-24T17:30", "2026-11-25T09:00"),
    ],
)
def test_the_next_opening_follows_it(hours: Ask, keys: str, moment: str, next_open: str) -> None:
    assert hours(keys, moment).next_open == datetime.fromisoformat(next_open).replace(tzinfo=TOKYO)


def test_sending_on_the_hour_closes_with_its_minute_and_says_so(hours: Ask) -> None:
    state = hours(ON_THE_HOUR, "2026-11-24T09:30:10")
    assert state.next_close == datetime(2026, 11, 24, 9, 31, tzinfo=TOKYO)
    assert "毎時0分・30分" in hours(ON_THE_HOUR, "2026-11-24T09:31").reason


def test_a_day_off_names_the_ordinance_that_makes_it_one(hours: Ask) -> None:
    assert "北市の休日を定める条例" in hours(ORDINANCE, "2026-06-02T10:00").reason


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (f"{DAY}minutes = [60]\n", "0〜59"),
        (f'{DAY}closed = ["6mon"]\n', "6mon"),
        (f"{DAY}more = [{{ open = 13:00:00, close = 12:00:00 }}]\n", "close"),
        (f"{DAY}days = []\n", "days"),
        (f'{DAY}days = ["monday"]\n', "mon"),
    ],
)
def test_hours_that_cannot_be_are_refused(kita: Kita, keys: str, said: str) -> None:
    kita.edit(kita.policy, DAY, keys)
    assert any(said in problem.message for problem in lint_policy(kita.policy) if problem.severity == "error")


@pytest.mark.parametrize("keys", [DAY, NOON_OFF, EVENING, LIBRARY, ORDINANCE, ON_THE_HOUR, BETWEEN])
def test_from_moment_to_moment_the_hours_are_what_they_are_for_somebody_who_asks_for_the_first_time(
    kita: Kita, keys: str
) -> None:
    """The second is asked with special days that nobody has asked with before: of those nothing can be known yet."""
    kita.edit(kita.policy, DAY, keys)
    policy = load_policy(kita.policy)
    extra = Extra(day=date(2026, 11, 28), open=time(9), close=time(12), reason="臨時")
    special = SpecialDays(closures=(Closure(from_=date(2026, 11, 26), reason="閉庁日"),), extras=(extra,))
    moment = datetime(2026, 11, 23, 23, 58, 30, tzinfo=TOKYO)
    for _ in range(600):
        moment += timedelta(minutes=11)
        for each in (moment, moment.replace(second=59), moment.replace(minute=moment.minute // 30 * 30, second=0)):
            assert opening(policy, each, days=special) == opening(policy, each, days=replace(special)), each
