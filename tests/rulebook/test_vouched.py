"""The program's own patterns, which the lint looks at, are not looked at again by whoever only wants to use them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from north_city import Kita

from daemon.rulebook.lint import lint_policy, look_at_policy
from daemon.rulebook.load import BUNDLED, bundled, load_policy
from daemon.rulebook.model import RulebookError

BROKEN = "(?=先読み)"


@pytest.mark.parametrize("policy", bundled())
def test_the_lint_has_nothing_against_what_is_taken_as_good(policy: str) -> None:
    path = BUNDLED / f"{policy}.toml"
    assert [problem for problem in lint_policy(path) if problem.severity == "error"] == []
    whole, quick = look_at_policy(path), look_at_policy(path, vouched=BUNDLED)
    assert [each.rule for each in quick.policies[policy].rules] == [each.rule for each in whole.policies[policy].rules]


def test_a_broken_pattern_of_the_program_is_found_by_the_lint(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    shutil.copytree(BUNDLED, folder)
    (folder / "office.toml").unlink()  # the program's own is read beside it
    path = folder / "saitama.toml"
    (folder / "words" / "rumour.re2").write_text(BROKEN, encoding="utf-8")
    assert any(BROKEN in problem.message for problem in lint_policy(path))
    assert not look_at_policy(path, vouched=folder).errors, "and not by whoever takes its patterns as good"


def test_a_list_from_elsewhere_is_looked_at_also_in_a_policy_of_the_program(tmp_path: Path) -> None:
    lists = {path.name: path.read_text(encoding="utf-8") for path in (BUNDLED / "words").glob("*.re2")}
    for name in lists:
        (tmp_path / name).write_text(BROKEN, encoding="utf-8")
    with pytest.raises(RulebookError, match="先読み"):
        load_policy(BUNDLED / "saitama.toml", words_dir=tmp_path)


def test_a_policy_of_the_office_is_looked_at(kita: Kita) -> None:
    with kita.policy.open("a", encoding="utf-8") as file:
        file.write(f"\n[[phrases]]\nid = 'odd'\nany = ['{BROKEN}']\n")
    with pytest.raises(RulebookError, match="先読み"):
        load_policy(kita.policy)
