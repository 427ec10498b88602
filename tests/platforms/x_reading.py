"""Reading at the fake X: posts, timelines, mentions, users, and the lists of the muted and the blocked."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tests.platforms.contract import Said
from tests.platforms.x_answers import gone, invalid, missing
from tests.platforms.x_posts import Here, own
from tests.platforms.x_world import Post, User, rendered

TIMELINE_LAST, MENTIONS_LAST = 3200, 800
"""How many posts back a timeline and the mentions go."""


class Reading:
    def __init__(self, here: Here) -> None:
        self._here = here
        self.operations: dict[str, Callable[[str | None, Said, float], Any]] = {
            "getPostsById": self.post,
            "getPostsByIds": self.posts,
            "getUsersPosts": self.timeline,
            "getUsersMentions": self.mentions,
            "getUsersMe": self.me,
            "getUsersByUsername": self.by_username,
            "getUsersBlocking": self.blocking,
            "getUsersMuting": self.muting,
            "muteUser": self.mute,
            "unmuteUser": self.unmute,
        }

    def post(self, user: str | None, said: Said, lag: float) -> Any:
        found = self._here.world.post(said.path["id"])
        if found is None:
            return {"errors": [missing("post", "id", said.path["id"])]}
        return {"data": self._shown(found, said.query), **self._included([found], said.query)}

    def posts(self, user: str | None, said: Said, lag: float) -> Any:
        found = [(key, self._here.world.post(key)) for key in said.query["ids"]]
        there = [post for _, post in found if post is not None]
        errors = [missing("post", "ids", key) for key, post in found if post is None]
        made: dict[str, Any] = {"data": [self._shown(post, said.query) for post in there]} if there else {}
        return {**made, **self._included(there, said.query), **({"errors": errors} if errors else {})}

    def timeline(self, user: str | None, said: Said, lag: float) -> Any:
        author = self._user(said.path["id"]).id
        without = said.query.get("exclude", ())
        listed = [
            post
            for post in self._showing()
            if post.author == author
            and not ("replies" in without and post.reply_to)
            and not ("retweets" in without and post.repost_of)
        ]
        return self._page(listed[:TIMELINE_LAST], said, 10)

    def mentions(self, user: str | None, said: Said, lag: float) -> Any:
        named = self._user(said.path["id"]).id
        world = self._here.world
        listed = [
            post for post in self._showing() if post.author != named and not post.repost_of and named in world.mentions(post)
        ]
        return self._page(listed[:MENTIONS_LAST], said, 10)

    def me(self, user: str | None, said: Said, lag: float) -> Any:
        assert user is not None
        return {"data": self._person(self._here.world.users[user], said.query)}

    def by_username(self, user: str | None, said: Said, lag: float) -> Any:
        wanted = said.path["username"]
        for one in self._here.world.users.values():
            if one.username.lower() == wanted.lower():
                return {"data": self._person(one, said.query)}
        return {"errors": [missing("user", "username", wanted)]}

    def blocking(self, user: str | None, said: Said, lag: float) -> Any:
        own(user or "", said.path["id"])
        blocked = [self._here.world.users[other] for one, other in reversed(self._here.world.blocked) if one == user]
        return self._people(blocked, said)

    def muting(self, user: str | None, said: Said, lag: float) -> Any:
        own(user or "", said.path["id"])
        return self._people([self._here.world.users[other] for one, other in sorted(self._here.world.muted) if one == user], said)

    def mute(self, user: str | None, said: Said, lag: float) -> Any:
        assert user is not None
        own(user, said.path["id"])
        self._here.world.muted.add((user, self._user(said.body["target_user_id"], "target_user_id").id))
        return {"data": {"muting": True}}

    def unmute(self, user: str | None, said: Said, lag: float) -> Any:
        assert user is not None
        own(user, said.path["source_user_id"])
        self._here.world.muted.discard((user, self._user(said.path["target_user_id"], "target_user_id").id))
        return {"data": {"muting": False}}

    def _user(self, key: str, parameter: str = "id") -> User:
        found = self._here.world.users.get(key)
        if found is None:
            raise gone("user", parameter, key)
        return found

    def _showing(self) -> list[Post]:
        """What timelines have by now, newest first."""
        now = self._here.now()
        return [post for post in reversed(self._here.world.posts.values()) if not post.deleted and post.shows <= now]

    def _page(self, listed: Iterable[Post], said: Said, usual: int) -> Any:
        query = said.query
        since, until = int(query.get("since_id", 0)), int(query.get("until_id", 10**19))
        start, end = _moment(query.get("start_time")), _moment(query.get("end_time"))
        asked = [
            post
            for post in listed
            if since < int(post.id) < until and (start is None or post.at >= start) and (end is None or post.at < end)
        ]
        page, meta = _cut(asked, query, usual, lambda post: post.id)
        if page:
            meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        made: dict[str, Any] = {"data": [self._shown(post, query) for post in page]} if page else {}
        return {**made, **self._included(page, query), "meta": meta}

    def _people(self, listed: Sequence[User], said: Said) -> Any:
        page, meta = _cut(listed, said.query, 100, lambda user: user.id)
        return {**({"data": [self._person(user, said.query) for user in page]} if page else {}), "meta": meta}

    def _shown(self, post: Post, query: dict[str, Any]) -> dict[str, Any]:
        world = self._here.world
        media = [world.media[key] for key in post.media]
        text, entities = rendered(post, post.text, media, world.users[post.author].username)
        parent = world.posts.get(post.reply_to or "")
        references = [{"type": "replied_to", "id": post.reply_to}] if post.reply_to else []
        references += [{"type": "retweeted", "id": post.repost_of}] if post.repost_of else []
        attached: dict[str, Any] = {"media_keys": [one.key for one in media]} if media else {}
        attached |= {"poll_ids": [_poll_id(post)]} if post.poll else {}
        could = {
            "created_at": _written(post.at),
            "author_id": post.author,
            "conversation_id": post.conversation,
            "entities": entities,
            "reply_settings": post.reply_settings,
            "lang": "ja",
            "possibly_sensitive": False,
            "attachments": attached,
            "referenced_posts": references,
            "in_reply_to_user_id": parent.author if parent else None,
            "public_metrics": dict.fromkeys(
                ("repost_count", "reply_count", "like_count", "quote_count", "bookmark_count", "impression_count"), 0
            ),
        }
        wanted = {*query.get("post.fields", ()), *(one.partition(".")[0] for one in query.get("expansions", ()))}
        more = {name: value for name, value in could.items() if name in wanted and value not in (None, {}, [])}
        return {"id": post.id, "text": text, "edit_history_post_ids": [post.id], **more}

    def _included(self, posts: Iterable[Post], query: dict[str, Any]) -> dict[str, Any]:
        world, asked = self._here.world, query.get("expansions", ())
        found: dict[str, dict[str, Any]] = {"users": {}, "posts": {}, "media": {}, "polls": {}}
        for post in posts:
            if "author_id" in asked:
                found["users"][post.author] = self._person(world.users[post.author], query)
            parent = world.post(post.reply_to or post.repost_of or "")
            if "in_reply_to_user_id" in asked and parent and post.reply_to:
                found["users"][parent.author] = self._person(world.users[parent.author], query)
            if "referenced_posts" in asked and parent:
                found["posts"][parent.id] = self._shown(parent, query)
            if "attachments.media_keys" in asked:
                found["media"].update({one.key: _media(one, query) for one in map(world.media.__getitem__, post.media)})
            if "attachments.poll_ids" in asked and post.poll:
                found["polls"][post.id] = _poll(post)
        includes = {kind: [*made.values()] for kind, made in found.items() if made}
        return {"includes": includes} if includes else {}

    def _person(self, user: User, query: dict[str, Any]) -> dict[str, Any]:
        world = self._here.world
        could = {
            "created_at": _written(user.created),
            "description": "",
            "protected": False,
            "verified": False,
            "public_metrics": {
                "followers_count": 0,
                "following_count": 0,
                "listed_count": 0,
                "post_count": sum(post.author == user.id and not post.deleted for post in world.posts.values()),
            },
        }
        more = {name: value for name, value in could.items() if name in query.get("user.fields", ())}
        return {"id": user.id, "name": user.name, "username": user.username, **more}


def _cut(listed: Sequence[Any], query: dict[str, Any], usual: int, key: Callable[[Any], str]) -> tuple[list[Any], dict[str, Any]]:
    """One page of a list, and what is said of it. A page goes on behind the last one seen, whatever came or went since."""
    size, begin = query.get("max_results", usual), 0
    if token := query.get("pagination_token"):
        try:
            last = base64.b32decode(token.upper()).decode("ascii")
            keys = [key(one) for one in listed]
            begin = 1 + keys.index(last) if last in keys else _behind(listed, last, key)
        except ValueError:
            raise invalid("The pagination token is not valid.", "pagination_token") from None
    page = [*listed[begin : begin + size]]
    meta: dict[str, Any] = {"result_count": len(page)}
    if begin + size < len(listed):
        meta["next_token"] = base64.b32encode(key(page[-1]).encode()).decode().lower()
    return page, meta


def _behind(listed: Sequence[Any], last: str, key: Callable[[Any], str]) -> int:
    """Where a list goes on whose last one seen is gone: newest first, so behind everything newer. Raises ValueError for no id."""
    number = int(last)
    return next((at for at, one in enumerate(listed) if int(key(one)) < number), len(listed))


def _moment(said: str | None) -> float | None:
    try:
        return None if said is None else dt.datetime.fromisoformat(said.upper().replace("Z", "+00:00")).timestamp()
    except (ValueError, OverflowError):
        raise invalid(f"{said} is no moment of this platform's time.", "start_time") from None


def _written(at: float) -> str:
    return dt.datetime.fromtimestamp(int(at), dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _poll_id(post: Post) -> str:
    return str(int(post.id) + 1)


def _poll(post: Post) -> dict[str, Any]:
    assert post.poll is not None
    options = [{"position": at, "label": label, "votes": 0} for at, label in enumerate(post.poll["options"], 1)]
    minutes = post.poll["duration_minutes"]
    end = _written(post.at + 60 * minutes)
    return {"id": _poll_id(post), "options": options, "duration_minutes": minutes, "end_datetime": end, "voting_status": "open"}


def _media(one: Any, query: dict[str, Any]) -> dict[str, Any]:
    kind = {"tweet_video": "video", "tweet_gif": "animated_gif"}.get(one.category, "photo")
    made = {"media_key": one.key, "type": kind}
    if one.alt is not None and "alt_text" in query.get("media.fields", ()):
        made["alt_text"] = one.alt
    return made
