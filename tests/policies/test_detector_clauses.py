"""The clauses that detectors carry out: personal data, links, copies of our own posts, times, and what a platform cannot do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from policy_office import OPEN, Judge

from daemon.judge import Judgement, Recent, Situation, judge
from daemon.rulebook.item import Item
from daemon.rulebook.model import Rulebook

PRIVATE = (
    "あの職員の携帯は090-1234-5678です。",
    "メールはyamada.taro@gmail.comらしい",
    "あの人の家は港区芝3丁目2番1号",
    "マイナンバーは1234 5678 9018",
    "カードは4111-1111-1111-1111",
    "みずほ銀行新宿支店 普通 1234567 ヤマダ",
    "あの件の犯人は山田花子",
)
FESTA = "市民活動フェスタは11月28日(土)10時から、サポートセンターで開きます。どなたでもどうぞ。"


def of_comment(office: Rulebook, policy: str, text: str, *posts: str) -> dict[str, str]:
    """What the policy's clauses say of a citizen's comment."""
    recent = tuple(Recent(text=post, at=OPEN - timedelta(days=1)) for post in posts)
    said = judge(Item(text=text), Situation(now=OPEN, recent=recent), office, policy=office.policies[policy], on="comment")
    return {finding.clause: finding.verdict for finding in said.findings}


def of_draft(judgement: Judgement) -> dict[str, str]:
    return {finding.clause: finding.verdict for finding in judgement.findings}


@pytest.mark.clause("saitama/7(9)")
@pytest.mark.parametrize("text", PRIVATE)
def test_saitama_looks_at_personal_data_in_comments(office: Rulebook, text: str) -> None:
    assert of_comment(office, "saitama", text) == {"saitama/7(9)": "look"}


@pytest.mark.clause("shinagawa/6(3)")
@pytest.mark.parametrize("text", PRIVATE)
def test_shinagawa_looks_at_what_may_violate_privacy(office: Rulebook, text: str) -> None:
    assert of_comment(office, "shinagawa", text) == {"shinagawa/6(3)": "look"}


@pytest.mark.parametrize("text", PRIVATE)
def test_taisho_and_minato_have_no_such_clause_for_comments(office: Rulebook, text: str) -> None:
    assert of_comment(office, "taisho", text) == of_comment(office, "minato", text) == {}


@pytest.mark.parametrize(
    "text",
    [
        "区役所は03-3777-1111ですよ",
        "火事なら119、相談は#9110",
        "会場は品川区広町2-1-36の区役所です",
        "koho@city.minato.tokyo.jp に送った",
    ],
)
@pytest.mark.parametrize("policy", ["saitama", "shinagawa"])
def test_what_every_citizen_may_know_is_left_alone(office: Rulebook, policy: str, text: str) -> None:
    assert of_comment(office, policy, text) == {}


@pytest.mark.parametrize(
    ("policy", "clause"),
    [
        pytest.param("saitama", "saitama/7(1)", marks=pytest.mark.clause("saitama/7(1)")),
        pytest.param("shinagawa", "shinagawa/6(1)", marks=pytest.mark.clause("shinagawa/6(1)")),
        pytest.param("taisho", "taisho/3.削除等(6)", marks=pytest.mark.clause("taisho/3.削除等(6)")),
    ],
)
def test_a_link_that_passes_itself_off_as_an_official_site_is_looked_at(office: Rulebook, policy: str, clause: str) -> None:
    assert of_comment(office, policy, "手続きはこちら https://city.saitama.lg.jp.example.com/login")[clause] == "look"
    assert of_comment(office, policy, "市のサイト https://www.city.saitama.lg.jp/ に載っています") == {}


@pytest.mark.clause("saitama/7(10)")
def test_a_link_to_a_program_is_looked_at(office: Rulebook) -> None:
    assert of_comment(office, "saitama", "便利なアプリです https://example.com/setup.apk").get("saitama/7(10)") == "look"


@pytest.mark.clause("saitama/7(13)")
def test_an_altered_copy_of_our_own_post_is_looked_at_where_our_posts_are_known(office: Rulebook) -> None:
    copy = FESTA.replace("11月28日", "12月5日")
    assert of_comment(office, "saitama", copy, FESTA) == {"saitama/7(13)": "look"}
    assert of_comment(office, "saitama", FESTA, FESTA) == of_comment(office, "saitama", copy) == {}


@pytest.mark.parametrize(
    ("account", "clause"),
    [
        pytest.param("minato-x", "minato/7-2(6)", marks=pytest.mark.clause("minato/7-2(6)")),
        pytest.param("shinagawa-koho", "shinagawa/5-2(3)", marks=pytest.mark.clause("shinagawa/5-2(3)")),
        ("saitama-cvc", "office/address"),
        ("taisho-gyosei", "office/address"),
    ],
)
def test_an_address_where_somebody_lives_holds_a_draft_and_a_venue_does_not(judged: Judge, account: str, clause: str) -> None:
    assert of_draft(judged(account, "田中さんの家は、港区芝3丁目2番1号です。")).get(clause) == "hold"
    assert clause not in of_draft(judged(account, "会場は、芝公園福祉会館（港区芝公園1丁目5番25号）です。"))


@pytest.mark.parametrize(
    ("account", "clause"),
    [
        pytest.param("minato-x", "minato/7-2(6)", marks=pytest.mark.clause("minato/7-2(6)")),
        pytest.param("shinagawa-koho", "shinagawa/5-2(3)", marks=pytest.mark.clause("shinagawa/5-2(3)")),
        ("saitama-cvc", "office/person"),
        ("taisho-gyosei", "office/person"),
    ],
)
def test_somebodys_name_is_hinted_at_and_holds_nothing(judged: Judge, account: str, clause: str) -> None:
    named = judged(account, "講師は、山田花子さんです。")
    assert [(f.verdict, f.clause) for f in named.findings if f.rule == "office.person"] == [("info", clause)]
    assert "hold" not in of_draft(named).values()
    assert "office.person" not in {f.rule for f in judged(account, "区民の皆様のお越しをお待ちしています。").findings}


@pytest.mark.clause("minato/7-2(8)オ")
def test_a_look_alike_of_an_official_site_holds_a_draft(judged: Judge) -> None:
    assert of_draft(judged("minato-x", "詳しくは https://city.minat0.tokyo.jp/ へ。")).get("minato/7-2(8)オ") == "hold"


@pytest.mark.parametrize(
    ("account", "clause"),
    [
        pytest.param("minato-x", "minato/7-2(5)", marks=pytest.mark.clause("minato/7-2(5)")),
        pytest.param("shinagawa-koho", "shinagawa/5-2(4)", marks=pytest.mark.clause("shinagawa/5-2(4)")),
    ],
)
@pytest.mark.parametrize("text", ["午後13時に始めます。", "休館は11月23日〜21日です。"])
def test_a_time_or_a_period_that_cannot_be_holds_a_draft(judged: Judge, account: str, clause: str, text: str) -> None:
    assert of_draft(judged(account, text)).get(clause) == "hold"


def test_an_account_to_pay_into_is_pointed_at_and_holds_nothing(judged: Judge) -> None:
    said = judged("minato-x", "義援金の振込先は、みずほ銀行東京支店 普通 7654321 です。")
    assert {f.rule: f.verdict for f in said.findings} == {"office.announced-bank-account": "warn"}
