"""A fake X: takes what the official document allows, refuses as X does, and remembers what really happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.platforms.contract import Broken, Document, Operation, Request
from tests.platforms.faults import Fault
from tests.platforms.running import Fake
from tests.platforms.serving import Arrival, Platform, Refused, Reply
from tests.platforms.x_answers import LIVE, blank, invalid, needs_enterprise, out_of_credit, usage_capped, wrong_with_itself
from tests.platforms.x_granted import Granted
from tests.platforms.x_media import Uploads
from tests.platforms.x_posts import Posts
from tests.platforms.x_reading import Reading
from tests.platforms.x_signed import App, who
from tests.platforms.x_world import Media, Post, World

WINDOW = 900.0
"""Seconds of the windows in which requests are counted."""
LIMITS = {
    "createPosts": 100,
    "getUsersMe": 75,
    "getUsersBlocking": 15,
    "getUsersMuting": 15,
    "getUsersMentions": 300,
    "getUsersPosts": 900,
    "getPostsById": 900,
    "getPostsByIds": 900,
    "getUsersByUsername": 900,
    "mediaUpload": 500,
    "initializeMediaUpload": 1875,
    "appendMediaUpload": 1875,
    "finalizeMediaUpload": 1875,
    "getMediaUploadStatus": 1000,
    "createMediaMetadata": 500,
}
"""Requests that a user has in a window (X's table of limits); 50 for all others."""
ENTERPRISE = ("likePost", "unlikePost", "followUser", "unfollowUser", "getUsersFollowers", "getUsersFollowing")
SCOPES: tuple[str, ...] = (
    "tweet.read",
    "tweet.write",
    "users.read",
    "tweet.moderate.write",
    "mute.read",
    "mute.write",
    "block.read",
    "media.write",
)
SCOPES += ("offline.access",)


class X(Platform):
    """X as far as an office uses it."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.world = World()
        self.app = App()
        self.granted = Granted(self.app)
        self.enterprise = False
        self.limits = dict(LIMITS)
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}
        self._state: dict[str, bool] = defaultdict(bool)
        self._partial = False
        self._uploads = Uploads(self)
        reading = Reading(self)
        self._may_be_app_only = reading.operations
        self.operations: dict[str, Callable[[Any, Any, float], Any]] = {
            **reading.operations,
            **Posts(self).operations,
            **self._uploads.operations,
        }

    @classmethod
    def at(cls, path: Path) -> X:
        return cls(Document.at(path))

    def problem(self, status: int, reset: float = 900.0) -> Reply:
        if status == 429:
            return blank(
                429, x_rate_limit_limit="100", x_rate_limit_remaining="0", x_rate_limit_reset=str(int(self.now() + reset))
            )
        return wrong_with_itself(status) if status >= 500 else blank(status)

    def partial(self) -> Reply:
        said = {
            "title": "Internal error",
            "detail": "Something is broken.",
            "type": "https://api.x.com/2/problems/internal-error",
        }
        return Reply(200, {"errors": [said]})

    def held(self, operation: Operation | None, reply: Reply) -> Reply:
        """Beside its document X sends problems of a few types more; those are of its own shape, too."""
        said = reply.said
        if (
            reply.free
            and reply.status < 501
            and not (isinstance(said, dict) and said.get("type") in LIVE and {"title", "detail"} <= {*said})
        ):
            self.own_errors.append(f"{reply.status} {said}")
        return super().held(operation, reply)

    def answer(self, request: Request, arrival: Arrival, fault: Fault) -> Reply:
        headers: dict[str, str] = {}
        try:
            reply = self._answer(request, arrival, fault, headers)
        except Refused as refused:
            reply = refused.reply
        reply.headers = {**headers, **reply.headers}
        return reply

    def _answer(self, request: Request, arrival: Arrival, fault: Fault, headers: dict[str, str]) -> Reply:
        if request.path == "/2/oauth2/token":
            arrival.operation = "token"
            reply = self.granted.token(request, self.now())
            arrival.taken = True
            return reply
        if request.path == "/2/oauth2/revoke":
            return self.granted.revoke(request)
        if request.path == "/i/oauth2/authorize" and request.method == "GET":
            return self.granted.page(request, self.now())
        operation = self._operation(request)
        arrival.operation = operation.name
        asks = who(self.app, request, operation, self.address.partition(":")[0], self.now())
        arrival.who = asks.user
        self._count(asks.user or "app", operation.name, headers)
        self._in_good_standing(asks.user or "0")
        try:
            said = self.read(request, operation)
        except Broken as broken:
            raise invalid(broken.how, broken.where) from None
        carry_out = self.operations.get(operation.name)
        if carry_out is None:
            if operation.name in ENTERPRISE:
                raise needs_enterprise()
            self.own_errors.append(f"{operation.name} is in X's document, and not in this fake")
            return Reply(501, {"detail": "not in this fake"}, free=True)
        made = carry_out(asks.user, said, fault.lag)
        arrival.taken = True
        return Reply(201 if operation.name == "createPosts" else 200, made)

    def _operation(self, request: Request) -> Operation:
        operation, methods = self.document.asked_for(request.method, request.path)
        if operation is not None:
            return operation
        if request.path.startswith("/2/users/") and "/blocking" in request.path and request.method in ("POST", "DELETE"):
            self.violations.append(f"{request.method} {request.path}: blocking is for Enterprise, and not in the document")
            raise needs_enterprise()
        self.violations.append(f"{request.method} {request.path}: not in the document")
        raise Refused(blank(405, allow=", ".join(methods)) if methods else blank(404))

    def _count(self, who: str, name: str, headers: dict[str, str]) -> None:
        """One request more in its window. Raises Refused when there were too many."""
        begin, count = self._windows.get((who, name), (self.now(), 0))
        if begin + WINDOW <= self.now():
            begin, count = self.now(), 0
        self._windows[who, name] = (begin, count + 1)
        limit = self.limits.get(name, 50)
        headers |= {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(max(0, limit - count - 1)),
            "x-rate-limit-reset": str(int(begin + WINDOW)),
        }
        if count >= limit:
            raise Refused(blank(429))

    def _in_good_standing(self, user: str) -> None:
        if self._state["out_of_credit"]:
            raise out_of_credit(user)
        if self._state["usage_capped"]:
            raise usage_capped(user)
        if self._state["suspended"]:
            raise Refused(blank(403, "Your account is suspended and is not permitted to access this feature."))

    # What a test asks and sets.

    def controls(self) -> dict[str, Callable[..., Any]]:
        return {
            "user": lambda username, name=None: self.world.user(username, name, self.now()).id,
            "post": self._post,
            "oauth1": lambda username: self.app.oauth1(self._id(username)),
            "oauth2": lambda username, scopes=None: self._tokens(username, scopes),
            "application": lambda: {name: value for name, value in asdict(self.app).items() if isinstance(value, str)},
            "agrees": self._agrees,
            "expire_tokens": self._expire,
            "refresh_tokens": lambda: {"good": [*self.granted.refresh], "spent": self.granted.spent},
            "posts": self._posts,
            "media": lambda: [_plain(one) for one in self.world.media.values()],
            "lose_media": lambda: self.world.media.clear(),
            "muted": lambda: [[self._name(one), self._name(other)] for one, other in sorted(self.world.muted)],
            "block": lambda username, other: self.world.blocked.append((self._id(username), self._id(other))),
            "delete": lambda post_id: self.world.delete(self.world.posts[post_id]),
            "limit": lambda operation, requests: self.limits.update({self.document.named(operation).name: requests}),
            "state": self._state.update,
            "plan": lambda enterprise: setattr(self, "enterprise", enterprise),
            "processing": self._processing,
        }

    def _id(self, username: str) -> str:
        return self.world.user(username, None, self.now()).id

    def _name(self, user: str) -> str:
        return self.world.users[user].username

    def _post(self, username: str, text: str, reply_to: str | None = None, lag: float = 0.0) -> str:
        return self.world.add(self._id(username), text, self.now(), lag, reply_to=reply_to).id

    def _posts(self, username: str | None = None, deleted: bool = False) -> list[dict[str, Any]]:
        posts: list[Post] = [post for post in self.world.posts.values() if deleted or not post.deleted]
        return [post.plain() for post in posts if username is None or post.author == self._id(username)]

    def _tokens(self, username: str, scopes: list[str] | None) -> dict[str, Any]:
        return self.granted.tokens(self._id(username), [*(scopes or SCOPES)], self.now())

    def _agrees(self, username: str | None) -> None:
        self.granted.agrees = None if username is None else self._id(username)

    def _expire(self) -> None:
        for token in self.app.access.values():
            token.until = 0.0

    def _processing(self, seconds: float, outcome: str = "succeeded") -> None:
        self._uploads.seconds, self._uploads.outcome = seconds, outcome


def _plain(one: Media) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("id", "owner", "category", "kind", "size", "ready", "outcome", "alt")}


class FakeX(Fake):
    """A running fake X."""

    kind = "x"

    def user(self, username: str, name: str | None = None) -> str:
        """The id of a user, who is made where there is none of the name."""
        return str(self.ask("user", username=username, name=name))

    def post(self, username: str, text: str, reply_to: str | None = None, lag: float = 0.0) -> str:
        """Somebody posts, in X's own app: the id."""
        return str(self.ask("post", username=username, text=text, reply_to=reply_to, lag=lag))

    def oauth1(self, username: str) -> dict[str, str]:
        """consumer_key, consumer_secret, access_token, access_token_secret of a user."""
        return dict(self.ask("oauth1", username=username))

    def oauth2(self, username: str, scopes: list[str] | None = None) -> dict[str, Any]:
        """What the token endpoint would have given for a user: access_token, refresh_token, expires_in, scope."""
        return dict(self.ask("oauth2", username=username, scopes=scopes))

    def application(self) -> dict[str, str]:
        """consumer_key, consumer_secret, client_id, client_secret and bearer of the application."""
        return dict(self.ask("application"))

    def agrees(self, username: str | None) -> None:
        """Who agrees from now on, on the page at /i/oauth2/authorize; None: the person there declines."""
        self.ask("agrees", username=username)

    def expire_tokens(self) -> None:
        """Every access token of OAuth 2 given out so far has run out."""
        self.ask("expire_tokens")

    def refresh_tokens(self) -> dict[str, list[str]]:
        """Those that are `good`, and those `spent`."""
        return dict(self.ask("refresh_tokens"))

    def posts(self, username: str | None = None, deleted: bool = False) -> list[dict[str, Any]]:
        """What is really there, oldest first (x_world.Post), whatever clients were told."""
        return list(self.ask("posts", username=username, deleted=deleted))

    def texts(self, username: str) -> list[str]:
        return [post["text"] for post in self.posts(username)]

    def media(self) -> list[dict[str, Any]]:
        return list(self.ask("media"))

    def lose_media(self) -> None:
        """What is up is known no more, as after a day, or where X has thrown it away earlier."""
        self.ask("lose_media")

    def muted(self) -> list[list[str]]:
        """Who muted whom, by username."""
        return list(self.ask("muted"))

    def block(self, username: str, other: str) -> None:
        """Somebody blocks somebody, in X's own app."""
        self.ask("block", username=username, other=other)

    def delete(self, post_id: str) -> None:
        """A post goes, in X's own app."""
        self.ask("delete", post_id=post_id)

    def limit(self, operation: str, requests: int) -> None:
        """How many requests of an operation (the document's operationId) a user has in fifteen minutes."""
        self.ask("limit", operation=operation, requests=requests)

    def state(self, **states: bool) -> None:
        """out_of_credit (402), usage_capped (429), suspended (403): until it is set back."""
        self.ask("state", **states)

    def plan(self, enterprise: bool) -> None:
        """Whether quoting, and replying to anybody, are allowed."""
        self.ask("plan", enterprise=enterprise)

    def processing(self, seconds: float, outcome: str = "succeeded") -> None:
        """How long films and animations take by the platform's clock, and their outcome: succeeded or failed."""
        self.ask("processing", seconds=seconds, outcome=outcome)
