"""`kohoban blocklist` and `kohoban privacy` on a real office: lists in and out of files, hostile names, what a spreadsheet would calculate."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from console.launch import run
from tests.service.live_office import Office

pytestmark = pytest.mark.timeout(300)

SAITAMA, TAISHO = "saitama-cvc", "taisho-gyosei"
JUDGE, CLERK = "urano", "omiya"
CALCULATED = ("=HYPERLINK(0)", "+81", "-1+1", "@SUM(A1)", "＝cmd")
HOSTILE = "ara\x1b[2J\u202eshi"

Go = Callable[..., Any]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "office").start()
    yield office
    office.stop()


@pytest.fixture
def go(office: Office, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Go:
    def run_it(*words: str, who: str = JUDGE, code: int = 0) -> Any:
        monkeypatch.setenv("KOHOBAN_LANG", "ja")
        capfd.readouterr()
        ended = run([*words, "--office", str(office.folder), "--operator", who])
        said = capfd.readouterr()
        assert ended == code, said.err + said.out
        for sign in ("\x1b", "\u202e", "\x9b"):
            assert sign not in said.out + said.err, repr(sign)
        return json.loads(said.out) if "--json" in words and said.out else said.out + said.err

    return run_it


def add(go: Go, handle: str, *more: str, who: str = JUDGE, code: int = 0) -> Any:
    words = ("--account", SAITAMA, "--clause", "7(2)", "--reason", "=名指しの侮辱", *more)
    return go("blocklist", "add", handle, *words, who=who, code=code)


def entries(go: Go) -> dict[str, dict[str, Any]]:
    return {each["handle"]: each for each in go("blocklist", "list", "--account", SAITAMA, "--json")["blocks"]}


def test_whoever_may_judge_adds_and_the_manager_lifts(go: Go, office: Office) -> None:
    assert "載っている人はいません" in go("blocklist")
    add(go, "arashi", who=CLERK, code=4)
    add(go, "@arashi", "--author", "u9")
    shown = go("blocklist", who=CLERK)
    for words in ("@arashi", "u9", "7 禁止事項 (2)", JUDGE, "ブロック中", "=名指しの侮辱"):
        assert words in shown, words
    number = str(entries(go)["arashi"]["id"])
    go("blocklist", "review", number, "--reason", "続いているため", "--until", "いつか", code=2)
    assert "2099-05-01" in go("blocklist", "review", number, "--reason", "続いているため", "--until", "2099-05-01")
    go("blocklist", "remove", number, "--reason", "申し出", who=CLERK, code=4)
    assert "媒体の上で解く措置" in go("blocklist", "remove", number, "--reason", "申し出")
    assert "載っている人はいません" in go("blocklist")
    assert "解除" in go("blocklist", "list", "--removed")
    office.record_is_whole()


def test_a_review_that_is_late_is_said_and_is_exit_code_1(go: Go, office: Office) -> None:
    add(go, "arashi")
    office.ahead(220 * 86_400)
    assert "遅れています" in go("blocklist", "list", code=1)
    assert go("blocklist", "list", "--json", code=1)["blocks"][0]["late"] is True


def test_hostile_names_reach_neither_the_terminal_nor_a_formula(go: Go, tmp_path: Path) -> None:
    lines = tmp_path / "names.toml"
    names = [*CALCULATED, HOSTILE.replace("\x1b", "\u009b")]
    lines.write_text("".join(f"[[blocks]]\nhandle = {json.dumps(name)}\nauthor = 'n{n}'\n" for n, name in enumerate(names)))
    # A control character is no name of anybody's.
    assert "アカウント名" in go("blocklist", "import", str(lines), "--account", SAITAMA, code=4)
    names[-1] = "ara\u202eshi"
    lines.write_text("".join(f"[[blocks]]\nhandle = {json.dumps(name)}\nauthor = 'n{n}'\n" for n, name in enumerate(names)))
    assert "6 件（根拠未確認）" in go("blocklist", "import", str(lines), "--account", SAITAMA)
    assert "根拠未確認" in go("blocklist") and "⟦RLO⟧" in go("blocklist")
    table = list(csv.reader(io.StringIO(go("blocklist", "export", "--format", "csv").removeprefix("\ufeff"))))
    assert [cell for row in table[1:] for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "＝"))] == []
    assert "'=HYPERLINK(0)" in {row[table[0].index("handle")] for row in table}
    exported = tomllib.loads(go("blocklist", "export"))
    written = {each["handle"] for each in exported["blocks"]}
    assert written == {name.lstrip("@") for name in names}  # TOML has the very names, the hidden signs as escapes


@pytest.mark.parametrize("form", ["toml", "csv"])
def test_what_is_exported_can_be_taken_in_again(go: Go, tmp_path: Path, form: str) -> None:
    add(go, "=arashi", "--author", "u1")
    add(go, "普通の人")
    file = tmp_path / f"list.{form}"
    said = go("blocklist", "export", "--format", form, "--out", str(file))
    assert "2 件" in said and "消してください" in said
    assert file.stat().st_mode & 0o077 == 0
    go("blocklist", "export", "--format", form, "--out", str(file), code=2)
    assert "新しいもの 0 件（根拠未確認）、載っていたもの 2 件" in go("blocklist", "import", str(file), "--account", SAITAMA)
    assert entries(go)["=arashi"]["clause"] == "saitama/7(2)"


def test_an_old_list_in_cp932_is_taken_in_without_a_ground(go: Go, tmp_path: Path) -> None:
    file = tmp_path / "旧一覧.csv"
    file.write_bytes("番号,アカウント名,ユーザーID,備考\r\n1,@furui_1,u1,うるさい\r\n2,furui_2,,\r\n3,,,\r\n".encode("cp932"))
    assert "新しいもの 2 件（根拠未確認）" in go("blocklist", "import", str(file), "--account", SAITAMA)
    assert {name: (each["author"], each["clause"], each["reason"]) for name, each in entries(go).items()} == {
        "furui_1": ("u1", "", ""),
        "furui_2": ("", "", ""),
    }
    file.write_bytes("番号,アカウント名,ユーザーID\r\n1,atarashii_1,u1\r\n".encode("cp932"))
    assert "名前が変わっていたもの 1 件" in go("blocklist", "import", str(file), "--account", SAITAMA)
    assert entries(go)["atarashii_1"]["author"] == "u1"


def test_what_the_platform_itself_lists_confirms_and_shows_what_differs(go: Go, tmp_path: Path) -> None:
    add(go, "arashi")
    file = tmp_path / "blocked.txt"
    file.write_text("# 設定の一覧から\n\n@hitori\nhitori\n", encoding="utf-8")
    go("blocklist", "import", str(file), "--account", SAITAMA, who=CLERK, code=4)
    said = go("blocklist", "import", str(file), "--account", SAITAMA, "--read-back", who=CLERK)
    assert "媒体にないものが 1 件" in said


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.toml", b"blocks = [", "TOML"),
        ("a.toml", b"blocks = [1]\n", "1 番目"),
        ("a.toml", b"[[blocks]]\nhandle = 3\n", "1 番目"),
        ("a.csv", "名前,備考\r\na,b\r\n".encode("cp932"), "見出し"),
        ("a.txt", b"\n# nobody\n", "ありません"),
        ("none.txt", None, "その名前のファイル"),
    ],
)
def test_a_list_that_cannot_be_read_is_said(go: Go, tmp_path: Path, name: str, data: bytes | None, why: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    assert why in go("blocklist", "import", str(tmp_path / name), "--account", SAITAMA, code=2)


def test_a_list_beyond_all_measure_is_refused_in_words(go: Go, tmp_path: Path) -> None:
    file = tmp_path / "many.txt"
    file.write_text("".join(f"handle_of_somebody_with_a_long_name_{n:060}\n" for n in range(12_000)))
    assert "分けてください" in go("blocklist", "import", str(file), "--account", SAITAMA, code=2)


def test_privacy_names_every_datum_its_clause_and_its_day(go: Go, office: Office, tmp_path: Path) -> None:
    words = ("--handle", "shimin_7", "--text", "お前ら全員死ね。")
    go("comments", "mark", "--account", SAITAMA, *words, who=CLERK)
    shown = go("privacy", who=CLERK)
    for said in ("コメントの本文", "ブロックリスト", "saitama/7", "だれの", "いつまで", "控えはありません"):
        assert said in shown, said
    assert "shimin_7" not in shown
    held = go("privacy", "--json", who=CLERK)
    (comment,) = [each for each in held["data"] if "comment_evidence" in each["where"]]
    assert comment["count"] == 1 and date.fromisoformat(comment["erase_on"])
    go("backup", str(tmp_path / "office.bak"))
    (backup,) = go("privacy", "--json")["backups"]
    assert date.fromisoformat(backup["until"]) and backup["late"] is False
    office.ahead(400 * 86_400)
    assert "超過" in go("privacy", code=1)
