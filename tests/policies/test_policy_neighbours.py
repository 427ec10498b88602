"""Classes of text that a rule is meant to catch, in words that no collected accident uses, and the innocent posts that live next door."""

from __future__ import annotations

import pytest
from policy_office import Judge, stopped_by, stopping_rules

TALK = [
    "うちの旦那が昇進しました！",
    "今夜ゲーム配信するよ、みんな来て",
    "余ってるチケット、定価でお譲りします。渡せる日は相談で",
    "二次先行も落選しました。もう泣く",
    "残業だるいー。早く帰りたい",
    "昨日のラーメン、うますぎた！",
    "後輩が古着屋をオープンします。のぞいてやってください",
    "やっとアニメの2期に追いついた！ネタバレしないで",
]


@pytest.mark.parametrize("text", TALK)
def test_the_talk_of_a_private_person_is_held(judged: Judge, text: str) -> None:
    assert stopped_by(judged("minato-facebook", text)).get("office/private-voice") == "hold"


SIDES = [
    "お隣の岡さんが区議に挑むことになりました。",
    "次の選挙で市長の取り巻きを落とそう。",
    "公報の二番の人がよさそう。みんな二番の人にしよう",
    "市長にはほとほと愛想が尽きました。",
    "今度の議員選挙のあと、町長には引退してもらいたい",
    "岸本さんの演説に涙が出ました。",
]


@pytest.mark.parametrize("text", SIDES)
def test_taking_a_side_without_the_word_for_a_candidate_is_held(judged: Judge, text: str) -> None:
    assert stopped_by(judged("shinagawa-koho", text)).get("office/politics") == "hold"


DANGERS = [
    "裏山の斜面が崩れ始めているとの連絡がありました。ふもとの方は学校へ移動してください。",
    "サイレンが鳴っています。川べりの人は高い所へ上がってください。",
    "港区全域に避難指示。",
    "拳銃を持った男が逃走しています。",
    "薬品工場から塩素が漏れ出しています。",
    "会場に放火の予告が届きました。",
]


@pytest.mark.parametrize("text", DANGERS)
def test_a_danger_under_way_needs_a_source_and_a_second_person(judged: Judge, text: str) -> None:
    judgement = judged("minato-x", text)
    assert "office.source-said" in stopping_rules(judgement)
    assert any(line.clause == "office/second-person" for line in judgement.missing)


MISTAKES = ["さきほどのお知らせは間違いでした。", "1時間前の投稿を取り消します。", "休館の案内を誤って配信しました。"]


@pytest.mark.clause("minato/7-2(7)")
@pytest.mark.parametrize("text", MISTAKES)
def test_a_post_that_takes_an_earlier_one_back_is_asked_which(judged: Judge, text: str) -> None:
    assert stopped_by(judged("minato-x", text)).get("minato/7-2(7)") == "hold"
    linked = judged("minato-x", text, kind="correction", target="https://x.com/minato_kunren/status/1")
    assert "office.correction-said" not in stopping_rules(linked)


INNOCENT = [
    "河川敷の雑草を刈り取りました。赤ちゃん連れの方も歩きやすくなりました。",
    "除草。剪定。清掃。公園の手入れをしています。",
    "東日本大震災では津波で多くの命が失われました。語り部の方は、迷わず高台へ逃げてほしいと話しています。",
    "津波が来ると聞いたら、ためらわず高台へ避難しましょう。",
    "避難が必要なのは、警戒レベル4です。レベル5を待ってはいけません。",
    "火災の煙が出ている想定で、園児が園庭に避難しました。",
    "消費税の廃止を求める請願は、本会議で不採択となりました。",
    "議会は、憲法改正に反対を求める意見書を否決しました。",
    "選挙に立候補された方の一覧は、選挙管理委員会のホームページで公開しています。",
    "投票用紙は、折らずに投票箱に入れてください。",
    "こども区長に挑戦した5年生が、区役所で辞令を受け取りました。",
    "街頭募金にご協力ください。胸に赤い羽根をつけましょう。",
    "ふるさと納税で子ども食堂を応援。目標まであと一押し、皆さんの力を貸してください。",
    "金メダルの山本選手が区長を訪問しました。次の大会も応援しましょう。",
    "不用品交換コーナー「譲ります」にベビーカーが1台出ています。窓口は2階です。",
    "再生家具を抽選でお譲りします。申込みは清掃事務所へ。",
    "使わなくなったランドセルをお譲りください。海外の子どもに届けます。",
    "副業で稼げるとうたう業者とのトラブルが増えています。",
    "チャンネル登録をお願いします。区の公式動画は毎週金曜に公開します。",
    "今夜7時から花火大会の様子を配信します。",
    "仕事が見つからない、つらい、やめたい。そんな悩みを相談できる窓口があります。",
    "職員が新しい図書館に行ってきました。木の香りがします。",
    "当選された方の景品は、窓口で手渡しでお渡しします。",
    "個人演説会の会場に使える公共施設の一覧です。",
    "弁論大会では、中学生の演説に胸が熱くなりました。",
    "広報みなと12月号に誤りがありました。正しくは12月6日です。おわびして訂正します。",
    "受付番号5番の方は、窓口へお越しください。",
    "冬の間、川の水位が下がっています。",
    "推しの本を紹介してください。図書館のカウンターでカードを配っています。",
    "期日前投票所には、もう1万人の方がいらっしゃいました。",
    "総理大臣表彰を受けた消防団が区長に報告しました。",
    "正午のサイレンが鳴ったら黙とうをお願いします。",
    "Jアラートの試験放送のお知らせです。地震で停電したときの備えも確かめましょう。",
    "首都直下地震により想定される火災と停電について、計画を改めました。",
    "区長に代わって副区長があいさつしました。",
    "区政にチャレンジ！中学生の職場体験を受け入れました。",
    "お子さんをたくさんほめてあげてください。",
    "区に大雨特別警報が出たときの行動を確かめましょう。",
    "メダルの裏には、お子さんのお名前が入ります。",
    "日時：12月5日（土）\n場所：区役所\n定員：30名",
    "【日時】\n12月5日（土）午後1時\n【場所】\n区役所",
    "定員： 30名　費用： 無料",
    "「○○警備保障」で始まる電話に注意してください。",
    "穴埋めクイズに挑戦。「防○○代」",
]


@pytest.mark.parametrize("account", ["taisho-gyosei", "minato-x", "shinagawa-koho"])
@pytest.mark.parametrize("text", INNOCENT)
def test_the_everyday_post_next_door_passes(judged: Judge, account: str, text: str) -> None:
    judgement = judged(account, text)
    assert stopped_by(judgement) == {}
    assert not any(line.clause == "office/second-person" for line in judgement.missing)


BLANK = [
    "講師：講師名が入ります",
    "（対象地域）に避難指示が出ました。",
    "受付は--:--からです。",
    "日時：\n場所：\n定員：20名",
    "定員：　　名",
    "【タイトル】を入力",
    "講座「○○」を開きます。答えは会場で。",
]


@pytest.mark.parametrize("text", BLANK)
def test_a_heading_without_its_value_is_a_blank(judged: Judge, text: str) -> None:
    assert "office.blanks" in stopping_rules(judged("minato-facebook", text))


def test_other_hashtags_make_no_other_post() -> None:
    from daemon.screening.similar import similarity

    assert similarity("消火器を点検しましょう #防火 #秋", "消火器を点検しましょう #火の用心") == 1.0
    assert similarity("#大正区 #夏まつり", "#大正区 #冬まつり") < 1.0
