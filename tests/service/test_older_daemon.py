"""A console and a daemon of two versions: what the older one does not know costs nobody the line, and is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import msgspec
import pytest
from msgspec import structs

from console.cli.link import Link, Refused
from daemon.wire import PROTOCOL, Claim, Done, OpenView, Show, Status, StatusAnswer, Withdraw
from daemon.wire.acts import AnyAct
from daemon.wire.finding import FilterList, MyFilters, StepAway
from daemon.wire.frames import Ask, encode_frame
from daemon.wire.queries import AnyQuery
from daemon.wire.reasons import WhyNot
from daemon.wire.since import ADDED, behind, for_version
from tests.service import release_0_1_0
from tests.service.live_office import Office

OLD = 1
"""The version of the protocol that release 0.1.0 speaks."""


def named(types: object) -> dict[str, type[Any]]:
    return {str(each.__struct_config__.tag): each for each in get_args(types)}


@pytest.mark.parametrize(
    ("types", "knew", "added"),
    [(AnyAct, release_0_1_0.ACTS, "acts"), (AnyQuery, release_0_1_0.QUERIES, "queries")],
    ids=["acts", "queries"],
)
def test_whatever_the_last_release_did_not_take_is_named_with_its_version(
    types: object, knew: Mapping[str, str], added: str
) -> None:
    now = named(types)
    assert set(now) - set(knew) == getattr(ADDED[2], added)
    fields = {name: {field.name for field in structs.fields(now[name])} - set(knew[name].split()) for name in knew}
    known = ADDED[2].fields if added == "queries" else {}
    assert {name: frozenset(more) for name, more in fields.items() if more} == dict(known)


@pytest.mark.parametrize("question", [WhyNot(draft=1), StepAway(), OpenView(mine=True), OpenView(sort="arrived")])
def test_what_an_older_daemon_does_not_know_is_not_asked(question: Any) -> None:
    assert for_version(question, OLD) is None
    assert for_version(question, PROTOCOL[1]) == question


def test_what_only_says_how_an_answer_is_wanted_is_left_out_for_an_older_daemon() -> None:
    assert for_version(OpenView(text="給水", around=7, soon=True), OLD) == OpenView(text="給水")


def test_a_daemon_is_behind_by_the_protocol_it_speaks() -> None:
    assert behind(OLD)
    assert not behind(PROTOCOL[1])


@pytest.mark.parametrize("question", [OpenView(text="a"), Show(draft=1), Status(), Withdraw(draft=1), Claim(draft=2, over=True)])
def test_what_stands_at_its_default_is_not_sent(question: Any) -> None:
    ask = Ask(id="1", act=question) if named(AnyAct).get(question.__struct_config__.tag) else Ask(id="1", query=question)
    sent = msgspec.json.decode(encode_frame(ask))
    said = sent.get("act") or sent.get("query")
    default = {field.name: field.default for field in structs.fields(question)}
    assert all(value != default.get(key) for key, value in said.items())


@pytest.mark.parametrize(
    "line",
    [
        b'{"frame":"ask","id":"1","query":{"query":"what_comes_later"}}\n',
        b'{"frame":"ask","id":"1","query":{"query":"status","colour":"red"}}\n',
        b'{"frame":"ask","id":"1","act":{"act":"delete_everything"}}\n',
        b'{"frame":"ask","id":"1","act":{"act":"' + b"x" * 500_000 + b'"}}\n',
    ],
    ids=["a query", "a field", "an act", "an act with an endless name"],
)
def test_a_question_that_the_daemon_does_not_know_is_refused_and_the_line_stays(office: Office, line: bytes) -> None:
    caller = office.caller()
    caller.send(line)
    refusal = caller.answer("1")
    assert refusal.code == "protocol"
    assert len(refusal.message) < 1000
    assert caller.ask(Status(), StatusAnswer).training


def test_the_command_line_says_which_daemon_is_too_old_and_asks_it_nothing(office: Office) -> None:
    with Link(office.folder, "shibata") as link:
        assert link.ask(MyFilters(), FilterList).filters == ()
        link.welcome = structs.replace(link.welcome, protocol=OLD, version="0.1.0")
        with pytest.raises(Refused, match=r"0\.1\.0"):
            link.ask(MyFilters(), FilterList)
        with pytest.raises(Refused, match=r"0\.1\.0"):
            link.ask(StepAway(), Done)
        assert link.ask(Status(), StatusAnswer).training
