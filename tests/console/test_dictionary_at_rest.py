"""The dictionary is a file of 190 MB, and most texts need none: it is loaded by the first hit that asks for it, and not before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.north import north

BESIDE = """
import sys
from console.launch import main
code = main()
with open("/proc/self/maps") as maps:
    mapped = any("sudachidict" in line for line in maps)
print(f"imported={'sudachipy' in sys.modules} mapped={mapped}", file=sys.stderr)
sys.exit(code)
"""
RULES = """
[[rule]]
id = "rude"
clause = "kita/3"
check = "words"
level = "warn"
boundary = "{boundary}"
terms = ["バカ"]
message = "見てください。"
message_en = "Look."
"""


def after_check(cwd: Path, *words: str, stdin: str) -> tuple[bool, list[str]]:
    """Whether the dictionary was loaded when `check` had answered, and the rules that fired."""
    environment = {**os.environ, "KOHOBAN_LANG": "en"}
    done = subprocess.run(
        [sys.executable, "-c", BESIDE, "check", *words], cwd=cwd, env=environment, input=stdin, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    loaded = done.stderr.splitlines()[-1]
    assert loaded in ("imported=True mapped=True", "imported=False mapped=False")
    said = json.loads(done.stdout)["results"][0] if "--json" in words else json.loads(done.stdout.splitlines()[-1])
    return "True" in loaded, [finding["rule"] for finding in said["findings"]]


@pytest.mark.parametrize(
    ("text", "loaded"),
    [
        ("図書館の開館時間を、来月から午後8時まで延ばします。", False),
        ("区民の皆様、お客様へ。申請の様式は（１）から（３）まであります。", False),
        ("○月○日、2026年11月21日（金）に090-1234-5678へ。", False),
        ("講師は山田花子さんです。", True),
    ],
)
def test_a_draft_has_it_loaded_only_where_a_name_may_stand(tmp_path: Path, text: str, loaded: bool) -> None:
    was, rules = after_check(tmp_path, "--policy", "minato", "--only", "content", "--json", "--stdin", stdin=text)
    assert was == loaded
    assert ("office.person" in rules) == loaded


@pytest.mark.parametrize(
    ("boundary", "text", "loaded", "fires"),
    [
        ("word", "公園がきれいでした。", False, False),
        ("word", "あいつはバカだと言う", True, True),
        ("word", "夏のバカンスに行く", True, False),
        ("word", "「バカ」", False, True),
        ("script", "夏のバカンスに行く", False, False),
        ("script", "あいつはバカだと言う", False, True),
    ],
)
def test_a_word_has_it_loaded_only_where_it_is_met_between_letters(
    tmp_path: Path, boundary: str, text: str, loaded: bool, fires: bool
) -> None:
    (tmp_path / "kita.toml").write_text(north("ことばを選ぶこと。") + RULES.format(boundary=boundary), encoding="utf-8")
    was, rules = after_check(tmp_path, "--policy", "kita.toml", "--only", "content", "--json", "--stdin", stdin=text)
    assert was == loaded
    assert ("rude" in rules) == fires


def test_a_stream_of_comments_has_it_loaded_only_by_a_word_that_is_met(tmp_path: Path) -> None:
    plain = "".join(json.dumps({"id": str(n), "text": f"{n}番目です。公園がきれいでした。"}) + "\n" for n in range(200))
    words = ("--as", "comment", "--policy", "saitama", "--jsonl", "-")
    assert after_check(tmp_path, *words, stdin=plain) == (False, [])
    assert after_check(tmp_path, *words, stdin=plain + '{"id": "x", "text": "お前はバカだと思う"}\n')[0]
