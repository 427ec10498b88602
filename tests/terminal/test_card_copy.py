"""The text of a release card reaches the operator's clipboard by their key alone, and lies beside as a plain file meanwhile."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path

import pytest
from ptys import Terminal, console

from tests.service.live_office import MINATO, NOTICE, Office, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
OSC_52 = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\)")


def copied(terminal: Terminal) -> list[str]:
    """What the program has given to the terminal's clipboard."""
    return [base64.b64decode(found).decode() for found in OSC_52.findall(terminal.raw)]


def yes(terminal: Terminal) -> None:
    """Confirm the question in the last row."""
    terminal.shows("y 実行")
    time.sleep(0.6)  # a key in the same moment as the question is not an answer to it
    terminal.send("y")


def test_only_the_key_copies_and_what_it_copies_is_the_exact_text(tmp_path: Path) -> None:
    office = Office(tmp_path / "office").start()
    try:
        assert office.process is not None
        office.drop("minato-x", "card.txt", NOTICE, **MINATO)
        office.approve("card.txt", "shibata")
        with console(office.folder, {"KOHOBAN_OPERATOR": "akasaka"}, (140, 40)) as terminal:
            terminal.shows("運用中")
            terminal.send(":as akasaka\r")
            terminal.shows("赤坂")
            terminal.settle(also=[office.process.pid])  # the line is a new one: the list and what she may do are read anew
            terminal.send("t")
            yes(terminal)
            terminal.shows("@ユーザー名を打って")
            terminal.send("@minato_kunren\r")
            terminal.shows("投稿する本文")
            cards = list((office.folder / "cards" / "minato-x").iterdir())
            assert [(card / "post.txt").read_text().strip() for card in cards] == [NOTICE]
            assert copied(terminal) == []
            terminal.send("y")
            terminal.until(lambda: copied(terminal))
            assert copied(terminal) == [(cards[0] / "post.txt").read_text()]
            terminal.send("u")
            terminal.shows("Enter 決める")  # "URL" stands in the card, too
            terminal.send("https://x.com/minato_kunren/status/1\r")
            yes(terminal)
            terminal.shows("発信済にしました")
        until(lambda: list((office.folder / "cards" / "minato-x").iterdir()) == [], "the card's folder gone with it")
    finally:
        office.stop()
