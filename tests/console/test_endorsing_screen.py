"""The ninth screen, the keys E and b, and their commands, against a daemon that says what the test lets it say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
from console_desk import Desk, at_desk
from scripted_peer import Peer, row

from daemon.wire import (
    Ask,
    CloseObjection,
    Declare,
    Deputies,
    DeputyList,
    DeputySeen,
    Endorse,
    LiftSeen,
    ReviewList,
    Reviews,
    ReviewSeen,
)
from daemon.wire.acts import AnyAct

pytestmark = pytest.mark.usefixtures("japanese")

AT = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
REVIEW = ReviewSeen(
    id=3, draft=1, title="川から離れてください", account="taisho-chiiki", name="大正区役所", cause="emergency", act="declare", by="shimizu",
    by_name="清水 直美", on_behalf="", clause="taisho/3.対応時間ただし書", opened_at=AT, due=AT, late=True, state="open",
    who="区政企画担当課長（北村 春子）", logins=("kitamura",), can=("endorse",),
)  # fmt: skip
LIFT = LiftSeen(
    draft=2, title="お知らせ", account="shinagawa-koho", rule="author", clause="shinagawa/5-1", under="shinagawa/5-1", by="oi",
    by_name="大井 正樹", on_behalf="", reason="防災課の原稿のため", at=AT, until=AT, ended=True,
)  # fmt: skip
DEPUTY = DeputySeen(
    id="d", login="mita", name="三田 浩", whom="課長 高輪 聡", from_=date(2026, 4, 1), until=date(2027, 3, 31), accounts=("minato-line",),
    kinds=(), topics=(), emergencies="also", basis="", in_force=True,
)  # fmt: skip


@pytest.fixture
def endorsing(peer: Peer) -> Peer:
    """A daemon that has one late review, one exception that has ended, and one deputy."""
    return with_review(peer, REVIEW)


def with_review(peer: Peer, review: ReviewSeen) -> Peer:
    said = peer.answered

    def answer(ask: Ask) -> object | None:
        if isinstance(ask.query, Reviews):
            return ReviewList(reviews=(review,), exceptions=(LIFT,), late=1, objected=0)
        if isinstance(ask.query, Deputies):
            return DeputyList(deputies=(DEPUTY,))
        return said(ask)

    peer.answer = answer
    return peer


async def acted(desk: Desk, peer: Peer, nth: int = 1) -> AnyAct:
    """The nth act that came over the wire."""
    await desk.until(lambda: len(peer.acts()) >= nth)
    return peer.acts()[nth - 1]


async def test_the_ninth_screen_shows_what_is_late_what_has_ended_and_who_stands_in(office: Path, endorsing: Peer) -> None:
    async with at_desk(office) as desk:
        await desk.press("Y")
        for words in ("期限切れ1", "後閲 期限切れ", "例外 期限切れ", "代決", "区政企画担当課長"):
            await desk.shows(words)
        await desk.press("down")
        await desk.press("down")
        await desk.shows("根拠規定なし")


async def test_b_endorses_and_a_reason_makes_it_an_objection(office: Path, endorsing: Peer) -> None:
    async with at_desk(office) as desk:
        await desk.press("Y")
        await desk.shows("後閲 期限切れ")
        await desk.press("b")
        await desk.shows("不可とする理由")
        await desk.type("")
        await desk.shows("後閲します")
        await desk.sure()
        assert await acted(desk, endorsing) == Endorse(review=3)
        await desk.press("b")
        await desk.shows("不可とする理由")
        await desk.type("川の名前が違う")
        await desk.sure()
        assert await acted(desk, endorsing, 2) == Endorse(review=3, objects=True, note="川の名前が違う")


async def test_an_objection_is_closed_by_what_was_done(office: Path, endorsing: Peer) -> None:
    with_review(endorsing, msgspec.structs.replace(REVIEW, state="objected", can=("close_objection",)))
    async with at_desk(office) as desk:
        await desk.press("Y")
        await desk.shows("後閲で不可")
        await desk.press("b")
        await desk.shows("どう対応しましたか")
        await desk.type("訂正 #12")
        await desk.sure()
        assert await acted(desk, endorsing) == CloseObjection(review=3, note="訂正 #12")


async def test_a_declaration_asks_for_its_reason_and_says_what_it_lifts(office: Path, endorsing: Peer) -> None:
    endorsing.rows = [msgspec.structs.replace(row(1), can=("declare",))]
    async with at_desk(office) as desk:
        await desk.shows("防災訓練")
        await desk.press("E")
        await desk.shows("緊急とする理由")
        await desk.type("氾濫危険情報")
        await desk.shows("運用時間だけを解きます")
        await desk.sure()
        act = await acted(desk, endorsing)
        assert isinstance(act, Declare)
        assert (act.draft, act.reason) == (1, "氾濫危険情報")


@pytest.mark.parametrize(
    ("state", "said"), [("open", "できるのは 区政企画担当課長（北村 春子） です"), ("endorsed", "後閲を待つものではありません")]
)
async def test_whoever_cannot_endorse_is_told_before_they_write_anything(office: Path, peer: Peer, state: str, said: str) -> None:
    with_review(peer, msgspec.structs.replace(REVIEW, can=(), state=state))
    async with at_desk(office) as desk:
        await desk.press("Y")
        await desk.shows("川から離れてください")
        await desk.press("b")
        await desk.shows(said)
        assert not desk.console.bottom.answering
        assert peer.acts() == []
