"""緊急の宣言: that a revision which calls itself an emergency is one, by somebody who may say so. It lifts the hours, and nothing else."""

from __future__ import annotations

import sqlite3
from datetime import datetime

import msgspec
from msgspec.structs import replace

from daemon.desk.acts import Op, current, done, load_decisions, note, rejudge, what_now
from daemon.desk.capacity import as_deputy, entry_of, granted, told
from daemon.desk.case import Setting, save
from daemon.desk.reviewing import open_review, said
from daemon.judge import approvers, declaring, declaring_as
from daemon.judge.approvers import titles_of
from daemon.refused import Refused, given, serves
from daemon.rulebook.model import Operator
from daemon.store import Tx, to_db
from daemon.wire.answers import Done
from daemon.wire.deputising import Declare

DECLARABLE = ("waiting", "approved", "scheduled")
"""The states in which a declaration still changes something, and nobody has to be asked something else first."""


def declared_since(db: sqlite3.Connection, account: str, since: datetime) -> bool:
    """Whether an emergency has been declared for this account since then."""
    row = db.execute(
        "SELECT 1 FROM declarations e JOIN drafts d ON d.id = e.draft WHERE e.at >= ? AND d.account = ? LIMIT 1",
        (to_db(since), account),
    ).fetchone()
    return row is not None


def declare(act: Declare, who: Operator, setting: Setting) -> Op:
    """The declaration, bound to these bytes; it opens a 後閲 by a different person. What else is missing stays missing."""

    def op(tx: Tx) -> Done:
        case = current(tx, act.draft, act.hash, setting)
        serves(who, case.account)
        reason = given(act.reason)
        situation = case.situation(setting)
        capacity = granted(declaring_as(who, case.item, situation, setting.book))
        if not case.item.emergency:
            raise Refused(
                "state",
                "前書きに emergency = true がありません。緊急情報なら、作成者が書き足してください（出典と二人目の確認も要るようになります）。",
                "Its front matter does not say `emergency = true`. If it is one, its author has to add that (a source and a second person are then asked for).",
            )
        if case.declaration is not None:
            by = setting.book.operators.get(case.declaration.login)
            name = by.name if by is not None else case.declaration.login
            raise Refused(
                "state", f"この版は {name}さんが緊急と宣言しています。", f"{case.declaration.login} has declared it already."
            )
        if case.state not in DECLARABLE:
            case.step("set_time")  # says what the state is and refuses
        policy = case.policy(setting.book)
        tx.db.execute(
            "INSERT INTO declarations (draft, hash, login, titles, deputy, at, reason, policy_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(case.id, case.hash, who.login, msgspec.json.encode(who.titles), entry_of(capacity)),
                *(tx.now, reason, policy.hash),
            ),
        )
        case = load_decisions(tx, case, setting)
        if case.state == "scheduled" and case.item.release_at is None:
            case = replace(case.step("due"), release_at=None)  # the hours were what it waited for
        case, _ = rejudge(case, setting)
        save(tx.db, case, tx.now)
        by_clause = declaring(case.item, situation, policy)
        clause = policy.clause(by_clause.clause)
        head = note(
            tx,
            who,
            "declare",
            case,
            policy,
            clause=by_clause.clause,
            words=clause.text if clause else "",
            reason=reason,
            **told(capacity, setting.book),
        )
        table = approvers(case.item, situation, policy)
        readers = dict.fromkeys((*(title for rule in table for title in titles_of(rule, table)), *policy.manager))
        until = open_review(
            tx,
            case,
            setting,
            cause="emergency",
            act="declare",
            capacity=capacity,
            titles=tuple(readers),
            clause=by_clause.clause,
        )
        tx.anchor()
        ja, en = as_deputy(capacity, setting.book)
        ready, ready_en = what_now(case) if case.state == "approved" else ("", "")
        return done(
            case,
            head,
            f"緊急と宣言しました。{ja}運用時間だけを解き、承認や条文の判定はそのままです。{ready}{said(until)[0]}",
            f"Declared an emergency. {en}The hours are lifted, approvals and findings are not. {ready_en} {said(until)[1]}".replace(
                "  ", " "
            ),
        )

    return op
