"""The official documents are what requests and answers are held against: nothing beside them passes unseen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.platforms import faults
from tests.platforms.contract import Broken, Document, Request, form
from tests.platforms.serving import Reply
from tests.platforms.x import FakeX, X

OFFICE = "minatokoho"


@pytest.fixture
def x(x_document: Path) -> X:
    return X.at(x_document)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, {"data": {"id": "1", "text": "a"}}),  # a post is created with 201
        (201, {"data": {"id": 1, "text": "a"}}),
        (201, {"data": {"id": "1"}}),
        (201, {"data": {"id": "eins", "text": "a"}}),
        (201, [1]),
        (403, {"title": "Forbidden"}),
    ],
)
def test_an_answer_beside_the_document_is_an_error_of_the_fake(x: X, status: int, said: Any) -> None:
    assert x.held(x.document.named("createPosts"), Reply(status, said)).status == 500
    assert len(x.own_errors) == 1


def test_an_error_that_only_the_live_platform_sends_must_be_of_a_known_type(x: X) -> None:
    said = {"type": "https://api.x.com/2/problems/made-up", "title": "a", "detail": "b"}
    x.held(x.document.named("createPosts"), Reply(403, said, free=True))
    assert len(x.own_errors) == 1


def test_a_fake_that_broke_its_document_fails_the_test(x_document: Path) -> None:
    with pytest.raises(AssertionError, match="no_such_thing"), FakeX(x_document) as fake:
        fake.ask("no_such_thing")
    with pytest.raises(AssertionError, match="reply_settings"), FakeX(x_document) as fake:
        head = {"Authorization": f"Bearer {fake.oauth2(OFFICE)['access_token']}"}
        httpx2.post(f"{fake.url}/2/tweets", json={"text": "a", "reply_settings": "everyone"}, headers=head)


def test_what_is_written_out_goes_before_what_is_left_open(x: X) -> None:
    asked = {path: x.document.asked_for("GET", path)[0] for path in ("/2/users/me", "/2/users/7", "/2/users/by/username/a", "/3")}
    names = [operation and operation.name for operation in asked.values()]
    assert names == ["getUsersMe", "getUsersById", "getUsersByUsername", None]
    assert x.document.asked_for("PATCH", "/2/tweets/7") == (None, ["DELETE", "GET"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b'{"text": NaN}',
        b'{"text": "\\ud800"}',
        b"[" * 100_000,
        b'{"text": 1e999}',
        b"null",
        b'"a"',
        b'{"text": null}',
    ],
)
def test_what_is_no_request_is_refused_and_breaks_nothing(x: X, body: bytes) -> None:
    request = Request("POST", "/2/tweets", [], {"content-type": "application/json"}, body)
    with pytest.raises(Broken):
        x.document.named("createPosts").read(request)


def test_a_form_holds_the_bytes_of_its_files() -> None:
    content = bytes(range(256)) + b"\r\n--other\r\n"
    body = b'--b\r\nContent-Disposition: form-data; name="media"; filename="a"\r\n\r\n' + content + b"\r\n--b--\r\n"
    request = Request("POST", "/", [], {"content-type": "multipart/form-data; boundary=b"}, body)
    assert form(request, {}, Document({"paths": {}}))["media"].encode("latin-1") == content
    with pytest.raises(Broken):
        form(
            Request("POST", "/", [], {"content-type": "multipart/form-data; boundary=b"}, body[:-8]), {}, Document({"paths": {}})
        )


def test_who_tries_everything_again_posts_pictures_twice_and_texts_once(fake_x: FakeX) -> None:
    head = {"Authorization": f"Bearer {fake_x.oauth2(OFFICE)['access_token']}"}
    files = {"media_category": (None, "tweet_image"), "media": ("a.png", b"\x89PNG\r\n\x1a\n", "image/png")}
    with httpx2.Client(base_url=fake_x.url, headers=head) as line:
        media = line.post("/2/media/upload", files=files).json()["data"]["id"]
        bodies: list[dict[str, Any]] = [{"text": f"{number}"} for number in range(10)]
        bodies += [{"text": f"写真{number}", "media": {"media_ids": [media]}} for number in range(10)]
        fake_x.mix("retry", 0.7, [one.on("POST", "/2/tweets", None) for one in (faults.taken_but(503), faults.drop_after())])
        for body in bodies:
            for _ in range(20):
                try:
                    if line.post("/2/tweets", json=body).status_code in (201, 403):
                        break
                except httpx2.TransportError:
                    continue
    texts = fake_x.texts(OFFICE)
    assert [texts.count(f"{number}") for number in range(10)] == [1] * 10
    assert max(texts.count(f"写真{number}") for number in range(10)) > 1
    taken = [json.loads(one["body"])["text"] for one in fake_x.log("POST", "/2/tweets") if one["taken"]]
    assert taken == texts
