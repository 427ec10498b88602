"""Between a client and the fake X anything can go wrong, and what really happened can be read afterwards."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.platforms import faults
from tests.platforms.faults import Fault
from tests.platforms.x import FakeX
from tests.service.live_office import until

OFFICE = "minatokoho"
POST = ("POST", "/2/tweets")


@pytest.fixture
def line(fake_x: FakeX) -> Iterator[httpx2.Client]:
    token = fake_x.oauth2(OFFICE)["access_token"]
    with httpx2.Client(base_url=fake_x.url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        yield client


@pytest.mark.parametrize(
    ("fault", "there"),
    [(faults.drop_before(), []), (faults.drop_reading(), []), (faults.drop_after(), ["あ"]), (faults.cut(), ["あ"])],
)
def test_a_dropped_line_says_nothing_of_whether_the_post_is_there(
    fake_x: FakeX, line: httpx2.Client, fault: Fault, there: list[str]
) -> None:
    fake_x.fault(fault.on(*POST))
    with pytest.raises(httpx2.TransportError):
        line.post("/2/tweets", json={"text": "あ"})
    assert fake_x.texts(OFFICE) == there
    (arrival,) = fake_x.log(*POST)
    assert (arrival["taken"], arrival["status"]) == (bool(there), None)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_status_can_come_before_or_after_the_post_is_taken_in(fake_x: FakeX, line: httpx2.Client, status: int) -> None:
    fake_x.fault(faults.refused(status).on(*POST))
    fake_x.fault(faults.taken_but(status).on(*POST))
    assert [line.post("/2/tweets", json={"text": text}).status_code for text in ("前", "後")] == [status, status]
    assert line.post("/2/tweets", json={"text": "無事"}).status_code == 201
    assert fake_x.texts(OFFICE) == ["後", "無事"]


def test_who_does_not_wait_is_gone_when_the_post_is_taken_in(fake_x: FakeX, line: httpx2.Client) -> None:
    fake_x.fault(faults.slow(0.3).on(*POST))
    with pytest.raises(httpx2.ReadTimeout):
        line.post("/2/tweets", json={"text": "遅い"}, timeout=0.05)
    there = fake_x.texts(OFFICE)
    assert there == [] or fake_x.log(*POST)[0]["taken"], "unless it has been so long until we looked"
    until(lambda: [one for one in fake_x.log(*POST) if one["taken"]], "the post taken in")
    assert fake_x.texts(OFFICE) == ["遅い"]


def test_a_late_answer_leaves_the_post_there_before_it(fake_x: FakeX, line: httpx2.Client) -> None:
    fake_x.fault(faults.late(60.0).on(*POST))
    with pytest.raises(httpx2.ReadTimeout):
        line.post("/2/tweets", json={"text": "遅い"}, timeout=0.1)
    until(lambda: fake_x.texts(OFFICE) == ["遅い"], "the post, whose line is given up and whose answer is not there")


def test_a_timeline_may_lag_behind(fake_x: FakeX, line: httpx2.Client) -> None:
    fake_x.fault(faults.lagging(60).on(*POST))
    assert line.post("/2/tweets", json={"text": "もうある"}).status_code == 201
    me = fake_x.user(OFFICE)
    assert line.get(f"/2/users/{me}/tweets").json() == {"meta": {"result_count": 0}}
    assert line.post("/2/tweets", json={"text": "もうある"}).status_code == 403
    fake_x.advance(61)
    assert len(line.get(f"/2/users/{me}/tweets").json()["data"]) == 1


def test_answers_that_are_no_answers(fake_x: FakeX, line: httpx2.Client) -> None:
    for answer in ("garbage", "html", "empty", "other shape", "wrong type", "huge", "partial"):
        fake_x.fault(Fault(answer).on(*POST))
    said = [line.post("/2/tweets", json={"text": f"{number}番"}) for number in range(7)]
    assert [one.headers["content-type"].partition(";")[0] for one in said] == [
        *(
            "application/json",
            "text/html",
            "application/json",
            "application/json",
            "text/plain",
            "application/json",
            "application/json",
        )
    ]
    assert len(said[5].content) > 8_000_000
    assert "data" not in said[6].json()
    assert len(fake_x.texts(OFFICE)) == 7


def test_an_answer_may_trickle(fake_x: FakeX, line: httpx2.Client) -> None:
    fake_x.fault(Fault("trickle", seconds_after=0.001).on(*POST))
    assert line.post("/2/tweets", json={"text": "a"}).json()["data"]["text"] == "a"


def test_a_token_that_follows_a_redirect_is_seen(fake_x: FakeX, line: httpx2.Client) -> None:
    fake_x.fault(Fault("redirect", taken=False).on(*POST))
    answer = line.post("/2/tweets", json={"text": "a"})
    assert answer.status_code == 307
    httpx2.post(answer.headers["location"], headers={"Authorization": line.headers["authorization"]}, json={})
    assert ["taken along" in one for one in fake_x.expect_violations()] == [True]


def test_a_seeded_mix_meets_the_same_requests_again(fake_x: FakeX, line: httpx2.Client) -> None:
    met = []
    for turn in range(2):
        fake_x.mix("seven", 0.5, [faults.refused(503), faults.taken_but(500).on("POST", "/2/tweets", None)])
        met.append([line.post("/2/tweets", json={"text": f"{turn} {number}"}).status_code for number in range(20)])
    assert met[0] == met[1]
    assert set(met[0]) == {201, 500, 503}
    fake_x.clear()
    assert line.post("/2/tweets", json={"text": "無事"}).status_code == 201


def test_the_window_of_a_limit_ends_by_the_platforms_clock(fake_x: FakeX, line: httpx2.Client) -> None:
    fake_x.limit("createPosts", 2)
    answers = [line.post("/2/tweets", json={"text": f"{number}"}) for number in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert [answer.headers["x-rate-limit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert 0 < int(answers[2].headers["x-rate-limit-reset"]) - fake_x.now() <= 900
    fake_x.advance(900)
    assert line.post("/2/tweets", json={"text": "2"}).status_code == 201


def test_without_credit_nothing_goes(fake_x: FakeX, line: httpx2.Client) -> None:
    fake_x.state(out_of_credit=True)
    assert line.post("/2/tweets", json={"text": "a"}).status_code == 402
    fake_x.state(out_of_credit=False, usage_capped=True)
    answer = line.post("/2/tweets", json={"text": "a"})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (429, "usage-capped")
    assert fake_x.texts(OFFICE) == []


def test_a_fake_in_a_process_of_its_own_speaks_tls(x_document: Path) -> None:
    with FakeX(x_document, process=True, tls=True) as fake:
        token = fake.oauth2(OFFICE)["access_token"]
        with httpx2.Client(base_url=fake.url, verify=ssl.create_default_context(cafile=str(fake.ca))) as line:
            line.headers["Authorization"] = f"Bearer {token}"
            assert line.post("/2/tweets", json={"text": "a"}).status_code == 201
        assert fake.texts(OFFICE) == ["a"]


def raw(fake: FakeX, token: str, body: bytes, announced: int) -> socket.socket:
    """A request written by hand, which may announce more than it brings."""
    host, port = fake.url.removeprefix("http://").split(":")
    head = f"POST /2/tweets HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: {token}\r\nContent-Type: application/json\r\n"
    line = socket.create_connection((host, int(port)))
    line.sendall(head.encode() + f"Content-Length: {announced}\r\n\r\n".encode() + body)
    return line


def test_a_client_that_dies_has_posted_what_it_had_sent_whole(fake_x: FakeX, line: httpx2.Client) -> None:
    token = line.headers["authorization"]
    half, whole = b'{"text": "half', b'{"text": "whole"}'
    raw(fake_x, token, half, 40).close()
    raw(fake_x, token, whole, len(whole)).close()
    while not any(one["taken"] for one in fake_x.log(*POST)):
        pass
    assert fake_x.texts(OFFICE) == ["whole"]
    assert fake_x.ask("own_errors") == []


def test_a_platform_that_is_away_refuses_the_line_and_has_everything_when_it_is_back(fake_x: FakeX, line: httpx2.Client) -> None:
    assert line.post("/2/tweets", json={"text": "前"}).status_code == 201
    fake_x.away(0.3)
    answered = None
    refused = 0
    while answered is None:
        try:
            answered = line.post("/2/tweets", json={"text": "後"})
        except httpx2.ConnectError:
            refused += 1
        except httpx2.TransportError:
            assert not refused  # the line that was open, and was dropped
    assert refused
    assert fake_x.texts(OFFICE) == ["前", "後"]
