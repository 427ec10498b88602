"""`kohoban comments` on a real office: an export taken in, comments listed, judged by whom the policy names, done by a person, explained."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from console.cli import importing_comments
from console.cli.comment_page import rows_lines
from console.launch import run
from console.text import cells
from console.words import LANGUAGES, catalogue
from daemon.intake.comments import ENDINGS
from daemon.moderation.comment import STATES
from daemon.moderation.platforms import WORDS
from daemon.rulebook.load import load_rulebook
from daemon.wire.bench import BenchOpened, BenchPage, BenchRows, OpenBench
from tests.service.live_office import Office, until
from tests.service.test_bench import ABUSE, CLEAN, MINATO, SAITAMA, TAISHO, line

pytestmark = pytest.mark.timeout(300)

POST = "https://x.com/SaitamaCvcCoop/status/1"
HOSTILE = "\x1b[2J\x1b]0;x\x07\u202e" + ABUSE + "\u200b\x9b31m"
FIRE = "川があふれて家に取り残されています。助けてください。"
RAW = ("\x1b", "\x07", "\u202e", "\x9b", "\u200b")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("comments")).start()
    yield office
    office.stop()


@pytest.fixture(scope="module")
def people(office: Office) -> dict[str, str]:
    """The judge and a clerk of さいたま市."""
    serving = [who for who in load_rulebook(office.folder).operators.values() if "saitama" in who.policies]
    return {
        "judge": next(who.login for who in serving if "市民協働推進課長" in who.titles),
        "clerk": next(who.login for who in serving if who.role == "clerk"),
    }


Go = Callable[..., Any]


class Keyboard(io.StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def go(office: Office, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Go:
    """Run a command, expect its exit code; what it says on both streams, or its JSON."""
    monkeypatch.setenv("KOHOBAN_LANG", "ja")

    def run_it(*words: str, who: str, code: int = 0, lang: str = "ja") -> Any:
        monkeypatch.setenv("KOHOBAN_LANG", lang)
        capfd.readouterr()
        ended = run([*words, "--office", str(office.folder), "--operator", who])
        said = capfd.readouterr()
        assert ended == code, said.err + said.out
        for sign in RAW:
            assert sign not in said.out + said.err, repr(sign)
        return json.loads(said.out) if "--json" in words and said.out else said.out + said.err

    return run_it


SPECIAL: dict[int, dict[str, Any]] = {
    141: {"text": HOSTILE, "conversation": "https://x.com/\x1b[31m/status/1"},
    211: {"text": FIRE},
    **{number: {"author": f"matome_{number}"} for number in (181, 182, 183)},
}


@pytest.fixture(scope="module")
def taken_in(office: Office, people: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One export with everything that these tests judge, taken in; the folder of its account."""
    lines = ({**line(f"{ABUSE}{n}", n, conversation=POST), **SPECIAL.get(n, {})} for n in range(141, 240))
    file = tmp_path_factory.mktemp("export") / "all.jsonl"
    file.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in lines), encoding="utf-8")
    where = ["--office", str(office.folder), "--operator", people["clerk"]]
    assert run(["comments", "import", str(file), "--account", SAITAMA, *where]) == 0
    return office.folder / "comments" / SAITAMA


def is_empty(folder: Path) -> bool:
    """Whether nothing lies there any more: an export is deleted a moment after it is known to be read."""
    return not list(folder.iterdir())


@pytest.fixture
def pick(go: Go, taken_in: Path, people: dict[str, str]) -> Callable[..., list[dict[str, Any]]]:
    """The comments of these numbers, as they lie on the bench."""

    def find(*numbers: int) -> list[dict[str, Any]]:
        rows = go("comments", "list", "--account", SAITAMA, "--json", who=people["clerk"])["comments"]
        of = {row["handle"]: row for row in rows}
        return [of[SPECIAL.get(number, {}).get("author", f"shimin_{number}")] for number in numbers]

    return find


