"""Times of day that no clock shows, and midnights of which nobody knows the day."""

from __future__ import annotations

import pytest
from detected import NASTY, found
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("12:60から受付", "12:60"),
        ("集合 11月21日(土) 9:75", "9:75"),
        ("午後13時開始", "午後13時"),
        ("午前１３：３０〜", "午前１３：３０"),
        ("10時75分に閉会", "10時75分"),
        ("18:00〜20:90", "20:90"),
        ("25時から", "25時"),
        ("24:30まで", "24:30"),
    ],
)
def test_a_time_that_no_clock_shows_is_found(text: str, time: str) -> None:
    assert found("time", text) == [time]


@pytest.mark.parametrize(
    "text",
    [
        "9:00〜17:15",
        "24:00まで",
        "0時から24時まで",
        "午後0時30分",
        "午前12時",
        "比率は16:90",
        "72時間以内に",
        "30時間勤務",
        "48時点で",
        "ヨハネ3:16",
        "99:99",
        "1:23:75",
        "第60時限",
        "10時30分間の停電",
        "",
    ],
)
def test_a_time_a_span_and_a_ratio_are_left_alone(text: str) -> None:
    assert found("time", text) == []


@pytest.mark.parametrize(("text", "time"), [("24:00から断水", "24:00"), ("11月21日24時より", "24時"), ("24:00開始", "24:00")])
def test_what_begins_at_24_is_asked_about(text: str, time: str) -> None:
    assert found("midnight", text) == [time]


@pytest.mark.parametrize("text", ["24:00まで", "22:00〜24:00", "24時間受付", "24日から", "0:00から"])
def test_what_ends_there_is_not(text: str) -> None:
    assert found("midnight", text) == []


def test_no_municipal_announcement_has_an_impossible_time(municipal: list[str]) -> None:
    assert [text for text in municipal if found("time", text)] == []


@given(st.lists(st.sampled_from(NASTY) | st.sampled_from("0123456789:時分午前後から〜"), max_size=30).map("".join))
def test_whatever_the_text_its_times_are_read(text: str) -> None:
    assert all(found("time", text)) and all(found("midnight", text))
