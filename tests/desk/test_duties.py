"""Duties: the clause names them, rules.toml the interval; who may attest what; and what an account needs before it begins."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace

from daemon.desk import attesting, duties
from daemon.desk.duties import due_after, months_after
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.coverage import coverage
from daemon.rulebook.duty import DutyInterval, Every
from daemon.rulebook.model import Account, Rulebook
from daemon.wire import Done, DutyDone, DutyHistory, DutySeen, DutyUndo, Refusal
from tests.desk.conftest import Desk, refused

MINATO = {"author": "akasaka", "topic": "区政情報"}
NOTICE = "区立図書館の児童書コーナーを2階に移しました。館内の案内板をご覧ください。"


async def line(desk: Desk, duty: str, account: str = "") -> DutySeen:
    lines = await attesting.listed(desk.store, desk.setting, desk.who("shibata"))
    (found,) = (each for each in lines if (each.id, each.account) == (duty, account))
    return found


async def attest(desk: Desk, login: str, duty: str, account: str = "", **more: object) -> Done | Refusal:
    act = DutyDone(duty=duty, account=account, note="確かめた", **more)  # type: ignore[arg-type]
    return await desk.do(attesting.done, act, login)


async def begin_record(desk: Desk) -> None:
    """The office keeps a record from now on: duties never done are counted from there."""
    await desk.store.write(lambda tx: tx.record("daemon", "policy", None))


@pytest.mark.parametrize(
    ("duty", "account", "who"),
    [
        pytest.param("minato/password", "minato-x", "akasaka", marks=pytest.mark.clause("minato/4(6)")),
        pytest.param("minato/operation", "minato-x", "akasaka", marks=pytest.mark.clause("minato/4(7)")),
        pytest.param("minato/terms", "minato-line", "mita", marks=pytest.mark.clause("minato/4(8)")),
        pytest.param("minato/report", "", "shibata", marks=pytest.mark.clause("minato/4(9)")),
        pytest.param("saitama/credentials", "saitama-cvc", "urano", marks=pytest.mark.clause("saitama/6-3")),
        pytest.param("shinagawa/profile", "shinagawa-koho", "osaki", marks=pytest.mark.clause("shinagawa/4-2")),
    ],
)
async def test_a_duty_falls_due_is_said_on_every_screen_and_is_over_once_it_is_attested(
    desk: Desk, duty: str, account: str, who: str
) -> None:
    await begin_record(desk)
    before = await line(desk, duty, account)
    assert before.last is None
    assert before.due is not None
    desk.now = before.due + timedelta(days=1)
    late = await line(desk, duty, account)
    assert late.standing == "overdue"
    lines = await attesting.listed(desk.store, desk.setting)
    assert any(late.title in ja and "期限" in ja for ja, _ in duties.alarms(lines))
    assert isinstance(await attest(desk, who, duty, account), Done)
    after = await line(desk, duty, account)
    assert (after.standing, after.by, after.note) == ("ok", who, "確かめた")
    assert after.due is not None
    assert after.due > desk.now


async def test_what_was_seen_before_is_seen_as_it_stands_after_a_tick_and_in_another_minute(desk: Desk) -> None:
    await begin_record(desk)
    look = attesting.SeenBefore()

    async def agree() -> tuple[DutySeen, ...]:
        lines = await attesting.listed(desk.store, desk.setting, None, look)
        assert lines == await attesting.listed(desk.store, desk.setting)
        return lines

    at_first = await agree()
    assert await agree() == at_first
    assert isinstance(await attest(desk, "akasaka", "minato/password", "minato-x"), Done)
    ticked = await agree()
    assert ticked != at_first
    due = max(line.due for line in ticked if line.due is not None)
    desk.now = due - timedelta(seconds=1)
    before = await agree()
    desk.now = due + timedelta(seconds=1)
    assert await agree() != before


@pytest.mark.clause("minato/4(4)", "shinagawa/4-1")
@pytest.mark.parametrize(("account", "who"), [("minato-x", "akasaka"), ("shinagawa-koho", "osaki")])
async def test_the_home_page_is_attested_with_the_address_that_was_looked_at(desk: Desk, account: str, who: str) -> None:
    await begin_record(desk)
    duty = f"{account.partition('-')[0]}/listing"
    for wrong in ("", "区のホームページ", "javascript:alert(1)", "https://a b.example/", "file:///etc/passwd"):
        assert refused(await attest(desk, who, duty, account, proof=wrong), "url")
    assert isinstance(await attest(desk, who, duty, account, proof="https://www.city.example/sns"), Done)
    assert (await line(desk, duty, account)).proof == "https://www.city.example/sns"


async def test_what_the_clause_leaves_to_the_manager_no_clerk_attests_and_nobody_another_policys(desk: Desk) -> None:
    assert refused(await attest(desk, "omiya", "saitama/credentials", "saitama-cvc"), "role")
    assert refused(await attest(desk, "oi", "minato/password", "minato-x"), "role")
    assert refused(await attest(desk, "kansa", "minato/password", "minato-x"), "role")
    assert refused(await attest(desk, "shibata", "drill"), "state")


async def test_a_wrong_name_a_missing_account_a_day_to_come_and_an_empty_note_are_refused_with_the_reason(desk: Desk) -> None:
    answer = await attest(desk, "shibata", "minato/pasword", "minato-x")
    assert refused(answer, "no_such")
    assert isinstance(answer, Refusal)
    assert "minato/password" in answer.message
    assert refused(await attest(desk, "shibata", "minato/password"), "no_such")
    assert refused(await attest(desk, "shibata", "minato/report", "minato-x"), "no_such")
    for day in (date(2026, 11, 25), date(1999, 1, 1)):
        assert refused(await attest(desk, "shibata", "minato/password", "minato-x", on=day), "time")
    empty = DutyDone(duty="minato/password", account="minato-x", note="  ")
    assert refused(await desk.do(attesting.done, empty, "shibata"), "reason")
    endless = DutyDone(duty="minato/password", account="minato-x", note="あ" * 2001)
    assert refused(await desk.do(attesting.done, endless, "shibata"), "reason")


async def test_a_wrong_tick_is_taken_back_by_whoever_made_it_or_a_manager_and_both_stay_in_the_history(desk: Desk) -> None:
    await begin_record(desk)
    await attest(desk, "akasaka", "minato/password", "minato-x", on=date(2026, 10, 1))
    await attest(desk, "akasaka", "minato/password", "minato-x")
    act = DutyUndo(duty="minato/password", account="minato-x", reason="別のアカウントだった")
    assert refused(await desk.do(attesting.undo, act, "mita"), "role")
    assert refused(await desk.do(attesting.undo, replace(act, reason=""), "akasaka"), "reason")
    assert isinstance(await desk.do(attesting.undo, act, "akasaka"), Done)
    assert (await line(desk, "minato/password", "minato-x")).last == datetime(2026, 10, 1, tzinfo=TOKYO)
    assert isinstance(await desk.do(attesting.undo, act, "shibata"), Done)
    assert refused(await desk.do(attesting.undo, act, "shibata"), "state")
    past = await attesting.past(desk.store, DutyHistory(duty="minato/password"))
    assert [(tick.undone_by, tick.undone_reason) for tick in past.ticks] == [
        ("akasaka", "別のアカウントだった"),
        ("shibata", "別のアカウントだった"),
    ]
    entries = await desk.store.fetch("SELECT act FROM audit WHERE act LIKE 'duty%' ORDER BY seq", ())
    assert [row["act"] for row in entries] == ["duty_done", "duty_done", "duty_undo", "duty_undo"]


def test_a_date_on_a_closed_day_moves_to_the_next_open_one(book: Rulebook) -> None:
    account = book.accounts["minato-x"]
    saturday = datetime(2026, 8, 21, 10, tzinfo=TOKYO)  # three months later is a Saturday, and Monday 23 November a holiday
    assert due_after(saturday, Every(months=3), account, book).date() == date(2026, 11, 24)
    assert due_after(datetime(2026, 9, 30, tzinfo=TOKYO), Every(months=3), account, book).date() == date(2027, 1, 4)
    assert due_after(datetime(2027, 12, 1, tzinfo=TOKYO), Every(months=3), account, book).date() == date(2028, 3, 1)
    assert months_after(datetime(2026, 11, 30, tzinfo=TOKYO), 3).date() == date(2027, 2, 28)


async def test_the_interval_is_the_offices_own_and_says_so(desk: Desk) -> None:
    await begin_record(desk)
    assert "rules.toml" in (await line(desk, "minato/password", "minato-x")).basis
    suggested = await line(desk, "minato/terms", "minato-x")
    assert "広報番の目安" in suggested.basis
    assert "条文に間隔の定めはありません" in suggested.basis
    own = replace(desk.book.duties, intervals=(DutyInterval(duty="minato/terms", days=30),))
    desk.book = replace(desk.book, duties=own)
    sooner = await line(desk, "minato/terms", "minato-x")
    assert sooner.due is not None
    assert suggested.due is not None
    assert sooner.due < suggested.due
    assert "30 日ごと" in sooner.basis


async def test_a_policy_that_no_account_follows_asks_for_nothing(desk: Desk) -> None:
    left = {key: account for key, account in desk.book.accounts.items() if account.policy != "minato"}
    desk.book = replace(desk.book, accounts=left)
    lines = await attesting.listed(desk.store, desk.setting)
    assert not [each for each in lines if each.id.startswith("minato/")]
    assert [each for each in lines if each.id.startswith("saitama/")]


# What an account needs before it begins


def without(book: Rulebook, **change: object) -> Rulebook:
    """The office whose minato-x lacks something."""
    account: Account = book.accounts["minato-x"]
    founding = {key: value for key, value in account.founding.items() if key not in change}
    changed = replace(account, founding=founding, **{key: value for key, value in change.items() if key == "unit"})
    return replace(book, accounts={**book.accounts, "minato-x": changed})


def found(book: Rulebook) -> list[str]:
    return [each.clause for each in duties.lacks(book.accounts["minato-x"], book, {})]


def test_the_training_offices_accounts_lack_nothing(book: Rulebook) -> None:
    for account in book.accounts.values():
        assert duties.lacks(account, book, {}) == ()


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        pytest.param({"consulted": None}, "minato/4(1)", marks=pytest.mark.clause("minato/4(1)")),
        pytest.param({"committee": None}, "minato/4(1)", marks=pytest.mark.clause("minato/4(1)")),
        pytest.param({"unit": "区長室、防災課"}, "minato/4(2)", marks=pytest.mark.clause("minato/4(2)")),
        pytest.param({"unit": ""}, "minato/4(2)", marks=pytest.mark.clause("minato/4(2)")),
        pytest.param({"unit": "どこにもない課"}, "minato/4(2)", marks=pytest.mark.clause("minato/4(2)")),
        pytest.param({"guideline": None}, "minato/4(3)", marks=pytest.mark.clause("minato/4(3)")),
        pytest.param({"listing": None}, "minato/4(4)", marks=pytest.mark.clause("minato/4(4)")),
    ],
)
async def test_an_account_that_lacks_it_cannot_release_and_says_who_can_settle_it(
    desk: Desk, change: dict[str, object], clause: str
) -> None:
    landed = await desk.drop("minato-x", NOTICE, **MINATO)
    if "unit" not in change:
        assert isinstance(await desk.approve(landed.draft, "shibata"), Done)
    desk.book = without(desk.book, **change)
    assert found(desk.book) == [clause]
    case = await desk.case(landed.draft)
    lines = [each for each in case.judged(desk.setting).missing if each.act == "duty"]
    assert [each.clause for each in lines] == [clause]
    assert lines[0].who
    assert lines[0].logins
    if "unit" not in change:
        assert refused(await desk.begin(landed.draft, "akasaka"), "missing")


@pytest.mark.clause("minato/4(2)")
async def test_the_exception_to_one_unit_is_a_managers_with_a_reason(desk: Desk) -> None:
    desk.book = without(desk.book, unit="区長室、防災課")
    assert refused(await attest(desk, "akasaka", "minato/unit", "minato-x"), "role")
    assert isinstance(await attest(desk, "shibata", "minato/unit", "minato-x"), Done)
    assert duties.lacks(desk.book.accounts["minato-x"], desk.book, await attesting.ticks(desk.store)) == ()


@pytest.mark.clause("minato/4(3)")
async def test_a_guideline_must_exist_and_nobodys_word_stands_in_for_it(desk: Desk) -> None:
    book = without(desk.book, guideline=None)
    account = replace(book.accounts["minato-x"], founding={**book.accounts["minato-x"].founding, "guideline": "guidelines/x.md"})
    there = replace(book, accounts={**book.accounts, "minato-x": account})
    desk.book = replace(there, duties=replace(book.duties, absent=frozenset({"guidelines/x.md"})))
    assert found(there) == []
    assert found(desk.book) == ["minato/4(3)"]
    assert refused(await attest(desk, "shibata", "minato/guideline", "minato-x"), "missing")


def test_every_duty_of_the_policies_is_due_and_names_a_clause_of_its_own(book: Rulebook) -> None:
    held = {each.id: each for policy in book.policies.values() for each in coverage(policy)}
    for clause in (
        *(f"minato/4({n})" for n in (1, 2, 3, 4, 6, 7, 8, 9)),
        *("saitama/6-3", "shinagawa/4-1", "shinagawa/4-2"),
    ):
        assert held[clause].status in ("due", "asked"), clause
        assert any(name.startswith(clause.partition("/")[0] + "/") for name in held[clause].held_by), clause


async def test_the_canaries_are_a_duty_of_the_programs_own_and_due_by_the_end_of_the_next_working_day(desk: Desk) -> None:
    await begin_record(desk)
    assert (await line(desk, "canaries")).last is None
    await desk.store.write(lambda tx: attesting.canaries_ran(tx, desk.now))
    ran = await line(desk, "canaries")
    assert ran.last is not None and ran.due is not None
    assert (ran.standing, ran.can) == ("ok", ())
    assert ran.due == due_after(ran.last, Every(days=1), None, desk.book)
    assert refused(await attest(desk, "shibata", "canaries"), "state")
    desk.now = ran.due + timedelta(minutes=1)
    assert (await line(desk, "canaries")).standing == "overdue"