def cp932(*rows: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([["投稿ID", "本文", "ユーザー名", "投稿者ID", "投稿日時", "元の投稿"], *rows])
    return out.getvalue().encode("cp932")


def test_a_csv_as_japanese_tools_write_it_is_taken_in_and_known_again(go: Go, people: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "返信一覧.csv"
    at = "2026/11/02 09:00"
    file.write_bytes(
        cp932(
            ["101", ABUSE, "cp_1", "c1", at, POST],
            ["102", CLEAN, "cp_2", "c2", at, POST],
            ["103", "", "cp_3", "c3", at, POST],
            ["104", FIRE, "cp_4", "c4", at, POST],
        )
    )
    said = go("comments", "import", str(file), "--json", who=people["clerk"])
    numbers = {name: said[name] for name in ("account", "lines", "kept", "clean", "known", "broken", "again")}
    assert numbers == {"account": SAITAMA, "lines": 4, "kept": 2, "clean": 1, "known": 0, "broken": 1, "again": False}
    assert said["problems"] == [[4, "本文がありません", "there is no text"]]
    again = go("comments", "import", str(file), who=people["clerk"])
    assert "二度は読みません" in again and "4 行目: 本文がありません" in again and "消してください" in again
    assert file.exists()


def test_what_was_copied_is_gone_once_it_is_read_and_half_a_file_is_never_there(taken_in: Path) -> None:
    until(lambda: is_empty(taken_in), "nothing lies there any more")


def test_broken_lines_are_named_and_the_rest_goes_on(go: Go, office: Office, people: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "broken.jsonl"
    good = json.dumps(line(ABUSE, 121), ensure_ascii=False)
    file.write_text(f'{good}\n{{"id": "1", \n[1]\n{{"id": "9"}}\n', encoding="utf-8")
    said = go("comments", "import", str(file), who=people["clerk"])
    for words in ("2 行目: JSON として読めません", "3 行目", "4 行目: 本文がありません"):
        assert words in said
    nothing = tmp_path / "nothing.csv"
    nothing.write_bytes("番号,名前\r\n1,a\r\n".encode("cp932"))
    assert "「本文」（text）の列がありません" in go("comments", "import", str(nothing), who=people["clerk"], code=2)
    # What the daemon does not take is not left lying there; a file that nobody can read is the operator's own.
    until(lambda: is_empty(office.folder / "comments" / SAITAMA), "nothing lies there any more")
    assert nothing.exists()


@pytest.mark.parametrize(
    ("name", "why"), [("x.txt", ".jsonl .csv"), ("no.csv", "その名前のファイル"), ("folder.csv", "ふつうのファイル")]
)
def test_what_is_no_export_is_said_and_not_copied(
    go: Go, office: Office, people: dict[str, str], tmp_path: Path, name: str, why: str
) -> None:
    (tmp_path / "x.txt").write_text("x")
    (tmp_path / "folder.csv").mkdir()
    assert why in go("comments", "import", str(tmp_path / name), who=people["clerk"], code=2)


def test_a_share_without_nameless_files_gets_a_whole_copy_too(
    go: Go, office: Office, people: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "O_TMPFILE", 0)  # a folder cannot be opened for writing: what such a file system answers
    file = tmp_path / "share.jsonl"
    file.write_text(json.dumps(line(ABUSE, 135), ensure_ascii=False) + "\n", encoding="utf-8")
    assert go("comments", "import", str(file), "--json", who=people["clerk"])["kept"] == 1
    until(lambda: is_empty(office.folder / "comments" / SAITAMA), "nothing lies there any more")


def test_which_account_has_to_be_said_where_nothing_tells(go: Go, tmp_path: Path) -> None:
    file = tmp_path / "which.jsonl"
    file.write_text("{}\n")
    assert "--account で書いてください" in go("comments", "import", str(file), who="akasaka", code=2)
    assert MINATO in go("comments", "import", str(file), "--account", "minato-y", who="akasaka", code=2)


def test_a_file_that_lies_in_the_folder_of_its_account_needs_no_account(
    go: Go, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert office.process is not None
    send, opened = office.process.send_signal, importing_comments._opened

    @contextmanager
    def then_the_daemon_goes_on(path: Path) -> Iterator[int]:
        with opened(path) as file:
            send(signal.SIGCONT)
            yield file

    monkeypatch.setattr(importing_comments, "_opened", then_the_daemon_goes_on)
    folder = office.folder / "comments" / MINATO
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / ".part"
    new.write_text(json.dumps(line(FIRE, 131), ensure_ascii=False) + "\n", encoding="utf-8")
    send(signal.SIGSTOP)  # else it may have read the file, and deleted it, before the command looks at it
    file = new.rename(folder / "b.jsonl")
    said = go("comments", "import", str(file), "--json", who="akasaka")
    assert (said["account"], said["kept"]) == (MINATO, 1)


def test_hostile_comments_reach_the_terminal_as_signs_and_their_words_stay_exact(
    go: Go, pick: Callable[..., Any], people: dict[str, str]
) -> None:
    (row,) = pick(141)
    number = str(row["id"])
    go("comments", "tag", number, "--tag", "台風\x1b[5m\u202e", who=people["clerk"])
    assert "台風␛" in go("comments", "list", "--text", "台風", who=people["clerk"])
    shown = go("comments", "show", number, who=people["clerk"])
    assert "␛[2J" in shown and "⟦RLO⟧" in shown
    assert go("comments", "show", number, "--json", who=people["clerk"])["text"] == HOSTILE


def test_show_says_what_can_be_done_here_and_who_judges(go: Go, pick: Callable[..., Any], people: dict[str, str]) -> None:
    (row,) = pick(151)
    shown = go("comments", "show", str(row["id"]), who=people["clerk"])
    for words in (
        "15 号。判断するのは 市民協働推進課長",
        "● saitama/7(2)",
        "削除 → 非表示",
        "ブロック → ブロック",
        "該当すれば行う",
        "包括",
        "消去する日",
        "確かめる箇所（判断ではありません）",
        "提案 propose",
    ):
        assert words in shown, words
    assert "delete → hide" in go("comments", "show", str(row["id"]), who=people["clerk"], lang="en")


def test_the_whole_way_by_commands_alone(go: Go, office: Office, pick: Callable[..., Any], people: dict[str, str]) -> None:
    clerk, judge = people["clerk"], people["judge"]
    (row,) = pick(161)
    number = str(row["id"])
    decide = ("comments", "judge", number, "--clause", "7(2)", "--action", "delete,block", "--reason", "名指しの侮辱")
    go("comments", "claim", number, who=clerk)
    assert "着手しています" in go(*decide, who=judge, code=4)
    go("comments", "unclaim", number, who=clerk)
    assert "提案できます" in go(*decide, who=clerk, code=4)
    go("comments", "propose", number, "--clause", "7(2)", "--action", "削除、ブロック", "--reason", "侮辱", who=clerk)
    go("comments", "second", number, "--to", judge, "--note", "批判とも読める", who=clerk)
    go("comments", "opinion", number, "--clause", "7(2)", "--action", "delete", who=clerk, code=4)
    go("comments", "opinion", number, "--action", "none", "--reason", "批判の範囲", who=judge)
    go("comments", "escalate", number, "--note", "報道", who=clerk)
    assert "この媒体では非表示" in go(*decide, who=judge)
    (hide, block) = go("comments", "show", number, "--json", who=clerk)["measures"]
    assert "着手してください" in go("comments", "done", str(hide["id"]), "--proof", "見た", who=clerk, code=4)
    card = go("comments", "take", str(hide["id"]), who=clerk)
    assert "要綱上: 削除 → 実施: 非表示" in card and "[ ] 1" in card and "確かめる" in card
    go("comments", "done", str(hide["id"]), "--proof", "非表示の返信の中にある", who=clerk)
    go("comments", "take", str(block["id"]), who=clerk)
    go("comments", "not-done", str(block["id"]), "--reason", "画面に出ない", who=clerk)
    assert go("comments", "measures", "--json", who=clerk)["measures"] == []
    over = {each["id"]: each["state"] for each in go("comments", "measures", "--done", "--json", who=clerk)["measures"]}
    assert (over[hide["id"]], over[block["id"]]) == ("done", "not_done")
    undone = go("comments", "undo", number, "--reason", "取り違え", who=judge)
    assert "戻す措置" in undone
    history = go("comments", "show", number, who=clerk)
    for words in ("提案", "意見を求める", "上申", "取消し", "（取消済み）"):
        assert words in history, words
    office.record_is_whole()


def test_a_measure_that_nobody_began_can_be_dropped(go: Go, pick: Callable[..., Any], people: dict[str, str]) -> None:
    (row,) = pick(171)
    go("comments", "judge", str(row["id"]), "--clause", "7(2)", "--action", "delete", who=people["judge"])
    (measure,) = go("comments", "show", str(row["id"]), "--json", who=people["clerk"])["measures"]
    go("comments", "drop", str(measure["id"]), "--reason", "x", who=people["clerk"], code=4)
    assert "取りやめました" in go("comments", "drop", str(measure["id"]), "--reason", "x", who=people["judge"])


def test_together_only_with_the_number_that_was_shown(go: Go, pick: Callable[..., Any], people: dict[str, str]) -> None:
    rows = pick(181, 182, 183)
    words = ("comments", "judge", "--all-of", f"account={SAITAMA}", "--all-of", "text=matome_", "--action", "none")
    asked = go(*words, who=people["judge"], code=4)
    assert "3 件をまとめて判断します" in asked and "「matome_」を含む" in asked and "--count 3" in asked
    go(*words, "--count", "2", who=people["judge"], code=4)
    assert {go("comments", "show", str(row["id"]), "--json", who=people["judge"])["row"]["state"] for row in rows} == {"open"}
    assert "3 件をまとめて判断しました" in go(*words, "--count", "3", who=people["judge"])
    assert "当てはまるコメントはありません" in go(*words, who=people["judge"])
    states = {go("comments", "show", str(row["id"]), "--json", who=people["judge"])["row"]["state"] for row in rows}
    assert states == {"left"}


def test_several_numbers_are_counted_too(go: Go, pick: Callable[..., Any], people: dict[str, str]) -> None:
    numbers = [str(row["id"]) for row in pick(191, 192)]
    words = ("comments", "judge", *numbers, numbers[0], "--clause", "7(2)", "--action", "delete")
    assert "--count 2" in go(*words, who=people["judge"], code=4)
    assert "2 件をまとめて判断しました" in go(*words, "--count", "2", who=people["judge"])


@pytest.mark.parametrize(("typed", "code"), [("2", 0), ("２", 0), ("3", 4), ("はい", 4), ("", 4)])
def test_at_a_terminal_the_number_is_typed_and_a_yes_is_no_number(
    go: Go,
    pick: Callable[..., Any],
    people: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    code: int,
) -> None:
    pick(194)
    rows = go("comments", "list", "--text", "shimin_19", "--json", who=people["judge"])["comments"][:2]
    words = ("comments", "judge", "--all-of", "text=shimin_19", "--first", "2", "--action", "none")
    monkeypatch.setattr(sys, "stdin", Keyboard(f"{typed}\n"))
    said = go(*words, who=people["judge"], code=code)
    assert "の先頭 2 件" in said and "件数を打って" in said
    if code == 0:
        for row in rows:  # back to the bench, for the others
            go("comments", "undo", str(row["id"]), "--reason", "試し", who=people["judge"])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("1", "--action", "vanish"), "vanish"),
        (("1", "--action", "none,delete"), "none"),
        (("--action", "none"), "--all-of"),
        (("1", "--all-of", "text=x", "--action", "none"), "どちらか一方"),
        (("--all-of", "likes=3", "--action", "none"), "likes=3"),
        (("--all-of", "guidance=perhaps", "--action", "none"), "perhaps"),
        (("--all-of", "text=a", "--all-of", "text=b", "--action", "none"), "一つだけ"),
        (("1",), "--action"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_asked(
    go: Go, people: dict[str, str], words: tuple[str, ...], why: str
) -> None:
    assert why in go("comments", "judge", *words, who=people["judge"], code=2)


def test_no_measure_begins_while_actions_are_stopped(
    go: Go, office: Office, pick: Callable[..., Any], people: dict[str, str]
) -> None:
    (row,) = pick(201)
    go("comments", "judge", str(row["id"]), "--clause", "7(2)", "--action", "delete", who=people["judge"])
    (measure,) = go("comments", "show", str(row["id"]), "--json", who=people["clerk"])["measures"]
    (office.state / "gate" / "STOP.actions").touch()
    try:
        refused = go("comments", "take", str(measure["id"]), who=people["clerk"], code=4)
        assert "停止" in refused and "[ ]" not in refused
    finally:
        office.resume(people["judge"], "actions")
    assert "[ ] 1" in go("comments", "take", str(measure["id"]), who=people["clerk"])


def test_minato_says_why_there_is_nothing_to_be_done(go: Go, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_bytes(f"{ABUSE}\r\n".encode("cp932"))
    said = go("comments", "mark", "--account", MINATO, "--handle", "dareka", "--file", str(words), who="akasaka")
    number = "".join(char for char in said if char.isdigit())
    shown = go("comments", "show", number, who="shibata")
    assert ABUSE in shown and "措置の定めがありません" in shown and "この媒体でできること" not in shown
    assert "comment_powers" in go("comments", "judge", number, "--clause", "7-2(1)", "--action", "delete", who="shibata", code=4)
    assert "措置の定めなし" in go("comments", who="akasaka")


def test_a_mark_takes_words_from_standard_input_and_refuses_ten_megabytes(
    go: Go, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    huge = tmp_path / "huge.txt"
    huge.write_text("あ" * 3_500_000, encoding="utf-8")
    mark = ("comments", "mark", "--account", TAISHO, "--handle", "x")
    assert "20000 字まで" in go(*mark, "--file", str(huge), who="shibata", code=2)
    assert "どちらか一方" in go(*mark, "--file", str(huge), "--text", "a", who="shibata", code=2)


def test_guidance_is_done_by_a_person_and_the_comment_then_rests(
    go: Go, pick: Callable[..., Any], people: dict[str, str]
) -> None:
    (row,) = pick(211)
    number = str(row["id"])
    assert number in go("comments", "list", "--guidance", who=people["clerk"])
    assert "119" in go("comments", "show", number, who=people["clerk"])
    go("comments", "guided", number, "--note", "消防が出ていることを確かめた", who=people["clerk"])
    assert go("comments", "show", number, "--json", who=people["clerk"])["row"]["state"] == "guided"


def test_questions_are_guided_together_by_their_kind_after_their_number_is_said(go: Go, people: dict[str, str]) -> None:
    asked = [
        go(
            "comments",
            "mark",
            "--account",
            SAITAMA,
            "--handle",
            f"kiku{n}",
            "--text",
            f"{n}号棟です。断水はいつまで続きますか",
            who=people["clerk"],
        )
        for n in range(2)
    ]
    assert asked
    questions = (
        "comments",
        "guided",
        "--all-of",
        f"account={SAITAMA}",
        "--all-of",
        "kind=question",
        "--all-of",
        "text=断水はいつまで",
    )
    assert "2" in go(*questions, who=people["clerk"], code=4)
    assert "kind=" not in go(*questions, "--count", "2", "--note", "よくある質問に足した", who=people["clerk"])
    assert (
        "guided"
        in go("comments", "list", "--state", "guided", "--text", "断水はいつまで", "--json", who=people["clerk"])["comments"][0][
            "state"
        ]
    )
    assert "emergency" in go("comments", "guided", "--all-of", "kind=fire", who=people["clerk"], code=2)


def test_what_is_gone_or_erased_shows_no_words_any_more(go: Go, pick: Callable[..., Any], people: dict[str, str]) -> None:
    first, second = pick(221, 222)
    go("comments", "gone", str(first["id"]), who=people["clerk"])
    go("comments", "erase", str(second["id"]), "--reason", "本人の求め", who=people["clerk"], code=4)
    go("comments", "erase", str(second["id"]), "--reason", "本人の求め", who=people["judge"])
    for each in (first, second):
        shown = go("comments", "show", str(each["id"]), who=people["clerk"])
        assert ABUSE not in shown and each["handle"] not in shown and "消去しました" in shown


def test_the_page_for_who_asks_quotes_the_clause_and_nothing_of_the_inside(
    go: Go, office: Office, pick: Callable[..., Any], people: dict[str, str], tmp_path: Path
) -> None:
    (row,) = pick(231)
    number = str(row["id"])
    assert "まだ何も判断していません" in go("comments", "why", number, who=people["clerk"], code=4)
    decide = ("comments", "judge", number, "--clause", "7(2)", "--action", "delete,block", "--reason", "内部の理由アルファ")
    go(*decide, who=people["judge"])
    book = load_rulebook(office.folder)
    names = [book.operators[login].name for login in people.values()] + list(people.values())
    (measure, _) = go("comments", "show", number, "--json", who=people["clerk"])["measures"]
    go("comments", "take", str(measure["id"]), who=people["clerk"])
    go("comments", "done", str(measure["id"]), "--proof", "内部の証拠ベータ", who=people["clerk"])
    file = tmp_path / "page.html"
    go("comments", "why", number, "--format", "html", "--out", str(file), who=people["clerk"])
    for page in (
        go("comments", "why", number, who=people["clerk"]),
        go("comments", "why", number, "--format", "md", who=people["clerk"]),
        file.read_text(encoding="utf-8"),
        json.dumps(go("comments", "why", number, "--json", who=people["clerk"]), ensure_ascii=False),
    ):
        assert book.policies["saitama"].clauses["saitama/7(2)"].text in page
        assert "市民協働推進課長" in page
        for inside in ("内部の理由アルファ", "内部の証拠ベータ", ABUSE, "shimin_231", *names):
            assert inside not in page, inside
    assert "非表示" in file.read_text(encoding="utf-8") and "<script" not in file.read_text(encoding="utf-8")


def test_reactions_to_our_own_post_go_to_the_manager(go: Go) -> None:
    report = ("comments", "reactions", "report", "--account", MINATO, "--post", "https://x.com/minato_kunren/status/1")
    go(*report, "--note", "急に増えている", who="akasaka")
    assert "反応の報告が 1 件" in go("comments", "counts", who="akasaka")
    (one,) = go("comments", "reactions", "--json", who="akasaka")["reactions"]
    end = ("comments", "reactions", "end", str(one["id"]), "--outcome", "pause")
    go(*end, who="akasaka", code=4)
    assert "kohoban stop --scope minato-x" in go(*end, who="shibata")
    assert "報告はありません" in go("comments", "reactions", who="akasaka")


def test_a_call_for_help_is_in_sight_at_eighty_columns(
    go: Go, office: Office, pick: Callable[..., Any], people: dict[str, str]
) -> None:
    pick(141)
    caller = office.caller(people["clerk"])
    opened = caller.ask(OpenBench(states=("open", "guided"), accounts=(SAITAMA,)), BenchOpened)
    rows = caller.ask(BenchPage(view=opened.view, limit=500), BenchRows).rows
    assert any(row.guidance for row in rows)
    lines = list(rows_lines(rows, opened, 80))
    assert max(map(cells, lines[1 : len(rows) + 1])) <= 80
    for row, shown in zip(rows, lines[1:], strict=False):
        assert not row.guidance or "案内" in shown


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_line_calls_states_and_measures_as_the_daemon_does(lang: Any) -> None:
    words, of = catalogue("cli", lang), LANGUAGES.index(lang)
    assert {state: words[f"comment_state.{state}"] for state in STATES} == {state: said[of] for state, said in STATES.items()}
    measures = {name: said[of] for name, said in WORDS.items() if name}
    assert {name: words[f"action.{name}"] for name in measures} == measures


def test_the_command_takes_the_endings_that_the_daemon_reads() -> None:
    assert importing_comments.ENDINGS == ENDINGS
