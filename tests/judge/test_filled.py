"""When a field that a rule asks for counts as filled in (`daemon/judge/filled.py`)."""

from __future__ import annotations

import pytest

from daemon.judge.filled import LONGEST, lacking, no_source
from daemon.rulebook.item import Image, Item

NOBODY = (
    "未確認", "未確認です", "不明", "確認中", "まだ確認中", "なし", "特になし", "？", "○○", "—", "N/A", "あとで書く", "SNS", "SNSの投稿", "X", "Ｘ", "X（旧Twitter）",
    "Xの投稿による", "ネット", "ネットの書き込み", "掲示板で見た話", "友人", "友人から聞いた話", "聞いた話", "うわさ", "SNS、友人", "ｲﾝﾀｰﾈｯﾄ", "【確認中】",
)  # fmt: skip
SOMEBODY = (
    "気象庁", "気象庁 11月24日9時10分発表", "気象庁のX", "内閣官房（Em-Net）", "港区防災課", "NHK", "X社", "東京都水道局", "警視庁のSNS", "消防署からの連絡",
    "気象庁（時刻は確認中）", "SNS、港区防災課", "家族会",
)  # fmt: skip


@pytest.mark.parametrize("written", NOBODY)
@pytest.mark.clause("minato/7-2(5)", "shinagawa/5-2(4)")
def test_what_names_nobody_is_no_source_and_is_told_so(written: str) -> None:
    assert no_source(written)
    (found,) = lacking(Item(text="本文", source=written), ("source",))
    assert found.field == "source"
    assert written in found.why
    assert written in found.why_en


@pytest.mark.parametrize("written", SOMEBODY)
def test_whoever_announced_it_is_a_source(written: str) -> None:
    assert lacking(Item(text="本文", source=written), ("source",)) == ()


@pytest.mark.parametrize("written", ["", " ", "\u3000\n"])
def test_blanks_fill_no_field(written: str) -> None:
    item = Item(text="本文", source=written, organiser=written, images=(Image(file="a.png", alt=written),))
    assert [each.field for each in lacking(item, ("source", "organiser", "alt"))] == ["source", "organiser", "alt"]


def test_only_a_source_has_to_name_somebody() -> None:
    assert lacking(Item(text="本文", reference="未確認", organiser="X"), ("reference", "organiser")) == ()


def test_whether_it_is_an_emergency_is_answered_by_no_as_well() -> None:
    assert [each.field for each in lacking(Item(text="本文"), ("emergency",))] == ["emergency"]
    for answer in (True, False):
        assert lacking(Item(text="本文", emergency=answer, declared=("emergency",)), ("emergency",)) == ()


@pytest.mark.parametrize("piece", ["未", "の", "の投稿", "から", "友人", "、", "x", "()", "無し"])
def test_a_long_source_takes_no_longer(piece: str) -> None:
    assert not no_source("気象庁" + piece * 10_000)
    assert not no_source("Xの投稿の投稿"[: LONGEST - 3] + piece * 30 + "気象庁")
