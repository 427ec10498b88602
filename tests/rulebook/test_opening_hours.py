"""Opening hours: bounds, holidays, year's end, the office's own closed days, and years that nobody has announced."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from north_city import Kita

from daemon.rulebook.calendar import FIRST_YEAR, LAST_YEAR, TOKYO, HolidaysUnknown, holiday, opening
from daemon.rulebook.load import load_policy, resolve_policy
from daemon.rulebook.model import Account, Policy


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.fixture(scope="module")
def saitama() -> Policy:
    return resolve_policy("saitama", None)


@pytest.mark.clause("saitama/4")
@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-24T08:29:59", False),
        ("2026-11-24T08:30:00", True),
        ("2026-11-24T17:15:00", True),
        ("2026-11-24T17:15:59.999999", True),
        ("2026-11-24T17:16:00", False),
        ("2026-11-21T10:00:00", False),  # Saturday
        ("2026-11-22T10:00:00", False),  # Sunday
        ("2026-11-23T10:00:00", False),  # 勤労感謝の日
        ("2026-12-28T10:00:00", True),
        ("2026-12-29T10:00:00", False),
        ("2027-01-03T10:00:00", False),
        ("2027-01-04T10:00:00", True),
        ("2027-03-22T10:00:00", False),  # 振替休日
        ("2026-09-22T10:00:00", False),  # 国民の休日
    ],
)
def test_saitama_is_open_on_weekdays_from_8_30_to_the_end_of_the_minute_17_15(
    saitama: Policy, moment: str, is_open: bool
) -> None:
    state = opening(saitama, at(moment))
    assert state.open is is_open
    assert state.clause == "saitama/4"


@pytest.mark.clause("taisho/3.対応時間")
def test_taisho_is_open_on_weekdays_from_9_00_to_17_30() -> None:
    taisho = resolve_policy("taisho", None)
    moments = ("2026-11-24T08:59", "2026-11-24T09:00", "2026-11-24T17:30", "2026-11-24T17:31", "2026-11-23T10:00")
    assert [opening(taisho, at(m)).open for m in moments] == [False, True, True, False, False]
    assert opening(taisho, at(moments[0])).clause == "taisho/3.対応時間"


@pytest.mark.clause("minato/欠.運用時間", "shinagawa/欠.運用時間")
@pytest.mark.parametrize("policy", ["minato", "shinagawa"])
def test_a_policy_that_says_nothing_of_hours_is_open_on_new_years_night_and_says_so(policy: str) -> None:
    state = opening(resolve_policy(policy, None), at("2031-01-01T03:00"))
    assert (state.open, state.reason, state.clause) == (True, "規定なし", "")
    assert (state.next_open, state.next_close) == (None, None)


def test_the_hours_are_those_of_tokyo_wherever_the_clock_stands(saitama: Policy) -> None:
    assert opening(saitama, datetime(2026, 11, 23, 23, 30, tzinfo=UTC)).open
    assert not opening(saitama, datetime(2026, 11, 24, 10, 0, tzinfo=UTC)).open


def test_a_moment_without_a_zone_is_refused(saitama: Policy) -> None:
    with pytest.raises(ValueError, match="time zone"):
        opening(saitama, datetime(2026, 11, 24, 10, 0))  # noqa: DTZ001 - the naive moment is the point


@pytest.mark.parametrize(
    ("moment", "following"),
    [
        ("2026-11-20T18:00", "2026-11-24T08:30"),  # Friday evening, then a long week-end
        ("2026-11-24T05:00", "2026-11-24T08:30"),
        ("2026-12-28T17:16", "2027-01-04T08:30"),
        ("2026-11-24T12:00", "2026-11-25T08:30"),  # open now: the next day's opening
    ],
)
def test_the_next_opening_skips_week_ends_holidays_and_the_turn_of_the_year(saitama: Policy, moment: str, following: str) -> None:
    assert opening(saitama, at(moment)).next_open == at(following)


def test_it_is_open_at_the_next_opening_and_closed_at_the_next_closing(saitama: Policy) -> None:
    moment = at("2026-12-25T12:00")
    for _ in range(20):
        state = opening(saitama, moment)
        assert state.open and state.next_close is not None
        assert opening(saitama, state.next_close - timedelta(microseconds=1)).open
        shut = opening(saitama, state.next_close)
        assert not shut.open and shut.next_open is not None
        assert not opening(saitama, shut.next_open - timedelta(microseconds=1)).open
        moment = shut.next_open


def test_a_closed_day_of_the_office_is_closed_and_named(saitama: Policy) -> None:
    state = opening(saitama, at("2026-11-24T10:00"), closed={date(2026, 11, 24)})
    assert not state.open
    assert "閉庁日" in state.reason
    assert state.next_open == at("2026-11-25T08:30")


def test_a_year_that_nobody_has_announced_is_closed_and_says_which(saitama: Policy) -> None:
    state = opening(saitama, at(f"{LAST_YEAR + 1}-06-01T10:00"))
    assert not state.open
    assert f"{LAST_YEAR + 1}年の祝日表がない" in state.reason
    assert str(LAST_YEAR + 1) in state.reason_en
    assert state.next_open is None


def test_at_the_end_of_the_table_the_next_opening_is_unknown_and_not_guessed(saitama: Policy) -> None:
    assert opening(saitama, at(f"{LAST_YEAR}-12-30T10:00")).next_open is None


@pytest.mark.parametrize("year", [FIRST_YEAR - 1, LAST_YEAR + 1])
def test_no_holiday_is_told_outside_the_years_of_the_table(year: int) -> None:
    with pytest.raises(HolidaysUnknown, match=str(year)):
        holiday(date(year, 5, 5))


def test_every_day_of_the_cabinet_offices_table_is_told_the_same(shared: Path) -> None:
    with (shared / "data/holidays/syukujitsu-2026-02-02.csv").open(encoding="cp932", newline="") as file:
        rows = list(csv.reader(file))[1:]
    official = {date(*map(int, row[0].split("/"))) for row in rows}
    assert max(official).year == LAST_YEAR
    days = (date(FIRST_YEAR, 1, 1) + timedelta(n) for n in range((date(LAST_YEAR, 12, 31) - date(FIRST_YEAR, 1, 1)).days + 1))
    assert [day for day in days if (holiday(day) is not None) != (day in official)] == []


ROUND_THE_CLOCK = """
[[rule]]
id = "hours-alarms"
check = "hours"
clause = "kita/1"
level = "hold"
lift = ["広報課長"]
open = 00:00:00
close = 23:59:00
days = "every day"
when = { topics = ["防災"] }

