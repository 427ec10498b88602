"""直す at the console: a difference and a question first, then the operator's own hand; a new revision, judged from the start."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from console_desk import Desk, at_desk

from console.tui.sheets import findings_sheet
from daemon.wire import DraftDetail, FindingSeen, QueueRow
from tests.service.live_office import Office, until

pytestmark = pytest.mark.usefixtures("japanese")

HIDDEN = "講座のお知らせ\u202eです。"
TEXT = f"{HIDDEN}\n2026年11月28日（日）に開きます。"
FRONT = {"author": "yonono", "topic": "施策・事業"}


@asynccontextmanager
async def opened(tmp_path: Path) -> AsyncIterator[tuple[Office, Desk, Path]]:
    """A draft with something that may be taken out unseen, and something that may not, open at the console."""
    office = Office(tmp_path / "office").start()
    try:
        office.drop("saitama-cvc", "kouza.txt", TEXT, **FRONT)
        until(lambda: [row.state for row in office.rows()] == ["to_fix"], "the draft is judged")
        async with at_desk(office.folder, operator="urano") as desk:
            await desk.shows("講座のお知らせ")
            await desk.press("enter")
            await desk.until(lambda: desk.console.detail.detail)
            yield office, desk, office.folder / "drafts" / "saitama-cvc" / "kouza.txt"
    finally:
        office.stop()


def test_a_rule_on_trial_is_marked_as_one_and_says_what_it_would_be() -> None:
    row = QueueRow(
        id=1, account="kita-x", path="drafts/kita-x/a.txt", title="", state="waiting", verdict="pass", revision=1, hash="", author="",
        since=datetime(2026, 11, 24, tzinfo=UTC),
    )  # fmt: skip
    finding = FindingSeen(clause="kita/3", cite="第3条", text="", rule="w", verdict="info", shadow="hold", message="確認")
    shown = "".join(
        part.text.plain
        for part in findings_sheet(DraftDetail(row=row, text="", item={}, findings=(finding,), revisions=(), history=()), 0)
    )
    assert "試行 第3条" in shown.replace("  ", " ") and "要判断" in shown


async def test_the_difference_is_shown_and_what_may_change_the_meaning_is_asked_about_apart(tmp_path: Path) -> None:
    async with opened(tmp_path) as (office, desk, file):
        before = file.read_bytes()
        (row,) = office.rows()
        await desk.shows("f 直す")
        await desk.press("f")
        await desk.shows("1 か所を直す")
        await desk.shows("+講座のお知らせです。")
        assert file.read_bytes() == before
        await desk.sure()
        await desk.shows("どちらが正しいか確かめましたか")
        await desk.shows("+2026年11月28日（土）に開きます。")
        await desk.console.detail.again()  # somebody else touches the draft while the question stands
        await desk.shows("+2026年11月28日（土）に開きます。")
        await desk.sure()
        await desk.until(lambda: "（土）" in file.read_text(encoding="utf-8"))
        assert file.read_text(encoding="utf-8") == before.decode().replace("\u202e", "").replace("（日）", "（土）")
        until(lambda: office.rows()[0].revision == row.revision + 1, "it is a new revision")
        await desk.until(lambda: desk.console.detail.row().hash != row.hash)
        await desk.press("f")
        await desk.shows("その場で直せるものはありません")


async def test_the_safe_part_alone_is_carried_out_where_the_other_is_declined(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, desk, file):
        before = file.read_bytes()
        await desk.press("f")
        await desk.sure()
        await desk.shows("どちらが正しいか確かめましたか")
        await desk.press("escape")
        await desk.until(lambda: file.read_bytes() != before)
        assert file.read_text(encoding="utf-8") == before.decode().replace("\u202e", "")


async def test_declined_or_edited_meanwhile_the_file_stays_as_it_is(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, desk, file):
        before = file.read_bytes()
        await desk.press("f")
        await desk.shows("1 か所を直す")
        await desk.press("escape")
        await desk.shows("講座のお知らせ")
        assert file.read_bytes() == before
        await desk.press("f")
        await desk.shows("1 か所を直す")
        file.write_bytes(before + b"\n")
        await desk.sure()
        await desk.shows("どちらが正しいか")
        await desk.press("escape")
        await desk.shows("判定の後で変わりました")
        assert file.read_bytes() == before + b"\n"
