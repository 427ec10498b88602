"""X's own client library works against the fake unchanged: a second opinion on what the fake says."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.platforms.x import FakeX

if TYPE_CHECKING:
    from xdk import Client

OFFICE = "minatokoho"


def by_token(fake: FakeX) -> Client:
    from xdk import Client

    return Client(base_url=fake.url, access_token=fake.oauth2(OFFICE)["access_token"])


def by_signature(fake: FakeX) -> Client:
    from xdk import Client
    from xdk.oauth1_auth import OAuth1

    keys = fake.oauth1(OFFICE)
    signer = OAuth1(keys["consumer_key"], keys["consumer_secret"], "oob", keys["access_token"], keys["access_token_secret"])
    return Client(base_url=fake.url, auth=signer)


@pytest.fixture(autouse=True, scope="module")
def imported() -> None:
    """The library, a second's work that no other process of a run needs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, as it is imported
        import xdk  # noqa: F401


@pytest.fixture(params=[by_token, by_signature])
def client(request: pytest.FixtureRequest, fake_x: FakeX) -> Iterator[Client]:
    made: Callable[[FakeX], Client] = request.param
    client = made(fake_x)
    yield client
    client.session.close()


def first(pages: Iterator[Any]) -> Any:
    return next(iter(pages))


def test_it_posts_reads_and_deletes(fake_x: FakeX, client: Client) -> None:
    from xdk.posts.models import CreateRequest

    made = client.posts.create(body=CreateRequest(text="防災訓練 <9時>"))
    assert fake_x.texts(OFFICE) == ["防災訓練 <9時>"]
    shown = client.posts.get_by_id(id=made.data.id, post_fields=["created_at", "entities", "public_metrics"])
    assert shown.data.text == "防災訓練 &lt;9時&gt;"
    assert [one.text for one in client.posts.get_by_ids(ids=[made.data.id]).data] == [shown.data.text]
    assert client.posts.delete(id=made.data.id).data.deleted
    assert fake_x.texts(OFFICE) == []


def test_it_hides_mutes_and_reposts(fake_x: FakeX, client: Client) -> None:
    from xdk.posts.models import CreateRequest, HideReplyRequest
    from xdk.users.models import MuteUserRequest, RepostPostRequest

    mine, other = fake_x.user(OFFICE), fake_x.user("shimin")
    made = client.posts.create(body=CreateRequest(text="お知らせ"))
    reply = fake_x.post("shimin", "反対", reply_to=made.data.id)
    assert client.posts.hide_reply(tweet_id=reply, body=HideReplyRequest(hidden=True)).data.hidden
    assert client.users.mute_user(id=mine, body=MuteUserRequest(target_user_id=other)).data.muting
    assert not client.users.unmute_user(source_user_id=mine, target_user_id=other).data.muting
    assert client.users.repost_post(id=mine, body=RepostPostRequest(tweet_id=reply)).data.retweeted
    assert not client.users.unrepost_post(id=mine, source_tweet_id=reply).data.retweeted


def test_it_reads_timeline_mentions_users_and_the_block_list(fake_x: FakeX, client: Client) -> None:
    mine = fake_x.user(OFFICE, "港区")
    for number in range(7):
        fake_x.post(OFFICE, f"お知らせ{number}")
        fake_x.post("shimin", f"@{OFFICE} 質問{number}")
    fake_x.block(OFFICE, "spam")
    assert client.users.get_me(user_fields=["created_at"]).data.name == "港区"
    assert client.users.get_by_username(username="shimin").data.id == fake_x.user("shimin")
    pages = list(client.users.get_posts(id=mine, max_results=5, exclude=["replies"]))
    assert [len(page.data) for page in pages] == [5, 2]
    asked = {"max_results": 5, "expansions": ["author_id"], "post_fields": ["conversation_id"]}
    assert [len(page.data) for page in client.users.get_mentions(id=mine, **asked)] == [5, 2]
    blocked = first(client.users.get_blocking(id=mine)).data
    assert [one["username"] if isinstance(one, dict) else one.username for one in blocked] == ["spam"]
