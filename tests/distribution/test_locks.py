"""What is installed is what was tested: the lock of an installation says of each of its distributions what the whole lock says."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement

from console.words import catalogue

ROOT = Path(__file__).resolve().parents[2]
INSTALLER = sorted((ROOT / "console" / "installation").glob("*.py"))
NOT_THE_INSTALLERS = {"units"}
"""Modules beside it that the program itself uses."""


def blocks(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Of each distribution in a lock: its requirement with version and marker, and its hashes."""
    found = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", (ROOT / name).read_text(encoding="utf-8")):
        if not block.startswith("#"):
            line = block.split(" \\\n")[0]
            found[Requirement(line).name] = line, frozenset(re.findall(r"sha256:\w{64}", block))
    return found


def test_the_lock_of_an_installation_pins_what_the_whole_lock_pins() -> None:
    whole, runtime = blocks("requirements.lock"), blocks("requirements-runtime.lock")
    assert {name: whole.get(name) for name in runtime} == runtime
    assert all(hashes for _, hashes in runtime.values())


def test_every_distribution_is_locked_with_all_its_files_and_not_only_those_of_one_machine() -> None:
    whole = blocks("requirements.lock")
    assert {name for name, (_, hashes) in whole.items() if len(hashes) < 2} == set(), "each has a wheel and its source at least"


def test_it_has_all_that_the_program_needs_and_nothing_else() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    runtime = blocks("requirements-runtime.lock")
    here = {name for name, (line, _) in runtime.items() if (m := Requirement(line).marker) is None or m.evaluate()}
    seen: set[tuple[str, str]] = set()
    waiting = [one for one in map(Requirement, declared) if one.marker is None or one.marker.evaluate()]
    while waiting:
        one = waiting.pop()
        name = re.sub(r"[-_.]+", "-", one.name).lower()
        for extra in ("", *one.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                below = map(Requirement, requires(name) or ())
                waiting += [each for each in below if each.marker is None or each.marker.evaluate({"extra": extra})]
    needed = {name for name, _ in seen}
    assert here == needed


def test_no_lock_names_a_place_to_fetch_from() -> None:
    for name in ("requirements.lock", "requirements-runtime.lock", ".ci/pip.lock"):
        assert not re.search(r"://|--index|--find", (ROOT / name).read_text(encoding="utf-8")), name


def test_the_installer_needs_nothing_but_the_standard_library() -> None:
    for path in INSTALLER:
        if path.stem in NOT_THE_INSTALLERS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                ours = name == "console" or name.startswith(("console.installation", "console.words"))
                assert ours or name.split(".")[0] in sys.stdlib_module_names, (path.name, name)


def test_every_sentence_of_the_installer_is_used_and_none_is_missing() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in INSTALLER)
    keys = set(catalogue("install", "ja"))
    named = set(re.findall(r'text\(\s*"([a-z_]+\.[a-z_]+)"', sources))
    named |= {f"problem.{name}" for name in re.findall(r'problem\(\s*"([a-z_]+)"', sources)}
    named |= set(re.findall(r'"((?:done|list|problem)\.[a-z_]+)"', sources))
    assert named - keys == set()
    stages = {"work"}  # what a program of a version reports, by its own name
    assert {key for key in keys - named if key.split(".")[0] not in stages} == set()
