"""The training office can be worked in: every post is held, every sample lies where an account looks, every date is meant."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from daemon.intake.frontmatter import read_item
from daemon.rulebook.lint import lint_office
from daemon.rulebook.model import Approvers, Rulebook

WRONG_ON_PURPOSE = "休日窓口.txt"


@pytest.fixture(scope="module")
def samples(root: Path) -> list[Path]:
    return sorted(p for p in (root / "console/training/drafts").rglob("*") if p.is_file())


def test_the_training_office_has_nothing_to_mend(root: Path) -> None:
    assert lint_office(root) == ()


def test_every_title_that_a_policy_asks_for_is_held_by_somebody_of_that_policy(office: Rulebook) -> None:
    for policy in office.policies.values():
        held = {title for o in office.operators.values() if policy.id in o.policies for title in o.titles}
        wanted = {t for rule in policy.rules if isinstance(rule, Approvers) for t in rule.titles if not t.startswith("@")}
        assert wanted | set(policy.manager) <= held, policy.id


def test_every_account_has_two_people_for_what_needs_two(office: Rulebook) -> None:
    for policy_id in office.policies:
        seconds = [o for o in office.operators.values() if policy_id in o.policies and "発信確認者" in o.titles]
        assert seconds and all(o.role == "clerk" for o in seconds), policy_id


def test_every_account_has_a_sample_and_every_sample_an_account(office: Rulebook, samples: list[Path]) -> None:
    assert {path.parent.name for path in samples} == set(office.accounts)


def test_every_sample_reads_well_and_its_author_serves_that_policy(office: Rulebook, samples: list[Path]) -> None:
    for path in samples:
        item = read_item(path.read_bytes())
        assert item.troubles == (), path.name
        author = office.operators[item.author]
        assert office.accounts[path.parent.name].policy in author.policies, path.name


def test_one_sample_is_in_cp932(samples: list[Path]) -> None:
    encodings = {path.name: read_item(path.read_bytes()).encoding for path in samples}
    assert [name for name, encoding in encodings.items() if encoding != "utf-8"] == ["絵本の読み聞かせ.txt"]


def test_every_weekday_in_the_samples_is_right_except_the_one_that_is_wrong_on_purpose(samples: list[Path]) -> None:
    wrong = set()
    for path in samples:
        year = 0
        for said, month, day, weekday in re.findall(
            r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日（(.)）", read_item(path.read_bytes()).text
        ):
            year = int(said or year)
            if "月火水木金土日"[date(year, int(month), int(day)).weekday()] != weekday:
                wrong.add(path.name)
    assert wrong == {WRONG_ON_PURPOSE}


def test_the_samples_readme_names_only_files_that_are_there(root: Path) -> None:
    folder = root / "console/training"
    named = re.findall(r"`([a-z]+-[a-z]+/[^`]+)`", (folder / "README.md").read_text(encoding="utf-8"))
    assert len(named) >= 15
    for name in named:
        assert (folder / "drafts" / name).is_file(), name
