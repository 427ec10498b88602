"""`check --as comment --own-posts`: what the office said itself, and what a comment made of it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from console.launch import run

POST = "市民活動フェスタは11月28日(土)10時から、サポートセンターで開きます。どなたでもどうぞ。"
COPY = POST.replace("11月28日", "12月5日")

Check = Callable[..., tuple[int, str, str]]


@pytest.fixture
def comment(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Check:
    """Run `kohoban check --as comment --policy saitama`; returns exit code, stdout and stderr."""
    monkeypatch.setenv("KOHOBAN_LANG", "en")
    monkeypatch.chdir(tmp_path)

    def go(*words: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = run(["check", "--as", "comment", "--policy", "saitama", *words])
        said = capfd.readouterr()
        return code, said.out, said.err

    return go


def rules(out: str) -> list[list[str]]:
    return [[finding["rule"] for finding in json.loads(line)["findings"]] for line in out.splitlines()]


def lines(*texts: str) -> str:
    return "".join(json.dumps({"id": str(n), "text": text}, ensure_ascii=False) + "\n" for n, text in enumerate(texts))


def test_a_stream_of_comments_is_held_against_posts_in_json_lines(comment: Check, tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(json.dumps({"text": POST}) + '\n\n{"text": "\\ud800", "id": 7}\n', encoding="utf-8")
    code, out, _ = comment("--own-posts", "posts.jsonl", "--jsonl", "-", stdin=lines(COPY, POST, "行きました。楽しかったです。"))
    assert (code, rules(out)) == (0, [["altered"], [], []])
    assert json.loads(out.splitlines()[0])["findings"][0]["clause"] == "saitama/7(13)"
    assert rules(comment("--jsonl", "-", stdin=lines(COPY))[1]) == [[]]


def test_a_folder_of_drafts_is_posts_with_what_was_released_and_without_front_matter(comment: Check, tmp_path: Path) -> None:
    (tmp_path / "posts/done").mkdir(parents=True)
    (tmp_path / "posts/plan.txt").write_text(
        "+++\ntopic = 'x'\n+++\n図書館は12月28日から休みます。お間違えのないように。", encoding="utf-8"
    )
    (tmp_path / "posts/done/festa.txt").write_text(POST, encoding="utf-8")
    code, out, _ = comment("--own-posts", "posts", "--stdin", "--json", stdin=COPY)
    assert (code, json.loads(out)["results"][0]["verdict"]) == (0, "look")
    assert (
        "12"
        in comment("--own-posts", "posts/plan.txt", "--stdin", stdin="図書館は12月30日から休みます。お間違えのないように。")[1]
    )
    assert "altered" in comment("--own-posts", "posts", "--explain", "--stdin", stdin=COPY)[1]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.jsonl", b"", "holds no post"),
        ("broken.jsonl", b'{"text": "a"}\n{"text": 3}\n', "Line 2 has no text"),
        ("bad.jsonl", b"not json\n", "Line 1 is not JSON"),
        ("noise.txt", bytes(range(128, 256)) * 3, "cannot be read as text"),
        ("missing.txt", None, "cannot be read"),
    ],
)
def test_posts_that_cannot_all_be_read_are_refused_and_not_left_out(
    comment: Check, tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    code, out, err = comment("--own-posts", name, "--stdin", stdin=COPY)
    assert (code, out) == (2, "")
    assert said in err


def test_drafts_have_no_posts_to_be_held_against(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", "en")
    assert run(["check", "--policy", "saitama", "--own-posts", "x.jsonl", "a.txt"]) == 2
    assert "--as comment" in capfd.readouterr().err


def test_the_help_names_the_option(comment: Check) -> None:
    assert "--own-posts FILE|DIR" in comment("--help")[1]
