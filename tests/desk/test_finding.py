"""What a filter finds, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from daemon.desk import claims, conditions, finding
from daemon.desk.finding import find, meets
from daemon.store import to_db
from daemon.wire import Claim, OpenView
from tests.desk.conftest import Desk

NOTICE = "区立図書館の児童書コーナーを2階に移しました。"


async def found(desk: Desk, login: str = "akasaka", **conditions: Any) -> list[int]:
    drafts: list[int] = []

    def tell(some: Sequence[int]) -> bool:
        drafts.extend(some)
        return True

    await desk.store.walk(partial(find, query=OpenView(**conditions), login=login, now=to_db(desk.now), tell=tell))
    return drafts


WAYS = {
    "looked at": {},
    "few": {"PROBED": 1},
    "known": {"PROBED": 1, "FEW": -1},
    "looked at in part": {"PROBED": 1, "KNOWN": 0, "ENOUGH": 1},
    "walked": {"PROBED": 1, "KNOWN": 0, "LOOKING": 0.0},
}
"""What decides how a list is found: the few that there are here, or all those that 10⁶ have."""


@pytest.fixture(params=WAYS, autouse=True)
def every_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drafts are looked at one by one, named by an index, or walked along one: the list is the same."""
    for name, value in WAYS[request.param].items():
        monkeypatch.setattr(finding, name, value)


async def test_every_word_must_be_there_and_no_word_that_is_left_out(desk: Desk) -> None:
    one = (await desk.drop("minato-x", NOTICE, "a.txt")).draft
    two = (await desk.drop("minato-x", "ＮＨＫが図書館を取材します。", "b.txt")).draft
    assert sorted(await found(desk, text="図書館")) == [one, two]
    assert await found(desk, text="図書館 nhk") == [two]
    assert await found(desk, text="図書館", without=("NHK",)) == [one]
    assert await found(desk, without=("図書館",)) == []
    assert await found(desk, text="体育館") == []


