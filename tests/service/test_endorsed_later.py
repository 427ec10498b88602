"""代決, 緊急の宣言 and 後閲 over the socket, with the daemon's own rounds: what is late is said on every screen."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from daemon.wire import Approve, Declare, Deputies, DeputyList, Done, Endorse, Except, ReviewList, Reviews
from tests.service.live_office import HANDLES, ROOT, Office, until

DAY = 24 * 3600.0
LINE = {"author": "akasaka", "topic": "災害・緊急情報", "emergency": False}
NOTICE = "港区の公式LINEから、芝浦地区の断水についてお知らせします。"


def late(office: Office) -> bool:
    return any("後閲の期限" in alarm for alarm in office.status().alarms)


def test_a_deputys_approval_opens_a_review_that_is_an_alarm_when_it_is_late(office: Office) -> None:
    office.drop("minato-line", "断水.txt", NOTICE, **LINE)
    row = office.row("断水.txt", "waiting")
    deputy, chief = office.caller("mita"), office.caller("takanawa")
    (entry,) = deputy.ask(Deputies(), DeputyList).deputies
    assert (entry.login, entry.in_force) == ("mita", True)
    done = deputy.ask(Approve(draft=row.id, hash=row.hash, handle=HANDLES[row.account]), Done)
    assert "代決" in done.message
    assert "in the place of" in done.message_en.lower()
    (review,) = chief.ask(Reviews(), ReviewList).reviews
    assert (review.by, review.can, review.late) == ("mita", ("endorse",), False)
    assert (review.who, review.who_en) == ("防災課の課長（高輪 聡）", "the chief of 防災課 (高輪 聡)")
    assert not late(office)
    office.ahead(20 * DAY)
    until(lambda: late(office), "the alarm")
    until(lambda: "review_missed" in office.acts(row.id), "the entry of the record")
    deputy.refused(Endorse(review=review.id), "not_approver")
    chief.ask(Endorse(review=review.id, note="確認した"), Done)
    chief.refused(Endorse(review=review.id), "state")
    assert not late(office)
    assert office.acts(row.id)[-2:] == ["review_missed", "endorse"]
    office.record_is_whole()


def test_a_deputy_whose_entry_is_taken_out_of_the_rules_decides_no_more(office: Office) -> None:
    office.drop("minato-line", "断水.txt", NOTICE, **LINE)
    row = office.row("断水.txt", "waiting")
    rules = office.folder / "rules.toml"
    text = rules.read_text(encoding="utf-8")
    before = office.status().policy_hash
    rules.write_text(text[: text.index("[[deputies]]")], encoding="utf-8")
    until(lambda: office.status().policy_hash != before, "the new rules")
    deputy = office.caller("mita")
    assert deputy.ask(Deputies(), DeputyList).deputies == ()
    done = deputy.ask(
        Approve(draft=row.id, hash=row.hash, handle=HANDLES[row.account]), Done
    )  # as a 発信確認者, in her own right
    assert "代決" not in done.message
    assert office.row("断水.txt").state == "waiting"


def test_an_exception_ends_by_itself_and_the_draft_waits_again(office: Office) -> None:
    office.drop("shinagawa-koho", "お知らせ.txt", "防災課からのお知らせです。", author="togoshi")
    row = office.row("お知らせ.txt", "waiting")
    chief = office.caller("oi")
    chief.ask(Except(draft=row.id, hash=row.hash, rule="author", reason="防災課の原稿のため"), Done)
    assert chief.ask(Approve(draft=row.id, hash=row.hash, handle=HANDLES[row.account]), Done).state == "approved"
    (exception,) = chief.ask(Reviews(), ReviewList).exceptions
    assert (exception.under, exception.ended) == ("shinagawa/5-1", False)
    office.ahead(40 * DAY)
    office.row("お知らせ.txt", "waiting")
    assert "except_ended" in office.acts(row.id)


def test_only_whoever_may_declares_and_the_refusal_says_who_can(office: Office) -> None:
    front = {"author": "okajima", "topic": "地域活動・地域活動支援情報", "emergency": True, "source": "大阪府"}
    office.drop("taisho-chiiki", "警報.txt", "木津川に氾濫危険情報が発表されました。川から離れてください。", **front)
    row = office.row("警報.txt", "waiting")
    act = Declare(draft=row.id, hash=row.hash, reason="氾濫危険情報")
    refusal = office.caller("okajima").refused(act, "not_approver")
    assert "清水 直美" in refusal.message
    chief = office.caller("shimizu")
    number = chief.put(act)
    first = chief.answer(number)
    assert isinstance(first, Done)
    chief.put(act, number)
    assert chief.answer(number) == first, "a retry is harmless"
    assert office.acts(row.id).count("declare") == 1


def said_by(office: Office, *words: str, who: str = "kansa") -> tuple[int, str]:
    """A command's exit code, and what it wrote."""
    run = "import sys; from console.launch import main; sys.exit(main())"
    command = [sys.executable, "-c", run, *words, "--office", str(office.folder), "--operator", who]
    ended = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "KOHOBAN_LANG": "ja"}, cwd=ROOT, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_the_commands_declare_endorse_object_and_list(fresh: Office) -> None:
    front = {"author": "okajima", "topic": "地域活動・地域活動支援情報", "emergency": True, "source": "大阪府"}
    fresh.drop("taisho-chiiki", "警報.txt", "木津川に氾濫危険情報が発表されました。川から離れてください。", **front)
    fresh.row("警報.txt", "waiting")
    # An emergency becomes a draft of the same name for every field account: this is the one that was dropped.
    row = next(row for row in fresh.rows() if row.account == "taisho-chiiki")
    assert said_by(fresh, "endorse")[0] == 0
    code, said = said_by(fresh, "declare", str(row.id), "--reason", "氾濫危険情報", who="okajima")
    assert (code, "できるのは" in said) == (4, True)
    code, said = said_by(fresh, "declare", "taisho-chiiki/警報.txt", "--reason", "氾濫危険情報", who="shimizu")
    assert code == 0, said
    code, said = said_by(fresh, "endorse", "--json")
    (review,) = json.loads(said)["reviews"]
    assert (code, review["by"], review["late"]) == (0, "shimizu", False)
    assert said_by(fresh, "endorse", str(row.id), who="shimizu")[0] == 4
    code, said = said_by(fresh, "endorse", str(row.id), "--object", "川の名前が違う", who="kitamura")
    assert (code, "不可としました" in said) == (0, True)
    code, said = said_by(fresh, "endorse")
    assert (code, "不可" in said) == (1, True), "an objection is open: the exit code says so"
    assert said_by(fresh, "endorse", f"R{review['id']}", "--settled", "差し戻した", who="kitamura")[0] == 0
    assert said_by(fresh, "endorse")[0] == 0
    assert said_by(fresh, "endorse", "--note", "x")[0] == 2
    code, said = said_by(fresh, "return", str(row.id), "--reason", "直してください", "--clause", "taisho/9", who="kitamura")
    assert (code, "条文「taisho/9」" in said) == (4, True)
    code, said = said_by(fresh, "deputies")
    assert (code, "三田 浩" in said) == (0, True)
    code, said = said_by(
        fresh, "except", str(row.id), "--reason", "急ぎ", "--rule", "hours", "--until", "2020-01-01T09:00", who="shimizu"
    )
    assert code == 4, "no such hold, or an end that has passed"
