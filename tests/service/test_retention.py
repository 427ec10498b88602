"""保存年限: what is past its period is listed by the office's classes, nothing goes by itself, and a manager erases it one by one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date

import pytest

from daemon.desk.kept import before
from daemon.rulebook.lint import lint_office
from daemon.wire import Done, Return
from daemon.wire.papers import Kept, KeptList
from tests.service.live_office import MINATO, ROOT, Office

YEAR = 366 * 86_400


def kohoban(office: Office, *words: str, who: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import sys; from console.launch import run; sys.exit(run(sys.argv[1:]))", *words]
    env = {**os.environ, "KOHOBAN_LANG": "ja", "KOHOBAN_OPERATOR": who, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*command, "--office", str(office.folder)], text=True, capture_output=True, check=False, env=env, cwd=ROOT
    )


@pytest.mark.parametrize(
    ("today", "years", "day"),
    [
        (date(2026, 11, 21), 5, date(2021, 4, 1)),
        (date(2026, 3, 31), 5, date(2020, 4, 1)),
        (date(2026, 4, 1), 1, date(2025, 4, 1)),
    ],
)
def test_years_are_those_of_the_office_from_the_first_of_april(today: date, years: int, day: date) -> None:
    assert before(today, years) == day


def test_what_is_past_its_period_is_listed_and_only_a_managers_confirmed_act_erases_it(found: Callable[..., Office]) -> None:
    office = found().start()
    office.resume()
    office.drop("minato-x", "一.txt", "図書館の窓口を2階へ移しました。", **MINATO)
    row = office.row("一.txt", "waiting")
    office.caller("shibata").ask(Return(draft=row.id, hash=row.hash, reason="部屋番号を書いてください"), Done)

    def classes() -> dict[str, tuple[int, tuple[str, ...]]]:
        seen = office.caller("kansa").ask(Kept(due=True), KeptList)
        return {each.id: (each.past, each.due) for each in seen.classes}

    assert all(past == 0 for past, _ in classes().values())
    office.ahead(7 * YEAR)
    past, due = classes()["decision"]
    assert past == len(due) == 1
    entry = due[0]
    assert entry.endswith(":reason")

    asked = kohoban(office, "retention", "--erase", "decision", "--reason", "保存年限の満了", who="shibata")
    assert asked.returncode == 4
    assert "1 件" in asked.stderr
    refused = kohoban(office, "retention", "--erase", "decision", "--reason", "満了", "--count", "1", who="akasaka")
    assert refused.returncode == 4
    assert classes()["decision"][0] == 1
    unknown = kohoban(office, "retention", "--erase", "stop", "--reason", "満了", who="shibata")
    assert unknown.returncode == 2
    erased = kohoban(office, "retention", "--erase", "decision", "--reason", "保存年限の満了", "--count", "1", who="shibata")
    assert erased.returncode == 0, erased.stderr
    assert classes()["decision"] == (0, ())
    assert "erase" in office.acts(row.id)
    office.record_is_whole()


def test_a_wrong_class_is_told_with_its_line(found: Callable[..., Office]) -> None:
    office = found()
    rules = office.folder / "rules.toml"
    more = '\n[[retention]]\nid = "decision"\ntitle = "x"\nyears = 0\nacts = ["stop"]\n\n[[retention]]\nid = "rest"\ntitle = "y"\nyears = 1\n'
    rules.write_text(rules.read_text() + more)
    said = [p.message for p in lint_office(office.folder) if p.severity == "error"]
    assert len([each for each in said if "保存の区分" in each]) == 4