async def test_several_words_may_be_in_the_text_the_name_or_the_number_each(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    one = (await desk.drop("minato-x", NOTICE, "台風.txt")).draft
    two = (await desk.drop("minato-x", "台風で図書館を閉めます。", "b.txt")).draft
    three = (await desk.drop("minato-x", "台風で窓口を閉めます。", "児童書.txt")).draft
    for most in (500, 0):  # words in few names are looked up together, the others each
        monkeypatch.setattr(conditions, "NAMES_FEW", most)
        assert sorted(await found(desk, text="図書館 台風")) == [one, two]
        assert await found(desk, text="図書館 台風", without=("児童書",)) == [two]
        assert sorted(await found(desk, text="台風", without=("児童書",))) == [two]
        assert await found(desk, text="台風 閉めます", without=("児童書",)) == [two]
        assert sorted(await found(desk, text="台風 閉めます")) == [two, three]
        assert await found(desk, text=f"#{one} 台風 図書館") == [one]
        assert await found(desk, text="図書館 台風 窓口") == []


async def test_a_new_revision_is_found_by_its_own_words_at_once(desk: Desk) -> None:
    one = (await desk.drop("minato-x", NOTICE)).draft
    await desk.drop("minato-x", "区民まつりを開きます。")
    assert await found(desk, text="児童書") == []
    assert await found(desk, text="まつり") == [one]


async def test_the_file_s_name_and_the_number_are_found(desk: Desk) -> None:
    await desk.drop("minato-x", NOTICE, "a.txt")
    two = (await desk.drop("minato-x", NOTICE, "台風情報.txt")).draft
    assert await found(desk, text="台風") == [two]
    assert await found(desk, text=f"#{two}") == [two]


async def test_accounts_states_and_verdicts_narrow(desk: Desk) -> None:
    wrong = (await desk.drop("minato-x", "お前ら全員死ね。", "a.txt")).draft
    right = (await desk.drop("minato-facebook", NOTICE, "b.txt", author="konan")).draft
    case = await desk.case(wrong)
    assert case.verdict != "pass"
    assert await found(desk, accounts=("minato-x",)) == [wrong]
    assert await found(desk, verdicts=(case.verdict,), accounts=("minato-x",)) == [wrong]
    assert right in await found(desk, verdicts=((await desk.case(right)).verdict,))
    assert wrong not in await found(desk, verdicts=("pass",))
    assert await found(desk, states=(case.state,), accounts=("minato-x",)) == [wrong]


async def test_a_clause_finds_what_was_found_under_it(desk: Desk) -> None:
    wrong = (await desk.drop("minato-x", "お前ら全員死ね。", "a.txt")).draft
    await desk.drop("minato-x", NOTICE, "b.txt")
    clause = next(f.clause for f in (await desk.case(wrong)).screened)
    whole = clause.partition("(")[0]
    assert await found(desk, clauses=(clause,)) == [wrong]
    assert wrong in await found(desk, clauses=(whole,))
    assert await found(desk, clauses=("minato/999",)) == []


async def test_an_article_stands_for_all_below_it_and_for_no_other(desk: Desk) -> None:
    wrong = (await desk.drop("taisho-gyosei", "お前ら全員死ね。")).draft
    clauses = {finding.clause for finding in (await desk.case(wrong)).screened}
    assert any(clause.startswith("taisho/3.") for clause in clauses), clauses
    assert await found(desk, clauses=("taisho/3",)) == [wrong]
    assert await found(desk, clauses=("taisho/2",)) == await found(desk, clauses=("taisho",)) == []


async def test_mine_is_what_i_wrote_or_work_at(desk: Desk) -> None:
    mine = (await desk.drop("minato-x", NOTICE, "a.txt", author="akasaka")).draft
    other = (await desk.drop("minato-x", NOTICE, "b.txt", author="shibata")).draft
    assert await found(desk, mine=True) == [mine]
    await desk.do(claims.claim, Claim(draft=other), "akasaka")
    assert sorted(await found(desk, mine=True)) == [mine, other]
    desk.now += timedelta(hours=1)
    assert await found(desk, mine=True) == [mine]


async def test_the_orders_of_the_queue(desk: Desk) -> None:
    late = desk.now + timedelta(days=2)
    soon = desk.now + timedelta(days=1)
    one = (await desk.drop("minato-x", NOTICE, "a.txt", author="akasaka", topic="区政情報", release_at=late)).draft
    two = (await desk.drop("minato-facebook", NOTICE, "b.txt", author="konan", topic="区政情報", release_at=soon)).draft
    three = (await desk.drop("minato-x", "お前ら全員死ね。", "c.txt")).draft
    assert await found(desk, sort="arrived") == [three, two, one]
    assert await found(desk, sort="arrived", accounts=("minato-x",)) == [three, one]
    by_account = await found(desk, sort="account")
    assert by_account[0] == two
    assert set(by_account[1:]) == {one, three}
    assert await found(desk, due=True, sort="release") == [two, one]
    assert (await found(desk, sort="release"))[:2] == [two, one]


async def test_only_what_waits_is_in_the_order_of_the_moments_that_drafts_wish_for(desk: Desk) -> None:
    front = {"author": "akasaka", "topic": "区政情報"}
    waits = (await desk.drop("minato-x", NOTICE, "a.txt", release_at=desk.now + timedelta(days=2), **front)).draft
    back = (await desk.drop("minato-x", NOTICE, "b.txt", release_at=desk.now + timedelta(days=1), **front)).draft
    await desk.give_back(back, "shibata", "日付を確かめてください")
    assert (await desk.case(back)).state == "returned"
    assert await found(desk, sort="release", accounts=("minato-x",)) == [waits, back]


async def test_a_list_is_of_one_moment_whatever_happens_while_it_is_filled(desk: Desk) -> None:
    drafts = [(await desk.drop("minato-x", NOTICE, f"{n}.txt")).draft for n in range(4)]
    before = await found(desk, text="図書館")
    assert sorted(before) == drafts
    listed: list[int] = []

    def tell(some: Sequence[int]) -> bool:
        listed.extend(some)
        desk.store.write_blocking(
            lambda tx: tx.db.execute("UPDATE drafts SET state = 'held', body = '' WHERE id = ?", (drafts[1],))
        )
        return True

    query = OpenView(text="図書館")
    await desk.store.walk(partial(find, query=query, login="akasaka", now=to_db(desk.now), tell=tell))
    assert listed == before


async def test_every_order_has_every_draft_once_and_walks_as_it_sorts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(12):
        await desk.drop("minato-x" if n % 3 else "minato-facebook", NOTICE, f"{n}.txt", author="akasaka" if n % 3 else "konan")
    for sort in ("state", "arrived", "release", "account"):
        for asked in ({}, {"text": "図書館"}, {"without": ("図書館 ",)}, {"accounts": ("minato-x",)}, {"text": "1"}):
            monkeypatch.undo()
            expected = await found(desk, sort=sort, **asked)
            assert len(set(expected)) == len(expected)
            for way in WAYS.values():
                for name, value in way.items():
                    monkeypatch.setattr(finding, name, value)
                assert await found(desk, sort=sort, **asked) == expected, (sort, asked, way)
                monkeypatch.undo()


async def test_one_draft_is_asked_whether_it_meets_the_filter(desk: Desk) -> None:
    draft = (await desk.drop("minato-x", NOTICE)).draft
    state = (await desk.case(draft)).state

    async def fits(**conditions: Any) -> bool:
        query = OpenView(**conditions)
        return await desk.store.read(partial(meets, query=query, login="akasaka", now=to_db(desk.now), draft=draft))

    assert await fits(text="図書館", states=(state,))
    assert not await fits(text="体育館")
    assert not await fits(text="図書館", states=("released",))
    assert not await fits(without=("図書館",))
