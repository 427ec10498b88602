"""How the record's line of a stop reads: made again, or told later."""

from __future__ import annotations

import json

import pytest
from scripted_peer import NOW

from console.record import detail_words
from daemon.wire import HistoryLine

pytestmark = pytest.mark.usefixtures("japanese")


def line(**detail: object) -> str:
    return detail_words(HistoryLine(seq=1, at=NOW, actor="sato", act="stop", detail=json.dumps({"detail": detail})))


def test_a_stop_made_again_reads_as_one() -> None:
    assert "もう一度" in line(scope="all", reason="緊急", again=True)
    assert "もう一度" not in line(scope="all", reason="緊急")


def test_a_stop_told_later_has_the_moment_at_which_it_was_made() -> None:
    assert "停止した時刻 2026-11-20 14:02" in line(scope="all", reason="", made_at="2026-11-20T05:02:00+00:00")
