"""The morning's look at the guard (番人): every canary through the one evaluator, and which of them did not answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from daemon.judge.approvers import approvers
from daemon.judge.evaluate import judge
from daemon.judge.situation import Recent, Situation
from daemon.rulebook.calendar import opening
from daemon.rulebook.canary import Canary
from daemon.rulebook.item import Item
from daemon.rulebook.model import Account, FanOut, Operator, Policy, Powers, Rulebook, Terminals, Unwatched


class Answered(Struct, frozen=True, kw_only=True):
    """What came of one canary: did its rule fire under its clause; `said` is what the judge said instead."""

    policy: str
    clause: str
    cite: str
    rule: str
    ok: bool
    said: str = ""


def canaries(book: Rulebook, now: datetime, read: Callable[[bytes], Item]) -> tuple[Answered, ...]:
    """Judge every canary of the policies that this office's accounts follow, by the rulebook in force. `read` reads a draft's bytes, as
    intake does. Never raises: a judge that fails over one has not answered it."""
    return tuple(
        _answered(book, book.policies[policy_id], canary, now, read)
        for policy_id in dict.fromkeys(account.policy for account in book.accounts.values())
        for canary in book.canaries.get(book.policies[policy_id].hash, ())
    )


def unwatched(book: Rulebook) -> tuple[str, ...]:
    """The clauses of the policies followed that a rule holds or asks about, and that no canary watches."""
    policies = (book.policies[name] for name in dict.fromkeys(account.policy for account in book.accounts.values()))
    return tuple(
        clause
        for policy in policies
        for clause in judged_clauses(policy)
        if clause not in {canary.clause for canary in book.canaries.get(policy.hash, ())}
    )


def judged_clauses(policy: Policy) -> tuple[str, ...]:
    """The clauses that a rule of the judge's holds or asks about (the terminal of whoever decides, powers over comments, and whether a
    set is whole are not the judge's)."""
    held = {
        clause
        for rule in policy.rules
        if not rule.shadow
        and not isinstance(rule, Terminals | Powers | Unwatched | FanOut)
        and rule.level not in ("warn", "info")
        for clause in (rule.clause, *rule.also)
    }
    return tuple(clause for clause in policy.clauses if clause in held)


def _answered(book: Rulebook, policy: Policy, canary: Canary, now: datetime, read: Callable[[bytes], Item]) -> Answered:
    clause = policy.clause(canary.clause)
    cite = clause.cite if clause else canary.clause
    try:
        said = dict(_fired(book, policy, canary, now, read(canary.draft.encode())))
    except Exception as error:  # whatever it is: the guard has not answered
        said = {f"{type(error).__name__}: {error}": ()}
    ok = canary.clause in said.get(canary.rule, ())
    return Answered(policy=policy.id, clause=canary.clause, cite=cite, rule=canary.rule, ok=ok, said="" if ok else " ".join(said))


def _fired(book: Rulebook, policy: Policy, canary: Canary, now: datetime, item: Item) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The rules that fired, each with the clauses that it carries out."""
    rules = {rule.id: (rule.clause, *rule.also) for rule in policy.rules}
    account = _account(book, policy, item)
    if canary.handle:
        account = replace(account, handle=canary.handle)
    if canary.on == "comment":
        situation = Situation(content_only=True, account=account, recent=_recent(item, canary, now))
        yield from ((f.rule, rules[f.rule]) for f in judge(item, situation, book, policy=policy, on="comment").findings)
        return
    at = _moment(book, policy, account, item, now, canary)
    situation = Situation(
        now=at,
        account=account,
        author=_somebody(policy, account.unit if canary.author == "known" else "") if canary.author != "unknown" else None,
        author_verified=True,
        recent=_recent(item, canary, at),
    )
    judged = judge(item, situation, book)
    yield from ((finding.rule, rules.get(finding.rule, ())) for finding in judged.findings)
    waits = {line.clause for line in judged.missing if line.act == "approve"}
    yield from ((line.id, rules.get(line.id, ())) for line in approvers(item, situation, policy) if line.clause in waits)


def _recent(item: Item, canary: Canary, at: datetime) -> tuple[Recent, ...]:
    """What was released an hour before."""
    text = item.text if canary.again else canary.post
    return (Recent(text=text, at=at - timedelta(hours=1)),) if text else ()


def _account(book: Rulebook, policy: Policy, item: Item) -> Account:
    """The account that an item of this topic is for, or the policy's first."""
    ours = [account for account in book.accounts.values() if account.policy == policy.id]
    return next((account for account in ours if account.topic == item.topic), ours[0])


def _somebody(policy: Policy, unit: str) -> Operator:
    """An author of this unit, whom the register need not have: the people of an office come and go."""
    return Operator(login="", name="番人", unit=unit, role="clerk", policies=(policy.id,))


def _moment(book: Rulebook, policy: Policy, account: Account, item: Item, now: datetime, canary: Canary) -> datetime:
    """The nearest moment at which the account is open, or closed, as the canary wants it."""
    state = opening(policy, now, days=book.days, account=account, topic=item.topic, kind=item.kind)
    if canary.hours == "closed":
        return now if not state.open or state.next_close is None else state.next_close
    return now if state.open or state.next_open is None else state.next_open
