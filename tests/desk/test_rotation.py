"""How often credentials have to be replaced, under which article, and for whom."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from daemon.desk.credentials import Had, now_had
from daemon.desk.duties import Done, credentials_of, seen
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.duty import DutyInterval
from daemon.rulebook.model import Rulebook
from daemon.wire.duties import DutySeen

SET = datetime(2026, 1, 5, 10, 0, tzinfo=TOKYO)
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)


def by_machine(book: Rulebook, account: str) -> Rulebook:
    """The same office, without intervals of its own, with an account that goes out through X by itself."""
    mine = replace(book.accounts[account], channel="x", platform="x")
    return replace(book, accounts={**book.accounts, account: mine}, duties=replace(book.duties, intervals=()))


def asked(book: Rulebook, account: str) -> DutySeen:
    done = Done({}, {credentials_of(account): SET}, SET)
    (line,) = [line for line in seen(book, done, NOW) if line.id.endswith("/rotation")]
    assert line.account == account
    return line


@pytest.mark.clause("saitama/6-3")
def test_in_saitama_they_are_replaced_every_year_under_the_article_on_credentials(book: Rulebook) -> None:
    line = asked(by_machine(book, "saitama-cvc"), "saitama-cvc")
    assert (line.clause, line.standing) == ("saitama/6-3", "ok")
    assert line.due is not None and (line.due.year, line.due.month) == (2027, 1)
    assert "secret_months = 12" in line.basis


@pytest.mark.clause("minato/4(6)")
def test_in_minato_what_the_office_settled_for_passwords_counts_where_it_is_shorter(book: Rulebook) -> None:
    ours = by_machine(book, "minato-x")
    assert asked(ours, "minato-x").clause == "minato/4(6)"
    assert asked(ours, "minato-x").standing == "ok"
    settled = replace(ours, duties=replace(ours.duties, intervals=(DutyInterval(duty="minato/password", months=3),)))
    line = asked(settled, "minato-x")
    assert line.standing == "overdue" and "3 か月" in line.basis
    longer = replace(ours, duties=replace(ours.duties, intervals=(DutyInterval(duty="minato/password", months=24),)))
    assert asked(longer, "minato-x").due == asked(ours, "minato-x").due


def test_where_no_article_speaks_of_credentials_that_is_said(book: Rulebook) -> None:
    line = asked(by_machine(book, "taisho-somu"), "taisho-somu")
    assert line.clause == "office/rotation" and "根拠" in line.cite


def test_an_account_by_hand_or_without_credentials_has_nothing_to_replace(book: Rulebook) -> None:
    nothing_set = Done({}, {}, SET)
    for ours, done in (
        (book, Done({}, {credentials_of("minato-x"): SET}, SET)),
        (by_machine(book, "minato-x"), nothing_set),
        (
            replace(by_machine(book, "minato-x"), office=replace(book.office, secret_months=0)),
            Done({}, {credentials_of("minato-x"): SET}, SET),
        ),
    ):
        assert not [line for line in seen(ours, done, NOW) if line.id.endswith("/rotation")]


def test_without_a_noted_day_they_count_from_the_day_on_which_they_were_first_seen() -> None:
    first = {"a": Had("handed", "", SET, noted=False)}
    again = {"a": Had("handed", "", NOW, noted=False)}
    assert now_had(first, again) == first
    set_anew = {"a": Had("handed", "oauth2", NOW, "sato")}
    assert now_had(first, set_anew) == set_anew
    assert now_had(set_anew, {"a": Had("handed", "oauth2", NOW + timedelta(days=1), "sato")})["a"].since > NOW
