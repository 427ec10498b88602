"""The manual channel, where the wire is a person: what the release card asks of them, and whether the URL they bring back can be it."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

PLATFORM_NAMES = {
    "x": "X",
    "facebook": "Facebook",
    "line": "LINE",
    "instagram": "Instagram",
    "threads": "Threads",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "bluesky": "Bluesky",
}

_HOSTS = {
    "x": ("x.com", "twitter.com"),
    "facebook": ("facebook.com", "fb.com"),
    "line": ("line.me", "lin.ee", "line.biz"),
    "instagram": ("instagram.com",),
    "threads": ("threads.net", "threads.com"),
    "youtube": ("youtube.com", "youtu.be"),
    "tiktok": ("tiktok.com",),
    "bluesky": ("bsky.app",),
}
_NO_PAGE_NAME = frozenset(
    (
        "events",
        "groups",
        "hashtag",
        "media",
        "notes",
        "permalink.php",
        "pg",
        "people",
        "photo",
        "photo.php",
        "photos",
        "posts",
        "profile.php",
        "reel",
        "share",
        "story.php",
        "watch",
    )
)
"""First parts of a Facebook path that are not a page's name."""


class Problem(NamedTuple):
    """Why a URL cannot be that of the release, and what to do."""

    message: str
    message_en: str


def card_text(platform: str, handle: str, name: str) -> tuple[str, ...]:
    """The check-list of a release card, in the order in which a person goes through it. The policies that are carried out: the
    account guard (2018, a campaign on the disaster account), the exact text, the record of where it can be read."""
    where = PLATFORM_NAMES.get(platform, platform)
    return (
        f"投稿画面のアカウントが「{name}」（{_at(handle)}、{where}）であることを、画面の表示で確かめる",
        "本文を一字も変えずに貼り付ける（直したいときは投稿せず、下書きを直す）",
        "画像があるときは、順番と代替テキストを確かめて添付する",
        "投稿したら、自分の画面ではなく公開されたページで見えることを確かめる",
        "その URL を記録する（10分以内。過ぎると「不明」になる）",
    )


def delete_text(platform: str, handle: str, name: str, target: str) -> tuple[str, ...]:
    """The check-list for deleting one's own post (港区 7条2項5号): nothing is posted."""
    where = PLATFORM_NAMES.get(platform, platform)
    return (
        f"画面のアカウントが「{name}」（{_at(handle)}、{where}）であることを確かめる",
        f"削除する投稿を開き、本文を確かめる: {target}",
        "一度ネットワーク上に公開された情報は完全には削除できない（写しや引用は残る）。それでも削除するか、もう一度確かめる",
        "媒体の画面で削除する。下の文は投稿しない",
        "公開されたページで消えたことを確かめ、その投稿の URL を証拠として記録する（10分以内）",
    )


def delete_text_en(platform: str, handle: str, name: str, target: str) -> tuple[str, ...]:
    """The same check-list in English, line for line."""
    where = PLATFORM_NAMES.get(platform, platform)
    return (
        f"See on the screen that you are 「{name}」 ({_at(handle)} on {where})",
        f"Open the post to delete and read it: {target}",
        "What was once public cannot be fully deleted (copies and quotes remain): make sure once more that it is to go",
        "Delete it on the platform. The text below is not posted",
        "See on the public page that it is gone, and record the post's URL as the proof (within 10 minutes)",
    )


def card_text_en(platform: str, handle: str, name: str) -> tuple[str, ...]:
    """The same check-list in English, line for line."""
    where = PLATFORM_NAMES.get(platform, platform)
    return (
        f"See on the screen that you post as 「{name}」 ({_at(handle)} on {where})",
        "Paste the text without changing a character (to change it, do not post: edit the draft)",
        "Attach the images, if there are any, after checking their order and alternative texts",
        "See the post on its public page, not on your own screen",
        "Record its URL (within 10 minutes; after that the release is unknown)",
    )


def check_url(url: str, platform: str, handle: str) -> Problem | None:
    """Whether a URL can be a post of this account: the platform's own host and, where the URL shows one, the right handle.

    Returns None where it can be. X shows the handle in every URL, Facebook in most, LINE in none. Of a platform that this
    program does not know, any https address passes.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme != "https" or port not in (None, 443) or re.search(r"[\s\x00-\x1f\x7f]", url.strip()):
        return Problem(
            "URL として読めません。公開されたページを開き、https:// から始まる URL を貼り付けてください。",
            "That is no URL: open the published page and paste its address, from https:// on.",
        )
    hosts = _HOSTS.get(platform)
    where = PLATFORM_NAMES.get(platform, platform)
    if hosts is not None and not any(host == known or host.endswith(f".{known}") for known in hosts):
        return Problem(
            f"{where} の URL ではありません（{host}）。{where} で公開されたページの URL を貼り付けてください。",
            f"That is not an address of {where} ({host}): paste the one of the published page.",
        )
    path = [unquote(part) for part in parts.path.split("/") if part]
    if platform == "x":
        return _check_x(path, handle)
    if platform == "facebook":
        return _check_facebook(path, parts.query, handle)
    return None


def _check_x(path: list[str], handle: str) -> Problem | None:
    if len(path) < 3 or path[1] != "status" or not re.fullmatch(r"[0-9]{1,20}", path[2]):
        return Problem(
            f"投稿ひとつの URL ではありません。https://x.com/{handle.lstrip('@')}/status/… の形の URL を貼り付けてください。",
            f"That is not the address of one post: it looks like https://x.com/{handle.lstrip('@')}/status/…",
        )
    return None if _same(path[0], handle) else _other_account(path[0], handle)


def _check_facebook(path: list[str], query: str, handle: str) -> Problem | None:
    if not path or (len(path) < 2 and not query):
        return Problem(
            "投稿ひとつの URL ではありません。投稿の日時を押して開いたページの URL を貼り付けてください。",
            "That is not the address of one post: open the post by its date and paste that address.",
        )
    shows_page = path[0] not in _NO_PAGE_NAME and not path[0].isdigit()
    return _other_account(path[0], handle) if handle and shows_page and not _same(path[0], handle) else None


def _other_account(found: str, handle: str) -> Problem:
    return Problem(
        f"別のアカウント（{_at(found)}）の URL です。この下書きの投稿先は {_at(handle)} です。投稿先を誤ったときは、すぐ管理者に知らせてください。",
        f"That is an address of another account ({_at(found)}); this draft goes out as {_at(handle)}. "
        "If it went out on the wrong account, tell the manager at once.",
    )


def _same(found: str, handle: str) -> bool:
    return found.lstrip("@").casefold() == handle.lstrip("@").casefold()


def _at(handle: str) -> str:
    return f"@{handle.lstrip('@')}"
