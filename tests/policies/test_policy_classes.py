"""What the rules are meant to catch is a class of text: other wordings of it are caught too, and its innocent neighbours pass."""

from __future__ import annotations

import pytest
from policy_office import ORDINARY, Judge, stopped_by, stopping_rules

from daemon.judge import Judgement

ACCOUNTS = tuple(ORDINARY)


def asks_for_two(judgement: Judgement) -> bool:
    return any(line.clause == "office/second-person" for line in judgement.missing)


DANGERS_IN_PLAIN_WORDS = [
    "濁流がマンションの1階に流れ込んでいます。住んでいる方は3階より上に移動してください。",
    "いま裏山から土砂が迫っています。早く逃げて下さい。",
    "工場の火が広がっています。風下の方は家から離れてください。",
    "駅のトイレで刺激臭のする液体が漏れています。",
    "庁舎の玄関で不審物が見つかりました。ロビーは使えません。",
    "現場付近の方は窓を閉めて、屋内に入ってください。",
    "港にいる方と周辺の住民は海から離れてください。",
    "緊急地震速報が出ました。机の下へ。",
    "【国民保護情報】上空を通過したもようです。",
    "生物剤による攻撃がありました。",
]


@pytest.mark.parametrize("text", DANGERS_IN_PLAIN_WORDS)
def test_a_danger_told_in_plain_words_needs_a_source_and_a_second_person(judged: Judge, text: str) -> None:
    judgement = judged("minato-line", text)
    assert asks_for_two(judgement)
    assert stopped_by(judgement)["minato/7-2(5)"] == "hold"


ADVICE = [
    "不審物を見つけたら、さわらずに駅員や警察へ知らせてください。",
    "地震のあと、火が出ていたら初期消火を。あわてず避難しましょう。",
    "海岸の近くにいる人は、強い揺れを感じたら、すぐに高い所へ。",
    "浸水したときは、付近の方が声をかけあえば、早く避難できます。",
    "緊急地震速報を見聞きしたら、まず身を守ってください。12月4日に訓練放送を行います。",
    "プールの水があたたかくなって、歩く人が増えています。ご来場ください。",
    "坂の上の桜並木に、きれいな水が流れています。散歩のついでにお立ち寄りください。",
    "強い揺れに備えて、家具を固定しましょう。",
    "薬品や塗料は、ごみとして出せません。販売店へご相談ください。",
    "国民保護計画の改定案へのご意見を募集します。",
    "工事のため付近の方にはご迷惑をおかけします。",
]


@pytest.mark.parametrize("account", ["taisho-gyosei", "minato-line", "shinagawa-koho"])
@pytest.mark.parametrize("text", ADVICE)
def test_advice_and_everyday_notices_with_the_same_words_need_no_second_person(judged: Judge, account: str, text: str) -> None:
    judgement = judged(account, text)
    assert not asks_for_two(judgement)
    assert stopped_by(judgement) == {}


PRIVATE = [
    "今日のくじの結果はハズレでした😭",
    "毎朝応募してるけど今回もはずれちゃった。次こそ当てたい",
    "あなたも春のスロットに挑戦！",
    "友だちの招待コードで入会すると2,000円もらえるって",
    "ガチャ、当たった！！",
]
PUBLIC = [
    "市民アンケートの結果は、「満足」が62%でした。",
    "抽選の結果は、当選された方への引換券の発送をもってお知らせします。",
    "応募が多いときは抽選です。外れた方にもお知らせします。",
    "あなたも今日から減塩にチャレンジ！",
    "健康アプリに招待コードを入力して、市の健康づくりに参加しましょう。",
    "来年こそ早起きを。ラジオ体操の会場を紹介します。",
    "福引の特賞の当たりは、米10キロです。",
]

