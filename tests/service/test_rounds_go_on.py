"""What must not end the watch, nor let one person settle what another has in hand."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from datetime import timedelta

import pytest

from daemon.wire import Done, Released, Settle
from tests.service.live_office import FACEBOOK, MINATO, Office, until


def leave(office: Office, account: str) -> None:
    """Take an account out of the rules, and wait until the daemon has seen it."""
    rules = office.folder / "rules.toml"
    head, *accounts = re.split(r"(?=^\[\[accounts\]\]$)", rules.read_text(), flags=re.MULTILINE)
    rules.write_text(head + "".join(part for part in accounts if f'id = "{account}"' not in part))
    until(lambda: account not in [each.id for each in office.status().accounts], f"{account} gone")


def scheduled(office: Office) -> None:
    office.drop("minato-x", "s.txt", release_at=office.status().now + timedelta(minutes=5), **MINATO)
    office.approve("s.txt", "shibata")
    office.row("s.txt", "scheduled")


def in_hand(office: Office) -> None:
    office.drop("minato-x", "s.txt", **MINATO)
    office.take(office.approve("s.txt", "shibata"))


@pytest.mark.parametrize("begun", [scheduled, in_hand])
def test_the_watch_goes_on_when_the_account_of_something_due_has_left(fresh: Office, begun: Callable[[Office], None]) -> None:
    begun(fresh)
    leave(fresh, "minato-x")
    fresh.ahead(601)
    fresh.drop("minato-facebook", "after.txt", **FACEBOOK)
    fresh.approve("after.txt", "azabu")
    fresh.row("after.txt", "released")  # several rounds later
    fresh.stop()
    fresh.start()


def test_who_does_not_hold_the_card_cannot_say_that_it_was_not_used(office: Office) -> None:
    office.drop("minato-x", "card.txt", "高齢者向けの体操教室の会場を変えました。", **MINATO)
    row = office.approve("card.txt", "shibata")
    office.take(row)
    settle = Settle(draft=row.id, outcome="not_released", note="見ていない")
    office.caller("omiya").refused(settle, "role")
    office.caller("mita").refused(settle, "lease")
    assert office.row("card.txt").state == "releasing"
    assert office.caller("akasaka").ask(settle, Done).state == "held"


def test_nobody_settles_what_the_hand_is_doing(fresh: Office) -> None:
    hand = until(lambda: (fresh.state / "hand.pid").exists() and (fresh.state / "hand.pid").read_text(), "a hand").split()[0]
    fresh.drop("minato-facebook", "h.txt", **FACEBOOK)
    os.kill(int(hand), signal.SIGSTOP)
    try:
        row = fresh.approve("h.txt", "azabu")
        fresh.row("h.txt", "releasing")
        url = "https://www.facebook.com/minato_kunren_fb/posts/1"
        caller = fresh.caller("konan")
        for act in (Settle(draft=row.id, outcome="not_released"), Settle(draft=row.id, outcome="released", url=url)):
            caller.refused(act, "state")
        assert caller.ask(Released(draft=row.id, url=url), object).code in ("state", "url")  # type: ignore[attr-defined]
    finally:
        os.kill(int(hand), signal.SIGCONT)
    fresh.row("h.txt", "released")
