"""What became of a job that nobody has in hand any more: the account's own timeline, or the thing itself, says so, or nothing does.

Nothing is guessed. What is found settles it, what is not found settles nothing: a post may come to a timeline late.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime

from daemon.release.channel import Became
from daemon.release.jobs import Held, Look
from daemon.release.x.access import Access
from daemon.release.x.acts import post_number, text_of, url_of
from daemon.release.x.asking import PAGE, included, timeline
from daemon.release.x.problems import Refusal
from daemon.release.x.seen import Seen, says, seen

PAGES = 5
"""Pages of a timeline that are looked through: what went out since a job began is on the first."""
OLDEST = 7 * 86_400.0


def became(look: Look, access: Access) -> Became:
    """What became of it. Raises Held where that cannot be told now."""
    try:
        match look.kind:
            case "post" | "poll" | "reply" | "correction" | "repost":
                place = _out(look, access)
                return Became("released", place) if place else _unsettled(look)
            case "delete" | "hide":
                return _gone(look, access)
            case "mute" | "unmute":
                return _muted(look, access)
    except Refusal as refusal:
        raise refusal.held from None
    return _unsettled(look)


def there(look: Look, access: Access) -> str | None:
    """The address of the post that an earlier try has become; None where there is none to be seen. Raises Held."""
    try:
        return _out(look, access)
    except Refusal as refusal:
        raise refusal.held from None


def twin(look: Look, access: Access) -> str:
    """Where the post is that X calls the same, if it is this job's or an earlier try's. Raises Held: `failed` where only an older post has
    the same words, `unknown` where nothing can be seen."""
    try:
        place = _out(look, access)
        if place is None and (older := _out(look, access, since=look.since - OLDEST, before=look.since)) is not None:
            raise Held(
                "failed",
                f"X に同じ内容の以前の投稿があるため断られました（{older}）。文面を変えてください",
                f"X refused it, as an earlier post has the same words ({older}): word it differently",
            )
    except Refusal as refusal:
        place, held = None, refusal.held
        raise _said_to_be_out(f"。{held.why}", f". {held.why_en}") from None
    except Held as held:
        if held.outcome == "failed":
            raise
        raise _said_to_be_out(f"。{held.why}", f". {held.why_en}") from None
    if place is None:
        raise _said_to_be_out("", "")
    return place


def _said_to_be_out(more: str, more_en: str) -> Held:
    return Held(
        "unknown",
        f"X は同じ内容の投稿があると言いますが、タイムラインに見えません。出ていると思われます{more}",
        f"X says that the same words are there already, and the timeline does not show them: it seems to be out{more_en}",
    )


def _out(look: Look, access: Access, *, since: float | None = None, before: float = math.inf) -> str | None:
    """The address of the first post since then that is what the job would have become; None where there is none (yet)."""
    since = look.since if since is None else since
    begin = datetime.fromtimestamp(math.floor(since), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    first: Seen | None = None
    pages = timeline(access, access.number(), max_results=PAGE, start_time=begin)
    for _, (posts, said) in zip(range(PAGES), pages, strict=False):
        access.read["posts"] += len(posts) + included(said)
        for post in map(seen, posts):
            if post is not None and math.floor(since) <= post.at < before and _is(look, post):
                first = post
    return None if first is None else url_of(access.handle, first.number)


def _is(look: Look, post: Seen) -> bool:
    if look.kind == "repost":
        return post.reposts == post_number(look.target)
    if post.reposts or post.poll != (look.kind == "poll"):
        return False
    if look.images is not None and bool(post.media) != bool(look.images):
        return False
    if look.kind == "reply" and post.answers != post_number(look.target):
        return False
    return says(post, text_of(look.body))


def _gone(look: Look, access: Access) -> Became:
    """A post that is not there any more is deleted, and hidden for everybody. One that is there may be just being so."""
    number = post_number(look.target, bare=look.kind == "hide")
    try:
        access.asked("GET", f"/2/tweets/{number}")
        access.read["one_post"] += 1
    except Refusal as refusal:
        if refusal.kind == "gone":
            return Became("released", url_of(access.handle if look.kind == "delete" else "i", number))
        raise
    return _unsettled(look)


def _muted(look: Look, access: Access) -> Became:
    query: dict[str, str | int] = {"max_results": 1000}
    said = access.asked("GET", f"/2/users/{access.number()}/muting", query=query)
    data, meta = said.get("data"), said.get("meta")
    access.read["muting"] += len(data) if isinstance(data, list) else 0
    muted = {user.get("id") for user in data if isinstance(user, dict)} if isinstance(data, list) else set()
    there, whole = look.target.strip() in muted, not (isinstance(meta, dict) and meta.get("next_token"))
    if there if look.kind == "mute" else (whole and not there):
        return Became("released")
    return _unsettled(look)


def _unsettled(look: Look) -> Became:
    if look.kind in ("hide", "unhide"):
        why = "X は返信が非表示かどうかを教えません。X で確かめてください（もう一度行っても害はありません）"
        return Became(
            "unknown", why=why, why_en="X does not tell whether a reply is hidden: see there (to do it again does no harm)"
        )
    why = "X に見当たりません。遅れて現れることがあります"
    why_en = "it is not to be seen on X; it may still appear"
    return Became("unknown", why=why, why_en=why_en)
