"""Dates against the calendar."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.screening import dates
from daemon.screening.dates import check_dates, may_hold_date
from daemon.screening.hit import Text

FRIDAY = date(2026, 11, 20)


def wrong(text: str, today: date | None = FRIDAY) -> list[tuple[str, str | None]]:
    return [(text[hit.start : hit.end], hit.fix) for hit in check_dates(Text(text), today)]


@pytest.mark.clause("minato/7-2(5)", "shinagawa/5-2(4)")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("11/21(金)", [("金", "土")]),
        ("１１月２１日（日）に開催", [("日", "土")]),
        ("11月21日日曜日", [("日", "土")]),
        ("11月21日 (日曜)", [("日", "土")]),
        ("11月21日［日・祝］", [("日", "土")]),
        ("11月21日(祝・月)", [("月", "土")]),
        ("11月28日㈰", [("㈰", "(土)")]),
        ("2026年11月21日（日）", [("日", "土")]),
        ("2026/11/21（金）", [("金", "土")]),
        ("2026/11/21（Fri）", [("Fri", "Sat")]),
        ("11/21 (FRI.)", [("FRI", "SAT")]),
        ("11月21日(thurs)", [("thurs", "sat")]),
        ("11/21(Wednesday)", [("Wednesday", "Saturday")]),
        ("2026-11-21(金)", [("金", "土")]),
        ("令和8年11月21日(金)", [("金", "土")]),
        ("R8.11.21(金)", [("金", "土")]),
        ("2026年（令和8年）11月21日(金)", [("金", "土")]),
        ("11月21日(土)・22日(月)", [("月", "日")]),
        ("11/28(土)〜29(月)", [("月", "日")]),
        ("11月30日(月)〜1日(水)", [("水", "火")]),
        ("11月21日(金)と23日(日)", [("金", "土"), ("日", "月")]),
        ("2026年11月21日(土)、申込は11月10日(水)まで", [("水", "火")]),
        ("成人式は1月10日(土)", [("土", "日")]),
        ("2月30日に開催", [("2月30日", None)]),
        ("2027年2月29日(月)", [("2月29日", None)]),
        ("11/31(火)", [("11/31", None)]),
        ("締切 2026/2/29", [("2/29", None)]),
        ("2026/11/31まで", [("11/31", None)]),
        ("13月5日", [("13月5日", None)]),
        ("令和8年(2027年)に開始", [("令和8", "令和9")]),
        ("2026年（R7年）", [("R7", "R8")]),
        ("令和8年度（2027年度）", [("令和8", "令和9")]),
    ],
)
def test_a_date_that_the_calendar_does_not_have_is_named_with_what_is_right(
    text: str, found: list[tuple[str, str | None]]
) -> None:
    assert wrong(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "11/21(土)",
        "ver 2026/21/40, 2026/11/00, 2/30",
        "2026/11/21 (Sat) 11/21(SATURDAY) 11/21 (Sunshine Hall) 11/21 (Frid)",
        "11月21日（土）から23日（月・祝）まで",
        "11月21・22日(土・日)",
        "11月28日㈯",
        "11月30日(月)〜1日(火)",
        "2026年12月31日(木)〜2027年1月1日(金)",
        "1月10日（日）",
        "5月1日（土）",  # within half a year: 2027
        "2028年2月29日(火)",
        "24/7で対応",
        "1/2(半分)",
        "第3日曜日",
        "毎月1日(月1回)",
        "令和8年度11月号",
        "2026年（令和8年）",
        "令和8年度（2026年度）",
        "電話 03-1234-5678",
        "",
    ],
)
def test_a_date_that_agrees_or_is_none_is_left_alone(text: str) -> None:
    assert wrong(text) == []


def test_a_date_without_a_year_needs_a_present_to_be_judged() -> None:
    assert wrong("11月21日(金)", None) == []
    assert wrong("2026年11月21日(金)", None) == [("金", "土")]


def test_the_right_day_is_named_in_both_languages() -> None:
    (hit,) = check_dates(Text("11月21日(金)"), FRIDAY)
    assert hit.message == "2026年11月21日は金曜日ではなく土曜日です。"
    assert hit.message_en == "2026-11-21 is a Saturday, not a Friday."


def test_the_real_municipal_texts_of_2020_agree_with_the_calendar_of_2020(municipal: list[str]) -> None:
    assert [text for text in municipal if wrong(text, date(2020, 4, 10)) or wrong(text, None)] == []


@given(
    st.lists(
        st.sampled_from([*"0123456789年月日/.-(（)）土日月・〜、 ", "令和", "R", "2026", "11月21日", "(土)"]), max_size=25
    ).map("".join),
    st.none() | st.dates(),
)
def test_whatever_the_digits_findings_lie_inside_the_text(text: str, today: date | None) -> None:
    for hit in check_dates(Text(text), today):
        assert 0 <= hit.start < hit.end <= len(text)


def test_the_quick_look_for_a_date_passes_over_none() -> None:
    drawn = random.Random(20261121)
    signs = "0123456789" * 3 + "年月日/.- ()[〈<木金土令和元平成r"
    texts = [Text("".join(drawn.choice(signs) for _ in range(12))) for _ in range(20_000)]
    passed_over = [text for text in texts if not may_hold_date(text)]
    assert len(passed_over) > 1000
    for text in passed_over:
        assert not dates._DATE.search(text.folded), text.source
        assert not dates._BOTH.search(text.folded), text.source
