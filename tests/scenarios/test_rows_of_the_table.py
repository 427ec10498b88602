"""The table of `policies/README.md`, row by row: nothing is global, the four contradict each other, and silence stays 規定なし."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from daemon.rulebook.calendar import TOKYO, opening
from daemon.rulebook.lint import lint_office
from daemon.rulebook.model import Rulebook
from daemon.wire import Done
from tests.desk.conftest import TUESDAY_10, TUESDAY_20, Desk, refused

TAISHO, SAITAMA, MINATO, SHINAGAWA = "taisho-chiiki", "saitama-cvc", "minato-x", "shinagawa-koho"
FOUR = (TAISHO, SAITAMA, MINATO, SHINAGAWA)
ORDINARY: dict[str, dict[str, str]] = {
    TAISHO: {"author": "okajima", "topic": "地域活動・地域活動支援情報"},
    SAITAMA: {"author": "omiya", "topic": "施策・事業"},
    MINATO: {"author": "akasaka", "topic": "区政情報"},
    SHINAGAWA: {"author": "osaki"},
}
CHIEF = {TAISHO: "shimizu", SAITAMA: "urano", MINATO: "shibata", SHINAGAWA: "oi"}
TEXT = "児童書コーナーを2階に移しました。館内の案内板をご覧ください。"


POLL = {"options": ["はい", "いいえ"], "minutes": 1440}
"""What makes a poll one: without options the platform would take nothing."""


async def came(desk: Desk, account: str, text: str = TEXT, **front: Any) -> tuple[int, str, set[tuple[str, str]]]:
    """A draft that lies in an account's folder: its number, its state, and what is wrong with it, by clause and verdict."""
    landed = await desk.drop(account, text, name=f"{account}-{front.get('kind', 'post')}.txt", **{**ORDINARY[account], **front})
    judged = (await desk.case(landed.draft)).judged(desk.setting)
    return landed.draft, landed.state, {(f.clause, f.verdict) for f in judged.findings if f.verdict in ("block", "hold")}


async def goes_out(desk: Desk, account: str, draft: int) -> str:
    """The state after its chief has approved it."""
    done = await desk.approve(draft, CHIEF[account])
    assert isinstance(done, Done), done
    return done.state or ""


# platforms


@pytest.mark.parametrize("policy", ["taisho", "saitama", "shinagawa"])
@pytest.mark.parametrize("platform", ["facebook", "line"])
def test_three_of_them_are_for_x_alone(root: Path, tmp_path: Path, policy: str, platform: str) -> None:
    rules = (root / "rules.toml").read_text(encoding="utf-8")
    at = rules.index(f'policy = "{policy}"\nplatform = "x"')
    (tmp_path / "rules.toml").write_text(
        rules[:at] + rules[at:].replace('platform = "x"', f'platform = "{platform}"', 1), encoding="utf-8"
    )
    assert any("の媒体は" in problem.message for problem in lint_office(tmp_path) if problem.severity == "error")


@pytest.mark.clause("minato/3")
def test_minato_is_for_x_facebook_and_line(book: Rulebook) -> None:
    assert {a.platform for a in book.accounts.values() if a.policy == "minato"} == {"x", "facebook", "line"}


# hours


@pytest.mark.clause("taisho/3.対応時間", "saitama/4", "minato/欠.運用時間", "shinagawa/欠.運用時間")
@pytest.mark.parametrize(
    ("account", "at_17_20", "at_20_30"),
    [
        (TAISHO, "approved", "scheduled"),
        (SAITAMA, "scheduled", "scheduled"),
        (MINATO, "approved", "approved"),
        (SHINAGAWA, "approved", "approved"),
    ],
)
async def test_what_is_approved_in_the_evening_goes_out_as_each_policy_says(
    desk: Desk, account: str, at_17_20: str, at_20_30: str
) -> None:
    for moment, state in ((TUESDAY_10.replace(hour=17, minute=20), at_17_20), (TUESDAY_20, at_20_30)):
        desk.now = moment
        landed = await desk.drop(account, TEXT, name=f"{moment:%H%M}.txt", **ORDINARY[account])
        assert await goes_out(desk, account, landed.draft) == state


