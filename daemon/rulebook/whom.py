"""Whom a draft waits for, in English: posts by the names that the office gives them (`[office.titles_en]`), our own words by ours, and all else,
people's names above all, as it stands. Nothing is lost: what has no English stays Japanese.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_OURS: Mapping[str, str] = {
    "広報番": "Kohoban",
    "担当者": "a clerk",
    "管理者": "a manager",
    "作成者": "the author",
    "発信カードを持つ人": "whoever holds the release card",
    "入力した人と作成者以外の担当者": "a clerk other than whoever entered it and the author",
}
_ASIDE: Mapping[str, str] = {
    "名簿に該当者なし": "nobody on the register",
    "ほかに該当者なし": "nobody else",
    "作成者のほかに承認できる人がいません": "nobody but the author may approve it",
    "作成者と、承認した人のほかに承認できる人がいません": "nobody but the author and those who have approved it may",
}
_DEPUTY = "代決 "


def in_english(who: str, titles: Mapping[str, str]) -> str:
    """`who` of such a line; empty where every word of it would stay as it is."""
    said = " or ".join(_one(each, titles) for each in who.split(" または "))
    return "" if said == who else said


def _one(who: str, titles: Mapping[str, str]) -> str:
    head, aside, names = who.partition("（")
    said = ", ".join(_post(post, titles) for post in _posts(head, tuple(titles)))
    return f"{said} ({_people(names.removesuffix('）'))})" if aside else said


def _posts(head: str, known: tuple[str, ...]) -> list[str]:
    """The posts of a list; one of them may have the sign in its own name that stands between two."""
    names = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    return re.findall(rf"(?:{names})(?=[・、]|$)|[^・、]+" if names else "[^・、]+", head)


def _post(post: str, titles: Mapping[str, str]) -> str:
    if known := titles.get(post) or _OURS.get(post):
        return known
    for end, word in (("の課長", "the chief of"), ("の担当者", "a clerk of")):
        if post.endswith(end) and post != end:
            return f"{word} {post.removesuffix(end)}"
    return post


def _people(names: str) -> str:
    if names in _ASIDE:
        return _ASIDE[names]
    return ", ".join(f"deputy {name.removeprefix(_DEPUTY)}" if name.startswith(_DEPUTY) else name for name in names.split("、"))
