"""Every clause is accounted for: held by a rule or a mechanism, proved by tests that carry its id, or honestly unmapped."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path

import msgspec
import pytest
from north_city import Kita

from daemon.rulebook.coverage import MECHANISMS, Covered, coverage, proofs
from daemon.rulebook.load import bundled, load_policy, resolve_policy
from daemon.rulebook.model import RulebookError
from tests.switches import SWITCHES, exchange

ROOT = Path(__file__).resolve().parents[2]


def status_of(kita: Kita, clause_id: str) -> Covered:
    return next(c for c in coverage(load_policy(kita.policy)) if c.id == clause_id)


def test_all_138_clauses_are_listed_in_their_order_and_none_is_missing(shared: Path) -> None:
    with (shared / "policies/clauses.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    policies = dict.fromkeys(row["doc"] for row in rows)
    assert set(policies) == set(bundled())
    listed = [(c.id, c.class_) for policy in policies for c in coverage(resolve_policy(policy, None))]
    assert listed == [(row["id"], row["class"]) for row in rows]
    assert len(listed) == 138


def test_what_nothing_holds_is_unmapped_and_what_something_holds_is_not() -> None:
    every = [c for policy in bundled() for c in coverage(resolve_policy(policy, None))]
    assert all((c.status == "unmapped") == (not c.held_by) for c in every)
    assert Counter(c.status for c in every).keys() <= {"enforced", "asked", "due", "shown", "unmapped"}


def test_a_clause_names_the_rules_and_the_mechanisms_that_hold_it() -> None:
    by_id = {c.id: c for c in coverage(resolve_policy("saitama", None))}
    assert "hours" in by_id["saitama/4"].held_by
    assert by_id["saitama/11"].held_by == ("gate.stop", "desk.follow_ups")
    assert (by_id["saitama/11"].status, by_id["saitama/6-1"].status) == ("enforced", "enforced")
    assert by_id["saitama/4.ただし書"].status == "asked"
    assert by_id["saitama/1"].status == "shown"


def test_what_only_a_person_can_tell_of_a_comment_is_asked_of_its_judge() -> None:
    by_id = {c.id: c for policy in bundled() for c in coverage(resolve_policy(policy, None))}
    for clause_id in ("saitama/7(4)", "saitama/7(14)", "taisho/3.削除等(2)"):
        assert by_id[clause_id].status == "asked"
        assert all(holder.startswith("comment-powers") for holder in by_id[clause_id].held_by)
    assert not [each.id for each in by_id.values() if each.status == "unmapped"]


@pytest.mark.parametrize(
    ("level", "status"),
    [
        ('level = "block"', "enforced"),
        ('level = "hold"\nlift = ["@approver"]', "asked"),
        ('level = "hold"', "enforced"),
        ('level = "warn"', "asked"),
        ('level = "hold"\nshadow = true', "unmapped"),
    ],
)
def test_the_level_of_a_rule_says_what_it_gives_a_clause_that_a_person_decides(kita: Kita, level: str, status: str) -> None:
    kita.edit(kita.policy, 'level = "hold"\nlift = ["@approver"]', level)
    assert status_of(kita, "kita/2").status == status


def test_a_hold_enforces_a_clause_that_the_machine_decides_whoever_may_lift_it(kita: Kita) -> None:
    kita.edit(kita.policy, 'class = "ASSIST"', 'class = "AUTO"')
    kita.edit(kita.policy, 'text = "誹謗中傷をしない。"', 'text = "原則として、誹謗中傷をしない。"')
    assert status_of(kita, "kita/2").status == "enforced"
    kita.edit(kita.policy, 'level = "hold"\nlift = ["@approver"]', 'level = "warn"')
    assert status_of(kita, "kita/2").status == "shown"


def test_an_approver_table_asks(kita: Kita) -> None:
    assert status_of(kita, "kita/9") == Covered(
        id="kita/9", cite="第9条", class_="HUMAN", held_by=("approvers",), status="asked", tests=()
    )


def test_a_rule_counts_for_the_further_clauses_it_names(kita: Kita) -> None:
    kita.edit(kita.policy, 'id = "topics"', 'id = "topics"\nalso = ["kita/2"]')
    assert status_of(kita, "kita/2").held_by == ("topics", "abuse")


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_mechanism_gives_its_status_to_a_clause_without_rules(kita: Kita, mechanism: str) -> None:
    kita.edit(kita.policy, 'clause = "kita/2"', 'clause = "kita/1"')
    kita.edit(kita.policy, 'cite = "第2条"', f'cite = "第2条"\nheld_by = ["{mechanism}"]')
    assert (status_of(kita, "kita/2").held_by, status_of(kita, "kita/2").status) == ((mechanism,), MECHANISMS[mechanism])


def test_it_is_written_as_the_contract_says() -> None:
    (first, *_) = coverage(resolve_policy("saitama", None))
    assert set(msgspec.json.decode(msgspec.json.encode(first))) == {"id", "cite", "class", "held_by", "status", "tests"}


TESTS = """
import pytest

