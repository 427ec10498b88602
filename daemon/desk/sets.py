"""一斉発信 (大正区 3 分野※): the drafts of one emergency on all accounts of a policy, held together.

A set is out as a whole or not at all: out on some accounts and not on others is a fault, until every account has it or a manager has
recorded why one does not.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from daemon.desk.case import Setting
from daemon.desk.states import WORDS
from daemon.judge import InSet
from daemon.refused import Refused, given, serves
from daemon.rulebook.model import FanOut, Operator, Policy, Rulebook
from daemon.store import Store, Tx, from_db
from daemon.wire.answers import Done
from daemon.wire.fanning import ExcuseMember, FanOutSeen, MemberSeen

_GONE_OUT = ("released", "releasing", "unknown")

_ROWS = (
    "SELECT f.id, f.policy, f.clause, f.title, f.at, f.origin, f.ended_at, m.account, m.draft, m.excused_by, m.reason, d.state, "
    "d.body = o.body AS same FROM fan_outs f JOIN fan_out_members m ON m.fan_out = f.id JOIN drafts o ON o.id = f.origin "
    "LEFT JOIN drafts d ON d.id = m.draft WHERE "
)


def rule_for(policy: Policy) -> FanOut | None:
    """The rule by which this policy's emergencies go to all of its accounts, if it has one."""
    return next((rule for rule in policy.rules if isinstance(rule, FanOut) and not rule.shadow), None)


def accounts_of(policy_id: str, book: Rulebook) -> tuple[str, ...]:
    """The accounts that follow a policy: those that a set of it goes to."""
    return tuple(account.id for account in book.accounts.values() if account.policy == policy_id)


async def under_way(store: Store) -> tuple[FanOutSeen, ...]:
    """The sets that are not over: those that are out in part, then the others, the newest first."""
    found = _sets(await store.fetch(f"{_ROWS} f.ended_at IS NULL ORDER BY f.id DESC, m.account", ()))
    return tuple(sorted(found, key=lambda one: not one.broken))


async def of_draft(store: Store, draft: int) -> tuple[FanOutSeen, ...]:
    """The set of a draft, over or not."""
    where = "f.id IN (SELECT fan_out FROM fan_out_members WHERE draft = ?) ORDER BY f.id DESC, m.account"
    return _sets(await store.fetch(f"{_ROWS} {where}", (draft,)))


def _sets(rows: Iterable[sqlite3.Row]) -> tuple[FanOutSeen, ...]:
    grouped: defaultdict[int, list[sqlite3.Row]] = defaultdict(list)
    for row in rows:
        grouped[row["id"]].append(row)
    return tuple(_set(some) for some in grouped.values())


def _set(rows: Sequence[sqlite3.Row]) -> FanOutSeen:
    members = tuple(
        MemberSeen(
            account=row["account"],
            draft=row["draft"],
            state=row["state"] or "",
            same=row["same"] is None or bool(row["same"]),
            excused_by=row["excused_by"],
            reason=row["reason"],
        )
        for row in rows
    )
    first = rows[0]
    begun = any(each.state in _GONE_OUT for each in members)
    return FanOutSeen(
        id=first["id"],
        policy=first["policy"],
        clause=first["clause"],
        title=first["title"],
        at=from_db(first["at"]),
        members=members,
        broken=begun and any(each.lacking for each in members),
        over=first["ended_at"] is not None,
    )


def by_draft(found: Iterable[FanOutSeen]) -> Mapping[int, InSet]:
    """What the judge has to know of the set of each draft."""
    return {
        each.draft: InSet(
            id=one.id, of=len(one.members), lacking=one.lacking, broken=one.broken, same=each.same, clause=one.clause
        )
        for one in found
        for each in one.members
        if each.draft is not None
    }


def alarm(one: FanOutSeen) -> tuple[str, str]:
    """What every screen says of a set that is out in part."""
    lacking = "、".join(f"{each.account}（{_state(each)[0]}）" for each in one.members if each.lacking)
    lacking_en = ", ".join(f"{each.account} ({_state(each)[1]})" for each in one.members if each.lacking)
    return (
        f"一斉発信 {one.id} が不完全です。まだ出ていないアカウント: {lacking}（{one.clause}、kohoban fanout）",
        f"Set {one.id} is out in part. Not on: {lacking_en} ({one.clause}; kohoban fanout)",
    )


def _state(each: MemberSeen) -> tuple[str, str]:
    return next((words for state, words in WORDS.items() if state == each.state), ("下書きなし", "no draft"))


_WATCHED = ("received", "to_fix", "waiting", "approved", "scheduled", "held")


async def last_change(store: Store) -> int:
    """The moment of the last change of a draft in hand: up to it the next look has seen everything."""
    each = "SELECT max(changed_at) AS at FROM drafts WHERE state = ?"
    rows = await store.fetch(" UNION ALL ".join([each] * len(_WATCHED)), _WATCHED)
    return max((row["at"] or 0 for row in rows), default=0)


SPREAD_MOST = 20
"""Sets that one round makes."""


