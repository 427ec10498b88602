"""Policies of other kinds of office: a zoo, schools, a town's LINE, an election commission, a hospital, carried by the format alone."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from other_offices import (
    HERE,
    TUESDAY,
    Judged,
    judged_by_others,
    others_book,
    others_folder,
    rules,
    wanted,
)

from daemon.judge import Recent
from daemon.rulebook.calendar import TOKYO, opening
from daemon.rulebook.item import Image
from daemon.rulebook.lint import lint_office, lint_policy
from daemon.rulebook.model import Rulebook

__all__ = ["judged_by_others", "others_book", "others_folder"]


@pytest.mark.parametrize(
    ("at", "held"),
    [
        (datetime(2026, 8, 8, 20, tzinfo=TOKYO), ""),  # a Saturday night in August
        (datetime(2026, 9, 5, 20, tzinfo=TOKYO), "summer"),
        (datetime(2026, 10, 30, 9, 10, tzinfo=TOKYO), ""),
        (datetime(2026, 11, 5, 9, 10, tzinfo=TOKYO), "winter"),
        (datetime(2027, 2, 28, 16, 30, tzinfo=TOKYO), ""),
        (datetime(2026, 9, 24, 10, tzinfo=TOKYO), "summer"),  # the Wednesday before was a holiday
    ],
)
def test_the_hours_of_a_zoo_go_with_the_season(judged: Judged, at: datetime, held: str) -> None:
    found = rules(judged("zoo-x", "レッサーパンダの朝ごはん #丘の上動物園", now=at))
    assert found == ({held} if held else set())


def test_the_next_opening_may_lie_in_another_season(book: Rulebook) -> None:
    at = datetime(2026, 10, 31, 18, tzinfo=TOKYO)
    state = opening(book.policies["zoo"], at, account=book.accounts["zoo-x"])
    assert (state.open, state.next_open) == (False, datetime(2026, 11, 1, 9, 30, tzinfo=TOKYO))


@pytest.mark.parametrize(("kind", "who"), [("post", "keeper"), ("live", "encho"), ("story", "kumi"), ("like", "keeper")])
def test_posts_stories_and_live_streams_have_approvers_of_their_own(judged: Judged, kind: str, who: str) -> None:
    front: dict[str, Any] = {"kind": kind, **({"target": "https://x.com/zoo/status/1"} if kind == "like" else {})}
    assert wanted(judged("zoo-x", "カピバラの湯 #丘の上動物園", **front)) == ["zoo/5"]
    assert wanted(judged("zoo-x", "カピバラの湯 #丘の上動物園", approved_by=(who,), **front)) == []


def test_an_act_that_no_channel_does_by_itself_is_done_by_a_person(judged: Judged) -> None:
    last = judged("zoo-x", "夜の動物園から生中継 #丘の上動物園", kind="live", approved_by=("encho",)).missing
    assert [line.act for line in last] == ["take"]


def test_all_heads_approve_what_concerns_all_schools(judged: Judged) -> None:
    text = "全校で避難訓練を行いました。"
    assert wanted(judged("kyoiku-x", text, approved_by=("north", "shido"))) == ["kyoiku/4"]
    (line,) = (m for m in judged("kyoiku-x", text, approved_by=("north", "shido")).missing if m.act == "approve")
    assert line.who == "南小学校の課長（south）" and line.logins == ("south",)
    assert wanted(judged("kyoiku-x", text, approved_by=("north", "south", "shido"))) == []


def test_the_head_of_the_account_and_the_section_approve_together(judged: Judged) -> None:
    assert wanted(judged("kyoiku-facebook", "運動会のお知らせ", approved_by=("north", "shido"))) == ["kyoiku/4"]
    assert wanted(judged("kyoiku-facebook", "運動会のお知らせ", approved_by=("south", "shido"))) == []


@pytest.mark.parametrize(
    ("consent", "held"), [("保護者同意書 第12号", set()), ("人物なし", set()), ("たぶん大丈夫", {"consent-form"})]
)
def test_a_field_has_to_say_what_the_policy_asks_of_it(judged: Judged, consent: str, held: set[str]) -> None:
    images = (Image(file="a.jpg", alt="校庭", rights="own", consent=consent),)
    assert rules(judged("kyoiku-x", "校庭の桜が咲きました。", images=images)) == held


def line_post(hours: float, **more: Any) -> Recent:
    return Recent(text=f"お知らせ{hours}", at=datetime(2026, 11, 24, 10, tzinfo=TOKYO) - timedelta(hours=hours), **more)


@pytest.mark.parametrize(
    ("recent", "held"),
    [
        ((line_post(1),), {"a-day"}),
        ((line_post(10),), {"a-day"}),  # at midnight today
        ((line_post(10.1),), set()),  # yesterday, less than a day ago
        ((line_post(1, emergency=True),), set()),
        (tuple(line_post(24 * day) for day in range(1, 9)), {"a-month"}),
        (tuple(line_post(24 * day) for day in range(17, 25)), set()),  # October, but for less than eight
    ],
)
def test_a_limit_counts_by_the_calendar_and_only_what_it_speaks_of(
    judged: Judged, recent: tuple[Recent, ...], held: set[str]
) -> None:
    text = "ごみ収集のお知らせ https://www.town.shiokage.lg.jp/gomi"
    assert rules(judged("shiokage-line-line", text, recent=recent)) & {"a-day", "a-month"} == held


def test_a_limit_says_how_many_there_were(judged: Judged) -> None:
    text = "ごみ収集のお知らせ https://www.town.shiokage.lg.jp/gomi"
    found = judged("shiokage-line-line", text, recent=tuple(line_post(24 * day) for day in range(1, 9))).findings
    (said,) = (each.message for each in found if each.rule == "a-month")
    assert said == "（今月すでに8件。8件まで）"


def test_the_policys_own_limit_of_characters_is_told_from_the_mediums(judged: Judged) -> None:
    url = "\nhttps://www.town.shiokage.lg.jp/"
    assert "length" not in rules(judged("shiokage-line-line", "あ" * (301 - len(url)) + url))
    (found,) = (f for f in judged("shiokage-line-line", "あ" * 300 + url).findings if f.rule == "length")
    assert "要綱の上限300字" in found.message


@pytest.mark.parametrize(
    ("at", "held"),
    [
        (datetime(2026, 11, 29, 19, tzinfo=TOKYO), ""),  # a Sunday, the day of the vote
        (datetime(2026, 11, 29, 20, 30, tzinfo=TOKYO), "the-day"),
        (datetime(2026, 11, 22, 19, tzinfo=TOKYO), "hours"),  # a Sunday before
        (datetime(2026, 12, 1, 19, tzinfo=TOKYO), "hours"),
    ],
)
def test_hours_of_one_day_leave_the_other_days_theirs(judged: Judged, at: datetime, held: str) -> None:
    assert rules(judged("senkan-x", "投票率は20.1%です。", now=at)) == ({held} if held else set())


@pytest.mark.parametrize(("day", "titles"), [(21, {"事務局長"}), (24, {"事務局長", "委員長"})])
def test_the_chair_approves_too_while_the_campaign_lasts(judged: Judged, day: int, titles: set[str]) -> None:
    asked = set()
    approved: tuple[str, ...] = ()
    for login, title in (("jimu", "事務局長"), ("iincho", "委員長")):
        if wanted(judged("senkan-x", "期日前投票のご案内", now=TUESDAY.replace(day=day), approved_by=approved)):
            asked.add(title)
        approved = (*approved, login)
    assert asked == titles


@pytest.mark.parametrize("kind", ["like", "repost", "message"])
def test_nothing_is_liked_in_the_time_of_a_vote(judged: Judged, kind: str) -> None:
    assert "quiet" in rules(judged("senkan-x", "", kind=kind, target="https://x.com/a/status/1"))
    later = judged("senkan-x", "", kind=kind, target="https://x.com/a/status/1", now=TUESDAY + timedelta(days=8))
    assert "quiet" not in rules(later)


@pytest.mark.parametrize(("url", "held"), [("https://www.city.asanagi.lg.jp/senkyo", False), ("https://example.com/a", True)])
def test_only_addresses_of_the_city_and_the_state_are_named(judged: Judged, url: str, held: bool) -> None:
    assert ("urls" in rules(judged("senkan-x", f"期日前投票のご案内 {url}"))) is held


def test_two_of_a_committee_of_three_approve(judged: Judged) -> None:
    assert wanted(judged("byoin-x", "看護週間です。", topic="行事", approved_by=("kango",))) == ["byoin/4"]
    assert wanted(judged("byoin-x", "看護週間です。", topic="行事", approved_by=("kango", "soumu"))) == []


@pytest.mark.parametrize(
    ("add", "said"),
    [
        ('when = { kinds = ["likes"] }', "delete のいずれかです（今の値: likes）"),
        ('when = { season = ["04-01"] }', "毎年の初日と末日"),
        ('when = { season = ["04-01", "13-01"] }', "毎年の初日と末日"),
    ],
)
def test_what_a_condition_cannot_hold_is_refused_with_what_it_can(tmp_path: Path, add: str, said: str) -> None:
    path = tmp_path / "byoin.toml"
    text = (HERE / "byoin.toml").read_text(encoding="utf-8")
    path.write_text(text.replace('id = "no-talk"', f'id = "no-talk"\n{add}'), encoding="utf-8")
    assert any(said in problem.message for problem in lint_policy(path))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ('{ count = 1, per = "year" }', "per は"),
        ('{ count = 1, per = "day", minutes = 5 }', "一方だけ"),
        ("{ count = 99 }", "50 件まで"),
    ],
)
def test_a_limit_that_cannot_be_counted_is_told(tmp_path: Path, options: str, said: str) -> None:
    path = tmp_path / "shiokage-line.toml"
    text = (HERE / "shiokage-line.toml").read_text(encoding="utf-8")
    path.write_text(text.replace('{ count = 1, per = "day" }', options), encoding="utf-8")
    assert any(said in problem.message for problem in lint_policy(path))


def test_the_chiefs_of_all_units_make_no_exceptions(tmp_path: Path) -> None:
    path = tmp_path / "kyoiku.toml"
    text = (HERE / "kyoiku.toml").read_text(encoding="utf-8")
    path.write_text(text.replace('lift = ["@unit-chief"]', 'lift = ["@unit-chiefs"]'), encoding="utf-8")
    assert any("「@unit-chiefs」は使えません" in problem.message for problem in lint_policy(path))


@pytest.mark.parametrize(("role", "lacking"), [("clerk", {"飼育係長"}), ("viewer", {"飼育係長", "飼育員"})])
def test_a_clerk_may_hold_a_post_that_approves_and_a_viewer_none(
    folder: Path, tmp_path: Path, role: str, lacking: set[str]
) -> None:
    shutil.copytree(folder, tmp_path / "office")
    rules_file = tmp_path / "office" / "rules.toml"
    text = (
        rules_file.read_text(encoding="utf-8")
        .replace('titles = ["飼育係長"]', "titles = []")
        .replace('titles = ["園長"]', "titles = []")
    )
    before, _, after = text.partition('login = "kumi"')
    rules_file.write_text(before + 'login = "kumi"' + after.replace('role = "clerk"', f'role = "{role}"', 1), encoding="utf-8")
    said = [problem.message for problem in lint_office(tmp_path / "office") if problem.file.endswith("zoo.toml")]
    assert {title for title in ("飼育係長", "飼育員") if any(f"「{title}」" in each for each in said)} == lacking
    assert any("「園長」の管理者（role" in each for each in said), "園長 makes exceptions"
