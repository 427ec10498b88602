"""A dialog that decides claims its draft while it stands, so that two chiefs do not answer it at once; Esc gives it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from console_desk import at_desk
from scripted_peer import Peer

from daemon.wire import Approve, Ask, Claim, Refusal, Unclaim

pytestmark = pytest.mark.usefixtures("japanese")


@pytest.mark.parametrize("key", ["a", "r"])
async def test_a_dialog_claims_its_draft_and_esc_gives_it_back(office: Path, peer: Peer, key: str) -> None:
    async with at_desk(office) as desk:
        await desk.listed()
        await desk.press(key)
        await desk.until(lambda: peer.claims() == [Claim(draft=300, brief=True)])
        await desk.press("escape")
        await desk.until(lambda: peer.claims() == [Claim(draft=300, brief=True), Unclaim(draft=300)])
    assert peer.acts() == []


async def test_a_decision_ends_the_claim_by_itself(office: Path, peer: Peer) -> None:
    async with at_desk(office) as desk:
        await desk.listed()
        await desk.press("a")
        await desk.sure()
        await desk.shows("記録しました")
        await desk.pilot.pause(0.1)
    assert [type(act) for act in peer.acts()] == [Approve]
    assert peer.claims() == [Claim(draft=300, brief=True)]


async def test_where_somebody_else_works_at_it_the_dialog_goes_and_says_who(office: Path, peer: Peer) -> None:
    before = peer.answer

    def answer(ask: Ask) -> object | None:
        if isinstance(ask.act, Claim):
            return Refusal(code="claimed", message="芝田 恵さんが着手しています。", message_en="claimed")
        return before(ask)

    peer.answer = answer
    async with at_desk(office) as desk:
        await desk.listed()
        await desk.press("a")
        await desk.shows("芝田 恵さんが着手しています")
        assert not desk.console.bottom.asking
        await desk.press("y")
        await desk.pilot.pause(0.05)
    assert peer.acts() == []
    assert peer.claims() == [Claim(draft=300, brief=True)]
