"""A policy in time: the edition in force on a day, at midnight in Japan, and the days of which no wording is in hand."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from daemon.judge import Situation, judge
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.current import Current
from daemon.rulebook.folders import BUNDLED
from daemon.rulebook.item import Item
from daemon.rulebook.load import bare_rulebook, editions_named, load_rulebook, resolve_policy
from daemon.rulebook.model import RulebookError
from daemon.rulebook.versions import as_of, coming, in_force, timeline

ROOT = Path(__file__).resolve().parents[2]
APRIL = date(2027, 4, 1)


def amended(office: Path, day: date = APRIL, *, named: str = "") -> Path:
    """さいたま市's policy with another hour of closing, from this day."""
    text = (BUNDLED / "saitama.toml").read_text(encoding="utf-8")
    text = text.replace("from = 2022-12-07\ntext = true", "from = 2022-12-07")
    text = text.replace(
        "\n[[clause]]", f'\n[[version]]\ncite = "令和9年4月1日適用"\nfrom = {day}\ntext = true\n\n[[clause]]', 1
    ).replace("close = 17:15:00", "close = 16:30:00")
    path = office / "policies" / f"saitama@{named or day}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def office(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "rules.toml", tmp_path)
    return tmp_path


@pytest.mark.clause("minato/付則", "shinagawa/付則", "shinagawa/制定改正")
def test_a_day_has_the_version_in_force_and_its_wording_only_where_it_is_in_hand() -> None:
    for policy_id, day, since, in_hand in (
        ("minato", date(2015, 9, 10), None, False),
        ("minato", date(2024, 3, 31), date(2020, 8, 25), False),
        ("minato", date(2024, 4, 1), date(2024, 4, 1), True),
        ("shinagawa", date(2026, 3, 31), date(2019, 4, 1), False),
        ("shinagawa", date(2026, 4, 1), date(2026, 4, 1), True),
        ("taisho", date(1999, 1, 1), None, True),
    ):
        found = in_force(editions_named(policy_id, None), day)
        assert (found.version.from_ if found.version else None) == since, (policy_id, day)
        assert (found.policy is not None) is in_hand, (policy_id, day)


def test_nothing_is_judged_by_a_version_that_was_not_in_force() -> None:
    policy = resolve_policy("minato", None)
    item = Item(text="○時○分からです。")
    before = judge(item, Situation(now=datetime(2024, 3, 31, 23, 59, 59, tzinfo=TOKYO)), bare_rulebook(policy), policy=policy)
    assert [(f.clause, f.verdict) for f in before.findings] == [("office/no-wording", "block")]
    assert "条文なし" in before.findings[0].message and "令和2年8月25日施行" in before.findings[0].message
    after = judge(item, Situation(now=datetime(2024, 4, 1, tzinfo=TOKYO)), bare_rulebook(policy), policy=policy)
    assert "minato/7-2(5)" in {f.clause for f in after.findings}


def test_an_amendment_lies_beside_the_text_that_it_amends_and_is_chosen_by_its_day(office: Path) -> None:
    amended(office)
    book = load_rulebook(office)
    assert not [p for p in book.problems if "saitama" in p.file]
    old, new = book.editions["saitama"]
    assert as_of(book, APRIL - timedelta(days=1)).policies["saitama"] is old
    later = as_of(book, APRIL)
    assert later.policies["saitama"] is new and later.hash != as_of(book, date(2026, 5, 1)).hash
    assert as_of(later, APRIL + timedelta(days=900)) is later
    assert coming(book, date(2026, 11, 24)) == ((APRIL, new),)
    assert [(d.version.from_, d.until, d.edition) for d in timeline((old, new))] == [
        (date(2022, 12, 7), APRIL, old),
        (APRIL, None, new),
    ]
    assert resolve_policy("saitama@2027-04-01", office).hash == new.hash


@pytest.mark.clause("taisho/3.方針変更", "saitama/13")
def test_the_rulebook_turns_at_midnight_in_japan_and_stays_the_same_object_meanwhile(office: Path) -> None:
    amended(office)
    now = datetime(2027, 3, 31, 23, 59, 59, tzinfo=TOKYO)
    current = Current(office, lambda: now)
    before = current.rulebook
    assert not current.turn() and current.now(now) is before
    now += timedelta(seconds=1)
    ahead = current.now(now)
    assert ahead.policies["saitama"].version.from_ == APRIL
    assert current.turn() and current.rulebook is ahead and current.since == now
    assert not current.turn()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda office: amended(office, named="2027-05-01"), "施行日"),
        (lambda office: amended(office, named="2027-4-1"), "ファイル名"),
        (lambda office: amended(office, named="2027-02-30"), "施行日"),
        (lambda office: amended(office, date(2022, 12, 7)), "同じ施行日"),
    ],
)
def test_an_amendment_whose_day_is_not_clear_is_refused(office: Path, change, said: str) -> None:  # type: ignore[no-untyped-def]
    change(office)
    with pytest.raises(RulebookError) as refused:
        load_rulebook(office)
    assert any(said in p.message for p in refused.value.problems)


def test_a_version_that_nobody_has_is_named_with_those_there_are() -> None:
    with pytest.raises(RulebookError, match="2024-04-01"):
        resolve_policy("minato@2020-08-25", None)


def test_a_policy_that_is_not_yet_in_force_is_a_warning(office: Path) -> None:
    path = amended(office, date(2099, 4, 1))
    own = path.with_name("saitama.toml")
    own.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    path.unlink()
    warnings = [p.message for p in load_rulebook(office).problems]
    assert any("条文が手元にありません" in message for message in warnings)
