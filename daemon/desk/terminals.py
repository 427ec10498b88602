"""Exceptions from the designated terminals (さいたま 6 第5項 但し書, 港区 5条 原則として): who may make one, for whom, where, until when.

An exception names a person and a place that can be proved; where somebody speaks from nobody knows, there is nothing to except.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from ipaddress import ip_network

import msgspec
from msgspec import Struct

from daemon.judge.approvers import asked, holds
from daemon.judge.plan import once
from daemon.refused import Refused, given
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Account, Operator, Policy, Rulebook, Terminals
from daemon.store import Store, Tx, from_db, to_db
from daemon.wire.answers import Done
from daemon.wire.terminals import AllowTerminal, RevokeTerminal

_accounts: msgspec.json.Decoder[tuple[str, ...]] = msgspec.json.Decoder(tuple[str, ...])
_encode = msgspec.json.encode


class Exempt(Struct, frozen=True, kw_only=True):
    """An exception that stands."""

    id: int
    operator: str
    address: str
    key: str
    terminal: str
    accounts: tuple[str, ...]
    clauses: tuple[str, ...]
    by: str
    reason: str
    at: datetime
    until: datetime


@once
def rule_of(policy: Policy) -> Terminals | None:
    """The policy's terminal clause as a rule; None where it has none."""
    return next((rule for rule in policy.rules if isinstance(rule, Terminals) and not rule.shadow), None)


def bound(book: Rulebook) -> dict[str, Terminals]:
    """The rule of each account whose policy has a terminal clause."""
    rules = {policy_id: rule for policy_id, policy in book.policies.items() if (rule := rule_of(policy)) is not None}
    return {account.id: rules[account.policy] for account in book.accounts.values() if account.policy in rules}


async def standing(store: Store, now: datetime, operator: str = "") -> tuple[Exempt, ...]:
    """The exceptions that stand at this moment: of one operator, or all."""
    rows = await store.fetch(
        "SELECT * FROM terminal_exceptions WHERE until > ? AND revoked_at IS NULL AND (? = '' OR operator = ?) ORDER BY until",
        (to_db(now), operator, operator),
    )
    return tuple(
        Exempt(
            id=row["id"],
            operator=row["operator"],
            address=row["address"],
            key=row["key"],
            terminal=row["terminal"],
            accounts=_accounts.decode(row["accounts"]),
            clauses=_accounts.decode(row["clauses"]),
            by=row["by"],
            reason=row["reason"],
            at=from_db(row["at"]),
            until=from_db(row["until"]),
        )
        for row in rows
    )


def allow(act: AllowTerminal, who: Operator, book: Rulebook, now: datetime) -> Callable[[Tx], Done]:
    """The operation that makes an exception. Raises Refused."""

    def op(tx: Tx) -> Done:
        reason = given(act.reason)
        until = _until(act.until, now)
        whom = book.operators.get(act.operator)
        if whom is None:
            raise Refused(
                "no_such",
                f"担当者 {act.operator} は名簿にありません。",
                f"There is no operator {act.operator} on the register.",
            )
        place = _place(act, book)
        accounts = _which(act, who, whom, book)
        rules = bound(book)
        clauses = tuple(dict.fromkeys(rules[account.id].clause for account in accounts))
        number = tx.db.execute(
            "INSERT INTO terminal_exceptions (operator, address, key, terminal, accounts, clauses, by, titles, reason, at, until) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                whom.login,
                act.address,
                act.key,
                act.terminal_id,
                _encode([account.id for account in accounts]),
                _encode(clauses),
                who.login,
                _encode(who.titles),
                reason,
                to_db(now),
                to_db(until),
            ),
        ).lastrowid
        policies = [book.policies[each] for each in dict.fromkeys(account.policy for account in accounts)]
        head = tx.record(
            who.login,
            "allow_terminal",
            None,
            exception=number or 0,
            operator=whom.login,
            place=place,
            accounts=[account.id for account in accounts],
            until=until.isoformat(),
            reason=reason,
            titles=list(who.titles),
            clauses=list(clauses),
            words=[clause.text for policy in policies for each in clauses if (clause := policy.clause(each))],
            policy=[policy.hash for policy in policies],
        )
        return Done(
            message=f"例外を認めました（{number}）: {whom.name}さんは {until:%Y-%m-%d %H:%M} まで {place} からも承認と発信ができます。",
            message_en=f"Exception {number}: until {until:%Y-%m-%d %H:%M} {whom.login} may also decide from {place}.",
            audit_head=head,
        )

    return op


