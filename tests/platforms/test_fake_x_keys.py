"""The fake X knows who asks: signatures of OAuth 1.0a, tokens of OAuth 2 that run out, refresh tokens that are good once."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from oauthlib.oauth1 import Client

from tests.platforms import faults
from tests.platforms.x import FakeX

OFFICE = "minatokoho"
BACK = "http://127.0.0.1:8517/back"
VERIFIER = "v" * 64


def signed(fake: FakeX, method: str, path: str, keys: dict[str, str], **more: Any) -> httpx2.Response:
    signer = Client(
        keys["consumer_key"],
        keys["consumer_secret"],
        keys["access_token"],
        keys["access_token_secret"],
        timestamp=more.pop("timestamp", None),
        nonce=more.pop("nonce", None),
    )
    url, headers, _ = signer.sign(fake.url + path, method)
    return httpx2.request(method, url, headers={**headers, **more.pop("headers", {})}, **more)


def agreed(fake: FakeX, scope: str = "tweet.read users.read offline.access") -> str:
    """Goes through the page on which a person agrees: the code."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": fake.application()["client_id"],
        "redirect_uri": BACK,
        "scope": scope,
        "state": "s",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    went = httpx2.get(f"{fake.url}/i/oauth2/authorize", params=asked)
    given = parse_qs(urlsplit(went.headers["location"]).query)
    assert given.pop("state") == ["s"]
    assert went.headers["location"].startswith(BACK)
    return given["code"][0] if "code" in given else given["error"][0]


def token(fake: FakeX, **form: str) -> httpx2.Response:
    return httpx2.post(f"{fake.url}/2/oauth2/token", data={"client_id": fake.application()["client_id"], **form})


def me(fake: FakeX, access: str) -> int:
    return httpx2.get(f"{fake.url}/2/users/me", headers={"Authorization": f"Bearer {access}".encode()}).status_code


def test_a_signature_over_address_and_parameters_holds(fake_x: FakeX) -> None:
    keys = fake_x.oauth1(OFFICE)
    path = "/2/users/me?user.fields=created_at,description"
    assert signed(fake_x, "GET", path, keys).json()["data"]["username"] == OFFICE
    assert signed(fake_x, "POST", "/2/tweets", keys, json={"text": "署名"}).status_code == 201
    assert fake_x.texts(OFFICE) == ["署名"]


def test_a_nonce_used_twice_at_one_moment_is_refused(fake_x: FakeX) -> None:
    keys, moment = fake_x.oauth1(OFFICE), str(int(time.time()))
    answers = [signed(fake_x, "GET", "/2/users/me", keys, nonce="n" * 32, timestamp=moment) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 401]


@pytest.mark.parametrize("wrong", ["consumer_key", "consumer_secret", "access_token", "access_token_secret"])
def test_each_of_the_four_keys_counts(fake_x: FakeX, wrong: str) -> None:
    keys = {**fake_x.oauth1(OFFICE), wrong: "0" * 40}
    answer = signed(fake_x, "GET", "/2/users/me", keys)
    assert (answer.status_code, answer.json()["title"]) == (401, "Unauthorized")


def test_a_signature_of_a_clock_that_is_far_off_is_refused(fake_x: FakeX) -> None:
    assert signed(fake_x, "GET", "/2/users/me", fake_x.oauth1(OFFICE), timestamp=str(int(time.time()) - 3600)).status_code == 401


def test_a_signature_of_something_else_is_refused(fake_x: FakeX) -> None:
    keys = fake_x.oauth1(OFFICE)
    signer = Client(keys["consumer_key"], keys["consumer_secret"], keys["access_token"], keys["access_token_secret"])
    _, headers, _ = signer.sign(f"{fake_x.url}/2/users/me", "GET")
    assert httpx2.get(f"{fake_x.url}/2/users/me?user.fields=id", headers=headers).status_code == 401


def test_a_code_becomes_tokens_only_with_its_verifier_and_once(fake_x: FakeX) -> None:
    fake_x.agrees(OFFICE)
    form = {"grant_type": "authorization_code", "redirect_uri": BACK}
    assert token(fake_x, code=agreed(fake_x), code_verifier="w" * 64, **form).status_code == 400
    code = agreed(fake_x)
    made = token(fake_x, code=code, code_verifier=VERIFIER, **form).json()
    assert made["expires_in"] == 7200
    assert me(fake_x, made["access_token"]) == 200
    assert token(fake_x, code=code, code_verifier=VERIFIER, **form).status_code == 400


def test_who_declines_is_sent_back_without_a_code(fake_x: FakeX) -> None:
    assert agreed(fake_x) == "access_denied"


def test_a_refresh_token_is_good_once(fake_x: FakeX) -> None:
    first = fake_x.oauth2(OFFICE)
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = token(fake_x, **form).json()
    assert me(fake_x, first["access_token"]) == 401
    assert me(fake_x, second["access_token"]) == 200
    assert token(fake_x, **form).json()["error"] == "invalid_request"
    assert fake_x.refresh_tokens() == {"good": [second["refresh_token"]], "spent": [first["refresh_token"]]}


def test_a_refresh_whose_answer_is_lost_has_spent_the_token(fake_x: FakeX) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": fake_x.oauth2(OFFICE)["refresh_token"]}
    fake_x.fault(faults.drop_after().on("POST", "/2/oauth2/token"))
    with pytest.raises(httpx2.TransportError):
        token(fake_x, **form)
    assert token(fake_x, **form).status_code == 400


def test_without_offline_access_there_is_no_refresh_token(fake_x: FakeX) -> None:
    assert "refresh_token" not in fake_x.oauth2(OFFICE, ["tweet.read", "users.read"])


def test_an_access_token_holds_for_two_hours(fake_x: FakeX) -> None:
    access = fake_x.oauth2(OFFICE)["access_token"]
    fake_x.advance(7199)
    assert me(fake_x, access) == 200
    fake_x.advance(2)
    assert me(fake_x, access) == 401
    access = fake_x.oauth2(OFFICE)["access_token"]
    fake_x.expire_tokens()
    assert me(fake_x, access) == 401


def test_a_token_does_only_what_its_scopes_say(fake_x: FakeX) -> None:
    access = fake_x.oauth2(OFFICE, ["tweet.read", "users.read"])["access_token"]
    head = {"Authorization": f"Bearer {access}"}
    assert httpx2.post(f"{fake_x.url}/2/tweets", json={"text": "a"}, headers=head).status_code == 403
    assert me(fake_x, access) == 200
    assert me(fake_x, fake_x.application()["bearer"]) == 403  # an application is nobody
    assert fake_x.texts(OFFICE) == []


def test_nobody_is_told_nothing(fake_x: FakeX) -> None:
    assert [me(fake_x, access) for access in ("x", "ü")] == [401] * 2
    assert httpx2.get(f"{fake_x.url}/2/users/me").status_code == 401
