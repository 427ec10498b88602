"""Which version of a policy is in force on a day (施行日), and which of the texts in hand is its wording.

A policy may lie in several files: `<id>.toml`, and for each amendment `<id>@<day>.toml` beside it, whole, with its rules. Each file is an
edition; the day from which it is in force is that of its own version with `text = true`. A version changes at midnight in Japan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from daemon.rulebook.model import Policy, Rulebook, Version


def version_on(versions: Sequence[Version], day: date) -> Version | None:
    """The last version that is in force on that day; None before the first. A version without a date (施行日記載なし) has always
    been in force. Its `text` tells whether its wording is in hand: a day of an older version can be named, not judged."""
    return next((v for v in reversed(versions) if v.from_ is None or v.from_ <= day), None)


class InForce(Struct, frozen=True):
    """What is in force on a day: the version, and the edition in hand that has its wording. `policy` is None where no edition has it
    (条文なし); `version` is None before the first version of all."""

    version: Version | None
    policy: Policy | None


def in_force(editions: Sequence[Policy], day: date) -> InForce:
    """Which of these editions, oldest first, is in force on that day. Another version's text is never given in its place."""
    latest = editions[latest_begun([edition.version.from_ for edition in editions], day) or 0]
    version = version_on(latest.versions, day)
    return InForce(version, latest if version is not None and version.text else None)


def latest_begun(begins: Sequence[date | None], day: date) -> int | None:
    """The place of the last of these days, oldest first, that is not after `day`; None before the first. No date: always."""
    return next((n for n in reversed(range(len(begins))) if begins[n] is None or begins[n] <= day), None)  # type: ignore[operator]


def wording_in_hand(policy: Policy, day: date) -> bool:
    """Is this edition's text the wording that is in force on that day?"""
    version = version_on(policy.versions, day)
    return version is not None and version.text


def editions_of(book: Rulebook, policy_id: str) -> tuple[Policy, ...]:
    """Every edition in hand of a policy, oldest first. Raises KeyError for a policy that the office does not have."""
    return book.editions.get(policy_id) or (book.policies[policy_id],)


def as_of(book: Rulebook, day: date) -> Rulebook:
    """The rulebook with the editions that are in force on that day; the very same one where nothing changes. Before the first edition
    the first stands: the judge then says that there is no wording (条文なし)."""
    chosen = {policy_id: edition_on(editions, day) for policy_id, editions in book.editions.items()}
    if all(book.policies[policy_id] is edition for policy_id, edition in chosen.items()):
        return book
    policies = {**book.policies, **chosen}
    return replace(book, policies=policies, hash=hash_of(book.files, policies, book.editions))


def edition_on(editions: Sequence[Policy], day: date) -> Policy:
    """The last edition that has begun on that day, or the first of all."""
    return editions[latest_begun([edition.version.from_ for edition in editions], day) or 0]


def coming(book: Rulebook, day: date) -> tuple[tuple[date, Policy], ...]:
    """The editions that will take the place of the one in force, each with its day, the next one first."""
    found = (
        (edition.version.from_, edition)
        for editions in book.editions.values()
        for edition in editions
        if edition.version.from_ is not None and edition.version.from_ > day
    )
    return tuple(sorted(found, key=lambda each: each[0]))


class Dated(Struct, frozen=True, kw_only=True):
    """One version of a policy on the line of time: `until` is the day before which it ends; `edition` has its wording, None where it is
    not in hand (条文なし)."""

    version: Version
    until: date | None
    edition: Policy | None

    def covers(self, day: date) -> bool:
        """Is this the version that is in force on that day?"""
        return (self.version.from_ is None or self.version.from_ <= day) and (self.until is None or day < self.until)


def timeline(editions: Sequence[Policy]) -> tuple[Dated, ...]:
    """Every version that any of these editions names, oldest first, each with the edition that has its wording."""
    texts = {edition.version.from_: edition for edition in editions}
    named = {version.from_: version for edition in editions for version in edition.versions}
    named |= {day: edition.version for day, edition in texts.items()}
    days = sorted(named, key=lambda day: day or date.min)
    ends: list[date | None] = [*days[1:], None]
    return tuple(Dated(version=named[day], until=end, edition=texts.get(day)) for day, end in zip(days, ends, strict=True))


def hash_of(files: str, policies: Mapping[str, Policy], editions: Mapping[str, Iterable[Policy]]) -> str:
    """One hash over the office's files, every policy in force, and every other edition: the same wherever the office lies."""
    parts = [files, *(f"{policy_id}={policies[policy_id].hash}" for policy_id in sorted(policies))]
    parts += [f"{policy_id}@{edition.hash}" for policy_id in sorted(editions) for edition in editions[policy_id]]
    import hashlib  # OpenSSL comes with it: 4 ms, which `kohoban check` of one policy does without

    return "sha256:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()