def revoke(act: RevokeTerminal, who: Operator, book: Rulebook, now: datetime) -> Callable[[Tx], Done]:
    """The operation that ends an exception before its time. Raises Refused."""

    def op(tx: Tx) -> Done:
        reason = given(act.reason)
        row = tx.db.execute(
            "SELECT accounts FROM terminal_exceptions WHERE id = ? AND revoked_at IS NULL AND until > ?",
            (act.exception, to_db(now)),
        ).fetchone()
        if row is None:
            raise Refused(
                "no_such",
                f"例外 {act.exception} はありません（期限が過ぎたか、取り消されています）。",
                f"There is no exception {act.exception} (any more).",
            )
        accounts = [book.accounts[each] for each in _accounts.decode(row["accounts"]) if each in book.accounts]
        if accounts and not _may_lift(who, accounts, book):
            raise _not_theirs(accounts, book)
        tx.db.execute(
            "UPDATE terminal_exceptions SET revoked_at = ?, revoked_by = ? WHERE id = ?", (to_db(now), who.login, act.exception)
        )
        head = tx.record(who.login, "revoke_terminal", None, exception=act.exception, reason=reason)
        return Done(
            message=f"例外 {act.exception} を取り消しました。",
            message_en=f"Exception {act.exception} has ended.",
            audit_head=head,
        )

    return op


def _until(until: datetime, now: datetime) -> datetime:
    if until.tzinfo is None or until.year >= 3000 or until <= now:
        raise Refused(
            "time",
            "期限は、これから先の日時を 2026-11-24T17:15:00+09:00 の形で指定してください。",
            "Give a time in the future, as in 2026-11-24T17:15:00+09:00.",
        )
    return until.astimezone(TOKYO)


def _place(act: AllowTerminal, book: Rulebook) -> str:
    """The place in words. Raises Refused where it names none, or one that nobody could prove."""
    if act.terminal_id:
        known = {each.id: each.name for each in book.terminals}
        if act.terminal_id not in known:
            names = "、".join(known) or "—"
            raise Refused(
                "no_such",
                f"端末「{act.terminal_id}」は rules.toml の [[terminals]] にありません。あるのは: {names}",
                f"There is no terminal '{act.terminal_id}' in rules.toml; there are: {names}",
            )
        return f"端末「{known[act.terminal_id]}」"
    if not act.address and not act.key:
        raise Refused(
            "reason",
            "どこからかを --address（IP アドレス）、--key（鍵の指紋）、--terminal のどれかで示してください。",
            "Say from where: --address, --key or --terminal.",
        )
    try:
        network = ip_network(act.address) if act.address else None
    except ValueError:
        network = None
    wide = network is not None and network.prefixlen < (8 if network.version == 4 else 32)
    if (act.address and network is None) or wide or (act.key and not act.key.startswith("SHA256:")):
        raise Refused(
            "reason",
            "address は IP アドレスか狭い範囲（203.0.113.7、203.0.113.0/28）、key は SHA256:… で書いてください。",
            "Write address as an IP address or a small network, key as SHA256:….",
        )
    return "、".join(filter(None, (act.address, act.key)))


def _which(act: AllowTerminal, who: Operator, whom: Operator, book: Rulebook) -> list[Account]:
    """The accounts for which this exception is: those named, or all for which this person may say so. Raises Refused."""
    rules = bound(book)
    for name in act.accounts:
        if name not in rules:
            raise Refused(
                "no_such",
                f"アカウント {name} の要綱に、端末の定めはありません。例外は要りません。",
                f"The policy of {name} has no terminal clause: no exception is needed.",
            )
    asked = [book.accounts[name] for name in (act.accounts or rules)]
    theirs = [account for account in asked if account.policy in whom.policies]
    found = theirs if act.accounts else [account for account in theirs if _may_lift(who, [account], book)]
    if not found and not theirs:
        raise Refused(
            "role",
            f"{whom.name}さんが担当するアカウントに、端末の定めはありません。例外は要りません。",
            f"No account that {whom.login} serves has a terminal clause: no exception is needed.",
        )
    if not found or not _may_lift(who, found, book):
        raise _not_theirs(theirs, book)
    return found


def _may_lift(who: Operator, accounts: Iterable[Account], book: Rulebook) -> bool:
    rules = bound(book)
    return all(account.id in rules and holds(who, rules[account.id].lift, account) for account in accounts)


def _not_theirs(accounts: list[Account], book: Rulebook) -> Refused:
    rules = bound(book)
    account = next(account for account in accounts if account.id in rules)
    rule = rules[account.id]
    whom = asked(rule.lift, account, book).who if rule.lift else "誰も"
    return Refused(
        "not_approver",
        f"{account.name} の端末の例外を認められるのは {whom} です。",
        f"Only {whom} may except a terminal for {account.id}.",
        clause=rule.clause,
    )
