"""What the first row says of the terminal, and the account guard in words and colour."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.guard import short, words
from console.text import cells
from console.tui.at_terminal import terminal_part
from console.tui.guard import guard_of
from console.tui.ink import Colour, spell
from daemon.wire import AccountHere, AccountStatus

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def here(at: str, **more: str) -> AccountHere:
    return AccountHere(account="saitama-cvc", at=at, clause="saitama/6-5", **more)  # type: ignore[arg-type]


def account(**more: object) -> AccountStatus:
    values = {
        "id": "minato-line", "name": "港区LINE（防災）", "policy": "minato", "platform": "line", "handle": "@minato-kunren",
        "channel": "outbox", "open": True, "reason": "", "municipality": "港区", "irreversible": True, "colour": "#005faf", **more,
    }  # fmt: skip
    return AccountStatus(**values)  # type: ignore[arg-type]


@pytest.mark.clause("saitama/6-5")
@pytest.mark.parametrize(
    ("at", "said"), [("unproved", "端末: 未確認(見る・止めるのみ)"), ("elsewhere", "端末: 指定外(見る・止めるのみ)")]
)
def test_a_terminal_that_only_looks_is_said_whatever_room_there_is(at: str, said: str) -> None:
    wide = terminal_part(here(at), 80)
    assert wide is not None and (wide.text.plain, wide.ink) == (said, "unknown")
    narrow = terminal_part(here(at), 0)
    assert narrow is not None and narrow.ink == "unknown"
    assert "端末" in narrow.text.plain and cells(narrow.text.plain) <= 10


def test_a_designated_terminal_has_its_name_and_a_policy_without_the_clause_says_nothing() -> None:
    part = terminal_part(here("designated", terminal="窓口1番"), 80)
    assert part is not None and "指定端末「窓口1番」" in part.text.plain
    assert terminal_part(here("free"), 80) is None
    assert terminal_part(None, 80) is None


@pytest.mark.clause("saitama/3", "shinagawa/3-2")
def test_the_guard_names_city_account_platform_and_what_cannot_be_taken_back() -> None:
    for text in (words(account()), short(account())):
        for word in ("港区", "@minato-kunren", "LINE"):
            assert word in text
    assert "取り消せません" in words(account()) and "取消不可" in short(account())
    assert "削除可" in short(account(irreversible=False))
    assert cells(short(account(municipality="大阪市大正区", handle="taisho_kunren_1"))) <= 44, (
        "beside number and state in 80 columns"
    )


def test_the_guard_stands_on_the_accounts_colour_and_without_colour_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    (part,) = guard_of(account())
    assert isinstance(part.ink, Colour)
    assert spell(part.ink) == "bold #ffffff on #005faf"
    monkeypatch.setenv("NO_COLOR", "1")
    assert spell(part.ink) == "bold reverse"
    assert guard_of(None) == []


def test_what_an_account_is_called_cannot_speak_to_the_terminal() -> None:
    (part,) = guard_of(account(name="港区\x1b[2J\u202e"))
    assert "\x1b" not in part.text.plain and "\u202e" not in part.text.plain
