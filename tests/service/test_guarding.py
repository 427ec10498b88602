"""The guard is watched, dead ends and amendments are said on every screen, and what an amendment changes is shown draft by draft."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec

from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.load import load_policy
from daemon.wire import Withdraw
from daemon.wire.answers import Done
from daemon.wire.duties import Duties, DutyList
from daemon.wire.policies import PolicyCompared, PolicyDiff, PolicyNow, PolicyState
from tests.service.live_office import Office, until
from tests.service.test_amendment import SAITAMA, amend

DAYS = timedelta(days=3)
LOOKS = "SELECT record FROM audit WHERE act = 'canaries' ORDER BY seq DESC LIMIT 1"


def today() -> date:
    return datetime.now(TOKYO).date()


def alarms(office: Office) -> str:
    return "\n".join(office.status().alarms)


def state(office: Office) -> PolicyState:
    return office.asked(PolicyNow(), PolicyState)


def compared(office: Office, query: PolicyDiff) -> PolicyCompared:
    """The comparison, once it is whole."""
    caller = office.caller()

    def look() -> PolicyCompared | None:
        found: PolicyCompared = caller.ask(query, PolicyCompared)
        return None if found.running else found

    return until(look, "the comparison is whole")


def drafts(office: Office, count: int = 6) -> None:
    names = [f"{n}.txt" for n in range(count)]
    for n, name in enumerate(names):
        office.drop("saitama-cvc", name, f"駅前で{'朝市' if n % 2 else '講座'}を開きます。第{n}回です。", **SAITAMA)
    office.all_of(names, "waiting")


def test_the_canaries_answer_from_the_start_and_every_morning_and_never_enter_the_queue(fresh: Office) -> None:
    answered, count = until(lambda: fresh.status().guards if (fresh.status().guards or (0, 0))[1] else None, "canaries")
    assert answered == count > 50
    fresh.ahead(24 * 3600 * 3)
    later = datetime.now(TOKYO) + timedelta(days=2)

    def done() -> bool:
        (duty,) = [each for each in fresh.asked(Duties(), DutyList, "shibata").duties if each.id == "canaries"]
        return duty.last is not None and duty.last > later and not duty.overdue

    until(done, "the morning's look is written down")
    assert fresh.database("SELECT 1 FROM audit WHERE act = 'canaries'")
    assert fresh.rows() == [] and fresh.database("SELECT 1 FROM drafts") == []


def test_a_silent_canary_is_an_alarm_that_names_its_clause_until_it_answers(fresh: Office) -> None:
    folder = fresh.folder / "policies" / "canaries"
    folder.mkdir(parents=True)
    file = folder / "saitama.toml"
    good = '[[canary]]\nclause = "saitama/6-1"\nrule = "reply"\ndraft = "+++\\nkind = \\"reply\\"\\n+++\\nはい。"\n'
    file.write_text(good.replace("reply\\", "post\\"), encoding="utf-8")
    until(lambda: "番人が応答しません" in alarms(fresh), "the alarm")
    assert "saitama/6-1" in alarms(fresh)
    assert [one.clause for one in state(fresh).silent] == ["saitama/6-1"]
    until(lambda: b"saitama/6-1" in b"".join(row for (row,) in fresh.database(LOOKS)), "what was found, on record")
    file.write_text(good, encoding="utf-8")
    until(lambda: "番人" not in alarms(fresh), "it answers again")


def test_a_dead_end_is_on_every_screen_with_the_day_from_which_it_holds(fresh: Office) -> None:
    rules = fresh.folder / "rules.toml"
    text = rules.read_text(encoding="utf-8")
    head, found, rest = text.partition('login = "urano"')
    last = today() + timedelta(days=20)
    rules.write_text(f"{head}{found}\nuntil = {last}{rest}", encoding="utf-8")
    until(lambda: "行き止まり" in alarms(fresh), "the alarm")
    begins = last + timedelta(days=1)
    assert f"{begins.month}月{begins.day}日から" in alarms(fresh) and "saitama-cvc" in alarms(fresh)
    assert any(one.since == begins and one.weight == "dead_end" for one in state(fresh).conflicts)


def test_an_amendment_is_announced_days_before_with_the_drafts_that_it_judges_otherwise(fresh: Office) -> None:
    drafts(fresh)
    amend(fresh, today() + DAYS)
    day = today() + DAYS
    until(lambda: f"{day.month}月{day.day}日に要綱 saitama が改正されます" in alarms(fresh), "announced")
    until(lambda: "手元の3件の判定が変わります" in alarms(fresh), "counted")
    assert [(one.day, one.changes) for one in state(fresh).coming] == [(day, 3)]


def test_only_drafts_that_differ_are_listed_with_both_verdicts_and_the_clauses(fresh: Office) -> None:
    drafts(fresh)
    gone = fresh.row("1.txt")
    fresh.caller("omiya").ask(Withdraw(draft=gone.id), Done)
    amend(fresh, today() + DAYS)
    until(lambda: state(fresh).coming, "the amendment is known")
    found = compared(fresh, PolicyDiff(policy="saitama"))
    assert not found.error and found.of == 6
    assert {Path(one.path).name: (one.before != "block", one.after) for one in found.drafts} == dict.fromkeys(
        ("1.txt", "3.txt", "5.txt"), (True, "block")
    )
    assert all("saitama/1" in one.clauses for one in found.drafts)
    assert (found.changed, found.queued) == (3, 2)
    assert [rule.rule for rule in found.rules] == ["market"] and found.rules[0].what == "added"
    assert compared(fresh, PolicyDiff(policy="saitama", last=0)).changed == 2, "what is in hand is always judged"


def test_a_candidate_text_is_compared_and_nothing_of_it_is_put_in_force(fresh: Office, tmp_path: Path) -> None:
    drafts(fresh, 2)
    before = fresh.status().policy_hash
    amend(fresh, today() + DAYS)
    candidate = load_policy(fresh.folder / "policies" / f"saitama@{today() + DAYS}.toml")
    (fresh.folder / "policies" / f"saitama@{today() + DAYS}.toml").unlink()
    until(lambda: fresh.status().policy_hash == before, "as before")
    found = compared(fresh, PolicyDiff(policy="saitama", candidate=msgspec.json.encode(candidate).decode()))
    assert found.changed == 1
    assert fresh.status().policy_hash == before and "saitama" not in alarms(fresh)


def test_what_cannot_be_compared_is_refused_with_what_to_do(office: Office) -> None:
    caller = office.caller()
    assert "policies/saitama@" in caller.refused(PolicyDiff(policy="saitama"), "no_such").message
    caller.refused(PolicyDiff(policy="atlantis"), "no_such")
    caller.refused(PolicyDiff(policy="saitama", candidate="{}"), "no_such")
    caller.refused(PolicyDiff(policy="saitama", candidate=json.dumps({"id": "minato"})), "no_such")
    caller.refused(PolicyDiff(policy="saitama", day=date(1999, 1, 1)), "no_such")


def test_the_state_of_the_policies_says_which_version_is_in_force(office: Office) -> None:
    versions = {(one.policy, str(one.from_)): (one.in_force, one.text) for one in state(office).versions}
    assert versions["minato", "2020-08-25"] == (False, False)
    assert versions["minato", "2024-04-01"] == (True, True)
