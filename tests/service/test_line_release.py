"""LINE in a whole office, with a fake LINE at the other end: two people, a countdown, one broadcast, and what is unknown is asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from console.record import detail_words
from daemon.wire import Done, Settle
from tests.intake.made_pictures import plain
from tests.platforms import faults
from tests.platforms.line import FakeLine
from tests.release.line_office import ACCOUNT, BROADCAST, HANDLE, at, let_in
from tests.service import live_office
from tests.service.live_office import AT_ONCE, NOTICE, Office, until

FRONT = {"author": "mita", "topic": "区政情報"}


@pytest.fixture
def office(found: Callable[..., Office], fake_line: FakeLine, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office whose LINE account has a contract. It has the countdown of a real one."""
    monkeypatch.setitem(live_office.HANDLES, ACCOUNT, HANDLE)
    office = found()
    rules = office.folder / "rules.toml"
    head, account, rest = rules.read_text(encoding="utf-8").replace(AT_ONCE, "").partition(f'id = "{ACCOUNT}"')
    rest = rest.replace('channel = "outbox"', 'channel = "line"', 1).replace(
        'handle = "@minato-kunren"', f'handle = "{HANDLE}"', 1
    )
    rules.write_text(head + account + rest, encoding="utf-8")
    office.state.mkdir(exist_ok=True)
    at(office.state, fake_line)
    return office.start()


def approved_by_two(office: Office, name: str, *states: str) -> int:
    """Two people approve it; its number."""
    office.approve(name, "takanawa", *states)
    assert [line.act for line in office.row(name, "waiting").waiting] == ["approve"], "one is not enough"
    return office.approve(name, "akasaka").id


def test_two_people_and_a_countdown_stand_before_a_broadcast(office: Office, fake_line: FakeLine) -> None:
    office.drop(ACCOUNT, "a.txt", NOTICE, **FRONT)
    number = approved_by_two(office, "a.txt")
    (counting,) = office.status().countdowns
    assert counting.draft == number
    assert fake_line.log() == [], "nothing is even asked of LINE while it counts"
    office.ahead(61)
    row = office.row("a.txt", "released")
    assert [text.strip() for text in fake_line.texts()] == [NOTICE]
    shown = office.show(row.id)
    assert shown.url == ""
    assert any(fake_line.sent()[0]["request"] in line.detail for line in shown.history), "LINE's number is in the record"


def test_a_draft_with_an_image_is_known_to_be_a_persons_before_anybody_approves(office: Office, fake_line: FakeLine) -> None:
    picture = office.path(ACCOUNT, "地図.png")
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(plain("PNG", (64, 48)))
    image = 'images = [{ file = "地図.png", alt = "会場の地図", rights = "own", consent = "不要" }]'
    head = f'+++\nauthor = "mita"\ntopic = "区政情報"\n{image}\n+++\n'
    office.path(ACCOUNT, "a.txt").write_text(f"{head}{NOTICE}\n", encoding="utf-8")
    row = office.row("a.txt", "waiting")
    assert row.marks == ("人が発信（画像あり）",) and row.marks_en == ("by a person (images)",)
    approved_by_two(office, "a.txt")
    office.ahead(61)
    until(lambda: [line.act for line in office.row("a.txt", "approved").waiting] == ["take"], "a release card to be taken")
    assert fake_line.log() == []


def test_what_is_unknown_is_asked_and_sent_again_without_harm(office: Office, fake_line: FakeLine) -> None:
    fake_line.fault(faults.drop_after().on("POST", BROADCAST))
    fake_line.fault(faults.refused(400).on("POST", BROADCAST))
    office.drop(ACCOUNT, "a.txt", NOTICE, **FRONT)
    number = approved_by_two(office, "a.txt")
    office.ahead(61)
    office.row("a.txt", "unknown")
    assert len(fake_line.sent()) == 1
    shown = office.show(number)
    (entry,) = [line for line in shown.history if line.act == "unknown"]
    assert "配信履歴" in detail_words(entry), "what the channel says of it, as people read it"
    assert "24時間" in detail_words(entry)
    assert "https://line.me/R/ti/p/@fake" in shown.row.waiting[0].what and "配信履歴" in shown.row.waiting[0].what
    office.caller("akasaka").ask(Settle(draft=number, outcome="not_released", note="配信履歴に見当たらない"), Done)
    office.row("a.txt", "held")
    office.approve("a.txt", "takanawa", "held")
    office.ahead(200)  # its hour may have come already: then it is under way before anybody sees it approved
    office.row("a.txt", "released")
    assert len(fake_line.sent()) == 1, "the person had overlooked it, and LINE had not"


def test_credentials_that_are_missing_bring_it_back_held_with_what_to_do(office: Office, fake_line: FakeLine) -> None:
    let_in(office.state, api=fake_line.url)
    office.drop(ACCOUNT, "a.txt", NOTICE, **FRONT)
    number = approved_by_two(office, "a.txt")
    office.ahead(61)
    office.row("a.txt", "held")
    (entry,) = [line for line in office.show(number).history if line.act == "failed"]
    assert "channel_access_token がない" in detail_words(entry)
    assert fake_line.log() == []
