"""起案 at the console, against a real daemon: account, template, form, text with live findings, and the file that comes of it."""

from __future__ import annotations

import os
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from console_desk import Desk, at_desk
from textual.events import Paste

from console.tui.templates import templates
from console.tui.writing import Kept, file_name, file_text, parts_of, put_new
from tests.service.live_office import Office

pytestmark = pytest.mark.usefixtures("japanese")

HIDDEN = "夜間窓口\u202eの\u200bお知らせ"


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("composing") / "office").start()
    yield office
    office.stop()


@pytest.fixture
async def desk(office: Office) -> AsyncIterator[Desk]:
    async with at_desk(office.folder, operator="akasaka") as desk:
        await desk.until(lambda: desk.console.seen.status)
        yield desk


async def begin(desk: Desk, account: str = "minato-x", template: str = "") -> None:
    await desk.press("plus")
    await desk.type(account)
    await desk.type(template)
    await desk.until(lambda: desk.console.composing.typing)


def area(desk: Desk) -> str:
    assert desk.console.composing.view.area is not None
    return desk.console.composing.view.area.text


def judged(desk: Desk) -> bool:
    """Whether what is shown is about the text as it stands."""
    tried = desk.console.composing.tried
    return tried is not None and tried.text.strip() == area(desk).strip()


async def write(desk: Desk, text: str) -> None:
    desk.console.post_message(Paste(text))
    await desk.until(lambda: text in area(desk))


async def fill(desk: Desk, field: str, value: str) -> None:
    """From the text to the form, to a field, and back."""
    form = desk.console.composing.view.form
    await desk.press("escape")
    await desk.until(lambda: not desk.console.composing.typing)
    await desk.until(lambda: judged(desk))  # what is asked for, and in which order, goes by the text
    lines = [one.key for one in desk.console.composing._asked_fields()]
    form.go(lines.index(field))
    await desk.press("enter")
    await desk.type(value)
    await desk.until(lambda: not desk.console.bottom.typing)
    await desk.press("tab")
    await desk.until(lambda: desk.console.composing.typing)


async def test_a_draft_is_written_found_fault_with_mended_and_saved_and_opens_when_it_is_judged(
    desk: Desk, office: Office
) -> None:
    await begin(desk)
    await write(desk, "お問い合わせは 090-1234-5678 まで。")
    await desk.shows("1行目「090-1234-5678」")
    await fill(desk, "topic", "区政情報")
    assert 'topic = "区政情報"' in desk.console.composing.file
    await desk.press("f2")
    await desk.type("夜間")
    await desk.until(lambda: desk.console.place == "detail")
    await desk.shows("なぜまだ出ないか")
    made = office.path("minato-x", "夜間.txt")
    assert made.read_text(encoding="utf-8").endswith("+++\nお問い合わせは 090-1234-5678 まで。\n")
    assert made.stat().st_nlink == 1
    assert office.row("夜間.txt").author == "akasaka"
    assert desk.console.composing._kept.read("minato-x") is None


async def test_the_form_asks_for_what_the_chosen_topic_needs_with_its_clause(desk: Desk) -> None:
    await begin(desk)
    await write(desk, "まつりを開きます。")
    await fill(desk, "topic", "協働イベント")
    await desk.shows("主催など")
    await desk.until(lambda: any("主催など" in line and "記入が必要" in line for line in desk.screen()))
    await fill(desk, "organiser", "共催 みなと商店会")
    await desk.until(lambda: any("主催など" in line and "みなと商店会" in line for line in desk.screen()))


async def test_a_name_that_is_taken_is_refused_and_the_text_stays(desk: Desk, office: Office) -> None:
    there = office.drop("minato-x", "名簿.txt", "もとの文", author="akasaka", topic="区政情報")
    before = there.read_bytes()
    await begin(desk)
    await write(desk, "別の文です。")
    await desk.press("f2")
    await desk.type("名簿.txt")
    await desk.shows("同じ名前のファイルがあります")
    assert there.read_bytes() == before
    assert area(desk).endswith("別の文です。")
    assert desk.console.composing.typing


