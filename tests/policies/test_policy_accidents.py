"""The accidents that really happened, and wordings of them that nobody sent: each is stopped by the clause that should stop it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from policy_office import EVENING, OPEN, ORDINARY, Judge, stopped_by, stopping_rules

from daemon.judge import Recent, Situation, judge
from daemon.rulebook.item import Item, Kind
from daemon.rulebook.load import bare_rulebook
from daemon.rulebook.model import Rulebook

ACCOUNTS = tuple(ORDINARY)
ACCURACY = {"minato": "minato/7-2(5)", "shinagawa": "shinagawa/5-2(4)"}

UNFILLED = [
    "○○より本日○時○分ころ、ミサイルが発射されました。続報をお待ちください。",
    "◯◯川が◯時◯分に氾濫危険水位を超えました。",
    "本日　　時　　分ごろ、＿＿＿＿で火災が発生しました。",
    "XX月XX日、XX小学校に避難所を開設します。",
    "避難所：___（収容___人）を開きました。",
    "【予定稿】市長が記者会見を行いました。",
    "会場は●●ホール、時間は●時からです。",
    "TODO: 主催者名を入れる。講演会を開きます。",
    "開催日：（後日記入）　場所：区民センター",
    "給水車は##:##に###公園へ到着します。",
]


@pytest.mark.clause("minato/7-2(5)", "shinagawa/5-2(4)")
@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("text", UNFILLED)
def test_a_template_with_its_blanks_unfilled_is_blocked_in_every_account(judged: Judge, account: str, text: str) -> None:
    clause = ACCURACY.get(account.split("-")[0], "office/blanks")
    judgement = judged(account, text, source="訓練", emergency=True)
    assert stopped_by(judgement).get(clause) == "block"
    assert "office.blanks" in stopping_rules(judgement)


PRIZES = [
    "ポテトスナック1年分のキャンペーンに応募しました！今年こそ当たりますように #懸賞",
    "フォロー＆リポストで応募完了！チョコ詰め合わせ、当たれ〜！",
    "新商品のおせんべい、当選したら家族みんなで食べたいな",
    "#プレゼント企画 に参加します♪ グミ大好き",
    "わたしも応募！限定パッケージ欲しい〜〜",
    "ビスケット100枚当たるといいな。企画ありがとうございます",
    "フォロバお願いします #懸賞好きな人と繋がりたい",
    "キャンペーンに応募します。うまいお菓子をゲットできますように",
    "リポストしました！ラーメンスナック、絶対当てたい",
    "お菓子の懸賞に応募させていただきました。当選しますように",
]


@pytest.mark.clause("taisho/3.対応時間", "taisho/3.分野")
@pytest.mark.parametrize("text", PRIZES)
def test_a_prize_entry_from_the_disaster_account_is_held_as_private_by_its_topic_and_by_the_hour(
    judged: Judge, text: str
) -> None:
    stopped = stopped_by(judged("taisho-chiiki", text, now=EVENING, topic="懸賞"))
    assert stopped["office/private-voice"] == "hold"
    assert stopped["taisho/3.分野"] == "block"
    assert stopped["taisho/3.対応時間"] == "hold"


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("text", PRIZES)
def test_a_prize_entry_is_held_in_every_account(judged: Judge, account: str, text: str) -> None:
    assert stopped_by(judged(account, text))["office/private-voice"] == "hold"


CANDIDATES = [
    "この候補の新聞、政策がわかりやすいです。応援しています！",
    "都知事選、山田太郎候補の記事をぜひ読んでみてください",
    "公園のバラが見頃です。ついでに鈴木候補のこのポスト、ぜひ見て！",
    "今度の市長選は現職の佐藤さんで決まりでしょう",
    "石丸さんを都政へ！ #都知事選2024",
    "7日は〇〇氏へ清き一票をお願いします",
    "参政党のチラシ、いいことが書いてあります",
    "野党共闘で政治を変えましょう",
    "蓮田さんの政策集、とても良いまとめ。支持します",
    "無所属新人の中村さんに街の未来を託したい",
    "街頭演説に行ってきました。公約に共感です",
    "投票は田中さんにお願いします",
]


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("text", CANDIDATES)
def test_what_speaks_for_a_candidate_is_held_as_politics_in_every_account(judged: Judge, account: str, text: str) -> None:
    assert stopped_by(judged(account, text))["office/politics"] == "hold"


@pytest.mark.clause("minato/7-2(2)", "shinagawa/5-3")
@pytest.mark.parametrize(
    ("account", "clauses"),
    [
        ("minato-x", {"minato/7-2(2)": "hold", "office/author": "block"}),
        ("shinagawa-koho", {"shinagawa/5-3": "hold", "shinagawa/5-1": "hold"}),
        ("saitama-cvc", {"saitama/4": "hold", "saitama/6-2": "block", "saitama/6-4": "block"}),
        ("taisho-gyosei", {"taisho/3.対応時間": "hold", "taisho/3.留意(2)": "block", "taisho/3.運用者": "block"}),
    ],
)
def test_a_contractor_quoting_a_candidate_at_night_meets_the_quote_rule_the_register_and_the_hours(
    judged: Judge, account: str, clauses: dict[str, str]
) -> None:
    judgement = judged(account, CANDIDATES[0], now=EVENING, author="contractor", kind="quote", target="https://x.com/a/status/1")
    stopped = stopped_by(judgement)
    assert clauses.items() <= stopped.items()
    assert stopped["office/politics"] == "hold"


FLOODS = [
    "目黒川に氾濫危険情報が発表されました。",
    "木津川が氾濫しました。直ちに避難してください。",
    "河川の水位が氾濫危険水位に達しました",
    "区内全域に避難指示を発令しました。",
    "堤防が決壊するおそれがあります。一刻も早く高台へ！",
    "目黒川、レベル4氾濫危険です",
    "大雨特別警報が発表されています。命を守る行動をとってください。",
    "ダムの緊急放流が始まります。下流のみなさんはすぐに逃げてください。",
    "川があふれそうです。早く！",
    "洪水警報が発令されました",
]


@pytest.mark.clause("minato/7-2(5)", "shinagawa/5-2(4)")
@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("text", FLOODS)
def test_a_flood_warning_without_its_source_is_held_whether_or_not_it_says_that_it_is_one(
    judged: Judge, account: str, text: str
) -> None:
    clause = ACCURACY.get(account.split("-")[0], "office/source")
    for emergency in (False, True):
        judgement = judged(account, text, emergency=emergency)
        assert stopped_by(judgement).get(clause) == "hold"
        assert stopping_rules(judgement) & {"office.source", "office.source-said"}
        assert not stopping_rules(judged(account, text, emergency=emergency, source="気象庁 9時50分")) & {
            "office.source",
            "office.source-said",
        }


@pytest.mark.parametrize("account", ACCOUNTS)
def test_an_emergency_waits_for_two_people(judged: Judge, account: str) -> None:
    for emergency in (False, True):
        missing = judged(account, FLOODS[0], emergency=emergency, source="気象庁").missing
        assert any(line.clause == "office/second-person" for line in missing)


TERROR = [
    "大規模テロ情報。区内で大規模テロが発生しました。",
    "駅前で爆発が発生しました。テロとみられます。外出を控えてください。",
    "同時多発テロの情報があります。屋内に避難してください。",
    "弾道ミサイルが発射された模様です。頑丈な建物に避難してください。",
    "Jアラートを受信しました。地下に避難してください。",
    "武力攻撃が発生しました。直ちに避難してください。",
    "庁舎で立てこもりが発生しました。",
    "有毒ガスが漏れています。今すぐ風上へ避難してください",
    "ゲリラによる攻撃が確認されました",
    "無差別テロ発生。命を守る行動を。",
]


@pytest.mark.clause("minato/7-2(5)")
@pytest.mark.parametrize("text", TERROR)
def test_a_terror_broadcast_on_line_needs_a_source_and_two_people(judged: Judge, text: str) -> None:
    judgement = judged("minato-line", text)
    assert stopped_by(judgement)["minato/7-2(5)"] == "hold"
    assert {"office/irreversible", "office/second-person"} <= {line.clause for line in judgement.missing}


def test_every_line_broadcast_waits_for_two_people_because_it_cannot_be_unsent(judged: Judge) -> None:
    judgement = judged("minato-line", "あすは区の総合防災の日です。備蓄を見直しましょう。")
    assert stopped_by(judgement) == {}
    assert any(line.clause == "office/irreversible" for line in judgement.missing)


@pytest.mark.parametrize("account", ["minato-line", "shinagawa-koho"])
def test_a_drill_that_says_so_only_at_its_end_is_held(judged: Judge, account: str) -> None:
    text = "大津波警報が発表されました。直ちに高台へ避難してください。以上、訓練でした。"
    assert "office.drill" in stopping_rules(judged(account, text, source="気象庁", emergency=True))


NOTICE = "2026年12月20日（日）は、一部の窓口を8時30分から17時まで開きます。転入・転出の届出ができます。"


@pytest.mark.parametrize(
    "again",
    [NOTICE, NOTICE.replace("開きます", "開庁します"), NOTICE + "！", "【再掲】" + NOTICE, NOTICE.replace("。", "！")],
)
def test_the_same_post_again_is_held(office: Rulebook, again: str) -> None:
    account = office.accounts["shinagawa-koho"]
    author = office.operators["osaki"]
    before = Recent(text=NOTICE, at=EVENING.replace(hour=9))
    situation = Situation(now=EVENING, account=account, author=author, author_verified=True, recent=(before,))
    judgement = judge(Item(text=again, author="osaki", declared=("author",)), situation, office)
    assert stopped_by(judgement)["office/duplicate"] == "hold"


EVERYDAY = [
    "【期日前投票のお知らせ】2027年4月25日（日）執行の市長選挙の期日前投票は、4月19日から市役所1階で行います。",
    "本日は投票日です。投票時間は午前7時から午後8時まで。投票所入場券をお持ちください。あなたの一票が未来をつくります。",
    "立候補予定者説明会を2027年2月3日（水）に開催します。",
    "選挙公報は各世帯に配布します。候補者の氏名などは選挙管理委員会のホームページでご覧いただけます。",
    "新しい公園の愛称候補が決まりました。お気に入りの名前に投票をお願いします。",
    "区の花の候補を募集します。",
    "パラ陸上の山田選手を応援しよう！区役所1階で横断幕にメッセージを書けます。",
    "都知事杯野球大会の代表選手が区役所を訪れました。",
    "産業廃棄物管理票（マニフェスト）の報告書の提出期限は6月30日です。",
    "作品を募集します。ご応募は11月30日まで。抽選で図書カードが当たります。",
    "大雨に備え、ハザードマップで避難場所を確かめましょう。避難指示が出たら、慌てず行動を。",
    "Jアラートの全国一斉情報伝達試験を行います。スピーカーから試験の音が流れます。",
    "障害者週間に合わせて、区役所ロビーで作品展を開催します。",
    "部落差別をなくしましょう。ヘイトスピーチ、許さない。",
    "「外国人お断り」といった入居差別は許されません。人権相談窓口へ。",
    "闇バイトの募集に注意！高額報酬をうたう投稿に応募しないでください。",
    "SNSの噂やデマに惑わされず、公式の情報をご確認ください。",
    "未発表の自作の俳句を募集します。",
    "計画（素案）へのご意見を募集します。",
    "伏見の土人形と朝鮮通信使の資料を展示しています。",
    "成人のつどいの実行委員を募集します。立候補をお待ちしています。",
    "市民の皆さんの「こんな公園が欲しい」という声をお聞かせください。",
    "桜まつりは雨のため中止とします。",
    "フォロー＆リポストで特産品が当たるキャンペーンを実施しています。詳しくは公式サイトへ。",
    "丈夫な骨をつくる体操教室。でも、無理はしないでくださいね。",
    "おすすめ散歩コース五選を紹介します。",
    "楽しいバカンスの前に、ごみの収集日をご確認ください。",
]


@pytest.mark.parametrize("policy_id", ["taisho", "saitama", "minato", "shinagawa"])
@pytest.mark.parametrize("text", EVERYDAY)
def test_everyday_posts_that_use_the_same_words_are_left_alone(office: Rulebook, policy_id: str, text: str) -> None:
    rulebook = bare_rulebook(office.policies[policy_id])
    judgement = judge(Item(text=text), Situation(content_only=True), rulebook, policy=office.policies[policy_id])
    assert stopped_by(judgement) == {}


@pytest.mark.parametrize("policy_id", ["taisho", "saitama", "minato", "shinagawa"])
def test_at_most_one_in_two_hundred_real_municipal_texts_is_blocked_or_held(
    office: Rulebook, shared: Path, policy_id: str
) -> None:
    lines = (shared / "data/dev/drafts-municipal.jsonl").read_text(encoding="utf-8").split("\n")
    texts: list[dict[str, Any]] = [json.loads(line) for line in lines if line]
    policy = office.policies[policy_id]
    rulebook = bare_rulebook(policy)
    stopped = [
        row["text"]
        for row in texts
        if judge(Item(text=row["text"]), Situation(content_only=True), rulebook, policy=policy).verdict in ("block", "hold")
    ]
    assert len(texts) > 2000
    assert len(stopped) <= len(texts) // 200, stopped


@pytest.mark.parametrize("kind", ["post", "reply", "poll", "profile", "follow", "delete"])
def test_a_declared_emergency_of_any_kind_waits_for_two_people(judged: Judge, kind: str) -> None:
    missing = judged("taisho-gyosei", "図書館の開館時間を変更しました。", emergency=True, kind=kind, source="区役所").missing
    assert "office/second-person" in {line.clause for line in missing}


@pytest.mark.clause("minato/7-2(5)", "minato/6(2)")
@pytest.mark.parametrize("kind", ["post", "poll", "reply", "repost", "quote", "correction"])
def test_a_draft_on_disasters_has_to_say_whether_it_is_an_emergency(office: Rulebook, kind: Kind) -> None:
    item = Item(
        text="麻布地区のようすです。", author="mita", kind=kind, topic="災害・緊急情報", declared=("author", "kind", "topic")
    )
    situation = Situation(now=OPEN, account=office.accounts["minato-line"], author=office.operators["mita"], author_verified=True)
    (asked,) = [f for f in judge(item, situation, office).findings if f.rule == "emergency.answered"]
    assert asked.verdict == "block"
    assert "emergency = true" in asked.message
    assert "emergency = false" in asked.message_en
    for answer in (True, False):
        said = msgspec.structs.replace(item, emergency=answer, declared=(*item.declared, "emergency"))
        assert "emergency.answered" not in {f.rule for f in judge(said, situation, office).findings}
    elsewhere = msgspec.structs.replace(item, topic="区政情報")
    assert "emergency.answered" not in {f.rule for f in judge(elsewhere, situation, office).findings}


@pytest.mark.clause("minato/7-2(5)")
def test_an_alarm_declared_to_be_none_is_known_by_its_words_all_the_same(judged: Judge) -> None:
    assert "office.source-said" in stopping_rules(judged("minato-line", FLOODS[0], emergency=False))


@pytest.mark.parametrize("source", ["未確認", "SNSの投稿", "友人から聞いた話", "　"])
@pytest.mark.clause("minato/7-2(5)", "shinagawa/5-2(4)")
def test_a_source_that_names_nobody_is_none_and_the_finding_says_why(judged: Judge, source: str) -> None:
    for account in ("minato-line", "shinagawa-koho"):
        judgement = judged(account, FLOODS[0], emergency=True, source=source)
        (asked,) = [f for f in judgement.findings if f.rule == "office.source"]
        assert asked.verdict == "hold"
        assert not source.strip() or source in asked.message