async def to_spread(store: Store, book: Rulebook, since: int) -> list[int]:
    """The drafts that call themselves an emergency, have changed since that moment, and belong to a
    policy whose emergencies go to all of its accounts: those of no set yet, and those whose text the set does not have yet. Taking down
    a post concerns the account that has it alone."""
    accounts = [a.id for a in book.accounts.values() if rule_for(book.policies[a.policy]) is not None]
    if not accounts:
        return []
    marks = ",".join("?" * len(accounts))
    rows = await store.fetch(
        "SELECT d.id FROM drafts d LEFT JOIN fan_outs f ON f.origin = d.id AND f.ended_at IS NULL WHERE d.live = 1 AND "
        f"d.state IN ({','.join('?' * len(_WATCHED))}) AND d.changed_at >= ? "
        f"AND d.account IN ({marks}) AND json_extract(d.item, '$.emergency') = 1 "
        "AND json_extract(d.item, '$.kind') IS NOT 'delete' AND (f.id IS NOT NULL AND f.hash <> d.hash OR "
        "f.id IS NULL AND NOT EXISTS (SELECT 1 FROM fan_out_members m JOIN fan_outs g ON g.id = m.fan_out WHERE m.draft = d.id "
        "AND g.ended_at IS NULL)) ORDER BY d.id LIMIT ?",
        (*_WATCHED, since, *accounts, SPREAD_MOST),
    )
    return [row["id"] for row in rows]


def siblings_out(tx: Tx, draft: int) -> dict[str, str]:
    """By account, the address (else the number) of every draft of the same sets that is out."""
    rows = tx.db.execute(
        "SELECT DISTINCT d.account, d.id, d.url FROM fan_out_members m JOIN fan_out_members n ON n.fan_out = m.fan_out "
        "JOIN drafts d ON d.id = n.draft WHERE m.draft = ? AND d.state = 'released'",
        (draft,),
    )
    return {row["account"]: row["url"] or str(row["id"]) for row in rows}


def link(tx: Tx, origin: int, drafts: Mapping[str, int | None], policy: Policy, title: str, digest: str) -> int:
    """Hold these drafts (by account) together as the set of their origin; returns the set's number."""
    rule = rule_for(policy)
    assert rule is not None
    row = tx.db.execute("SELECT id FROM fan_outs WHERE origin = ? AND ended_at IS NULL", (origin,)).fetchone()
    if row is None:
        number = tx.db.execute(
            "INSERT INTO fan_outs (origin, policy, clause, title, hash, at) VALUES (?, ?, ?, ?, ?, ?)",
            (origin, policy.id, rule.clause, title, digest, tx.now),
        ).lastrowid
        number = number or 0
    else:
        number = int(row["id"])
        tx.db.execute("UPDATE fan_outs SET hash = ?, title = ? WHERE id = ?", (digest, title, number))
    for account, draft in drafts.items():
        tx.db.execute(
            "INSERT INTO fan_out_members (fan_out, account, draft) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET draft = excluded.draft",
            (number, account, draft),
        )
    tx.record(
        "daemon",
        "fan_out",
        origin,
        fan_out=number,
        accounts=sorted(drafts),
        drafts=[draft for _, draft in sorted(drafts.items()) if draft is not None],
        clause=rule.clause,
        policy=policy.hash,
        version=policy.edition,
    )
    return number


def end_settled(setting: Setting) -> Callable[[Tx], None]:
    """The operation that ends the sets of which nothing is to be waited for: every account has it or is excused, or nothing of it went out
    and nothing of it is in hand any more."""

    def op(tx: Tx) -> None:
        for one in _sets(tx.db.execute(f"{_ROWS} f.ended_at IS NULL ORDER BY f.id, m.account").fetchall()):
            nothing = all(each.state in ("withdrawn", "expired", "") or each.excused_by for each in one.members)
            if nothing or not one.lacking:
                tx.db.execute("UPDATE fan_outs SET ended_at = ? WHERE id = ?", (tx.now, one.id))
                tx.record("daemon", "fan_out_over", None, fan_out=one.id, complete=not one.lacking)

    return op


def excuse(act: ExcuseMember, who: Operator, setting: Setting) -> Callable[[Tx], Done]:
    """発信しない理由 of one account, by one of its managers."""

    def op(tx: Tx) -> Done:
        row = tx.db.execute(
            "SELECT f.policy, f.clause, m.draft, m.excused_by FROM fan_outs f JOIN fan_out_members m ON m.fan_out = f.id "
            "WHERE f.id = ? AND m.account = ?",
            (act.fan_out, act.account),
        ).fetchone()
        account = setting.book.accounts.get(act.account)
        policy = setting.book.policies.get(row["policy"]) if row is not None else None
        if row is None or policy is None:
            raise Refused(
                "no_such",
                f"一斉発信 {act.fan_out} に {act.account} はありません。kohoban fanout で確かめてください。",
                f"Set {act.fan_out} has no account {act.account}: look it up with kohoban fanout.",
            )
        if account is not None:
            serves(who, account, manager=True)
        elif who.role != "manager" or policy.id not in who.policies:  # it has left the office, and its policy has not
            raise Refused(
                "role",
                f"{act.account} は rules.toml にありません。{policy.title} の管理者が記録してください。",
                f"{act.account} is no longer in rules.toml: a manager of its policy has to record this.",
            )
        reason = given(act.reason)
        tx.db.execute(
            "UPDATE fan_out_members SET excused_by = ?, reason = ?, excused_at = ? WHERE fan_out = ? AND account = ?",
            (who.login, reason, tx.now, act.fan_out, act.account),
        )
        clause = policy.clause(row["clause"])
        head = tx.record(
            who.login,
            "excuse_member",
            row["draft"],
            fan_out=act.fan_out,
            account=act.account,
            reason=reason,
            clause=row["clause"],
            words=clause.text if clause else "",
            titles=list(who.titles),
            policy=policy.hash,
            version=policy.edition,
        )
        return Done(
            message=f"{act.account} に出さない理由を記録しました。",
            message_en=f"Recorded why it does not go out on {act.account}.",
            draft=row["draft"],
            audit_head=head,
        )

    return op
