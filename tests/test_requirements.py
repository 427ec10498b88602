"""The table of the thirty requirements (docs/requirements.md): each has a test, and each test that is named there is one."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROWS = [
    line.split(" | ")
    for line in (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ")
]
HELD = {int(cells[0].strip("| ")): re.findall(r"`([\w/]+\.py)::(\w+)`", cells[-1]) for cells in ROWS[1:]}


@cache
def collected(path: Path) -> dict[str, list[str]]:
    """The tests that pytest collects from a file, with their decorators."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [
        node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_")
    ]
    return {node.name: [ast.unparse(each) for each in node.decorator_list] for node in found}


def test_there_are_thirty() -> None:
    assert list(HELD) == list(range(1, 31))


@pytest.mark.parametrize("number", HELD)
def test_a_requirement_is_held_by_tests_that_are_run(number: int) -> None:
    assert HELD[number], "no test"
    for name, test in HELD[number]:
        path = ROOT / name
        assert path.name.startswith("test_"), name
        decorators = collected(path).get(test)
        assert decorators is not None, f"{name} has no {test}"
        assert not [each for each in decorators if "mark.skip(" in each or "xfail" in each]


def test_every_test_in_the_table_is_read_as_one() -> None:
    written = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8").count("::test_")
    assert written == sum(map(len, HELD.values()))
