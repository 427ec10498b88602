"""Posting at the fake X: posts, replies, reposts, hiding; what the platform refuses, and in which words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol

from daemon.screening.length import X_LIMIT, weighted
from tests.platforms.contract import Said
from tests.platforms.x_answers import forbidden, gone, invalid, missing, needs_enterprise
from tests.platforms.x_world import Media, Post, World, normal, rendered

DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
DUPLICATE_SECONDS = 86_400.0
"""How far back the same text counts as a duplicate. The live platform does not say."""
NOT_ENGAGED = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post "
    "you are replying to."
)
_CASHTAG = re.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?![\w])")


class Here(Protocol):
    """What the operations know of the platform."""

    world: World
    enterprise: bool

    def now(self) -> float: ...


class Posts:
    def __init__(self, here: Here) -> None:
        self._here = here
        self.operations: dict[str, Callable[[str, Said, float], Any]] = {
            "createPosts": self.create,
            "deletePosts": self.delete,
            "hidePostsReply": self.hide,
            "repostPost": self.repost,
            "unrepostPost": self.unrepost,
        }

    def create(self, user: str, said: Said, lag: float) -> Any:
        body = said.body
        text = normal(body.get("text", ""))
        media = self._media(user, body)
        self._possible(body, text)
        reply_to = body.get("reply", {}).get("in_reply_to_tweet_id")
        if reply_to is not None:
            self._may_reply(user, reply_to)
        if not media and "poll" not in body and self._said_before(user, text, reply_to):
            raise forbidden(DUPLICATE)
        post = self._here.world.add(
            user,
            text,
            self._here.now(),
            lag,
            reply_to=reply_to,
            media=[one.id for one in media],
            poll=body.get("poll"),
            reply_settings=body.get("reply_settings", "everyone"),
        )
        shown, _ = rendered(post, post.text, media, self._here.world.users[user].username)
        return {"data": {"id": post.id, "text": shown, "edit_history_post_ids": [post.id]}}

    def _possible(self, body: dict[str, Any], text: str) -> None:
        if "quote_tweet_id" in body and not self._here.enterprise:
            raise needs_enterprise()
        if sum(key in body for key in ("media", "poll", "quote_tweet_id", "card_uri")) > 1:
            raise invalid("A post has either media, a poll, a card or a quoted post.", "media")
        if not text and "media" not in body and "card_uri" not in body:
            raise invalid("A post without media needs a text.", "text")
        if weighted(text) > X_LIMIT:
            raise forbidden("Your Tweet text is too long.")
        if len(_CASHTAG.findall(text)) > 1:
            raise forbidden("A post may have one cashtag.")
        if "edit_options" in body:
            raise forbidden("You are not permitted to edit this post.")

    def _media(self, user: str, body: dict[str, Any]) -> list[Media]:
        found = []
        for key in body.get("media", {}).get("media_ids", ()):
            one = self._here.world.media.get(key)
            usable = one is not None and one.owner == user and one.ready is not None and one.ready <= self._here.now()
            if one is None or not usable or one.outcome != "succeeded":
                raise invalid("Your media IDs are invalid.", "media.media_ids")
            found.append(one)
        if len(found) > 1 and any(one.category != "tweet_image" for one in found):
            raise invalid("A post has up to four images, or one film or animation.", "media.media_ids")
        return found

    def _may_reply(self, user: str, key: str) -> None:
        world = self._here.world
        parent = world.post(key)
        if parent is None or (parent.author, user) in world.blocked:
            raise forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")
        if parent.author != user and user not in world.mentions(parent) and not self._here.enterprise:
            raise forbidden(NOT_ENGAGED)

    def _said_before(self, user: str, text: str, reply_to: str | None) -> bool:
        """The same words again. With other media they are let through: ids of media are new each time, and nobody promises otherwise."""
        since = self._here.now() - DUPLICATE_SECONDS
        return any(
            (post.author, post.text, post.reply_to) == (user, text, reply_to) and post.at > since and not post.deleted
            for post in self._here.world.posts.values()
            if not post.media and post.poll is None and post.repost_of is None
        )

    def delete(self, user: str, said: Said, lag: float) -> Any:
        post = self._here.world.post(said.path["id"])
        if post is None:
            raise gone("post", "id", said.path["id"])
        if post.author != user:
            raise forbidden("You are not authorized to delete this Tweet.")
        self._here.world.delete(post)
        return {"data": {"deleted": True}}

    def hide(self, user: str, said: Said, lag: float) -> Any:
        post = self._here.world.post(said.path["tweet_id"])
        if post is None:
            raise gone("post", "tweet_id", said.path["tweet_id"])
        root = self._here.world.posts.get(post.conversation)
        if post.reply_to is None or root is None or root.author != user:
            raise forbidden("You are not allowed to hide this reply: it is in no conversation of yours.")
        post.hidden = said.body["hidden"]
        return {"data": {"hidden": post.hidden}}

    def repost(self, user: str, said: Said, lag: float) -> Any:
        own(user, said.path["id"])
        world = self._here.world
        source = world.post(said.body["tweet_id"])
        if source is None:
            return {"errors": [missing("post", "tweet_id", said.body["tweet_id"])]}
        there = self._repost_of(user, source)
        if there is None:
            name = world.users[source.author].username
            there = world.add(user, f"RT @{name}: {source.text}", self._here.now(), lag, repost_of=source.id)
        return {"data": {"retweeted": True, "rest_id": there.id}}

    def unrepost(self, user: str, said: Said, lag: float) -> Any:
        own(user, said.path["id"])
        source = self._here.world.posts.get(said.path["source_tweet_id"])
        there = self._repost_of(user, source) if source else None
        if there is not None:
            there.deleted = True
        return {"data": {"retweeted": False}}

    def _repost_of(self, user: str, source: Post) -> Post | None:
        posts = self._here.world.posts.values()
        return next((post for post in posts if (post.author, post.repost_of, post.deleted) == (user, source.id, False)), None)


def own(user: str, key: str) -> None:
    """Raises Refused where the path names somebody else than the token."""
    if user != key:
        raise forbidden("The user id in the path must be that of the authenticating user.")
