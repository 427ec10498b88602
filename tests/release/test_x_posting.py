"""The channel to X against the fake: what a job becomes there, and what is reported of it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from daemon.gate import Gate
from daemon.release import http
from daemon.release.hand import Hand
from daemon.release.jobs import Ballot, Report
from tests.platforms import faults
from tests.platforms.faults import Fault
from tests.platforms.x import FakeX
from tests.release.live_x import HANDLE, AtX

OF_OTHERS = "https://x.com/shimin/status/{}"


def sent(at_x: AtX, **given: Any) -> Report:
    return Hand(at_x.state).carry_out(at_x.job(**given))


def body_of(at_x: AtX, method: str, path: str) -> dict[str, Any]:
    (arrival,) = at_x.fake.log(method, path)
    found: dict[str, Any] = json.loads(arrival["body"])
    return found


@pytest.mark.parametrize("way", ["OAuth 1.0a", "OAuth 2"])
def test_a_post_arrives_once_and_its_address_comes_back(at_x: AtX, way: str) -> None:
    if way == "OAuth 2":
        at_x.granted()
    report = sent(at_x, text="あすの防災訓練は https://www.city.minato.tokyo.jp/a?b=1,2 へ <9時>\n")
    assert report.outcome == "released", report.why_en
    (post,) = at_x.fake.posts(HANDLE)
    assert report.url == f"https://x.com/{HANDLE}/status/{post['id']}"
    assert post["text"] == "あすの防災訓練は https://www.city.minato.tokyo.jp/a?b=1,2 へ <9時>"


def test_who_may_reply_is_never_said_to_be_everyone(at_x: AtX) -> None:
    sent(at_x)
    assert body_of(at_x, "POST", "/2/tweets") == {"text": "1番目のお知らせです。"}


@pytest.mark.clause("saitama/11", "shinagawa/欠.緊急停止")
@pytest.mark.parametrize("scope", ["all", "minato-x", "x"])
def test_after_a_stop_nothing_arrives(at_x: AtX, scope: str) -> None:
    Gate(at_x.state).shut(scope)
    assert sent(at_x).outcome == "prevented"
    assert at_x.texts == []
    assert at_x.fake.log("POST", "/2/tweets") == []


@pytest.mark.clause("saitama/11", "shinagawa/欠.緊急停止")
def test_a_stop_when_the_line_stands_lets_not_a_byte_out(at_x: AtX) -> None:
    def stop(step: str) -> None:
        if step == "noted":
            assert Gate(at_x.state).shut().stopped

    report = Hand(at_x.state, stop).carry_out(at_x.job())
    assert report.outcome == "prevented"
    assert at_x.fake.log("POST") == []


def test_a_stop_waits_for_no_answer_of_xs_and_what_had_begun_is_reported(at_x: AtX) -> None:
    silent = []

    def stop(step: str) -> None:
        if step == "written":
            silent.append(Gate(at_x.state).shut().silent_ms)

    at_x.fake.fault(faults.late(1.0).on("POST", "/2/tweets"))
    report = Hand(at_x.state, stop).carry_out(at_x.job())
    assert report.outcome == "released"
    assert silent[0] is not None
    assert Hand(at_x.state).carry_out(at_x.job(2)).outcome == "prevented"
    assert len(at_x.texts) == 1


def test_over_tls_it_is_the_same(state: Path, x_document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeX(x_document, tls=True) as fake:
        monkeypatch.setenv("SSL_CERT_FILE", str(fake.ca))
        http._tls.cache_clear()
        at_x = AtX(state, fake)
        at_x.signed()
        assert at_x.fake.url.startswith("https://")
        report = Hand(state).carry_out(at_x.job())
        assert report.outcome == "released", report.why_en
        assert at_x.texts == ["1番目のお知らせです。"]
    http._tls.cache_clear()


def test_a_stop_of_measures_stops_hiding_and_no_post(at_x: AtX) -> None:
    Gate(at_x.state).shut("actions")
    assert sent(at_x, kind="hide", target="123").outcome == "prevented"
    assert sent(at_x).outcome == "released"
    assert at_x.fake.log("PUT") == []


def test_a_correction_is_a_post_of_its_own(at_x: AtX) -> None:
    assert sent(at_x, kind="correction", target="https://x.com/minatokoho/status/1", text="訂正します。").outcome == "released"
    assert body_of(at_x, "POST", "/2/tweets") == {"text": "訂正します。"}


def test_a_poll_has_its_options_and_its_end(at_x: AtX) -> None:
    report = sent(at_x, kind="poll", text="どちらがよいですか。", poll=Ballot(options=("午前", "午後"), minutes=1440))
    assert report.outcome == "released", report.why_en
    (post,) = at_x.fake.posts(HANDLE)
    assert post["poll"] == {"options": ["午前", "午後"], "duration_minutes": 1440}


@pytest.mark.parametrize(
    "poll",
    [
        None,
        Ballot(options=("一",), minutes=60),
        Ballot(options=tuple("一二三四五"), minutes=60),
        Ballot(options=("一", "二" * 26), minutes=60),
        Ballot(options=("一", ""), minutes=60),
        Ballot(options=("一", "二"), minutes=4),
        Ballot(options=("一", "二"), minutes=10_081),
    ],
)
def test_a_poll_that_x_would_not_take_fails_before_anything_is_sent(at_x: AtX, poll: Ballot | None) -> None:
    report = sent(at_x, kind="poll", text="どちらがよいですか。", poll=poll)
    assert report.outcome == "failed"
    assert at_x.fake.log("POST") == []


def test_a_reply_to_whoever_named_the_account_stands_in_their_conversation(at_x: AtX) -> None:
    asked = at_x.fake.post("shimin", f"@{HANDLE} 訓練は何時からですか")
    report = sent(at_x, kind="reply", target=OF_OTHERS.format(asked), text="9時からです。")
    assert report.outcome == "released", report.why_en
    (post,) = at_x.fake.posts(HANDLE)
    assert (post["reply_to"], post["conversation"]) == (asked, asked)


def test_a_reply_to_whoever_did_not_is_a_persons(at_x: AtX) -> None:
    said = at_x.fake.post("shimin", "訓練は何時からだろう")
    report = sent(at_x, kind="reply", target=OF_OTHERS.format(said), text="9時からです。")
    assert report.outcome == "failed"
    assert "言及か引用" in report.why and "人が X で返信" in report.why
    assert at_x.texts == []


def test_a_repost_is_one_however_often_it_is_made(at_x: AtX) -> None:
    said = at_x.fake.post("tokyo_bousai", "大雨警報が出ています。")
    for number in (1, 2):
        report = sent(at_x, number=number, kind="repost", target=f"https://twitter.com/tokyo_bousai/status/{said}?s=20", body=b"")
        assert report.outcome == "released", report.why_en
    (post,) = at_x.fake.posts(HANDLE)
    assert post["repost_of"] == said
    assert report.url == f"https://x.com/{HANDLE}/status/{post['id']}"


def test_a_repost_of_what_is_gone_fails_and_says_so(at_x: AtX) -> None:
    report = sent(at_x, kind="repost", target="https://x.com/a/status/5", body=b"")
    assert report.outcome == "failed"
    assert "見当たりません" in report.why


def test_what_is_deleted_is_gone_and_so_is_what_was_gone_before(at_x: AtX) -> None:
    url = sent(at_x).url
    for number in (2, 3):
        report = sent(at_x, number=number, kind="delete", target=url, body=b"")
        assert report.outcome == "released", report.why_en
    assert at_x.texts == []


def test_nobody_elses_post_is_deleted(at_x: AtX) -> None:
    said = at_x.fake.post("shimin", "ひとの投稿")
    report = sent(at_x, kind="delete", target=OF_OTHERS.format(said), body=b"")
    assert report.outcome == "failed"
    assert "not authorized to delete" in report.why_en
    assert at_x.fake.texts("shimin") == ["ひとの投稿"]


@pytest.mark.parametrize(
    "target",
    ["", "12", "#12", "前回の投稿", "https://x.com/minatokoho", "https://evil.example/a/status/5", "https://x.com/a/status/5x"],
)
def test_a_draft_names_a_post_by_its_address_and_by_nothing_else(at_x: AtX, target: str) -> None:
    report = sent(at_x, kind="delete", target=target, body=b"")
    assert report.outcome == "failed"
    assert at_x.fake.log("DELETE") == []


@pytest.mark.parametrize("by", ["number", "address"])
def test_a_comment_is_hidden_and_shown_again_and_repeating_it_does_no_harm(at_x: AtX, by: str) -> None:
    own = at_x.fake.post(HANDLE, "窓口のお知らせ")
    reply = at_x.fake.post("shimin", "ひどい言葉", reply_to=own)
    target = reply if by == "number" else OF_OTHERS.format(reply)
    for number, (kind, hidden) in enumerate((("hide", True), ("hide", True), ("unhide", False), ("unhide", False)), 1):
        report = sent(at_x, number=number, kind=kind, target=target, body=b"")
        assert report.outcome == "released", report.why_en
        assert at_x.fake.posts("shimin")[0]["hidden"] is hidden


def test_a_comment_that_its_author_has_deleted_counts_as_hidden_and_not_as_shown(at_x: AtX) -> None:
    assert sent(at_x, kind="hide", target="4711", body=b"").outcome == "released"
    assert sent(at_x, number=2, kind="unhide", target="4711", body=b"").outcome == "failed"


def test_a_comment_in_somebody_elses_conversation_is_a_persons(at_x: AtX) -> None:
    said = at_x.fake.post("shimin", f"@{HANDLE} ひどい言葉")
    report = sent(at_x, kind="hide", target=said, body=b"")
    assert report.outcome == "failed"
    assert "not allowed to hide" in report.why_en


def test_an_author_is_muted_and_heard_again_and_repeating_it_does_no_harm(at_x: AtX) -> None:
    author = at_x.fake.user("shimin")
    for number, (kind, muted) in enumerate((("mute", True), ("mute", True), ("unmute", False), ("unmute", False)), 1):
        report = sent(at_x, number=number, kind=kind, target=author, body=b"")
        assert report.outcome == "released", report.why_en
        assert at_x.fake.muted() == ([[HANDLE, "shimin"]] if muted else [])


@pytest.mark.parametrize(("kind", "target"), [("mute", "@shimin"), ("mute", ""), ("hide", "１２"), ("unmute", "12;34")])
def test_a_measure_on_something_that_is_none_fails(at_x: AtX, kind: str, target: str) -> None:
    assert sent(at_x, kind=kind, target=target, body=b"").outcome == "failed"


@pytest.mark.parametrize("kind", ["quote", "follow", "like", "block", "message"])
def test_what_an_ordinary_plan_lacks_is_asked_of_nobody(at_x: AtX, kind: str) -> None:
    assert sent(at_x, kind=kind, target="https://x.com/a/status/5").outcome == "failed"
    assert at_x.fake.log("POST") == at_x.fake.log("PUT") == at_x.fake.log("DELETE") == []


def test_credentials_of_another_account_put_nothing_out_and_both_names_are_said(at_x: AtX) -> None:
    at_x.signed("minato_kanko")
    report = sent(at_x)
    assert report.outcome == "failed"
    assert "@minato_kanko" in report.why and f"@{HANDLE}" in report.why
    assert at_x.texts == at_x.fake.texts("minato_kanko") == []


def test_who_we_are_is_asked_once_and_again_with_other_credentials(at_x: AtX) -> None:
    for number in (1, 2, 3):
        assert sent(at_x, number=number, handle=f"@{HANDLE.upper()}" if number == 2 else HANDLE).outcome == "released"
    assert len(at_x.fake.log("GET", "/2/users/me")) == 1
    at_x.signed("minato_kanko")
    assert sent(at_x, number=4).outcome == "failed"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"api_key": "a", "api_secret": "b", "access_token": "c"},
        {"client_id": "a"},
        {"api": "http://api.x.com", "client_id": "a", "refresh_token": "b"},
    ],
)
def test_credentials_that_are_not_enough_fail_and_say_what_is_missing(at_x: AtX, given: dict[str, str]) -> None:
    at_x.lets_in(**given)
    report = sent(at_x)
    assert report.outcome == "failed"
    assert "認証情報" in report.why
    assert at_x.fake.log() == []


def test_without_credentials_nothing_is_tried(at_x: AtX) -> None:
    at_x.lets_in().unlink()
    assert sent(at_x).outcome == "failed"


def test_keys_that_x_does_not_know_fail_and_say_what_to_do(at_x: AtX) -> None:
    given = at_x.signed()
    at_x.lets_in(**{**given, "access_token_secret": "wrong"})
    report = sent(at_x)
    assert report.outcome == "failed"
    assert "kohoban secrets" in report.why
    assert at_x.texts == []


def test_too_many_requests_say_when_to_come_again(at_x: AtX) -> None:
    at_x.fake.fault(Fault("status", taken=False, status=429, reset=600).on("POST", "/2/tweets"))
    report = sent(at_x)
    assert report.outcome == "prevented"
    assert report.again_at is not None and 500 < report.again_at - time.time() < 700
    assert sent(at_x, number=2).outcome == "released"


@pytest.mark.parametrize("what", ["out_of_credit", "usage_capped"])
def test_what_is_used_up_is_for_a_person_and_not_tried_again(at_x: AtX, what: str) -> None:
    at_x.fake.state(**{what: True})
    for number in (1, 2):  # before the first act, and at it
        report = sent(at_x, number=number)
        assert report.outcome == "failed"
        assert "使い切って" in report.why
        assert report.again_at is None
        at_x.fake.state(**{what: False})
        sent(at_x, number=10 + number)
        at_x.fake.state(**{what: True})


def test_a_suspended_account_is_for_a_person(at_x: AtX) -> None:
    at_x.fake.state(suspended=True)
    report = sent(at_x)
    assert report.outcome == "failed"
    assert "凍結" in report.why


def test_words_that_are_too_many_fail_with_the_words_of_x(at_x: AtX) -> None:
    report = sent(at_x, text="長" * 141)
    assert report.outcome == "failed"
    assert "too long" in report.why and "too long" in report.why_en


def test_an_empty_post_is_not_sent(at_x: AtX) -> None:
    assert sent(at_x, body=b" \n ").outcome == "failed"
    assert at_x.fake.log("POST") == []


def test_a_body_that_is_no_utf_8_is_not_sent(at_x: AtX) -> None:
    assert sent(at_x, body=b"\xff\xfe").outcome == "failed"
    assert at_x.fake.log("POST") == []
