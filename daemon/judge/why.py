"""The sentences of an explanation: why a rule does not look at an item, and what it looked for in vain. Japanese, and its English twin."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from daemon.rulebook.model import (
    Approvers,
    Author,
    Detector,
    Handle,
    Hours,
    Kinds,
    Pattern,
    Required,
    Rule,
    Said,
    Topics,
    When,
    Words,
)
from daemon.screening.hit import Facts

Twin = tuple[str, str]
"""A sentence in Japanese and in English."""

_QUOTED = 60
"""Characters of a pattern that are shown."""


def not_concerned(when: When, key: str, facts: Facts) -> Twin:
    """That this key of a rule's `when` does not fit the item: what it wants, and what there is."""
    wanted, there = _WANTED[key](when), _THERE[key](facts)
    if key == "text":
        return (
            "文に、この規則の前提となる言い回しがありません。",
            "the text has none of the wordings that it is conditional on.",
        )
    return (
        f"{_NAMES[key][0]}が {wanted} のものだけを見ます（この項目: {there}）。",
        f"it looks only at {_NAMES[key][1]} {wanted} (here: {there}).",
    )


_NAMES: Mapping[str, Twin] = {
    "kinds": ("種別", "kind"),
    "topics": ("分野", "topic"),
    "platforms": ("媒体", "platform"),
    "emergency": ("emergency", "emergency ="),
    "images": ("画像", "images ="),
    "text": ("文", "the text"),
    "since": ("日", "days since"),
    "until": ("日", "days until"),
    "season": ("季節", "the season"),
    "accounts": ("アカウント", "account"),
    "units": ("部署", "unit"),
    "irreversible": ("irreversible", "irreversible ="),
}
_WANTED: Mapping[str, Callable[[When], str]] = {
    "kinds": lambda when: "・".join(when.kinds),
    "topics": lambda when: "・".join(when.topics),
    "platforms": lambda when: "・".join(when.platforms),
    "emergency": lambda when: _truth(when.emergency),
    "images": lambda when: _truth(when.images),
    "text": lambda when: "",
    "since": lambda when: f"{when.since}〜",
    "until": lambda when: f"〜{when.until}",
    "season": lambda when: "〜".join(when.season),
    "accounts": lambda when: "・".join(when.accounts),
    "units": lambda when: "・".join(when.units),
    "irreversible": lambda when: _truth(when.irreversible),
}
_THERE: Mapping[str, Callable[[Facts], str]] = {
    "kinds": lambda facts: facts.item.kind,
    "topics": lambda facts: facts.topic or "-",
    "platforms": lambda facts: "・".join(facts.platforms) or "-",
    "emergency": lambda facts: _truth(facts.item.emergency),
    "images": lambda facts: _truth(bool(facts.item.images)),
    "text": lambda facts: "",
    "since": lambda facts: str(facts.today),
    "until": lambda facts: str(facts.today),
    "season": lambda facts: str(facts.today),
    "accounts": lambda facts: facts.account or "-",
    "units": lambda facts: facts.unit or "-",
    "irreversible": lambda facts: _truth(facts.irreversible),
}


def _truth(value: object) -> str:
    return str(value).lower()


def excused_by(words: str, patterns: tuple[str, ...]) -> Twin:
    """That a hit lies inside what the rule lets pass."""
    shown = "、".join(f"「{_short(each)}」" for each in patterns)
    shown_en = ", ".join(f"“{_short(each)}”" for each in patterns)
    return (
        f"「{_short(words)}」は、許す言い回し（unless）{shown} の中にあります。",
        f"“{_short(words)}” lies inside what it lets pass (unless): {shown_en}.",
    )


def off_boundary(words: str) -> Twin:
    """That a hit is a part of another word."""
    return (
        f"「{_short(words)}」は別の語の一部です（語の境目に当たりません）。",
        f"“{_short(words)}” is a part of another word (it does not stand at word boundaries).",
    )


def in_vain(rule: Rule) -> Twin:
    """What a rule that looked at the item looked for and did not find."""
    match rule:
        case Words():
            return f"{len(set(rule.terms))}語のどれもありません。", f"none of its {len(set(rule.terms))} words is there."
        case Pattern():
            return f"{len(rule.any)}個のパターンのどれにも当たりません。", f"none of its {len(rule.any)} patterns is found."
        case Said():
            return "書くべきことが書かれています。", "what has to be said is said."
        case Detector():
            return f"検出器 {rule.name} は何も見つけませんでした。", f"the detector {rule.name} found nothing."
        case Required():
            fields = "、".join(rule.fields)
            return f"前書きの {fields} は書かれています。", f"the front matter has {fields}."
        case Kinds():
            kinds = "・".join(rule.kinds)
            return f"認めない種別（{kinds}）ではありません。", f"it is none of the kinds {kinds}."
        case Topics():
            return "分野は要綱の表のとおりです。", "its topic is one of those that the policy names."
        case Hours():
            return (
                "運用時間内か、別の運用時間の規則が当たります。",
                "it is within the hours, or other hours count.",
            )
        case Author():
            return "作成者は名簿で確かめられます。", "the author stands on the register as it asks."
        case Handle():
            return "アカウントは要綱の示すものです。", "the account is the published one."
        case _:
            return "", ""


def asks_for(rule: Approvers) -> Twin:
    """Whom a line of the approver table asks for."""
    titles = "、".join(rule.titles)
    return f"承認を求めます: {titles}", f"asks for the approval of {titles}."


def not_asked(rule: Rule, on: str, content_only: bool) -> Twin:
    """Why a rule was not asked at all."""
    if rule.on != on:
        return (
            ("コメントのための規則です。", "it is a rule on comments.")
            if rule.on == "comment"
            else ("下書きのための規則です。", "it is a rule on drafts.")
        )
    if content_only:
        return "文だけの判定では見ません。", "it is not asked where the text alone is judged."
    return (
        "アカウントや端末、これまでの発信が分かるときだけ働きます。",
        "it works only where the account, the terminal or earlier releases are known.",
    )


def _short(words: str) -> str:
    return words if len(words) <= _QUOTED else f"{words[:_QUOTED]}…"
