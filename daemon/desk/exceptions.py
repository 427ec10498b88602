"""例外: one hold of one revision is lifted by somebody whom a clause lets, with a reason and an end, after which the hold stands again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from daemon.desk.acts import Op, current, done, load_decisions, moment, note, rejudge
from daemon.desk.capacity import as_deputy, entry_of, granted, titles_held, told
from daemon.desk.case import Case, Setting, hours_rules, load, save
from daemon.desk.reviewing import due, open_review, said
from daemon.desk.states import IN_HAND
from daemon.desk.undoable import decision
from daemon.judge import lifting
from daemon.judge.approvers import lifters
from daemon.refused import Refused, given
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.deputies import whom
from daemon.rulebook.model import Operator, Policy, Rule
from daemon.rulebook.verdict import Finding
from daemon.store import Store, Tx, from_db, to_db
from daemon.wire.acts import Except
from daemon.wire.answers import Done
from daemon.wire.deputising import LiftSeen

MACHINE = "daemon"
_encode = msgspec.json.encode
_MOST = 200


@decision("except")
def lift(act: Except, who: Operator, setting: Setting) -> Op:
    """One hold of one revision is lifted by a person whom its clause names, or their deputy where it does not name them alone."""

    def op(tx: Tx) -> Done:
        case = current(tx, act.draft, act.hash, setting)
        reason = given(act.reason)
        finding = _held(case, act.rule, setting)
        situation = case.situation(setting)
        capacity = granted(lifting(who, finding, case.item, situation, setting.book))
        until = _until(act.until, case, setting)
        policy = case.policy(setting.book)
        under = under_of(policy, finding)
        tx.db.execute(
            "INSERT INTO lifts (draft, hash, rule, clause, login, titles, reason, at, under, until, deputy) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET login = excluded.login, titles = excluded.titles, "
            "reason = excluded.reason, at = excluded.at, under = excluded.under, until = excluded.until, deputy = excluded.deputy, "
            "ended = 0",
            (
                *(case.id, case.hash, act.rule, finding.clause, who.login, _encode(who.titles), reason, tx.now),
                *(under, to_db(until), entry_of(capacity)),
            ),
        )
        case = load_decisions(tx, case, setting)
        if case.state == "scheduled" and act.rule in hours_rules(policy):
            case = replace(case.step("due"), release_at=None)  # the hours were what it waited for
        if case.state != "held":
            case, _ = rejudge(case, setting)
        save(tx.db, case, tx.now)
        clause = policy.clause(under)
        head = note(
            tx,
            who,
            "except",
            case,
            policy,
            rule=act.rule,
            clause=finding.clause,
            words=finding.text,
            under=under,
            under_words=clause.text if clause else "",
            until=until.isoformat(),
            reason=reason,
            **told(capacity, setting.book),
        )
        ja, en = as_deputy(capacity, setting.book)
        if capacity.entry is not None:
            titles = titles_held(capacity, lifters(finding, case.item, situation, policy), case.account)
            by = open_review(
                tx, case, setting, cause="deputy", act="except", capacity=capacity, titles=titles, clause=finding.clause
            )
            ja, en = f"{ja}{said(by)[0]}", f"{en}{said(by)[1]} "
        end = f"{until.astimezone(TOKYO):%m/%d %H:%M}"
        return done(
            case,
            head,
            f"例外として認めました（{clause.cite if clause else finding.cite}、{end} まで）。{ja}",
            f"Lifted as an exception under {under}, until {end}. {en}".rstrip(),
        )

    return op


def under_of(policy: Policy, finding: Finding) -> str:
    """The clause that grants the exception: a ただし書 where the rule names one, else the clause itself with its 原則."""
    rule: Rule | None = next((each for each in policy.rules if each.id == finding.rule), None)
    return (rule.exception if rule is not None else "") or finding.clause


def _held(case: Case, rule: str, setting: Setting) -> Finding:
    """The hold of that rule that stands. Raises Refused where there is none."""
    holds = [f for f in case.judged(setting).findings if f.verdict == "hold" and not f.lifted]
    found = next((f for f in holds if f.rule == rule), None)
    if found is None and any(f.rule == rule and f.verdict == "block" for f in case.judged(setting).findings):
        raise Refused(
            "no_such",
            f"「{rule}」は要修正です。例外の定めはなく、だれも解けません。下書きを直すか、取り下げてください。",
            f"“{rule}” has to be mended: nobody makes an exception from it. Change the draft, or withdraw it.",
        )
    if found is None:
        there = ", ".join(dict.fromkeys(f.rule for f in holds)) or "-"
        raise Refused(
            "no_such",
            f"この下書きに、例外にできる保留「{rule}」はありません。いまあるのは: {there}",
            f"This draft has no hold “{rule}” that could be lifted. There are: {there}",
        )
    return found


def _until(wanted: datetime | None, case: Case, setting: Setting) -> datetime:
    """The end of an exception: as it was given, else the close of the next opening day. Raises Refused for one that has passed."""
    if wanted is None:
        return due(case, setting)
    until = moment(wanted)
    if until <= setting.now:
        raise Refused(
            "time",
            f"例外の期限 {until:%Y-%m-%d %H:%M} は過ぎています。先の時刻を指定してください（--until）。",
            f"The exception would have ended at {until:%Y-%m-%d %H:%M}: give a later time (--until).",
        )
    return until


async def any_ended(store: Store, now: datetime) -> bool:
    """Whether the end of some exception has come; spares the writer a transaction a second."""
    return bool(await store.fetch("SELECT 1 FROM lifts WHERE until <= ? AND ended = 0 LIMIT 1", (to_db(now),)))


def ended(setting: Setting) -> Callable[[Tx], list[Case]]:
    """The operation for exceptions whose end has come: what was let by on them alone waits again. Returns the drafts that do."""

    def op(tx: Tx) -> list[Case]:
        rows = tx.db.execute(
            "SELECT l.draft, l.hash, l.rule, l.login, l.clause, l.until, d.hash AS now, d.state, d.account FROM lifts l "
            "JOIN drafts d ON d.id = l.draft WHERE l.until <= ? AND l.ended = 0 LIMIT ?",
            (to_db(setting.now), _MOST),
        ).fetchall()
        moved = []
        for row in rows:
            tx.db.execute(
                "UPDATE lifts SET ended = 1 WHERE draft = ? AND hash = ? AND rule = ?", (row["draft"], row["hash"], row["rule"])
            )
            live = row["hash"] == row["now"] and row["state"] in IN_HAND and row["account"] in setting.book.accounts
            if not live:
                continue
            case = load(tx.db, row["draft"], setting.book)
            if case.state in ("waiting", "approved", "scheduled"):
                case, _ = rejudge(case, setting)
                save(tx.db, case, tx.now)
            tx.record(
                MACHINE,
                "except_ended",
                case.id,
                account=case.account.id,
                hash=case.hash,
                state=case.state,
                rule=row["rule"],
                clause=row["clause"],
                of=row["login"],
                until=from_db(row["until"]).astimezone(TOKYO).isoformat(),
            )
            moved.append(case)
        return moved

    return op


async def listed(store: Store, setting: Setting, draft: int | None = None) -> tuple[LiftSeen, ...]:
    """The exceptions of all drafts in hand (of one draft in any state), the one that ends first at the top."""
    marks = ",".join("?" * len(IN_HAND))
    where, values = (f"d.live = 1 AND d.state IN ({marks})", (*IN_HAND,)) if draft is None else ("d.id = ?", (draft,))
    rows = await store.fetch(
        "SELECT l.*, d.title, d.account FROM lifts l JOIN drafts d ON d.id = l.draft AND d.hash = l.hash "
        f"WHERE {where} ORDER BY l.until IS NULL, l.until, l.draft LIMIT ?",
        (*values, _MOST),
    )
    people, entries = setting.book.operators, {entry.id: entry for entry in setting.book.deputies}
    return tuple(
        LiftSeen(
            draft=row["draft"],
            title=row["title"],
            account=row["account"],
            rule=row["rule"],
            clause=row["clause"],
            under=row["under"] or row["clause"],
            by=row["login"],
            by_name=people[row["login"]].name if row["login"] in people else row["login"],
            on_behalf=whom(entries[row["deputy"]], people) if row["deputy"] in entries else row["deputy"],
            reason=row["reason"],
            at=from_db(row["at"]).astimezone(TOKYO),
            until=None if row["until"] is None else from_db(row["until"]).astimezone(TOKYO),
            ended=row["until"] is not None and from_db(row["until"]) <= setting.now,
        )
        for row in rows
    )
