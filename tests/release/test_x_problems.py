"""Whatever X answers is understood as what it proves, or as nothing: no body breaks anything, and nothing odd counts as done."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.release.http import Answer
from daemon.release.jobs import Ballot, Held, Job, body_hash
from daemon.release.x.access import Me
from daemon.release.x.acts import act_of, post_number
from daemon.release.x.problems import LEAST_PAUSE, LONGEST_PAUSE, PAUSE, Refusal, judged, later

ME = Me("12", "minatokoho")
POST = "https://x.com/a/status/5"
KINDS = ("post", "poll", "reply", "repost", "delete", "hide", "unhide", "mute", "unmute")
NAMES = st.sampled_from(
    ["data", "errors", "title", "detail", "type", "status", "reason", "meta", "id", "deleted", "hidden", "muting", "retweeted"]
)
SAID = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.sampled_from(["12", "about:blank"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


def job(kind: str) -> Job:
    target = {"mute": "5", "unmute": "5"}.get(kind, POST)
    poll = Ballot(options=("一", "二"), minutes=60)
    return Job(
        id="1", draft=1, hash="", body=b"a", body_hash=body_hash(b"a"), account="a", platform="x", handle="minatokoho", channel="x",
        epoch=1, deadline=0.0, kind=kind, target=target, poll=poll,
    )  # fmt: skip


def end(status: int, body: dict[str, Any] | None, kind: str = "post") -> str:
    """How a job ends after this answer."""
    act = act_of(job(kind), ME, ())
    try:
        data = judged(Answer(status, {}, body)).get("data")
    except Refusal as refusal:
        return "released" if refusal.kind == "gone" and act.gone else refusal.held.outcome
    except Held as held:
        return held.outcome
    return "released" if isinstance(data, dict) and act.place(data) is not None else "unknown"


@settings(max_examples=400, deadline=None)
@given(
    st.integers(100, 599),
    st.none() | st.dictionaries(NAMES, SAID, max_size=5),
    st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from(["x-rate-limit-reset", "x-rate-limit-remaining", "retry-after"]), st.text(max_size=14)),
)
def test_no_answer_breaks_anything_and_nothing_is_done_that_was_not_said_to_be(
    status: int, body: dict[str, Any] | None, kind: str, headers: dict[str, str]
) -> None:
    outcome = end(status, body, kind)
    act = act_of(job(kind), ME, ())
    if outcome == "released":
        data = (body or {}).get("data")
        said = isinstance(data, dict) and act.place(data) is not None
        assert (200 <= status < 300 and said) or (act.gone and (status == 404 or "not-found" in str(body) or 400 <= status < 500))
    if outcome == "failed":
        assert 200 <= status < 500
    if status >= 500 or status < 200 or 300 <= status < 400:
        assert outcome == "unknown"
    assert time.time() < later(headers) <= time.time() + LONGEST_PAUSE + 1


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (201, {"data": {"id": "123", "text": "a"}}, "released"),
        (201, {"data": {"id": "123"}, "errors": [{"title": "half"}]}, "released"),
        (201, {"data": {"id": 123}}, "unknown"),
        (201, {"data": {"id": "12x"}}, "unknown"),
        (201, {"data": {}}, "unknown"),
        (201, {"data": None}, "unknown"),
        (200, {}, "unknown"),
        (200, None, "unknown"),
        (200, {"meta": {"result_count": 0}}, "unknown"),
        (200, {"errors": [{"type": "https://api.x.com/2/problems/not-authorized-for-resource"}]}, "failed"),
        (200, {"errors": [{"type": "https://api.twitter.com/2/problems/client-forbidden"}]}, "failed"),
        (200, {"errors": [{"type": "https://api.x.com/2/problems/internal-error"}]}, "unknown"),
        (200, {"errors": [{"type": "about:blank", "title": "Forbidden"}]}, "unknown"),
        (200, {"errors": []}, "unknown"),
        (200, {"errors": "?"}, "unknown"),
        (204, None, "unknown"),
        (307, None, "unknown"),
        (400, None, "failed"),
        (402, None, "failed"),
        (403, {"detail": ["odd"]}, "failed"),
        (404, None, "failed"),
        (407, None, "failed"),
        (408, None, "unknown"),
        (429, None, "prevented"),
        (429, {"type": "https://api.twitter.com/2/problems/usage-capped"}, "failed"),
        (429, {"title": "UsageCapExceeded"}, "failed"),
        (403, {"detail": "Your account has reached its spending limit."}, "failed"),
        (500, {"data": {"id": "123"}}, "unknown"),
        (599, None, "unknown"),
    ],
)
def test_what_an_answer_to_a_post_proves(status: int, body: dict[str, Any] | None, outcome: str) -> None:
    assert end(status, body) == outcome


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, PAUSE),
        ({"x-rate-limit-reset": "{+60}", "x-rate-limit-remaining": "0"}, 60),
        ({"x-rate-limit-reset": "{+60}"}, 60),
        ({"x-rate-limit-reset": "{+60}", "x-rate-limit-remaining": "5"}, PAUSE),
        (
            {
                "x-rate-limit-reset": "{+60}",
                "x-rate-limit-remaining": "5",
                "x-user-limit-24hour-reset": "{+7000}",
                "x-user-limit-24hour-remaining": "0",
            },
            7000,
        ),
        ({"x-rate-limit-reset": "{+60}", "x-app-limit-24hour-reset": "{+9000}", "x-app-limit-24hour-remaining": "0"}, 9000),
        ({"retry-after": "30"}, 30),
        ({"x-rate-limit-reset": "{-60}"}, LEAST_PAUSE),
        ({"x-rate-limit-reset": "99999999999"}, LONGEST_PAUSE),
        ({"x-rate-limit-reset": "soon", "retry-after": "Sun, 22 Nov 2026 05:00:00 GMT"}, PAUSE),
        ({"x-rate-limit-reset": "１２３"}, PAUSE),
        ({"x-rate-limit-reset": "12²", "retry-after": "²"}, PAUSE),
    ],
)
def test_how_long_too_many_requests_are_too_many(headers: dict[str, str], seconds: float) -> None:
    now = time.time()

    def when(said: str) -> str:
        return str(int(now + int(said[1:-1]))) if said.startswith("{") else said

    assert abs(later({name: when(said) for name, said in headers.items()}) - now - seconds) < 3


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("https://x.com/minatokoho/status/123", "123"),
        (" https://twitter.com/minatokoho/status/123?s=20 ", "123"),
        ("https://www.x.com/a/statuses/123/photo/1", "123"),
        ("https://mobile.twitter.com/a/status/123/", "123"),
        ("https://x.com/i/web/status/123", "123"),
        ("http://x.com/i/status/123#a", "123"),
    ],
)
def test_a_post_is_known_by_its_address(address: str, number: str) -> None:
    assert post_number(address) == number


@pytest.mark.parametrize(
    "address",
    ["", "123", "https://x.com/a", "https://x.com.evil.jp/a/status/1", "javascript://x.com/a/status/1", "https://x.com/a/status/1" + "0" * 19],
)  # fmt: skip
def test_nothing_else_is_an_address_of_a_post(address: str) -> None:
    with pytest.raises(Held):
        post_number(address)