@pytest.mark.clause("minato/欠.運用時間", "shinagawa/欠.運用時間")
@pytest.mark.parametrize("account", [MINATO, SHINAGAWA])
def test_without_hours_it_says_that_nothing_is_laid_down(book: Rulebook, account: str) -> None:
    state = opening(book.policy_of(account), TUESDAY_20, account=book.accounts[account])
    assert (state.open, state.reason, state.clause) == (True, "規定なし", "")


@pytest.mark.clause("saitama/4.ただし書", "taisho/3.対応時間ただし書")
async def test_outside_the_hours_the_manager_decides_for_one_draft(desk: Desk) -> None:
    desk.now = TUESDAY_20
    for account, stranger in ((SAITAMA, "yonono"), (TAISHO, "izumi")):
        draft, _, found = await came(desk, account)
        assert {clause for clause, _ in found} == {
            desk.book.policy_of(account).id + ("/4" if account == SAITAMA else "/3.対応時間")
        }
        await goes_out(desk, account, draft)
        assert refused(await desk.lift(draft, stranger, "hours"), "not_approver")
        assert isinstance(await desk.lift(draft, CHIEF[account], "hours"), Done)
        assert (await desk.case(draft)).state == "approved"


# topics


@pytest.mark.clause("taisho/3.分野", "saitama/5.柱書", "minato/6(1)")
@pytest.mark.parametrize(("account", "clause"), [(TAISHO, "taisho/3.分野"), (SAITAMA, "saitama/5.柱書"), (MINATO, "minato/6(1)")])
async def test_where_there_are_topics_a_draft_declares_one_of_them(desk: Desk, account: str, clause: str) -> None:
    _, state, found = await came(desk, account, topic="その他")
    assert (state, found) == ("to_fix", {(clause, "block")})


async def test_shinagawa_has_no_topics_and_asks_for_none(desk: Desk) -> None:
    _, state, found = await came(desk, SHINAGAWA)
    assert (state, found) == ("waiting", set())


@pytest.mark.clause("saitama/5.柱書", "saitama/5(1)", "saitama/5(2)", "saitama/5(3)")
async def test_saitama_has_no_room_for_news_of_disasters(desk: Desk) -> None:
    _, state, found = await came(desk, SAITAMA, topic="災害情報", emergency=True, source="気象庁 11月24日9時発表")
    assert state == "to_fix"
    assert ("saitama/5.柱書", "block") in found


@pytest.mark.clause("minato/6(4)")
async def test_minatos_last_topic_needs_the_mayors_decision(desk: Desk) -> None:
    _, _, without = await came(desk, MINATO, topic="区長が認めるもの")
    assert ("minato/6(4)", "block") in without
    _, _, with_it = await came(desk, MINATO, topic="区長が認めるもの", reference="8港区総第1234号 令和8年11月20日決裁")
    assert ("minato/6(4)", "block") not in with_it


# approver


@pytest.mark.clause("taisho/3.責任者.情報発信", "taisho/3.責任者.広聴", "saitama/2", "minato/7-1", "shinagawa/3-1")
@pytest.mark.parametrize(
    ("account", "front", "yes", "no"),
    [
        (TAISHO, {}, ("shimizu", "hirao", "kitamura"), ("izumi", "oda", "okajima")),
        (TAISHO, {"kind": "poll", "poll": POLL}, ("shimizu", "hirao", "kitamura"), ("kobayashi",)),
        (SAITAMA, {}, ("urano",), ("yonono", "omiya")),
        (MINATO, {}, ("shibata",), ("azabu", "takanawa")),
        (SHINAGAWA, {}, ("oi",), ("gotanda", "osaki")),
    ],
)
async def test_who_approves_is_in_each_policys_own_table(
    desk: Desk, account: str, front: dict[str, Any], yes: tuple[str, ...], no: tuple[str, ...]
) -> None:
    for login in yes:
        landed = await desk.drop(
            account, f"公園の清掃のお知らせです（{login}）。", name=f"{login}.txt", **{**ORDINARY[account], **front}
        )
        for stranger in no:
            assert refused(await desk.approve(landed.draft, stranger), "not_approver")
        assert isinstance(await desk.approve(landed.draft, login), Done)


