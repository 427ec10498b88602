"""What is asked of X and changes nothing: timelines, mentions, the list of the blocked, who we are. Newest first, page by page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import msgspec

from daemon.release.http import cleaned
from daemon.release.jobs import LONGEST, Ask, Heard, Held, Listed, Told, moment
from daemon.release.x.access import Access, user_of
from daemon.release.x.acts import url_of
from daemon.release.x.problems import SOON, Refusal
from daemon.release.x.seen import FIELDS, Seen, seen, shown

PAGE, SMALLEST = 100, 5
"""Posts of a page, at the most and at the least."""
USERS = 1000
ENOUGH = 2.0
"""Seconds that have to be left for another page."""
LARGEST = LONGEST >> 1
"""Bytes of posts or users that are told at once: what is more is left for the platform's own screen, and said to be."""
LONGEST_TEXT = 20_000
"""Characters of a post that are told: as many as a comment may have (`intake.comments`)."""
AHEAD = 86_400.0
"""Seconds by which a post may be of the future: X's clock, or ours. One beyond that would hide all that come until then from the next reading."""

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
    rows, size, whole = 0, 0, True
    try:
        for posts, said in pages:
            people = _people(said)
            rows += len(posts) + included(said)
            found = [post for one in posts if (post := seen(one)) is not None and post.at < time.time() + AHEAD]
            if posts and not found:
                raise _odd()
            if ask.what == "posts":
                found, people = [post._replace(author=me.number) for post in found], {me.number: (me.handle, me.name)}
            for post in found:
                one = _heard(post, people)
                size += len(msgspec.json.encode(one))
                if size > LARGEST:
                    return Told(job=ask.id, ok=True, heard=tuple(heard[: ask.most]), whole=False, rows=rows)
                heard.append(one)
            more = _next(said) is not None
            if len(heard) >= ask.most or (more and access.until - moment() < ENOUGH):
                whole = not more and len(heard) <= ask.most
                break
    except (Held, Refusal) as error:
        return _not_told(ask, error, rows)
    return Told(job=ask.id, ok=True, heard=tuple(heard[: ask.most]), whole=whole, rows=rows)


def _blocked(ask: Ask, access: Access) -> Told:
    listed: list[Listed] = []
    rows, size, whole = 0, 0, True
    query: dict[str, str | int] = {"max_results": USERS, "user.fields": "username"}
    pages = _pages(access, f"/2/users/{access.own().number}/blocking", query)
    try:
        for users, said in pages:
            rows += len(users)
            new = [Listed(number=me.number, handle=me.handle) for user in users if (me := user_of(user)) is not None]
            if users and not new:
                raise _odd()
            listed, size = listed + new, size + len(msgspec.json.encode(new))
            if _next(said) is not None and (size > LARGEST or access.until - moment() < ENOUGH):
                whole = False
                break
    except (Held, Refusal) as error:
        return _not_told(ask, error, rows)
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


def _not_told(ask: Ask, error: Held | Refusal, rows: int) -> Told:
    """A later page did not come: nothing is told, but those that came were paid for."""
    held = error.held if isinstance(error, Refusal) else error
    return Told(job=ask.id, ok=False, why=held.why, why_en=held.why_en, again_at=held.again_at, rows=rows)


def _odd() -> Held:
    """Something is there that is none of what was asked for: it must not pass for nothing new."""
    return Held("prevented", "X の答えが読めません", "X's answer cannot be read", again_at=time.time() + SOON)


def included(said: dict[str, Any]) -> int:
    """How many posts came along, to which those of a page refer: they may be charged for like any."""
    includes = said.get("includes")
    posts = includes.get("posts") if isinstance(includes, dict) else None
    return len(posts) if isinstance(posts, list) else 0


def _people(said: dict[str, Any]) -> dict[str, tuple[str, str]]:
    includes = said.get("includes")
    users = includes.get("users") if isinstance(includes, dict) else None
    found = {}
    for user in users if isinstance(users, list) else ():
        if (one := user_of(user)) is not None:
            found[one.number] = one.handle, one.name
    return found


def _heard(post: Seen, people: dict[str, tuple[str, str]]) -> Heard:
    username, name = people.get(post.author, ("", ""))
    return Heard(
        number=post.number,
        author=post.author,
        handle=username,
        name=name,
        text=shown(post)[:LONGEST_TEXT],
        at=post.at,
        url=url_of(username or "i", post.number),
        conversation=post.conversation,
        answers=post.answers,
    )
