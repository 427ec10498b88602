"""The fake LINE broadcasts once for each retry key, and refuses what LINE refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.platforms import faults
from tests.platforms.faults import Fault
from tests.platforms.line import FakeLine

BROADCAST = "/v2/bot/message/broadcast"


@pytest.fixture
def line(fake_line: FakeLine) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=fake_line.url, headers={"Authorization": f"Bearer {fake_line.token()}"}, timeout=60) as client:
        yield client


def text(words: str) -> dict[str, Any]:
    return {"messages": [{"type": "text", "text": words}]}


def keyed() -> dict[str, str]:
    return {"X-Line-Retry-Key": str(uuid4())}


def test_a_broadcast_with_the_same_key_goes_out_once(fake_line: FakeLine, line: httpx2.Client) -> None:
    key = keyed()
    first, again = (line.post(BROADCAST, json=text("訓練"), headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 409)
    assert again.headers["x-line-accepted-request-id"] == first.headers["x-line-request-id"]
    assert fake_line.texts() == ["訓練"]
    assert line.post(BROADCAST, json=text("訓練")).status_code == 200
    assert fake_line.texts() == ["訓練", "訓練"]


def test_a_key_is_forgotten_after_a_day(fake_line: FakeLine, line: httpx2.Client) -> None:
    key = keyed()
    assert line.post(BROADCAST, json=text("訓練"), headers=key).status_code == 200
    fake_line.advance(86_401)
    assert line.post(BROADCAST, json=text("訓練"), headers=key).status_code == 200
    assert len(fake_line.sent()) == 2


@pytest.mark.parametrize(
    ("fault", "again"),
    [
        (faults.refused(500), 200),
        (faults.taken_but(500), 409),
        (faults.drop_before(), 200),
        (faults.drop_after(), 409),
        (faults.refused(429), 200),
    ],
)
def test_after_any_fault_the_key_tells_whether_it_went_out(
    fake_line: FakeLine, line: httpx2.Client, fault: Fault, again: int
) -> None:
    key = keyed()
    fake_line.fault(fault.on("POST", BROADCAST))
    try:
        assert line.post(BROADCAST, json=text("訓練"), headers=key).status_code >= 429
    except httpx2.TransportError:
        assert fault.answer == "drop"
    assert line.post(BROADCAST, json=text("訓練"), headers=key).status_code == again
    assert fake_line.texts() == ["訓練"]


def test_a_text_has_5000_units_and_a_broadcast_five_messages(fake_line: FakeLine, line: httpx2.Client) -> None:
    check = "/v2/bot/message/validate/broadcast"
    assert line.post(check, json=text("𠮷" * 2500)).status_code == 200
    refused = line.post(check, json=text("𠮷" * 2500 + "a"))
    assert (refused.status_code, refused.json()["details"][0]["property"]) == (400, "messages[0].text")
    assert line.post(BROADCAST, json=text("")).status_code == 400
    assert fake_line.violations() == []  # the document says nothing of these
    assert line.post(check, json={"messages": text("a")["messages"] * 6}).status_code == 400
    assert line.post(check, json={"messages": [{"type": "text", "txt": "a"}]}).status_code == 400
    assert (
        line.post(check, json={"messages": [{"type": "image", "originalContentUrl": "https://a.example/b.png"}]}).status_code
        == 400
    )
    assert line.post(check, json={"messages": [{"type": "fax"}]}).status_code == 400
    assert line.post(check, json=text("a"), headers=keyed()).status_code == 400
    assert line.post(BROADCAST, json=text("a"), headers={"X-Line-Retry-Key": "draft-7"}).status_code == 400
    assert len(fake_line.expect_violations()) == 6
    assert fake_line.sent() == []


def test_the_month_has_a_quota(fake_line: FakeLine, line: httpx2.Client) -> None:
    fake_line.friends(150)
    fake_line.quota(200)
    assert line.get("/v2/bot/message/quota").json() == {"type": "limited", "value": 200}
    assert [line.post(BROADCAST, json=text(words)).status_code for words in "ab"] == [200, 429]
    assert line.get("/v2/bot/message/quota/consumption").json() == {"totalUsage": 150}
    fake_line.advance(32 * 86_400)
    assert line.get("/v2/bot/message/quota/consumption").json() == {"totalUsage": 0}
    assert line.post(BROADCAST, json=text("b")).status_code == 200


def test_sixty_broadcasts_an_hour(fake_line: FakeLine, line: httpx2.Client) -> None:
    assert [line.post(BROADCAST, json=text(f"{number}")).status_code for number in range(61)] == [200] * 60 + [429]
    fake_line.advance(3600)
    assert line.post(BROADCAST, json=text("60")).status_code == 200


def test_deliveries_are_told_of_days_gone_by(fake_line: FakeLine, line: httpx2.Client) -> None:
    line.post(BROADCAST, json=text("a"))
    today = {"date": fake_line.day()}
    assert line.get("/v2/bot/message/delivery/broadcast", params=today).json() == {"status": "unready"}
    fake_line.advance(86_400)
    assert line.get("/v2/bot/message/delivery/broadcast", params=today).json() == {"status": "ready", "success": 100}


def test_without_a_token_that_holds_nothing_is_told(fake_line: FakeLine, line: httpx2.Client) -> None:
    assert line.get("/v2/bot/info").json()["basicId"] == "@fake"
    fake_line.revoke()
    assert line.get("/v2/bot/info").status_code == 401
    assert line.post(BROADCAST, json=text("a")).status_code == 401
    assert fake_line.sent() == []
