"""SARIF, textlint's JSON and the pre-commit hook: what other programs read of `check`."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from console.launch import run
from daemon.intake.names import is_draft

ROOT = Path(__file__).resolve().parents[2]
WRONG = "😀😀2026年11月21日（金）に開きます。\n"
Check = Callable[..., Any]


@pytest.fixture
def check(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Check:
    monkeypatch.setenv("KOHOBAN_LANG", "en")
    monkeypatch.delenv("KOHOBAN_OFFICE", raising=False)
    monkeypatch.chdir(tmp_path)

    def go(form: str, *words: str) -> Any:
        run(["check", "--only", "content", "--format", form, *words])
        return json.loads(capfd.readouterr().out)

    return go


def utf16(text: str) -> list[str]:
    """The text as an array of UTF-16 units, as JavaScript indexes it."""
    data = text.encode("utf-16-le")
    return [data[at : at + 2].hex() for at in range(0, len(data), 2)]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_textlints_ranges_and_columns_cut_the_span_from_the_decoded_file(
    check: Check, tmp_path: Path, codec: str, end: str
) -> None:
    wrong = WRONG.replace("😀", "" if codec == "cp932" else "😀")
    text = f'+++\ntopic = "区政情報"\n+++\n催しです。\n{wrong}'.replace("\n", end)
    (tmp_path / "a.txt").write_bytes(text.encode(codec))
    (file,) = check("textlint-json", "--policy", "minato", "a.txt")
    (message,) = [each for each in file["messages"] if "fix" in each]
    start, stop = message["range"]
    assert utf16(text)[start:stop] == utf16("金")
    assert message["index"] == start and message["fix"] == {"range": [start, stop], "text": "土"}
    line = text.split(end)[message["line"] - 1]
    assert utf16(line)[message["column"] - 1 :][:1] == utf16("金")
    assert message["loc"]["start"] == {"line": message["line"], "column": message["column"]}
    assert message["loc"]["end"]["column"] - message["column"] == stop - start
    assert message["severity"] == 2 and message["type"] == "lint" and message["ruleId"] == "office.weekday"


def test_sarif_has_what_2_1_0_asks_for(check: Check, tmp_path: Path) -> None:
    (tmp_path / "a b.txt").write_text(WRONG, encoding="utf-8")
    document = check("sarif", "--policy", "minato", "a b.txt", "gone.txt")
    assert document["version"] == "2.1.0"
    (sarif,) = document["runs"]
    driver = sarif["tool"]["driver"]
    assert driver["name"] == "kohoban" and driver["version"]
    for rule in driver["rules"]:
        assert rule["id"].startswith("minato/") and rule["shortDescription"]["text"]
        assert re.fullmatch(r"urn:kohoban:[!-~]+", rule["helpUri"])
    assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
    assert sarif["columnKind"] == "unicodeCodePoints"
    (result,) = [each for each in sarif["results"] if each["ruleId"].endswith("weekday")]
    assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] == "error" and result["message"]["text"]
    place = result["locations"][0]["physicalLocation"]
    region = place["region"]
    assert WRONG[region["startColumn"] - 1 : region["endColumn"] - 1] == "金"
    ((change,),) = [fix["artifactChanges"] for fix in result["fixes"]]
    assert change["artifactLocation"] == place["artifactLocation"] == {"uri": "a%20b.txt"}
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": "土"}}]
    assert sarif["invocations"][0]["executionSuccessful"] is False


def test_the_same_rule_under_two_policies_is_two_rules_of_sarif(
    check: Check, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    office = tmp_path / "training"
    assert run(["init", str(office)]) == 0
    capfd.readouterr()
    for account in ("minato-x", "saitama-cvc"):
        (office / "drafts" / account / "mention.txt").write_text("@somebody こんにちは。", encoding="utf-8")
    paths = [str(office / "drafts" / account / "mention.txt") for account in ("minato-x", "saitama-cvc")]
    (sarif,) = check("sarif", "--office", str(office), *paths)["runs"]
    clauses = {rule["id"]: rule["properties"]["clause"] for rule in sarif["tool"]["driver"]["rules"]}
    assert clauses["minato/mention"].startswith("minato/")
    assert clauses["saitama/mention"].startswith("saitama/")
    uris = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in sarif["results"]}
    assert uris == {f"file://{path}" for path in paths}


def test_a_name_that_is_not_utf8_keeps_its_bytes_in_the_uri(check: Check, tmp_path: Path) -> None:
    name = b"a:\x83e %20.txt"
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).write_text(WRONG, encoding="utf-8")
    (sarif,) = check("sarif", "--policy", "minato", os.fsdecode(name))["runs"]
    uri = sarif["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote_to_bytes(uri) == name
    assert ":" not in uri and uri.isascii()


def test_the_pre_commit_hook_names_a_command_that_works(tmp_path: Path) -> None:
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    settings = dict(re.findall(r"^[- ] (\w+): (.+)$", hooks, re.MULTILINE))
    assert settings["id"] == "kohoban-check"
    assert (settings["language"], settings["types"], settings["pass_filenames"]) == ("python", "[file]", "true")
    handed = [
        name for name in ("a.txt", "a.md", "a.docx", "a.xlsx", "a.csv", "a.jpg", "a.py") if re.search(settings["files"], name)
    ]
    assert handed == ["a.txt", "a.md", "a.docx", "a.xlsx", "a.csv"] == [each for each in handed if is_draft(each.encode())]
    # As pre-commit runs it: the entry, the arguments of the user's configuration, then the files, in the repository's folder.
    (tmp_path / "good.txt").write_text("図書館の開館時間を、来月から午後8時まで延ばします。", encoding="utf-8")
    (tmp_path / "bad draft.txt").write_text(WRONG, encoding="utf-8")
    program, *words = shlex.split(settings["entry"])
    assert program == "kohoban"
    command = [sys.executable, "-c", "import sys; from console.launch import main; sys.exit(main())", *words]
    args = ["--policy", "minato", "--only", "content"]
    environment = {**os.environ, "KOHOBAN_LANG": "en"}
    for files, code in ((["good.txt"], 0), (["good.txt", "bad draft.txt"], 1)):
        done = subprocess.run([*command, *args, *files], cwd=tmp_path, env=environment, capture_output=True, check=False)
        assert done.returncode == code
        assert (b"bad draft.txt" in done.stdout) == (code == 1)
