"""Classes that a held-out lot of accidents showed to be missing, in words that it does not have; and their innocent neighbours."""

from __future__ import annotations

import pytest
from policy_office import Judge, stopped_by, stopping_rules

ALARMS = [
    "ミサイル通過中。続報を待ってください。",
    "飛翔体が日本海に落下したとみられます。",
    "ﾐｻｲﾙがこちらへ向かっています。",
    "Ｊアラート受信：弾道ミサイル",
    "首都直下地震発生。震度6強。",
    "震度５弱　津波なし",
    "震度6弱の揺れを観測しました。",
    "津波です！",
    "津波が押し寄せています。",
    "ただいま、大きな地震がありました。",
    "今夜10時から区内全域で停電します。",
    "現在、広い範囲で水が出なくなっています。",
    "このあと断水になります。",
    "ため池の土手が崩れたらしい。",
    "駅前で爆発があったもようです。",
    "クマが校庭に出たとの通報。",
    "川沿いの道が冠水、堤防が切れているとのことです。",
]


@pytest.mark.clause("minato/7-2(5)", "shinagawa/5-2(4)")
@pytest.mark.parametrize("text", ALARMS)
def test_an_alarm_without_a_source_is_held_in_every_tense_and_by_hearsay(judged: Judge, text: str) -> None:
    for account in ("minato-line", "taisho-chiiki"):
        assert "office.source-said" in stopping_rules(judged(account, text))
    assert "office.source-said" not in stopping_rules(judged("minato-line", text, source="気象庁 9時50分発表"))


NO_ALARMS = [
    "ミサイルが発射されたときの行動を、区のページにまとめました。",
    "震度5弱以上でエレベーターは止まります。階段をお使いください。",
    "震度7を観測した1995年の地震から、備えを学びます。",
    "津波が来る前に、高い所へ。ハザードマップで道を確かめましょう。",
    "水道管の工事のため、12月8日の22時から断水します。水道局のお知らせです。",
    "法定点検のため、本日は区役所の自動交付機が停電で使えません。",
    "「今夜から停電する」という投稿は誤りです。",
    "停電に備えて、懐中電灯を用意しましょう。",
    "大雨で堤防が切れたら、どう逃げますか。講座で考えます。",
    "火災を防ぐため、電源プラグのほこりを取りましょう。消防署で学んだそうです。",
    "地震について、小学生が調べたことを発表したそうです。",
    "川の水がきれいになったそうです。",
]


@pytest.mark.parametrize("text", NO_ALARMS)
def test_advice_works_and_denials_need_no_source(judged: Judge, text: str) -> None:
    for account in ("minato-line", "taisho-chiiki", "shinagawa-koho"):
        assert "office.source-said" not in stopping_rules(judged(account, text))


TRIALS = [
    "テスト",
    "てすと１２３",
    "ﾃｽﾄ配信です。",
    "test test",
    "送信テスト　防災課より",
    "【配信テスト3】",
    "これ本番？",
    "見えてますか？",
    "テスト、テスト。届いてますか",
    "ああああ",
    "本番につながってるみたい",
    "asdfgh",
]


@pytest.mark.clause("minato/7-2(5)", "shinagawa/5-2(4)")
@pytest.mark.parametrize("text", TRIALS)
def test_a_trial_on_a_live_account_is_held(judged: Judge, text: str) -> None:
    for account in ("minato-line", "shinagawa-koho", "taisho-gyosei"):
        assert "office.test-message" in stopping_rules(judged(account, text))


NO_TRIALS = [
    "テスト販売を駅前で始めます。",
    "テスト前の自習室を開けています。",
    "テストの点より、学ぶ楽しさを。教育講演会を開きます。",
    "HIVの検査（テスト）を保健所で受けられます。",
    "配信テストを12月4日に行います。届かなくても手続きは要りません。",
    "Jアラートの試験放送を11時に行います。",
    "体力テストの結果をまとめました。",
    "これからが本番！紅葉の見ごろは今週です。",
    "けさの富士山、区役所の展望室から見えています。",
    "年末のテストマーケティングにご協力ください。",
]


@pytest.mark.parametrize("text", NO_TRIALS)
def test_a_test_that_is_something_else_or_is_announced_is_no_trial(judged: Judge, text: str) -> None:
    for account in ("minato-line", "shinagawa-koho"):
        assert stopped_by(judged(account, text)) == {}


CAMPAIGNS = [
    "事務所開きに行ってきました。すごい人でした。",
    "あの議員の出陣式、胸が熱くなりました。",
    "市議のブログ、子育ての話が参考になります。",
    "都議の活動報告です。ぜひ読んでください。",
    "県議さんのアカウント、フォローをお願いします。",
    "後援会の新年会、たのしかったです。",
    "選挙事務所に陣中見舞いを届けました。",
]


@pytest.mark.parametrize("text", CAMPAIGNS)
def test_the_stations_of_a_campaign_and_word_put_in_for_a_member_are_held(judged: Judge, text: str) -> None:
    for account in ("taisho-gyosei", "saitama-cvc", "minato-x", "shinagawa-koho"):
        assert "office.politics-phrases" in stopping_rules(judged(account, text))


NO_CAMPAIGNS = [
    "高校野球の必勝を願って、駅前に横断幕を掲げました。",
    "武者行列の出陣式は、12月6日10時から神社の前で。",
    "NPO法人の事務所開きに合わせて、相談会があります。",
    "吹奏楽部後援会の総会は、学校の体育館で開きます。",
    "後援：大正区。こども絵画展を開きます。",
    "市議会の一般質問は12月7日からです。",
    "区議会だよりを新聞に折りこみました。",
    "市民団体の活動報告会を開きます。",
]


@pytest.mark.parametrize("text", NO_CAMPAIGNS)
def test_sport_sponsors_and_the_assembly_itself_are_no_campaign(judged: Judge, text: str) -> None:
    for account in ("taisho-gyosei", "saitama-cvc", "minato-x", "shinagawa-koho"):
        assert "office.politics-phrases" not in stopping_rules(judged(account, text))


PRIVATE = [
    "引っ越し完了！段ボールだらけの部屋からこんにちは",
    "新居は日当たり良好。近くまで来たら声かけて",
    "一等まであと1つ！",
    "福引で自転車が当たっちゃいました",
    "ライブのチケット、当たりました！",
    "同棲始めました！",
]


@pytest.mark.parametrize("text", PRIVATE)
def test_a_move_of_ones_own_and_the_luck_of_the_draw_are_a_private_voice(judged: Judge, text: str) -> None:
    for account in ("taisho-gyosei", "minato-x", "shinagawa-koho"):
        assert "office.private-phrases" in stopping_rules(judged(account, text))


NOT_PRIVATE = [
    "サポートセンターは12月1日に引っ越しました。新しい場所は浦和駅から歩いて3分です。",
    "引っ越しの手続きは窓口で。住み始めた日から14日以内にお願いします。",
    "抽選で当たった方には、12月中に品物をお送りします。",
    "スタンプラリー、景品まで残り2店。あなたもチャレンジしませんか。",
    "ひとり暮らしの高齢者のお宅をお訪ねしています。",
    "12月の新生活応援フェア、家具を抽選でお渡しします。",
]


@pytest.mark.parametrize("text", NOT_PRIVATE)
def test_an_office_that_moved_or_draws_lots_is_no_private_voice(judged: Judge, text: str) -> None:
    for account in ("taisho-gyosei", "minato-x", "shinagawa-koho"):
        assert "office.private-phrases" not in stopping_rules(judged(account, text))
