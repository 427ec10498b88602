"""Whatever is thrown at `check`, as a draft or as a comment, in whatever form it answers: an answer for each, and nothing that a terminal
obeys. What hangs meets the time limit of every test."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.north import north

RUN = "import sys; from console.launch import main; sys.exit(main())"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What a terminal, or a reader's eye, takes for more than a character: control characters, and those that turn the direction of text."""
FORMS = ("human", "json", "sarif", "textlint-json")
MEGABYTE = 1 << 20

TEXTS: dict[str, bytes] = {
    "ten megabytes of one letter": b"a" * (10 * MEGABYTE),
    "as much of one letter as a file may hold": "あ".encode() * (255 << 10 >> 2),
    "a million marks": b"a" + "\u0301".encode() * 1_000_000,
    "as many marks as a file may hold": b"a" + "\u0301".encode() * 130_000,
    "lone surrogates": "\ud800あ\udfff\udbff".encode("utf-8", "surrogatepass") * 20,
    "NULs": b"\x00" * 5_000,
    "NULs among letters": "ば\x00か".encode() * 50,
    "escape sequences": b"\x1b[2J\x1b]0;title\x07\x1b[31m" + "赤\x9b31m\x7f\x08\r".encode(),
    "directions": "\u202e\u2066逆\u2069\u200f\u061c\u2028\u2029".encode() * 9,
    "explodes": b"a" * 30_000 + b"!" + "ｗ".encode() * 9_000 + "。".encode(),
    "commas": b"x," * 20_000 + b"P",
    "front matter without end": b"+++\n" + b"[" * 3_000,
    "front matter nested": b"+++\na = " + b"[" * 900 + b"]" * 900 + b"\n+++\nx",
    "one line of quotes": "「".encode() * 9_000,
    "numbers": b"090-" * 9_000,
    "numerals": "〇九〇の".encode() * 4_000,
    "names": "山田さん".encode() * 4_000,
    "nothing": b"",
}


def check(*words: str, cwd: Path, stdin: bytes = b"") -> tuple[str, str]:
    """Run the command line as anybody does; what it says on both channels. Fails on a crash and on what a terminal obeys."""
    environment = {**os.environ, "KOHOBAN_LANG": "en"}
    done = subprocess.run(
        [sys.executable, "-c", RUN, "check", *words], cwd=cwd, env=environment, input=stdin, capture_output=True, check=False
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert done.returncode in (0, 1, 2), (done.returncode, err[-2000:])
    assert "Traceback" not in out + err, err[-2000:]
    for said in (out, err):
        assert (obeyed := OBEYED.search(said)) is None, said[max(0, obeyed.start() - 80) : obeyed.end() + 80].encode()
    return out, err


def answered(form: str, out: str, err: str) -> int:
    """How many items an output answers."""
    if form == "human":
        return len(re.findall(r"^\S.*\b(?:pass|info|warn|hold|block|look|act)\b", out, re.MULTILINE)) + len(err.splitlines())
    document = json.loads(out)
    if form == "sarif":
        (run,) = document["runs"]
        return len(run["invocations"][0]["toolExecutionNotifications"]) + len({name_of(result) for result in run["results"]})
    return len(document["results"] if form == "json" else document)


def name_of(result: dict[str, list[dict[str, dict[str, dict[str, str]]]]]) -> str:
    return result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


@cache
def hostile(folder: Path) -> tuple[Path, ...]:
    """The texts above as files in the folder."""
    paths = []
    for number, text in enumerate(TEXTS.values()):
        paths.append(folder / f"{number:02}.txt")
        paths[-1].write_bytes(text)
    return tuple(paths)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["draft", "comment"])
def test_every_hostile_text_is_answered_in_every_form(tmp_path: Path, kind: str, form: str) -> None:
    files = [path.name for path in hostile(tmp_path)]
    out, err = check("--as", kind, "--policy", "saitama", "--format", form, *files, cwd=tmp_path)
    assert answered(form, out, err) == len(files) or form == "sarif"


@pytest.mark.parametrize("words", [("--explain",), ("--explain", "--json"), ("--diff", "--unsafe")])
def test_so_is_it_where_reasons_or_mendings_are_asked_for(tmp_path: Path, words: tuple[str, ...]) -> None:
    check("--policy", "saitama", *words, *(path.name for path in hostile(tmp_path)), cwd=tmp_path)


@pytest.mark.parametrize("kind", ["draft", "comment"])
def test_a_stream_of_them_is_answered_line_by_line(tmp_path: Path, kind: str) -> None:
    lines = [json.dumps({"id": "\x1b[31m\u202e\x7f", "text": text.decode("utf-8", "surrogatepass")}) for text in TEXTS.values()]
    stream = "\n".join([*lines, '{"id": "last", "text": "x"}', ""]).encode()
    out, _ = check("--as", kind, "--policy", "shinagawa", "--jsonl", "-", cwd=tmp_path, stdin=stream)
    answers = [json.loads(line) for line in out.splitlines()]
    assert len(answers) == len(TEXTS) + 1
    assert answers[-1]["id"] == "last"


