"""What is asked of X and changes nothing: timelines, mentions, the list of the blocked, who we are. Newest first, page by page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from daemon.release.http import cleaned
from daemon.release.jobs import Ask, Heard, Held, Listed, Told, moment
from daemon.release.x.access import Access
from daemon.release.x.acts import url_of
from daemon.release.x.problems import SOON, Refusal
from daemon.release.x.seen import FIELDS, Seen, seen, shown

PAGE, SMALLEST = 100, 5
"""Posts of a page, at the most and at the least."""
USERS = 1000
ENOUGH = 2.0
"""Seconds that have to be left for another page."""

Page = tuple[list[Any], dict[str, Any]]


def answer(ask: Ask, access: Access) -> Told:
    """What X says. Raises Held."""
    try:
        match ask.what:
            case "mentions" | "posts":
                return _posts(ask, access)
            case "blocking":
                return _blocked(ask, access)
            case "account":
                me = access.me()
                return Told(
                    job=ask.id, ok=True, facts={"number": me.number, "handle": me.handle, "name": cleaned(me.name)}, rows=1
                )
    except Refusal as refusal:
        raise refusal.held from None
    raise Held("failed", f"X にこれ（{ask.what}）は尋ねられません", f"X cannot be asked for {ask.what}")


def timeline(access: Access, number: str, **more: str | int) -> Iterator[Page]:
    """The pages of an account's own posts, newest first: what is on each, and the whole answer. Raises Refusal, Held."""
    query = {"post.fields": FIELDS, "expansions": "attachments.media_keys,attachments.poll_ids,referenced_posts", **more}
    return _pages(access, f"/2/users/{number}/tweets", query)


def _posts(ask: Ask, access: Access) -> Told:
    me = access.own()
    query: dict[str, str | int] = {"max_results": max(SMALLEST, min(PAGE, ask.most))}
    if ask.since.isascii() and ask.since.isdigit():
        query["since_id"] = ask.since
    if ask.what == "posts":
        pages = timeline(access, me.number, **query)
    else:
        query |= {"post.fields": FIELDS, "expansions": "author_id,referenced_posts", "user.fields": "username,name"}
        pages = _pages(access, f"/2/users/{me.number}/mentions", query)
    heard: list[Heard] = []
    rows, whole = 0, True
    for posts, said in pages:
        people = _people(said)
        rows += len(posts) + _included(said)
        found = [post for one in posts if (post := seen(one)) is not None]
        if posts and not found:
            raise _odd()
        if ask.what == "posts":
            found, people = [post._replace(author=me.number) for post in found], {me.number: (me.handle, me.name)}
        heard += (_heard(post, people) for post in found)
        more = _next(said) is not None
        if len(heard) >= ask.most or (more and access.until - moment() < ENOUGH):
            whole = not more and len(heard) <= ask.most
            break
    return Told(job=ask.id, ok=True, heard=tuple(heard[: ask.most]), whole=whole, rows=rows)


def _blocked(ask: Ask, access: Access) -> Told:
    listed: list[Listed] = []
    rows, whole = 0, True
    query: dict[str, str | int] = {"max_results": USERS, "user.fields": "username"}
    for users, said in _pages(access, f"/2/users/{access.own().number}/blocking", query):
        rows += len(users)
        before = len(listed)
        for user in users:
            if isinstance(user, dict) and isinstance(user.get("id"), str) and isinstance(user.get("username"), str):
                listed.append(Listed(number=user["id"], handle=user["username"]))
        if users and len(listed) == before:
            raise _odd()
        if _next(said) is not None and access.until - moment() < ENOUGH:
            whole = False
            break
    return Told(job=ask.id, ok=True, listed=tuple(listed), whole=whole, rows=rows)


def _pages(access: Access, path: str, query: dict[str, Any]) -> Iterator[Page]:
    token: str | None = ""
    seen_tokens = set()
    while token is not None and token not in seen_tokens:  # a platform that goes round in circles holds up nobody
        seen_tokens.add(token)
        said = access.asked("GET", path, query={**query, "pagination_token": token} if token else query)
        data = said.get("data")
        yield (data if isinstance(data, list) else []), said
        token = _next(said)


def _next(said: dict[str, Any]) -> str | None:
    meta = said.get("meta")
    token = meta.get("next_token") if isinstance(meta, dict) else None
    return token if isinstance(token, str) and token else None


def _odd() -> Held:
    """Something is there that is none of what was asked for: it must not pass for nothing new."""
    return Held("prevented", "X の答えが読めません", "X's answer cannot be read", again_at=time.time() + SOON)


def _included(said: dict[str, Any]) -> int:
    """How many posts came along, to which those of a page refer: they may be charged for like any."""
    includes = said.get("includes")
    posts = includes.get("posts") if isinstance(includes, dict) else None
    return len(posts) if isinstance(posts, list) else 0


def _people(said: dict[str, Any]) -> dict[str, tuple[str, str]]:
    includes = said.get("includes")
    users = includes.get("users") if isinstance(includes, dict) else None
    found = {}
    for user in users if isinstance(users, list) else ():
        with suppress(TypeError, KeyError):
            found[str(user["id"])] = str(user["username"]), str(user.get("name") or "")
    return found


def _heard(post: Seen, people: dict[str, tuple[str, str]]) -> Heard:
    username, name = people.get(post.author, ("", ""))
    return Heard(
        number=post.number,
        author=post.author,
        handle=username,
        name=name,
        text=shown(post),
        at=post.at,
        url=url_of(username or "i", post.number),
        conversation=post.conversation,
        answers=post.answers,
    )
