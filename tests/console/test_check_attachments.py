"""`kohoban check` of office files and of drafts with images: row by row, and never written back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.intake.made_office import document, p
from tests.intake.made_pictures import jpeg, with_place


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "import sys; from console.launch import main; sys.exit(main())"]
    env = {**os.environ, "KOHOBAN_LANG": "ja", "COLUMNS": "200"}
    return subprocess.run(
        [*program, "check", *arguments, "--policy", "minato", "--only", "content"],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def answers(folder: Path, *paths: str) -> list[tuple[str, str]]:
    return [(each["id"], each["verdict"]) for each in json.loads(check(folder, *paths, "--format", "json").stdout)["results"]]


def test_each_row_is_answered_under_its_file_and_row(tmp_path: Path) -> None:
    (tmp_path / "予定.csv").write_bytes("本文,備考\r\n花が咲きました。,\r\n○月○日に休館します。,確認中\r\n".encode("cp932"))
    assert answers(tmp_path, "予定.csv") == [("予定.csv:2", "pass"), ("予定.csv:3", "block")]


def test_a_broken_file_is_said_to_be_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04")
    (tmp_path / "b.docx").write_bytes(document(p("花が咲きました。")))
    assert answers(tmp_path, "a.xlsx", "b.docx") == [("a.xlsx", "block"), ("b.docx", "pass")]


@pytest.mark.clause("minato/7-2(6)")
def test_the_image_beside_a_draft_is_looked_into_and_named(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(exif=with_place()))
    (tmp_path / "a.txt").write_text(
        '+++\nimages = [{ file = "a.jpg", alt = "花", rights = "own", consent = "人物なし" }]\n+++\n花が咲きました。'
    )
    said = check(tmp_path, "a.txt")
    assert (said.returncode, "画像「a.jpg」に、撮影場所" in said.stdout, "minato/7-2(6)" in said.stdout) == (1, True, True)


def test_an_office_file_is_never_written_back(tmp_path: Path) -> None:
    data = document(p("花が\u202e咲きました。"))
    (tmp_path / "a.docx").write_bytes(data)
    said = check(tmp_path, "a.docx", "--fix")
    assert ((tmp_path / "a.docx").read_bytes(), said.returncode) == (data, 2)
    assert "元のファイルを開いて" in said.stderr


def test_pipes_and_files_of_two_gigabytes_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.docx")
    with (tmp_path / "b.xlsx").open("wb") as file:
        file.truncate(2 << 30)
    results = json.loads(check(tmp_path, "a.docx", "b.xlsx", "--format", "json").stdout)["results"]
    assert ["error" in each for each in results] == [True, True]
