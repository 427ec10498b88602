"""Papers of an office at work: the record of decision of one draft, and the handover at the end of the hours."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from console.words import word
from daemon.papers.as_html import as_html
from daemon.papers.as_text import as_text
from daemon.papers.dossier import dossier_paper
from daemon.papers.handover import handover_paper
from daemon.wire import (
    Approve,
    Done,
    Except,
    Released,
    Return,
    Schedule,
    Stopped,
    StopState,
)
from daemon.wire.papers import Dossier, DossierSeen, Handover, HandoverSeen
from tests.service.live_office import MINATO, NOTICE, Office, until

TOKYO = ZoneInfo("Asia/Tokyo")
SAITAMA = {"author": "omiya", "topic": "市の施策・事業", "organiser": "主催", "purpose": "市民活動の周知"}


def story(office: Office, draft: int, who: str = "shibata") -> DossierSeen:
    return office.caller(who).ask(Dossier(draft=draft), DossierSeen)


def one_with_a_story(office: Office, name: str) -> int:
    """A draft that was returned, changed, approved, stopped, resumed, approved again, taken and released."""
    chief, clerk = office.caller("shibata"), office.caller("akasaka")
    office.drop("minato-x", name, "児童書コーナーを移しました。<b>館内</b>の案内板をご覧ください。", **MINATO)
    row = office.row(name, "waiting")
    chief.ask(Return(draft=row.id, hash=row.hash, reason="階を書いてください"), Done)
    office.drop("minato-x", name, NOTICE, **MINATO)
    row = office.row(name, "waiting", revision=2)
    chief.ask(Approve(draft=row.id, hash=row.hash, reason="確認した"), Done)
    office.caller("kansa").ask(Stopped(reason="念のため"), StopState)
    office.resume()
    held = office.row(name, "held")
    chief.ask(Approve(draft=held.id, hash=held.hash), Done)
    office.take(held)
    clerk.ask(Released(draft=held.id, url=f"https://x.com/minato_kunren/status/{held.id}"), Done)
    return held.id


@pytest.fixture(scope="module")
def told(office: Office) -> int:
    """The number of a draft with a story."""
    return one_with_a_story(office, "物語.txt")


def test_the_dossier_tells_a_drafts_whole_story(office: Office, told: int) -> None:
    draft = told
    seen = story(office, draft)
    assert [revision.n for revision in seen.revisions] == [1, 2]
    assert "館内</b>" in (seen.revisions[0].text or "")
    assert [release.state for release in seen.releases] == ["released"]
    assert seen.stops and seen.stops[0].by == "kansa"
    assert seen.people["shibata"] == "芝田 恵"
    paper = dossier_paper(seen, word)
    page, text = as_html(paper), as_text(paper)
    for said in (
        "階を書いてください",
        "確認した",
        f"status/{draft}",
        "芝田 恵",
        "minato/7-1",
        seen.hash,
        seen.policy_hash,
        seen.head,
    ):
        assert said in page, said
        assert said in text, said
    approved = "SNSに投稿する情報については、SNSを運用する部署の課長がその責任において投稿文を作成し、投稿するものとする。"
    assert approved in page
    assert "<b>館内" not in page
    assert "&lt;b&gt;館内" in page


def test_what_the_paper_says_of_the_record_can_be_checked_with_sha256_alone(office: Office, told: int) -> None:
    seen = story(office, told)
    assert len(seen.history) == len(seen.prevs) > 7
    for entry, prev in zip(seen.history, seen.prevs, strict=True):
        assert hashlib.sha256(prev.encode() + entry.record.encode()).hexdigest() == entry.hash
        for field, kept in entry.texts.items():
            digest = hashlib.sha256(bytes.fromhex(kept.salt) + kept.text.encode()).hexdigest()
            assert json.loads(entry.record)["detail"][field] == f"sha256:{digest}"
    page = as_text(dossier_paper(seen, word))
    assert all(entry.hash in page for entry in seen.history)


def test_a_dossier_of_an_account_that_is_gone_is_told_from_the_record(found: Callable[..., Office]) -> None:
    office = found().start()
    office.resume()
    draft = one_with_a_story(office, "昔.txt")
    rules = office.folder / "rules.toml"
    text = rules.read_text()
    gone = text[: text.index('[[accounts]]\nid = "minato-x"')] + text[text.index('[[accounts]]\nid = "minato-facebook"') :]
    rules.write_text(gone)
    until(lambda: "minato-x" not in {each.id for each in office.status().accounts}, "the account is gone")
    seen = story(office, draft, "kitamura")
    assert (seen.account, seen.account_name) == ("minato-x", "")
    assert "status/" in as_text(dossier_paper(seen, word))


def test_a_correction_and_its_original_name_each_other(office: Office, told: int) -> None:
    url = f"https://x.com/minato_kunren/status/{told}"
    text = "【訂正】先ほどの投稿の階数に誤りがありました。正しくは2階です。お詫びして訂正します。"
    office.drop("minato-x", "訂正.txt", text, kind="correction", target=url, **MINATO)
    row = office.row("訂正.txt")
    until(lambda: row.id in story(office, told).related, "the original names its correction")
    assert story(office, row.id).related == (told,)


def test_a_draft_that_is_not_there_is_refused(office: Office) -> None:
    office.caller("kansa").refused(Dossier(draft=10**12), "no_such")


def test_the_handover_says_what_waits_for_whom_and_since_when(office: Office) -> None:
    office.drop("minato-x", "引継.txt", "区役所の窓口は正面玄関から入って右側です。", **MINATO)
    row = office.row("引継.txt", "waiting")
    seen = office.caller("kansa").ask(Handover(account="minato-x"), HandoverSeen)
    (account,) = seen.accounts
    item = next(item for item in account.items if item.draft == row.id)
    assert item.since == row.since
    assert any("課長" in line.who and line.clause == "minato/7-1" for line in item.waiting)
    text = as_text(handover_paper(seen, word))
    assert "区役所の窓口は正面玄関から" in text
    assert "承認待ち" in text
    office.caller("kansa").refused(Handover(account="minato-y"), "no_such")


@pytest.mark.clause("saitama/4")
def test_at_the_end_of_the_hours_the_handover_lies_in_the_folder_and_is_no_draft(found: Callable[..., Office]) -> None:
    office = found()
    now = datetime.now(TOKYO)
    before = datetime.combine(next_weekday(now), datetime.min.time(), TOKYO).replace(hour=17, minute=5)
    office.ahead((before - now).total_seconds())
    office.jump(0)
    office.start()
    office.resume("urano")
    office.drop("saitama-cvc", "講座.txt", "市民活動の講座を開きます。", **SAITAMA)
    row = office.row("講座.txt")
    place = office.path("saitama-cvc", "_引継.txt")
    assert not place.exists()
    office.ahead((before - now + timedelta(minutes=12)).total_seconds())
    until(place.exists, "the handover")
    text = place.read_text("utf-8-sig")
    assert f"  {row.id}  市民活動の講座を開きます。" in text
    assert not [each for each in office.rows() if "_引継" in each.path]
    assert not office.path("minato-x", "_引継.txt").exists()


def test_an_account_without_hours_gets_its_handover_at_the_time_that_the_office_names(found: Callable[..., Office]) -> None:
    office = found()
    rules = office.folder / "rules.toml"
    rules.write_text(rules.read_text().replace("training = true", "training = true\nhandover = 17:15:00", 1))
    now = datetime.now(TOKYO)
    before = datetime.combine(next_weekday(now), datetime.min.time(), TOKYO).replace(hour=17, minute=14)
    office.ahead((before - now).total_seconds())
    office.jump(0)
    office.start()
    office.drop("minato-x", "朝.txt", "区役所の窓口は正面玄関から入って左側です。", **MINATO)
    office.row("朝.txt", "waiting")
    office.ahead((before - now + timedelta(minutes=3)).total_seconds())
    until(office.path("minato-x", "_引継.txt").exists, "the handover")


def test_a_handover_names_exceptions_that_stand_and_what_is_scheduled(found: Callable[..., Office]) -> None:
    office = found().start()
    office.resume()
    office.drop("minato-x", "あす.txt", "図書館の開館時間のお知らせです。", **MINATO)
    row = office.approve("あす.txt", "shibata")
    at = datetime.now(TOKYO) + timedelta(hours=20)
    office.caller("shibata").ask(Schedule(draft=row.id, hash=row.hash, at=at), Done)
    office.drop(
        "minato-x", "返信.txt", "ご意見をありがとうございます。", kind="reply", target="https://x.com/a/status/1", **MINATO
    )
    other = office.row("返信.txt", "waiting")
    hold = next(line for line in other.waiting if line.act == "except")
    office.caller("shibata").ask(Except(draft=other.id, hash=other.hash, rule=hold.rule, reason="問合せが多い"), Done)
    seen = office.caller("kansa").ask(Handover(), HandoverSeen)
    minato = next(each for each in seen.accounts if each.account == "minato-x")
    assert next(item for item in minato.items if item.draft == row.id).release_at is not None
    assert [(e.draft, e.clause, e.reason) for e in seen.exceptions] == [(other.id, hold.clause, "問合せが多い")]
    assert "問合せが多い" in as_text(handover_paper(seen, word))


def next_weekday(now: datetime) -> date:
    """The next day in the future that is open for さいたま市: no weekend, no holiday."""
    from daemon.rulebook.calendar import holiday

    day = now.date() + timedelta(days=1)
    while day.weekday() >= 5 or holiday(day) or (day.month, day.day) in {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}:
        day += timedelta(days=1)
    return day


def test_the_dossier_of_a_japanese_office_has_no_name_or_value_of_the_programs(office: Office, told: int) -> None:
    text = as_text(dossier_paper(story(office, told), word))
    decisions = text[text.index("決裁と扱い") : text.index("指摘（最後の版")]
    assert not re.findall(r"(?m)(?:^|[ ·])([a-z_]+): ", decisions)
    assert "console" not in decisions and "要綱の版: " in decisions
    assert "holder" not in decisions
