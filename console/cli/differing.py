"""`kohoban policy diff`: what another text of a policy changes, clause by clause, rule by rule, and which drafts it judges otherwise."""

from __future__ import annotations

import difflib
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any

import msgspec

from console.cli.command import Session, argument, command, option, text
from console.cli.editions import NoWording, edition_at, editions_of, policy_at
from console.cli.link import NoDaemon, Refused
from console.cli.outcome import FINDINGS, FINE, WRONG, Failure
from console.cli.place import now
from console.cli.terminal import SCHEMA, clean, err, out, out_json, paint, room, table
from console.words import choose, word
from daemon.rulebook.differences import RuleChange, TextChange, rule_changes, text_changes
from daemon.rulebook.model import Policy
from daemon.wire.policies import PolicyCompared, PolicyDiff

LAST = 1000
"""Past drafts that are judged by both texts unless more are asked for."""
_LOOK = 0.3


@command(
    "policy diff",
    argument("POLICY"),
    option("--against", key="diff_against", metavar="FILE|DATE"),
    option("--at", key="diff_at", metavar="DATE"),
    option("--last", key="diff_last", type=int, default=LAST, metavar="N"),
)
def diff(session: Session, policy: str, against: str | None, at: str | None, last: int) -> int:
    """What an amendment changes."""
    if last < 0 or (against and at):
        raise Failure(WRONG, text("policy_diff.usage"))
    old = edition_at(policy, session.office, now().date())
    new = _other(session, policy, old, against, at)
    texts, rules = text_changes(old, new), rule_changes(old, new)
    compared = _drafts(session, old, new, last)
    if session.json:
        drafts = None if compared is None else msgspec.to_builtins(compared.drafts)
        said: dict[str, Any] = {"policy": old.id, "before": _named(old), "after": _named(new), "texts": texts, "rules": rules}
        counts = {"changed": compared.changed, "queued": compared.queued, "judged": compared.of} if compared else {}
        out_json({"schema": SCHEMA, **said, "drafts": drafts, **counts})
    else:
        for line in _lines(old, new, texts, rules):
            out(line)
        for line in _draft_lines(compared):
            out(line)
    return FINDINGS if compared is not None and compared.changed else FINE


def _other(session: Session, policy: str, old: Policy, against: str | None, at: str | None) -> Policy:
    """The text to compare with: a file, the version of a day, the one in force on a day, or the next that is coming. Raises Failure."""
    try:
        if at:
            return policy_at(policy, session.office, at)
        if against and not _is_day(against):
            other = policy_at(against, session.office, None)
            if other.id != old.id:
                raise Failure(WRONG, text("policy_diff.other_policy", policy=old.id, other=other.id))
            return other
        editions = editions_of(policy, session.office)
        begins = [each.version.from_ for each in editions]
        if against:
            return policy_at(f"{policy}@{against}", session.office, None)
        later = [each for each, day in zip(editions, begins, strict=True) if day is not None and day > now().date()]
        if not later:
            raise Failure(WRONG, text("policy_diff.none", policy=policy))
        return later[0]
    except NoWording as missing:
        raise Failure(WRONG, missing.sentence) from None


def _is_day(typed: str) -> bool:
    with suppress(ValueError):
        return bool(date.fromisoformat(typed))
    return False


def _named(policy: Policy) -> dict[str, Any]:
    begins = policy.version.from_
    return {"version": begins, "cite": policy.version.cite, "hash": policy.hash, "source": policy.source}


def _drafts(session: Session, old: Policy, new: Policy, last: int) -> PolicyCompared | None:
    """Which drafts come out otherwise, from the daemon; None, with a word on stderr, where none answers."""
    query = PolicyDiff(policy=old.id, candidate=msgspec.json.encode(new).decode(), last=last)
    try:
        with session.link() as link:
            while True:
                found = link.ask(query, PolicyCompared)
                if not found.running:
                    break
                _tell(found)
                time.sleep(_LOOK)
    except NoDaemon:
        err(text("policy_diff.no_daemon"))
        return None
    except Refused as refused:
        raise Failure(WRONG, refused.sentence) from None
    _tell(found, end=True)
    if found.error:
        raise Failure(WRONG, choose(found.error, found.error_en))
    return found


def _tell(found: PolicyCompared, *, end: bool = False) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r" + text("policy_diff.progress", done=found.done, of=found.of) + ("\n" if end else ""))
        sys.stderr.flush()


def _lines(old: Policy, new: Policy, texts: tuple[TextChange, ...], rules: tuple[RuleChange, ...]) -> Iterator[str]:
    yield paint("bold", text("policy_diff.heading", policy=old.id, before=_short(old), after=_short(new)))
    yield ""
    yield text("policy_diff.texts", count=len(texts))
    for one in texts:
        yield f"  {paint('bold', clean(one.clause))}  {clean(one.cite)}"
        for line in difflib.ndiff(one.before.split("\n"), one.after.split("\n")):
            if line[0] in "+-":
                yield "    " + paint("block" if line[0] == "-" else "dim", clean(line))
    yield text("policy_diff.rules", count=len(rules))
    for rule in rules:
        yield f"  {text(f'policy_diff.{rule.what}')}  {clean(rule.rule)}  [{clean(rule.clause)}]"
        yield from (f"      {clean(said)}" for said in rule.said)


def _short(policy: Policy) -> str:
    begins = policy.version.from_
    return clean(f"{begins.isoformat() if begins else '-'} {policy.version.cite}")


def _draft_lines(found: PolicyCompared | None) -> Iterator[str]:
    if found is None:
        return
    yield text("policy_diff.drafts", changed=found.changed, queued=found.queued, of=found.of, seconds=f"{found.seconds:.1f}")
    head = [text(f"policy_diff.{name}") for name in ("draft", "state", "verdict", "clauses", "title")]
    rows = [
        (
            str(one.draft),
            text(f"state.{one.state}"),
            f"{word('verdict', one.before)} → {word('verdict', one.after)}",
            clean(" ".join(one.clauses)) or clean(one.who) or "-",
            clean(one.title.strip() or one.path.rpartition("/")[2]),
        )
        for one in found.drafts
    ]
    if rows:
        yield from table(rows, head, room=room())
    if found.changed > len(found.drafts):
        yield text("policy_diff.more", more=found.changed - len(found.drafts))
