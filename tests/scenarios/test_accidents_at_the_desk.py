"""The accidents that really happened, played at the desk: what stops each of them, and whom it waits for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.desk import declaring
from daemon.judge import Recent
from daemon.wire import Declare, Done
from tests.desk.conftest import TUESDAY_20, Desk, refused

PRACTICE = "○より本日○時○分ころ、北朝鮮からミサイルが発射された模様です。"
CAMPAIGN = "お菓子の新商品が当たるキャンペーンに応募しました！フォロー＆リポストで当選確率アップ"
CANDIDATE = "都知事選に立候補している○○氏の政策ビラを紹介します。応援よろしくお願いします。"
FLOOD = "【氾濫危険情報】北川で氾濫危険水位に達しました。ただちに避難してください。"
TERROR = "市内で大規模テロが発生しました。ただちに屋内に避難してください。"
SOURCE = "気象庁・国土交通省 11月24日9時50分発表"


async def stopped_by(desk: Desk, draft: int) -> set[str]:
    judged = (await desk.case(draft)).judged(desk.setting)
    return {f.rule for f in judged.findings if f.verdict in ("block", "hold") and not f.lifted}


@pytest.mark.clause("minato/7-2(5)", "shinagawa/5-2(4)")
@pytest.mark.parametrize(
    ("account", "author", "topic", "chief"),
    [
        ("minato-line", "mita", "災害・緊急情報", "takanawa"),
        ("shinagawa-koho", "osaki", "", "oi"),
        ("taisho-chiiki", "okajima", "地域活動・地域活動支援情報", "shimizu"),
    ],
)
async def test_2013_a_template_whose_blanks_are_open_cannot_be_approved_by_anybody(
    desk: Desk, account: str, author: str, topic: str, chief: str
) -> None:
    landed = await desk.drop(account, PRACTICE, author=author, topic=topic, emergency=True, source=SOURCE)
    assert landed.state == "to_fix"
    assert "office.blanks" in await stopped_by(desk, landed.draft)
    assert refused(await desk.approve(landed.draft, chief), "state")
    assert (
        isinstance(await desk.do(declaring.declare, Declare(draft=landed.draft, hash=landed.hash, reason="訓練"), chief), Done)
        is False
    )


@pytest.mark.clause("minato/6(2)")
async def test_2013_the_filled_template_still_waits_for_a_second_person(desk: Desk) -> None:
    text = "政府より本日11時20分ころ、ミサイルが発射された模様です。"
    landed = await desk.drop("minato-line", text, author="mita", topic="災害・緊急情報", emergency=True, source=SOURCE)
    assert landed.state == "waiting"
    first = await desk.approve(landed.draft, "takanawa")
    assert isinstance(first, Done) and first.state == "waiting"
    assert "approve" in {act for act, _ in await desk.missing(landed.draft)}
    assert refused(await desk.approve(landed.draft, "mita"), "own_draft")


@pytest.mark.clause("taisho/3.対応時間", "taisho/3.分野")
async def test_2018_a_private_entry_from_the_disaster_account_meets_voice_topic_and_hour(desk: Desk) -> None:
    desk.now = TUESDAY_20
    landed = await desk.drop("taisho-chiiki", CAMPAIGN, author="okajima")
    assert landed.state == "to_fix"
    assert {"topic", "hours"} <= await stopped_by(desk, landed.draft)
    assert any(rule.startswith("office.private") for rule in await stopped_by(desk, landed.draft))


@pytest.mark.clause("saitama/3")
async def test_2018_who_takes_the_card_types_the_handle_of_the_account_they_mean(desk: Desk) -> None:
    landed = await desk.drop("saitama-cvc", "市民活動の相談窓口を開いています。", author="omiya", topic="施策・事業")
    await desk.approve(landed.draft, "urano")
    assert refused(await desk.begin(landed.draft, "omiya", handle_known=False), "handle")


@pytest.mark.clause("taisho/3.運用者", "taisho/3.対応時間", "shinagawa/5-3")
@pytest.mark.parametrize(("account", "topic"), [("taisho-chiiki", "地域活動・地域活動支援情報"), ("shinagawa-koho", "")])
async def test_2024_a_contractor_quoting_a_candidate_from_home_meets_politics_register_and_quote(
    desk: Desk, account: str, topic: str
) -> None:
    desk.now = TUESDAY_20 + timedelta(minutes=50)
    landed = await desk.drop(
        account, CANDIDATE, author="contractor", topic=topic, kind="quote", target="https://x.com/a/status/1", purpose="紹介"
    )
    found = await stopped_by(desk, landed.draft)
    assert any(rule.startswith("office.politics") for rule in found)
    assert "author" in found
    assert ("hours" in found) is (account == "taisho-chiiki")


async def test_2025_a_flood_warning_needs_its_source_a_declaration_and_two_people(desk: Desk) -> None:
    front = {"author": "okajima", "topic": "地域活動・地域活動支援情報", "emergency": True}
    bare = await desk.drop("taisho-chiiki", FLOOD, **front)
    assert "office.source" in await stopped_by(desk, bare.draft)
    desk.now = TUESDAY_20
    landed = await desk.drop("taisho-chiiki", FLOOD, name="b.txt", source=SOURCE, **front)
    await desk.approve(landed.draft, "shimizu")
    done = await desk.approve(landed.draft, "tsuruta")
    assert isinstance(done, Done) and done.state == "scheduled"  # without a declaration it waits for the morning
    act = Declare(draft=landed.draft, hash=(await desk.case(landed.draft)).hash, reason="氾濫危険水位に達したため")
    assert refused(await desk.do(declaring.declare, act, "okajima"), "not_approver")
    declared = await desk.do(declaring.declare, act, "hirao")
    assert isinstance(declared, Done), declared
    assert declared.state == "approved"


@pytest.mark.clause("minato/7-2(5)")
async def test_a_broadcast_that_cannot_be_unsent_waits_for_two_people_and_asks_for_its_source(desk: Desk) -> None:
    bare = await desk.drop("minato-line", TERROR, author="mita", topic="災害・緊急情報", emergency=True)
    assert "office.source" in await stopped_by(desk, bare.draft)
    landed = await desk.drop(
        "minato-line", TERROR, name="b.txt", author="mita", topic="災害・緊急情報", emergency=True, source=SOURCE
    )
    first = await desk.approve(landed.draft, "takanawa")
    assert isinstance(first, Done) and first.state == "waiting"


async def test_2023_the_same_post_again_and_again_is_held_before_the_platform_freezes_the_account(desk: Desk) -> None:
    text = "区役所1階の窓口は、本日17時まで開いています。"
    desk.recent = (Recent(text=text, at=desk.now - timedelta(hours=2), draft=99),)
    landed = await desk.drop("minato-x", text, author="akasaka", topic="区政情報")
    assert "office.duplicate" in await stopped_by(desk, landed.draft)
