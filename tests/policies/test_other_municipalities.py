"""Policies that nobody here designed for: carried by the format alone, without a line of code of their own."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

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

from daemon.judge import Situation, judge
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.coverage import coverage
from daemon.rulebook.item import Item
from daemon.rulebook.lint import lint_office
from daemon.rulebook.load import load_policy
from daemon.rulebook.model import Powers, Rulebook

__all__ = ["judged_by_others", "others_book", "others_folder"]


def test_the_policies_load_without_a_problem_of_their_own(folder: Path) -> None:
    ours = tuple(HERE.glob("*.toml"))
    assert [p for p in lint_office(folder) if any(p.file.endswith(path.name) for path in ours)] == []


REPLY = {"kind": "reply", "target": "https://www.threads.net/@shimin/post/1"}


def test_a_reply_is_the_rule_and_needs_its_signature(judged: Judged) -> None:
    bare = judged("kawabe-threads", "粗大ごみは市民課へお申し込みください。", **REPLY)
    assert "signature" in rules(bare)
    signed = judged("kawabe-threads", "粗大ごみは市民課へお申し込みください。\n（川辺市環境課）\n", **REPLY)
    assert rules(signed) == set()
    assert "signature" in rules(judged("kawabe-threads", "（川辺市環境課）です。粗大ごみは市民課へ。", **REPLY))


@pytest.mark.parametrize(("minute", "kind", "held"), [(0, "post", False), (5, "post", True), (5, "reply", False)])
def test_posts_go_out_on_the_hour_and_replies_at_any_time_of_the_day(judged: Judged, minute: int, kind: str, held: bool) -> None:
    front = REPLY if kind == "reply" else {}
    found = judged("kawabe-threads", "お知らせです。（川辺市環境課）", now=TUESDAY.replace(minute=minute), **front)
    assert ("post-hours" in rules(found) or "reply-hours" in rules(found)) is held


def test_replies_rest_at_noon(judged: Judged) -> None:
    assert "reply-hours" in rules(
        judged("kawabe-threads", "答え（川辺市環境課）", now=TUESDAY.replace(hour=12, minute=30), **REPLY)
    )


@pytest.mark.parametrize(
    ("target", "blocked"),
    [
        ("https://x.com/shop_kawabe/status/1", True),
        ("https://www.city.kawabe.lg.jp/news/1", False),
        ("https://x.com/kantei/status/1", False),
    ],
)
def test_only_public_bodies_are_reposted(judged: Judged, target: str, blocked: bool) -> None:
    found = judged("kawabe-threads", "周知のため", kind="repost", target=target, purpose="周知")
    assert ("repost-of-whom" in rules(found)) is blocked


@pytest.mark.parametrize(("day", "blocked"), [(20, False), (22, True), (28, True), (29, False)])
def test_a_rule_of_the_campaign_holds_on_its_days_only(judged: Judged, day: int, blocked: bool) -> None:
    found = judged("kawabe-threads", "式典に市長が出席しました。", now=TUESDAY.replace(day=day))
    assert ("election" in rules(found)) is blocked


def test_what_was_found_of_a_text_before_the_campaign_is_not_the_last_word_on_it(judged: Judged, book: Rulebook) -> None:
    before = judged("kawabe-threads", "式典に市長が出席しました。", now=TUESDAY.replace(day=20))
    item = Item(text="式典に市長が出席しました。", author="clerk")
    situation = Situation(now=TUESDAY, account=book.accounts["kawabe-threads"], author=book.operators["clerk"])
    assert "election" in rules(judge(item, situation, book, screened=before.screened))


def test_comments_may_be_hidden_or_reported_and_not_deleted(book: Rulebook) -> None:
    (powers,) = (rule for rule in book.policies["kawabe"].rules if isinstance(rule, Powers))
    assert (powers.actions, powers.reason, powers.must) == (("hide", "report"), True, False)
    comment = judge(Item(text="役所をぶっ壊してやる"), Situation(now=TUESDAY), book, policy=book.policies["kawabe"], on="comment")
    assert [(finding.clause, finding.verdict) for finding in comment.findings] == [("kawabe/7", "act")]


def test_the_head_approves_every_post_and_all_sections_those_of_a_disaster(judged: Judged) -> None:
    assert wanted(judged("river-office-youtube", "工事のお知らせ")) == ["river-office/2"]
    assert wanted(judged("river-office-youtube", "工事のお知らせ", approved_by=("shocho",))) == []
    flood = {"emergency": True, "source": "北川河川事務所 調査課"}
    some = judged("river-office-youtube", "堤防の点検結果です。", approved_by=("shocho", "chosa", "kanri"), **flood)
    assert "river-office/3" in wanted(some)
    every = judged("river-office-youtube", "堤防の点検結果です。", approved_by=("shocho", "chosa", "kanri", "komu"), **flood)
    assert "river-office/3" not in wanted(every)


def test_an_account_keeps_the_guideline_of_its_city_besides_its_own_policy(judged: Judged) -> None:
    reply = judged("higashi-library-instagram", "はい。 #東市立図書館", kind="reply", target="1", now=TUESDAY.replace(day=25))
    (finding,) = (each for each in reply.findings if each.rule == "higashi:reply")
    assert (finding.clause, finding.cite, finding.text) == ("higashi/4", "ガイドライン 第4", "個別の返信は行わない。")
    assert set(wanted(reply)) == {"higashi-library/3", "higashi/5"}


def test_its_own_hours_take_the_place_of_those_that_it_replaces(judged: Judged) -> None:
    evening = TUESDAY.replace(day=25, hour=18)
    assert "higashi:hours" not in rules(judged("higashi-library-instagram", "新着 #東市立図書館", now=evening))
    assert "library-hours" not in rules(judged("higashi-library-instagram", "新着 #東市立図書館", now=evening))
    assert "library-hours" in rules(
        judged("higashi-library-instagram", "新着 #東市立図書館", now=TUESDAY)
    )  # the day after a holiday
    assert "hours" in rules(judged("higashi-x", "お知らせ", now=evening))


def test_a_day_off_of_another_ordinance_is_named(judged: Judged) -> None:
    (finding,) = (
        f for f in judged("higashi-x", "お知らせ", now=datetime(2026, 7, 1, 10, tzinfo=TOKYO)).findings if f.rule == "hours"
    )
    assert "東市の休日を定める条例" in finding.message


def test_a_missing_tag_is_offered(judged: Judged) -> None:
    text = "新着図書です。"
    (finding,) = (f for f in judged("higashi-library-instagram", text).findings if f.rule == "tag")
    assert text[: finding.start] + (finding.fix or "") + text[finding.end :] == "新着図書です。\n#東市立図書館"


def test_the_clauses_above_are_covered_with_those_below(book: Rulebook) -> None:
    held = {clause.id: clause.status for clause in coverage(book.policies["higashi-library"])}
    assert held["higashi/4"] == "enforced"
    assert held["higashi-library/2"] == "enforced"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('under = ["higashi"]', 'under = ["higasi"]', "higasi"),
        ('under = ["higashi"]', 'under = ["higashi-library"]', "元に戻り"),
        ('replaces = ["higashi/3"]', 'replaces = ["higashi/33"]', "higashi/33"),
    ],
)
def test_a_policy_that_stands_under_nothing_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    folder = tmp_path / "policies"
    shutil.copytree(HERE, folder)
    path = folder / "higashi-library.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    (tmp_path / "rules.toml").write_text('[office]\nname = "東市"\n', encoding="utf-8")
    assert any(said in problem.message for problem in lint_office(tmp_path) if problem.severity == "error")


def test_a_file_of_a_policy_finds_those_above_it_beside_it() -> None:
    policy = load_policy(HERE / "higashi-library.toml")
    assert policy.under == ("higashi",)
    assert policy.manager == ("広報戦略課長",)
