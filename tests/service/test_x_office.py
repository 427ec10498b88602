"""A whole office at X: the real channel and its hand against a fake X. What it costs, what waits, what is said once."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import tomli_w

from daemon.wire import Approve, Decide, Done, ForDecision
from daemon.wire.acts import Except, Settle
from daemon.wire.answers import AccountStatus, DraftDetail
from daemon.wire.bench import BenchOpened, BenchPage, BenchRows, CommentDetail, CommentRow, OpenBench, ShowComment
from daemon.wire.blocks import BlocksCompared, CompareBlocks
from daemon.wire.credentials import CheckCredentials, CredentialCheck
from daemon.wire.deputising import Declare
from daemon.wire.moderation import Judge
from tests.platforms import faults
from tests.platforms.at_hand import fake_x, x_document
from tests.platforms.x import FakeX
from tests.service.live_office import HANDLES, MINATO, Caller, Office, until

__all__ = ["fake_x", "x_document"]

ACCOUNT, HANDLE = "minato-x", "minato_kunren"
SAITAMA, OWN = "saitama-cvc", "SaitamaCvcCoop"
ABUSE = "お前ら全員死ね。市民をなめるな。"


@pytest.fixture
def made(found: Callable[..., Office], fake_x: FakeX) -> Callable[..., Office]:
    """An office whose accounts at X speak to the fake; `more` stands with the accounts in rules.toml."""

    def make(more: str = "") -> Office:
        office = found()
        rules = office.folder / "rules.toml"
        text = rules.read_text()
        for name in (ACCOUNT, SAITAMA):
            head, account, rest = text.partition(f'id = "{name}"\n')
            text = head + account + more + rest.replace('channel = "manual"', 'channel = "x"', 1)
        rules.write_text(text)
        for name, handle in ((ACCOUNT, HANDLE), (SAITAMA, OWN)):
            fake_x.user(handle)
            keys = fake_x.oauth1(handle)
            let_in(office.state, name, api=fake_x.url, api_key=keys["consumer_key"], api_secret=keys["consumer_secret"],
                   access_token=keys["access_token"], access_token_secret=keys["access_token_secret"])  # fmt: skip
        return office.start()

    return make


def let_in(state: Path, account: str, **given: str) -> None:
    folder = state / "releaser" / "secrets"
    for each in (state, folder.parent, folder):
        each.mkdir(mode=0o700, exist_ok=True)
    fd = os.open(folder / f"{account}.toml", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(tomli_w.dumps(given).encode())


def line(office: Office, name: str = ACCOUNT) -> AccountStatus:
    return next(each for each in office.status().accounts if each.id == name)


def alarms(office: Office, words: str) -> int:
    return sum(words in alarm for alarm in office.status().alarms)


def detail(office: Office, name: str) -> DraftDetail:
    return office.show(office.row(name).id)


def test_what_it_costs_is_said_before_it_is_approved_and_summed_by_month(made: Callable[..., Office], fake_x: FakeX) -> None:
    office = made()
    office.drop(ACCOUNT, "a.txt", "あすの区民まつりは予定どおり行います。", **MINATO)
    office.drop(ACCOUNT, "b.txt", "あすの区民まつりの案内はこちらです。https://www.city.minato.tokyo.jp/", **MINATO)
    assert detail(office, "a.txt").cost == 15_000
    with_url = office.row("b.txt", "waiting")
    assert office.show(with_url.id).cost == 200_000
    caller = office.caller("shibata")
    assert caller.ask(Decide(draft=with_url.id), ForDecision).cost == 200_000
    done = caller.ask(Approve(draft=with_url.id, hash=with_url.hash, handle=HANDLES[ACCOUNT]), Done)
    assert "0.20 ドル" in done.message and "$0.20" in done.message_en
    office.row("b.txt", "released")
    office.approve("a.txt", "shibata")
    office.row("a.txt", "released")
    until(lambda: line(office).spent == 215_000, "the sum of the month")
    assert len(fake_x.texts(HANDLE)) == 2


def test_to_ask_whom_x_takes_us_for_costs_something_too(made: Callable[..., Office], fake_x: FakeX) -> None:
    office = made()
    before = line(office).spent
    assert office.caller("shibata").ask(CheckCredentials(account=ACCOUNT), CredentialCheck).same
    until(lambda: line(office).spent == before + 10_000, "the sum of the month")


def test_what_is_unknown_counts_until_it_is_known_not_to_be_out(made: Callable[..., Office], fake_x: FakeX) -> None:
    office = made()
    fake_x.fault(faults.drop_before().on("POST", "/2/tweets"))
    office.drop(ACCOUNT, "a.txt", "あすの区民まつりは予定どおり行います。", **MINATO)
    row = office.approve("a.txt", "shibata")
    office.row("a.txt", "unknown")
    until(lambda: line(office).spent == 15_000, "what it may have cost")
    office.caller("akasaka").ask(Settle(draft=row.id, outcome="not_released", note="X に見当たらない"), Done)
    until(lambda: line(office).spent == 0, "what it has not cost")


def test_over_the_budget_a_draft_is_held_and_a_manager_lets_it_out(made: Callable[..., Office], fake_x: FakeX) -> None:
    office = made("budget = 0.02\n")
    office.drop(ACCOUNT, "a.txt", "プールの時間が変わります。", **MINATO)
    office.approve("a.txt", "shibata")
    office.row("a.txt", "released")
    office.drop(ACCOUNT, "b.txt", "図書館の時間が変わります。", **MINATO)
    row = office.row("b.txt", "waiting")
    assert any("予算" in each.what and each.act == "except" for each in row.waiting)
    office.approve("b.txt", "shibata")
    row = office.row("b.txt", "waiting")
    manager = office.caller("shibata")
    office.caller("akasaka").refused(Except(draft=row.id, hash=row.hash, rule="office.budget", reason="要る"), "not_approver")
    manager.ask(Except(draft=row.id, hash=row.hash, rule="office.budget", reason="区民に必要な知らせのため"), Done)
    office.row("b.txt", "released")
    until(lambda: alarms(office, "予算を使い切りました") == 1, "the warning")
    assert len(fake_x.texts(HANDLE)) == 2


def test_a_declared_emergency_goes_out_over_the_budget_and_says_so(made: Callable[..., Office], fake_x: FakeX) -> None:
    office = made("budget = 0.01\n")
    office.drop(ACCOUNT, "e.txt", "津波警報が発表されました。", **MINATO, emergency=True, source="気象庁 10:02")
    row = office.row("e.txt", "waiting")
    assert any("予算" in each.what for each in row.waiting)
    office.caller("shibata").ask(Declare(draft=row.id, hash=row.hash, reason="大雨のため"), Done)
    row = office.row("e.txt")
    assert not any("予算" in each.what for each in row.waiting)
    assert [each.verdict for each in office.show(row.id).findings if each.rule == "office.budget"] == ["warn"]


def test_at_four_fifths_of_the_budget_every_screen_says_so(made: Callable[..., Office]) -> None:
    office = made("budget = 0.018\n")
    office.drop(ACCOUNT, "a.txt", "プールの時間が変わります。", **MINATO)
    office.approve("a.txt", "shibata")
    office.row("a.txt", "released")
    until(lambda: alarms(office, "予算の 80% を超えました") == 1, "the warning")


def test_too_many_requests_are_waited_out_and_the_draft_goes_out_by_itself(made: Callable[..., Office], fake_x: FakeX) -> None:
    office = made()
    fake_x.limit("createPosts", 0)
    office.drop(ACCOUNT, "a.txt", "プールの時間が変わります。", **MINATO)
    row = office.approve("a.txt", "shibata")
    until(lambda: alarms(office, "429") == 1, "the alarm")
    assert office.row("a.txt").state == "approved"
    assert office.acts(row.id)[-1] == "prevented"
    fake_x.limit("createPosts", 100)
    office.ahead(3600)
    office.row("a.txt", "released")
    until(lambda: alarms(office, "429") == 0, "the end of the alarm")
    assert len(fake_x.texts(HANDLE)) == 1


def test_out_of_credit_is_one_alarm_and_not_one_a_draft(made: Callable[..., Office], fake_x: FakeX) -> None:
    office = made()
    fake_x.state(out_of_credit=True)
    for n in range(3):
        office.drop(ACCOUNT, f"{n}.txt", f"{n + 1}番目の施設の時間が変わります。", **MINATO)
    for n in range(3):
        office.approve(f"{n}.txt", "shibata")
    until(lambda: alarms(office, ACCOUNT) == 1, "the alarm")
    office.all_of(["0.txt"], "held")
    assert alarms(office, ACCOUNT) == 1
    assert len([row for row in office.rows() if row.state == "held"]) == 1


def test_a_draft_that_waited_out_its_own_time_is_asked_about_again(made: Callable[..., Office], fake_x: FakeX) -> None:
    office = made()
    fake_x.limit("createPosts", 0)
    now = office.status().now
    at = now.replace(microsecond=0).timestamp() + 120
    when = datetime.fromtimestamp(at, UTC)
    office.drop(ACCOUNT, "t.txt", "きょうの説明会を始めます。", **MINATO, release_at=when)
    office.approve("t.txt", "shibata")
    office.ahead(150)
    until(lambda: alarms(office, "429") == 1, "the alarm")
    fake_x.limit("createPosts", 100)
    office.ahead(3600)
    office.row("t.txt", "held")
    assert fake_x.texts(HANDLE) == []


@pytest.mark.parametrize(
    ("kind", "word"), [("quote", "引用"), ("follow", "フォロー"), ("like", "いいね"), ("profile", "プロフィール")]
)
def test_what_ordinary_plans_lack_is_a_persons_card_with_the_reason(made: Callable[..., Office], kind: str, word: str) -> None:
    office = made()
    more = {"target": "https://x.com/minatokoho/status/1"} if kind in ("quote", "like") else {}
    more |= {"target": "https://x.com/minatokoho"} if kind == "follow" else {}
    office.drop(ACCOUNT, "k.txt", "公式アカウントの案内です。", **MINATO, kind=kind, **more)
    row = office.row("k.txt")
    assert office.show(row.id).cost == 0
    held = tuple(dict.fromkeys(each.rule for each in row.waiting if each.act == "except"))
    act = Approve(draft=row.id, hash=row.hash, handle=HANDLES[ACCOUNT], reason="区の行事のため" if held else "", exceptions=held)
    office.caller("shibata").ask(act, Done)
    (last,) = office.row("k.txt", "approved").waiting
    assert last.act == "take"
    assert f"この種別は人が行います（X への自動の発信（x）では{word}ができません）" in last.what


def test_mentions_are_read_judged_and_hidden_at_x_and_a_block_is_compared(made: Callable[..., Office], fake_x: FakeX) -> None:
    office = made()
    until(lambda: "コメントを" in line(office, SAITAMA).reading, "the first reading")
    post = fake_x.post(OWN, "消防訓練のお知らせです。")
    reply = fake_x.post("arashi", f"@{OWN} {ABUSE}", reply_to=post)
    fake_x.post("yasashii", f"@{OWN} いつもありがとうございます。", reply_to=post)
    office.ahead(16 * 60)
    rows = until(lambda: bench(office), "the comment")
    assert [row.handle for row in rows] == ["arashi"]
    manager = office.caller("urano")
    manager.ask(Judge(comment=rows[0].id, clause="7(2)", actions=("delete", "block")), Done)

    def taken() -> bool:
        found = manager.ask(ShowComment(comment=rows[0].id), CommentDetail).measures
        return [each.state for each in found if each.really == "hide"] == ["done"]

    until(taken, "it is hidden")
    assert [each["hidden"] for each in fake_x.posts() if each["id"] == reply] == [True]
    fake_x.block(OWN, "arashi")
    found = office.caller("omiya").ask(CompareBlocks(account=SAITAMA), BlocksCompared)
    assert [each.handle for each in found.confirmed] == ["arashi"]
    until(lambda: line(office, SAITAMA).spent > 0, "what that cost")


def bench(office: Office) -> list[CommentRow]:
    with Caller(office.state) as caller:
        caller.hello("urano")
        opened = caller.ask(OpenBench(accounts=(SAITAMA,)), BenchOpened)
        return list(caller.ask(BenchPage(view=opened.view), BenchRows).rows)


def readings(fake: FakeX) -> int:
    """How often mentions have been asked for."""
    return sum(each["path"].endswith("/mentions") for each in fake.log("GET"))


def test_a_reading_that_is_refused_for_now_waits_until_the_platform_says(made: Callable[..., Office], fake_x: FakeX) -> None:
    fake_x.limit("getUsersMentions", 0)
    office = made()
    for name in (ACCOUNT, SAITAMA):
        until(lambda name=name: "読めません" in line(office, name).reading, "the line")  # type: ignore[misc]
    asked = readings(fake_x)
    assert asked == 2, "each account once"
    office.ahead(200)
    for name, text in (("a.txt", "プールの時間が変わります。"), ("b.txt", "図書館の時間が変わります。")):  # some rounds go by
        office.drop(ACCOUNT, name, text, **MINATO)
        office.approve(name, "shibata")
        office.row(name, "released")
    assert readings(fake_x) == asked
    fake_x.limit("getUsersMentions", 100)
    office.ahead(3600)
    until(lambda: "読みました" in line(office, SAITAMA).reading, "the reading")


def test_an_answer_that_is_lost_is_charged_once(made: Callable[..., Office], fake_x: FakeX) -> None:
    office = made()
    fake_x.fault(faults.drop_after().on("POST", "/2/tweets", 1))
    office.drop(ACCOUNT, "a.txt", "プールの時間が変わります。", **MINATO)
    office.approve("a.txt", "shibata")
    office.row("a.txt", "released")
    until(lambda: line(office).spent >= 15_000, "the cost")
    charged = office.database("SELECT micros FROM charges WHERE what = 'release'")
    assert charged == [(15_000,)]


def test_what_is_looked_up_of_an_unknown_post_is_paid_for_and_counts_in_the_month(
    made: Callable[..., Office], fake_x: FakeX
) -> None:
    office = made()
    fake_x.fault(faults.drop_after().on("POST", "/2/tweets", 1))
    office.drop(ACCOUNT, "a.txt", "プールの時間が変わります。", **MINATO)
    office.approve("a.txt", "shibata")
    office.row("a.txt", "released")
    (looked,) = until(lambda: office.database("SELECT kind, micros FROM charges WHERE what = 'ask'"), "the look")
    assert looked == ("posts", 1_000)
    until(lambda: line(office).spent == 16_000, "the sum of the month")


def test_a_new_month_begins_anew_and_what_waited_for_it_goes_out(made: Callable[..., Office], fake_x: FakeX) -> None:
    office = made("budget = 0.02\n")
    for name, text in (("a.txt", "プールの時間が変わります。"), ("b.txt", "図書館の時間が変わります。")):
        office.drop(ACCOUNT, name, text, **MINATO)
    office.approve("a.txt", "shibata")
    office.row("a.txt", "released")
    office.approve("b.txt", "shibata")
    until(lambda: line(office).spent == 15_000, "what it cost")
    assert office.row("b.txt").state == "waiting"
    office.ahead(32 * 86400)
    office.row("b.txt", "released")
    until(lambda: line(office).spent == 15_000, "what the new month has cost")
