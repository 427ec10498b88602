"""What a text invites to, and the day on which it is read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from daemon.screening.hit import Text
from daemon.screening.over import check_over

MONDAY = date(2026, 12, 21)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("みなと冬のあかり展を開催します✨ 12月19日(土)・20日(日)の17時から、駅前広場でお待ちしています！", "20日(日)"),
        ("【参加者募集】防災講座を１２月１５日（火）に行います。お申し込みは12月10日まで。", "１２月１５日（火）"),
        ("おはなし会 2026年12月18日 10時〜 区役所3階でお待ちしています", "2026年12月18日"),
        ("アンケートの締切は12/18(金)です。ご参加ください。", "12/18(金)"),
        ("期日前投票は12月12日(土)から12月19日(土)まで行います。", "12月19日(土)"),
        ("協働講座\n開催日時：12/18(金) 10時", "12/18(金)"),
        ("【申込締切】 12月18日(金)", "12月18日(金)"),
        ("委員は12月18日まで募集", "12月18日"),
    ],
)
def test_an_invitation_to_a_day_that_has_gone_by_is_named_with_that_day(text: str, day: str) -> None:
    hit = check_over(Text(text), MONDAY)
    assert hit is not None
    assert text[hit.start : hit.end] == day
    assert "もう過ぎています" in hit.message


@pytest.mark.parametrize(
    "text",
    [
        "みなと冬のあかり展を開催します。12月21日(月)まで、駅前広場でお待ちしています。",
        "12月19日(土)に開いた協働フォーラムの資料を配布します。",
        "12月18日に発表された大雨の被害について、り災証明の申請を受け付けています。",
        "12月1日から、電子申請を受け付けています。",
        "12月1日〜28日、歳末たすけあい募金を受け付けています。ご参加ください。",
        "昭和39年10月10日(土)、東京でオリンピックが開幕しました。写真を12月25日(金)まで展示しています。お越しください。",
        "12月19日(土)の講演会は中止です。延期の日程は決まりしだい行います。",
        "クリスマス会は12月19日(土)でした。次回は1月に開催します。",
        "令和2年4月1日改正の条例により、届出を受け付けています。",
        "毎週土曜、朝市を開催します。12月19日(土)も、たくさんのお越しをお待ちしています。",
        "1/2成人式を行います。お子さまと一緒にお越しください。",
        "窓口を開きます。",
        "開催日時：12/19(土) 当日の様子をお伝えしました。締切：12/25(金)",
        "第5回開催実施報告 12月18日に開きました。",
        "\ud800 12月19日",
        "",
    ],
)
def test_what_is_still_to_come_what_is_reported_and_what_has_no_day_is_left_alone(text: str) -> None:
    assert check_over(Text(text), MONDAY) is None


def test_the_day_itself_is_not_over() -> None:
    text = Text("おはなし会を12月21日(月)に開催します。")
    assert check_over(text, MONDAY) is None
    assert check_over(text, MONDAY + timedelta(days=1)) is not None


def test_a_day_of_another_year_is_named_with_its_year() -> None:
    for text, named in (("2025年12月22日に開催します。", "2025年12月22日はもう"), ("12月18日に開催します。", "12月18日はもう")):
        hit = check_over(Text(text), MONDAY)
        assert hit is not None and hit.message.startswith(named)
