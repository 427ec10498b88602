"""The policies on the screen: the guard in the first row, versions, dead ends, amendments; and the page of what an amendment changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest
from console_desk import at_desk
from scripted_peer import NOW, Peer

from daemon.wire import Ask
from daemon.wire.policies import (
    AmendmentSeen,
    CanarySeen,
    ClauseDiff,
    ConflictSeen,
    PolicyCompared,
    PolicyDiff,
    PolicyNow,
    PolicyState,
    RuleDiff,
    VerdictDiff,
    VersionSeen,
)

pytestmark = pytest.mark.usefixtures("japanese")
APRIL = date(2027, 4, 1)

STATE = PolicyState(
    versions=(
        VersionSeen(
            policy="minato",
            cite="令和2年8月25日施行",
            from_=date(2020, 8, 25),
            until=date(2024, 4, 1),
            in_force=False,
            text=False,
        ),
        VersionSeen(policy="minato", cite="令和6年4月1日施行", from_=date(2024, 4, 1), until=None, in_force=True, text=True),
    ),
    coming=(AmendmentSeen(policy="saitama", day=APRIL, cite="改正", changes=3),),
    conflicts=(
        ConflictSeen(
            weight="dead_end",
            policy="saitama",
            clause="saitama/2",
            since=APRIL,
            message="saitama-cvcの下書きを誰も承認できません",
            message_en="Nobody can approve saitama-cvc",
        ),
    ),
    silent=(CanarySeen(policy="saitama", clause="saitama/6-1", cite="6 返信 第1項", rule="reply", said="hours"),),
    answered=52,
    canaries=53,
    looked=NOW,
)
COMPARED = PolicyCompared(
    policy="saitama",
    before="2022-12-07 適用",
    after="2027-04-01 改正",
    running=False,
    done=1003,
    of=1003,
    texts=(ClauseDiff(clause="saitama/6-1", cite="6", before="返信はしません。", after="原則として返信はしません。"),),
    rules=(RuleDiff(rule="hours", clause="saitama/4", what="changed", said=("close: 17:15:00 → 16:30:00",)),),
    drafts=(
        VerdictDiff(
            draft=7,
            account="saitama-cvc",
            path="drafts/saitama-cvc/a.txt",
            title="\x1b[2J講座のお知らせ",
            state="scheduled",
            before="pass",
            after="block",
            clauses=("saitama/1",),
        ),
    ),
    changed=3,
    queued=1,
)


class Comparing:
    """What was asked to be compared, and whether that is over."""

    def __init__(self) -> None:
        self.asked: list[PolicyDiff] = []
        self.over = False


def knows_the_policies(peer: Peer) -> Comparing:
    """Let the peer answer about policies; half done is what it has to compare until the test says so."""
    before, comparing = peer.answer, Comparing()
    status = msgspec.structs.replace(peer.status(), guards=(52, 53))
    peer.status = lambda: status  # type: ignore[method-assign]

    def answer(ask: Ask) -> object | None:
        if isinstance(ask.query, PolicyNow):
            return STATE
        if isinstance(ask.query, PolicyDiff):
            comparing.asked.append(ask.query)
            return COMPARED if comparing.over else msgspec.structs.replace(COMPARED, running=True, done=400)
        return before(ask)

    peer.answer = answer
    return comparing


@pytest.mark.parametrize("size", [(80, 24), (132, 40)])
async def test_what_is_wrong_with_the_policies_stands_first_and_in_full_beside(
    office: Path, peer: Peer, size: tuple[int, int]
) -> None:
    knows_the_policies(peer)
    async with at_desk(office, size) as desk:
        await desk.shows("番人 52/53")
        await desk.press("p")
        await desk.shows("行き止まり・矛盾 1")
        lines = [line for line in desk.screen()[2:] if "saitama" in line or "minato" in line]
        assert "番人 応答なし" in lines[0] and "saitama/6-1" in lines[0]
        assert "改正" in lines[1] and "手元の 3件" in lines[1]
        assert "行き止まり" in lines[2] and "条文なし" in lines[3] and "現行" in lines[4]
        await desk.shows("働いた規則 hours")
        await desk.press("down", "down")
        await desk.shows("条文 saitama/2")


async def test_enter_on_an_amendment_shows_what_it_changes_and_follows_until_all_is_judged(office: Path, peer: Peer) -> None:
    comparing = knows_the_policies(peer)
    async with at_desk(office) as desk:
        await desk.shows("運用中")
        await desk.press("p")
        await desk.shows("改正")
        await desk.press("down", "enter")
        await desk.shows("比べています 400/1003")
        comparing.over = True
        await desk.shows("1003件を比べました。変わるもの 3件（手元 1件）")
        assert {(query.policy, query.day) for query in comparing.asked} == {("saitama", APRIL)}
        shown = "\n".join(desk.screen())
        assert "#7 予約" in shown and "saitama/1" in shown and "\x1b" not in shown
        assert "+ 原則として返信はしません。" in shown and "close: 17:15:00 → 16:30:00" in shown
        await desk.press("escape")
        await desk.shows("これからの改正 1")


async def test_a_version_in_force_is_not_compared_with_itself(office: Path, peer: Peer) -> None:
    comparing = knows_the_policies(peer)
    async with at_desk(office) as desk:
        await desk.shows("運用中")
        await desk.press("p")
        await desk.shows("現行")
        await desk.press("end", "enter")
        await desk.shows("次の版 -")
        assert comparing.asked == []


@pytest.mark.parametrize(("answered", "said"), [(53, False), (52, True)])
async def test_the_first_row_has_the_canaries_whole_or_not_at_all_and_always_those_that_are_silent(
    office: Path, peer: Peer, answered: int, *, said: bool
) -> None:
    queue = {"to_fix": 123, "waiting": 45678, "held": 3456789, "unknown": 678999}
    status = msgspec.structs.replace(peer.status(), guards=(answered, 53), queue=queue)
    peer.status = lambda: status  # type: ignore[method-assign]
    async with at_desk(office, (76, 24)) as desk:
        await desk.shows("要修正123")
        first = desk.screen()[0]
        assert ("番人" in first) is said, first
        assert said or "番" not in first, first