RACE = [
    "現職と新人の激突、いよいよ日曜です。",
    "原田氏は駅前の集会で子育て支援の充実を訴えました",
    "水道料金の値下げを必ずお約束します！",
    "比例は「みどりの風の会」によろしく",
    "現職に元職が挑み、接戦となっています。",
]
ELECTION_NOTICES = [
    "比例代表は、政党等の名称を書いて投票してください。",
    "公営の候補者のポスター掲示場を、区内320か所に設置しました。",
    "候補者のビラを電柱にはることは禁じられています。",
    "投票用紙は二つ折りにして、投票箱に入れてください。選挙の当日は係員がご案内します。",
    "川中島の一騎打ちを再現する市民劇を上演します。",
    "税金は収入に比例します。税のしくみを学ぶ教室を開きます。",
    "新人の消防団員が訓練に参加しました。",
]


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("text", PRIVATE)
def test_hopes_and_draws_of_a_private_person_are_held(judged: Judge, account: str, text: str) -> None:
    assert stopped_by(judged(account, text)).get("office/private-voice") == "hold"


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("text", RACE)
def test_the_election_as_a_race_and_the_words_of_a_candidate_are_held(judged: Judge, account: str, text: str) -> None:
    assert stopped_by(judged(account, text)).get("office/politics") == "hold"


@pytest.mark.parametrize("account", ["taisho-gyosei", "saitama-cvc", "minato-x", "shinagawa-koho"])
@pytest.mark.parametrize("text", PUBLIC + ELECTION_NOTICES)
def test_an_offices_own_draws_and_the_notices_of_an_election_pass(judged: Judge, account: str, text: str) -> None:
    assert stopped_by(judged(account, text)) == {}


@pytest.mark.clause("taisho/3.留意(2)", "saitama/6-2", "minato/7-2(2)", "shinagawa/5-3")
@pytest.mark.parametrize(
    ("account", "clause"),
    [
        ("taisho-gyosei", "taisho/3.留意(2)"),
        ("saitama-cvc", "saitama/6-2"),
        ("minato-x", "minato/7-2(2)"),
        ("shinagawa-koho", "shinagawa/5-3"),
    ],
)
@pytest.mark.parametrize(
    "text", ["RT @shimin_kai: 公園の清掃にご参加を", "ぜひ！ ＲＴ ＠shimin_kai 公園の清掃", "qt: @shimin_kai 読んで"]
)
def test_a_repost_by_hand_is_held_by_the_article_on_reposts(judged: Judge, account: str, clause: str, text: str) -> None:
    assert "office.manual-repost" in stopping_rules(judged(account, text))
    assert stopped_by(judged(account, text))[clause] in ("hold", "block")


@pytest.mark.parametrize(
    "text", ["このRTの記録は4分12秒です。", "START @ 区役所前広場", "公式アカウント @kunren_bosai もご覧ください。"]
)
def test_what_only_looks_like_a_repost_by_hand_passes(judged: Judge, text: str) -> None:
    assert "office.manual-repost" not in stopping_rules(judged("minato-x", text))


@pytest.mark.clause("minato/7-2(4)", "shinagawa/5-2(2)")
@pytest.mark.parametrize(("account", "clause"), [("minato-x", "minato/7-2(4)"), ("shinagawa-koho", "shinagawa/5-2(2)")])
@pytest.mark.parametrize(
    "text",
    [
        "保育園の移転は、再来週の庁議に付議する予定です。",
        "施設の廃止について、住民説明はまだですが準備を進めています。",
        "無料化まで、あとは財政課の査定を残すだけです！",
    ],
)
def test_what_an_inner_meeting_has_still_to_decide_is_held_as_not_yet_public(
    judged: Judge, account: str, clause: str, text: str
) -> None:
    assert stopped_by(judged(account, text)).get(clause) == "hold"


@pytest.mark.clause("minato/7-2(6)", "shinagawa/5-2(3)")
@pytest.mark.parametrize(("account", "clause"), [("minato-facebook", "minato/7-2(6)"), ("shinagawa-koho", "shinagawa/5-2(3)")])
@pytest.mark.parametrize("text", ["連絡先は鈴木さん（090-0000-1234）です。", "お問合せ：０８０ー００００ー１２３４（田中）"])
def test_a_mobile_number_waits_for_the_one_who_knows_whether_it_may_be_published(
    judged: Judge, account: str, clause: str, text: str
) -> None:
    assert stopped_by(judged(account, text)).get(clause) == "hold"


@pytest.mark.parametrize("text", ["代表電話 03-3578-2111", "受付番号 0901-23-4567", "救急相談 #7119、子ども医療 #8000"])
def test_an_offices_own_number_passes(judged: Judge, text: str) -> None:
    assert stopped_by(judged("minato-facebook", text)) == {}
