"""Whatever schemathesis makes up from the official documents, the fakes answer as the documents say, and accept nothing that they forbid."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.platforms.contract import Document
from tests.platforms.line import FakeLine
from tests.platforms.x import FakeX
from tests.platforms.x_answers import LIVE

pytestmark = pytest.mark.slow
OFFICE = "minatokoho"
EXAMPLES = 20

ON_X = {
    **dict.fromkeys(
        ("deletePosts", "hidePostsReply", "repostPost", "unrepostPost", "unmuteUser", "getMediaUploadStatus"), {200, 400}
    ),
    **dict.fromkeys(("getPostsById", "getPostsByIds", "getUsersPosts", "getUsersMentions", "getUsersMe"), {200, 400}),
    **dict.fromkeys(("getUsersByUsername", "getUsersBlocking", "getUsersMuting", "initializeMediaUpload"), {200, 400}),
    "createPosts": {201, 400},
    "muteUser": {400, 404},
    **dict.fromkeys(("mediaUpload", "appendMediaUpload", "finalizeMediaUpload", "createMediaMetadata"), {400}),
}
"""The operations, and statuses that must be among the answers: what is made up names no picture that is there, and nobody to mute."""
ON_LINE = {
    "broadcast": {200, 400},
    "validateBroadcast": {200, 400},
    "getMessageQuota": {200},
    "getMessageQuotaConsumption": {200},
    "getBotInfo": {200},
    "getNumberOfSentBroadcastMessages": {400},
}


@pytest.fixture(scope="module")
def x(shared: Path) -> Iterator[FakeX]:
    path = shared / "data" / "x-openapi" / "openapi.json"
    if not path.is_file():
        pytest.skip("X's official document is not beside the project")
    with FakeX(path) as fake:
        yield fake
        fake.expect_violations()


@pytest.fixture(scope="module")
def line(shared: Path) -> Iterator[FakeLine]:
    path = shared / "data" / "line-openapi" / "line-messaging-api.yml"
    if not path.is_file():
        pytest.skip("LINE's official document is not beside the project")
    with FakeLine(path) as fake:
        yield fake
        fake.expect_violations()


@lru_cache
def schema(path: Path) -> Any:
    import schemathesis  # here, for a process of a run that does not come to these tests is to be spared it

    return schemathesis.openapi.from_dict(Document.at(path).spelled_out())


def problem_beside_the_document(answer: requests.Response) -> bool:
    return answer.status_code >= 400 and answer.json().get("type") in LIVE


@pytest.mark.parametrize("name", ON_X)
def test_x_answers_as_its_document_says(x: FakeX, shared: Path, name: str) -> None:
    from tests.platforms.generated import asked_for, operation_of

    me, other = x.user(OFFICE), x.user("shimin")
    post = x.post(OFFICE, "お知らせ <9時> https://www.city.minato.tokyo.jp/")
    reply = x.post("shimin", f"@{OFFICE} 反対 #防災", reply_to=post)
    x.block(OFFICE, "spam")
    there = {"deletePosts": {"id": post}, "getPostsById": {"id": reply}, "hidePostsReply": {"tweet_id": reply}}
    there |= {"unmuteUser": {"source_user_id": me, "target_user_id": other}, "unrepostPost": {"id": me, "source_tweet_id": reply}}
    there |= {"getUsersByUsername": {"username": "shimin"}, "appendMediaUpload": {}, "finalizeMediaUpload": {}}
    x.limit(name, 10**6)
    operation = operation_of(schema(shared / "data" / "x-openapi" / "openapi.json"), name)
    token = x.oauth2(OFFICE)["access_token"]
    count, statuses = asked_for(operation, x.url, token, EXAMPLES, there.get(name, {"id": me}), problem_beside_the_document)
    assert count > EXAMPLES
    assert ON_X[name] <= statuses
    assert x.ask("own_errors") == []


@pytest.mark.parametrize("name", ON_LINE)
def test_line_answers_as_its_document_says(line: FakeLine, shared: Path, name: str) -> None:
    from tests.platforms.generated import asked_for, operation_of

    line.limit(name, 10**6, 3600)
    operation = operation_of(schema(shared / "data" / "line-openapi" / "line-messaging-api.yml"), name)
    # Its document lists few errors; the fake itself holds the others to the shape that the document has for errors.
    count, statuses = asked_for(operation, line.url, line.token(), EXAMPLES, beside=lambda answer: answer.status_code >= 400)
    assert count > EXAMPLES
    assert ON_LINE[name] <= statuses
    assert line.ask("own_errors") == []
