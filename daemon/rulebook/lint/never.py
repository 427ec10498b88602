"""Rules that can never fire, whatever anybody writes: what they look at does not exist where they look."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.rulebook.item import OF_IMAGES
from daemon.rulebook.model import Kinds, Pattern, Platform, Problem, Required
from daemon.rulebook.parse import Written
from daemon.rulebook.platforms import CANNOT


def check_never(written: Written, platforms: tuple[Platform, ...]) -> Iterator[Problem]:
    """What keeps a rule from ever firing. (What a word's own exceptions do to it, `kohoban policy test` finds.)"""
    rule = written.rule
    where = rule.when.platforms or platforms
    own = rule.kinds if isinstance(rule, Kinds) else ()
    for key, kinds in (("when", rule.when.kinds), ("kinds", own)):
        if kinds and where and all(kind in CANNOT.get(platform, ()) for kind in kinds for platform in where):
            there, what = "、".join(where), "、".join(kinds)
            yield _warn(written, key, f"媒体 {there} に {what} はありません。", f"{there} knows no {what}.")
    if own and rule.when.kinds and not set(own) & set(rule.when.kinds):
        yield _warn(
            written,
            "when",
            "kinds と when の kinds に同じものがありません。",
            "its kinds and those of its `when` have none in common.",
        )
    if isinstance(rule, Required) and rule.when.images is False and set(rule.fields) <= set(OF_IMAGES):
        yield _warn(
            written,
            "when",
            "画像のない下書きに、画像の項目は求められません。",
            "a draft without images has none of their fields.",
        )
    if isinstance(rule, Pattern) and rule.any and set(rule.any) <= set(rule.unless):
        yield _warn(written, "unless", "any のすべてを unless が除きます。", "its `unless` takes away all of its `any`.")


def _warn(written: Written, key: str, why: str, why_en: str) -> Problem:
    return written.problem(key, f"決して当たりません。{why}", f"it can never fire: {why_en}", warning=True)
