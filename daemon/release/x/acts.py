"""Which request a job is, what answer means that it is done, and where it can then be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from daemon.release.http import cleaned
from daemon.release.jobs import Held, Job
from daemon.release.x.access import Me

_ID = re.compile("[0-9]{1,19}")
_POST = re.compile(r"/(?:[A-Za-z0-9_]{1,50}|i(?:/web)?)/status(?:es)?/([0-9]{1,19})(?:/.*)?")
_HOSTS = frozenset(("x.com", "twitter.com"))
MOST_OPTIONS, LONGEST_OPTION = 4, 25
MINUTES = (5, 10_080)


class Act(NamedTuple):
    """One request that changes something. `place` is given the `data` of an answer and says where it can be read, None where that is no
    answer to this; `gone` says whether it counts as done where what it is about is not there any more."""

    method: str
    path: str
    json: dict[str, Any] | None
    place: Callable[[dict[str, Any]], str | None]
    gone: bool = False
    at: str = ""
    """Where it can be read in any case."""


def act_of(job: Job, me: Me, media: Sequence[str]) -> Act:
    """The request for a job. Raises Held (`failed`) where it can be none."""
    match job.kind:
        case "post" | "poll" | "reply" | "correction":
            return Act("POST", "/2/tweets", _body(job, media), lambda data: _url(me, data.get("id")))
        case "repost":
            target = post_number(job.target)
            at = _address(target)
            body = {"tweet_id": target}
            return Act(
                "POST",
                f"/2/users/{me.number}/retweets",
                body,
                lambda data: (_url(me, data.get("rest_id")) or at) if data.get("retweeted") is True else None,
            )
        case "delete":
            target = post_number(job.target)
            at = url_of(me.handle, target)
            done = _said("deleted", True, at)
            return Act("DELETE", f"/2/tweets/{target}", None, done, gone=True, at=at)
        case "hide" | "unhide":
            target, hidden = post_number(job.target, bare=True), job.kind == "hide"
            at = _address(target)
            done = _said("hidden", hidden, at)
            return Act("PUT", f"/2/tweets/{target}/hidden", {"hidden": hidden}, done, gone=hidden, at=at)
        case "mute":
            target = _user_number(job.target)
            done = _said("muting", True, "")
            return Act("POST", f"/2/users/{me.number}/muting", {"target_user_id": target}, done)
        case "unmute":
            done = _said("muting", False, "")
            return Act("DELETE", f"/2/users/{me.number}/muting/{_user_number(job.target)}", None, done)
    raise Held("failed", f"X でこの種別（{job.kind}）は自動ではできません", f"the channel to X does no {job.kind}")


def text_of(body: bytes) -> str:
    """The words of a sealed body as they are posted: X would take the blanks around them off itself. Raises Held."""
    try:
        return body.decode().strip()
    except UnicodeDecodeError:
        raise Held("failed", "本文が UTF-8 ではありません", "the body is no UTF-8") from None


def _body(job: Job, media: Sequence[str]) -> dict[str, Any]:
    body: dict[str, Any] = {"text": text_of(job.body)}
    if media:
        body["media"] = {"media_ids": [*media]}
    if job.kind == "reply":
        body["reply"] = {"in_reply_to_tweet_id": post_number(job.target)}
    if job.kind == "poll":
        body["poll"] = _poll(job)
    if not body["text"] and not job.images:
        raise Held("failed", "本文がありません", "there are no words")
    return body


def _poll(job: Job) -> dict[str, Any]:
    poll = job.poll
    if poll is None or not 2 <= len(poll.options) <= MOST_OPTIONS:
        raise Held("failed", f"アンケートの選択肢は2～{MOST_OPTIONS}個です", f"a poll has two to {MOST_OPTIONS} options")
    if not all(0 < len(option) <= LONGEST_OPTION for option in poll.options):
        raise Held("failed", f"選択肢は{LONGEST_OPTION}字までです", f"an option has at most {LONGEST_OPTION} characters")
    if not MINUTES[0] <= poll.minutes <= MINUTES[1]:
        raise Held("failed", "アンケートの期間は5分～7日です", "a poll runs for five minutes to seven days")
    return {"options": [*poll.options], "duration_minutes": poll.minutes}


def post_number(target: str, *, bare: bool = False) -> str:
    """The number of the post at an address on X; with `bare` a number by itself will do, too. In drafts it will not: there a number is that of
    another draft. Raises Held (`failed`)."""
    target = target.strip()
    if bare and _ID.fullmatch(target):
        return target
    try:
        parts = urlsplit(target)
        host = (parts.hostname or "").removeprefix("www.").removeprefix("mobile.")
    except ValueError:
        parts, host = urlsplit(""), ""
    found = _POST.fullmatch(parts.path) if parts.scheme in ("http", "https") and host in _HOSTS else None
    if found is None:
        said = cleaned(target)
        raise Held("failed", f"X の投稿のアドレスではありません（{said}）", f"this is not the address of a post on X ({said})")
    return found[1]


def _user_number(target: str) -> str:
    if not _ID.fullmatch(target.strip()):
        said = cleaned(target)
        raise Held("failed", f"X の利用者番号ではありません（{said}）", f"this is not the number of a user of X ({said})")
    return target.strip()


def _address(number: str) -> str:
    return f"https://x.com/i/status/{number}"


def url_of(handle: str, number: str) -> str:
    """Where a post of an account's can be read."""
    return f"https://x.com/{handle.lstrip('@')}/status/{number}"


def _url(me: Me, number: object) -> str | None:
    return url_of(me.handle, number) if isinstance(number, str) and _ID.fullmatch(number) else None


def _said(name: str, value: bool, place: str) -> Callable[[dict[str, Any]], str | None]:
    return lambda data: place if data.get(name) is value else None
