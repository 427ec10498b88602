"""「なぜまだ出ないか」 names people who can do it: nobody is waited for whose approval would be their own."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.judge import Approval, Situation, approvers_asked, judge
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.item import Item
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Rulebook
from daemon.rulebook.verdict import Missing

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)
NOTICE = "図書館は、館内の点検のため月曜日に休みます。返却は正面のポストへお願いします。"


@pytest.fixture(scope="module")
def office(root: Path) -> Rulebook:
    return load_rulebook(root)


def _situation(office: Rulebook, account: str, author: str) -> Situation:
    return Situation(now=TUESDAY, account=office.accounts[account], author=office.operators[author], author_verified=True)


def _approval(office: Rulebook, account: str, item: Item) -> Missing:
    missing = judge(item, _situation(office, account, item.author), office).missing
    return next(line for line in missing if line.act == "approve")


def test_where_its_author_is_the_only_approver_it_waits_for_nobody_and_says_so(office: Rulebook) -> None:
    line = _approval(office, "shinagawa-koho", Item(text=NOTICE, author="oi"))
    assert line.who == "戦略広報課長（作成者のほかに承認できる人がいません）"
    assert line.logins == ()


def test_the_others_of_the_table_are_named_without_the_author(office: Rulebook) -> None:
    line = _approval(office, "taisho-fukushi", Item(text=NOTICE, author="kobayashi", topic="保健福祉情報"))
    assert "kobayashi" not in line.logins and {"minami", "kitamura"} <= set(line.logins)
    assert "小林" not in line.who and "南 陽子" in line.who


def test_nor_is_a_deputy_asked_who_would_approve_in_the_authors_place(office: Rulebook) -> None:
    assert "mita" in _approval(office, "minato-line", Item(text=NOTICE, author="konan", topic="区政情報")).logins
    item = Item(text=NOTICE, author="takanawa", topic="区政情報", emergency=True, source="防災課")
    second = [
        line for line in judge(item, _situation(office, "minato-line", "takanawa"), office).missing if line.act == "approve"
    ]
    beside = next(line for line in second if "office/" in line.clause)
    assert "takanawa" not in beside.logins
    assert "代決 三田 浩" not in beside.who


def test_where_the_clause_lets_the_chief_act_alone_the_chief_is_waited_for(office: Rulebook) -> None:
    assert _approval(office, "minato-x", Item(text=NOTICE, author="shibata", topic="区政情報")).logins == ("shibata",)


def test_a_held_draft_waits_for_whoever_may_confirm_it(office: Rulebook) -> None:
    item = Item(text=NOTICE, author="oi")
    assert approvers_asked(item, _situation(office, "shinagawa-koho", "oi"), office).logins == ()
    other = Item(text=NOTICE, author="osaki")
    assert approvers_asked(other, _situation(office, "shinagawa-koho", "osaki"), office).logins == ("oi",)


def test_whoever_stands_in_for_an_approver_who_has_approved_is_not_asked_for_the_second_approval(office: Rulebook) -> None:
    item = Item(text=NOTICE, author="konan", topic="区政情報")
    given = (Approval(login="takanawa", titles=("課長",), at=TUESDAY),)
    lines = judge(item, replace(_situation(office, "minato-line", "konan"), approvals=given), office).missing
    second = next(line for line in lines if line.act == "approve")
    assert "課長" not in second.who and "代決" not in second.who
    assert set(second.logins) == {"akasaka", "mita"}, second  # 三田 in their own post, as 発信確認者