async def test_what_is_being_written_outlives_the_console_and_is_for_its_writer_alone(office: Office) -> None:
    async with at_desk(office.folder, operator="akasaka") as desk:
        await desk.until(lambda: desk.console.seen.status)
        await begin(desk)
        await write(desk, "途中までの文。")
        kept = desk.console.composing._kept
        await desk.until(lambda: "途中までの文。" in (kept.read("minato-x") or ""))
        assert stat.S_IMODE(kept.path("minato-x").stat().st_mode) == 0o600
    async with at_desk(office.folder, operator="akasaka") as again:
        await again.until(lambda: again.console.seen.status)
        await again.press("plus")
        await again.type("minato-x")
        await again.shows("書きかけの続きです")
        assert area(again).endswith("途中までの文。")


async def test_esc_leads_from_the_text_to_the_form_and_asks_before_it_leads_out(desk: Desk) -> None:
    await begin(desk)
    await write(desk, "書きかけ。")
    await desk.press("escape")
    await desk.shows("項目です")
    await desk.press("escape")
    await desk.shows("書きかけを残して戻ります")
    await desk.sure()
    await desk.until(lambda: desk.console.place == "queue")
    assert "書きかけ。" in (desk.console.composing._kept.read("minato-x") or "")


async def test_letters_are_text_while_one_writes_and_the_stop_key_stops(desk: Desk) -> None:
    await begin(desk)
    await desk.press("a", "colon", "q", "1", "question_mark", "space")
    await desk.until(lambda: area(desk).endswith("a:q1? "))
    assert desk.console.place == "compose"
    await desk.press("f12")
    await desk.shows("もう一度")


async def test_what_cannot_be_seen_does_not_get_into_the_text_and_that_is_said(desk: Desk) -> None:
    await begin(desk)
    desk.console.post_message(Paste(HIDDEN + "\x1b]52;c;eA==\x07"))
    await desk.until(lambda: "お知らせ" in area(desk))
    assert not any(char in area(desk) for char in "\u202e\u200b\x1b\x07")
    await desk.shows("見える形に替えました")


async def test_an_editor_of_ones_own_is_refused_where_the_office_does_not_allow_it(desk: Desk) -> None:
    await begin(desk)
    await desk.until(lambda: desk.console.composing.tried)
    await desk.press("f5")
    await desk.shows("この部署ではエディタを使えません")


async def test_without_a_daemon_one_writes_on_and_is_judged_when_it_is_back(tmp_path: Path) -> None:
    office = Office(tmp_path / "office").start()
    try:
        async with at_desk(office.folder, operator="akasaka") as desk:
            await desk.until(lambda: desk.console.seen.status)
            await begin(desk)
            office.kill()
            await desk.until(lambda: not desk.console.seen.connected)
            await write(desk, "お問い合わせは 090-1234-5678 まで。")
            await desk.shows("判定できません")
            await desk.until(lambda: "090" in (desk.console.composing._kept.read("minato-x") or ""))
            office.start()
            await desk.shows("1行目「090-1234-5678」")
    finally:
        office.stop()


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (140, 40)])
async def test_on_any_terminal_text_form_and_findings_have_rows_and_each_is_as_wide_as_it(
    office: Office, size: tuple[int, int]
) -> None:
    async with at_desk(office.folder, size, operator="akasaka") as desk:
        await desk.until(lambda: desk.console.seen.status)
        await begin(desk, template="1")
        await write(desk, "090-1234-5678 へ。")
        await desk.shows("指摘 2件")
        view = desk.console.composing.view
        assert view.area is not None
        assert min(view.area.size.height, view.form.size.height, view.found.size.height) >= 2
        for line in desk.console.screen._compositor.render_strips():
            assert sum(segment.cell_length for segment in line) == size[0]


