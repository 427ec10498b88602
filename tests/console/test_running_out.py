"""After a decision: how many seconds are left before it goes out, and in which it can be taken back; counted on the screen, by the
daemon's own moments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from console_desk import Desk, at_desk
from msgspec.structs import replace
from scripted_peer import Peer, row

from tests.service.live_office import AT_ONCE, FACEBOOK, HANDLES, MINATO, NOTICE, Office

pytestmark = pytest.mark.usefixtures("japanese")

LONG = 280.0
"""Seconds that are not over before the test is, however slow the machine is."""


def decided(peer: Peer, *, begins: float | None, undo: float | None, can: tuple[str, ...] = ("undo", "hold")) -> None:
    """Let the first draft be one that has just been approved, with so many seconds left."""
    now = datetime.now(UTC)
    until, begins_at = (None if left is None else now + timedelta(seconds=left) for left in (undo, begins))
    peer.rows[0] = replace(row(300, state="approved"), can=can, undo_until=until, begins_at=begins_at)


def seconds(lines: list[str], words: str) -> int | None:
    """The number that stands in these words on the screen."""
    return next((int(found[1]) for line in lines if (found := re.search(words, line))), None)


async def falls(desk: Desk, words: str) -> None:
    """Wait until the number in these words is another, and see that it is a smaller one."""
    await desk.until(lambda: seconds(desk.screen(), words) is not None)
    first = seconds(desk.screen(), words)
    assert first is not None
    await desk.until(lambda: seconds(desk.screen(), words) not in (first, None))
    assert 0 <= (seconds(desk.screen(), words) or 0) < first  # by how much is a matter of how busy the machine is


@pytest.mark.parametrize(
    ("lang", "row_words", "whole"),
    [
        ("ja", r"(\d+)秒後 z取消", r"あと (\d+) 秒で発信・z で取り消し"),
        ("en", r"(\d+) s, z undo", r"out in (\d+) s, z undoes it"),
    ],
)
async def test_the_seconds_are_counted_in_the_row_in_the_heading_and_in_the_open_draft(
    office: Path, peer: Peer, speaks: Callable[[str], None], lang: str, row_words: str, whole: str
) -> None:
    speaks(lang)
    decided(peer, begins=LONG, undo=LONG)
    async with at_desk(office) as desk:
        await falls(desk, row_words)
        await falls(desk, whole)
        await desk.press("enter")
        await desk.until(lambda: desk.console.place == "detail")
        await falls(desk, whole)


async def test_it_is_gone_when_its_time_is_over_and_so_is_the_key(
    office: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_desk(office) as desk:
        await desk.shows("下書き 1/300")
        decided(peer, begins=None, undo=LONG)
        peer._view = peer.rows
        peer.tell(kind="draft", draft=300, state="approved")
        await desk.shows("秒は z で取り消せます", "z 取消")
        now = desk.console.now
        monkeypatch.setattr(desk.console, "now", lambda: now() + timedelta(seconds=LONG))
        await desk.until(lambda: not any("取り消せます" in line or "z取消" in line for line in desk.screen()))
        await desk.until(lambda: "z 取消" not in desk.screen()[-1])


async def test_to_others_it_says_when_it_goes_out_and_how_it_is_halted(office: Path, peer: Peer) -> None:
    decided(peer, begins=LONG, undo=None, can=("hold",))
    async with at_desk(office) as desk:
        await falls(desk, r"(\d+)秒後に発信")
        await falls(desk, r"あと (\d+) 秒で発信・:保留 で止める")
        assert not any("取消" in line for line in desk.screen()[1:-1])


async def test_nothing_is_said_to_go_out_while_everything_is_stopped(office: Path, peer: Peer) -> None:
    decided(peer, begins=LONG, undo=LONG)
    async with at_desk(office) as desk:
        await desk.shows("秒で発信")
        (office / "state" / "gate" / "RUN").unlink()
        await desk.until(lambda: not any("秒で発信" in line or "秒後" in line for line in desk.screen()))
        await desk.shows("秒は z で取り消せます")  # the decision can be taken back all the same


async def test_nothing_is_counted_that_a_daemon_which_is_gone_cannot_hold_to(office: Path, peer: Peer) -> None:
    decided(peer, begins=LONG, undo=LONG)
    async with at_desk(office) as desk:
        await desk.shows("秒で発信")
        await peer.__aexit__()
        await desk.until(lambda: "停止状態は不明" in desk.screen()[0])
        await desk.until(lambda: not any("秒で発信" in line or "秒後" in line for line in desk.screen()))


async def test_where_nothing_ticks_the_moment_itself_is_named(office: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOHOBAN_ACCESSIBLE", "1")
    decided(peer, begins=LONG, undo=LONG)
    async with at_desk(office) as desk:
        await desk.shows("承認済")
        assert not any("秒後" in line or "秒で発信" in line for line in desk.screen())
        await desk.press("enter")
        await desk.until(lambda: any(re.search(r"\d+:\d\d:\d\d に発信・\d+:\d\d:\d\d まで z 取消", x) for x in desk.screen()))


async def test_only_the_lines_on_which_something_runs_out_are_painted_again(
    office: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided(peer, begins=LONG, undo=LONG)
    async with at_desk(office) as desk:
        await desk.shows("秒後")
        lines = desk.console.queue.view.lines
        painted: list[int] = []
        before = lines.render_line

        def render_line(y: int) -> object:
            painted.append(y)
            return before(y)

        monkeypatch.setattr(lines, "render_line", render_line)
        await falls(desk, r"(\d+)秒後")
        assert set(painted) == {0}


# With the real daemon


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Office]:
    """An office that waits before it sends, as offices do."""
    office = Office(tmp_path / "office")
    rules = office.folder / "rules.toml"
    rules.write_text(rules.read_text("utf-8").replace(AT_ONCE, f"undo_seconds = {LONG:.0f}\n"), "utf-8")
    office.start()
    yield office
    office.stop()


@pytest.mark.timeout(120)
async def test_an_approval_is_taken_back_while_its_seconds_run(slow: Office) -> None:
    slow.drop("minato-facebook", "a.txt", NOTICE, **FACEBOOK)
    slow.row("a.txt", "waiting")
    async with at_desk(slow.folder, (100, 24), "azabu") as desk:
        await desk.listed()
        await desk.press("a")
        await desk.sure()
        await desk.type(HANDLES["minato-facebook"])
        await falls(desk, r"あと (\d+) 秒で発信・z で取り消し")
        assert (seconds(desk.screen(), r"あと (\d+) 秒で発信") or 999) <= LONG
        async with at_desk(slow.folder, (100, 24), "konan") as other:
            await falls(other, r"あと (\d+) 秒で発信・:保留 で止める")
        await desk.press("z")
        await desk.shows("承認を取り消しました")
        await desk.until(lambda: not any("秒で発信" in line for line in desk.screen()))
    assert slow.row("a.txt").state == "waiting"


@pytest.mark.timeout(120)
async def test_a_return_can_be_taken_back_and_says_for_how_long(slow: Office) -> None:
    slow.drop("minato-x", "b.txt", NOTICE, **MINATO)
    slow.row("b.txt", "waiting")
    async with at_desk(slow.folder, (100, 24), "shibata") as desk:
        await desk.listed()
        await desk.press("r")
        await desk.type("日付がない")
        await desk.sure()
        await falls(desk, r"あと (\d+) 秒は z で取り消せます")
