"""What can be wrong with one rule by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from daemon.rulebook.model import Approvers, Detector, Handle, Hours, Kinds, Pattern, Problem, Required, Topics, Words
from daemon.rulebook.parse import Written
from daemon.rulebook.phrases import trouble_with
from daemon.rulebook.shape import suggest

DETECTORS: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "blanks": {},
    "weekday": {},
    "length": {},
    "drill": {},
    "invisible": {},
    "mention": {},
    "past": {},
    "duplicate": {"similarity": (int, float), "contained": (int, float), "hours": (int, float)},
    "burst": {"count": int, "minutes": (int, float)},
    "reading": {"codes": tuple},
}
"""The detectors that a rule may name, with the options of each."""

READING_CODES = ("encoding", "front-matter", "too-large", "empty", "nul", "surrogate", "unknown-key", "unreadable")
"""The troubles that reading a draft may meet (`item.Trouble.code`)."""

FIELDS = (
    "author",
    "topic",
    "emergency",
    "release_at",
    "organiser",
    "source",
    "purpose",
    "reference",
    "target",
    "poll",
    "images",
    "alt",
    "rights",
    "consent",
)
"""The front-matter fields that a rule may require: `emergency` to be answered, true or false; `alt`, `rights` and `consent` of every
image."""

_DRAFT_LEVELS = ("block", "hold", "warn", "info")
_COMMENT_LEVELS = ("act", "look")
_OF_A_TEXT = (Words, Pattern, Detector)
"""Rules that a comment can meet: a comment has no front matter, no hours and no approvers."""
_OF_A_DRAFT = ("past", "duplicate", "burst", "reading")
"""Detectors that look at a draft's moment, its neighbours or its file."""
_SPEAKS_ITSELF = (Detector, Hours, Handle, Approvers)
"""Rules that may leave `message` empty: what there is to say depends on the case, and the judge says it."""


def check_rule(written: Written) -> Iterator[Problem]:
    """Every problem that this rule has without regard to its policy."""
    yield from _check_common(written)
    check = _CHECKS.get(type(written.rule))
    if check:
        yield from check(written, written.rule)


def _check_common(written: Written) -> Iterator[Problem]:
    rule = written.rule
    if not rule.id.strip():
        yield written.problem("id", "id が空です。", "its id is empty.")
    levels = _DRAFT_LEVELS if rule.on == "draft" else _COMMENT_LEVELS
    if rule.level not in levels:
        allowed = "、".join(levels)
        yield written.problem(
            "level", f'on = "{rule.on}" の level は {allowed} です。', f"a rule on a {rule.on} has one of the levels {allowed}."
        )
    drafts_only = not isinstance(rule, _OF_A_TEXT) or (isinstance(rule, Detector) and rule.name in _OF_A_DRAFT)
    if rule.on == "comment" and drafts_only:
        yield written.problem(
            "on",
            'on = "comment" にできるのは words、pattern と、文だけを見る detector の規則です。',
            "only words, patterns and detectors of the text alone can look at comments.",
        )
    yield from _check_patterns(written, "when", rule.when.text)
    if rule.lift and rule.level != "hold":
        yield written.problem("lift", 'lift は level = "hold" の規則だけのものです。', "only a hold can be lifted.")
    silent = not rule.message and not rule.message_en
    if (silent and not isinstance(rule, _SPEAKS_ITSELF)) or bool(rule.message) != bool(rule.message_en):
        missing = "message_en" if rule.message else "message"
        yield written.problem(
            missing,
            f"{missing} がありません（日本語と英語の両方が要ります）。",
            f"{missing} is missing (both languages are needed).",
        )


def _check_words(written: Written, rule: Words) -> Iterator[Problem]:
    if not rule.lists and not rule.terms:
        yield written.problem(
            "terms", "語がありません（terms か lists を書いてください）。", "it has no words: give terms or lists."
        )
    if any(not term.strip() for term in rule.terms):
        yield written.problem(
            "terms", "空の語があります。どの文にも当たってしまいます。", "it holds an empty term, which every text contains."
        )
    yield from _check_patterns(written, "unless", rule.unless)


def _check_pattern(written: Written, rule: Pattern) -> Iterator[Problem]:
    if not rule.any:
        yield written.problem("any", "パターンがありません。", "it has no pattern.")
    yield from _check_patterns(written, "any", rule.any)
    yield from _check_patterns(written, "unless", rule.unless)


