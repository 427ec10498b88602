"""An act asked again under the same id: answered as before and carried out once, on whatever connection and after whatever end."""

from __future__ import annotations

import pytest

from daemon.wire import Approve, Done, Except, Return, Schedule, Take, Taken, Withdraw
from tests.service.live_office import MINATO, NOTICE, Caller, Office


def test_asked_twice_an_approval_is_given_once_and_answered_alike(office: Office) -> None:
    office.drop("minato-x", "twice.txt", **MINATO)
    row = office.row("twice.txt", "waiting")
    act = Approve(draft=row.id, hash=row.hash)
    first = office.caller("shibata").ask(act, Done, "twice")
    assert office.caller("shibata").ask(act, Done, "twice") == first
    assert office.acts(row.id) == ["receive", "approve"]


def test_the_same_id_sent_many_times_at_once_is_one_act(office: Office) -> None:
    office.drop("minato-x", "at-once.txt", **MINATO)
    row = office.row("at-once.txt", "waiting")
    act = Return(draft=row.id, hash=row.hash, reason="場所を書いてください")
    callers = [office.caller("shibata") for _ in range(8)]
    for caller in callers:
        caller.put(act, "at-once")
    answers = [caller.answer("at-once") for caller in callers]
    assert isinstance(answers[0], Done)
    assert all(answer == answers[0] for answer in answers)
    assert office.acts(row.id) == ["receive", "return"]


def test_an_id_belongs_to_the_person_who_made_it(office: Office) -> None:
    office.drop("minato-x", "whose.txt", **MINATO)
    row = office.row("whose.txt", "waiting")
    act = Approve(draft=row.id, hash=row.hash)
    office.caller("shibata").ask(act, Done, "whose")
    office.caller("takanawa").refused(act, "state", "whose")


def test_a_refusal_is_not_remembered_so_that_what_was_missing_can_be_mended(office: Office) -> None:
    office.drop("minato-x", "mended.txt", "○月○日○時から断水します。", **MINATO)
    row = office.row("mended.txt", "to_fix")
    chief = office.caller("shibata")
    chief.refused(Approve(draft=row.id, hash=row.hash), "state", "mended")
    office.drop("minato-x", "mended.txt", **MINATO)
    row = office.row("mended.txt", "waiting", revision=2)
    assert chief.ask(Approve(draft=row.id, hash=row.hash), Done, "mended").state == "approved"


@pytest.mark.parametrize(
    ("who", "act"),
    [
        ("shibata", lambda row: Return(draft=row.id, hash=row.hash, reason="場所を書いてください")),
        ("akasaka", lambda row: Withdraw(draft=row.id)),
    ],
    ids=["return", "withdraw"],
)
def test_every_decision_is_remembered(office: Office, who: str, act: object) -> None:
    name = f"every-{who}.txt"
    office.drop("minato-x", name, **MINATO)
    question = act(office.row(name, "waiting"))  # type: ignore[operator]
    first = office.caller(who).ask(question, Done, name)
    assert office.caller(who).ask(question, Done, name) == first


def test_after_a_restart_and_after_a_kill_the_answer_is_the_same(office: Office) -> None:
    office.drop("minato-x", "again.txt", **MINATO)
    row = office.row("again.txt", "waiting")
    approve, take = Approve(draft=row.id, hash=row.hash), Take(draft=row.id, hash=row.hash, handle="minato_kunren")
    approved = office.caller("shibata").ask(approve, Done, "approve-again")
    taken = office.caller("akasaka").ask(take, Taken, "take-again")
    for end in (office.kill, office.stop):
        end()
        office.start()
        assert office.caller("shibata").ask(approve, Done, "approve-again") == approved
        assert office.caller("akasaka").ask(take, Taken, "take-again") == taken
    assert office.acts(row.id) == ["receive", "approve", "begin", "take"]
    assert taken.text.strip() == NOTICE


def test_an_act_whose_asker_did_not_wait_for_the_answer_is_carried_out_once(office: Office) -> None:
    office.drop("minato-x", "left.txt", "休日夜間の診療所の案内板を新しくしました。", **MINATO)
    row = office.row("left.txt", "waiting")
    act = Approve(draft=row.id, hash=row.hash)
    with Caller(office.state) as caller:
        caller.hello("shibata")
        caller.put(act, "left")
    assert office.caller("shibata").ask(act, Done, "left").state == "approved"
    assert office.acts(row.id) == ["receive", "approve"]


def test_the_numbers_of_sqlite_end_before_those_of_json_and_that_is_no_defect(office: Office) -> None:
    chief = office.caller("shibata")
    for draft in (0, -1, 10**6, 2**63 - 1):
        chief.refused(Approve(draft=draft, hash="x"), "no_such")
    chief.refused(Schedule(draft=10**6, hash="x"), "no_such")
    chief.refused(Except(draft=10**6, hash="", rule="", reason=""), "no_such")
