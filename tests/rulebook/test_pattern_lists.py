"""`words/<name>.re2`: shared patterns that read like a grammar, and what is said of one that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.rulebook.pattern_lists import patterns_of
from daemon.rulebook.source import Reader, Unreadable


def read(folder: Path, text: str) -> tuple[str, ...]:
    path = folder / "abuse.re2"
    path.write_text(text, encoding="utf-8")
    return patterns_of(Reader(), path)


def test_a_name_stands_for_its_piece_in_the_lines_below(tmp_path: Path) -> None:
    text = "# who\nsecond := お前|貴様\nboth := {second}ら?\n\n{both}は(?:馬鹿|阿呆){1,2}\n死ね\n死ね\n"
    assert read(tmp_path, text) == ("(?:(?:お前|貴様)ら?)は(?:馬鹿|阿呆){1,2}", "死ね")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("死ね\n(お前", 2, "RE2"),
        ("{second}は\nsecond := お前", 1, "second := …"),
        ("second := お前\nsecond := 貴様\n{second}", 2, "前にもあります"),
        ("お前(?=は)", 1, "先読み"),
        ("# nothing\nsecond := お前", 1, "1つもありません"),
        ("(?:お前)?", 1, "空の文"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(tmp_path, text)
    assert refused.value.problem.line == line
    assert said in refused.value.problem.message