def test_a_draft_may_begin_with_the_offices_own_template_or_with_the_programs(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "断水.txt").write_text("断水のお知らせ", encoding="utf-8")
    (tmp_path / "templates" / "読めない.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "templates" / "図.png").write_bytes(b"")
    with (tmp_path / "templates" / "大きい.txt").open("wb") as file:
        file.truncate(2 << 30)
    found = templates(tmp_path)
    assert [each.name for each in found] == ["白紙", "断水", "お知らせ", "催し", "緊急", "訂正"]
    assert found[1].text == "断水のお知らせ"
    assert parts_of(found[4].text)[0]["emergency"] is True


# -- the file -----------------------------------------------------------------------------------------------------------


def test_form_and_body_become_a_file_and_come_back_from_it() -> None:
    fields = {"author": 'a"b\\c', "emergency": True, "images": [{"file": "a.png", "alt": "山"}], "topic": "区政情報\n"}
    assert parts_of(file_text(fields, "本文\n二行目")) == (fields, "本文\n二行目")
    assert file_text({}, "本文") == "本文"
    assert file_text({"topic": ""}, "本文") == "本文"


def test_a_front_matter_that_cannot_be_read_stays_where_it_can_be_mended() -> None:
    broken = "+++\ntopic = \n+++\n本文"
    fields, body = parts_of(broken)
    assert (fields, body) == ({}, broken)
    assert file_text({"author": "x"}, body) == broken


@pytest.mark.parametrize("value", [f"0x{'f' * 20_000}", "{ a" + ".a" * 10_000 + " = 1 }"], ids=["digits", "dotted"])
def test_a_front_matter_that_could_not_be_written_again_stays_text(value: str) -> None:
    text = f"+++\nreference = {value}\n+++\n本文"
    assert parts_of(text) == ({}, text)


def test_what_is_kept_is_its_writers_own_plain_file_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    kept = Kept(tmp_path)
    kept.write("minato-x", "文")
    place = kept.path("minato-x")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert kept.read("minato-x") is None  # somebody else's
    monkeypatch.undo()
    assert place.read_text(encoding="utf-8") == "文"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    place.rename(tmp_path / "other.txt")
    place.symlink_to(tmp_path / "other.txt")
    assert kept.read("minato-x") is None
    place.unlink()
    os.mkfifo(place)
    assert kept.read("minato-x") is None
    place.unlink()
    with place.open("wb") as file:
        file.truncate(2 << 30)
    assert kept.read("minato-x") is None


@pytest.mark.parametrize(
    ("typed", "body", "name"),
    [
        ("", "〇夜間窓口の、お知らせ！\n", "〇夜間窓口のお知らせ.txt"),
        ("案内", "", "案内.txt"),
        ("a.md", "", "a.md"),
        ("", "あ" * 90, "あ" * 24 + ".txt"),
    ],
)
def test_a_file_is_called_as_typed_or_by_its_first_line(typed: str, body: str, name: str) -> None:
    assert file_name(typed, body) == name


@pytest.mark.parametrize("typed", ["../x", ".x", "a/b.txt", "x.判定.txt", "_広報番.txt", "a\x1b.txt", "あ" * 90])
def test_what_no_draft_can_be_called_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        file_name(typed, "本文")


def test_a_new_file_is_whole_and_never_takes_the_place_of_another(tmp_path: Path) -> None:
    assert put_new(tmp_path, "a.txt", b"one").read_bytes() == b"one"
    with pytest.raises(FileExistsError):
        put_new(tmp_path, "a.txt", b"two")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.txt", b"one")]


def test_what_is_kept_of_two_offices_is_kept_apart(tmp_path: Path) -> None:
    one, two = Kept(tmp_path / "one"), Kept(tmp_path / "two")
    one.write("minato-x", "文")
    assert two.read("minato-x") is None
    one.drop("minato-x")
    assert one.read("minato-x") is None


async def test_what_is_needed_what_is_found_and_where_the_keys_go_are_told_without_colour(desk: Desk) -> None:
    def marked() -> list[str]:
        return [line for line in desk.screen()[2:8] if line.startswith(" >")]

    await begin(desk)
    await write(desk, "〇〇のお知らせです。")
    await desk.shows("記入が必要")
    await desk.shows("1行目「〇〇」")
    assert "起案[本文]" in desk.screen()[1] and not marked()
    await desk.press("tab")
    await desk.shows("起案[項目]")
    await desk.shows("項目です。Enter 記入")
    assert len(marked()) == 1
    await desk.press("tab")
    await desk.shows("起案[本文]")
    await desk.shows("打ったものが入ります")
    assert not marked()