[[rule]]
id = "hours"
"""


@pytest.fixture
def two_hours(kita: Kita) -> Policy:
    """北市 with its alarms open round the clock, and the other topics on weekdays."""
    kita.edit(kita.policy, '[[rule]]\nid = "hours"\n', ROUND_THE_CLOCK)
    return load_policy(kita.policy)


def test_hours_may_differ_by_topic_and_the_first_rule_that_fits_counts(two_hours: Policy) -> None:
    sunday = at("2026-11-22T23:59:59")
    assert opening(two_hours, sunday, topic="防災").open
    assert not opening(two_hours, sunday, topic="子育て").open


def test_the_topic_of_the_account_decides_where_it_has_one(two_hours: Policy) -> None:
    account = Account(id="kita-x", policy="kita", platform="x", handle="kita", name="北市", unit="広報課", topic="防災")
    assert opening(two_hours, at("2026-11-22T10:00"), account=account, topic="子育て").rule == "hours-alarms"


def test_every_day_means_holidays_too_but_not_the_offices_closed_days(two_hours: Policy) -> None:
    holiday_noon = at("2026-11-23T12:00")
    assert opening(two_hours, holiday_noon, topic="防災").open
    assert not opening(two_hours, holiday_noon, topic="防災", closed={date(2026, 11, 23)}).open


def test_every_day_needs_no_holiday_table(two_hours: Policy) -> None:
    assert opening(two_hours, at(f"{LAST_YEAR + 5}-01-01T12:00"), topic="防災").open
