"""The command line's own parser, its printing, and its times: what people type, and what a terminal may be given."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from scripted_peer import row

from console.cite import cite_words
from console.cli.argv import Option, parse
from console.cli.drafts import queue_lines
from console.cli.outcome import WRONG, Failure, report
from console.cli.place import moment
from console.cli.terminal import clean, err, fit, out_json, table
from console.text import cells
from console.words import LANGUAGES, Language, catalogue
from console.words import __file__ as words_file
from daemon.wire import MissingSeen

OPTIONS = (Option("--policy"), Option("--as", choices=("draft", "comment")), Option("--fix", value=False))


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", "en")


def test_options_are_read_on_either_side_of_the_files() -> None:
    given = parse(["a.txt", "--policy=saitama", "--fix", "b.txt", "--as", "draft"], OPTIONS, "check")
    assert given.values == {"--policy": "saitama", "--as": "draft"}
    assert given.flags == {"--fix"}
    assert given.rest == ["a.txt", "b.txt"]


def test_after_two_dashes_everything_is_a_file() -> None:
    assert parse(["--", "--fix", "-"], OPTIONS, "check").rest == ["--fix", "-"]


def test_a_single_dash_is_standard_input_and_no_option() -> None:
    assert parse(["-"], OPTIONS, "check").rest == ["-"]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--polcy", "x"], "--policy"),
        (["--policy"], "needs a value"),
        (["--as", "poem"], "draft, comment"),
        (["--zzz"], "no option --zzz"),
    ],
)
def test_wrong_usage_is_one_sentence_that_helps(argv: list[str], said: str) -> None:
    with pytest.raises(Failure) as failure:
        parse(argv, OPTIONS, "check")
    assert failure.value.code == WRONG
    assert said in failure.value.sentence


def test_a_time_without_an_offset_is_japans_whatever_the_host_thinks() -> None:
    assert moment("2026-11-24T09:00").isoformat() == "2026-11-24T09:00:00+09:00"
    assert moment("2026-11-24T00:00:00Z") == datetime(2026, 11, 24, tzinfo=UTC)


def test_a_time_that_is_none_is_refused_with_an_example() -> None:
    with pytest.raises(Failure, match="2026-11-24T09:00"):
        moment("tomorrow")


def test_talk_never_carries_what_a_terminal_would_obey(capfd: pytest.CaptureFixture[str]) -> None:
    err("name \033[2J\033]0;x\007 \u202e end")
    said = capfd.readouterr().err
    assert "\033" not in said
    assert "\007" not in said
    assert "\u202e" not in said


def test_json_names_hidden_characters_and_stays_the_same_document(capfd: pytest.CaptureFixture[str]) -> None:
    text = "表\u202e示\u200b・\x9b・\U000e0041・絵文字👩‍💻"
    out_json({"text": text})
    said = capfd.readouterr().out
    assert json.loads(said) == {"text": text}
    assert not set(said) & set("\u202e\u200b\x9b\U000e0041\u200d")
    assert "表" in said


def test_columns_are_aligned_by_what_the_terminal_paints() -> None:
    lines = list(table([("広報", "a"), ("ab", "b")], ("id", "x")))
    assert {cells(line[: line.rindex(end)]) for line, end in zip(lines, "xab", strict=True)} == {6}


def test_a_cut_text_never_takes_more_columns_than_it_may() -> None:
    assert fit("広報番です", 5) == "広報…"
    assert all(cells(fit("広報番です", width)) <= width for width in range(1, 12))
    assert fit("abc", 3) == "abc"


def test_what_gives_way_in_a_narrow_table_is_cut_first_and_then_left_out() -> None:
    rows = [("12", "saitama/5.指針", "市民活動フェスタ", "課長")]
    head = ("no.", "clauses", "title", "who")
    give = ((1, 8), (1, 0), (2, 6))
    assert list(table(rows, head, room=60, give=give))[1] == "12   saitama/5.指針  市民活動フェスタ  課長"
    assert list(table(rows, head, room=37, give=give))[1] == "12   saitama…  市民活動フェスタ  課長"
    assert list(table(rows, head, room=30, give=give))[1] == "12   市民活動フェスタ  課長"
    assert list(table(rows, head, room=20, give=give))[1] == "12   市民活動…  課長"
    assert all(cells(line) <= 20 for line in table(rows, head, room=20, give=give))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_no_line_of_the_queue_is_wider_than_the_terminal(lang: Language, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", lang)
    chief = MissingSeen(
        what="承認", what_en="approval", who="地域協働課長（清水 直美） または 区政企画担当課長", clause="", act="approve"
    )
    drafts = [
        msgspec.structs.replace(
            row(1), account="taisho-madoguchi", waiting=(chief, chief), clauses=("taisho/3.責任者.情報発信",) * 4
        ),
        row(1234, title="a" * 200, state="expired", verdict=""),
    ]
    lines = list(queue_lines(drafts, width))
    assert max(map(cells, lines)) <= width
    assert all("…" in line for line in lines[1:3])
    assert "taisho-mad" in lines[1]


def test_what_the_office_adds_is_called_its_own_rule_with_its_basis(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cite_words("office/burst（根拠 第9条）") == "office rule burst (basis: 第9条)"
    assert cite_words("第7条第2項第5号") == "第7条第2項第5号"
    monkeypatch.setenv("KOHOBAN_LANG", "ja")
    assert cite_words("office/burst（根拠 第9条）") == "庁内規則 burst（根拠: 第9条）"
    assert cite_words("office/past（根拠規定なし）") == "庁内規則 past（根拠規定なし）"


def test_block_text_keeps_its_lines_and_one_line_text_has_none() -> None:
    assert clean("一\n二", block=True) == "一\n二"
    assert "\n" not in clean("一\n二")


def test_a_defect_is_one_line_with_an_incident_and_its_trace_goes_to_a_file(
    tmp_path: object, capfd: pytest.CaptureFixture[str]
) -> None:
    from pathlib import Path

    office = Path(str(tmp_path))
    (office / "state" / "log").mkdir(parents=True)
    try:
        raise RuntimeError("the inner words")
    except RuntimeError as error:
        assert report(error, office) == WRONG
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "the inner words" not in said
    (trace,) = (office / "state" / "log").iterdir()
    assert trace.name.removeprefix("kohoban-").removesuffix(".txt") in said
    assert "the inner words" in trace.read_text(encoding="utf-8")
    assert trace.stat().st_mode & 0o077 == 0


def test_screen_and_command_line_have_one_vocabulary() -> None:
    cli, tui = catalogue("cli", "en"), catalogue("tui", "en")
    for subject in ("verdict", "state", "title"):
        shared = {key for key in cli.keys() & tui.keys() if key.startswith(f"{subject}.")}
        assert shared
        assert {key: cli[key] for key in shared} == {key: tui[key] for key in shared}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", ["cli", "tui"])
def test_the_catalogue_read_table_by_table_is_all_of_its_files(part: str, lang: Language) -> None:
    folder = Path(words_file).parent / lang
    files = [
        tomllib.loads(file.read_text(encoding="utf-8")) for file in (folder / f"{part}.toml", *folder.glob(f"{part}-*.toml"))
    ]
    sentences = [(f"{table}.{key}", said) for file in files for table, keys in file.items() for key, said in keys.items()]
    assert len(dict(sentences)) == len(sentences)
    assert catalogue(part, lang) == dict(sentences)
