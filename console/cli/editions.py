"""A policy as it stood, or will stand, on a day: the edition that a command means, or that its wording is not in hand (条文なし)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from console.cli.outcome import FINDINGS, WRONG, Failure
from console.cli.place import moment
from console.cli.promised import office_if_any, policy_of, problems_said
from console.cli.terminal import SCHEMA, clean, out, out_json
from console.words import say
from daemon.rulebook.folders import bundled, policy_ids
from daemon.rulebook.kept import load_kept
from daemon.rulebook.load import editions_named
from daemon.rulebook.model import Policy, RulebookError
from daemon.rulebook.versions import edition_on, in_force

if TYPE_CHECKING:
    from console.cli.command import Session


class NoWording(Exception):
    """The version in force on that day is known by name only, or not at all. `sentence` says so; no other version stands in."""

    def __init__(self, policy: str, day: date, cite: str) -> None:
        self.policy, self.day, self.cite = policy, day, cite
        key = "editions.none" if cite else "editions.before"
        self.sentence = say("cli", key, policy=policy, day=day.isoformat(), cite=clean(cite))
        super().__init__(self.sentence)


def all_ids(office: str | None) -> tuple[str, ...]:
    """The ids of the program's policies and of the office's own."""
    folder = office_if_any(office)
    return tuple(dict.fromkeys((*bundled(), *(policy_ids(folder / "policies") if folder else ()))))


def editions_of(name: str, office: str | None) -> tuple[Policy, ...]:
    """The editions that a person means by an id; a file, or `<id>@<day>`, is one. Raises Failure."""
    if "/" in name or "@" in name or name.endswith(".toml"):
        return (policy_of(name, office),)
    try:
        return editions_named(name, office_if_any(office), load_kept)
    except RulebookError as error:
        raise Failure(WRONG, problems_said(error)) from None


def edition_at(name: str, office: str | None, day: date) -> Policy:
    """The edition that has begun on that day, or the first in hand. Raises Failure."""
    return edition_on(editions_of(name, office), day)


def policy_at(name: str, office: str | None, at: str | None) -> Policy:
    """The edition whose wording is in force on the day `at`; without a day, the one in force now. Raises NoWording, Failure."""
    if at is None:
        return policy_of(name, office)
    day = moment(at).date()
    found = in_force(editions_of(name, office), day)
    if found.policy is None:
        raise NoWording(name, day, found.version.cite if found.version else "")
    return found.policy


def policies_at(names: Iterable[str], office: str | None, at: str | None) -> tuple[list[Policy], list[NoWording]]:
    """The same of several policies: those that there are, and those of which there is no wording. Raises Failure."""
    found, missing = [], []
    for name in names:
        try:
            found.append(policy_at(name, office, at))
        except NoWording as none:
            missing.append(none)
    return found, missing


def say_no_wording(session: Session, missing: Iterable[NoWording]) -> int:
    """Say of which policies no wording is in hand."""
    if session.json:
        said = [{"policy": one.policy, "at": one.day, "version": one.cite or None, "text": False} for one in missing]
        out_json({"schema": SCHEMA, "clauses": [], "no_wording": said})
    else:
        for one in missing:
            out(one.sentence)
    return FINDINGS
