"""`kohoban fanout` takes a set by its own number, as every list shows it, and does not take it for that of a draft."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from console.launch import run
from daemon.rulebook.calendar import TOKYO
from daemon.wire import FanOutList, FanOuts, Month, MonthOf
from tests.service.live_office import Office, until

TEXT = "大津波警報が発表されました。沿岸や川の近くにいる方は、直ちに高い所へ避難してください。"
FRONT = {"author": "okajima", "topic": "地域活動・地域活動支援情報", "emergency": True, "source": "大阪市危機管理室 22日10時発表"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    found = Office(tmp_path_factory.mktemp("office")).start()
    found.drop("minato-x", "a.txt", author="akasaka", topic="区政情報")  # number 1 is no draft of the set
    found.row("a.txt", "waiting")
    found.drop("taisho-chiiki", "tsunami.txt", TEXT, **FRONT)
    with found.caller("kitamura") as kitamura:
        until(lambda: [one for one in kitamura.ask(FanOuts(), FanOutList).fan_outs if len(one.members) == 6], "the set is made")
    yield found
    found.stop()


@pytest.fixture(autouse=True)
def _japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", "ja")
    monkeypatch.setenv("NO_COLOR", "1")


def test_the_list_says_how_the_set_is_approved_and_that_works(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    there = ["--office", str(office.folder), "--operator", "kitamura"]
    assert run(["fanout", *there]) == 0
    assert "kohoban fanout approve 一斉1" in capfd.readouterr().out
    assert run(["fanout", "show", "一斉1", *there]) == 0
    assert "taisho-somu" in capfd.readouterr().out
    assert run(["fanout", "approve", "一斉1", *there]) == 0
    assert "6 件のうち 6 件" in capfd.readouterr().out


def test_a_draft_that_is_none_of_a_set_and_a_set_that_is_not_there_are_said_to_be_so(
    office: Office, capfd: pytest.CaptureFixture[str]
) -> None:
    there = ["--office", str(office.folder), "--operator", "kitamura"]
    assert run(["fanout", "show", "1", *there]) == 0
    assert "下書き 1 は一斉発信の一つではありません。組の番号なら「一斉1」" in capfd.readouterr().out
    assert run(["fanout", "approve", "1", *there]) == 4
    assert "組の番号なら「一斉1」" in capfd.readouterr().err
    assert run(["fanout", "approve", "set7", *there]) == 2
    assert "終わっていない一斉発信 7 はありません" in capfd.readouterr().err


def test_what_has_no_words_stands_in_the_calendar_by_its_files_name(office: Office) -> None:
    at = datetime.now(TOKYO).replace(microsecond=0) + timedelta(days=2)
    text = f'+++\nauthor = "akasaka"\nkind = "follow"\ntopic = "区政情報"\ntarget = "@metro_tokyo"\nrelease_at = {at.isoformat()}\n+++\n'
    path = office.folder / "drafts" / "minato-x" / "都をフォロー.txt"
    path.with_suffix(".tmp").write_text(text, encoding="utf-8")
    shutil.move(path.with_suffix(".tmp"), path)
    office.row("都をフォロー.txt", "waiting")
    with office.caller("shibata") as shibata:
        month = shibata.ask(MonthOf(month=f"{at:%Y-%m}"), Month)
    assert "都をフォロー.txt" in [each.title for day in month.days for each in day.planned]
