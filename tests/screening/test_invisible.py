"""Characters that nobody sees."""

from __future__ import annotations

import pytest

from daemon.screening.hit import Text
from daemon.screening.invisible import check_invisible
from daemon.screening.mention import check_mention
from daemon.screening.similar import contained, similarity


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("振込先は\u202e54321", (4, 5)),
        ("ボ\u200bランティア", (1, 2)),
        ("\x1b[31m赤", (0, 1)),
        ("本文\x00", (2, 3)),
        ("図書館\U000e0041\U000e0042", (3, 5)),
        ("\ufeff図書館", (0, 1)),
        ("👍\u200d図書館", (1, 2)),
        ("図書\u2800館", (2, 3)),
    ],
)
def test_a_hidden_character_is_found_and_its_fix_takes_it_out(text: str, where: tuple[int, int]) -> None:
    (hit,) = check_invisible(text)
    assert (hit.start, hit.end, hit.fix) == (*where, "")


@pytest.mark.parametrize(
    "text",
    [
        "👨‍👩‍👧‍👦とお出かけ",
        "点字 ⠞⠸⠢⠀⠫⠴⠐⠩⠂",
        "❤️",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "葛\U000e0100飾区",
        "👨‍👩‍👧‍👦" * 5_000,
        "一行目\r\n二行目\t三",
        "か\u3099",
    ],
)
def test_what_belongs_to_an_emoji_a_kanji_or_a_line_is_left_alone(text: str) -> None:
    assert list(check_invisible(text)) == []


@pytest.mark.clause("saitama/6-1", "taisho/3.留意(1)", "minato/7-2(2)", "shinagawa/5-3")
@pytest.mark.parametrize(("text", "name"), [("@foo こんにちは", "@foo"), ("  ＠Foo_1さん", "＠Foo_1"), ("\u200b@foo", "@foo")])
def test_a_text_that_begins_with_a_name_is_a_reply(text: str, name: str) -> None:
    (hit,) = check_mention(Text(text))
    assert text[hit.start : hit.end] == name


@pytest.mark.parametrize("text", [".@foo", "図書館 @foo", "@ 図書館", "koho@city.jp", ""])
def test_a_name_elsewhere_is_none(text: str) -> None:
    assert list(check_mention(Text(text))) == []


POST = "高齢者インフルエンザ予防接種の期間は来年1月までです。お早めに医療機関へご予約ください。"


@pytest.mark.parametrize(
    "again",
    [
        POST,
        POST.replace("。", "！！"),
        "【再送】" + POST,
        POST.replace("1", "１").replace(" ", ""),
        POST + "お早めに医療機関へご予約ください。",
        POST.replace("です。", "です。\n\n"),
    ],
)
def test_the_same_post_in_other_clothes_is_nearly_the_same(again: str) -> None:
    assert similarity(POST, again) >= 0.85


@pytest.mark.parametrize("other", ["", "お早めに。", "図書館は11月21日から23日まで休館します。返却は正面のポストへ。"])
def test_another_post_is_not(other: str) -> None:
    assert similarity(POST, other) < 0.5


def test_similarity_is_the_same_both_ways_and_empty_texts_are_equal() -> None:
    assert similarity("図書館", "図書室") == similarity("図書室", "図書館")
    assert similarity("", " ") == 1.0
    assert similarity("あ", "い") == 0.0


SALON = "子育てサロンは毎週水曜10時から、2階プレイルームです。"


@pytest.mark.parametrize(
    "later",
    [
        f"誤字があったので出し直します🙇 {SALON}",
        f"{SALON}\n\n（再送です。前のは消しました）",
        f"【再掲】{SALON} お待ちしています！",
        f"リンク切れのため上げ直し→{SALON.replace('時', 'じ')}",
    ],
)
def test_a_post_with_a_word_put_around_it_holds_the_earlier_one(later: str) -> None:
    assert contained(SALON, later) >= 0.9


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (SALON, "子育てサロンは毎週金曜11時から、3階プレイルームです。クリスマスの飾りを作ります。"),
        ("3日目は芝の畳店。い草の束を選ぶ手つきに、40年の重み。", "4日目は三田の豆腐店。朝5時の湯気に、40年の重み。大豆の香り。"),
        ("本日の窓口は終了しました。", "本日の窓口は終了しました。あすは19時まで延長します。"),
        (
            SALON,
            f"{SALON}来月からは土曜にも開きます。場所は区役所3階、助産師が相談を受けます。予約は要りません。飲みものをお持ちください。",
        ),
    ],
)
def test_a_series_a_formula_and_a_post_that_says_much_more_hold_none(earlier: str, later: str) -> None:
    assert contained(earlier, later) < 0.9
