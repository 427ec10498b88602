"""A file of one's own keys: what it may add, what it may not, and where that is said."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_desk import at_desk
from scripted_peer import Peer

from console.tui import commands, keymap
from console.tui.commands import by_key
from console.tui.stopkey import KEYS

pytestmark = pytest.mark.usefixtures("japanese")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file, not there yet."""
    monkeypatch.setenv("KOHOBAN_KEYS", str(tmp_path / "keys.toml"))
    yield tmp_path / "keys.toml"
    commands.add_keys({})


def named(key: str, place: commands.Place = "queue") -> str:
    command = by_key(key, place)
    return command.name if command else ""


@pytest.mark.parametrize(
    "text",
    ["approve = " + "[" * 5000, f"approve = 0x{'f' * 20_000}", "approve" + ".a" * 10_000 + " = 1", "#" * keymap.MOST + "\n"],
    ids=["nested", "digits", "dotted", "large"],
)
def test_a_file_that_leads_its_reader_into_trouble_is_a_problem_told_and_no_end_of_the_console(file: Path, text: str) -> None:
    file.write_text(text)
    found = keymap.load()
    assert len(found.problems) == 1
    assert named("enter") == "open"


def test_a_pipe_in_the_place_of_the_file_is_not_waited_for(file: Path) -> None:
    os.mkfifo(file)
    assert len(keymap.load().problems) == 1


def test_without_a_file_the_keys_are_those_of_the_table(file: Path) -> None:
    assert keymap.load() == (None, {}, ())
    assert named("f1") == ""


def test_a_command_gets_a_further_key_and_keeps_its_own(file: Path) -> None:
    file.write_text('approve = "F1"\nrecord = ["insert", "ctrl+r"]\n')
    found = keymap.load()
    assert not found.problems
    assert [named(key) for key in ("f1", "a", "insert", "ctrl+r", "7")] == ["approve", "approve", "record", "record", "record"]
    file.write_text("")
    keymap.load()
    assert named("f1") == "", "what the file said before is forgotten"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('aprove = "F1"', "aprove という命令はありません"),
        ('record = "F12"', "停止か、端末・入力の仕組みが使うキー"),
        ('record = "ctrl+backslash"', "停止か、端末・入力の仕組みが使うキー"),
        ('record = "ctrl+b"', "停止か、端末・入力の仕組みが使うキー"),
        ('record = "F7"', "停止か、端末・入力の仕組みが使うキー"),
        ('approve = "y"', "確認に使うキー"),
        ('record = "a"', "同じ画面のほかの命令のキー"),
        ('approve = "あ"', "キーの名前ではありません"),
        ('approve = ""', "キーの名前ではありません"),
        ("approve = 3", "キーの名前ではありません"),
        ('up = "1"', "同じ画面のほかの命令のキー"),
    ],
)
def test_a_line_that_cannot_be_does_not_count_and_says_why_and_the_others_count(file: Path, line: str, said: str) -> None:
    file.write_text(f'{line}\nhours = "F11"\n', "utf-8")
    found = keymap.load()
    assert said in " ".join(text.plain for text in found.problems)
    assert found.added == {"hours": ("f11",)}
    assert named("f11") == "hours"


def test_two_lines_cannot_share_a_key(file: Path) -> None:
    file.write_text('record = "F1"\nhours = "F1"\n')
    found = keymap.load()
    assert found.added == {"record": ("f1",)} and len(found.problems) == 1


def test_one_key_may_serve_two_screens_that_have_nothing_in_common(file: Path) -> None:
    file.write_text('duty_done = "X"\njudge = "X"\n')
    assert not keymap.load().problems
    assert (named("X", "duties"), named("X", "comments"), named("X", "queue")) == ("duty_done", "judge", "")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"approve = ", b"[approve\n"])
def test_a_file_that_cannot_be_read_changes_nothing_and_is_said(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    found = keymap.load()
    assert not found.added and "キーのファイルを読めません" in found.problems[0].plain
    assert named("a") == "approve"


def test_no_command_is_the_stop_and_no_key_of_the_stop_can_be_given_away() -> None:
    assert KEYS <= keymap.TAKEN


@pytest.fixture
def two_lines(file: Path) -> None:
    """A file of which one line counts."""
    file.write_text('record = "F1"\nhours = "F7"\n')


@pytest.mark.usefixtures("two_lines")
async def test_the_settings_show_ones_own_keys_and_what_does_not_count(office: Path, peer: Peer) -> None:
    async with at_desk(office) as desk:
        await desk.shows("運用中")
        await desk.press("f1")
        await desk.until(lambda: desk.console.place == "record")
        await desk.press("0")
        await desk.shows("F7 は停止か、端末")
        await desk.shows("F1")
        await desk.shows("keys.toml")
