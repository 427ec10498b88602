"""The committee's report: what happened is counted once, for whom it was asked, and nothing of a citizen or of a text is in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from console.words import word
from daemon.papers.as_csv import as_csv
from daemon.papers.as_html import as_html
from daemon.papers.report import report_paper
from daemon.wire import Approve, Done, Except, Released, Return, Stopped, StopState
from daemon.wire.duties import Duties, DutyDone, DutyList
from daemon.wire.papers import AccountList, AccountsListed, PostsOf, Report, ReportPosts, ReportSeen, ReportTable
from tests.service.live_office import FACEBOOK, HANDLES, MINATO, Office

TODAY = datetime.now(ZoneInfo("Asia/Tokyo")).date()
WHOLE = {"since": TODAY - timedelta(days=2), "until": TODAY + timedelta(days=2)}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> object:
    """An office on whose day something of everything happened."""
    office = Office(tmp_path_factory.mktemp("busy")).start()
    chief, clerk = office.caller("shibata"), office.caller("akasaka")
    office.caller("kansa").ask(Stopped(reason="念のため"), StopState)
    office.resume()
    office.drop("minato-x", "一.txt", "図書館の窓口を2階へ移しました。", **MINATO)
    first = office.approve("一.txt", "shibata")
    office.take(first)
    clerk.ask(Released(draft=first.id, url="https://x.com/minato_kunren/status/11"), Done)
    office.drop("minato-x", "二.txt", "○月○日から工事です。", **MINATO)
    office.row("二.txt", "to_fix")
    office.drop("minato-x", "三.txt", "ご意見ありがとうございます。", kind="reply", target="https://x.com/a/status/1", **MINATO)
    third = office.row("三.txt", "waiting")
    hold = next(line for line in third.waiting if line.act == "except")
    chief.ask(Except(draft=third.id, hash=third.hash, rule=hold.rule, reason="問合せが多い"), Done)
    office.drop("minato-x", "四.txt", "=HYPERLINK(1) 駐輪場を広げました。", **MINATO)
    fourth = office.row("四.txt", "waiting")
    chief.ask(Return(draft=fourth.id, hash=fourth.hash, reason="題名を直してください"), Done)
    office.drop("minato-facebook", "五.txt", "商店街の朝市は雨でも開きます。", **FACEBOOK)
    office.approve("五.txt", "azabu")
    office.row("五.txt", "released")
    yield office
    office.stop()


def counted(office: Office, **asked: object) -> ReportSeen:
    query = Report(**{**WHOLE, **asked})  # type: ignore[arg-type]
    return office.caller("kansa").ask(query, ReportSeen)


def table(seen: ReportSeen, name: str) -> list[dict[str, str | int]]:
    found = next(each for each in seen.tables if each.id == name)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


@pytest.mark.clause("minato/4(9)")
def test_the_report_is_a_duty_of_the_policy_and_names_what_was_attested_and_what_is_overdue(busy: Office) -> None:
    due = [duty for duty in busy.caller("shibata").ask(Duties(), DutyList).duties if duty.clause == "minato/4(9)"]
    assert [duty.title for duty in due] == ["情報発信戦略推進委員会への報告"]
    rows = [row for row in table(counted(busy), "duties") if row["cite"] == due[0].cite]
    assert [(row["done"], row["overdue"]) for row in rows] == [(0, 0)]
    busy.caller("shibata").ask(DutyDone(duty=due[0].id, note="第3回委員会で報告した"), Done)
    rows = [row for row in table(counted(busy), "duties") if row["cite"] == due[0].cite]
    assert [(row["done"], row["overdue"]) for row in rows] == [(1, 0)]
    assert "第3回委員会" not in as_html(report_paper(counted(busy), word))


def test_closures_of_the_period_are_named_with_their_reason(found: Callable[..., Office]) -> None:
    office = found()
    rules = office.folder / "rules.toml"
    rules.write_text(rules.read_text() + f'\n[[closures]]\nfrom = {TODAY}\nreason = "庁舎の点検"\naccounts = ["saitama-cvc"]\n')
    office.start()
    assert [(row["what"], row["why"]) for row in table(counted(office), "closures")] == [("closed", "庁舎の点検")]
    assert table(counted(office, accounts=("minato-x",)), "closures") == []


def test_what_happened_is_counted_once(busy: Office) -> None:
    seen = counted(busy)
    posts = {(row["account"], row["kind"]): row for row in table(seen, "posts")}
    minato = posts["minato-x", "post"]
    assert (minato["received"], minato["released"], minato["return"]) == (3, 1, 1)
    assert posts["minato-x", "reply"]["received"] == 1
    assert posts["minato-facebook", "post"]["released"] == 1
    approvals = {row["account"]: row for row in table(seen, "approvals")}
    assert (approvals["minato-x"]["approvals"], approvals["minato-x"]["completed"]) == (1, 1)
    assert [row["exceptions"] for row in table(seen, "exceptions") if row["account"] == "minato-x"] == [1]
    assert [row["scope"] for row in table(seen, "stops")] == ["all"]
    blocked = [row for row in table(seen, "clauses") if row["block"]]
    assert blocked and all(row["drafts"] for row in blocked)
    acts = {row["act"]: row["times"] for row in table(seen, "acts")}
    assert acts["receive"] == 5
    assert acts["approve"] == 2


def test_another_period_or_another_account_has_none_of_it(busy: Office) -> None:
    before = counted(busy, since=date(2024, 1, 1), until=date(2024, 12, 31))
    assert all(not each.rows for each in before.tables if each.id != "duties")
    only = counted(busy, accounts=("minato-facebook",))
    assert {row["account"] for row in table(only, "posts")} == {"minato-facebook"}
    assert only.accounts == ("minato-facebook",)
    assert counted(busy, policies=("saitama",)).accounts == ("saitama-cvc",)


def test_no_text_and_no_reason_is_in_it_and_titles_only_where_they_are_asked_for(busy: Office) -> None:
    seen = counted(busy)
    page = as_html(report_paper(seen, word))
    for said in ("図書館", "問合せが多い", "題名を直して", "駐輪場", "ご意見"):
        assert said not in page, said
    posts = busy.caller("kansa").ask(PostsOf(**WHOLE), ReportPosts)  # type: ignore[arg-type]
    assert {post.title for post in posts.posts} == {"図書館の窓口を2階へ移しました。", "商店街の朝市は雨でも開きます。"}
    assert "図書館の窓口" in as_html(report_paper(seen, word, "ja", posts.posts))


def test_a_chart_says_before_it_what_it_counts_and_moments_are_those_of_the_office(busy: Office) -> None:
    seen = counted(busy)
    stop = ReportTable(
        id="stops", columns=("scope", "at", "minutes", "confirmed"), rows=(("all", "2026-11-24T09:05+09:00", 3, "confirmed"),)
    )
    page = as_html(report_paper(replace(seen, tables=(*(t for t in seen.tables if t.id != "stops"), stop)), word))
    assert "ごとの件数（受付）</h3>\n<svg" in page
    assert "2026-11-24</span> 09:05" in page and "T09:05" not in page
    assert (
        page.count("アカウント・種別・分野ごとの件数") == 2
    )  # the heading, and the words of the chart for those who cannot see it


def test_the_chart_has_its_table_beside_it_and_no_script(busy: Office) -> None:
    page = as_html(report_paper(counted(busy), word))
    assert page.count("<svg") >= 3
    assert page.count("<svg") == page.count('role="img"') == page.count("<desc")
    assert page.count("<table") > page.count("<svg")
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")


def test_the_csv_opens_in_a_spreadsheet_and_calculates_nothing(busy: Office) -> None:
    posts = busy.caller("kansa").ask(PostsOf(**WHOLE), ReportPosts)  # type: ignore[arg-type]
    text = as_csv(report_paper(counted(busy), word, "ja", posts.posts))
    assert text.startswith("\ufeff")
    assert "\r\n" in text
    cells = [cell.strip('"') for line in text.removeprefix("\ufeff").split("\r\n") for cell in line.split(",")]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))]


def test_a_period_that_ends_before_it_begins_and_an_account_that_is_not_there_are_refused(busy: Office) -> None:
    busy.caller("kansa").refused(Report(since=TODAY, until=TODAY - timedelta(days=1)), "time")
    busy.caller("kansa").refused(Report(since=TODAY, until=TODAY, accounts=("minato-y",)), "no_such")
    busy.caller("kansa").refused(PostsOf(since=TODAY, until=TODAY, policies=("tokyo",)), "no_such")
    busy.caller("kansa").refused(Report(since=date(1, 1, 1), until=date(9999, 12, 31)), "time")


def test_an_approval_is_counted_as_finished_when_the_last_of_two_has_given_it(found: Callable[..., Office]) -> None:
    office = found().start()
    office.resume()
    office.drop("minato-line", "一.txt", "防災無線の試験放送は明日です。", author="mita", topic="区政情報")
    row = office.row("一.txt", "waiting")
    office.caller("takanawa").ask(Approve(draft=row.id, hash=row.hash, handle=HANDLES[row.account]), Done)
    first = counted(office)
    if office.row("一.txt").state == "waiting":
        assert [each["completed"] for each in table(first, "approvals")] == [0]
    assert [each["approvals"] for each in table(first, "approvals")] == [1]


def test_the_list_of_accounts_names_what_the_homepage_has_to_name(busy: Office) -> None:
    seen = busy.caller("kansa").ask(AccountsListed(), AccountList)
    by_id = {account.id: account for account in seen.accounts}
    assert by_id["shinagawa-koho"].handle == "shinagawacity"
    assert by_id["shinagawa-koho"].url == "https://x.com/shinagawacity"
    assert by_id["minato-x"].policy_title == "港区SNS運用基準"
    assert seen.training is True