@pytest.mark.clause("minato/7-1")
@pytest.mark.parametrize(("account", "alone"), [(TAISHO, False), (SAITAMA, False), (MINATO, True), (SHINAGAWA, False)])
async def test_only_minato_lets_its_chief_write_and_post_alone(desk: Desk, account: str, alone: bool) -> None:
    draft, _, _ = await came(desk, account, author=CHIEF[account])
    answer = await desk.approve(draft, CHIEF[account])
    assert isinstance(answer, Done) if alone else refused(answer, "own_draft")


@pytest.mark.clause("shinagawa/5-1")
async def test_in_shinagawa_another_section_may_draft_and_the_manager_lets_it_through(desk: Desk) -> None:
    draft, state, found = await came(desk, SHINAGAWA, author="togoshi")
    assert (state, found) == ("waiting", {("shinagawa/5-1", "hold")})


# reply, follow, repost, poll


KINDS: dict[str, dict[str, tuple[str, str] | None]] = {
    "reply": {
        TAISHO: ("taisho/3.留意(1)", "hold"),
        SAITAMA: ("saitama/6-1", "block"),
        MINATO: ("minato/7-2(1)", "hold"),
        SHINAGAWA: ("shinagawa/5-3", "hold"),
    },
    "follow": {
        TAISHO: ("taisho/3.留意(1)", "hold"),
        SAITAMA: None,
        MINATO: ("minato/7-2(2)", "hold"),
        SHINAGAWA: ("shinagawa/5-3", "hold"),
    },
    "repost": {TAISHO: None, SAITAMA: None, MINATO: ("minato/7-2(2)", "hold"), SHINAGAWA: ("shinagawa/5-3", "hold")},
    "poll": {TAISHO: None, SAITAMA: None, MINATO: None, SHINAGAWA: None},
}


@pytest.mark.clause(
    "taisho/3.留意(1)",
    "taisho/3.留意(2)",
    "taisho/3.各分野アンケート",
    "saitama/6-1",
    "saitama/6-2",
    "minato/7-2(1)",
    "minato/7-2(2)",
    "shinagawa/5-3",
)
@pytest.mark.parametrize("account", FOUR)
@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_of_act_stands_as_its_own_policy_has_it(desk: Desk, kind: str, account: str) -> None:
    target: dict[str, Any] = {"poll": POLL} if kind == "poll" else {"target": "https://x.com/TaishoKucho/status/1"}
    _, _, found = await came(desk, account, kind=kind, purpose="市民活動の情報を広く周知するため", **target)
    expected = KINDS[kind][account]
    assert found == ({expected} if expected else set())


@pytest.mark.clause("saitama/6-1")
async def test_no_manager_can_let_a_reply_out_in_saitama(desk: Desk) -> None:
    draft, state, _ = await came(desk, SAITAMA, kind="reply", target="https://x.com/a/status/1")
    assert state == "to_fix"
    assert refused(await desk.lift(draft, "urano", "reply"), "no_such")
    assert refused(await desk.approve(draft, "urano"), "state")


