"""`kohoban check`: one item in, one answer out, whatever it is given."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console.launch import run
from tests.north import north

RUN = "import sys; from console.launch import main; sys.exit(main())"
GOOD = '+++\nauthor = "kato"\ntopic = "区政情報"\n+++\n公園のトイレの改修工事が終わりました。\n'
BLANKS = '+++\ntopic = "災害・緊急情報"\nsource = "内閣官房"\n+++\n○○より本日○時○分ころ、ミサイルが発射された模様です。\n'

Check = Callable[..., tuple[int, str, str]]


@pytest.fixture
def check(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Check:
    """Run `kohoban check` in an empty folder; returns exit code, stdout and stderr."""
    monkeypatch.setenv("KOHOBAN_LANG", "en")
    monkeypatch.delenv("KOHOBAN_OFFICE", raising=False)
    monkeypatch.chdir(tmp_path)

    def go(*words: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = run(["check", *words])
        said = capfd.readouterr()
        return code, said.out, said.err

    return go


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training office as `kohoban init` makes it."""
    folder = tmp_path_factory.mktemp("office") / "training"
    assert run(["init", str(folder)]) == 0
    return folder


def answers(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def jsonl(*items: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(item, ensure_ascii=False).encode() + b"\n" for item in items)


def test_a_stream_is_answered_line_by_line_in_order_in_the_contracts_words(check: Check) -> None:
    code, out, _ = check(
        "--policy", "minato", "--jsonl", "-",
        stdin=jsonl(
            {"id": "a", "text": "公園のトイレの改修工事が終わりました。", "topic": "区政情報"},
            {"id": "b", "text": "本日○時○分ころ、ミサイルが発射された模様です。", "topic": "災害・緊急情報"},
        ),
    )  # fmt: skip
    good, blanks = answers(out)
    assert (good["id"], blanks["id"]) == ("a", "b")
    assert good["verdict"] in ("pass", "info", "warn")
    assert good["length"]["x"] == {"weighted": 38, "limit": 280}
    assert good["missing"] == []
    assert good["policy"]["id"] == "minato"
    assert good["policy"]["version"] == "2024-04-01"
    assert good["policy"]["hash"].startswith("sha256:")
    assert blanks["verdict"] == "block"
    assert code == 1
    finding = next(f for f in blanks["findings"] if f["clause"] == "minato/7-2(5)" and f["end"])
    assert finding["text"] and finding["cite"] and finding["message"] and finding["rule"]
    assert "○" in "本日○時○分ころ、ミサイルが発射された模様です。"[finding["start"] : finding["end"]]


def test_each_answer_comes_before_the_next_line_is_asked_for() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "check", "--policy", "saitama", "--jsonl", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin and process.stdout
    for name in ("first", "second"):
        process.stdin.write(jsonl({"id": name, "text": "市民活動の講座を開きます。"}))
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == name
    process.stdin.close()
    assert process.wait(30) in (0, 1)
    process.stdout.close()


def test_a_bad_line_is_answered_in_its_place_and_the_others_are_judged(check: Check) -> None:
    code, out, _ = check(
        "--policy", "minato", "--only", "content", "--jsonl", "-",
        stdin=b'not json\n\n{"id": "x"}\n["a"]\n\xff\xfe\n{"id": 7, "text": "\xe8\x89\xaf\xe3\x81\x84"}\n',
    )  # fmt: skip
    said = answers(out)
    assert [line.get("line") for line in said[:-1]] == [1, 3, 4, 5]
    assert all("error" in line and "verdict" not in line for line in said[:-1])
    assert said[1]["id"] == "x"
    assert said[-1]["id"] == "7"
    assert code == 2


def test_a_line_over_the_limit_is_passed_over_without_being_kept(check: Check) -> None:
    huge = b'{"id": "huge", "text": "' + b"a" * (3 << 20) + b'"}\n'
    _, out, _ = check("--policy", "minato", "--jsonl", "-", stdin=huge + jsonl({"id": "next", "text": "良い"}))
    first, second = answers(out)
    assert "too long" in first["error"]
    assert second["id"] == "next"


def test_a_lone_surrogate_in_json_is_judged_and_named_and_moves_no_offset(check: Check) -> None:
    _, out, _ = check("--policy", "minato", "--jsonl", "-", stdin=b'{"id": "s\\udc00", "text": "\\ud800\\u3042"}\n')
    (said,) = answers(out)
    assert any("encoding" in f["clause"] or "encoding" in f["rule"] for f in said["findings"])
    assert said["verdict"] == "block"


def test_unknown_and_wrong_fields_are_findings_and_the_text_is_judged(check: Check) -> None:
    item = {"id": "a", "text": "本日○時に始まります。", "topik": "x", "emergency": "yes", "topic": "区政情報"}
    _, out, _ = check("--policy", "minato", "--jsonl", "-", stdin=jsonl(item))
    (said,) = answers(out)
    assert "topik" in json.dumps(said["findings"])
    assert "emergency" in json.dumps(said["findings"])
    assert any(f["end"] > f["start"] for f in said["findings"])


def test_content_alone_asks_for_no_topic_and_no_hours(check: Check) -> None:
    item = jsonl({"id": "a", "text": "市民活動の講座を開きます。"})
    late = ("--policy", "saitama", "--at", "2026-11-21T22:00", "--jsonl", "-")
    whole, _, _ = check(*late, stdin=item)
    code, out, _ = check(*late, "--only", "content", stdin=item)
    assert whole == 1
    assert code == 0
    assert answers(out)[0]["verdict"] in ("pass", "info")


@pytest.mark.clause("saitama/4", "taisho/3.対応時間")
@pytest.mark.parametrize("policy", ["saitama", "taisho"])
def test_outside_hours_is_a_hold_that_cites_the_hours_clause(check: Check, policy: str) -> None:
    _, out, _ = check(
        "--policy", policy, "--at", "2026-11-21T22:00", "--jsonl", "-", stdin=jsonl({"id": "a", "text": "催しです。"})
    )
    clause = {"saitama": "saitama/4", "taisho": "taisho/3.対応時間"}[policy]
    (finding,) = [f for f in answers(out)[0]["findings"] if f["clause"] == clause]
    assert finding["verdict"] == "hold"
    assert finding["lift"]


def test_a_file_is_shown_with_the_clause_its_words_and_the_span(check: Check, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BLANKS, encoding="utf-8")
    code, out, _ = check("--policy", "minato", "a.txt")
    assert code == 1
    assert "minato/7-2(5)" in out
    assert "一度ネットワーク上に公開された情報は完全には削除できない" in out
    assert "^^" in out
    assert "  5:" in out, "the line is that of the file, front matter included"


def test_what_a_draft_brings_never_reaches_the_terminal_as_it_is(check: Check, tmp_path: Path) -> None:
    name = "a\033[31m\u202e.txt"
    (tmp_path / name).write_text("○○\033[2J\u202eが\x9b開きます○時", encoding="utf-8")
    for form in ("human", "json", "sarif", "textlint-json"):
        _, out, err = check("--policy", "minato", "--format", form, name)
        assert not set(out + err) & set("\033\u202e\x9b")


def test_a_cp932_file_is_judged_like_any_other(check: Check, tmp_path: Path) -> None:
    (tmp_path / "sjis.txt").write_bytes(GOOD.encode("cp932"))
    code, out, _ = check("--policy", "minato", "sjis.txt")
    assert code == 0
    assert "sjis.txt" in out


def test_what_cannot_be_read_is_said_and_the_rest_is_judged(check: Check, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(GOOD, encoding="utf-8")
    os.mkfifo(tmp_path / "fifo.txt")
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(2 << 30)
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    code, out, err = check("--policy", "minato", "missing.txt", "fifo.txt", "huge.txt", "loop.txt", "good.txt", "--json")
    results = json.loads(out)["results"]
    assert [("error" in result) for result in results] == [True, True, True, True, False]
    assert code == 2
    assert err == ""


def test_a_folder_gives_its_drafts_in_order_and_nothing_else(check: Check, tmp_path: Path) -> None:
    for folder in ("inner", "done", ".git"):
        (tmp_path / "d" / folder).mkdir(parents=True)
        (tmp_path / "d" / folder / "z.txt").write_text(GOOD, encoding="utf-8")
    (tmp_path / "d" / "inner" / "z.txt").unlink()
    for name in ("b.txt", "a.md", "a.md~", ".hidden.txt", "a.md.判定.txt", "image.png", "inner/c.txt"):
        (tmp_path / "d" / name).write_text(GOOD, encoding="utf-8")
    _, out, _ = check("--policy", "minato", "d", "--json")
    assert [result["id"] for result in json.loads(out)["results"]] == ["d/a.md", "d/b.txt", "d/inner/c.txt"]


def test_the_programs_own_verdict_files_are_no_drafts(check: Check, tmp_path: Path) -> None:
    for name in ("a.txt", "a.判定.txt"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    _, out, _ = check("--policy", "minato", "a.txt", "a.判定.txt", "--json")
    assert [result["id"] for result in json.loads(out)["results"]] == ["a.txt"]


def test_a_name_that_is_not_utf8_is_shown_and_does_no_harm(check: Check, tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\x83e\x83X\x83g.txt"))).write_text(GOOD, encoding="utf-8")
    code, out, _ = check("--policy", "minato", ".", "--json")
    assert code == 0
    assert "\\x83" in json.loads(out)["results"][0]["id"]


def test_standard_input_takes_the_name_that_an_editor_gives(check: Check, office: Path) -> None:
    name = str(office / "drafts" / "minato-x" / "unsaved.txt")
    code, out, _ = check("--office", str(office), "--stdin", "--stdin-filename", name, "--json", stdin=BLANKS.encode())
    (said,) = json.loads(out)["results"]
    assert code == 1
    assert said["id"] == name
    assert said["policy"]["id"] == "minato"
    assert said["missing"], "with an office it is said what else it waits for"
    assert "the chief of 区長室 (芝田 恵)" in {line["who_en"] for line in said["missing"]}


def test_inside_an_office_the_folder_says_which_accounts_policy_speaks(check: Check, office: Path) -> None:
    _, out, _ = check("--office", str(office), str(office / "drafts"), "--json")
    results = json.loads(out)["results"]
    assert {result["policy"]["id"] for result in results} == {"minato", "saitama", "shinagawa", "taisho"}
    assert len(results) > 20


def test_a_draft_of_no_account_is_asked_about_not_guessed(check: Check, office: Path, tmp_path: Path) -> None:
    (tmp_path / "stray.txt").write_text(GOOD, encoding="utf-8")
    code, _, err = check("--office", str(office), "stray.txt")
    assert code == 2
    assert "--account" in err


WITH_COMMENTS = (
    north("個人を特定する情報の書き込みを禁止する。")
    + """

[[rule]]
id = "number"
check = "pattern"
clause = "kita/3"
on = "comment"
level = "act"
any = ['0\\d{1,3}-\\d{2,4}-\\d{4}']
message = "電話番号に当たるか確認してください。"
message_en = "Check whether this is a telephone number."

[[rule]]
id = "name"
check = "words"
clause = "kita/3"
on = "comment"
level = "look"
terms = ["氏の自宅"]
message = "個人に当たるか確認してください。"
message_en = "Check whether this is about a person."

[[rule]]
id = "draft-only"
check = "words"
clause = "kita/3"
level = "hold"
terms = ["自宅"]
message = "確認してください。"
message_en = "Check this."
"""
)


@pytest.fixture
def kita(tmp_path: Path) -> str:
    """A policy that has rules on comments, and one on drafts that the same words meet."""
    (tmp_path / "kita.toml").write_text(WITH_COMMENTS, encoding="utf-8")
    return str(tmp_path / "kita.toml")


def test_comments_are_judged_by_the_rules_on_comments_alone(check: Check, kita: str) -> None:
    code, out, _ = check(
        "--as", "comment", "--policy", kita, "--jsonl", "-",
        stdin=jsonl(
            {"id": "1", "text": "自宅で見ました。ありがとう。", "author": 3, "likes": 12},
            {"id": "2", "text": "田中氏の自宅はどこ"},
            {"id": "3", "text": "田中氏の自宅は 03-1234-5678"},
            {"id": "4", "text": ""},
        ),
    )  # fmt: skip
    said = answers(out)
    assert [answer["verdict"] for answer in said] == ["pass", "look", "act", "pass"]
    assert [[finding["rule"] for finding in answer["findings"]] for answer in said] == [[], ["name"], ["name", "number"], []]
    assert said[2]["findings"][1] | {"start": 8, "end": 20} == said[2]["findings"][1]
    assert all(answer["missing"] == [] for answer in said)
    assert code == 1


def test_a_comment_to_look_at_holds_nothing_up(check: Check, kita: str) -> None:
    code, _, _ = check("--as", "comment", "--policy", kita, "--jsonl", "-", stdin=jsonl({"id": "2", "text": "田中氏の自宅"}))
    assert code == 0


def test_a_file_is_a_comment_to_its_first_line_whatever_that_looks_like(check: Check, kita: str, tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text('+++\nauthor = "氏の自宅"\n+++\n03-1234-5678\n', encoding="cp932")
    code, out, _ = check("--as", "comment", "--policy", kita, "--json", "c.txt")
    (answer,) = json.loads(out)["results"]
    assert (code, answer["verdict"]) == (1, "act")
    assert [finding["rule"] for finding in answer["findings"]] == ["name", "number"]


def test_a_comment_that_cannot_be_read_is_no_comment_without_findings(check: Check, kita: str, tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_bytes(b"\xe3\x81\x82\xff\xfe\xe3\x81" * 9)
    code, out, err = check("--as", "comment", "--policy", kita, "c.txt")
    assert (code, out) == (2, "")
    assert err


@pytest.mark.parametrize("policy", ["taisho", "saitama", "minato", "shinagawa"])
def test_thanks_to_the_office_pass_under_every_policy(check: Check, policy: str) -> None:
    code, out, _ = check(
        "--as", "comment", "--policy", policy, "--jsonl", "-", stdin=jsonl({"id": "1", "text": "いつもありがとうございます。"})
    )
    assert (code, answers(out)[0]["verdict"]) == (0, "pass")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "--stdin"),
        (["a.txt", "--jsonl", "-"], "--jsonl"),
        (["--policy", "minato", "--account", "x", "a.txt"], "--account"),
        (["--policy", "minatoo", "a.txt"], "minato"),
        (["--as", "comment", "a.txt"], "--policy"),
        (["--as", "comment", "--policy", "minato", "--fix", "a.txt"], "--fix"),
        (["--as", "comments", "--policy", "minato", "a.txt"], "draft, comment"),
        (["--policy", "minato", "--at", "soon", "a.txt"], "2026-11-24T09:00"),
        (["--jsonl", "-"], "--policy"),
        (["--jsonl", "nowhere.jsonl", "--policy", "minato"], "nowhere.jsonl"),
        (["--jsonl", "-", "--policy", "minato", "--format", "sarif"], "--format"),
        (["a.txt"], "rules.toml"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_sentence_that_helps(check: Check, words: list[str], said: str) -> None:
    code, out, err = check(*words)
    assert code == 2
    assert out == ""
    assert said in err
    assert "Traceback" not in err


def test_textlints_json_counts_as_javascript_does(check: Check, tmp_path: Path) -> None:
    text = "😀😀○○で開きます。"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    _, out, _ = check("--policy", "minato", "--only", "content", "--format", "textlint-json", "a.txt")
    (file,) = json.loads(out)
    assert file["filePath"] == "a.txt"
    units = text.encode("utf-16-le")
    for message in file["messages"]:
        start, end = message["range"]
        if end > start:
            assert "○" in units[2 * start : 2 * end].decode("utf-16-le")
            assert message["severity"] == 2
            assert message["index"] == start


def test_sarif_names_rule_clause_and_place(check: Check, tmp_path: Path) -> None:
    (tmp_path / "a b.txt").write_text(BLANKS, encoding="utf-8")
    _, out, _ = check("--policy", "minato", "--format", "sarif", "a b.txt", "gone.txt")
    document = json.loads(out)
    assert document["version"] == "2.1.0"
    (sarif,) = document["runs"]
    assert sarif["columnKind"] == "unicodeCodePoints"
    result = next(r for r in sarif["results"] if r["properties"]["clause"] == "minato/7-2(5)")
    assert sarif["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b.txt"
    assert place["region"]["startLine"] == 5
    assert sarif["invocations"][0]["executionSuccessful"] is False
    assert "gone.txt" in json.dumps(sarif["invocations"][0]["toolExecutionNotifications"])


def test_of_a_text_longer_than_any_platform_takes_the_lines_are_still_those_of_the_file(check: Check, tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text(BLANKS + "区からのお知らせです。\n" * 6_000, encoding="utf-8")
    _, out, _ = check("--policy", "minato", "--format", "sarif", "long.txt")
    (sarif,) = json.loads(out)["runs"]
    blanks = [r for r in sarif["results"] if "○○" in r["message"]["text"]]
    assert [r["locations"][0]["physicalLocation"]["region"]["startLine"] for r in blanks[:1]] == [5]
    assert any(r["ruleId"].endswith("too-large") for r in sarif["results"])


def test_a_line_of_a_stream_is_judged_no_further_than_a_file(check: Check) -> None:
    text = "区からのお知らせです。" * 8_000 + "○○より本日○時○分ころ"
    _, out, _ = check("--policy", "minato", "--jsonl", "-", stdin=jsonl({"id": "1", "text": text}))
    (answer,) = answers(out)
    assert any(finding["rule"].endswith("too-large") for finding in answer["findings"])
    assert not any("○" in finding["message"] for finding in answer["findings"])


def test_outside_an_office_a_file_without_a_policy_is_told_how_to_name_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("図書館のお知らせ", encoding="utf-8")
    assert run(["check", "a.txt"]) == 2
    assert "--policy" in capfd.readouterr().err
