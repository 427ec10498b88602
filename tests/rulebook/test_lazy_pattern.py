"""Patterns of the program's own: compiled late, and all of them good."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.rulebook.lazy import lazy_pattern

ROOT = Path(__file__).resolve().parents[2]


def test_a_lazy_pattern_answers_like_a_compiled_one() -> None:
    lazy, compiled = lazy_pattern(r"(?P<day>\d+)日", re.MULTILINE), re.compile(r"(?P<day>\d+)日", re.MULTILINE)
    assert [m["day"] for m in lazy.finditer("3日と4日")] == [m["day"] for m in compiled.finditer("3日と4日")]
    assert lazy.sub("x", "5日") == "x"
    assert (lazy.pattern, lazy.flags, lazy.groups) == (compiled.pattern, compiled.flags, compiled.groups)
    assert lazy.search("なし") is None


def test_a_lazy_pattern_reads_bytes_too() -> None:
    assert lazy_pattern(rb"\x1b(.)").findall(b"\x1b(\x1b$") == [b"(", b"$"]


def patterns_of(value: object) -> Iterator[re.Pattern[str]]:
    if type(value) is type(lazy_pattern("")):
        yield value
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from patterns_of(inner)


@pytest.mark.parametrize("room", ["screening", "intake"])
def test_every_lazy_pattern_of_the_program_compiles(room: str) -> None:
    found = [
        pattern
        for path in sorted((ROOT / "daemon" / room).glob("*.py"))
        for value in vars(importlib.import_module(f"daemon.{room}.{path.stem}".removesuffix(".__init__"))).values()
        for pattern in patterns_of(value)
    ]
    assert found
    for pattern in found:
        assert re.compile(pattern.pattern, pattern.flags).groups == pattern.groups


NOTES_WHO_COMPILES = """
import re, sys
callers, real = set(), re.compile
def noting(source, flags=0):
    callers.add(sys._getframe(1).f_globals["__name__"])
    return real(source, flags)
re.compile = noting
import daemon.intake.encodings, daemon.intake.frontmatter, daemon.intake.names, daemon.judge, daemon.rulebook.load
print(sorted(name for name in callers if name.startswith("daemon.")))
"""


def test_the_rooms_that_judge_are_imported_without_compiling_anything() -> None:
    done = subprocess.run([sys.executable, "-c", NOTES_WHO_COMPILES], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
