"""What a platform cannot do, said before a person tries: polls, media, alternative texts, kinds of act.

Every figure stands with its source. What is not known of a platform is not said of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from daemon.rulebook.item import Item, Kind
from daemon.rulebook.model import Platform
from daemon.rulebook.platforms import CANNOT, NAMES
from daemon.screening.hit import Hit


class PollRules(NamedTuple):
    """How many options a poll has, how many characters one has, and for how many minutes it runs."""

    fewest: int
    most: int
    longest: int
    minutes: tuple[int, int] = (0, 0)
    """(0, 0): the author does not choose."""
    with_images: bool = False


POLLS: Mapping[Platform, PollRules | None] = {
    "x": PollRules(2, 4, 25, minutes=(5, 10_080)),  # X API v2, POST /2/tweets: poll.options, duration_minutes; no media
    "threads": PollRules(2, 4, 25),  # Threads API, poll_attachment: options a to d, 24 hours
    "youtube": PollRules(2, 5, 65, with_images=True),  # YouTube help, community posts
    "facebook": None,  # Facebook help: pages have no polls in posts
    "bluesky": None,  # app.bsky.feed.post: no such embed
    "tiktok": None,  # Content Posting API: video and photo posts only
    "instagram": None,  # Instagram help: polls are stickers of stories, not of posts
}
"""What is known of polls; None: there are none."""

IMAGES: Mapping[Platform, int] = {
    "x": 4,  # X API v2, POST /2/tweets: media.media_ids 1 to 4
    "line": 4,  # LINE Messaging API: five message objects a request, of which the text is one
    "instagram": 10,  # Instagram Graph API, content publishing: children of a carousel
    "threads": 20,  # Threads API: children of a carousel
    "bluesky": 4,  # app.bsky.embed.images: at most four
    "tiktok": 35,  # Content Posting API: photo_images
}
"""Images of one post at most."""

LONGEST_ALT: Mapping[Platform, int] = {"x": 1_000}  # X API v2, POST /2/media/metadata: alt_text.text
"""Characters of an alternative text."""

_KINDS: Mapping[Kind, tuple[str, str]] = {
    "follow": ("フォロー", "following"),
    "repost": ("リポスト", "reposting"),
    "quote": ("引用", "quoting"),
    "like": ("いいね", "liking"),
}


def check_platform(item: Item, platforms: tuple[Platform, ...]) -> Iterator[Hit]:
    """What cannot be done on the platform of the item; where several are possible, what can be done on none of them."""
    found = [[*_refused(item, platform)] for platform in platforms]
    if not all(found):
        return
    for said in dict.fromkeys(hit for each in found for hit in each):
        yield Hit(0, 0, message=said[0], message_en=said[1])


def _refused(item: Item, platform: Platform) -> Iterator[tuple[str, str]]:
    name = NAMES[platform]
    if item.kind in CANNOT.get(platform, ()):
        what, what_en = _KINDS[item.kind]
        yield (
            f"{name}では{what}はできません。取り下げるか、種別を直してください。",
            f"{name} knows no {what_en}. Withdraw it, or set another kind.",
        )
    if item.poll is not None and platform in POLLS:
        yield from _poll(item, name, POLLS[platform])
    elif item.kind == "poll" and item.poll is None:
        yield (
            "投票ですが、選択肢がありません。前書きの poll に options を書くか、種別を直してください。",
            "This is a poll without options. Write `options` under `poll` in the front matter, or set another kind.",
        )
    count = len(item.images)
    if platform in IMAGES and count > IMAGES[platform]:
        yield (
            f"画像が{count}点あります。{name}では1件に{IMAGES[platform]}点までです。減らすか、分けてください。",
            f"There are {count} images; {name} takes {IMAGES[platform]} a post. Leave some out, or divide it.",
        )
    longest = LONGEST_ALT.get(platform, 0)
    for image in item.images:
        if longest and len(image.alt) > longest:
            yield (
                f"{image.file} の代替文（alt）が{len(image.alt)}字あります。{name}では{longest}字までです。短くしてください。",
                f"The alternative text of {image.file} has {len(image.alt)} characters; {name} takes {longest}. Shorten it.",
            )


def _poll(item: Item, name: str, rules: PollRules | None) -> Iterator[tuple[str, str]]:
    poll = item.poll
    assert poll is not None
    if rules is None:
        yield (
            f"{name}の投稿には投票を付けられません。前書きの poll を消すか、別の方法で尋ねてください。",
            f"Posts on {name} have no polls. Take `poll` away, or ask in another way.",
        )
        return
    count = len(poll.options)
    if not rules.fewest <= count <= rules.most:
        yield (
            f"投票の選択肢が{count}個です。{name}では{rules.fewest}〜{rules.most}個です。",
            f"The poll has {count} options; {name} takes {rules.fewest} to {rules.most}.",
        )
    for option in poll.options:
        if not option.strip():
            yield "空の選択肢があります。文を入れるか、消してください。", "One option is empty: fill it in, or take it away."
        elif (length := len(option)) > rules.longest:
            yield (
                f"選択肢「{option[:40]}」が{length}字あります。{name}では{rules.longest}字までです。短くしてください。",
                f"The option “{option[:40]}” has {length} characters; {name} takes {rules.longest}. Shorten it.",
            )
    if len(set(map(str.strip, poll.options))) < count:
        yield "同じ選択肢が二つ以上あります。", "Two of the options are the same."
    least, most = rules.minutes
    if most and not least <= poll.minutes <= most:
        yield (
            f"投票の期間が{poll.minutes}分です。{name}では{least}分〜{most}分（{most // 1440}日）です。",
            f"The poll runs {poll.minutes} minutes; {name} takes {least} to {most}.",
        )
    if item.images and not rules.with_images:
        yield (
            f"{name}では、投票と画像を一つの投稿に付けられません。どちらかにしてください。",
            f"{name} takes a poll or images in one post, not both.",
        )
