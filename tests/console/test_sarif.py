"""What SARIF 2.1.0 asks of a log, held against what `check --format sarif` writes.

The official schema comes in no package that is kept up, so what it and the specification ask of every object that we write stands here,
section by section. A property that no line below knows is an error, as the schema has it (`additionalProperties: false`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from console.cli.answers import Answer, FindingSaid, PolicySaid, Trouble
from console.cli.formats import Judged, Page, as_sarif
from console.launch import run

# RFC 3986: what a URI reference may be made of, percent signs only before two hex digits.
_URI = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
_PLACEHOLDER = re.compile(r"(?<!\{)(?:\{\{)*\{(?!\{)|(?<!\})(?:\}\})*\}(?!\})")
_LINK = re.compile(r"\[(?:[^\\\[\]]|\\[\\\[\]])*\]\(")


def words(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def from_one(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def index(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def uri(value: Any) -> bool:
    return words(value) and _URI.fullmatch(value) is not None


def plain(value: Any) -> bool:
    """3.11.3 to 3.11.6: no placeholder (there are no arguments), no embedded link (there are no related locations)."""
    return words(value) and not _PLACEHOLDER.search(value) and not _LINK.search(value)


def one_of(*values: str) -> Callable[[Any], bool]:
    return lambda value: value in values


LEVEL = one_of("none", "note", "warning", "error")
Kind = tuple[tuple[str, ...], dict[str, Any]]

OBJECTS: dict[str, Kind] = {
    "sarifLog 3.13": (("version", "runs"), {"version": one_of("2.1.0"), "$schema": uri, "runs": ["run 3.14"]}),
    "run 3.14": (
        ("tool",),
        {
            "tool": "tool 3.18",
            "columnKind": one_of("utf16CodeUnits", "unicodeCodePoints"),
            "invocations": ["invocation 3.20"],
            "results": ["result 3.27"],
        },
    ),
    "tool 3.18": (("driver",), {"driver": "toolComponent 3.19"}),
    "toolComponent 3.19": (("name",), {"name": words, "version": words, "rules": ["reportingDescriptor 3.49"]}),
    "reportingDescriptor 3.49": (
        ("id",),
        {
            "id": words,
            "name": words,
            "shortDescription": "message 3.11",
            "fullDescription": "message 3.11",
            "helpUri": lambda value: uri(value) and ":" in value,
            "properties": dict,
        },
    ),
    "invocation 3.20": (
        ("executionSuccessful",),
        {"executionSuccessful": lambda value: value in (True, False), "toolExecutionNotifications": ["notification 3.58"]},
    ),
    "notification 3.58": (("message",), {"level": LEVEL, "message": "message 3.11", "locations": ["location 3.28"]}),
    "result 3.27": (
        ("message",),
        {
            "ruleId": words,
            "ruleIndex": index,
            "level": LEVEL,
            "message": "message 3.11",
            "locations": ["location 3.28"],
            "properties": dict,
            "fixes": ["fix 3.55"],
        },
    ),
    "message 3.11": (("text",), {"text": plain}),
    "location 3.28": ((), {"physicalLocation": "physicalLocation 3.29"}),
    "physicalLocation 3.29": (("artifactLocation",), {"artifactLocation": "artifactLocation 3.4", "region": "region 3.30"}),
    "artifactLocation 3.4": ((), {"uri": uri}),
    "region 3.30": (("startLine",), dict.fromkeys(("startLine", "startColumn", "endLine", "endColumn"), from_one)),
    "fix 3.55": (("artifactChanges",), {"description": "message 3.11", "artifactChanges": ["artifactChange 3.56"]}),
    "artifactChange 3.56": (
        ("artifactLocation", "replacements"),
        {"artifactLocation": "artifactLocation 3.4", "replacements": ["replacement 3.57"]},
    ),
    "replacement 3.57": (("deletedRegion",), {"deletedRegion": "region 3.30", "insertedContent": "artifactContent 3.3"}),
    "artifactContent 3.3": ((), {"text": lambda value: isinstance(value, str)}),
}
"""By object and section: the properties that it must have, and what each that it may have holds: a check, another object, or an array."""
NEVER_EMPTY = ("artifactChanges", "replacements")


def wrong(kind: str, value: Any, at: str = "$") -> Iterator[str]:
    """What is wrong with an object of the log, each with its place."""
    required, known = OBJECTS[kind]
    if not isinstance(value, dict):
        yield f"{at}: no {kind}"
        return
    yield from (f"{at}: no {name}" for name in required if name not in value)
    for name, held in value.items():
        place, holds = f"{at}.{name}", known.get(name)
        if holds is None:
            yield f"{place}: not known to {kind}"
        elif isinstance(holds, str):
            yield from wrong(holds, held, place)
        elif isinstance(holds, list):
            if not isinstance(held, list) or (not held and name in NEVER_EMPTY):
                yield f"{place}: no array, or an empty one"
                continue
            for number, each in enumerate(held):
                yield from wrong(holds[0], each, f"{place}[{number}]")
        elif not (isinstance(held, dict) if holds is dict else holds(held)):
            yield f"{place}: {held!r}"
    if kind == "region 3.30" and not (value["startLine"], value["startColumn"]) <= (value["endLine"], value["endColumn"]):
        yield f"{at}: ends before it begins"
    if kind == "run 3.14":
        rules = value["tool"]["driver"].get("rules", [])
        if len({rule["id"] for rule in rules}) < len(rules):
            yield f"{at}: one rule twice (3.49.3)"
        for result in value["results"]:
            if result["ruleIndex"] >= len(rules) or rules[result["ruleIndex"]]["id"] != result["ruleId"]:
                yield f"{at}: ruleIndex and ruleId disagree (3.27.6)"


@pytest.fixture
def sarif(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    monkeypatch.delenv("KOHOBAN_OFFICE", raising=False)
    monkeypatch.chdir(tmp_path)

    def go(*words: str) -> Any:
        run(["check", "--format", "sarif", *words])
        return json.loads(capfd.readouterr().out)

    return go


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_whatever_is_judged_the_log_is_what_the_specification_asks_for(
    sarif: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", lang)
    drafts = {
        "a b😀.txt": "○○市の説明会は2026年11月21日（金）です。\n連絡は090-1234-5678の田中さんへ。{0} [here](1)\n",
        "dash-[x](y){1}.txt": "@somebody 説明会は\u202e24日です。RT @x",
        "crlf.txt": "+++\r\ntopic = '[a](1){0}'\r\nwrong = 1\r\n+++\r\n本日○時○分\r\n",
        "good.txt": "図書館の開館時間を、来月から午後8時まで延ばします。",
        "empty.txt": "",
        "nul.txt": "\x00\x1b[31m",
    }
    for name, text in drafts.items():
        (tmp_path / name).write_bytes(text.encode())
    (tmp_path / "noise.txt").write_bytes(bytes(range(128, 256)))
    for words_ in (
        ("--policy", "minato"),
        ("--policy", "taisho", "--only", "content"),
        ("--as", "comment", "--policy", "saitama"),
    ):
        document = sarif(*words_, *drafts, "noise.txt", "gone.txt")
        assert list(wrong("sarifLog 3.13", document)) == []
        assert document["runs"][0]["results"] and document["runs"][0]["invocations"][0]["toolExecutionNotifications"]


def test_braces_and_links_of_a_text_stay_words() -> None:
    quoted = "「[押す](https://x)」{1}"
    said = FindingSaid(
        clause="minato/1", cite="{0}", text="[a](1)", rule="r", verdict="warn", start=0, end=1, message=quoted, message_en=quoted, fix="{"
    )  # fmt: skip
    policy = PolicySaid(id="minato", version=None, hash="")
    answer = Answer(id="a", verdict="warn", findings=(said,), missing=(), policy=policy, length={})
    document = as_sarif([Judged(answer, Page("あ")), Trouble(id="b", error="{2}")], "1")
    assert list(wrong("sarifLog 3.13", document)) == []
    assert "「[押す] (https://x)」{{1}}" in document["runs"][0]["results"][0]["message"]["text"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), "2.0.0"),
        (("runs", 0, "tool", "driver", "name"), ""),
        (("runs", 0, "results", 0, "message", "text"), "a {0}"),
        (("runs", 0, "results", 0, "message", "text"), "[a](1)"),
        (("runs", 0, "results", 0, "level"), "hold"),
        (("runs", 0, "results", 0, "ruleIndex"), 7),
        (("runs", 0, "results", 0, "locations", 0, "physicalLocation", "region", "endColumn"), 0),
        (("runs", 0, "results", 0, "locations", 0, "physicalLocation", "artifactLocation", "uri"), "a b"),
        (("runs", 0, "extra"), 1),
    ],
)
def test_a_log_that_the_specification_refuses_is_refused_here(
    sarif: Callable[..., Any], tmp_path: Path, path: tuple[str | int, ...], value: object
) -> None:
    (tmp_path / "a.txt").write_text("説明会は2026年11月21日（金）です。", encoding="utf-8")
    document = sarif("--policy", "minato", "a.txt")
    assert list(wrong("sarifLog 3.13", document)) == []
    inside: Any = document
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    assert list(wrong("sarifLog 3.13", document)) != []
