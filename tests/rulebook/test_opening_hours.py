"""Opening hours: bounds, holidays, year's end, the office's own closed days, and years that nobody has announced."""

from __future__ import annotations

import csv
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path

import pytest
from north_city import Kita

from daemon.rulebook.calendar import FIRST_YEAR, LAST_YEAR, TOKYO, HolidaysUnknown, holiday, opening
from daemon.rulebook.days import Closure, Extra, SpecialDays
from daemon.rulebook.lint import lint_office
from daemon.rulebook.load import load_policy, load_rulebook, resolve_policy
from daemon.rulebook.model import Account, Policy

dawn, noon = clock(9), clock(12)


def closed_on(day: date) -> SpecialDays:
    return SpecialDays(closures=(Closure(from_=day, reason="閉庁日"),))


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


def test_what_was_answered_a_moment_ago_is_no_answer_for_other_days_or_a_later_moment(saitama: Policy) -> None:
    moment = at("2026-11-24T17:15:59")
    assert opening(saitama, moment).open
    assert not opening(saitama, moment, days=closed_on(moment.date())).open
    assert opening(saitama, moment, days=closed_on(moment.date() - timedelta(days=1))).open
    assert opening(saitama, moment + timedelta(seconds=0.999)) == opening(saitama, moment)
    assert not opening(saitama, moment + timedelta(seconds=1)).open
    assert opening(saitama, moment).open
    assert opening(saitama, at("2026-11-24T08:30")) == opening(saitama, moment)
    assert opening(saitama, at("2026-11-25T08:30")).next_open != opening(saitama, moment).next_open


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
    state = opening(saitama, at("2026-11-24T10:00"), days=closed_on(date(2026, 11, 24)))
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
    assert not opening(two_hours, holiday_noon, topic="防災", days=closed_on(date(2026, 11, 23))).open


def test_every_day_needs_no_holiday_table(two_hours: Policy) -> None:
    assert opening(two_hours, at(f"{LAST_YEAR + 5}-01-01T12:00"), topic="防災").open


@pytest.mark.clause("saitama/4", "taisho/3.対応時間")
@pytest.mark.parametrize(("policy_id", "opens", "closes"), [("saitama", (8, 30), (17, 15)), ("taisho", (9, 0), (17, 30))])
def test_every_day_from_2019_to_2027_opens_and_closes_to_the_minute_by_the_cabinet_offices_table(
    shared: Path, policy_id: str, opens: tuple[int, int], closes: tuple[int, int]
) -> None:
    policy = resolve_policy(policy_id, None)
    with (shared / "data/holidays/syukujitsu-2026-02-02.csv").open(encoding="cp932", newline="") as file:
        holidays = {datetime.strptime(row[0], "%Y/%m/%d").date() for row in list(csv.reader(file))[1:]}  # noqa: DTZ007
    day, minute = date(2019, 1, 1), timedelta(minutes=1)
    while day.year <= 2027:
        first, last = (datetime(day.year, day.month, day.day, *each, tzinfo=TOKYO) for each in (opens, closes))
        turn = (day.month, day.day) in {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}
        working = day.weekday() < 5 and day not in holidays and not turn
        moments = (first - minute, first, last, last + minute)
        assert [opening(policy, each).open for each in moments] == [False, working, working, False], day
        day += timedelta(days=1)


def test_a_year_that_nobody_has_announced_is_closed_to_the_minute_and_says_so(saitama: Policy) -> None:
    state = opening(saitama, at("2028-03-01T10:00"))
    assert not state.open
    assert "2028年の祝日表がない" in state.reason


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_a_host_in_another_zone_keeps_the_hours_of_tokyo(saitama: Policy, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert opening(saitama, at("2026-11-24T08:30")).open
        assert not opening(saitama, at("2026-11-24T17:16")).open
        assert opening(saitama, at("2026-11-24T08:29")).next_open == at("2026-11-24T08:30")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_closure_that_covers_everything_knows_no_next_opening_and_an_extra_opening_lies_behind_it(saitama: Policy) -> None:
    closed = SpecialDays(closures=(Closure(from_=date(2026, 1, 1), to=date(2027, 12, 31), reason="改修"),))
    state = opening(saitama, at("2026-11-24T10:00"), days=closed)
    assert (state.open, state.next_open) == (False, None)
    assert "改修" in state.reason
    both = SpecialDays(closures=closed.closures, extras=(Extra(day=date(2026, 11, 24), open=dawn, close=noon, reason="臨時"),))
    assert not opening(saitama, at("2026-11-24T10:00"), days=both).open


def test_an_extra_opening_opens_a_saturday_to_the_end_of_its_last_minute(saitama: Policy) -> None:
    days = SpecialDays(
        extras=(Extra(day=date(2026, 11, 28), open=dawn, close=noon, reason="休日開庁", basis="saitama/4.ただし書"),)
    )
    assert [opening(saitama, at(f"2026-11-28T{m}"), days=days).open for m in ("08:59:59", "09:00", "12:00:59", "12:01")] == [
        False,
        True,
        True,
        False,
    ]
    assert opening(saitama, at("2026-11-27T18:00"), days=days).next_open == at("2026-11-28T09:00")


def test_an_account_keeps_narrower_hours_but_never_wider_ones(kita: Kita) -> None:
    kita.add(kita.rules, '[[hours]]\naccounts = ["kita-x"]\nopen = 10:00:00\nclose = 20:00:00\nbasis = "kita/9"\n')
    book = load_rulebook(kita.folder)
    account, policy = book.accounts["kita-x"], book.policies["kita"]
    moments = ("09:59", "10:00", "17:00", "17:01", "19:00")
    said = [opening(policy, at(f"2026-11-24T{m}"), days=book.days, account=account).open for m in moments]
    assert said == [False, True, True, False, False]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('[[closures]]\nfrom = 2026-12-02\nto = 2026-12-01\nreason = "逆"', "it ends before it begins"),
        ('[[closures]]\nfrom = 2026-12-02\nto = 2028-12-01\nreason = "長い"', "longer than a year"),
        ('[[closures]]\nfrom = 2026-12-02\nreason = " "', "its reason is empty"),
        ('[[closures]]\nfrom = 2026-12-02\nreason = "x"\naccounts = ["kita-z"]', "no account 'kita-z'"),
        ('[[closures]]\nfrom = 2026-12-02\nreason = "x"\nbasis = "kita/99"', "no clause 'kita/99'"),
        ('[[closures]]\nfrom = 2026-12-02\nreason = "x"\nauthor = "tanaka"', "belongs to state/overrides.toml"),
        ('[[openings]]\nday = 2026-12-05\nopen = 09:00:00\nclose = 12:00:00\nreason = "x"', "name the clause that allows it"),
        (
            '[[openings]]\nday = 2026-12-05\nopen = 12:00:00\nclose = 09:00:00\nreason = "x"\nbasis = "kita/9"',
            "it closes before it opens",
        ),
        ('[[hours]]\naccounts = ["kita-x"]\nopen = 18:00:00\nclose = 20:00:00\nbasis = "kita/9"', "nothing in common"),
        ('[[hours]]\naccounts = ["kita-x"]\nopen = 10:00:00\nclose = 16:00:00\nbasis = ""', "lets the office say so"),
    ],
)
def test_special_days_that_make_no_sense_are_refused_with_their_line(kita: Kita, table: str, says: str) -> None:
    line = kita.add(kita.rules, table + "\n")
    problems = [p for p in lint_office(kita.folder) if p.severity == "error"]
    assert any(says in p.message_en and p.line >= line for p in problems), problems
