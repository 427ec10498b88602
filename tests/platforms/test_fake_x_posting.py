"""The fake X takes posts in as X does, shows them as X does, and refuses what X refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.platforms.x import FakeX

OFFICE = "minatokoho"


@pytest.fixture
def line(fake_x: FakeX) -> Iterator[httpx2.Client]:
    """The office's line to X."""
    token = fake_x.oauth2(OFFICE)["access_token"]
    with httpx2.Client(base_url=fake_x.url, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


def posted(line: httpx2.Client, text: str, **more: Any) -> str:
    answer = line.post("/2/tweets", json={"text": text, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["id"])


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["detail"]


def test_a_post_is_on_the_timeline_with_its_link_wrapped_and_its_text_escaped(fake_x: FakeX, line: httpx2.Client) -> None:
    post_id = posted(line, "防災訓練 <9時> 詳しくは https://www.city.minato.tokyo.jp/a?b=1&c=2")
    (post,) = line.get(f"/2/users/{fake_x.user(OFFICE)}/tweets", params={"post.fields": "entities,created_at"}).json()["data"]
    (link,) = post["entities"]["urls"]
    assert post["id"] == post_id
    assert post["text"] == f"防災訓練 &lt;9時&gt; 詳しくは {link['url']}"
    assert link["url"].startswith("https://t.co/")
    assert link["expanded_url"] == "https://www.city.minato.tokyo.jp/a?b=1&c=2"
    assert fake_x.texts(OFFICE) == ["防災訓練 <9時> 詳しくは https://www.city.minato.tokyo.jp/a?b=1&c=2"]


def test_the_same_text_again_is_a_duplicate_until_it_is_deleted(line: httpx2.Client) -> None:
    post_id = posted(line, "おなじ")
    assert refusal(line.post("/2/tweets", json={"text": "おなじ "})) == (
        403,
        "You are not allowed to create a Tweet with duplicate content.",
    )
    assert line.delete(f"/2/tweets/{post_id}").json() == {"data": {"deleted": True}}
    posted(line, "おなじ")
    assert line.delete(f"/2/tweets/{post_id}").status_code == 404


def test_of_280_weighted_characters_none_may_be_over(line: httpx2.Client) -> None:
    posted(line, "あ" * 140)
    assert refusal(line.post("/2/tweets", json={"text": "あ" * 140 + "!"})) == (403, "Your Tweet text is too long.")


def test_only_own_posts_can_be_deleted(fake_x: FakeX, line: httpx2.Client) -> None:
    foreign = fake_x.post("shimin", "こんにちは")
    assert line.delete(f"/2/tweets/{foreign}").status_code == 403
    assert fake_x.texts("shimin") == ["こんにちは"]


def test_a_reply_needs_that_its_author_named_the_office(fake_x: FakeX, line: httpx2.Client) -> None:
    aside, named = fake_x.post("shimin", "ひとりごと"), fake_x.post("shimin", f"@{OFFICE} 何時からですか")
    status, detail = refusal(line.post("/2/tweets", json={"text": "9時です", "reply": {"in_reply_to_tweet_id": aside}}))
    assert status == 403
    assert "not been mentioned" in detail
    posted(line, "9時です", reply={"in_reply_to_tweet_id": named})


def test_only_replies_in_own_conversations_can_be_hidden(fake_x: FakeX, line: httpx2.Client) -> None:
    reply = fake_x.post("shimin", "反対", reply_to=posted(line, "お知らせ"))
    elsewhere = fake_x.post("shimin", "別の返信", reply_to=fake_x.post("other", "別の話"))
    assert line.put(f"/2/tweets/{reply}/hidden", json={"hidden": True}).json() == {"data": {"hidden": True}}
    assert line.put(f"/2/tweets/{elsewhere}/hidden", json={"hidden": True}).status_code == 403
    assert [post["hidden"] for post in fake_x.posts("shimin")] == [True, False]


def test_quotes_likes_and_blocks_are_not_for_ordinary_plans(fake_x: FakeX, line: httpx2.Client) -> None:
    me, other = fake_x.user(OFFICE), fake_x.user("shimin")
    post_id = fake_x.post("shimin", "よい話")
    liking = fake_x.oauth2(OFFICE, ["like.write", "tweet.read", "users.read"])["access_token"]
    answers = [
        line.post("/2/tweets", json={"text": "見て", "quote_tweet_id": post_id}),
        line.post(f"/2/users/{me}/likes", json={"tweet_id": post_id}, headers={"Authorization": f"Bearer {liking}"}),
        line.post(f"/2/users/{me}/blocking", json={"target_user_id": other}),
    ]
    assert [answer.json()["required_enrollment"] for answer in answers] == ["Enterprise"] * 3
    assert len(fake_x.expect_violations()) == 1  # blocking is not even in the document


def test_what_the_document_does_not_allow_is_refused_and_recorded(fake_x: FakeX, line: httpx2.Client) -> None:
    me = fake_x.user(OFFICE)
    asked = [
        line.post("/2/tweets", json={"text": "a", "reply_settings": "everyone"}),
        line.post("/2/tweets", json={"txt": "a"}),
        line.post("/2/tweets", data={"text": "a"}),
        line.get(f"/2/users/{me}/mentions", params={"max_results": 3}),
        line.get(f"/2/users/{me}/tweets", params={"tweet.fields": "created_at"}),
        line.delete("/2/tweets/no-id"),
    ]
    assert {answer.status_code for answer in asked} == {400}
    assert {answer.json()["title"] for answer in asked} == {"Invalid Request"}
    assert len(fake_x.expect_violations()) == len(asked)
    assert fake_x.texts(OFFICE) == []


def test_mentions_come_in_pages_and_since_an_id(fake_x: FakeX, line: httpx2.Client) -> None:
    me = fake_x.user(OFFICE)
    ids = [fake_x.post("shimin", f"@{OFFICE} 質問{number}") for number in range(12)]
    seen: list[str] = []
    page = {"max_results": 5, "expansions": "author_id", "since_id": ids[0]}
    while True:
        said = line.get(f"/2/users/{me}/mentions", params=page).json()
        seen += [post["id"] for post in said["data"]]
        assert {user["username"] for user in said["includes"]["users"]} == {"shimin"}
        if "next_token" not in said["meta"]:
            break
        page["pagination_token"] = said["meta"]["next_token"]
    assert seen == ids[:0:-1]


def test_a_poll_and_a_picture_with_its_description_are_shown(fake_x: FakeX, line: httpx2.Client) -> None:
    me = fake_x.user(OFFICE)
    png = b"\x89PNG\r\n\x1a\n" + bytes(200)
    form = {"media_category": (None, "tweet_image"), "media": ("a.png", png, "image/png")}
    media = line.post("/2/media/upload", files=form).json()["data"]["id"]
    said = {"id": media, "metadata": {"alt_text": {"text": "訓練の写真"}}}
    assert line.post("/2/media/metadata", json=said).status_code == 200
    posted(line, "写真です", media={"media_ids": [media]})
    posted(line, "いつがよいですか", poll={"options": ["土曜", "日曜"], "duration_minutes": 60})
    fields = {"expansions": "attachments.media_keys,attachments.poll_ids", "media.fields": "alt_text", "post.fields": "entities"}
    shown = line.get(f"/2/users/{me}/tweets", params=fields).json()
    assert shown["includes"]["media"][0]["alt_text"] == "訓練の写真"
    assert [option["label"] for option in shown["includes"]["polls"][0]["options"]] == ["土曜", "日曜"]
    assert shown["data"][1]["text"].startswith("写真です https://t.co/")


def test_a_film_goes_up_in_pieces_and_can_be_attached_when_it_is_ready(fake_x: FakeX, line: httpx2.Client) -> None:
    film = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 8
    fake_x.processing(30)
    announced = {"media_type": "video/mp4", "total_bytes": len(film), "media_category": "tweet_video"}
    post_id = line.post("/2/media/upload/initialize", json=announced).json()["data"]["id"]
    for number, at in enumerate(range(0, len(film), 1000)):
        piece = {"segment_index": (None, str(number)), "media": ("blob", film[at : at + 1000], "application/octet-stream")}
        assert line.post(f"/2/media/upload/{post_id}/append", files=piece).status_code == 200
    info = line.post(f"/2/media/upload/{post_id}/finalize").json()["data"]["processing_info"]
    assert info["state"] == "in_progress"
    assert line.post("/2/tweets", json={"text": "動画", "media": {"media_ids": [post_id]}}).status_code == 400
    fake_x.advance(31)
    said = line.get("/2/media/upload", params={"media_id": post_id, "command": "STATUS"}).json()["data"]
    assert said["processing_info"]["state"] == "succeeded"
    posted(line, "動画", media={"media_ids": [post_id]})


def test_mutes_reposts_and_the_block_list(fake_x: FakeX, line: httpx2.Client) -> None:
    me, other = fake_x.user(OFFICE), fake_x.user("shimin")
    assert line.post(f"/2/users/{me}/muting", json={"target_user_id": other}).json() == {"data": {"muting": True}}
    assert fake_x.muted() == [[OFFICE, "shimin"]]
    assert line.delete(f"/2/users/{me}/muting/{other}").json() == {"data": {"muting": False}}
    post_id = fake_x.post("shimin", "よい話")
    assert line.post(f"/2/users/{me}/retweets", json={"tweet_id": post_id}).json()["data"]["retweeted"]
    assert fake_x.texts(OFFICE) == ["RT @shimin: よい話"]
    assert line.delete(f"/2/users/{me}/retweets/{post_id}").json() == {"data": {"retweeted": False}}
    assert fake_x.texts(OFFICE) == []
    names = [f"spam{number}" for number in range(5)]
    for name in names:
        fake_x.block(OFFICE, name)
    first = line.get(f"/2/users/{me}/blocking", params={"max_results": 3}).json()
    rest = line.get(f"/2/users/{me}/blocking", params={"pagination_token": first["meta"]["next_token"]}).json()
    assert [user["username"] for user in first["data"] + rest["data"]] == names[::-1]


def test_what_is_not_there_is_a_partial_error_and_no_failure(fake_x: FakeX, line: httpx2.Client) -> None:
    post_id = posted(line, "ある")
    one = line.get("/2/tweets/1")
    assert (one.status_code, "data" in one.json(), one.json()["errors"][0]["resource_id"]) == (200, False, "1")
    both = line.get("/2/tweets", params={"ids": f"{post_id},1"}).json()
    assert ([post["id"] for post in both["data"]], len(both["errors"])) == ([post_id], 1)
    assert "data" not in line.get("/2/users/by/username/nobody").json()
    assert line.get("/2/users/me").json()["data"]["username"] == OFFICE


def test_each_link_of_each_post_is_wrapped_in_its_own(fake_x: FakeX, line: httpx2.Client) -> None:
    for words in ("https://www.city.minato.tokyo.jp/1 city.minato.tokyo.jp/2", "https://www.city.minato.tokyo.jp/1"):
        posted(line, words)
    shown = line.get(f"/2/users/{fake_x.user(OFFICE)}/tweets", params={"post.fields": "entities"}).json()["data"]
    links = [link["url"] for post in shown for link in post["entities"]["urls"]]
    assert len(set(links)) == 3
    for post in shown:
        for link in post["entities"]["urls"]:
            assert post["text"][link["start"] : link["end"]] == link["url"]