@pytest.mark.clause("shinagawa/5-3.ただし書", "taisho/3.留意(1)", "minato/7-2(1)")
@pytest.mark.parametrize(
    ("account", "who"),
    [(SHINAGAWA, "oi"), (TAISHO, "kitamura"), (MINATO, "shibata")],
)
async def test_elsewhere_the_one_whom_the_text_leaves_it_to_makes_the_exception(desk: Desk, account: str, who: str) -> None:
    draft, _, found = await came(desk, account, kind="reply", target="https://x.com/a/status/1")
    rules = {f.rule for f in (await desk.case(draft)).judged(desk.setting).findings if f.verdict == "hold"}
    assert len(found) == 1
    (held,) = rules
    assert refused(await desk.lift(draft, ORDINARY[account]["author"], held), "not_approver")
    assert isinstance(await desk.lift(draft, who, held), Done)


SENSITIVE = {
    "taisho/3.アンケート(1)": "お名前と電話番号を教えてください。",
    "taisho/3.アンケート(2)": "あなたの信仰する宗教はどれですか。",
    "taisho/3.アンケート(3)": "ご本籍地はどちらですか。",
    "taisho/3.アンケート(4)": "労働組合に加入していますか。",
    "taisho/3.アンケート(5)": "次の選挙でどの政党に投票しますか。",
    "taisho/3.アンケート(6)": "これまでの病歴を教えてください。",
}


@pytest.mark.parametrize(("clause", "question"), [pytest.param(c, q, marks=pytest.mark.clause(c)) for c, q in SENSITIVE.items()])
async def test_a_poll_of_the_six_sensitive_kinds_waits_for_the_manager_in_taisho_only(
    desk: Desk, clause: str, question: str
) -> None:
    _, _, found = await came(desk, TAISHO, question, kind="poll", poll=POLL)
    assert (clause, "hold") in found
    _, _, elsewhere = await came(desk, SAITAMA, question, kind="poll", poll=POLL)
    assert not [each for each, _ in elsewhere if each.startswith("taisho/")]


# stop


@pytest.mark.clause("saitama/11", "shinagawa/欠.緊急停止")
@pytest.mark.parametrize("account", FOUR)
async def test_a_stop_holds_every_account_whatever_its_policy_says_of_one(desk: Desk, account: str) -> None:
    draft, _, _ = await came(desk, account)
    await goes_out(desk, account, draft)
    desk.stops = frozenset({"all"})
    assert refused(await desk.begin(draft, ORDINARY[account]["author"]), "stopped")
    assert ("resume", "") in await desk.missing(draft)


# terminals


@pytest.mark.clause("saitama/6-5", "minato/4(5)", "minato/5")
@pytest.mark.parametrize(("policy", "asks"), [("taisho", False), ("saitama", True), ("minato", True), ("shinagawa", False)])
def test_only_two_of_them_ask_for_designated_terminals(book: Rulebook, policy: str, asks: bool) -> None:
    assert any(type(rule).__name__ == "Terminals" for rule in book.policies[policy].rules) is asks


# in force from


@pytest.mark.clause("saitama/13", "minato/付則", "shinagawa/付則", "taisho/3.方針変更")
@pytest.mark.parametrize(
    ("policy", "days"),
    [
        ("taisho", [None]),
        ("saitama", ["2022-12-07"]),
        ("minato", ["2015-09-11", "2020-08-25", "2024-04-01"]),
        ("shinagawa", ["2011-12-01", "2016-11-01", "2017-04-01", "2019-04-01", "2026-04-01"]),
    ],
)
def test_each_names_the_days_from_which_it_is_in_force(book: Rulebook, policy: str, days: list[str | None]) -> None:
    versions = book.policies[policy].versions
    assert [version.from_.isoformat() if version.from_ else None for version in versions] == days
    assert [version.text for version in versions] == [False] * (len(days) - 1) + [True]


def test_a_moment_in_another_zone_is_the_same_moment_in_japan(book: Rulebook) -> None:
    policy, account = book.policy_of(SAITAMA), book.accounts[SAITAMA]
    assert opening(policy, datetime.fromisoformat("2026-11-23T23:30:00+00:00"), account=account).open
    assert not opening(policy, datetime(2026, 11, 24, 8, 29, tzinfo=TOKYO), account=account).open