@pytest.mark.parametrize("name", TEXTS)
def test_so_is_each_from_standard_input(tmp_path: Path, name: str) -> None:
    out, err = check("--policy", "shinagawa", "--stdin", cwd=tmp_path, stdin=TEXTS[name])
    assert "<stdin>" in out + err


def naughty(shared: Path) -> list[str]:
    found: list[str] = json.loads((shared / "data/adversarial/blns/blns.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("kind", ["draft", "comment"])
def test_every_naughty_string_is_answered(shared: Path, tmp_path: Path, kind: str) -> None:
    strings = naughty(shared)
    stream = "".join(json.dumps({"id": text, "text": text}) + "\n" for text in strings)
    out, _ = check("--as", kind, "--policy", "saitama", "--jsonl", "-", cwd=tmp_path, stdin=stream.encode())
    assert len(out.splitlines()) == len(strings)
    for number, text in enumerate(strings):
        (tmp_path / f"{number}.txt").write_bytes(text.encode("utf-8", "surrogatepass"))
    for form in FORMS:
        out, err = check("--as", kind, "--policy", "saitama", "--format", form, ".", cwd=tmp_path)
        assert answered(form, out, err) == len(strings) or form == "sarif"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["draft", "comment"])
def test_every_file_of_the_collections_is_answered(shared: Path, tmp_path: Path, kind: str, form: str) -> None:
    files = [
        path for folder in ("adversarial", "images") for path in sorted((shared / "data" / folder).rglob("*")) if path.is_file()
    ]
    out, err = check("--as", kind, "--policy", "saitama", "--format", form, *map(str, files), cwd=tmp_path)
    assert answered(form, out, err) == len(files) or form == "sarif"


@pytest.mark.parametrize("form", FORMS)
def test_every_image_is_looked_at_beside_a_draft(shared: Path, tmp_path: Path, form: str) -> None:
    images = sorted(path for path in (shared / "data/images").rglob("*.*") if path.name != "SOURCE.txt")
    for number, image in enumerate(images):
        shutil.copy(image, tmp_path)
        front = f'+++\n[[images]]\nfile = "{image.name}"\nalt = "x"\nrights = "own"\n+++\n写真です。\n'
        (tmp_path / f"{number}.txt").write_text(front, encoding="utf-8")
    out, err = check("--policy", "minato", "--format", form, ".", cwd=tmp_path)
    assert answered(form, out, err) == len(images)


EXPLODING = (r"(a+)+$", r"(a|a)*b", r"(ｗ+)+草", r"^([ぁ-ん]+)+！$", r"(.*?,){12}P", r"(?s:.*.*.*)=x", r"(x+x+)+y")


def policy_with(folder: Path, *patterns: str) -> Path:
    rules = "".join(
        f'\n[[rule]]\nid = "p{number}"\nclause = "kita/3"\n{on}check = "pattern"\nlevel = "{level}"\nany = [\'{pattern}\']\nmessage = "見てください。"\n'
        f'message_en = "Look."\n'
        for number, pattern in enumerate(patterns)
        for on, level in (("", "warn"),)
    )
    path = folder / "kita.toml"
    path.write_text(north("ことばを選ぶこと。") + rules, encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", ["draft", "comment"])
def test_patterns_that_are_built_to_explode_do_not(tmp_path: Path, kind: str) -> None:
    policy = policy_with(tmp_path, *EXPLODING)
    if kind == "comment":
        policy.write_text(
            policy.read_text(encoding="utf-8").replace('level = "warn"', 'on = "comment"\nlevel = "look"'), encoding="utf-8"
        )
    for name in ("explodes", "commas", "as much of one letter as a file may hold"):
        out, _ = check("--as", kind, "--policy", str(policy), "--json", "--stdin", cwd=tmp_path, stdin=TEXTS[name])
        assert len(json.loads(out)["results"]) == 1


@pytest.mark.parametrize(
    "pattern", [r"((a{100}){100}){100}", r"(\w{900}){900}", "(" * 5_000 + ")" * 5_000, r"(a)\1", "あ" * 100_000]
)
def test_patterns_that_cannot_be_compiled_are_refused_with_their_place(tmp_path: Path, pattern: str) -> None:
    policy = policy_with(tmp_path, pattern)
    out, err = check("--policy", str(policy), "--stdin", cwd=tmp_path, stdin=b"x")
    assert out == ""
    assert re.search(r"kita\.toml:\d+", err)
