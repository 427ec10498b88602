"""What can be wrong with one rule by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.lint.examples import check_examples
from daemon.rulebook.lint.moderation import check_powers, check_unwatched
from daemon.rulebook.model import (
    Approvers,
    Author,
    Detector,
    FanOut,
    Handle,
    Hours,
    Kinds,
    Pattern,
    Powers,
    Problem,
    Required,
    Said,
    Span,
    Terminals,
    Topics,
    Unwatched,
    When,
    Words,
)
from daemon.rulebook.parse import Written
from daemon.rulebook.phrases import trouble_with
from daemon.rulebook.platforms import NAMES
from daemon.rulebook.published import is_address
from daemon.rulebook.season import is_season
from daemon.rulebook.shape import suggest

DETECTORS: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "blanks": {},
    "weekday": {},
    "length": {"most": int},
    "drill": {},
    "invisible": {},
    "mention": {},
    "past": {},
    "duplicate": {"similarity": (int, float), "contained": (int, float), "hours": (int, float), "deleted_days": (int, float)},
    "burst": {"count": int, "minutes": (int, float), "per": str},
    "unrecorded": {},
    "reading": {"codes": tuple},
    "time": {},
    "midnight": {},
    "mixed-script": {},
    "dependent": {},
    "phone": {"of": str},
    "mail": {"of": str},
    "address": {"of": str},
    "my-number": {},
    "card": {},
    "bank-account": {"of": str},
    "person": {},
    "exposed": {},
    "links": {"of": tuple, "hosts": tuple, "official": tuple, "trusted": tuple},
    "platform": {},
    "altered": {},
    "image-private": {"holds": tuple},
    "image-format": dict.fromkeys(NAMES, tuple),
    "image-size": dict.fromkeys([f"{p}{what}" for p in NAMES for what in ("", "_moving", "_film", "_frames")], int),
    "image-sound": {"wrong": tuple},
    "image-name": {},
    "image-codes": {},
}
"""The detectors that a rule may name, with the options of each."""

PERIODS = ("day", "week", "month")
"""The periods of the calendar in which releases are counted (`per` of `burst`); a week begins on Monday."""

REMEMBERED = 50
"""Releases of an account that the judge is given, and so the most that can be counted."""

LINK_CHECKS = ("shortened", "credentials", "secret", "ip", "look-alike", "mixed", "program", "http")
"""What `links` may look for (`of`)."""

WHOSE = ("private", "any", "announced")
"""Which numbers and addresses a rule means (`of` of `phone`, `mail`, `bank-account`)."""

READING_CODES = (
    "encoding",
    "front-matter",
    "too-large",
    "empty",
    "image-missing",
    "nul",
    "surrogate",
    "unknown-key",
    "unreadable",
    "office-file",
    "document-left",
    "document-list",
)
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

_WEEKDAY_OF_MONTH = lazy_pattern("(?:[1-5]|last )(?:mon|tue|wed|thu|fri|sat|sun)")

_DRAFT_LEVELS = ("block", "hold", "warn", "info")
_COMMENT_LEVELS = ("act", "look")
_OF_A_TEXT = (Words, Pattern, Detector, Powers, Unwatched)
"""Rules that a comment can meet: a comment has no front matter, no hours and no approvers."""
_OF_A_DRAFT = ("past", "duplicate", "burst", "unrecorded", "reading", "platform")
"""Detectors that look at a draft's moment, its neighbours, its file or its platform."""
_OF_A_COMMENT = ("altered",)
"""Detectors that hold a comment against our own posts."""
_SPEAKS_ITSELF = (FanOut, Detector, Hours, Handle, Terminals, Approvers, Powers, Unwatched)
"""Rules that may leave `message` empty: what there is to say depends on the case, and the judge says it."""


def check_rule(written: Written) -> Iterator[Problem]:
    """Every problem that this rule has without regard to its policy."""
    yield from _check_common(written)
    yield from check_examples(written)
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
            'on = "comment" にできるのは words、pattern、powers と、文だけを見る detector の規則です。',
            "only words, patterns, powers and detectors of the text alone can look at comments.",
        )
    yield from _check_patterns(written, "when", rule.when.text)
    if rule.when.season and not is_season(rule.when.season):
        message = 'season は毎年の初日と末日です（["04-01", "09-30"] のように）。'
        yield written.problem("when", message, 'season is a first and a last day of every year, as in ["04-01", "09-30"].')
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
    if not rule.any and not rule.lists:
        yield written.problem(
            "any", "パターンがありません（any か lists を書いてください）。", "it has no pattern: give any or lists."
        )
    yield from _check_patterns(written, "any", rule.any)
    yield from _check_patterns(written, "unless", rule.unless)


def _check_said(written: Written, rule: Said) -> Iterator[Problem]:
    yield from _not_empty(written, "any", rule.any)
    yield from _check_patterns(written, "any", rule.any)


def _check_patterns(written: Written, key: str, patterns: tuple[str, ...]) -> Iterator[Problem]:
    for pattern in () if written.source.vouched else patterns:
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
    yield from _check_burst(written, rule)
    yield from _check_of(written, rule)
    codes = rule.options.get("codes")
    for code in codes if isinstance(codes, tuple) else ():
        if code not in READING_CODES:
            what, what_en = suggest(code, READING_CODES)
            yield written.problem(
                "options",
                f"「{code}」という読み取りの問題はありません。{what}",
                f"there is no reading trouble '{code}'. {what_en}",
            )


