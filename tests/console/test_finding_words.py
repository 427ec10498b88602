"""What people type to narrow the queue, and what it asks for."""

from __future__ import annotations

import pytest

from console.finding import conditions, ordered, parsed
from daemon.wire import AccountStatus, OpenView


def _account(name: str, policy: str) -> AccountStatus:
    return AccountStatus(
        id=name, name=f"{name} 広報", policy=policy, platform="x", handle="@a", channel="manual", open=True, reason=""
    )


ACCOUNTS = (_account("minato-x", "minato"), _account("saitama-x", "saitama"))


@pytest.mark.parametrize(
    ("typed", "asks"),
    [
        ("", OpenView()),
        ("図書館　まつり", OpenView(text="図書館 まつり")),
        ("minato-x 図書館", OpenView(accounts=("minato-x",), text="図書館")),
        ("ＭＩＮＡＴＯ-Ｘ", OpenView(accounts=("minato-x",))),
        ("承認待ち", OpenView(states=("waiting",))),
        ("状態:予約", OpenView(states=("scheduled",))),
        ("state:held", OpenView(states=("held",))),
        ("判定:注意", OpenView(verdicts=("warn",))),
        ("予約 注意", OpenView(text="予約 注意")),
        ("自分 期日", OpenView(mine=True, due=True)),
        ("mine due", OpenView(mine=True, due=True)),
        ("順:到着", OpenView(sort="arrived")),
        ("sort：account", OpenView(sort="account")),
        ("-中止 -minato-x", OpenView(without=("中止", "minato-x"))),
        ('"承認待ち" -"new york"', OpenView(text="承認待ち", without=("newyork",))),
        ("minato-x 7(2)", OpenView(accounts=("minato-x",), clauses=("minato/7(2)",))),
        ("７（２）", OpenView(clauses=("minato/7(2)", "saitama/7(2)"))),
        ("minato/7-2", OpenView(clauses=("minato/7-2",))),
        ("11/24 http://example.jp/a", OpenView(text="11/24 http://example.jp/a")),
        ("状態:なにか", OpenView(text="状態:なにか")),
        ("- 順:", OpenView(text="- 順:")),
    ],
)
def test_words_ask_for_what_they_mean(typed: str, asks: OpenView) -> None:
    assert parsed(typed, ACCOUNTS) == asks


@pytest.mark.parametrize("typed", ["状態:予約 minato-x 判定:注意 自分 期日 図書館 -中止", "minato-x minato/7-2"])
def test_what_is_asked_for_is_said_as_it_could_be_typed(typed: str) -> None:
    asked = parsed(typed, ACCOUNTS)
    assert parsed(" ".join(conditions(asked)), ACCOUNTS) == asked


def test_an_order_is_changed_by_words_that_name_one_only() -> None:
    assert ordered("図書館") is None
    assert ordered("図書館 順:到着") == "arrived"
    assert ordered("順:状態") == "state"
