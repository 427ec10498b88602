"""When a clause last spoke to a comment: found by the machine or named by whoever judged, beside what drafts say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from daemon.desk.clause_board import clauses
from daemon.moderation import fired
from daemon.moderation.fired import heard_of, with_comments
from daemon.store import to_db
from daemon.wire.answers import ClauseHeld
from tests.desk.conftest import Desk as Drafts
from tests.moderation.conftest import JUDGE, SAITAMA, Bench


async def board(desk: Bench) -> dict[str, ClauseHeld]:
    """The clause board of さいたま市, drafts and comments together."""
    setting = Drafts(desk.store, desk.book).setting
    found = await clauses(desk.store, "saitama", setting, None)
    return {one.id: one for one in await with_comments(desk.store, found, (SAITAMA,))}


async def found_in(desk: Bench, comment: int) -> str:
    """A clause that the machine has found in a comment."""
    seen = await desk.see(comment)
    return next(each.clause for each in seen.findings)


async def test_a_clause_that_no_draft_ever_met_has_fired_where_a_comment_did(desk: Bench) -> None:
    comment = await desk.comment(SAITAMA)
    clause = await found_in(desk, comment)
    one = (await board(desk))[clause]
    assert (one.last_draft, one.last_comment, one.open_comments) == (None, comment, 1)
    assert one.last_fired is not None and one.last_fired == desk.now


async def test_a_judgement_under_a_clause_counts_at_its_own_moment_and_one_that_is_undone_does_not(desk: Bench) -> None:
    comment = await desk.comment(SAITAMA)
    clause = await found_in(desk, comment)
    desk.pass_time(hours=1)
    later = await desk.comment(SAITAMA)
    assert (await board(desk))[clause].last_comment == later
    desk.pass_time(hours=1)
    answer = await desk.judge(comment, JUDGE[SAITAMA], clause, "delete", reason="暴言のため")
    assert getattr(answer, "audit_head", ""), answer
    one = (await board(desk))[clause]
    assert (one.last_comment, one.last_fired, one.open_comments) == (comment, desk.now, 1)
    await desk.undo(comment, JUDGE[SAITAMA])
    assert (await board(desk))[clause].last_comment == later


async def test_a_newer_draft_stays_the_last_and_another_citys_comment_says_nothing(desk: Bench) -> None:
    comment = await desk.comment(SAITAMA)
    clause = await found_in(desk, comment)
    found = (await board(desk))[clause]
    newer = ClauseHeld(
        id=clause, cite="", class_="AUTO", text="", note="", status="enforced", held_by=(), last_draft=9,
        last_fired=desk.now + timedelta(minutes=1),
    )  # fmt: skip
    assert (await with_comments(desk.store, (newer,), (SAITAMA,)))[0].last_draft == 9
    assert (await with_comments(desk.store, (newer,), ("minato-x",)))[0].open_comments == 0
    assert found.last_comment == comment


async def test_where_the_look_back_takes_too_long_it_is_said_how_far_it_came(
    desk: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fired, "SLICE", 1)
    for _ in range(3):
        await desk.comment(SAITAMA)
    times: Iterator[float] = iter((0.0, 1.0, 2.0, 3.0))
    heard = await desk.store.read(lambda db: heard_of(db, (SAITAMA,), {"saitama/0"}, lambda: next(times)))
    assert heard.back_to is not None and to_db(heard.back_to) == to_db(desk.now)
    whole = await desk.store.read(lambda db: heard_of(db, (SAITAMA,), {"saitama/0"}, lambda: 0.0))
    assert whole.back_to is None
