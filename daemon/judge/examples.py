"""The examples beside the rules, run: each text against exactly its rule, within the whole policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from daemon.judge.explain import FIRED, Explained, explain
from daemon.judge.situation import Recent, Situation
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.example import Example, example_of
from daemon.rulebook.model import Account, Approvers, Detector, Pattern, Policy, Rule, Rulebook, Said, When, Words
from daemon.rulebook.season import holds_on
from daemon.screening.detectors import BODY, EVERYWHERE

_YEAR = 366
_NOON = time(12, 0)
_OF_PICTURES = "image-"
"""How the detectors begin that look into the bytes of images: no text shows them at work."""


class Tried(Struct, frozen=True, kw_only=True):
    """One example, and what came of it. `said` is what became of its rule."""

    policy: str
    rule: str
    clause: str
    wanted: Literal["fire", "pass"]
    text: str
    ok: bool
    said: Explained


def try_examples(policy: Policy, rulebook: Rulebook, now: datetime, *, rule: str = "") -> tuple[Tried, ...]:
    """Run every example of a policy, or those of one rule, in the order of its file. The policy counts as in force, whatever its day."""
    always = replace(policy, versions=(replace(policy.version, from_=None),))
    book = replace(rulebook, policies={**rulebook.policies, policy.id: always})
    return tuple(_tried(one, always, book, now) for one in _examples(always) if rule in ("", one[0].id))


def without_examples(policy: Policy) -> tuple[str, ...]:
    """The rules that look at a text, and lack an example at which they fire, or one that they let pass."""
    return tuple(rule.id for rule in policy.rules if _reads_text(rule) and not (rule.must_fire and rule.must_pass))


def _reads_text(rule: Rule) -> bool:
    if isinstance(rule, Detector):
        return (rule.name in BODY or rule.name in EVERYWHERE) and not rule.name.startswith(_OF_PICTURES)
    return isinstance(rule, Words | Pattern | Said) or bool(rule.when.text)


def _examples(policy: Policy) -> Iterator[tuple[Rule, Literal["fire", "pass"], Example]]:
    for rule in policy.rules:
        for written in rule.must_fire:
            yield rule, "fire", example_of(written)
        for written in rule.must_pass:
            yield rule, "pass", example_of(written)


def _tried(one: tuple[Rule, Literal["fire", "pass"], Example], policy: Policy, book: Rulebook, now: datetime) -> Tried:
    rule, wanted, example = one
    at = _moment(rule.when, example, now)
    recent = (Recent(text=example.post, at=at - timedelta(hours=1)),) if example.post else ()
    situation = Situation(now=at, account=_account(rule, policy, book, example), recent=recent)
    (said,) = explain(example.item, situation, book, policy=policy, on=rule.on, rule=rule.id)
    fired = said.outcome in (*FIRED, "asks")
    return Tried(
        policy=policy.id,
        rule=rule.id,
        clause=rule.clause,
        wanted=wanted,
        text=example.text,
        ok=fired == (wanted == "fire"),
        said=said,
    )


def _moment(when: When, example: Example, now: datetime) -> datetime:
    """The moment that the example names; else now, or the next day on which the rule holds, or the last."""
    if example.at is not None:
        return example.at if example.at.tzinfo else example.at.replace(tzinfo=TOKYO)
    today = now.astimezone(TOKYO).date()
    first = max(today, when.since or today)
    if when.until is not None and first > when.until:
        first = when.since or when.until
    day = next((day for n in range(_YEAR) if holds_on(when, day := first + timedelta(days=n))), first)
    return now if day == today else datetime.combine(day, _NOON, TOKYO)


def _account(rule: Rule, policy: Policy, book: Rulebook, example: Example) -> Account | None:
    """The account that the example names, or one that stands in for it; none where nothing hangs on it."""
    if (known := book.accounts.get(example.account)) is not None:
        return known
    if not (example.account or example.platform or example.unit or isinstance(rule, Approvers)):
        return None
    return Account(
        id=example.account,
        policy=policy.id,
        platform=example.platform or policy.platforms[0],
        handle="",
        name="",
        unit=example.unit,
    )