def _check_patterns(written: Written, key: str, patterns: tuple[str, ...]) -> Iterator[Problem]:
    for pattern in patterns:
        if trouble := trouble_with(pattern):
            yield written.problem(key, f"{key}「{pattern[:60]}」{trouble[0]}", f"{key} '{pattern[:60]}'{trouble[1]}")


def _check_detector(written: Written, rule: Detector) -> Iterator[Problem]:
    options = DETECTORS.get(rule.name)
    if options is None:
        what, what_en = suggest(rule.name, DETECTORS)
        yield written.problem(
            "name", f"検出器「{rule.name}」はありません。{what}", f"there is no detector '{rule.name}'. {what_en}"
        )
        return
    for key, value in rule.options.items():
        if key not in options:
            known = "、".join(options) or "—"
            yield written.problem(
                "options",
                f"検出器 {rule.name} に「{key}」はありません（{known}）。",
                f"detector {rule.name} has no option '{key}' ({known}).",
            )
        elif not _fits(value, options[key]):
            yield written.problem(
                "options", f"{key} の値「{value}」が合いません。", f"the value '{value}' of {key} does not fit."
            )
    codes = rule.options.get("codes")
    for code in codes if isinstance(codes, tuple) else ():
        if code not in READING_CODES:
            what, what_en = suggest(code, READING_CODES)
            yield written.problem(
                "options",
                f"「{code}」という読み取りの問題はありません。{what}",
                f"there is no reading trouble '{code}'. {what_en}",
            )


def _fits(value: object, kind: type | tuple[type, ...]) -> bool:
    return (
        isinstance(value, kind)
        and not isinstance(value, bool)
        and value != ()
        and (not isinstance(value, int | float) or value > 0)
    )


def _check_required(written: Written, rule: Required) -> Iterator[Problem]:
    yield from _not_empty(written, "fields", rule.fields)
    for name in rule.fields:
        if name not in FIELDS:
            what, what_en = suggest(name, FIELDS)
            yield written.problem(
                "fields", f"項目「{name}」を必須にはできません。{what}", f"'{name}' cannot be required. {what_en}"
            )


def _check_kinds(written: Written, rule: Kinds) -> Iterator[Problem]:
    yield from _not_empty(written, "kinds", rule.kinds)


def _check_topics(written: Written, rule: Topics) -> Iterator[Problem]:
    yield from _not_empty(written, "topics", rule.topics)


def _check_approvers(written: Written, rule: Approvers) -> Iterator[Problem]:
    yield from _not_empty(written, "titles", rule.titles)
    if rule.persons < 1:
        yield written.problem("persons", "persons は1以上です。", "persons is at least 1.")


def _not_empty(written: Written, key: str, values: tuple[str, ...]) -> Iterator[Problem]:
    if not values or any(not value.strip() for value in values):
        yield written.problem(key, f"{key} が空か、空の値を含みます。", f"{key} is empty or holds an empty value.")


def _check_hours(written: Written, rule: Hours) -> Iterator[Problem]:
    for key, moment in (("open", rule.open), ("close", rule.close)):
        if moment.tzinfo or moment.second or moment.microsecond:
            yield written.problem(
                key,
                f"{key} は分まで、日本時間で書いてください（09:00:00）。",
                f"write {key} to the minute, without a zone (09:00:00).",
            )
            return
    if rule.open >= rule.close:
        yield written.problem("close", "close が open より後ではありません。", "close is not later than open.")
    for day in rule.closed:
        if not _is_month_day(day):
            yield written.problem(
                "closed", f"「{day}」は月日ではありません（12-29 のように）。", f"'{day}' is no month and day (as in 12-29)."
            )


def _is_month_day(day: str) -> bool:
    try:
        date.fromisoformat(f"2000-{day}")  # a leap year: 02-29 is a day
    except ValueError:
        return False
    return len(day) == 5


_CHECKS: Mapping[type, Callable[[Written, Any], Iterator[Problem]]] = {
    Words: _check_words,
    Pattern: _check_pattern,
    Detector: _check_detector,
    Required: _check_required,
    Kinds: _check_kinds,
    Topics: _check_topics,
    Approvers: _check_approvers,
    Hours: _check_hours,
}
