"""Office files in the folder: each row a draft of its own, from the sheet to its release, whatever happens to the rows around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.wire import Released
from daemon.wire.answers import Done
from tests.intake.made_office import document, p, table
from tests.service.live_office import NOTICE, Office, until

HEAD = "番号,本文,作成者,分野"
OTHER = "区民センターの駐輪場を広げました。どなたも使えます。"
THIRD = "区役所の食堂が新しくなりました。"


@pytest.fixture
def minato(fresh: Office) -> Iterator[Office]:
    yield fresh


def sheet(office: Office, *lines: str, name: str = "予定.csv", head: str = HEAD) -> Path:
    """Save a sheet as people's programs do: beside, then in its place."""
    path = office.path("minato-x", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(".saving")
    beside.write_bytes("\r\n".join((head, *lines)).encode("cp932"))
    return beside.replace(path)


def line(number: str, text: str) -> str:
    return f"{number},{text},akasaka,区政情報"


def test_the_rows_of_a_sheet_go_their_own_ways(minato: Office) -> None:
    file = sheet(minato, line("1", NOTICE), line("2", OTHER))
    first = minato.approve("予定.csv/1", "shibata")
    second = minato.row("予定.csv/2", "waiting")
    notice = until(lambda: next(file.parent.glob("予定 1.csv.判定.txt"), None), "a verdict file of the row")
    until(lambda: "承認済" in notice.read_text("utf-8-sig"), "its state in it")
    assert minato.show(first.id).item["row"] == "2"

    # Another row comes before them, and the second is another revision: the approval of the first stands.
    sheet(minato, line("0", THIRD), line("1", NOTICE), line("2", OTHER + "ぜひどうぞ。"))
    assert minato.row("予定.csv/2", "waiting", revision=2).id == second.id
    minato.row("予定.csv/0", "waiting")
    row = minato.row("予定.csv/1", "approved", revision=1)
    assert (row.id, row.hash, minato.show(row.id).item["row"]) == (first.id, first.hash, "3")

    # It goes out, and stays out when the sheet is saved once more; a row that is deleted is withdrawn.
    minato.take(row)
    with minato.caller("akasaka") as caller:
        caller.ask(Released(draft=row.id, url="https://x.com/minato_kunren/status/7"), Done)
    sheet(minato, line("1", NOTICE), line("2", OTHER))
    minato.row("予定.csv/0", "withdrawn")
    assert minato.row("予定.csv/2", "waiting", revision=3).id == second.id
    assert minato.row("予定.csv/1").id == row.id
    assert minato.row("予定.csv/1").state == "released"

    # With the last of its rows the sheet is done.
    last = minato.approve("予定.csv/2", "shibata")
    minato.take(minato.row("予定.csv/2", "approved"))
    with minato.caller("akasaka") as caller:
        caller.ask(Released(draft=last.id, url="https://x.com/minato_kunren/status/8"), Done)
    until(lambda: (file.parent / "done" / "予定.csv").exists() and not file.exists(), "the sheet in done/")
    assert minato.record_is_whole()


def test_a_broken_sheet_is_a_draft_that_says_so_and_a_mended_one_its_rows(minato: Office) -> None:
    sheet(minato, line("1", NOTICE))
    minato.row("予定.csv/1", "waiting")
    sheet(minato, '1,"閉じない', name="予定.csv")
    broken = minato.row("予定.csv", "to_fix")
    assert "壊れている" in minato.show(broken.id).findings[0].message
    minato.row("予定.csv/1", "withdrawn")
    sheet(minato, line("1", NOTICE))
    minato.row("予定.csv/1", "waiting")
    minato.row("予定.csv", "withdrawn")


def test_a_sheet_that_is_taken_away_takes_its_rows_along_and_a_new_name_does_not(minato: Office) -> None:
    file = sheet(minato, f"{NOTICE},akasaka,区政情報", head="本文,作成者,分野")
    old = minato.row("予定.csv/#2", "waiting")
    file.rename(file.with_name("十一月.csv"))
    assert minato.row("十一月.csv/#2", "waiting").id == old.id
    file.with_name("十一月.csv").unlink()
    assert minato.row("十一月.csv/#2", "withdrawn").id == old.id


def test_rows_are_known_again_after_a_restart(minato: Office) -> None:
    sheet(minato, line("1", NOTICE), line("2", OTHER))
    first = minato.approve("予定.csv/1", "shibata")
    minato.row("予定.csv/2", "waiting")
    minato.stop()
    minato.start()
    sheet(minato, line("1", NOTICE), line("2", THIRD))
    minato.row("予定.csv/2", "waiting", revision=2)
    assert minato.row("予定.csv/1", "approved").id == first.id


def test_a_document_is_a_draft_from_the_folder_to_done(minato: Office) -> None:
    head = table(("作成者", "akasaka"), ("分野", "区政情報"))
    path = minato.path("minato-x", "お知らせ.docx")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(document(head + p(NOTICE)))
    row = minato.approve("お知らせ.docx", "shibata")
    assert minato.show(row.id).text == NOTICE
    minato.take(minato.row("お知らせ.docx", "approved"))
    with minato.caller("akasaka") as caller:
        caller.ask(Released(draft=row.id, url="https://x.com/minato_kunren/status/9"), Done)
    until(lambda: (path.parent / "done" / "お知らせ.docx").exists() and not path.exists(), "the document in done/")