def _check_of(written: Written, rule: Detector) -> Iterator[Problem]:
    """Which links, or whose numbers, a detector is to look for; and on whose texts."""
    meant = rule.options.get("of", ())
    known = LINK_CHECKS if rule.name == "links" else WHOSE
    for name in meant if isinstance(meant, tuple) else (meant,):
        if name not in known:
            what, what_en = suggest(str(name), known)
            message = f"of は {'、'.join(known)} のいずれかです。{what}"
            yield written.problem("options", message, f"of is one of {', '.join(known)}. {what_en}")
    if rule.name == "links" and not meant:
        yield written.problem("options", "of がありません（何を探すリンクか）。", "of is missing: which links to look for.")
    if rule.name in _OF_A_COMMENT and rule.on != "comment":
        message = f'検出器 {rule.name} は on = "comment" の規則だけのものです。'
        yield written.problem("on", message, f"detector {rule.name} looks at comments only.")


def _check_burst(written: Written, rule: Detector) -> Iterator[Problem]:
    per = rule.options.get("per")
    if isinstance(per, str) and per not in PERIODS:
        known = "、".join(PERIODS)
        yield written.problem("options", f"per は {known} のいずれかです。", f"per is one of {known}.")
    if per and "minutes" in rule.options:
        yield written.problem("options", "per と minutes は一方だけです。", "per or minutes, not both.")
    count = rule.options.get("count")
    if rule.name == "burst" and isinstance(count, int) and count > REMEMBERED:
        message = f"数えられるのは最近の {REMEMBERED} 件までです（count = {count} には届きません）。"
        message_en = f"only the last {REMEMBERED} releases are counted: {count} is never reached."
        yield written.problem("options", message, message_en, warning=True)


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


def _check_handle(written: Written, rule: Handle) -> Iterator[Problem]:
    if not rule.handles and not rule.names and not rule.urls:
        yield written.problem(
            "handles", "handles、names、urls のどれもありません。", "it publishes nothing: give handles, names or urls."
        )
    for url in rule.urls.values():
        if not is_address(url):
            yield written.problem("urls", f"「{url}」は https の URL ではありません。", f"'{url}' is no https address.")


def _check_terminals(written: Written, rule: Terminals) -> Iterator[Problem]:
    if rule.level != "hold":
        yield written.problem("level", 'terminals の level は "hold" です。', 'the level of a terminals rule is "hold".')
    if rule.when != When():
        yield written.problem(
            "when",
            "terminals に when は書けません（下書きでなく端末の規則です）。",
            "it knows no when: it is about terminals, not drafts.",
        )


def _check_topics(written: Written, rule: Topics) -> Iterator[Problem]:
    yield from _not_empty(written, "topics", rule.topics)


def _check_approvers(written: Written, rule: Approvers) -> Iterator[Problem]:
    yield from _not_empty(written, "titles", rule.titles)
    if rule.persons < 1:
        yield written.problem("persons", "persons は1以上です。", "persons is at least 1.")


def _check_author(written: Written, rule: Author) -> Iterator[Problem]:
    if rule.releases:
        yield from _not_empty(written, "units", rule.units)


def _not_empty(written: Written, key: str, values: tuple[str, ...]) -> Iterator[Problem]:
    if not values or any(not value.strip() for value in values):
        yield written.problem(key, f"{key} が空か、空の値を含みます。", f"{key} is empty or holds an empty value.")


def _check_hours(written: Written, rule: Hours) -> Iterator[Problem]:
    if rule.when.text or rule.when.phrases or rule.when.images is not None:
        message = (
            "運用時間は text、phrases、images では分けられません。分野（topics）、種別（kinds）か emergency で分けてください。"
        )
        message_en = "hours cannot be told apart by text, phrases or images: use topics, kinds or emergency."
        yield written.problem("when", message, message_en, warning=True)
    own = ("open", "close", Span(open=rule.open, close=rule.close, days=rule.days))
    for key, key_close, span in (own, *(("more", "more", each) for each in rule.more)):
        yield from _check_span(written, key, key_close, span)
    for day in rule.days_off:
        if not _is_day_off(day):
            yield written.problem(
                "closed",
                f"「{day}」は日ではありません（12-29、2026-11-27、3mon、last fri のように）。",
                f"'{day}' is no day (as in 12-29, 2026-11-27, 3mon, last fri).",
            )
    for minute in rule.minutes:
        if not 0 <= minute <= 59:
            yield written.problem("minutes", f"「{minute}」は0〜59の分ではありません。", f"{minute} is no minute of an hour.")


def _check_span(written: Written, key: str, key_close: str, span: Span) -> Iterator[Problem]:
    if any(moment.tzinfo or moment.second or moment.microsecond for moment in (span.open, span.close)):
        yield written.problem(
            key,
            f"{key} は分まで、日本時間で書いてください（09:00:00）。",
            f"write {key} to the minute, without a zone (09:00:00).",
        )
    elif span.open >= span.close:
        yield written.problem(key_close, "close が open より後ではありません。", "close is not later than open.")
    elif not span.days:
        yield written.problem("days", "days が空です。", "days is empty.")


def _is_day_off(day: str) -> bool:
    if _WEEKDAY_OF_MONTH.fullmatch(day):
        return True
    try:
        date.fromisoformat(f"2000-{day}" if len(day) == 5 else day)  # a leap year: 02-29 is a day
    except ValueError:
        return False
    return len(day) in (5, 10)


_CHECKS: Mapping[type, Callable[[Written, Any], Iterator[Problem]]] = {
    Words: _check_words,
    Pattern: _check_pattern,
    Powers: check_powers,
    Unwatched: check_unwatched,
    Said: _check_said,
    Detector: _check_detector,
    Required: _check_required,
    Kinds: _check_kinds,
    Topics: _check_topics,
    Handle: _check_handle,
    Terminals: _check_terminals,
    Approvers: _check_approvers,
    Author: _check_author,
    Hours: _check_hours,
}
