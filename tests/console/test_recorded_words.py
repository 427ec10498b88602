"""Every act that the daemon writes into the record has its word on the screen, in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.words import Language, catalogue


def constants(node: ast.expr) -> Iterator[str]:
    """The strings that an expression may come to."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)


def recorded(root: Path) -> set[str]:
    """The names of acts in `tx.record(who, act, …)`, and in moderation's `note(tx, who, act, …)`."""
    found: set[str] = set()
    for path in (root / "daemon").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                place = {"record": 1, "record_all": 1, "note": 2}.get(name, -1)
                if 0 <= place < len(node.args):
                    found.update(constants(node.args[place]))
    return found


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_act_of_the_record_has_its_word(root: Path, language: Language) -> None:
    acts = recorded(root)
    assert {"judge_comment", "leave_comment", "measure_not_done", "import_comments", "approve"} <= acts
    words = catalogue("tui", language)
    assert {act for act in acts if f"recorded.{act}" not in words} == set()
