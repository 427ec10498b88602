"""Completion and the manual page: what they know is what the program knows."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from console.cli.completion import SCRIPTS
from console.cli.man_page import page
from console.cli.tree import Branch, branches


@pytest.fixture(scope="module")
def tree() -> list[Branch]:
    return list(branches())


def script(shell: str, tree: list[Branch], folder: Path) -> Path:
    written = folder / f"kohoban.{shell}"
    written.write_text("\n".join(SCRIPTS[shell](tree)) + "\n", encoding="utf-8")
    return written


def completed(typed: list[str], tree: list[Branch], folder: Path) -> list[str]:
    """What bash offers for the last of these words."""
    words = " ".join(f"'{word}'" for word in typed)
    lines = f"source '{script('bash', tree, folder)}'; COMP_WORDS=({words}); COMP_CWORD={len(typed) - 1}; _kohoban; "
    asked = ["bash", "--norc", "-c", lines + 'printf "%s\\n" "${COMPREPLY[@]}"']
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()


def test_the_tree_has_every_command_the_quick_ones_and_the_stop_too(tree: list[Branch]) -> None:
    paths = {branch.path for branch in tree}
    assert {(), ("check",), ("stop",), ("audit", "verify"), ("comments", "judge")} <= paths
    options = {branch.path: {name for each in branch.options for name in each.names} for branch in tree}
    assert "--jsonl" in options[("check",)]
    assert "--scope" in options[("stop",)]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["kohoban", "appr"], ["approve"]),
        (["kohoban", "audit", "ver"], ["verify"]),
        (["kohoban", "--operator", "shibata", "audit", "ver"], ["verify"]),
        (["kohoban", "length", "--platform", "fa"], ["facebook"]),
        (["kohoban", "stop", "--sc"], ["--scope"]),
        (["kohoban", "completion", "--off"], ["--office"]),
    ],
)
def test_bash_completes_commands_options_and_values(
    typed: list[str], offered: list[str], tree: list[Branch], tmp_path: Path
) -> None:
    assert completed(typed, tree, tmp_path) == offered


def test_bash_offers_files_where_a_file_belongs(tree: list[Branch], tmp_path: Path) -> None:
    assert completed(["kohoban", "check", "drafts/"], tree, tmp_path) == []
    assert "-o default" in script("bash", tree, tmp_path).read_text(encoding="utf-8")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_other_shells_take_their_script(shell: str, tree: list[Branch], tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    subprocess.run([shell, "-n", str(script(shell, tree, tmp_path))], check=True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_and_option_is_in_every_script(shell: str, tree: list[Branch]) -> None:
    written = "\n".join(SCRIPTS[shell](tree))
    for branch in tree:
        assert " ".join(("kohoban", *branch.path)) in written
        for each in branch.options:
            assert re.search(rf"\W{re.escape(each.names[-1].lstrip('-'))}\W", written), each.names


def test_the_manual_page_describes_every_command_with_its_options(tree: list[Branch]) -> None:
    written = "\n".join(page()).replace("\\-", "-")
    for branch in tree:
        if branch.path:
            assert f".SS kohoban {' '.join(branch.path)}\n" in written
        for each in branch.options:
            assert each.names[-1] in written, branch.path


def test_groff_reads_the_manual_page_without_a_complaint(tmp_path: Path) -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    written = tmp_path / "kohoban.1"
    written.write_text("\n".join(page()) + "\n", encoding="utf-8")
    read = subprocess.run(["groff", "-man", "-Tutf8", "-k", "-W", "break", str(written)], capture_output=True, check=True)
    assert read.stderr == b""
    assert "広報番" in read.stdout.decode()