pytestmark = pytest.mark.clause("kita/9")

@pytest.mark.clause("kita/1", "kita/2")
def test_one(): ...

@pytest.mark.parametrize("case", [pytest.param(1, marks=pytest.mark.clause("kita/2")), 2])
async def test_two(case): ...

@pytest.mark.clause("kita/1")
class TestHours:
    def test_three(self): ...
    def helper(self): ...

@pytest.mark.clause("kita/1")
def not_a_test(): ...
"""


def test_the_marks_of_tests_are_found_on_functions_classes_cases_and_modules(tmp_path: Path, kita: Kita) -> None:
    file = tmp_path / "tests/desk/test_it.py"
    file.parent.mkdir(parents=True)
    file.write_text(TESTS, encoding="utf-8")
    found = proofs(tmp_path / "tests")
    one, two, three = (f"tests/desk/test_it.py::{name}" for name in ("test_one", "test_two", "TestHours::test_three"))
    assert found == {"kita/1": (one, three), "kita/2": (one, two), "kita/9": (one, two, three)}
    assert coverage(load_policy(kita.policy), found)[1].tests == (one, two)


def test_without_tests_there_are_no_proofs_and_a_broken_test_file_is_named(tmp_path: Path) -> None:
    assert proofs(tmp_path / "tests") == {}
    (tmp_path / "test_it.py").write_text("import pytest\n@pytest.mark.clause('a'\n", encoding="utf-8")
    with pytest.raises(RulebookError) as refused:
        proofs(tmp_path)
    assert refused.value.problems[0].file.endswith("test_it.py")


def test_every_mark_in_these_tests_names_a_clause_that_exists(root: Path) -> None:
    known = {clause_id for policy in bundled() for clause_id in resolve_policy(policy, None).clauses}
    assert set(proofs(root / "tests")) - known == set()


def test_every_mechanism_that_may_hold_a_clause_can_be_switched_off_to_prove_it() -> None:
    """`tests/switches.py` says how: add what stands in for your mechanism there, so that `policy coverage --prove` can show a red test."""
    assert SWITCHES.keys() == MECHANISMS.keys()
    for switches in SWITCHES.values():
        for switch in switches:
            exchange(switch, import_module(switch.module))()


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_switched_off_clause_turns_a_named_test_red_also_in_other_processes(tmp_path: Path) -> None:
    found = tmp_path / "proofs"
    wanted = ("saitama/6-1", "shinagawa/3-1", "taisho/1", "saitama/11")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.proving", "--prove", str(found)]
    command += [word for clause in wanted for word in ("--off", clause)]
    subprocess.run([*command, f"--basetemp={tmp_path / 'temp'}", "tests"], check=True, capture_output=True, cwd=ROOT)
    proofs = [json.loads(line) for line in found.read_text(encoding="utf-8").splitlines()]
    assert {proof["clause"]: proof["proved"] for proof in proofs} == dict.fromkeys(wanted, True)
    assert {each["off"] for proof in proofs for each in proof["shown"]} == {
        "rules",
        "desk.approval",
        "board.shown",
        "gate.stop",
        "desk.follow_ups",
    }
