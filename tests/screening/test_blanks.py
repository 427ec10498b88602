"""Unfilled blanks, and the honest uses of the same signs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.screening.blanks import check_blanks
from daemon.screening.hit import Text


def blanks(text: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in check_blanks(Text(text))]


@pytest.mark.clause("minato/7-2(5)", "shinagawa/5-2(4)")
@pytest.mark.parametrize(
    "text",
    [
        "…○より本日○時○分ころ、ミサイルが発射",
        "〇時〇分",
        "◯月◯日（◯）開催",
        "＿＿時＿＿分ごろ",
        "会場：＿＿＿＿",
        "###市で地震",
        "[###]より",
        "発射時刻 ### ",
        "TODO 会場を書く",
        "【予定稿】明日は",
        "【下書き】防災訓練",
        "（要確認）",
        "会場は○○公民館です",
        "●●市長が",
        "×時×分頃",
        "XX時XX分",
        "X月X日",
        "ＸＸ月ＸＸ日",
        "（後日記入）",
        "{{name}}様",
        "様 <氏名> 様へ",
        "日時：○月○日",
        "震度○の地震",
        "先着○名",
        "令和○年度",
        "\u3000月\u3000日（\u3000）に開催",
        "午後\u3000時\u3000分から",
        "場所：（\u3000\u3000\u3000）",
        "11月○日",
        "ここに本文を入力",
        "(TBD)",
        "電話 03-XXXX-XXXX",
        "本日□□市△△付近",
        "○○川が氾濫",
        "XXX町に避難指示",
        "ミサイルは○○地方の方向へ",
        "○○○より、本日○○時○○分頃、弾道ミサイルが",
        "${date}に",
        "[日付]、市は",
        "本日[時刻]に",
        "※会場は後日記入",
        "〇〇小学校",
        "避難所：◯◯",
        "◯◯様",
        "約○人",
        "【差し替え】",
        "〔未記入〕",
        "●時●分",
        "--時--分",
        "？月？日",
        "**月**日",
        "0月0日",
        "00月00日",
        "＊＊市",
        "発表時刻：__:__",
        "〇日〇時",
        "原稿作成中",
        "[要確認]時間",
        "(会場名を入れる)",
        "『○○』",
        "▲▲地区",
        "本日〔\u3000〕時〔\u3000〕分頃",
        "震度〔\u3000〕を観測",
        "第●回 協働ひろば",
        "担当：（\u3000\u3000\u3000\u3000）",
        "発信者名：＿＿",
    ],
)
def test_what_is_still_to_be_filled_in_is_found(text: str) -> None:
    assert blanks(text)


@pytest.mark.parametrize("text", ["場所：●●", "場所：　○○　\n集合：駅前", "開始： ×。"])
def test_a_value_left_open_is_named_without_the_colon_and_the_spaces_around_it(text: str) -> None:
    assert blanks(text) in (["●●"], ["○○"], ["×"])


@pytest.mark.parametrize(
    "text",
    [
        "○日時：11月21日（土）",
        "○月曜日は休館",
        "二〇二六年",
        "〇〜",
        "○×クイズ",
        "正しいものに○をつけて",
        "◯印",
        "◎○△×で評価",
        "「○○警察署の者ですが」と名乗る電話に注意",
        "#a_b__c",
        "https://example.jp/a__b/###",
        "@abc__def",
        "m(__)m",
        "○定員 20名",
        "○名称",
        "・○日本語教室",
        "☆☆☆お知らせ☆☆☆",
        "●●●お知らせ●●●",
        "(仮称)市民会館",
        "基本計画（案）",
        "XXL",
        "### お知らせ",
        "○時間 10時から",
        "（株）",
        "～・～・～",
        "○人権相談",
        "二〇〇〇年",
        "一〇〇円",
        "マイナス○",
        "【日時】11月21日",
        "＜日時＞11月21日",
        "[場所] 公民館",
        "○分別にご協力",
        "日程は未定",
        "3月?日本",
        "・・・",
        "A・B・C",
        "1月～3月",
        "---",
        "***",
        "■■■■■",
        "○年末年始",
        "12月・1月・2日",
        "毎月・1日",
        "月・日は休み",
        "1時-2時30分",
        "20時…5分",
        "x-ray",
        "10人×5日",
        "x月",
        "計画（素案）への意見",
        "ＴｏＤｏリスト作り講座",
        "（案）",
        " 1月 日曜窓口",
        "（^_^）",
        "月・水・金",
        "http://example.jp/todo",
    ],
)
def test_an_honest_use_of_the_same_signs_is_left_alone(text: str) -> None:
    assert blanks(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("…○より本日○時○分ころ", ["○時○分"]),
        ("会場は○○公民館、電話は03-XXXX-XXXXです", ["○○", "03-XXXX-XXXX"]),
        ("日時：＿＿＿＿", ["＿＿＿＿"]),
        ("{{氏名}}様", ["{{氏名}}"]),
        ("【予定稿】明日は", ["予定稿"]),
    ],
)
def test_the_span_is_the_blank_and_nothing_else(text: str, found: list[str]) -> None:
    assert blanks(text) == found


def test_none_of_the_real_municipal_texts_holds_a_blank(municipal: list[str]) -> None:
    assert [text for text in municipal if blanks(text)] == []


SIGNS = st.sampled_from([*"○◯〇●×xX＿_#*{}【】（）()<>[]年月日時分 　\n：・", "TODO", "予定稿", "記入"])


@given(st.lists(SIGNS, max_size=30).map("".join))
def test_whatever_the_signs_findings_lie_inside_the_text_and_do_not_overlap(text: str) -> None:
    reached = 0
    for hit in check_blanks(Text(text)):
        assert reached <= hit.start < hit.end <= len(text)
        reached = hit.end


@pytest.mark.parametrize("text", ["○" * 50_000, "「" * 50_000, "x" * 50_000, "【後日" * 20_000, "(" + " " * 50_000])
def test_a_hostile_text_is_read_to_its_end(text: str) -> None:
    assert blanks(text + "\n{{氏名}}様") == ["{{氏名}}"]


@pytest.mark.clause("minato/7-2(5)", "shinagawa/5-2(4)")
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("講師は◎◎先生です", "◎◎先生"),
        ("☆☆様より寄贈", "☆☆様"),
        ("◇◇課長のあいさつ", "◇◇課長"),
        ("会場は第一集会室←あとで確認", "←あとで確認"),
        ("開会9時 ↑要修正", "↑要修正"),
        ("（写真は校了後に差し替え）", "校了後に差し替え"),
        ("★見出しは決裁後に差し替え予定★", "決裁後に差し替え予定"),
        ("（お名前はのちほど入れます）", "（お名前はのちほど入れます）"),
        ("けさ（河川名）があふれました", "（河川名）"),
        ("（国名）より発射", "（国名）"),
        ("防災TODO：会場の確認", "TODO"),
        ("TODO\n1 会場の確認", "TODO"),
    ],
)
def test_a_name_left_open_or_a_note_to_oneself_is_found_whatever_its_signs(text: str, place: str) -> None:
    assert place in blanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "★★さんぽの会★★",
        "☆☆さんま祭り☆☆",
        "◎◎◎ 3つそろえば満点",
        "★★★様々な催しがあります",
        "くわしくは下の地図を←タップで大きく",
        "↑上の写真は昨年のようすです",
        "展示は準備が決まり次第、差し替えていきます。",
        "世界の料理（国名）カードで遊びましょう",
        "年末のTODO📝\n・窓ふき\n・換気扇",
        "備えのTODO\n□ 水\n□ 電池",
        "標語のお題は『（　　）で守る、みんなの命』です",
        "「朝は（　　）から」の空欄に入ることばを考えてください",
    ],
)
def test_the_same_signs_as_ornaments_headings_or_a_contests_own_blank_are_honest(text: str) -> None:
    assert blanks(text) == []


def test_a_contest_excuses_no_blank_outside_its_quotation() -> None:
    assert blanks("お題は「わたしの（　　）じまん」。締切：　月　日まで")
    assert blanks("川柳のお題は「　　　　」です。")
