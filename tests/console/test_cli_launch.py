"""The entry point: which code runs for which word, and what it costs to get there."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from console.launch import command_word, run

RUN = "import sys; from console.launch import main; sys.exit(main())"


def kohoban(*words: str, **settings: object) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "KOHOBAN_LANG": "en", "KOHOBAN_OFFICE": ""}
    return subprocess.run(
        [sys.executable, "-c", RUN, *words],
        text=True,
        capture_output=True,
        env=env,
        check=False,
        **settings,  # type: ignore[call-overload]
    )


def test_the_command_is_found_among_options_on_either_side() -> None:
    assert command_word(["--office", "stop", "queue", "--json"]) == ("queue", ["--office", "stop", "--json"])
    assert command_word(["--office=x", "stop", "--scope", "all"]) == ("stop", ["--office=x", "--scope", "all"])
    assert command_word(["--json"]) == ("", ["--json"])


def test_an_unknown_command_is_named_with_the_nearest_one() -> None:
    ended = kohoban("chekc")
    assert ended.returncode == 2
    assert "check" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["approve", "1", "2 3"], "余分な語があります: 2 3"),
        (["show"], "DRAFT がありません"),
        (["return", "1"], "--reason がありません"),
        (["queue", "--state"], "--state の後に値が要ります"),
        (["queue", "--json=1"], "--json は値を取りません"),
        (["queue", "--stat", "x"], "--state"),
        (["queue", "-z"], "-z というオプションはありません"),
        (["queue", "--state", "lost"], "--state に使えるのは received"),
        (["approve", "1", "--revision", "x"], "--revision は 1 以上の整数です"),
        (["policy", "--json"], "コマンドがありません"),
        (["policy", "lis"], "list のことですか"),
        (["--zzz"], "--zzz というオプションはありません"),
        (["--office"], "--office の後に値が要ります"),
    ],
)
def test_wrong_usage_is_said_in_japanese_and_names_the_help_to_look_into(
    words: list[str], said: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", "ja")
    assert run(words) == 2
    complaint = capfd.readouterr().err
    assert said in complaint
    assert complaint.count("\n") == 1
    assert not re.search("unexpected|Missing|No such|Invalid|requires|does not take|Try|Got", complaint)
    name = "" if words[0].startswith("-") else f" {words[0]}"
    assert f"kohoban{name} --help" in complaint or "のことですか。" in complaint


def test_help_lists_every_command_and_every_exit_code() -> None:
    ended = kohoban("--help")
    assert ended.returncode == 0
    for word in ("check", "stop", "resume", "queue", "approve", "audit", "init", "130"):
        assert f"\n  {word} " in ended.stdout


@pytest.mark.parametrize(
    ("words", "never"),
    [
        (["stop", "--help"], {"asyncio", "textual", "click", "msgspec", "rich"}),
        (["check", "--help"], {"asyncio", "textual", "click", "jpholiday"}),
        (["status", "--help"], {"asyncio", "textual"}),
    ],
)
def test_a_command_does_not_load_what_it_does_not_need(words: list[str], never: set[str]) -> None:
    code = f"import sys; from console.launch import run; run({words!r}); print(*sys.modules, file=sys.stderr)"
    ended = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True, check=True)
    assert not never & set(ended.stderr.split())


def test_an_interrupt_ends_with_130_and_no_trace(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "length", "--jsonl", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout and process.stderr
    process.stdin.write('{"id": "a", "text": "あ"}\n')
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["weighted"] == 2
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said


def test_a_reader_that_goes_away_early_is_no_crash() -> None:
    shell = f'"{sys.executable}" -c "{RUN}" policy show minato --json | head -n 1'
    ended = subprocess.run(["bash", "-c", shell], text=True, capture_output=True, check=False)
    assert ended.stdout.strip() == "{"
    assert ended.stderr == ""


def test_a_locale_that_cannot_write_japanese_gets_escapes_and_no_crash() -> None:
    env = {**os.environ, "KOHOBAN_LANG": "ja", "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run([sys.executable, "-c", RUN, "check", "--help"], capture_output=True, env=env, check=False)
    assert ended.returncode == 0
    assert b"\\u" in ended.stdout


def test_without_an_office_the_sentence_says_how_to_name_or_make_one(tmp_path: Path) -> None:
    ended = kohoban("queue", cwd=tmp_path)
    assert ended.returncode == 2
    assert "kohoban init" in ended.stderr


def test_status_without_a_daemon_is_printed_all_the_same_and_ends_with_3(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path / "office")]) == 0
    capfd.readouterr()
    assert run(["status", "--json", "--office", str(tmp_path / "office")]) == 3
    said = json.loads(capfd.readouterr().out)
    assert said["daemon"] == "down"
    assert said["stopped"] is True, "an office without a permit may send nothing"


def test_a_defect_of_the_program_is_an_incident_and_never_a_trace(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from console.cli import check

    def broken(argv: object) -> int:
        raise RuntimeError("broken")

    monkeypatch.setattr(check, "main", broken)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert run(["check", "x", "--office", str(tmp_path)]) == 2
    said = capfd.readouterr().err
    assert "Traceback" not in said
    assert "kohoban-" in said
