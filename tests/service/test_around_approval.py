"""Over the socket: who works at a draft, who looks at it, what is taken back, what a revision has changed, what counts down."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from daemon.wire import (
    Approve,
    Claim,
    Compare,
    Differences,
    Done,
    DraftDetail,
    Hold,
    Listing,
    Refusal,
    Register,
    Return,
    Show,
    Status,
    StatusAnswer,
    Unclaim,
    Undo,
    Withdraw,
)
from tests.service.live_office import AT_ONCE, FACEBOOK, MINATO, NOTICE, Office, until

LINE = {"author": "mita", "topic": "区政情報"}


@pytest.fixture
def waiting(found: Callable[..., Office]) -> Office:
    """An office that waits as a real one does, running and resumed."""
    office = found()
    rules = office.folder / "rules.toml"
    rules.write_text(rules.read_text(encoding="utf-8").replace(AT_ONCE, ""), encoding="utf-8")
    office.start()
    office.resume()
    return office


def test_two_at_one_draft_see_each_other_and_the_second_gets_a_clear_answer(fresh: Office) -> None:
    fresh.drop("taisho-chiiki", "a.txt", "清掃活動に参加しませんか。", author="okajima", topic="地域活動・地域活動支援情報")
    row = fresh.row("a.txt", "waiting", "scheduled")
    one, two = fresh.caller("shimizu"), fresh.caller("hirao")
    one.ask(Status(looking=row.id), StatusAnswer)
    assert two.ask(Show(draft=row.id), DraftDetail).row.watching == ("清水 直美",)
    one.ask(Claim(draft=row.id), Done)
    seen = two.ask(Show(draft=row.id), DraftDetail).row
    assert (seen.claimed_by, seen.claimed_name) == ("shimizu", "清水 直美")
    assert "清水 直美" in two.refused(Approve(draft=row.id, hash=row.hash), "claimed").message
    one.ask(Status(), StatusAnswer)
    assert two.ask(Show(draft=row.id), DraftDetail).row.watching == ()
    two.ask(Withdraw(draft=row.id), Done)


def test_a_claim_is_told_to_everybody_and_leaves_the_verdict_file_alone_for_nothing_in_it_has_changed(fresh: Office) -> None:
    front = {"author": "okajima", "topic": "地域活動・地域活動支援情報"}
    fresh.drop("taisho-chiiki", "a.txt", "清掃活動に参加しませんか。", **front)
    row = fresh.row("a.txt", "waiting", "scheduled")
    beside = fresh.path("taisho-chiiki", "a.判定.txt")
    before = until(lambda: beside.stat() if beside.exists() else None, "the verdict file of a.txt")
    one, two = fresh.caller("shimizu"), fresh.caller("hirao", events=True)
    yours = one.ask(Claim(draft=row.id), Done, "claimed-1")
    assert two.event(lambda event: event.draft == row.id).kind == "draft"
    one.ask(Unclaim(draft=row.id), Done)
    fresh.drop("taisho-chiiki", "b.txt", "花の植替えに参加しませんか。", **front)  # its file comes behind any that was due before
    until(lambda: fresh.path("taisho-chiiki", "b.判定.txt").exists(), "the verdict file of b.txt")
    assert (beside.stat().st_ino, beside.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    # Asked again after a lost connection it is answered as before, and is not made again.
    assert fresh.caller("shimizu").ask(Claim(draft=row.id), Done, "claimed-1") == yours
    assert two.ask(Show(draft=row.id), DraftDetail).row.claimed_by == ""


def test_of_two_managers_at_once_the_second_is_told_who_was_faster(fresh: Office) -> None:
    fresh.drop("minato-x", "a.txt", **MINATO)
    row = fresh.row("a.txt", "waiting")
    rules = fresh.folder / "rules.toml"
    second = '[[operators]]\nlogin = "nishi"\nname = "西 一"\nunit = "区長室"\nrole = "manager"\npolicies = ["minato"]\ntitles = ["課長"]\n'
    rules.write_text(rules.read_text(encoding="utf-8") + second, encoding="utf-8")
    until(lambda: _known(fresh, "nishi"), "the second manager")
    callers = [fresh.caller(login) for login in ("shibata", "nishi")]
    asks = [(caller, caller.put(Approve(draft=row.id, hash=row.hash))) for caller in callers]
    answers = [caller.answer(number) for caller, number in asks]
    refusals = [each for each in answers if isinstance(each, Refusal)]
    assert len(refusals) == 1 and refusals[0].code == "state"
    assert "さんが" in refusals[0].message
    assert fresh.acts(row.id).count("approve") == 1


def _known(office: Office, login: str) -> bool:
    return any(who.login == login for who in office.asked(Register(), Listing).people)


def test_a_decision_about_a_revision_that_has_been_replaced_is_refused(fresh: Office) -> None:
    path = fresh.drop("minato-x", "a.txt", **MINATO)
    row = fresh.row("a.txt", "waiting")
    path.write_bytes(path.read_bytes() + "（更新）".encode())
    fresh.row("a.txt", "waiting", revision=2)
    fresh.caller("shibata").refused(Approve(draft=row.id, hash=row.hash), "stale")


def test_the_next_revision_shows_the_reason_of_the_return_and_what_has_changed(fresh: Office) -> None:
    path = fresh.drop("minato-x", "a.txt", "夏祭りを 7月3日に開きます。\n雨天中止です。", **MINATO)
    row = fresh.row("a.txt", "waiting")
    fresh.caller("shibata").ask(Return(draft=row.id, hash=row.hash, reason="日付を確かめてください"), Done)
    path.write_bytes(path.read_bytes().replace("7月3日".encode(), "7月4日".encode()))
    fresh.row("a.txt", "waiting", revision=2)
    found = fresh.caller("shibata").ask(Compare(draft=row.id), Differences)
    assert (found.old, found.new, found.returned) == (1, 2, "日付を確かめてください")
    assert [[(p.kind, p.text) for p in line.pieces] for line in found.lines if line.kind == "changed"] == [
        [("same", "夏祭りを 7月"), ("gone", "3"), ("come", "4"), ("same", "日に開きます。")]
    ]
    assert fresh.show(row.id).revisions[0].returned == "日付を確かめてください"
    fresh.caller("shibata").refused(Compare(draft=row.id, old=7), "no_such")


def test_a_machine_waits_for_the_undo_and_sends_when_its_time_is_over(waiting: Office) -> None:
    waiting.drop("minato-facebook", "a.txt", NOTICE, **FACEBOOK)
    row = waiting.approve("a.txt", "azabu")
    assert [line.act for line in waiting.row("a.txt", "approved").waiting] == ["wait"]
    manager = waiting.caller("azabu")
    assert "undo" in manager.ask(Show(draft=row.id), DraftDetail).row.can
    manager.ask(Undo(draft=row.id), Done)
    assert "undo" in waiting.acts(row.id)
    waiting.approve("a.txt", "azabu")
    waiting.ahead(31)
    waiting.row("a.txt", "released")


def test_a_broadcast_is_announced_halted_and_after_a_restart_counted_anew(waiting: Office) -> None:
    waiting.drop("minato-line", "a.txt", NOTICE, **LINE)
    for login in ("takanawa", "akasaka"):
        row = waiting.approve("a.txt", login)
    (counting,) = waiting.status().countdowns
    assert (counting.draft, counting.account) == (row.id, "minato-line")
    waiting.stop()
    waiting.start()
    until(lambda: waiting.status().countdowns, "the countdown, begun anew")
    waiting.caller("konan").ask(Hold(draft=row.id, reason="確かめます"), Done)
    assert waiting.status().countdowns == ()
    waiting.ahead(3600)
    assert waiting.row("a.txt", "held").state == "held"
