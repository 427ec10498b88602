"""What is asked of X: mentions, blocked users, the account's own posts, who we are. Each is paged, bounded, and paid for by the row."""

from __future__ import annotations

import time
from typing import Any

import pytest

from daemon.release.hand import Hand
from daemon.release.jobs import Ask, Told
from daemon.release.x import asking
from tests.platforms.faults import Fault
from tests.release.live_x import ACCOUNT, HANDLE, AtX


def ask(at_x: AtX, what: Any, **given: Any) -> Told:
    return Hand(at_x.state).ask(Ask(id="q1", channel="x", account=ACCOUNT, handle=HANDLE, what=what, **given))


def test_mentions_tell_who_said_what_when_where_and_in_answer_to_what(at_x: AtX) -> None:
    own = at_x.fake.post(HANDLE, "窓口のお知らせ")
    reply = at_x.fake.post("shimin", f"@{HANDLE} <ありがとう> https://example.com/a?b=1&c=2", reply_to=own)
    at_x.fake.post("tanin", "関係のない話")
    told = ask(at_x, "mentions")
    assert told.ok and told.whole
    (heard,) = told.heard
    assert (heard.number, heard.handle, heard.author) == (reply, "shimin", at_x.fake.user("shimin"))
    assert heard.text == f"@{HANDLE} <ありがとう> https://example.com/a?b=1&c=2"
    assert (heard.conversation, heard.answers) == (own, own)
    assert heard.url == f"https://x.com/shimin/status/{reply}"
    assert abs(heard.at - time.time()) < 60
    assert told.rows == 2, "the post and the one that it answers, which came along"


def test_mentions_since_a_number_are_those_after_it_newest_first(at_x: AtX) -> None:
    numbers = [at_x.fake.post("shimin", f"@{HANDLE} {n}") for n in range(6)]
    told = ask(at_x, "mentions", since=numbers[2])
    assert [heard.number for heard in told.heard] == numbers[:2:-1]
    assert ask(at_x, "mentions", since=numbers[-1]).heard == ()


def test_of_more_than_is_asked_for_the_newest_are_told_and_that_there_is_more(at_x: AtX, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PAGE", 5)
    numbers = [at_x.fake.post("shimin", f"@{HANDLE} {n}") for n in range(13)]
    told = ask(at_x, "mentions", most=7)
    assert ([heard.number for heard in told.heard], told.whole) == (numbers[:5:-1], False)
    told = ask(at_x, "mentions", most=100)
    assert ([heard.number for heard in told.heard], told.whole) == (numbers[::-1], True)
    told = ask(at_x, "mentions", most=13)
    assert (len(told.heard), told.whole) == (13, True)


def test_its_own_posts_are_told_with_their_addresses(at_x: AtX) -> None:
    numbers = [at_x.fake.post(HANDLE, f"{n}番") for n in range(3)]
    told = ask(at_x, "posts", since=numbers[0])
    assert [(heard.number, heard.handle, heard.url) for heard in told.heard] == [
        (number, HANDLE, f"https://x.com/{HANDLE}/status/{number}") for number in numbers[:0:-1]
    ]
    assert told.rows == 2


def test_the_blocked_are_listed_over_all_pages(at_x: AtX, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "USERS", 4)
    for number in range(10):
        at_x.fake.block(HANDLE, f"user{number}")
    told = ask(at_x, "blocking")
    assert sorted(listed.handle for listed in told.listed) == [f"user{number}" for number in range(10)]
    assert {listed.number for listed in told.listed} == {at_x.fake.user(f"user{number}") for number in range(10)}
    assert told.whole
    assert told.rows == 10


def test_who_we_are_is_told_even_where_it_is_another_account(at_x: AtX) -> None:
    at_x.signed("minato_kanko")
    told = ask(at_x, "account")
    assert told.facts == {"number": at_x.fake.user("minato_kanko"), "handle": "minato_kanko", "name": "minato_kanko"}
    assert not ask(at_x, "mentions").ok, "and nothing is asked in another's name"


def test_too_many_questions_say_when_to_ask_again(at_x: AtX) -> None:
    at_x.fake.fault(Fault("status", taken=False, status=429, reset=300).on("GET", "/2/users/*/mentions"))
    told = ask(at_x, "mentions")
    assert not told.ok
    assert told.again_at is not None and 200 < told.again_at - time.time() < 400


@pytest.mark.parametrize("answer", ["html", "garbage", "partial", "other shape", "empty", "redirect", "drop"])
@pytest.mark.parametrize("what", ["mentions", "blocking", "account"])
def test_an_odd_answer_is_said_and_breaks_nothing(at_x: AtX, what: str, answer: Any) -> None:
    ask(at_x, "account")
    path = {"mentions": "/2/users/*/mentions", "blocking": "/2/users/*/blocking", "account": "/2/users/me"}[what]
    at_x.fake.fault(Fault(answer).on("GET", path))
    told = ask(at_x, what)
    assert not told.ok
    assert told.why and told.why_en


def test_what_x_cannot_be_asked_is_said(at_x: AtX) -> None:
    told = ask(at_x, "quota")
    assert not told.ok
    assert "quota" in told.why
