"""Over the socket: what a text would be found to be before it is a draft, and a draft under every installed policy."""

from __future__ import annotations

from daemon.wire import DraftDetail, Refusal, Show, Tried, Try
from daemon.wire.trying import LONGEST_TRIED
from tests.service.live_office import MINATO, NOTICE, Office, draft


def text(body: str = NOTICE, **front: object) -> str:
    return draft(body, **front).decode()


def test_a_text_is_judged_as_the_folder_would_judge_it_and_nothing_is_kept(office: Office) -> None:
    body = "夜間窓口のお知らせです。お問い合わせは 090-1234-5678 まで。"
    caller = office.caller("akasaka")
    tried = caller.ask(Try(file=text(body, **MINATO), account="minato-x"), Tried)
    assert office.rows() == []
    office.drop("minato-x", "night.txt", body, **MINATO)
    row = office.row("night.txt", "to_fix", "waiting")
    shown = caller.ask(Show(draft=row.id), DraftDetail)
    assert [f for f in tried.under[0].findings if f.rule != "hours"] == [f for f in shown.findings if f.rule != "hours"]
    assert tried.text == shown.text == body
    assert tried.under[0].verdict == row.verdict


def test_every_installed_policy_judges_one_draft_the_accounts_own_first(office: Office) -> None:
    caller = office.caller("akasaka")
    tried = caller.ask(Try(file=text(**MINATO), account="minato-x", every=True), Tried)
    assert tried.under[0].policy == "minato" and tried.under[0].account == "minato-x"
    assert {each.policy for each in tried.under} == {"minato", "saitama", "shinagawa", "taisho"}
    for each in tried.under[1:]:
        assert each.account == "" and each.missing == ()
        assert all(f.clause.startswith((each.policy, "office/")) for f in each.findings)
    assert len({tuple(f.clause for f in each.findings) for each in tried.under}) > 1


def test_the_fields_that_a_policy_asks_for_come_with_their_clause_and_with_what_may_stand_there(office: Office) -> None:
    caller = office.caller("akasaka")
    blank = {f.key: f for f in caller.ask(Try(file="", account="minato-x"), Tried).fields}
    assert "区政情報" in blank["topic"].choices and blank["topic"].clause.startswith("minato/")
    assert not blank["organiser"].now
    event = caller.ask(Try(file=text(author="akasaka", topic="協働イベント"), account="minato-x"), Tried)
    organiser = next(f for f in event.fields if f.key == "organiser")
    assert organiser.now and organiser.clause == "minato/6(3)" and organiser.message_en


def test_a_text_too_long_for_a_platform_says_where_it_ends_there(office: Office) -> None:
    tried = office.caller("akasaka").ask(Try(file="あ" * 200, account="minato-x"), Tried)
    x = next(each for each in tried.shapes if each.platform == "x")
    assert (x.length, x.limit, x.end) == (400, 280, 140)
    assert all(each.end == 200 for each in tried.shapes if each.platform in ("line", "facebook"))


def test_of_several_questions_of_one_connection_the_last_is_answered(office: Office) -> None:
    caller = office.caller("akasaka")
    numbers = [caller.put(Try(file="お知らせ" * 5000 + str(n), account="minato-x", every=True)) for n in range(8)]
    answers = {reply.id: reply.answer for reply in (caller.reply() for _ in numbers)}
    assert isinstance(answers[numbers[-1]], Tried)
    stale = [each for number, each in answers.items() if number != numbers[-1] and isinstance(each, Refusal)]
    assert stale and {each.code for each in stale} == {"stale"}


def test_what_is_too_long_and_an_account_that_there_is_not_are_refused(office: Office) -> None:
    caller = office.caller("akasaka")
    caller.refused(Try(file="x" * (LONGEST_TRIED + 1), account="minato-x"), "state")
    caller.refused(Try(file="x", account="kita-x"), "no_such")
    caller.refused(Try(draft=999_999), "no_such")


def test_whoever_asks_on_many_connections_keeps_nobody_elses_text_waiting(office: Office) -> None:
    """Each of these takes about a second to judge; also where whoever asked has hung up since."""
    long = "👨‍👩‍👧‍👦" * 7000
    lines = [office.caller("konan") for _ in range(30)]
    asked = [(line, line.put(Try(file=long, account="minato-x", every=True))) for line in lines]
    answers = [line.answer(number) for line, number in asked]
    refused = [each for each in answers if isinstance(each, Refusal)]
    assert {each.code for each in refused} == {"busy"}
    assert len(refused) >= 20
    for line in lines[:4]:
        assert isinstance(line.ask(Try(file=text(**MINATO), account="minato-x"), Tried), Tried)
