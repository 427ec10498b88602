"""Clause by clause: a draft that meets it is stopped under exactly that clause, and an ordinary one is not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from policy_office import EVENING, OPEN, ORDINARY, Judge, stopped_by, stopping_rules

from daemon.judge import Approval, Lift, Situation, judge
from daemon.rulebook.item import Image, Item, Poll
from daemon.rulebook.model import Rulebook

PLAIN = "図書館の開館時間を、来月から午後8時まで延ばします。"
THEIRS = "https://x.com/someone/status/1"


@pytest.mark.parametrize("account", ORDINARY)
def test_an_ordinary_draft_waits_for_nothing_but_its_approval(judged: Judge, account: str) -> None:
    judgement = judged(account, PLAIN)
    assert stopped_by(judgement) == {}
    assert any(line.act == "approve" for line in judgement.missing)


# ── Topics, fields, people ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause(
    "taisho/3.分野", "saitama/5.柱書", "saitama/5(1)", "saitama/5(2)", "saitama/5(3)", "minato/6(1)", "minato/6(2)", "minato/6(3)"
)
@pytest.mark.clause("minato/6(4)")
@pytest.mark.parametrize(
    ("account", "clause"), [("taisho-gyosei", "taisho/3.分野"), ("saitama-cvc", "saitama/5.柱書"), ("minato-x", "minato/6(1)")]
)
def test_a_topic_that_the_policy_does_not_list_is_refused(judged: Judge, account: str, clause: str) -> None:
    assert stopped_by(judged(account, PLAIN, topic="グルメ"))[clause] == "block"


@pytest.mark.clause("saitama/5.柱書")
def test_saitama_has_no_topic_for_disasters(judged: Judge) -> None:
    assert stopped_by(judged("saitama-cvc", PLAIN, topic="災害・緊急情報"))["saitama/5.柱書"] == "block"


@pytest.mark.clause("taisho/3.分野")
def test_taisho_refuses_a_field_in_another_fields_account(judged: Judge) -> None:
    assert stopped_by(judged("taisho-chiiki", PLAIN, topic="保健福祉情報"))["taisho/3.分野"] == "block"


@pytest.mark.clause("saitama/5(2)", "saitama/5(3)", "minato/6(3)", "minato/6(4)")
@pytest.mark.parametrize(
    ("account", "topic", "field", "clause"),
    [
        ("saitama-cvc", "市のイベント・事業", "organiser", "saitama/5(2)"),
        ("saitama-cvc", "サポートセンターのイベント・事業", "organiser", "saitama/5(3)"),
        ("minato-x", "協働イベント", "organiser", "minato/6(3)"),
        ("minato-x", "区長が認めるもの", "reference", "minato/6(4)"),
    ],
)
def test_a_topic_asks_for_what_its_clause_asks_for(judged: Judge, account: str, topic: str, field: str, clause: str) -> None:
    assert stopped_by(judged(account, PLAIN, topic=topic)) == {clause: "block"}
    assert stopped_by(judged(account, PLAIN, topic=topic, **{field: "令和8年第12号"})) == {}


@pytest.mark.clause("taisho/3.運用者", "saitama/6-4", "shinagawa/5-1")
@pytest.mark.parametrize(
    ("account", "clause", "level"),
    [
        ("taisho-gyosei", "taisho/3.運用者", "block"),
        ("saitama-cvc", "saitama/6-4", "block"),
        ("minato-x", "office/author", "block"),
        ("shinagawa-koho", "shinagawa/5-1", "hold"),
    ],
)
def test_an_author_whom_the_register_does_not_know_is_stopped(judged: Judge, account: str, clause: str, level: str) -> None:
    assert stopped_by(judged(account, PLAIN, author="contractor")) == {clause: level}


@pytest.mark.clause("shinagawa/5-1")
def test_shinagawa_holds_a_draft_of_another_section_for_its_manager(judged: Judge) -> None:
    judgement = judged("shinagawa-koho", PLAIN, author="togoshi")
    assert [f.lift for f in judgement.findings if f.clause == "shinagawa/5-1"] == [("戦略広報課長",)]


# ── Hours ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("taisho/3.対応時間", "saitama/4", "minato/欠.運用時間", "shinagawa/欠.運用時間")
@pytest.mark.parametrize(
    ("account", "clause", "last"),
    [
        ("taisho-somu", "taisho/3.対応時間", OPEN.replace(hour=17, minute=30, second=59)),
        ("saitama-cvc", "saitama/4", OPEN.replace(hour=17, minute=15, second=59)),
    ],
)
def test_hours_end_with_the_last_second_of_their_minute(judged: Judge, account: str, clause: str, last: datetime) -> None:
    assert stopped_by(judged(account, PLAIN, now=last)) == {}
    assert stopped_by(judged(account, PLAIN, now=last + timedelta(seconds=1))) == {clause: "hold"}


@pytest.mark.clause("minato/欠.運用時間", "shinagawa/欠.運用時間")
@pytest.mark.parametrize("account", ["minato-x", "shinagawa-koho"])
def test_a_policy_without_hours_is_always_open(judged: Judge, account: str) -> None:
    assert stopped_by(judged(account, PLAIN, now=EVENING)) == {}


@pytest.mark.clause("saitama/4.ただし書", "taisho/3.対応時間ただし書")
@pytest.mark.parametrize(
    ("account", "clause", "login"), [("saitama-cvc", "saitama/4", "urano"), ("taisho-chiiki", "taisho/3.対応時間", "hirao")]
)
def test_the_proviso_on_hours_lets_the_manager_clear_one_draft(office: Rulebook, account: str, clause: str, login: str) -> None:
    author, topic = ORDINARY[account]
    item = Item(text=PLAIN, author=author, topic=topic, declared=("author", "topic"))
    manager = office.operators[login]
    lift = Lift(rule="hours", login=login, titles=manager.titles, reason="台風の接近のため", at=EVENING)
    situation = Situation(
        now=EVENING, account=office.accounts[account], author=office.operators[author], author_verified=True, lifts=(lift,)
    )
    judgement = judge(item, situation, office)
    assert [f.lifted for f in judgement.findings if f.clause == clause] == [True]
    assert stopped_by(judgement) == {}


# ── Kinds of act ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("taisho/3.留意(1)", "saitama/6-1", "minato/7-2(1)", "minato/7-2(2)", "shinagawa/5-3", "shinagawa/2")
@pytest.mark.parametrize(
    ("account", "kind", "clause", "level"),
    [
        ("taisho-gyosei", "reply", "taisho/3.留意(1)", "hold"),
        ("taisho-gyosei", "follow", "taisho/3.留意(1)", "hold"),
        ("saitama-cvc", "reply", "saitama/6-1", "block"),
        ("minato-x", "reply", "minato/7-2(1)", "hold"),
        ("minato-x", "follow", "minato/7-2(2)", "hold"),
        ("minato-x", "repost", "minato/7-2(2)", "hold"),
        ("minato-x", "quote", "minato/7-2(2)", "hold"),
        ("shinagawa-koho", "reply", "shinagawa/5-3", "hold"),
        ("shinagawa-koho", "follow", "shinagawa/5-3", "hold"),
        ("shinagawa-koho", "repost", "shinagawa/5-3", "hold"),
        ("shinagawa-koho", "quote", "shinagawa/5-3", "hold"),
    ],
)
def test_an_act_that_the_policy_does_not_do_is_stopped(judged: Judge, account: str, kind: str, clause: str, level: str) -> None:
    assert stopped_by(judged(account, PLAIN, kind=kind, target=THEIRS, purpose="周知のため")) == {clause: level}


@pytest.mark.clause("saitama/6-2", "taisho/3.留意(2)")
@pytest.mark.parametrize(
    ("account", "kind", "clause"),
    [
        ("saitama-cvc", "follow", "saitama/6-2"),
        ("saitama-cvc", "repost", "saitama/6-2"),
        ("saitama-cvc", "quote", "saitama/6-2"),
        ("taisho-gyosei", "repost", "taisho/3.留意(2)"),
        ("taisho-gyosei", "quote", "taisho/3.留意(2)"),
    ],
)
def test_an_act_that_is_allowed_for_a_purpose_must_state_it(judged: Judge, account: str, kind: str, clause: str) -> None:
    assert stopped_by(judged(account, PLAIN, kind=kind, target=THEIRS)) == {clause: "block"}
    assert stopped_by(judged(account, PLAIN, kind=kind, target=THEIRS, purpose="市民活動の周知のため")) == {}


@pytest.mark.clause("taisho/3.留意(1)", "saitama/6-1", "minato/7-2(2)", "shinagawa/5-3")
@pytest.mark.parametrize(
    ("account", "clause", "level"),
    [
        ("taisho-gyosei", "taisho/3.留意(1)", "hold"),
        ("saitama-cvc", "saitama/6-1", "block"),
        ("minato-x", "minato/7-2(2)", "hold"),
        ("shinagawa-koho", "shinagawa/5-3", "hold"),
    ],
)
def test_a_post_that_begins_with_somebodys_name_is_a_reply(judged: Judge, account: str, clause: str, level: str) -> None:
    assert stopped_by(judged(account, "@citizen_01 お問い合わせの件、ありがとうございます。")) == {clause: level}
    assert stopped_by(judged(account, "お問い合わせは @kuyakusho_info まで。")) == {}


def test_a_correction_of_ones_own_post_is_no_reply_and_names_the_original(judged: Judge) -> None:
    for account in ORDINARY:
        assert stopped_by(judged(account, PLAIN, kind="correction", target=THEIRS)) == {}
        assert stopped_by(judged(account, PLAIN, kind="correction")) == {"office/target": "block"}


# ── Polls ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause(
    "taisho/3.アンケート(1)",
    "taisho/3.アンケート(2)",
    "taisho/3.アンケート(3)",
    "taisho/3.アンケート(4)",
    "taisho/3.アンケート(5)",
    "taisho/3.アンケート(6)",
)
@pytest.mark.parametrize(
    ("kind", "question", "options"),
    [
        (1, "生年月日と電話番号を教えてください。", ("はい", "いいえ")),
        (1, "世帯の年収はどれくらいですか。", ("300万円未満", "300万円以上")),
        (2, "あなたの信仰について教えてください。", ("ある", "ない")),
        (2, "憲法改正についてどう思いますか。", ("賛成", "反対")),
        (3, "国籍を教えてください。", ("日本", "その他")),
        (3, "障がい者手帳をお持ちですか。", ("はい", "いいえ")),
        (4, "労働組合に入っていますか。", ("はい", "いいえ")),
        (5, "支持する政党はありますか。", ("ある", "ない")),
        (5, "デモに参加したことがありますか。", ("ある", "ない")),
        (6, "これまでに入院したことがありますか。", ("ある", "ない")),
        (6, "性生活についての悩みはありますか。", ("ある", "ない")),
    ],
)
def test_taisho_holds_a_survey_of_each_sensitive_kind_for_the_manager_of_surveys(
    judged: Judge, kind: int, question: str, options: tuple[str, ...]
) -> None:
    judgement = judged("taisho-fukushi", question, kind="poll", poll=Poll(options=options))
    assert stopped_by(judgement)[f"taisho/3.アンケート({kind})"] == "hold"
    assert stopped_by(judged("taisho-fukushi", question)) == {}, "the clause is about surveys only"


@pytest.mark.clause("taisho/3.アンケート(6)")
def test_taisho_reads_the_options_of_a_survey_too(judged: Judge) -> None:
    judgement = judged("taisho-fukushi", "気になることは？", kind="poll", poll=Poll(options=("持病", "介護")))
    assert stopped_by(judgement)["taisho/3.アンケート(6)"] == "hold"


@pytest.mark.clause("taisho/3.各分野アンケート")
@pytest.mark.parametrize("account", [a for a in ORDINARY if a.startswith("taisho")])
def test_taisho_lets_every_field_ask_an_ordinary_question(judged: Judge, account: str) -> None:
    question = "区役所の窓口で、いちばん改善してほしいのはどこですか。でも、答えにくければ飛ばしてください。"
    poll = Poll(options=("待ち時間", "案内表示", "混雑状況の公開"))
    assert stopped_by(judged(account, question, kind="poll", poll=poll)) == {}


@pytest.mark.parametrize("account", ["saitama-cvc", "minato-x", "shinagawa-koho"])
def test_the_sensitive_kinds_of_taisho_are_no_rule_elsewhere(judged: Judge, account: str) -> None:
    poll = Poll(options=("はい", "いいえ"))
    assert stopped_by(judged(account, "これまでに入院したことがありますか。", kind="poll", poll=poll)) == {}


# ── What a text says ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("saitama/5.指針")
@pytest.mark.parametrize(
    "link", ["https://bit.ly/3abcDEF", "bit.ly/3abcDEF", "http://t.co/XyZ12", "https://lin.ee/abc12", "https://forms.gle/aB3dE"]
)
def test_saitama_holds_a_shortened_link_and_the_others_know_no_such_rule(judged: Judge, link: str) -> None:
    text = f"市民活動フェスタの詳細は {link} をご覧ください。"
    assert stopped_by(judged("saitama-cvc", text)) == {"saitama/5.指針": "hold"}
    for account in ("taisho-gyosei", "minato-x", "shinagawa-koho"):
        assert stopped_by(judged(account, text)) == {}


@pytest.mark.clause("saitama/5.指針")
@pytest.mark.parametrize("link", ["https://chat.co/room", "https://www.city.saitama.lg.jp/"])
def test_saitama_lets_a_full_address_pass(judged: Judge, link: str) -> None:
    assert stopped_by(judged("saitama-cvc", f"詳細は {link} をご覧ください。")) == {}


@pytest.mark.clause("minato/7-2(4)", "shinagawa/5-2(2)")
@pytest.mark.parametrize(
    "text",
    [
        "ここだけの話、新しい施設は来春に開きます。",
        "【取扱注意】新しい施設の配置図です。",
        "内部資料によると、1階には直売所が入ります。",
        "報道発表前ですが、ひと足先にお伝えします。",
        "議会説明前の計画です。",
    ],
)
def test_what_is_not_public_yet_is_held_where_an_article_says_so(judged: Judge, text: str) -> None:
    assert stopped_by(judged("minato-x", text)) == {"minato/7-2(4)": "hold"}
    assert stopped_by(judged("shinagawa-koho", text)) == {"shinagawa/5-2(2)": "hold"}
    assert stopped_by(judged("saitama-cvc", text)) == stopped_by(judged("taisho-somu", text)) == {}


@pytest.mark.clause("minato/7-2(4)", "shinagawa/5-2(2)")
@pytest.mark.parametrize(("account", "clause"), [("minato-x", "minato/7-2(4)"), ("shinagawa-koho", "shinagawa/5-2(2)")])
def test_what_is_still_being_decided_is_only_pointed_out(judged: Judge, account: str, clause: str) -> None:
    judgement = judged(account, "会場は現在調整中です。決まり次第お知らせします。")
    assert [(f.clause, f.verdict) for f in judgement.findings] == [(clause, "warn")]


@pytest.mark.clause(
    "minato/7-2(8)ア", "minato/7-2(8)イ", "minato/7-2(8)ウ", "minato/7-2(8)エ", "minato/7-2(8)オ", "minato/7-2(6)"
)
@pytest.mark.parametrize(
    ("text", "clause", "level"),
    [
        ("文句ばかり言う老害は放っておきましょう。", "minato/7-2(8)ア", "hold"),
        ("税金泥棒と呼ばれて腹が立ちました。", "minato/7-2(8)ア", "hold"),
        ("外国人はお断りの店を紹介します。", "minato/7-2(8)イ", "hold"),
        ("あの不逞外国人の話ですが。", "minato/7-2(8)イ", "hold"),
        ("少しくらい路上駐車しても大丈夫です。", "minato/7-2(8)ウ", "hold"),
        ("知り合いから聞いたのですが、駅前で事件があったらしいです。", "minato/7-2(8)エ", "hold"),
        ("真偽は不明ですが、お伝えします。", "minato/7-2(8)エ", "hold"),
        ("申込みは http://203.0.113.7/form まで。", "minato/7-2(8)オ", "hold"),
        ("アプリは https://example.com/minato.apk から。", "minato/7-2(8)オ", "hold"),
        ("マイナンバー 1234 5678 9018 の方、お越しください。", "minato/7-2(6)", "block"),
    ],
)
def test_minato_stops_each_kind_of_information_that_it_does_not_send(judged: Judge, text: str, clause: str, level: str) -> None:
    assert stopped_by(judged("minato-x", text)) == {clause: level}


@pytest.mark.clause("shinagawa/5-2(3)", "shinagawa/5-2(4)", "shinagawa/5-2(5)")
@pytest.mark.parametrize(
    ("text", "clause", "level"),
    [
        ("文句ばかり言う老害は放っておきましょう。", "shinagawa/5-2(5)", "hold"),
        ("外国人はお断りの店を紹介します。", "shinagawa/5-2(5)", "hold"),
        ("知り合いから聞いたのですが、駅前で事件があったらしいです。", "shinagawa/5-2(4)", "hold"),
        ("個人番号：123456789018 の方、お越しください。", "shinagawa/5-2(3)", "block"),
    ],
)
def test_shinagawa_stops_what_offends_or_cannot_be_relied_on(judged: Judge, text: str, clause: str, level: str) -> None:
    assert stopped_by(judged("shinagawa-koho", text)) == {clause: level}


@pytest.mark.clause("minato/7-2(5)", "shinagawa/5-2(4)")
def test_a_wrong_weekday_is_blocked_under_accuracy_or_as_the_offices_own_rule(judged: Judge) -> None:
    text = "講座は2026年12月13日（土）に開きます。"
    for account in ORDINARY:
        clause = {"minato": "minato/7-2(5)", "shinagawa": "shinagawa/5-2(4)"}.get(account.split("-")[0], "office/weekday")
        assert stopped_by(judged(account, text)) == {clause: "block"}
        assert stopped_by(judged(account, text.replace("土", "日"))) == {}


# ── Images ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("taisho/3.著作権", "saitama/9", "minato/7-2(6)", "shinagawa/5-2(3)", "shinagawa/7")
@pytest.mark.parametrize(
    ("account", "clause"),
    [
        ("taisho-gyosei", "taisho/3.著作権"),
        ("saitama-cvc", "saitama/9"),
        ("minato-x", "minato/7-2(6)"),
        ("shinagawa-koho", "shinagawa/5-2(3)"),
    ],
)
def test_an_image_must_say_what_right_the_office_has_in_it(judged: Judge, account: str, clause: str) -> None:
    good = Image(file="a.jpg", alt="会場の写真", rights="own", consent="人物なし")
    bare = Image(file="b.jpg", alt="会場の写真", consent="人物なし")
    assert stopped_by(judged(account, PLAIN, images=(good,))) == {}
    assert stopped_by(judged(account, PLAIN, images=(good, bare))) == {clause: "block"}
    mute = judged(account, PLAIN, images=(Image(file="c.jpg", rights="own", consent="人物なし"),))
    assert [(f.clause, f.verdict) for f in mute.findings] == [("office/alt", "warn")]


# ── Approval ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause(
    "taisho/3.責任者.情報発信", "taisho/3.責任者.広聴", "saitama/2", "saitama/5.柱書", "minato/7-1", "shinagawa/3-1"
)
@pytest.mark.parametrize(
    ("account", "front", "right", "wrong", "clause"),
    [
        ("taisho-fukushi", {}, "kobayashi", "oda", "taisho/3.責任者.情報発信"),
        ("taisho-fukushi", {}, "minami", "izumi", "taisho/3.責任者.情報発信"),
        ("taisho-fukushi", {}, "kitamura", "chiba", "taisho/3.責任者.情報発信"),
        ("taisho-chiiki", {"kind": "poll", "poll": Poll(options=("はい", "いいえ"))}, "hirao", "oda", "taisho/3.責任者.広聴"),
        ("saitama-cvc", {}, "urano", "yonono", "saitama/2"),
        ("minato-x", {}, "shibata", "takanawa", "minato/7-1"),
        ("minato-facebook", {}, "azabu", "shibata", "minato/7-1"),
        ("shinagawa-koho", {}, "oi", "gotanda", "shinagawa/3-1"),
    ],
)
def test_the_approval_of_the_title_that_the_table_names_settles_it_and_another_does_not(
    office: Rulebook, account: str, front: dict[str, Any], right: str, wrong: str, clause: str
) -> None:
    author, topic = ORDINARY[account]
    item = Item(text=PLAIN, author=author, topic=topic, declared=("author", "topic"), **front)

    def waits_for_approval(login: str) -> bool:
        approval = Approval(login=login, titles=office.operators[login].titles, at=OPEN)
        situation = Situation(
            now=OPEN,
            account=office.accounts[account],
            author=office.operators[author],
            author_verified=True,
            approvals=(approval,),
        )
        return any(line.clause == clause and line.act == "approve" for line in judge(item, situation, office).missing)

    assert waits_for_approval(wrong)
    assert not waits_for_approval(right)


@pytest.mark.clause("saitama/3", "shinagawa/3-2")
@pytest.mark.parametrize(("account", "clause"), [("saitama-cvc", "saitama/3"), ("shinagawa-koho", "shinagawa/3-2")])
def test_an_account_that_is_not_the_published_one_is_refused(office: Rulebook, account: str, clause: str) -> None:
    author, topic = ORDINARY[account]
    item = Item(text=PLAIN, author=author, topic=topic, declared=("author", "topic"))
    other = replace(office.accounts[account], handle="somebody_else")
    situation = Situation(now=OPEN, account=other, author=office.operators[author], author_verified=True)
    assert stopped_by(judge(item, situation, office))[clause] == "block"


def test_what_cannot_be_read_is_blocked_and_says_which(judged: Judge) -> None:
    assert "office.invisible" in stopping_rules(judged("minato-x", "受付番号は\u202e81-4321\u202c です。"))
    assert "office.invisible" in stopping_rules(judged("saitama-cvc", "お知らせ\u001b[2J です。"))
    assert "office.length" in stopping_rules(judged("taisho-somu", "あ" * 141))
    assert "office.length" not in stopping_rules(judged("minato-facebook", "あ" * 141))
