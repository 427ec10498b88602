"""One word for one thing: the glossary (docs/glossary.md) against the catalogue, the handbook and the words of the first day."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from console.day import steps
from console.tui.lesson import shown
from console.words import catalogue

ROOT = Path(__file__).resolve().parent.parent
HANDBOOK = [ROOT / "docs" / "handbook.md", *sorted((ROOT / "docs" / "handbook").glob("*.md"))]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ")
][1:]
NOT_USED = {word: row[0] for row in ROWS for word in row[3].split("、") if word}
PARTS = sorted(path.stem for path in (ROOT / "console" / "words" / "ja").glob("*.toml") if "-" not in path.stem)


def test_every_word_of_the_glossary_is_one_that_people_meet() -> None:
    met = "\n".join(path.read_text(encoding="utf-8") for path in HANDBOOK)
    met += "\n".join(said for part in PARTS for said in catalogue(part, "ja").values())
    assert [row[0] for row in ROWS if row[0] not in met] == []


def test_no_word_is_explained_twice() -> None:
    assert len({row[0] for row in ROWS}) == len(ROWS) > 20


@pytest.mark.parametrize("part", PARTS)
def test_the_catalogue_uses_no_other_word_for_the_same_thing(part: str) -> None:
    assert {key: word for key, said in catalogue(part, "ja").items() for word in NOT_USED if word in said} == {}


@pytest.mark.parametrize("path", HANDBOOK, ids=lambda path: path.name)
def test_the_handbook_uses_no_other_word_for_the_same_thing(path: Path) -> None:
    written = path.read_text(encoding="utf-8")
    assert {word: other for word, other in NOT_USED.items() if word in written} == {}


def test_the_first_day_of_the_handbook_is_the_day_that_the_console_teaches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", "ja")
    said = catalogue("tui", "ja")
    rows = [f"| {s.at} | {said[f'lesson.{s.id}']} | {' '.join(f'`{key}`' for key in shown(s))} |" for s in steps()]
    page = (ROOT / "docs" / "handbook" / "first-day.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \d+:.*$", page, flags=re.MULTILINE) == rows


@pytest.mark.parametrize("path", HANDBOOK, ids=lambda path: path.name)
def test_every_link_of_the_handbook_leads_somewhere(path: Path) -> None:
    written = path.read_text(encoding="utf-8")
    for target, _, anchor in (link.partition("#") for link in re.findall(r"\]\(([^)]+)\)", written)):
        there = (path.parent / target).resolve() if target else path
        if target.startswith("http"):
            continue
        assert there.is_file(), target
        if anchor:
            heads = re.findall(r"^#+ (.*)$", there.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert anchor in [re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads], anchor
